/* main.c: runs the tests of the model module.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

int main(void)
{
    SRunner *runner = srunner_create(date_suite());
    srunner_add_suite(runner, currency_suite());
    srunner_add_suite(runner, document_suite());
    srunner_add_suite(runner, fee_suite());
    srunner_add_suite(runner, journal_life_suite());
    srunner_add_suite(runner, mask_suite());
    srunner_add_suite(runner, receiving_number_suite());
    srunner_add_suite(runner, record_table_suite());
    srunner_add_suite(runner, values_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
