/* suites.h: the suites of the journal module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_JOURNAL_SUITES_H
#define VSL_TESTS_JOURNAL_SUITES_H

#include <check.h>

Suite *rows_suite(void);
Suite *hostile_rows_suite(void);
Suite *journal_suite(void);
Suite *recent_suite(void);
Suite *parts_suite(void);
Suite *filter_suite(void);

#endif
