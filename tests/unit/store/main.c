/* main.c: runs the tests of the store module that need no database.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(segments_suite());
    srunner_add_suite(runner, check_suite());
    srunner_add_suite(runner, seal_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
