/* suites.h: the suites of the tests of the tools.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_TOOLS_SUITES_H
#define VSL_TESTS_TOOLS_SUITES_H

#include <check.h>

Suite *batch_file_suite(void);
Suite *book_suite(void);
Suite *capitals_suite(void);
Suite *client_suite(void);
Suite *durable_file_suite(void);
Suite *entry_suite(void);
Suite *fee_text_suite(void);
Suite *format_suite(void);
Suite *guard_suite(void);
Suite *histogram_suite(void);
Suite *json_suite(void);
Suite *rule_suite(void);
Suite *statement_suite(void);
Suite *status_suite(void);
Suite *transactions_suite(void);
Suite *window_suite(void);

#endif
