/* suites.h: the suites of the command module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_COMMAND_SUITES_H
#define VSL_TESTS_COMMAND_SUITES_H

#include <check.h>

Suite *batch_suite(void);
Suite *body_suite(void);
Suite *fields_suite(void);
Suite *message_suite(void);
Suite *normalize_suite(void);
Suite *outcome_suite(void);
Suite *rawcheck_suite(void);
Suite *read_history_suite(void);
Suite *read_suite(void);
Suite *together_suite(void);
Suite *uses_suite(void);
Suite *violations_suite(void);
Suite *sealing_suite(void);

#endif
