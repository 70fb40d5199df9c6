/* suites.h: the suites of the keys module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_KEYS_SUITES_H
#define VSL_TESTS_KEYS_SUITES_H

#include <check.h>

Suite *seal_suite(void);

#endif
