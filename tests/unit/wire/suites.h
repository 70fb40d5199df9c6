/* suites.h: the suites of wire's unit tests.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_UNIT_WIRE_SUITES_H
#define VSL_UNIT_WIRE_SUITES_H

#include <check.h>

Suite *admission_suite(void);
Suite *framing_suite(void);
Suite *gzip_suite(void);
Suite *handshakes_suite(void);
Suite *internal_suite(void);
Suite *language_suite(void);
Suite *ping_guard_suite(void);
Suite *proto_suite(void);
Suite *session_suite(void);
Suite *status_suite(void);
Suite *timeout_suite(void);

#endif
