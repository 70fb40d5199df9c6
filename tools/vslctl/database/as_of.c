/* as_of.c: see as_of.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/as_of.h"

#include "text/format.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_LEDGER = 0x6800,
    OPTION_DATE,
};

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 0},
    {"date", OPTION_DATE, "DAY", 0, "As of the end of this accounting date, which is closed", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct as_of_options *given = state->input;
    const char *default_ledger = getenv("VSL_LEDGER");
    switch (key) {
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes an id");
        return 0;
    case OPTION_DATE:
        if (!parse_date(argument, &given->date))
            argp_error(state, "--date takes a day, such as 2026-11-22");
        return 0;
    case ARGP_KEY_END:
        if (given->ledger_id == 0 && default_ledger &&
            !parse_integer(default_ledger, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "VSL_LEDGER is no id");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp as_of_argp = {.options = options, .parser = parse};

/* When the journal ends, when the ledger began, which day it is at, and which command ended $2: one
 * that cut it, or closed the ledger (status 2) on it. */
static const char sql_range[] =
    "select (select coalesce((select b.last_sequence from vsl.batch b order by b.first_sequence "
    "desc"
    " limit 1), 0)), min(h.sequence), min(h.day), max(h.day),"
    " min(h.sequence) filter (where h.day > $2::date or h.day = $2::date and h.status = 2)"
    " from (select h.sequence, h.status, " DAY_OF_IMAGE " as day from vsl.ledger_history h"
    " where h.ledger_id = $1::bigint) h";

static int64_t number_at(const PGresult *row, int column)
{
    return strtoll(PQgetvalue(row, 0, column), NULL, 10);
}

static int look_at_range(const PGresult *row, int64_t ledger_id, int32_t date, int64_t sequence,
    int64_t *ret_first_sequence, int64_t *ret_sequence)
{
    char day[FORMAT_BYTES_MAX];
    int64_t end = number_at(row, 0);
    format_date(date, day);
    if (PQgetisnull(row, 0, 1)) {
        fprintf(stderr, "vslctl: there is no ledger %" PRId64 "\n", ledger_id);
        return EXIT_REFUSED;
    }
    int64_t first = number_at(row, 1);
    if (sequence > end) {
        fprintf(stderr,
            "vslctl: this database's journal ends at %" PRId64 "; %" PRId64
            " is not durable here yet\n",
            end, sequence);
        return EXIT_REFUSED;
    }
    if (sequence != 0 && sequence < first) {
        fprintf(stderr, "vslctl: ledger %" PRId64 " was opened by command %" PRId64 "\n", ledger_id,
            first);
        return EXIT_REFUSED;
    }
    if (date != 0 && strcmp(day, PQgetvalue(row, 0, 2)) < 0) {
        fprintf(stderr, "vslctl: the first accounting date of ledger %" PRId64 " is %s\n",
            ledger_id, PQgetvalue(row, 0, 2));
        return EXIT_REFUSED;
    }
    if (date != 0 && PQgetisnull(row, 0, 4)) {
        fprintf(stderr,
            "vslctl: %s is not closed yet: ledger %" PRId64 " is at %s; cut the day first\n", day,
            ledger_id, PQgetvalue(row, 0, 3));
        return EXIT_REFUSED;
    }
    *ret_first_sequence = first;
    *ret_sequence = date != 0 ? number_at(row, 4) : sequence;
    return EXIT_ACCEPTED;
}

int as_of_find(PGconn *connection, int64_t ledger_id, int32_t date, int64_t sequence,
    int64_t *ret_first_sequence, int64_t *ret_sequence)
{
    char ledger[24];
    char day[FORMAT_BYTES_MAX];
    snprintf(ledger, sizeof ledger, "%" PRId64, ledger_id);
    format_date(date, day);
    const char *values[] = {ledger, date != 0 ? day : NULL};
    PGresult *row = database_ask(connection, sql_range, 2, values, "find the ledger");
    if (!row)
        return EXIT_TRANSPORT;
    int status = look_at_range(row, ledger_id, date, sequence, ret_first_sequence, ret_sequence);
    PQclear(row);
    return status;
}
