/* suites.h: the suites of the model module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_MODEL_SUITES_H
#define VSL_TESTS_MODEL_SUITES_H

#include <check.h>

Suite *currency_suite(void);
Suite *date_suite(void);
Suite *document_suite(void);
Suite *fee_suite(void);
Suite *journal_life_suite(void);
Suite *mask_suite(void);
Suite *receiving_number_suite(void);
Suite *record_table_suite(void);
Suite *values_suite(void);

#endif
