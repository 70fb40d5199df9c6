/* main.c: runs the tests of the tools.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(batch_file_suite());
    srunner_add_suite(runner, book_suite());
    srunner_add_suite(runner, capitals_suite());
    srunner_add_suite(runner, client_suite());
    srunner_add_suite(runner, durable_file_suite());
    srunner_add_suite(runner, entry_suite());
    srunner_add_suite(runner, fee_text_suite());
    srunner_add_suite(runner, format_suite());
    srunner_add_suite(runner, guard_suite());
    srunner_add_suite(runner, histogram_suite());
    srunner_add_suite(runner, json_suite());
    srunner_add_suite(runner, rule_suite());
    srunner_add_suite(runner, statement_suite());
    srunner_add_suite(runner, status_suite());
    srunner_add_suite(runner, transactions_suite());
    srunner_add_suite(runner, window_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
