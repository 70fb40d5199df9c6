/* suites.h: the suites of the query module's tests that need no database, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_QUERY_SUITES_H
#define VSL_TESTS_QUERY_SUITES_H

#include <check.h>

Suite *encode_suite(void);
Suite *order_sums_suite(void);
Suite *page_token_suite(void);

#endif
