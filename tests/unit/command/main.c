/* main.c: runs the tests of the command module.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(batch_suite());
    srunner_add_suite(runner, body_suite());
    srunner_add_suite(runner, fields_suite());
    srunner_add_suite(runner, message_suite());
    srunner_add_suite(runner, normalize_suite());
    srunner_add_suite(runner, outcome_suite());
    srunner_add_suite(runner, rawcheck_suite());
    srunner_add_suite(runner, read_history_suite());
    srunner_add_suite(runner, read_suite());
    srunner_add_suite(runner, together_suite());
    srunner_add_suite(runner, uses_suite());
    srunner_add_suite(runner, violations_suite());
    srunner_add_suite(runner, sealing_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
