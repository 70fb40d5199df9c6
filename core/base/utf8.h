/* utf8.h: checks text from outside.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_UTF8_H
#define VSL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes are well-formed UTF-8 (RFC 3629: shortest forms, no surrogates, at most
 * U+10FFFF). NUL bytes are well-formed; callers that cannot take them look for them. */
bool utf8_is_valid(const void *bytes, size_t length);

/* How many bytes the character has that stands first, and which one it is; 0: what stands there is
 * none. There is one byte at least. */
size_t utf8_take(const void *bytes, size_t length, uint32_t *ret_character);

/* Whether the character moves the cursor, changes the terminal or the order in which text is read,
 * or breaks lines where none seems to be: C0, DEL and C1, the marks and overrides of bidirectional
 * text (Unicode TR 9), line and paragraph separators, the byte order mark, annotations. The one
 * rule for whatever a person sees in a terminal: the tools' output and the log. */
bool utf8_is_steering(uint32_t character);

#endif
