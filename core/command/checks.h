/* checks.h: whether one value fits its field, and the sentence that says why not; internal to
 * command, and for the same texts in the requests of query.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_CHECKS_H
#define VSL_COMMAND_CHECKS_H

#include "base/must_use.h"
#include "base/text.h"
#include "base/wording.h"
#include "command/decode.h"
#include "command/fields.h"

/* These take a sentence in English and in Chinese, with the same values in the same order. */

/* Writes it into the error's description; the caller fills in the field's path. */
__attribute__((format(printf, 2, 4), format(printf, 3, 4))) void decode_error_describe(
    struct decode_error *error, const char *english, const char *chinese, ...);

/* The same with the field's path; -1. */
__attribute__((format(printf, 3, 5), format(printf, 4, 5))) int decode_refuse(
    struct decode_error *error, const char *field, const char *english, const char *chinese, ...);

/* Of a request that does not fit into its arena. */
#define TOO_MUCH_MEMORY                                                                            \
    "takes more memory than a request may; send it in parts",                                      \
        "占用的内存超过单个请求的上限；请分次发送"

/* The same of a sentence without values. */
void decode_error_state(struct decode_error *error, struct wording wording);
MUST_USE int decode_refuse_as(
    struct decode_error *error, const char *field, struct wording wording);

/* Puts what one error says behind what `all` has, as far as there is room; `all->count` is 0 when
 * it has nothing yet. */
void decode_error_add(struct decode_error *all, const struct decode_error *one);

/* Adds that a rule is broken which ties `field` to others, named in `judged_by` with blanks between
 * them. Not when one of all these, or a part of it, is refused already: then it is not known what
 * was meant, and the rule cannot be judged. */
__attribute__((format(printf, 4, 6), format(printf, 5, 6))) void decode_add_tie(
    struct decode_error *all, const char *judged_by, const char *field, const char *english,
    const char *chinese, ...);

/* Puts a path before each field of the error: "key." or "items[17].pay.". */
__attribute__((format(printf, 2, 3))) void decode_error_prefix(
    struct decode_error *error, const char *format, ...);

/* Checks a number as it stands in a message (dates as YYYYMMDD) and gives it as it stands in the
 * struct (dates as days). Zero means not given. -1 with the error's description. */
MUST_USE int field_check_number(
    const struct field *field, int64_t value, int64_t *ret_value, struct decode_error *ret_error);

/* Checks a text; it must be UTF-8 without NUL already. -1 with the error's description. */
MUST_USE int field_check_text(
    const struct field *field, struct text text, struct decode_error *ret_error);

/* Whether there is nothing in it, or nothing but blanks. */
bool text_is_only_blanks(struct text text);

/* Adds what is broken of the rules that tie a withdrawal's fee to who bears it (decode.c); also for
 * its quote. */
void check_withdraw_fee(const struct withdraw *withdraw, struct decode_error *all);

#endif
