/* suites.h: the suites of the engine's tests.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_SUITES_H
#define VSL_TESTS_ENGINE_SUITES_H

#include <check.h>

Suite *rules_suite(void);
Suite *rule_book_suite(void);
Suite *outcomes_suite(void);
Suite *ceilings_suite(void);
Suite *scopes_suite(void);
Suite *memory_suite(void);
Suite *places_suite(void);
Suite *restrictions_suite(void);
Suite *movements_suite(void);
Suite *returns_suite(void);
Suite *suspense_suite(void);
Suite *account_policy_suite(void);
Suite *mandates_suite(void);
Suite *persons_suite(void);
Suite *lumps_suite(void);
Suite *statements_suite(void);
Suite *allocation_fees_suite(void);
Suite *cards_suite(void);
Suite *same_card_suite(void);
Suite *screening_suite(void);
Suite *claims_suite(void);
Suite *feedback_suite(void);
Suite *products_suite(void);
Suite *positions_suite(void);
Suite *deductions_suite(void);
Suite *promises_suite(void);
Suite *ways_suite(void);
Suite *next_date_suite(void);
Suite *adjustments_suite(void);
Suite *kept_suite(void);
Suite *corrections_suite(void);
Suite *stand_ins_suite(void);
Suite *owners_suite(void);
Suite *random_history_suite(void);

#endif
