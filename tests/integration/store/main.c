/* main.c: runs the tests of the store against a private PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "support/database.h"

int main(void)
{
    if (!database_cluster_start())
        return 0;
    SRunner *runner = srunner_create(batch_suite());
    srunner_add_suite(runner, writer_suite());
    srunner_add_suite(runner, doubt_suite());
    srunner_add_suite(runner, fault_suite());
    srunner_add_suite(runner, segment_suite());
    srunner_add_suite(runner, columns_suite());
    srunner_add_suite(runner, sql_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    database_cluster_stop();
    return failed == 0 ? 0 : 1;
}
