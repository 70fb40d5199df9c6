/* lump_parts.h: what lump.c and lump_known.c share; nobody else includes it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_LUMP_PARTS_H
#define VSL_TOOLS_VSLCTL_FILES_LUMP_PARTS_H

#include "vslctl/files/lines_parts.h"

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
    LUMP_FEE_RULE,
    LUMP_COLUMNS,
};

/* The line with that source order; NULL: there is none. */
struct lines_row *lump_find_row(const struct lines_run *run, const char *source_order);

/* See struct lines_kind. With --lump a line counts as known by its source order, unless it is taken
 * back; else by its key. */
MUST_USE int lump_take_up(struct context *context, struct lines_run *run, int *ret_status);
int lump_ask_status(struct context *context, const struct lines_run *run);
MUST_USE int lump_mark_known(struct context *context, struct lines_run *run);
/* As accepted when that command is this very line of this lump. */
void lump_mark_same(struct context *context, const struct lines_run *run, struct lines_row *row);

#endif
