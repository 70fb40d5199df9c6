/* main.c: runs the tests of the base module.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(arena_suite());
    srunner_add_suite(runner, bytes_suite());
    srunner_add_suite(runner, hash_suite());
    srunner_add_suite(runner, log_suite());
    srunner_add_suite(runner, map_suite());
    srunner_add_suite(runner, reserve_suite());
    srunner_add_suite(runner, utf8_suite());
    srunner_add_suite(runner, fold_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
