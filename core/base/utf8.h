/* utf8.h: checks text from outside.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_UTF8_H
#define VSL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes are well-formed UTF-8 (RFC 3629: shortest forms, no surrogates, at most
 * U+10FFFF). NUL bytes are well-formed; callers that cannot take them look for them. */
bool utf8_is_valid(const void *bytes, size_t length);

#endif
