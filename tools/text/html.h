/* html.h: text of others within a page.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_HTML_H
#define VSL_TOOLS_TEXT_HTML_H

#include <stdio.h>

/* Writes a text so that it is text whatever stands in it, within an element or a quoted value;
 * characters that would steer what is around them are shown as \u202e. */
void html_write(FILE *out, const char *text);

#endif
