/* suites.h: the suites of the store module's tests that need no database, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_UNIT_SUITES_H
#define VSL_TESTS_STORE_UNIT_SUITES_H

#include <check.h>

Suite *check_suite(void);
Suite *seal_suite(void);
Suite *segments_suite(void);

#endif
