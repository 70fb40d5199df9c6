/* recon_match.c: vslctl recon match: finds what the lines of the bank's statements are, and
 * proposes it to the server.
 *
 * The search is SQL over the session's tables (recon.h), one pass a rule, in the order of
 * vsl.match_rule. The server checks each match again; and the request key of one is made of the
 * line and what it settles, so that a run that was cut, or is made twice, books nothing twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "base/clock.h"
#include "text/format.h"
#include "text/table.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 64
#define RULE_NAME_BYTES 33
#define AMBIGUOUS_SHOWN_MAX 20
#define AMBIGUOUS_IN_JSON_MAX 1000
#define SHAPE_ONE_TO_ONE 1
#define ANY_DAYS "100000" /* more than lie between any two days that there are */

enum { OPTION_DRY_RUN = 0x6a00, OPTION_BATCH };

/* As vsl.match_rule has it, and what came of it. */
struct rule {
    char name[RULE_NAME_BYTES];
    char shape[8], reference[8], days[16], kinds[32];
    bool is_of_same_party;
    int64_t found, lines, matched, amount_minor, refused;
};

struct matching {
    struct recon recon;
    struct key_options key;
    bool is_dry_run, is_silent;
    size_t batch_max;

    struct rule rules[RULES_MAX];
    size_t rule_count;
    struct batch batch;
    uint8_t rule_of[BATCH_COMMANDS_MAX]; /* the batch's items */
    bool begins_line[BATCH_COMMANDS_MAX];
    int64_t found, done, refused;
    int64_t last_line; /* of which a match is in the batch, or was */
    int status;        /* an exit status, of the batches until now */
    int64_t started_us;
    int64_t ambiguous; /* lines */
};

static const struct argp_option options[] = {
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Find, and propose nothing", 1},
    {"batch-size", OPTION_BATCH, "N", 0, "Propose so many at a time, 1 to 8000 (default: 8000)", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct matching *given = state->input;
    int64_t number;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->recon;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_BATCH:
        if (!parse_integer(argument, 1, BATCH_COMMANDS_MAX, &number))
            argp_error(state, "--batch-size takes a whole number, 1 to %d", BATCH_COMMANDS_MAX);
        given->batch_max = (size_t)number;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- rules ---- */

static void copy(char *ret_text, size_t bytes, const PGresult *rows, int row, int column)
{
    int length = snprintf(ret_text, bytes, "%s", PQgetvalue(rows, row, column));
    CHECK(length >= 0 && (size_t)length < bytes);
}

static int read_rules(struct matching *matching)
{
    PGresult *rows = recon_ask(&matching->recon, "rules", 0, NULL, "read the rules");
    if (!rows)
        return -1;
    int count = PQntuples(rows);
    if (count == 0 || count > RULES_MAX) {
        fprintf(
            stderr, "vslctl: vsl.match_rule has %d rules: 1 to %d are taken\n", count, RULES_MAX);
        PQclear(rows);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        struct rule *rule = &matching->rules[matching->rule_count++];
        copy(rule->name, sizeof rule->name, rows, i, 0);
        copy(rule->shape, sizeof rule->shape, rows, i, 1);
        copy(rule->reference, sizeof rule->reference, rows, i, 2);
        rule->is_of_same_party = recon_flag(rows, i, 3);
        if (PQgetisnull(rows, i, 4))
            snprintf(rule->days, sizeof rule->days, ANY_DAYS);
        else
            copy(rule->days, sizeof rule->days, rows, i, 4);
        copy(rule->kinds, sizeof rule->kinds, rows, i, 5);
    }
    PQclear(rows);
    return 0;
}

static int apply_rules(struct matching *matching)
{
    struct recon *recon = &matching->recon;
    for (size_t i = 0; i < matching->rule_count; i++) {
        struct rule *rule = &matching->rules[i];
        bool is_one_to_one = atoi(rule->shape) == SHAPE_ONE_TO_ONE;
        const char *const values[] = {rule->name, rule->reference,
            rule->is_of_same_party ? "t" : "f", rule->days, rule->kinds, rule->shape};
        if (!recon->progress.is_silent && progress_is_due(&recon->progress))
            progress_show(&recon->progress, "searching by %s, rule %zu of %zu", rule->name, i + 1,
                matching->rule_count);
        PGresult *row = recon_ask(recon, is_one_to_one ? "one_to_one" : "by_reference",
            is_one_to_one ? 5 : 6, values, "search");
        if (!row)
            return -1;
        rule->found = recon_number(row, 0, 0);
        matching->found += rule->found;
        PQclear(row);
    }
    return 0;
}

/* ---- proposals ---- */

/* The same of a line and what it settles, whoever proposes it and whenever. */
static void make_match_serial(
    int64_t line_id, int kind, int64_t booking_id, char ret_serial[SERIAL_TEXT_BYTES])
{
    static const char letters[] = {'-', 'p', 'r', 'b'};
    char *place = ret_serial;
    *place++ = 'm';
    place = recon_put_number(place, line_id);
    *place++ = letters[kind];
    place = recon_put_number(place, booking_id);
    *place = '\0';
    CHECK(place - ret_serial < SERIAL_TEXT_BYTES);
}

static size_t find_rule(const struct matching *matching, const char *name)
{
    size_t i = 0;
    while (i < matching->rule_count && strcmp(matching->rules[i].name, name) != 0)
        i++;
    CHECK(i < matching->rule_count);
    return i;
}

static void add_match(struct matching *matching, const PGresult *row, bool begins_line)
{
    char serial[SERIAL_TEXT_BYTES];
    const struct context *context = &matching->recon.context;
    int64_t line_id = recon_number(row, 0, 0);
    int kind = (int)recon_number(row, 0, 1);
    int64_t booking_id = recon_number(row, 0, 2);
    size_t rule = find_rule(matching, PQgetvalue(row, 0, 4));
    size_t place = batch_count(&matching->batch);
    make_match_serial(line_id, kind, booking_id, serial);
    Vsl__V1__MatchStatementLineRequest *match =
        batch_add_match_statement_line(&matching->batch, matching->key.channel,
            matching->key.business_date != 0 ? matching->key.business_date
                                             : context->ledger.accounting_date,
            serial);
    match->ledger_id = matching->recon.ledger_id;
    match->statement_line_id = line_id;
    if (kind == VSL__V1__BOOKING_KIND__BOOKING_KIND_RECEIPT)
        match->receipt_sequence = booking_id;
    else
        match->payout_id = booking_id;
    match->amount_minor = recon_number(row, 0, 3);
    match->rule = matching->rules[rule].name;
    matching->rule_of[place] = (uint8_t)rule;
    matching->begins_line[place] = begins_line;
}

static void count_match(struct matching *matching, size_t place)
{
    struct rule *rule = &matching->rules[matching->rule_of[place]];
    rule->matched++;
    rule->lines += matching->begins_line[place];
    rule->amount_minor += matching->batch.items[place]->match_statement_line->amount_minor;
}

static void take_result(void *context, size_t place, const Vsl__V1__CommandResult *result)
{
    struct matching *matching = context;
    if ((int)result->outcome < OUTCOME_FIRST_REFUSAL) {
        count_match(matching, place);
        return;
    }
    matching->rules[matching->rule_of[place]].refused++;
    recon_tell_refusal(&matching->recon, matching->refused++, "line",
        matching->batch.items[place]->match_statement_line->statement_line_id, result);
}

/* Proposes the batch, or only counts it. */
static void propose_batch(struct matching *matching)
{
    struct recon *recon = &matching->recon;
    size_t count = batch_count(&matching->batch);
    if (matching->is_dry_run) {
        for (size_t i = 0; i < count; i++)
            count_match(matching, i);
    } else {
        matching->status = recon_submit(recon, &matching->batch, take_result, matching);
    }
    matching->done += (int64_t)count;
    batch_begin(&matching->batch);
    if (matching->status == EXIT_ACCEPTED && progress_is_due(&recon->progress)) {
        double seconds = (double)(clock_monotonic_us() - matching->started_us) / 1e6;
        progress_show(&recon->progress, "%" PRId64 " of %" PRId64 " matches, %.0f/s",
            matching->done, matching->found, seconds > 0 ? (double)matching->done / seconds : 0);
    }
}

static void take_found(void *context, const PGresult *row)
{
    struct matching *matching = context;
    int64_t line_id = recon_number(row, 0, 0);
    if (matching->status != EXIT_ACCEPTED)
        return; /* the rest is left to the next run */
    add_match(matching, row, line_id != matching->last_line);
    matching->last_line = line_id;
    if (batch_count(&matching->batch) == matching->batch_max)
        propose_batch(matching);
}

/* Proposes what was found, as it is read. */
static int propose(struct matching *matching)
{
    matching->started_us = clock_monotonic_us();
    batch_begin(&matching->batch);
    int status = recon_ask_each(
        &matching->recon, "found", 0, NULL, 0, "read what was found", take_found, matching);
    if (status == EXIT_ACCEPTED && matching->status == EXIT_ACCEPTED &&
        batch_count(&matching->batch) > 0)
        propose_batch(matching);
    return status == EXIT_ACCEPTED ? matching->status : status;
}

/* ---- what is printed ---- */

/* Of the rest: "lines in", "lines out", "payouts", and so on. */
static const char *rest_name(int64_t kind, bool is_in)
{
    static const char *const names[] = {"lines", "payouts", "returns", "receipts"};
    if (kind == 0)
        return is_in ? "lines, money in" : "lines, money out";
    return names[kind];
}

static void show_rules(const struct matching *matching)
{
    struct table table;
    char amount[FORMAT_BYTES_MAX];
    int decimals = matching->recon.context.ledger.decimals;
    table_begin(&table);
    table_column(&table, "rule", TABLE_LEFT);
    table_column(&table, "lines", TABLE_RIGHT);
    table_column(&table, "matches", TABLE_RIGHT);
    table_column(&table, "amount", TABLE_RIGHT);
    table_column(&table, "refused", TABLE_RIGHT);
    for (size_t i = 0; i < matching->rule_count; i++) {
        const struct rule *rule = &matching->rules[i];
        format_amount(rule->amount_minor, decimals, amount);
        table_cell(&table, "%s", rule->name);
        table_cell(&table, "%" PRId64, rule->lines);
        table_cell(&table, "%" PRId64, rule->matched);
        table_cell(&table, "%s", amount);
        table_cell(&table, "%" PRId64, rule->refused);
    }
    table_print(&table, stdout, true);
    table_finish(&table);
}

static void show_rest(const struct matching *matching, const PGresult *rest)
{
    struct table table;
    char amount[FORMAT_BYTES_MAX];
    int decimals = matching->recon.context.ledger.decimals;
    table_begin(&table);
    table_column(&table, "left", TABLE_LEFT);
    table_column(&table, "number", TABLE_RIGHT);
    table_column(&table, "amount", TABLE_RIGHT);
    table_column(&table, "", TABLE_LEFT);
    for (int row = 0; row < PQntuples(rest); row++) {
        format_amount(recon_number(rest, row, 4), decimals, amount);
        table_cell(&table, "%s", rest_name(recon_number(rest, row, 0), recon_flag(rest, row, 1)));
        table_cell(&table, "%s", PQgetvalue(rest, row, 3));
        table_cell(&table, "%s", amount);
        table_cell(&table, "%s", recon_flag(rest, row, 2) ? "ambiguous" : "");
    }
    printf("\n");
    if (PQntuples(rest) == 0)
        printf("nothing is left: each line is matched, and so is each booking\n");
    else
        table_print(&table, stdout, true);
    table_finish(&table);
}

static void show_ambiguous(const struct matching *matching, const PGresult *lines)
{
    struct table table;
    char amount[FORMAT_BYTES_MAX];
    if (PQntuples(lines) == 0)
        return;
    table_begin(&table);
    table_column(&table, "ambiguous line", TABLE_RIGHT);
    table_column(&table, "amount", TABLE_RIGHT);
    table_column(&table, "several by", TABLE_LEFT);
    for (int row = 0; row < PQntuples(lines); row++) {
        format_amount(recon_number(lines, row, 2), matching->recon.context.ledger.decimals, amount);
        table_cell(&table, "%s", PQgetvalue(lines, row, 1));
        table_cell(&table, "%s", amount);
        table_cell(&table, "%s", PQgetvalue(lines, row, 3));
    }
    printf("\n");
    table_print(&table, stdout, true);
    if (matching->ambiguous > PQntuples(lines))
        printf("and %" PRId64 " more\n", matching->ambiguous - PQntuples(lines));
    table_finish(&table);
}

static json_t *json_number(int64_t number)
{
    return json_sprintf("%" PRId64, number);
}

static void print_json(const struct matching *matching, const PGresult *rest, const PGresult *lines)
{
    json_t *rules = json_array(), *left = json_array(), *ambiguous = json_array();
    for (size_t i = 0; i < matching->rule_count; i++) {
        const struct rule *rule = &matching->rules[i];
        json_array_append_new(rules,
            json_pack("{s:s, s:I, s:I, s:o, s:I}", "rule", rule->name, "lines",
                (json_int_t)rule->lines, "matches", (json_int_t)rule->matched, "amount_minor",
                json_number(rule->amount_minor), "refused", (json_int_t)rule->refused));
    }
    for (int row = 0; row < PQntuples(rest); row++)
        json_array_append_new(
            left, json_pack("{s:s, s:b, s:b, s:I, s:o}", "kind",
                      recon_kind_name(recon_number(rest, row, 0)), "money_in",
                      (int)recon_flag(rest, row, 1), "ambiguous", (int)recon_flag(rest, row, 2),
                      "count", (json_int_t)recon_number(rest, row, 3), "amount_minor",
                      json_number(recon_number(rest, row, 4))));
    for (int row = 0; row < PQntuples(lines); row++)
        json_array_append_new(ambiguous,
            json_pack("{s:o, s:o, s:s}", "statement_line_id",
                json_number(recon_number(lines, row, 1)), "amount_minor",
                json_number(recon_number(lines, row, 2)), "rule", PQgetvalue(lines, row, 3)));
    json_t *all = json_pack("{s:o, s:b, s:o, s:o, s:o}", "ledger_id",
        json_number(matching->recon.ledger_id), "dry_run", (int)matching->is_dry_run, "rules",
        rules, "left", left, "ambiguous_lines", ambiguous);
    char *text = all ? json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    CHECK(text != NULL);
    puts(text);
    free(text);
    json_decref(all);
}

static int report(struct matching *matching)
{
    struct recon *recon = &matching->recon;
    bool is_json = recon->common->is_json;
    char most[RECON_NUMBER_BYTES];
    const char *const values[] = {"0", most};
    snprintf(most, sizeof most, "%d", is_json ? AMBIGUOUS_IN_JSON_MAX : AMBIGUOUS_SHOWN_MAX);
    PGresult *rest = recon_ask(recon, "rest", 0, NULL, "read what is left");
    PGresult *lines = rest ? recon_ask(recon, "ambiguous", 2, values, "read what is left") : NULL;
    if (lines) {
        for (int row = 0; row < PQntuples(rest); row++) {
            if (recon_number(rest, row, 0) == 0 && recon_flag(rest, row, 2))
                matching->ambiguous += recon_number(rest, row, 3);
        }
        progress_clear(&recon->progress);
        if (is_json) {
            print_json(matching, rest, lines);
        } else {
            show_rules(matching);
            show_rest(matching, rest);
            show_ambiguous(matching, lines);
            if (matching->is_dry_run)
                printf("\nThis was a dry run: nothing is matched.\n");
        }
    }
    int status = lines ? EXIT_ACCEPTED : EXIT_TRANSPORT;
    PQclear(rest);
    PQclear(lines);
    return status;
}

static int match(struct matching *matching)
{
    int status = recon_open(&matching->recon, false);
    if (status != EXIT_ACCEPTED)
        return status;
    if (read_rules(matching) != 0 || apply_rules(matching) != 0)
        return EXIT_TRANSPORT;
    status = propose(matching);
    /* What the server took before a fault is told, too. */
    int told = matching->is_silent ? EXIT_ACCEPTED : report(matching);
    if (status == EXIT_ACCEPTED)
        status = told;
    return status == EXIT_ACCEPTED && matching->refused > 0 ? EXIT_REFUSED : status;
}

static int run(struct matching *matching)
{
    batch_init(&matching->batch);
    int status = match(matching);
    batch_finish(&matching->batch);
    recon_close(&matching->recon);
    return status;
}

int recon_match(
    const struct recon *given, const struct key_options *key, struct recon_done *ret_done)
{
    static struct matching matching;
    matching = (struct matching){
        .recon = *given, .key = *key, .batch_max = BATCH_COMMANDS_MAX, .is_silent = true};
    int status = run(&matching);
    ret_done->done = matching.done - matching.refused;
    ret_done->refused = matching.refused;
    return status;
}

int run_recon_match(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&recon_argp, 0, NULL, 0}, {&key_argp, 0, "Keys:", 80}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Find what the lines of the bank's statements are among what the ledger booked at its "
            "escrow account, and match them. Nothing is booked by it: a match can be undone.\v"
            "The rules stand in the table vsl.match_rule, and are tried in their order: by the "
            "bank's\n"
            "reference, by what who ordered a payment named it by, by the sum of several with one\n"
            "reference, then by amount, other side and day, at last by amount and day alone. A "
            "line\n"
            "that could be two bookings of equal rank is never matched, nor are two lines that "
            "could\n"
            "be one: they are listed as ambiguous, for a person ('vslctl bank-statement match').\n"
            "A match that was undone is not found again.\n"
            "\n"
            "Needs the server, which checks each match again, and the database that it writes.\n"
            "\n"
            "Examples:\n"
            "  vslctl recon match --ledger 1 --dry-run\n"
            "  vslctl recon match --ledger 1\n"
            "  vslctl bank-statement lines --ledger 1 --status unmatched\n"
            "\n"
            "A run that was cut is made again: what is matched is not matched twice.\n"
            "\n"
            "Exit status: 0 all that was found is matched; 1 some of it was refused, because "
            "somebody\n"
            "matched or changed it meanwhile, or there is no closed statement; 3 server or "
            "database\n"
            "could not be asked; 4 it is not known what became of some matches: run it again.\n"};
    static struct matching given;
    given = (struct matching){
        .recon.common = common, .key = KEY_OPTIONS_DEFAULT, .batch_max = BATCH_COMMANDS_MAX};
    parse_arguments(&argp, "vslctl recon match", count, arguments, &given);
    if (!recon_makes_keys(&given.key, "line and booking"))
        return EXIT_USAGE;
    return run(&given);
}
