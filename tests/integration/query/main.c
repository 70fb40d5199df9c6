/* main.c: runs the tests of the query module over a real PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "support/database.h"

int main(void)
{
    if (!database_cluster_start())
        return 0;
    SRunner *runner = srunner_create(lines_suite());
    srunner_add_suite(runner, commands_suite());
    srunner_add_suite(runner, orders_suite());
    srunner_add_suite(runner, pool_suite());
    srunner_add_suite(runner, proofs_suite());
    srunner_add_suite(runner, search_suite());
    srunner_add_suite(runner, statements_suite());
    srunner_add_suite(runner, streams_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    database_cluster_stop();
    return failed == 0 ? 0 : 1;
}
