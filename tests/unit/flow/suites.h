/* suites.h: the suites of the flow module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_FLOW_SUITES_H
#define VSL_TESTS_FLOW_SUITES_H

#include <check.h>

Suite *batches_suite(void);
Suite *fair_suite(void);
Suite *lookups_suite(void);
Suite *evicted_suite(void);
Suite *lists_suite(void);
Suite *load_suite(void);
Suite *reads_suite(void);
Suite *references_suite(void);
Suite *turn_suite(void);
Suite *unpacking_suite(void);

#endif
