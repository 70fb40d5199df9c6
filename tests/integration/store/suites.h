/* suites.h: the test cases of the store, by file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_SUITES_H
#define VSL_TESTS_STORE_SUITES_H

#include <check.h>

Suite *batch_suite(void);
Suite *writer_suite(void);
Suite *doubt_suite(void);
Suite *fault_suite(void);
Suite *segment_suite(void);
Suite *columns_suite(void);
Suite *sql_suite(void);

#endif
