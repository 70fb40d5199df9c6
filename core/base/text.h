/* text.h: a slice of bytes that is text; not NUL-terminated, owned by somebody else.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_TEXT_H
#define VSL_BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *bytes; /* may be NULL when length is 0 */
    uint32_t length;
};

static inline struct text text_of(const char *string)
{
    return (struct text){.bytes = string, .length = (uint32_t)strlen(string)};
}

static inline bool text_equals(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

#endif
