/* main.c: runs the tests of the wire module.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(framing_suite());
    srunner_add_suite(runner, admission_suite());
    srunner_add_suite(runner, gzip_suite());
    srunner_add_suite(runner, handshakes_suite());
    srunner_add_suite(runner, internal_suite());
    srunner_add_suite(runner, language_suite());
    srunner_add_suite(runner, ping_guard_suite());
    srunner_add_suite(runner, proto_suite());
    srunner_add_suite(runner, session_suite());
    srunner_add_suite(runner, status_suite());
    srunner_add_suite(runner, timeout_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
