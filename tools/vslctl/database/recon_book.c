/* recon_book.c: vslctl recon book: books what came in by the bank's statements and is nothing that
 * the books can have as a receipt in UNALLOCATED, and matches line and receipt.
 *
 * A receipt has the line's reference, or one that is made of the line: a ledger books a reference
 * once for ever, so a run that was cut, or is made on another day, books nothing twice. Who paid
 * stands sealed in the command that brought the line, and is asked for by Reveal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "model/date.h"
#include "text/format.h"
#include "text/table.h"

#include "vsl/v1/reveal.pb-c.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REVEALED_MAX 100 /* commands of one Reveal: so large is a batch */
#define ROWS_SHOWN_MAX 50
#define DAYS_DEFAULT 3
#define TEXT_BYTES_MAX (4 * REMARK_CHARACTERS_MAX)
#define RULE "BOOKED"
#define REFERENCE_OF_LINE "VSL-LINE-"

enum { OPTION_DRY_RUN = 0x6e00, OPTION_DAYS, OPTION_WITHOUT_PAYER };

/* A line of the batch, with what its receipt says; texts live as long as the batch. */
struct booked_line {
    int64_t id, amount_minor, sequence;
    bool has_reference; /* of the bank's */
    Vsl__V1__BookReceiptRequest *receipt;
    int64_t receipt_sequence; /* 0: refused */
};

struct booking {
    struct recon recon;
    struct key_options key;
    int64_t days;
    bool is_dry_run, is_without_payer, is_silent;
    struct batch batch;
    struct booked_line lines[REVEALED_MAX];
    size_t count; /* of them */
    struct table rows;
    json_t *array;
    int64_t found, booked, matched, amount_minor, refused;
    int status; /* an exit status, of the batches until now */
};

static const struct argp_option options[] = {
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Find, and book nothing", 1},
    {"days", OPTION_DAYS, "N", 0,
        "What no booking agrees with is booked after so many days, 0 to 366 (default: 3)", 1},
    {"without-payer", OPTION_WITHOUT_PAYER, 0, 0,
        "Do not have revealed who paid: the receipts name nobody", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct booking *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->recon;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case OPTION_DAYS:
        if (!parse_integer(argument, 0, 366, &given->days))
            argp_error(state, "--days takes a whole number, 0 to 366");
        return 0;
    case OPTION_WITHOUT_PAYER:
        given->is_without_payer = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int32_t business_date(const struct booking *booking)
{
    return booking->key.business_date != 0 ? booking->key.business_date
                                           : booking->recon.context.ledger.accounting_date;
}

static char *keep_text(struct batch *batch, struct text text)
{
    char bytes[TEXT_BYTES_MAX + 1];
    CHECK(text.length < sizeof bytes);
    if (text.length > 0)
        memcpy(bytes, text.bytes, text.length);
    bytes[text.length] = '\0';
    return batch_text(batch, bytes);
}

/* ---- who paid ---- */

/* Puts what was revealed into the receipts' payers. */
static void take_payers(struct booking *booking, const Vsl__V1__RevealResponse *answer)
{
    static const char prefix[] = "counterparty.";
    for (size_t i = 0; i < answer->n_values; i++) {
        const Vsl__V1__RevealedValue *value = answer->values[i];
        if (strncmp(value->field, prefix, strlen(prefix)) != 0)
            continue;
        const char *field = value->field + strlen(prefix);
        for (size_t k = 0; k < booking->count; k++) {
            Vsl__V1__Party *payer = booking->lines[k].receipt->payer;
            if (booking->lines[k].sequence != value->sequence || !payer)
                continue;
            if (strcmp(field, "name") == 0)
                payer->name = batch_text(&booking->batch, value->value);
            else if (strcmp(field, "account_number") == 0)
                payer->account_number = batch_text(&booking->batch, value->value);
        }
    }
}

/* Asks who paid, of the lines whose counterparty is sealed or named. An exit status. */
static int reveal_payers(struct booking *booking)
{
    Vsl__V1__RevealedCommand commands[REVEALED_MAX], *pointers[REVEALED_MAX];
    Vsl__V1__RequestKey key;
    Vsl__V1__RevealRequest request;
    char serial[SERIAL_TEXT_BYTES];
    vsl__v1__request_key__init(&key);
    vsl__v1__reveal_request__init(&request);
    for (size_t i = 0; i < booking->count; i++) {
        if (!booking->lines[i].receipt->payer)
            continue;
        size_t place = request.n_commands++;
        vsl__v1__revealed_command__init(&commands[place]);
        commands[place].sequence = booking->lines[i].sequence;
        pointers[place] = &commands[place];
    }
    if (request.n_commands == 0)
        return EXIT_ACCEPTED;
    make_serial(serial);
    key.channel = batch_text(&booking->batch, booking->key.channel);
    key.business_date = business_date(booking);
    key.serial = serial;
    request.key = &key;
    request.ledger_id = booking->recon.ledger_id;
    request.reason = batch_text(&booking->batch, "to book what the bank's statement shows");
    request.commands = pointers;
    rpc_reset(&booking->recon.context.rpc);
    const Vsl__V1__RevealResponse *answer = (const Vsl__V1__RevealResponse *)context_call(
        &booking->recon.context, &vsl__v1__reveal_service__descriptor, "Reveal", &request.base);
    if (!answer)
        return context_fault_status(&booking->recon.context);
    if (!answer->result || (int)answer->result->outcome >= OUTCOME_FIRST_REFUSAL) {
        fprintf(stderr, "vslctl: who paid is not revealed: %s\n",
            answer->result ? answer->result->text : "the answer is not complete");
        return EXIT_REFUSED;
    }
    take_payers(booking, answer);
    return EXIT_ACCEPTED;
}

/* ---- receipts, then matches ---- */

/* The receipt that stands under the reference of a line: known to be the line's own where the
 * reference was made of it. */
static void take_receipt(void *context, size_t place, const Vsl__V1__CommandResult *result)
{
    struct booking *booking = context;
    struct booked_line *line = &booking->lines[place];
    if ((int)result->outcome < OUTCOME_FIRST_REFUSAL) {
        line->receipt_sequence = result->sequence;
        booking->booked += !result->replayed;
        booking->amount_minor += result->replayed ? 0 : line->amount_minor;
    } else if (result->outcome == VSL__V1__OUTCOME__OUTCOME_BANK_REFERENCE_USED &&
               !line->has_reference && result->limit_minor > 0) {
        line->receipt_sequence = result->limit_minor;
    } else {
        recon_tell_refusal(&booking->recon, booking->refused++, "line", line->id, result);
    }
}

static void take_match(void *context, size_t place, const Vsl__V1__CommandResult *result)
{
    struct booking *booking = context;
    if ((int)result->outcome < OUTCOME_FIRST_REFUSAL)
        booking->matched++;
    else
        recon_tell_refusal(&booking->recon, booking->refused++, "line",
            booking->batch.items[place]->match_statement_line->statement_line_id, result);
}

static void add_matches(struct booking *booking)
{
    batch_begin(&booking->batch);
    for (size_t i = 0; i < booking->count; i++) {
        const struct booked_line *line = &booking->lines[i];
        char serial[SERIAL_TEXT_BYTES];
        char *place = serial;
        if (line->receipt_sequence == 0)
            continue;
        *place++ = 'm';
        place = recon_put_number(place, line->id);
        *place++ = 'b';
        *recon_put_number(place, line->receipt_sequence) = '\0';
        Vsl__V1__MatchStatementLineRequest *match = batch_add_match_statement_line(
            &booking->batch, booking->key.channel, business_date(booking), serial);
        match->ledger_id = booking->recon.ledger_id;
        match->statement_line_id = line->id;
        match->receipt_sequence = line->receipt_sequence;
        match->amount_minor = line->amount_minor;
        match->rule = batch_text(&booking->batch, RULE);
    }
}

static void send_lines(struct booking *booking)
{
    struct recon *recon = &booking->recon;
    if (booking->count > 0 && !booking->is_without_payer)
        booking->status = reveal_payers(booking);
    if (booking->count > 0 && booking->status == EXIT_ACCEPTED)
        booking->status = recon_submit(recon, &booking->batch, take_receipt, booking);
    if (booking->count > 0 && booking->status == EXIT_ACCEPTED) {
        add_matches(booking);
        if (batch_count(&booking->batch) > 0)
            booking->status = recon_submit(recon, &booking->batch, take_match, booking);
    }
    if (progress_is_due(&recon->progress))
        progress_show(
            &recon->progress, "%" PRId64 " of %" PRId64 " booked", booking->booked, booking->found);
    batch_begin(&booking->batch);
    booking->count = 0;
}

static void add_receipt(
    struct booking *booking, struct booked_line *line, const struct add_statement_line *told)
{
    char serial[SERIAL_TEXT_BYTES], reference[sizeof REFERENCE_OF_LINE + RECON_NUMBER_BYTES];
    *serial = 'b';
    *recon_put_number(serial + 1, line->id) = '\0';
    snprintf(reference, sizeof reference, REFERENCE_OF_LINE "%" PRId64, line->id);
    Vsl__V1__BookReceiptRequest *receipt = batch_add_book_receipt(
        &booking->batch, booking->key.channel, business_date(booking), serial);
    receipt->ledger_id = booking->recon.ledger_id;
    receipt->amount_minor = line->amount_minor;
    receipt->value_date = told->value_date != 0 ? date_to_yyyymmdd(told->value_date) : 0;
    receipt->bank_reference = line->has_reference ? keep_text(&booking->batch, told->bank_reference)
                                                  : batch_text(&booking->batch, reference);
    receipt->remark = keep_text(&booking->batch, told->remark);
    if (!booking->is_without_payer &&
        (told->counterparty.name.length > 0 || told->counterparty.account_number.length > 0))
        receipt->payer = batch_party(
            &booking->batch, "", "", keep_text(&booking->batch, told->counterparty.bank_code));
    line->receipt = receipt;
}

static void note_row(struct booking *booking, const struct booked_line *line, const char *day)
{
    char amount[FORMAT_BYTES_MAX];
    if (booking->recon.common->is_json) {
        json_array_append_new(booking->array,
            json_pack("{s:o, s:o, s:s}", "statement_line_id", json_sprintf("%" PRId64, line->id),
                "amount_minor", json_sprintf("%" PRId64, line->amount_minor), "day", day));
        return;
    }
    if (booking->found > ROWS_SHOWN_MAX)
        return;
    format_amount(line->amount_minor, booking->recon.context.ledger.decimals, amount);
    table_cell(&booking->rows, "%" PRId64, line->id);
    table_cell(&booking->rows, "%s", amount);
    table_cell(&booking->rows, "%s", day);
}

/* Columns as to_book.sql has them. */
static void take_line(void *context, const PGresult *row)
{
    static struct command_elements elements;
    static struct command command;
    struct booking *booking = context;
    struct booked_line line = {.id = recon_binary_number(row, 0, 0),
        .amount_minor = recon_binary_number(row, 0, 1),
        .sequence = recon_binary_number(row, 0, 2),
        .has_reference = recon_binary_number(row, 0, 3) != 0};
    char day[FORMAT_BYTES_MAX];
    if (booking->status != EXIT_ACCEPTED)
        return; /* the rest is left to the next run */
    if (!recon_read_body(
            recon_binary_number(row, 0, 4), recon_binary_text(row, 0, 5), &elements, &command)) {
        fprintf(stderr,
            "vslctl: could not read command %" PRId64 ": is this vslctl older than the server?\n",
            line.sequence);
        booking->status = EXIT_TRANSPORT;
        return;
    }
    booking->found++;
    format_date(date_to_yyyymmdd(command.add_statement_line.booking_date), day);
    note_row(booking, &line, day);
    if (booking->is_dry_run) {
        booking->amount_minor += line.amount_minor;
        return;
    }
    add_receipt(booking, &line, &command.add_statement_line);
    booking->lines[booking->count++] = line;
    if (booking->count == REVEALED_MAX)
        send_lines(booking);
}

/* ---- the whole ---- */

static void report(struct booking *booking)
{
    char amount[FORMAT_BYTES_MAX];
    progress_clear(&booking->recon.progress);
    if (booking->recon.common->is_json) {
        json_t *all = json_pack("{s:o, s:b, s:I, s:I, s:I, s:o, s:I, s:O}", "ledger_id",
            json_sprintf("%" PRId64, booking->recon.ledger_id), "dry_run", (int)booking->is_dry_run,
            "found", (json_int_t)booking->found, "booked", (json_int_t)booking->booked, "matched",
            (json_int_t)booking->matched, "amount_minor",
            json_sprintf("%" PRId64, booking->amount_minor), "refused",
            (json_int_t)booking->refused, "lines", booking->array);
        char *text = all ? json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
        CHECK(text != NULL);
        puts(text);
        free(text);
        json_decref(all);
        return;
    }
    format_amount(booking->amount_minor, booking->recon.context.ledger.decimals, amount);
    if (booking->found > 0) {
        table_print(&booking->rows, stdout, true);
        if (booking->found > ROWS_SHOWN_MAX)
            printf("and %" PRId64 " more; --json has all\n", booking->found - ROWS_SHOWN_MAX);
        printf("\n");
    }
    if (booking->is_dry_run)
        printf("%" PRId64 " lines of %s are to be booked; a dry run: nothing is\n", booking->found,
            amount);
    else
        printf("%" PRId64 " receipts of %s are booked and wait in UNALLOCATED, %" PRId64
               " lines are matched, %" PRId64 " refused\n",
            booking->booked, amount, booking->matched, booking->refused);
    if (booking->booked > 0)
        printf("'vslctl suspense list' has them, for a person who says whose they are\n");
}

static int book(struct booking *booking)
{
    struct recon *recon = &booking->recon;
    char ledger[RECON_NUMBER_BYTES], days[RECON_NUMBER_BYTES];
    int status = recon_open(recon, true);
    if (status != EXIT_ACCEPTED)
        return status;
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    snprintf(days, sizeof days, "%" PRId64, booking->days);
    const char *const values[] = {ledger, days};
    batch_begin(&booking->batch);
    status = recon_ask_each(recon, "to_book", 2, values, 1, "read the lines", take_line, booking);
    if (status == EXIT_ACCEPTED && booking->status == EXIT_ACCEPTED)
        send_lines(booking);
    /* What the server took before a fault is told, too. */
    if (!booking->is_silent)
        report(booking);
    if (status == EXIT_ACCEPTED)
        status = booking->status;
    return status == EXIT_ACCEPTED && booking->refused > 0 ? EXIT_REFUSED : status;
}

static int run(struct booking *booking)
{
    batch_init(&booking->batch);
    booking->array = json_array();
    table_begin(&booking->rows);
    table_column(&booking->rows, "line", TABLE_RIGHT);
    table_column(&booking->rows, "amount", TABLE_RIGHT);
    table_column(&booking->rows, "day", TABLE_LEFT);
    int status = book(booking);
    table_finish(&booking->rows);
    json_decref(booking->array);
    batch_finish(&booking->batch);
    recon_close(&booking->recon);
    return status;
}

int recon_book(const struct recon *given, const struct key_options *key, int64_t days,
    struct recon_done *ret_done)
{
    static struct booking booking;
    booking = (struct booking){.recon = *given, .key = *key, .days = days, .is_silent = true};
    int status = run(&booking);
    *ret_done = (struct recon_done){.done = booking.booked, .refused = booking.refused};
    return status;
}

int run_recon_book(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&recon_argp, 0, NULL, 0}, {&key_argp, 0, "Keys:", 80}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Book what came in by the bank's statements and is nothing that was booked: a receipt "
            "each, which waits in UNALLOCATED until a person says whose it is, and is matched to "
            "its line.\v"
            "Only where there is nothing to decide: no open receipt or return has the line's "
            "amount,\n"
            "its reference came for the first time and never the other way, and no match of it "
            "was\n"
            "undone. What else is open stays in 'vslctl recon list'. Run 'vslctl recon match' "
            "before.\n"
            "\n"
            "A receipt has the line's bank reference; where it has none, VSL-LINE- and the line's "
            "id.\n"
            "So it is booked once for ever, and a run that was cut is made again.\n"
            "\n"
            "Who paid is taken from the line by RevealService.Reveal, which is on record.\n"
            "\n"
            "Needs the role adapter, besides those of 'vslctl recon match'.\n"
            "\n"
            "Examples:\n"
            "  vslctl recon book --ledger 1 --dry-run\n"
            "  vslctl recon book --ledger 1 --days 5\n"
            "\n"
            "Exit status: 0 all that was found is booked and matched; 1 some of it was refused, "
            "because\n"
            "its reference has been booked, or there is no closed statement; 3 server or database\n"
            "could not be asked; 4 it is not known what became of some: run it again.\n"};
    static struct booking given;
    given =
        (struct booking){.recon.common = common, .key = KEY_OPTIONS_DEFAULT, .days = DAYS_DEFAULT};
    parse_arguments(&argp, "vslctl recon book", count, arguments, &given);
    if (!recon_makes_keys(&given.key, "line"))
        return EXIT_USAGE;
    return run(&given);
}
