/* book.h: the book of the stand-in's bank: which payouts it has executed, and how they ended.
 *
 * A payout stands in the book once; it is written there, durably, before anybody is told. Who comes
 * back after a crash asks the book and never executes again. With a file the book outlives the
 * process: a line per payout, appended, under a lock against a second stand-in. Without one it is
 * forgotten with the process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_BANKSTUB_BOOK_H
#define VSL_TOOLS_BANKSTUB_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct book;

struct book_line {
    int64_t payout_id;
    int64_t ledger_id;
    int64_t amount_minor; /* what left, or would have left */
    bool is_paid;         /* else it failed */
};

/* Opens the book of the file, made when there is none; NULL: one in memory. NULL with a sentence
 * when the file is no book, cannot be used, or is used by another process. */
struct book *book_open(const char *file, char *ret_error, size_t error_bytes);
void book_close(struct book *book);

/* Whether what it holds outlives the process. */
bool book_is_durable(const struct book *book);

/* What the bank knows about the payout; NULL: it never got it. Valid until the next execution. */
const struct book_line *book_find(const struct book *book, int64_t payout_id);

/* Executes a payout that is not in the book. Nobody may be told before book_write. */
void book_execute(struct book *book, const struct book_line *line);

/* Makes what was executed durable; -1 when it could not, to be tried again. */
int book_write(struct book *book);

#endif
