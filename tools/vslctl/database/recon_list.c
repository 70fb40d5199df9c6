/* recon_list.c: vslctl recon list: what is open between the bank's statements and the books.
 *
 * It reads only. What is a break of which kind says sql/recon/list.sql. The rows come one by one,
 * so memory stays small whatever their number.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "text/format.h"
#include "text/table.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN_MAX 50
#define DAYS_DEFAULT 3

enum { OPTION_DAYS = 0x6b00 };

/* In the order of list.sql. */
static const struct {
    const char *name;
    const char *meaning;
} breaks[] = {
    {"LEDGER_MISS", "the bank moved money, and nothing was booked"},
    {"FEE", "the bank took a charge, and nothing was booked"},
    {"BANK_MISS", "booked, and the bank's statements do not have it"},
    {"LATE", "a payout is under way, and nobody said what became of it"},
    {"AMOUNT_OVER", "the bank moved more than was booked"},
    {"AMOUNT_SHORT", "the bank moved less than was booked"},
    {"STATUS", "the bank moved money of a payout that says otherwise"},
    {"DUPLICATE", "the bank's statements have it twice"},
    {"SIGN", "the bank moved it the other way"},
};
#define BREAK_COUNT (sizeof breaks / sizeof *breaks)

struct listing {
    struct recon recon;
    int64_t days;
    struct table rows;
    int64_t row_count;
    int64_t counts[BREAK_COUNT], sums_minor[BREAK_COUNT]; /* without sign */
};

static const struct argp_option options[] = {
    {"days", OPTION_DAYS, "N", 0,
        "What one side only has is not open before so many days, 0 to 366 (default: 3)", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct listing *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->recon;
        return 0;
    case OPTION_DAYS:
        if (!parse_integer(argument, 0, 366, &given->days))
            argp_error(state, "--days takes a whole number, 0 to 366");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- rows ---- */

/* "2026-11-22" of a row's day; empty when it has none. */
static const char *day_of(const PGresult *row)
{
    return PQgetisnull(row, 0, 4) ? "" : PQgetvalue(row, 0, 4);
}

static void show_row(struct listing *listing, const PGresult *row)
{
    char amount[FORMAT_BYTES_MAX];
    if (listing->row_count > ROWS_SHOWN_MAX)
        return;
    format_amount(recon_number(row, 0, 3), listing->recon.context.ledger.decimals, amount);
    table_cell(&listing->rows, "%s", PQgetvalue(row, 0, 0));
    table_cell(&listing->rows, "%s", recon_kind_name(recon_number(row, 0, 1)));
    table_cell(&listing->rows, "%s", PQgetvalue(row, 0, 2));
    table_cell(&listing->rows, "%s", amount);
    table_cell(&listing->rows, "%s", day_of(row));
    table_cell(&listing->rows, "%s", PQgetisnull(row, 0, 5) ? "" : PQgetvalue(row, 0, 5));
}

static void print_row(const struct listing *listing, const PGresult *row)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "break", PQgetvalue(row, 0, 0),
        "kind", recon_kind_name(recon_number(row, 0, 1)), "id", PQgetvalue(row, 0, 2),
        "amount_minor", PQgetvalue(row, 0, 3), "day", day_of(row), "other_id",
        PQgetisnull(row, 0, 5) ? NULL : PQgetvalue(row, 0, 5));
    char *text = object ? json_dumps(object, JSON_PRESERVE_ORDER) : NULL;
    CHECK(text != NULL);
    printf("%s\n    %s", listing->row_count == 1 ? "" : ",", text);
    free(text);
    json_decref(object);
}

static void take_row(void *context, const PGresult *row)
{
    struct listing *listing = context;
    size_t i = 0;
    int64_t minor = recon_number(row, 0, 3);
    while (i < BREAK_COUNT && strcmp(breaks[i].name, PQgetvalue(row, 0, 0)) != 0)
        i++;
    CHECK(i < BREAK_COUNT);
    listing->counts[i]++;
    listing->sums_minor[i] += minor < 0 ? -minor : minor;
    listing->row_count++;
    if (listing->recon.common->is_json)
        print_row(listing, row);
    else
        show_row(listing, row);
}

/* ---- the whole ---- */

static void show_summary(const struct listing *listing)
{
    char amount[FORMAT_BYTES_MAX];
    const char *plain = terminal_plain(stdout);
    for (size_t i = 0; i < BREAK_COUNT; i++) {
        bool is_open = listing->counts[i] > 0;
        format_amount(listing->sums_minor[i], listing->recon.context.ledger.decimals, amount);
        printf("%s%-13s %8" PRId64 " %20s%s  %s\n",
            terminal_colour(stdout, is_open ? COLOUR_RED : COLOUR_GREEN), breaks[i].name,
            listing->counts[i], amount, plain, breaks[i].meaning);
    }
    if (listing->row_count == 0) {
        printf("\nnothing is open\n");
        return;
    }
    printf("\n");
    table_print(&listing->rows, stdout, true);
    if (listing->row_count > ROWS_SHOWN_MAX)
        printf("and %" PRId64 " more; --json has all\n", listing->row_count - ROWS_SHOWN_MAX);
}

static void print_summary(const struct listing *listing)
{
    printf("%s],\n  \"open\": {", listing->row_count > 0 ? "\n  " : "");
    for (size_t i = 0; i < BREAK_COUNT; i++)
        printf("%s\n    \"%s\": {\"count\": %" PRId64 ", \"amount_minor\": \"%" PRId64 "\"}",
            i == 0 ? "" : ",", breaks[i].name, listing->counts[i], listing->sums_minor[i]);
    printf("\n  }\n}\n");
}

static int list(struct listing *listing)
{
    struct recon *recon = &listing->recon;
    char ledger[RECON_NUMBER_BYTES], days[RECON_NUMBER_BYTES];
    int status = recon_open(recon, true);
    if (status != EXIT_ACCEPTED)
        return status;
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    snprintf(days, sizeof days, "%" PRId64, listing->days);
    const char *const values[] = {ledger, days};
    if (recon->common->is_json)
        printf("{\n  \"ledger_id\": \"%" PRId64 "\",\n  \"breaks\": [", recon->ledger_id);
    status = recon_ask_each(recon, "list", 2, values, 0, "list what is open", take_row, listing);
    if (status != EXIT_ACCEPTED)
        return status;
    if (recon->common->is_json)
        print_summary(listing);
    else
        show_summary(listing);
    return listing->row_count > 0 ? EXIT_REFUSED : EXIT_ACCEPTED;
}

int run_recon_list(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&recon_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "List what is open between the bank's statements and what the ledger booked at its "
            "escrow account. Reads only.\v"
            "  LEDGER_MISS   a line that is nothing that was booked\n"
            "  FEE           such a line with money that left, which the bank calls its charge\n"
            "  BANK_MISS     booked, and no line has it, though the statements cover its day and\n"
            "                the days behind it; a payout only once it was said to be paid\n"
            "  LATE          a payout that is under way likewise, and the bank's adapter has not "
            "said\n"
            "                what became of it\n"
            "  AMOUNT_OVER   a line of which a part is matched, and nothing is booked for the "
            "rest\n"
            "  AMOUNT_SHORT  a booking of which a part is matched, and no line has the rest\n"
            "  STATUS        a line is matched to a payout that failed since, or of which the "
            "bank's\n"
            "                adapter has not said that it was paid; or to more than came back\n"
            "  DUPLICATE     a line that has the bank's reference and amount of one before\n"
            "  SIGN          a line that has the reference and amount of a booking, but went the\n"
            "                other way\n"
            "\n"
            "Run 'vslctl recon match' before: what it would find is open until then.\n"
            "\n"
            "Examples:\n"
            "  vslctl recon list --ledger 1\n"
            "  vslctl recon list --ledger 1 --days 0 --json\n"
            "\n"
            "Exit status: 0 nothing is open; 1 something is, or there is no closed statement; 3 "
            "server\n"
            "or database could not be asked.\n"};
    static struct listing given;
    given = (struct listing){.recon.common = common, .days = DAYS_DEFAULT};
    parse_arguments(&argp, "vslctl recon list", count, arguments, &given);
    table_begin(&given.rows);
    table_column(&given.rows, "break", TABLE_LEFT);
    table_column(&given.rows, "what", TABLE_LEFT);
    table_column(&given.rows, "id", TABLE_RIGHT);
    table_column(&given.rows, "left", TABLE_RIGHT);
    table_column(&given.rows, "day", TABLE_LEFT);
    table_column(&given.rows, "other", TABLE_RIGHT);
    int status = list(&given);
    table_finish(&given.rows);
    recon_close(&given.recon);
    return status;
}
