/* settlement.c: vslctl settlement: what a payment company pays, line by line, from its file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

#include "base/check.h"
#include "ceilings.h"
#include "command/command.h"
#include "text/format.h"

#include "vsl/v1/acquirer.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the file. */
enum {
    SETTLEMENT_REFERENCE,
    SETTLEMENT_PROMISE_ID,
    SETTLEMENT_GROSS,
    SETTLEMENT_KEPT,
    SETTLEMENT_PARTIAL,
    SETTLEMENT_REMARK,
    SETTLEMENT_COLUMNS,
};
static_assert(SETTLEMENT_COLUMNS <= LINES_COLUMNS_MAX, "a row has room for them");
static_assert(VSL__V1__SETTLEMENT_STATUS__SETTLEMENT_STATUS_OPEN == (int)LINES_OPEN &&
                  VSL__V1__SETTLEMENT_STATUS__SETTLEMENT_STATUS_CLOSED == (int)LINES_CLOSED &&
                  VSL__V1__SETTLEMENT_STATUS__SETTLEMENT_STATUS_ABANDONED == (int)LINES_GIVEN_UP,
    "the statuses of every kind");

static const char *const columns[SETTLEMENT_COLUMNS] = {
    "reference", "promise_id", "gross", "kept", "partial", "remark"};

static bool read_row(
    struct lines_row *row, int decimals, const char **ret_field, const char **ret_rule)
{
    int64_t kept_minor = 0;
    const char *partial = row->fields[SETTLEMENT_PARTIAL];
    *ret_field = "promise_id";
    *ret_rule = "must be a whole number, 1 or more";
    if (row->fields[SETTLEMENT_PROMISE_ID][0] != '\0' &&
        !parse_integer(row->fields[SETTLEMENT_PROMISE_ID], 1, INT64_MAX, &row->named_id))
        return false;
    *ret_field = "gross";
    *ret_rule = "must be an amount of the currency, such as 12.50";
    if (!parse_amount(row->fields[SETTLEMENT_GROSS], decimals, &row->gross_minor))
        return false;
    *ret_rule = "must be above 0";
    if (row->gross_minor <= 0)
        return false;
    *ret_field = "kept";
    *ret_rule = "must be an amount of the currency, such as 0.60";
    if (row->fields[SETTLEMENT_KEPT][0] != '\0' &&
        !parse_amount(row->fields[SETTLEMENT_KEPT], decimals, &kept_minor))
        return false;
    *ret_rule = "must be 0 or more, and below gross, so that something arrives";
    if (kept_minor < 0 || kept_minor >= row->gross_minor)
        return false;
    *ret_field = "partial";
    *ret_rule = "must be yes, no or empty";
    row->is_partial = strcmp(partial, "yes") == 0;
    row->amount_minor = row->gross_minor - kept_minor;
    return row->is_partial || partial[0] == '\0' || strcmp(partial, "no") == 0;
}

static void add_open(const struct lines_run *run, struct batch *batch, const char *serial)
{
    Vsl__V1__OpenSettlementRequest *open =
        batch_add_open_settlement(batch, run->key.channel, run->key.business_date, serial);
    open->ledger_id = run->ledger_id;
    open->acquirer_id = run->acquirer_id;
    open->suspense_id = run->suspense_id;
    open->control_count = (int32_t)run->count;
    open->control_total_minor = run->total_minor;
}

static const ProtobufCMessage *add_line(const struct lines_run *run, const struct lines_row *row,
    struct batch *batch, int32_t business_date, const char *serial)
{
    Vsl__V1__SettleLineRequest *request =
        batch_add_settle_line(batch, run->key.channel, business_date, serial);
    request->ledger_id = run->ledger_id;
    request->settlement_id = run->whole_id > 0 ? run->whole_id : 1;
    request->promise_id = row->named_id;
    request->reference = (char *)(uintptr_t)row->fields[SETTLEMENT_REFERENCE];
    request->gross_minor = row->gross_minor;
    request->kept_minor = row->gross_minor - row->amount_minor;
    request->partial = row->is_partial;
    request->remark = (char *)(uintptr_t)row->fields[SETTLEMENT_REMARK];
    return &request->base;
}

static void add_close(const struct lines_run *run, struct batch *batch, const char *serial)
{
    Vsl__V1__CloseSettlementRequest *close =
        batch_add_close_settlement(batch, run->key.channel, run->key.business_date, serial);
    close->ledger_id = run->ledger_id;
    close->settlement_id = run->whole_id;
}

static const Vsl__V1__Settlement *get_settlement(
    struct context *context, const struct lines_run *run)
{
    Vsl__V1__GetSettlementRequest request;
    vsl__v1__get_settlement_request__init(&request);
    request.ledger_id = run->ledger_id;
    request.settlement_id = run->whole_id;
    rpc_reset(&context->rpc);
    const Vsl__V1__GetSettlementResponse *answer =
        (const Vsl__V1__GetSettlementResponse *)context_call(
            context, &vsl__v1__acquirer_service__descriptor, "GetSettlement", &request.base);
    return answer ? answer->settlement : NULL;
}

static int ask_status(struct context *context, const struct lines_run *run)
{
    const Vsl__V1__Settlement *settlement = get_settlement(context, run);
    return settlement ? (int)settlement->status : 0;
}

static bool says_same(const struct lines_row *row, const Vsl__V1__SettleLineRequest *line)
{
    return line->promise_id == row->named_id && line->gross_minor == row->gross_minor &&
           line->kept_minor == row->gross_minor - row->amount_minor &&
           (line->partial != 0) == row->is_partial &&
           strcmp(line->reference, row->fields[SETTLEMENT_REFERENCE]) == 0;
}

/* By all that a line says but its remark: two that say the same are told apart by nothing. */
static int compare_contents(const void *a, const void *b)
{
    const struct lines_row *left = *(struct lines_row *const *)a;
    const struct lines_row *right = *(struct lines_row *const *)b;
    const int64_t numbers[][2] = {{left->named_id, right->named_id},
        {left->gross_minor, right->gross_minor}, {left->amount_minor, right->amount_minor},
        {left->is_partial, right->is_partial}};
    int order = strcmp(left->fields[SETTLEMENT_REFERENCE], right->fields[SETTLEMENT_REFERENCE]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && order == 0; i++)
        order = (numbers[i][0] > numbers[i][1]) - (numbers[i][0] < numbers[i][1]);
    return order;
}

static int compare_rows(const void *a, const void *b)
{
    const struct lines_row *left = *(struct lines_row *const *)a;
    const struct lines_row *right = *(struct lines_row *const *)b;
    int order = compare_contents(a, b);
    return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

static void sort_rows(struct lines_run *run)
{
    run->sorted = malloc((run->count + 1) * sizeof *run->sorted);
    CHECK(run->sorted != NULL);
    for (size_t i = 0; i < run->count; i++)
        run->sorted[i] = &run->lines[i];
    qsort(run->sorted, run->count, sizeof *run->sorted, compare_rows);
}

/* The first row that says so and is not answered yet; NULL: none. */
static struct lines_row *find_contents(
    const struct lines_run *run, const Vsl__V1__SettleLineRequest *line)
{
    struct lines_row said = {.named_id = line->promise_id,
        .gross_minor = line->gross_minor,
        .amount_minor = line->gross_minor - line->kept_minor,
        .is_partial = line->partial != 0,
        .fields = {[SETTLEMENT_REFERENCE] = line->reference}};
    struct lines_row *wanted = &said;
    size_t low = 0, high = run->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_contents(&run->sorted[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < run->count && run->sorted[low]->is_answered)
        low++;
    bool is_it = low < run->count && compare_contents(&run->sorted[low], &wanted) == 0;
    return is_it ? run->sorted[low] : NULL;
}

/* A line is known by its key: nothing else tells two of one promise apart. What was sent under that
 * key and says something else is left to the server, which refuses it. Of a settlement that is gone
 * on with under new keys a line that has none of these answers one row that says the same. */
static void take_entry(void *context, const Vsl__V1__JournalEntry *entry)
{
    struct lines_run *run = context;
    if (entry->request_case != VSL__V1__JOURNAL_ENTRY__REQUEST_SETTLE_LINE ||
        entry->settle_line->settlement_id != run->whole_id)
        return;
    struct lines_row *row = lines_find_key(run, entry);
    if (!row && run->given_id != 0)
        row = find_contents(run, entry->settle_line);
    if (row && says_same(row, entry->settle_line))
        lines_mark(run, row, entry);
}

/* Nothing but the record tells what was sent under other keys: when it cannot be read, nothing is
 * sent. */
static int mark_known(struct context *context, struct lines_run *run)
{
    const Vsl__V1__Settlement *settlement = get_settlement(context, run);
    if (!settlement)
        return run->given_id != 0 ? -1 : 0;
    if (settlement->changed_sequence == settlement->opened_sequence)
        return 0;
    struct lines_stream stream = {.from_sequence = settlement->opened_sequence + 1,
        .last_sequence = settlement->changed_sequence,
        .kinds = {VSL__V1__COMMAND_KIND__COMMAND_KIND_SETTLE_LINE},
        .kind_count = 1,
        /* What was refused is tried again by another key. */
        .is_accepted_only = run->given_id != 0,
        .take = take_entry,
        .context = run};
    sort_rows(run);
    int result = lines_read_stream(context, run, &stream);
    return run->given_id != 0 ? result : 0;
}

static int take_up(struct context *context, struct lines_run *run, int *ret_status)
{
    run->whole_id = run->given_id;
    const Vsl__V1__Settlement *settlement = get_settlement(context, run);
    *ret_status = EXIT_USAGE;
    if (!settlement) {
        *ret_status = context_fault_status(context);
        return -1;
    }
    if ((run->suspense_id != 0 && run->suspense_id != settlement->suspense_id) ||
        (run->acquirer_id != 0 && run->acquirer_id != settlement->acquirer_id)) {
        fprintf(stderr,
            "vslctl: settlement %" PRId64 " is of acquirer %" PRId64 " and item %" PRId64
            ", not of those that are given; nothing was sent\n",
            run->given_id, settlement->acquirer_id, settlement->suspense_id);
        return -1;
    }
    if (settlement->control_count != (int64_t)run->count ||
        settlement->control_total_minor != run->total_minor) {
        fprintf(stderr,
            "vslctl: %s: has %zu lines of %" PRId64 " minor units in all, and settlement %" PRId64
            " was opened for %" PRId64 " of %" PRId64 "; give the whole file; nothing was sent\n",
            run->file_name, run->count, run->total_minor, run->given_id,
            (int64_t)settlement->control_count, settlement->control_total_minor);
        return -1;
    }
    if (settlement->status == VSL__V1__SETTLEMENT_STATUS__SETTLEMENT_STATUS_ABANDONED) {
        fprintf(stderr, "vslctl: settlement %" PRId64 " was given up; nothing was sent\n",
            run->given_id);
        *ret_status = EXIT_REFUSED;
        return -1;
    }
    run->suspense_id = settlement->suspense_id;
    run->acquirer_id = settlement->acquirer_id;
    run->is_closed = settlement->status == VSL__V1__SETTLEMENT_STATUS__SETTLEMENT_STATUS_CLOSED;
    run->is_gone_on = true;
    return 0;
}

static void advise(const struct lines_run *run)
{
    if (run->status == LINES_GIVEN_UP) {
        printf("What has no line went back to item %" PRId64
               ": send a file of those lines only that the results call refused. The same\n"
               "file again is answered so again.\n",
            run->suspense_id);
        return;
    }
    if (run->refused > 0)
        printf("What was refused stays refused under its key. Send it right with 'vslctl "
               "settlement line --settlement %" PRId64
               "',\nthen 'vslctl settlement close --settlement %" PRId64 "'.\n",
            run->whole_id, run->whole_id);
    if (run->needs_approval)
        printf("What needs approval: the same 'vslctl settlement line' or 'settlement close' with "
               "--propose 'why', then another\nperson approves it with 'vslctl proposal "
               "approve'.\n");
    printf("Lines that can never be booked: 'vslctl settlement close --settlement %" PRId64
           " --abandon --suspense %" PRId64 "'\ngives what has no line back to the item.\n",
        run->whole_id, run->suspense_id);
}

static const struct lines_kind settlement_kind = {
    .noun = "settlement",
    .columns = columns,
    .column_count = SETTLEMENT_COLUMNS,
    .shown_column = SETTLEMENT_REFERENCE,
    .subject_noun = "difference",
    .serial_letter = 's',
    .lines_max = SETTLEMENT_LINES_MAX,
    .command = COMMAND_SETTLE_LINE,
    .statuses = &vsl__v1__settlement_status__descriptor,
    .read_row = read_row,
    .add_open = add_open,
    .add_line = add_line,
    .add_close = add_close,
    .take_up = take_up,
    .ask_status = ask_status,
    .mark_known = mark_known,
    .advise = advise,
};

enum { OPTION_ACQUIRER = 0x5900, OPTION_SETTLEMENT };

static const struct argp_option settlement_options[] = {
    {"acquirer", OPTION_ACQUIRER, "ID", 0, "The payment company whose money it is", 1},
    {"settlement", OPTION_SETTLEMENT, "ID", 0,
        "Go on with this settlement, which is open, instead of opening one: under keys of today",
        1},
    {0},
};

static error_t parse_settlement(int key, char *argument, struct argp_state *state)
{
    struct lines_run *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        state->child_inputs[1] = given;
        return 0;
    case OPTION_ACQUIRER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->acquirer_id))
            argp_error(state, "--acquirer takes a whole number, 1 or more");
        return 0;
    case OPTION_SETTLEMENT:
        if (!parse_integer(argument, 1, INT64_MAX, &given->given_id))
            argp_error(state, "--settlement takes a whole number, 1 or more");
        return 0;
    case ARGP_KEY_END:
        if (given->given_id != 0)
            return 0;
        if (given->acquirer_id == 0)
            argp_error(state, "--acquirer is missing: see 'vslctl acquirer list'");
        if (given->suspense_id == 0)
            argp_error(state, "--suspense is missing: the item that its money waits as, see "
                              "'vslctl suspense list'");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_settlement(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&common_argp, 0, "Output:", 90}, {&lines_whole_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = settlement_options,
        .parser = parse_settlement,
        .args_doc = "FILE.csv",
        .children = children,
        .doc =
            "Settle what a payment company pays, by the lines of its file: opens a settlement for "
            "the item of suspense that has the money, sends the lines in batches of 8,000, and "
            "closes it when count and total agree. The whole file is looked at before anything is "
            "sent.\v"
            "Examples:\n"
            "  vslctl suspense list --ledger 1 --status open\n"
            "  vslctl settlement --ledger 1 --acquirer 2 --suspense 7 paid.csv\n"
            "  vslctl settlement --ledger 1 --settlement 3 paid.csv\n"
            "  vslctl difference list --ledger 1 --settlement 3\n"
            "\n"
            "The first line of the file names its columns:\n"
            "\n"
            "  reference,promise_id,gross,kept,partial,remark\n"
            "  AP-4711,,100.00,0.60,,\n"
            "  ,12,50.00,,yes,first half\n"
            "\n"
            "Either reference, the company's number of the promise, or promise_id says what is "
            "paid;\n"
            "gross is what the payer gave, kept what of it the company kept; partial: more will "
            "come.\n"
            "Amounts are in the currency's major unit; the rest may be empty. The money of the\n"
            "settlement is gross less kept over all lines.\n"
            "\n"
            "A line is booked whatever it says. What is not as it was promised is a difference, "
            "whose\n"
            "id stands in the results: 'vslctl difference close' says what becomes of it.\n"
            "\n"
            "The keys of the commands are made of the file and told before anything is sent. So a\n"
            "run that was interrupted anywhere is repeated by giving the same file again: each "
            "line\n"
            "takes effect once, as long as the day of its keys is in the ledger's key window "
            "(mostly 3\n"
            "accounting dates). Later go on with --settlement and the whole file: its keys are of "
            "the\n"
            "day, each line that the settlement has counts as one of the file that says the same, "
            "and\n"
            "what was refused is tried again. Or give up what has no line ('vslctl settlement "
            "close "
            "--abandon'),\n"
            "and send the rest of the file. To begin anew (the settlement was not opened): "
            "--serial\n"
            "with --business-date.\n"
            "\n"
            "Exit status: 0 all accepted and closed; 1 something was refused, the settlement is "
            "open\n"
            "or was not opened; 2 the file or the options are wrong, nothing was sent; 3 the "
            "server\n"
            "could not be asked; 4 it is not known what became of some lines: send the file "
            "again.\n"};
    struct lines_run given = {.kind = &settlement_kind,
        .options = common,
        .key = KEY_OPTIONS_DEFAULT,
        .batch_lines_max = BATCH_COMMANDS_MAX};
    parse_arguments(&argp, "vslctl settlement", count, arguments, &given);
    return lines_send_file(&given);
}
