/* check.h: whether statements add up, follow each other, and are there once.
 *
 * A checker is a sink (statement.h). Of each statement it says whether it adds up: that opening
 * balance, booked entries and closing balance agree as far as they are given; that the counts and
 * sums which the file gives agree with its entries; and that the reader found no control total
 * wrong. Where nothing can be checked nothing contradicts, and it adds up.
 *
 * Told, and no part of that: an opening balance that is not the closing one of the statement of the
 * same account before it in the file; numbers and pages that are missing; statements and entries
 * with the same content as one before, also in another file.
 *
 * What was seen is remembered by 64-bit fingerprints, up to a ceiling, so memory is bounded.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_CHECK_H
#define VSL_TOOLS_STATEMENT_CHECK_H

#include "statement/statement.h"

struct checker_events {
    void *context;
    void (*verdict)(void *context, const struct statement *statement, bool adds_up);
    /* What deviates, with the line; the statement may be NULL. */
    void (*find)(void *context, const struct statement *statement, enum statement_finding finding,
        uint32_t line, const char *text);
    void (*progress)(void *context, int64_t bytes); /* NULL: not wanted */
};

struct checker;

struct checker *checker_create(const struct checker_events *events);
void checker_destroy(struct checker *checker);

/* The sink for the next file: statements of different files do not follow each other. */
const struct statement_sink *checker_next_file(struct checker *checker);

#endif
