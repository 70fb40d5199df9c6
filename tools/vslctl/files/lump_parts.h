/* lump_parts.h: what the parts of vslctl lump share; nobody else includes it.
 *
 *   lump.c         options, sending, answers
 *   lump_report.c  what is said before and after
 *   lump_file.c    the file, looked at as a whole before anything is sent
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_LUMP_PARTS_H
#define VSL_TOOLS_VSLCTL_FILES_LUMP_PARTS_H

#include "base/must_use.h"
#include "client/terminal.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/funds.pb-c.h"

/* Columns of the file. */
enum {
    LUMP_SOURCE_ORDER,
    LUMP_ACCOUNT_ID,
    LUMP_RECEIVING_NUMBER,
    LUMP_AMOUNT,
    LUMP_PAYER_NAME,
    LUMP_PAYER_ACCOUNT,
    LUMP_PAYER_BANK,
    LUMP_ORDER_NUMBER,
    LUMP_REMARK,
    LUMP_COLUMNS,
};

struct lump_line {
    uint32_t line; /* of the file, from 1 on */
    int64_t account_id;
    int64_t amount_minor;
    const char *fields[LUMP_COLUMNS]; /* as they stand there */
};

struct lump_run {
    struct common_options *options;
    const char *file_name;
    const char *result_name; /* NULL: beside the file */
    int64_t ledger_id;
    int64_t suspense_id;
    bool is_all_or_none;
    bool is_dry_run;
    const char *channel;
    int32_t business_date; /* 0: not given; then what key_date_find says */
    const char *serial;    /* NULL: not given; then made of the file */
    char made_serial[SERIAL_TEXT_BYTES];

    struct lump_line *lines;
    size_t count;
    int64_t total_minor;
    struct arena texts; /* of the lines */

    int64_t lump_id;
    size_t accepted, replayed, refused;
    bool needs_approval; /* something that was refused */
    bool is_closed;
    int status; /* Vsl__V1__LumpStatus, as lump_ask_state found it; 0: it is not known */
    struct progress progress;
};

/* Reads the file and holds each line to the server's own rules; then the lines to each other. Every
 * line that is wrong is named, up to a ceiling. -1 when one is. */
int lump_read(struct context *context, struct lump_run *run);

/* Fills in the request of a line. */
void lump_fill_line(const struct lump_line *line, int64_t ledger_id, int64_t lump_id,
    Vsl__V1__Party *party, Vsl__V1__AllocateLineRequest *request);

/* Says the keys before the first byte is sent, or nothing is: -1. */
MUST_USE int lump_say_before(
    const struct context *context, const struct lump_run *run, int64_t begun);
/* Asks how far the lump is now, which others may have changed. A fault is printed. */
void lump_ask_state(struct context *context, struct lump_run *run);
/* Says what became of the lines, and what is to be done. */
void lump_say_after(const struct lump_run *run, const char *result_name);
/* Says that the answer is an old one, and how to get a new one. */
void lump_say_anew(const struct lump_run *run);

#endif
