/* recon_tie_out.c: vslctl recon tie-out: why the bank's balance of the escrow account is another
 * than the one in the books, item by item.
 *
 * It reads only. What is a cause says sql/recon/tie_out.sql, whose causes are found in the records,
 * while the balance of the books is asked of the server, or is the sum of postings: what is left is
 * explained by nothing, and a defect.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/as_of.h"
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "text/format.h"
#include "text/table.h"

#include "vsl/v1/ledger.pb-c.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN_MAX 50

enum { OPTION_DATE = 0x6c00 };

/* In the order of tie_out.sql, where BANK and BOOKS stand before them. */
static const struct {
    const char *name;
    const char *meaning;
} causes[] = {
    {"OPENING", "the first statement began with it, and the books have it not"},
    {"GAP", "a statement began elsewhere than the one before had ended"},
    {"STATEMENT", "a statement that was taken as it stood does not add up"},
    {"LINE_NOT_BOOKED", "the bank moved it, and nothing was booked"},
    {"LINE_AHEAD", "the bank moved it, and the books did not have it yet"},
    {"NOT_AT_BANK", "booked, and the bank's statements do not have it"},
    {"AFTER_STATEMENT", "booked behind the last day of the statements"},
};
#define CAUSE_COUNT (sizeof causes / sizeof *causes)

struct tie_out {
    struct recon recon;
    int32_t date;           /* YYYYMMDD; 0: now */
    int64_t as_of_sequence; /* of the books */

    bool has_bank;
    char day[16]; /* the last one of the last statement */
    char statement_id[RECON_NUMBER_BYTES];
    int64_t bank_minor;
    int64_t books_minor; /* by the server, or with a date by the postings */
    int64_t explained_minor;
    int64_t counts[CAUSE_COUNT], sums_minor[CAUSE_COUNT];
    struct table rows;
    int64_t row_count;
};

static const struct argp_option options[] = {
    {"date", OPTION_DATE, "DAY", 0,
        "As of the end of this accounting date, which is closed, by the statements until then", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct tie_out *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->recon;
        return 0;
    case OPTION_DATE:
        if (!parse_date(argument, &given->date))
            argp_error(state, "--date takes a day, such as 2026-11-22");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- rows ---- */

static const char *text_at(const PGresult *row, int column)
{
    return PQgetisnull(row, 0, column) ? "" : PQgetvalue(row, 0, column);
}

/* "line", or the kind of booking; empty for what is neither. */
static const char *kind_at(const PGresult *row)
{
    return PQgetisnull(row, 0, 1) ? "" : recon_kind_name(recon_number(row, 0, 1));
}

static void add(int64_t *sum_minor, int64_t minor)
{
    CHECK(!__builtin_add_overflow(*sum_minor, minor, sum_minor));
}

/* ---- as JSON: a row when it comes, so that memory stays small ---- */

static void print_head(const struct tie_out *tie_out)
{
    printf("{\n  \"ledger_id\": \"%" PRId64 "\",\n  \"as_of_sequence\": \"%" PRId64
           "\",\n  \"statement_id\": \"%s\",\n  \"day\": \"%s\",\n  \"bank_minor\": \"%" PRId64
           "\",\n  \"books_minor\": \"%" PRId64 "\",\n  \"items\": [",
        tie_out->recon.ledger_id, tie_out->as_of_sequence, tie_out->statement_id, tie_out->day,
        tie_out->bank_minor, tie_out->books_minor);
}

static void print_item(const struct tie_out *tie_out, const char *cause, const PGresult *row)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "cause", cause, "kind",
        kind_at(row), "id", text_at(row, 2), "amount_minor", text_at(row, 3), "day",
        text_at(row, 4), "count", text_at(row, 5));
    char *text = object ? json_dumps(object, JSON_PRESERVE_ORDER) : NULL;
    CHECK(text != NULL);
    printf("%s\n    %s", tie_out->row_count == 1 ? "" : ",", text);
    free(text);
    json_decref(object);
}

static void print_end(
    const struct tie_out *tie_out, int64_t difference_minor, int64_t unexplained_minor)
{
    printf("%s],\n  \"explained\": {", tie_out->row_count > 0 ? "\n  " : "");
    for (size_t i = 0; i < CAUSE_COUNT; i++)
        printf("%s\n    \"%s\": {\"count\": %" PRId64 ", \"amount_minor\": \"%" PRId64 "\"}",
            i == 0 ? "" : ",", causes[i].name, tie_out->counts[i], tie_out->sums_minor[i]);
    printf("\n  },\n  \"difference_minor\": \"%" PRId64 "\",\n  \"unexplained_minor\": \"%" PRId64
           "\"\n}\n",
        difference_minor, unexplained_minor);
}

/* ---- what comes of the database ---- */

static void take_item(struct tie_out *tie_out, size_t cause, const PGresult *row)
{
    char amount[FORMAT_BYTES_MAX];
    int64_t minor = recon_number(row, 0, 3);
    tie_out->counts[cause] += recon_number(row, 0, 5);
    add(&tie_out->sums_minor[cause], minor);
    add(&tie_out->explained_minor, minor);
    tie_out->row_count++;
    if (tie_out->recon.common->is_json) {
        print_item(tie_out, causes[cause].name, row);
        return;
    }
    if (tie_out->row_count > ROWS_SHOWN_MAX)
        return;
    format_amount(minor, tie_out->recon.context.ledger.decimals, amount);
    table_cell(&tie_out->rows, "%s", causes[cause].name);
    table_cell(&tie_out->rows, "%s", kind_at(row));
    table_cell(&tie_out->rows, "%s", text_at(row, 2));
    table_cell(&tie_out->rows, "%s", amount);
    table_cell(&tie_out->rows, "%s", text_at(row, 4));
}

static void take_row(void *context, const PGresult *row)
{
    struct tie_out *tie_out = context;
    const char *name = PQgetvalue(row, 0, 0);
    if (strcmp(name, "BANK") == 0) {
        tie_out->has_bank = !PQgetisnull(row, 0, 3);
        tie_out->bank_minor = recon_number(row, 0, 3);
        snprintf(tie_out->day, sizeof tie_out->day, "%s", text_at(row, 4));
        snprintf(tie_out->statement_id, sizeof tie_out->statement_id, "%s", text_at(row, 2));
        return;
    }
    if (strcmp(name, "BOOKS") == 0) {
        if (tie_out->date != 0)
            tie_out->books_minor = recon_number(row, 0, 3);
        if (tie_out->has_bank && tie_out->recon.common->is_json)
            print_head(tie_out);
        return;
    }
    size_t cause = 0;
    while (cause < CAUSE_COUNT && strcmp(causes[cause].name, name) != 0)
        cause++;
    CHECK(cause < CAUSE_COUNT);
    take_item(tie_out, cause, row);
}

/* ---- for people ---- */

static void show_line(const struct tie_out *tie_out, const char *title, int64_t minor)
{
    char amount[FORMAT_BYTES_MAX];
    format_amount(minor, tie_out->recon.context.ledger.decimals, amount);
    printf("%-58s %24s\n", title, amount);
}

static void show(struct tie_out *tie_out, int64_t difference_minor, int64_t unexplained_minor)
{
    char title[200];
    snprintf(title, sizeof title, "the bank, statement %s, end of %s", tie_out->statement_id,
        tie_out->day);
    show_line(tie_out, title, tie_out->bank_minor);
    snprintf(title, sizeof title, "the books, as of command %" PRId64, tie_out->as_of_sequence);
    show_line(tie_out, title, tie_out->books_minor);
    show_line(tie_out, "the bank has more by", difference_minor);
    printf("\n");
    for (size_t i = 0; i < CAUSE_COUNT; i++) {
        char amount[FORMAT_BYTES_MAX];
        format_amount(tie_out->sums_minor[i], tie_out->recon.context.ledger.decimals, amount);
        printf("%s%-15s %10" PRId64 " %24s%s  %s\n",
            terminal_colour(stdout, tie_out->counts[i] > 0 ? COLOUR_YELLOW : COLOUR_GREEN),
            causes[i].name, tie_out->counts[i], amount, terminal_plain(stdout), causes[i].meaning);
    }
    char amount[FORMAT_BYTES_MAX];
    format_amount(unexplained_minor, tie_out->recon.context.ledger.decimals, amount);
    printf("%s%-15s %10s %24s%s  %s\n\n",
        terminal_colour(stdout, unexplained_minor != 0 ? COLOUR_RED : COLOUR_GREEN), "unexplained",
        "", amount, terminal_plain(stdout),
        unexplained_minor != 0 ? "no record explains it: run 'vslctl check'"
                               : "bank and books tie out");
    if (tie_out->row_count > 0)
        table_print(&tie_out->rows, stdout, true);
    if (tie_out->row_count > ROWS_SHOWN_MAX)
        printf("and %" PRId64 " more; --json has all\n", tie_out->row_count - ROWS_SHOWN_MAX);
}

/* ---- the whole ---- */

/* The balance of the books as the server has it now, and as of which command. */
static int ask_books(struct tie_out *tie_out)
{
    Vsl__V1__GetTieOutRequest request;
    vsl__v1__get_tie_out_request__init(&request);
    request.ledger_id = tie_out->recon.ledger_id;
    const Vsl__V1__GetTieOutResponse *answer = (const Vsl__V1__GetTieOutResponse *)context_call(
        &tie_out->recon.context, &vsl__v1__ledger_service__descriptor, "GetTieOut", &request.base);
    if (!answer)
        return context_fault_status(&tie_out->recon.context);
    tie_out->books_minor = answer->escrow_book_minor;
    tie_out->as_of_sequence = answer->as_of_sequence;
    return EXIT_ACCEPTED;
}

static int explain(struct tie_out *tie_out)
{
    struct recon *recon = &tie_out->recon;
    char ledger[RECON_NUMBER_BYTES], sequence[RECON_NUMBER_BYTES], day[FORMAT_BYTES_MAX];
    int64_t first_sequence;
    int status = recon_ask_server(recon);
    if (status == EXIT_ACCEPTED && tie_out->date == 0)
        status = ask_books(tie_out);
    if (status == EXIT_ACCEPTED)
        status = recon_begin(recon);
    if (status == EXIT_ACCEPTED && tie_out->date != 0)
        status = as_of_find(recon->connection, recon->ledger_id, tie_out->date, 0, &first_sequence,
            &tie_out->as_of_sequence);
    if (status != EXIT_ACCEPTED)
        return status;
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    snprintf(sequence, sizeof sequence, "%" PRId64, tie_out->as_of_sequence);
    format_date(tie_out->date, day);
    const char *const values[] = {ledger, sequence, tie_out->date != 0 ? day : NULL};
    status = recon_ask_each(
        recon, "tie_out", 3, values, 0, "explain the bank's balance", take_row, tie_out);
    if (status != EXIT_ACCEPTED)
        return status;
    if (!tie_out->has_bank) {
        fprintf(stderr, "vslctl: no statement of the bank ends on %s or before\n", day);
        return EXIT_REFUSED;
    }
    int64_t difference_minor, unexplained_minor;
    CHECK(!__builtin_sub_overflow(tie_out->bank_minor, tie_out->books_minor, &difference_minor));
    CHECK(!__builtin_sub_overflow(difference_minor, tie_out->explained_minor, &unexplained_minor));
    if (recon->common->is_json)
        print_end(tie_out, difference_minor, unexplained_minor);
    else
        show(tie_out, difference_minor, unexplained_minor);
    return unexplained_minor != 0 ? EXIT_REFUSED : EXIT_ACCEPTED;
}

int run_recon_tie_out(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&recon_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Explain item by item why the bank's balance of the escrow account is another than "
            "the one in the books. Reads only.\v"
            "  OPENING          what the first statement began with, less what was booked before "
            "its\n"
            "                   first day\n"
            "  GAP              a statement began elsewhere than the one before had ended\n"
            "  STATEMENT        a statement was taken as it stood, and does not add up\n"
            "  LINE_NOT_BOOKED  what is left of a line\n"
            "  LINE_AHEAD       a line is matched to what the books did not have yet, such as a "
            "payout\n"
            "                   of which the bank's adapter has not said that it was paid\n"
            "  NOT_AT_BANK      what is left of a booking, of a day that the statements reach\n"
            "  AFTER_STATEMENT  booked behind the last day of the statements\n"
            "\n"
            "Amounts above 0: the bank has more. 'vslctl recon list' tells which of them are "
            "open.\n"
            "The balance of the books is the server's of now, or with --date the one at the end of "
            "that\n"
            "accounting date; statements are those that end by then, matched as their lines are "
            "now.\n"
            "\n"
            "Examples:\n"
            "  vslctl recon tie-out --ledger 1\n"
            "  vslctl recon tie-out --ledger 1 --date 2026-11-22 --json\n"
            "\n"
            "Exit status: 0 all is explained; 1 something is not, or there is no closed statement; "
            "3\n"
            "server or database could not be asked.\n"};
    static struct tie_out given;
    given = (struct tie_out){.recon.common = common};
    parse_arguments(&argp, "vslctl recon tie-out", count, arguments, &given);
    table_begin(&given.rows);
    table_column(&given.rows, "cause", TABLE_LEFT);
    table_column(&given.rows, "what", TABLE_LEFT);
    table_column(&given.rows, "id", TABLE_RIGHT);
    table_column(&given.rows, "amount", TABLE_RIGHT);
    table_column(&given.rows, "day", TABLE_LEFT);
    int status = explain(&given);
    table_finish(&given.rows);
    recon_close(&given.recon);
    return status;
}
