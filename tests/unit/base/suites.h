/* suites.h: the suites of the base module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_BASE_SUITES_H
#define VSL_TESTS_BASE_SUITES_H

#include <check.h>

Suite *arena_suite(void);
Suite *bytes_suite(void);
Suite *hash_suite(void);
Suite *log_suite(void);
Suite *map_suite(void);
Suite *reserve_suite(void);
Suite *utf8_suite(void);
Suite *fold_suite(void);

#endif
