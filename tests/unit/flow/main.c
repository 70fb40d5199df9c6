/* main.c: runs the tests of the flow module that need neither network nor database.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(turn_suite());
    srunner_add_suite(runner, reads_suite());
    srunner_add_suite(runner, batches_suite());
    srunner_add_suite(runner, lists_suite());
    srunner_add_suite(runner, load_suite());
    srunner_add_suite(runner, fair_suite());
    srunner_add_suite(runner, lookups_suite());
    srunner_add_suite(runner, evicted_suite());
    srunner_add_suite(runner, references_suite());
    srunner_add_suite(runner, unpacking_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
