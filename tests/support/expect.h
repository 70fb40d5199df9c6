/* expect.h: an assertion that costs nothing when it holds.
 *
 * Check's own assertions write to a pipe on every call, which is too slow for loops of millions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_SUPPORT_EXPECT_H
#define VSL_SUPPORT_EXPECT_H

#include <check.h>

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0))                                                     \
            ck_abort_msg("not so: %s", #condition);                                                \
    } while (0)

/* The same with a message in the manner of printf, to tell which row it was. */
#define EXPECT_MSG(condition, ...)                                                                 \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0))                                                     \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

#endif
