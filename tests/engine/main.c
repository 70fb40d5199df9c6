/* main.c: runs the tests of the engine; with --rules it prints the rule tables as a book instead.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "rule_book.h"

#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--rules") == 0) {
        print_rule_book(stdout);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    SRunner *runner = srunner_create(rules_suite());
    srunner_add_suite(runner, rule_book_suite());
    srunner_add_suite(runner, outcomes_suite());
    srunner_add_suite(runner, ceilings_suite());
    srunner_add_suite(runner, scopes_suite());
    srunner_add_suite(runner, memory_suite());
    srunner_add_suite(runner, places_suite());
    srunner_add_suite(runner, restrictions_suite());
    srunner_add_suite(runner, movements_suite());
    srunner_add_suite(runner, returns_suite());
    srunner_add_suite(runner, suspense_suite());
    srunner_add_suite(runner, lumps_suite());
    srunner_add_suite(runner, statements_suite());
    srunner_add_suite(runner, allocation_fees_suite());
    srunner_add_suite(runner, cards_suite());
    srunner_add_suite(runner, same_card_suite());
    srunner_add_suite(runner, screening_suite());
    srunner_add_suite(runner, claims_suite());
    srunner_add_suite(runner, feedback_suite());
    srunner_add_suite(runner, products_suite());
    srunner_add_suite(runner, positions_suite());
    srunner_add_suite(runner, deductions_suite());
    srunner_add_suite(runner, promises_suite());
    srunner_add_suite(runner, account_policy_suite());
    srunner_add_suite(runner, mandates_suite());
    srunner_add_suite(runner, ways_suite());
    srunner_add_suite(runner, next_date_suite());
    srunner_add_suite(runner, persons_suite());
    srunner_add_suite(runner, adjustments_suite());
    srunner_add_suite(runner, kept_suite());
    srunner_add_suite(runner, corrections_suite());
    srunner_add_suite(runner, stand_ins_suite());
    srunner_add_suite(runner, owners_suite());
    srunner_add_suite(runner, random_history_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
