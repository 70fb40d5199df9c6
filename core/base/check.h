/* check.h: assertions for bugs, in every build.
 *
 * CHECK is for what must hold whatever the outside world sends; a failure is a bug, prints where
 * and aborts. Input from outside is validated, never checked with CHECK.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_CHECK_H
#define VSL_BASE_CHECK_H

/* Prints the failed condition with its place on standard error and aborts. */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#define CHECK(condition)                                                                           \
    (__builtin_expect(!!(condition), 1) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))

#endif
