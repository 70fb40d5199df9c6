/* log.h: one line per event on standard error: time, level, `key=value` pairs.
 *
 * Ids, counts and reasons only: never a name, an identity number, a card or account number, a key
 * or text that a client sent. Text values are quoted and control characters replaced, so that a
 * line stays a line. Under systemd the lines go to the journal.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_LOG_H
#define VSL_BASE_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* Lines below `level` are dropped from now on; the default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Writes one line: `2026-11-22T12:00:00.123456Z level message`; a line is cut at 1,000 bytes. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What systemd's journal takes a line's priority from, to stand before the line: "<3>" for errors
 * and so on, as sd-daemon(3) has it. Empty when standard error is not the journal. */
const char *log_prefix(enum log_level level);

#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
