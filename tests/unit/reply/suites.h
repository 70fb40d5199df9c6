/* suites.h: the suites of the reply module's tests, one per file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_REPLY_SUITES_H
#define VSL_TESTS_REPLY_SUITES_H

#include <check.h>

Suite *command_reply_suite(void);
Suite *record_reply_suite(void);
Suite *payment_reply_suite(void);

#endif
