/* terminal.h: what is different when a person watches: colours, progress in place, and text of
 * others that must not steer the terminal.
 *
 * Colours only on a terminal, and not when NO_COLOR is set (no-color.org) or TERM is dumb.
 * Progress goes to standard error: on a terminal one line that is written over, else a plain
 * line now and then, so that a log stays readable.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_TERMINAL_H
#define VSL_TOOLS_CLIENT_TERMINAL_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum colour { COLOUR_BOLD, COLOUR_DIM, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED };

/* ---- guard.c ---- */

/* From now on standard output and standard error show characters that would steer the terminal
 * (control characters but line feed and tab, bidirectional overrides, bytes that are no UTF-8) as
 * \u009b or \xff, whoever prints them. In JSON, where they stand within strings only, that is the
 * escape of the same character. The first thing that a tool does. When
 * standard output cannot be written to, the program ends with `status`, whatever it would say. */
void terminal_guard(int status);

/* Appends the text with such characters escaped, line feeds and tabs too: for text of others
 * within a line. */
void terminal_escape(const char *text, size_t length, struct buffer *out);
/* The same as a new string, to be freed. */
char *terminal_escaped(const char *text);

/* What passes the guard: a sequence of the terminal's. A colour is its own number. */
enum terminal_mark { TERMINAL_PLAIN = COLOUR_RED + 1, TERMINAL_CLEAR_LINE };
const char *terminal_mark(enum terminal_mark mark);

/* The file descriptor of a stream, guarded or not. */
int terminal_fd(FILE *stream);

/* ---- terminal.c ---- */

/* Whether colours may be written to the stream. */
bool terminal_has_colours(FILE *stream);

/* The escape sequence of a colour, and the one that ends it; "" when the stream has no colours. */
const char *terminal_colour(FILE *stream, enum colour colour);
const char *terminal_plain(FILE *stream);

/* How many columns the terminal behind the file descriptor has; 80 when it does not say. */
int terminal_columns(int fd);

struct progress {
    bool is_silent;
    bool is_terminal;
    bool has_line; /* an unfinished line stands on the terminal */
    int64_t last_us;
};

void progress_start(struct progress *progress, bool is_silent);

/* Whether it is time for a new line: every quarter second on a terminal, else every five seconds.
 * Saves the caller the work of making one. */
bool progress_is_due(struct progress *progress);

/* Shows the line now. */
void progress_show(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Clears the line from the terminal; needed before anything else is printed there. */
void progress_clear(struct progress *progress);

#endif
