/* main.c: runs the tests of the journal module.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(rows_suite());
    srunner_add_suite(runner, hostile_rows_suite());
    srunner_add_suite(runner, journal_suite());
    srunner_add_suite(runner, recent_suite());
    srunner_add_suite(runner, filter_suite());
    srunner_add_suite(runner, parts_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
