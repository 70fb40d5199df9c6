/* html.c: see html.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/html.h"

#include "client/terminal.h"

#include <string.h>

void html_write(FILE *out, const char *text)
{
    struct buffer escaped = {0};
    terminal_escape(text, strlen(text), &escaped);
    for (size_t i = 0; i < escaped.length; i++) {
        switch (escaped.bytes[i]) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(escaped.bytes[i], out);
        }
    }
    buffer_finish(&escaped);
}
