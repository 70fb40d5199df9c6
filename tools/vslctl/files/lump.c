/* lump.c: vslctl lump: a sum that waits, allocated by the lines of a file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lump_parts.h"

#include "base/check.h"
#include "ceilings.h"
#include "command/command.h"
#include "text/format.h"

#include "vsl/v1/lump.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(LUMP_COLUMNS <= LINES_COLUMNS_MAX, "a row has room for them");
static_assert(VSL__V1__LUMP_STATUS__LUMP_STATUS_OPEN == (int)LINES_OPEN &&
                  VSL__V1__LUMP_STATUS__LUMP_STATUS_CLOSED == (int)LINES_CLOSED &&
                  VSL__V1__LUMP_STATUS__LUMP_STATUS_CANCELLED == (int)LINES_GIVEN_UP,
    "the statuses of every kind");

enum { OPTION_LUMP = 0x5900, OPTION_ALL_OR_NOTHING };

static const char *const columns[LUMP_COLUMNS] = {"source_order", "account_id", "receiving_number",
    "amount", "payer_name", "payer_account", "payer_bank", "order_number", "remark", "fee_rule"};

static bool read_row(
    struct lines_row *row, int decimals, const char **ret_field, const char **ret_rule)
{
    if (row->fields[LUMP_ACCOUNT_ID][0] != '\0' &&
        !parse_integer(row->fields[LUMP_ACCOUNT_ID], 1, INT64_MAX, &row->named_id)) {
        *ret_field = "account_id";
        *ret_rule = "must be a whole number, 1 or more";
        return false;
    }
    *ret_field = "amount";
    *ret_rule = "must be an amount of the currency, such as 12.50";
    return parse_amount(row->fields[LUMP_AMOUNT], decimals, &row->amount_minor);
}

static void add_open(const struct lines_run *run, struct batch *batch, const char *serial)
{
    Vsl__V1__OpenLumpRequest *open =
        batch_add_open_lump(batch, run->key.channel, run->key.business_date, serial);
    open->ledger_id = run->ledger_id;
    open->suspense_id = run->suspense_id;
    open->control_count = (int64_t)run->count;
    open->control_total_minor = run->total_minor;
    open->all_or_nothing = run->is_all_or_none;
}

static const ProtobufCMessage *add_line(const struct lines_run *run, const struct lines_row *line,
    struct batch *batch, int32_t business_date, const char *serial)
{
#define TEXT_OF(column) ((char *)(uintptr_t)line->fields[column])
    Vsl__V1__Party *party = batch_party(batch, "", "", "");
    Vsl__V1__AllocateLineRequest *request =
        batch_add_allocate_line(batch, run->key.channel, business_date, serial);
    request->ledger_id = run->ledger_id;
    request->lump_id = run->whole_id > 0 ? run->whole_id : 1;
    request->source_order = TEXT_OF(LUMP_SOURCE_ORDER);
    request->account_id = line->named_id;
    request->receiving_number = TEXT_OF(LUMP_RECEIVING_NUMBER);
    request->amount_minor = line->amount_minor;
    request->order_number = TEXT_OF(LUMP_ORDER_NUMBER);
    request->remark = TEXT_OF(LUMP_REMARK);
    request->fee_rule = TEXT_OF(LUMP_FEE_RULE);
    party->name = TEXT_OF(LUMP_PAYER_NAME);
    party->account_number = TEXT_OF(LUMP_PAYER_ACCOUNT);
    party->bank_code = TEXT_OF(LUMP_PAYER_BANK);
    if (party->name[0] || party->account_number[0] || party->bank_code[0])
        request->payer = party;
    return &request->base;
#undef TEXT_OF
}

static void add_close(const struct lines_run *run, struct batch *batch, const char *serial)
{
    Vsl__V1__CloseLumpRequest *close =
        batch_add_close_lump(batch, run->key.channel, run->key.business_date, serial);
    close->ledger_id = run->ledger_id;
    close->lump_id = run->whole_id;
}

/* ---- source orders ---- */

static int compare_orders(const void *a, const void *b)
{
    const struct lines_row *left = *(const struct lines_row *const *)a;
    const struct lines_row *right = *(const struct lines_row *const *)b;
    int order = strcmp(left->fields[LUMP_SOURCE_ORDER], right->fields[LUMP_SOURCE_ORDER]);
    return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

/* A source order that is there twice is refused by the server, when others are booked. */
static void check_distinct(struct lines_run *run)
{
    struct lines_row **sorted = malloc((run->count + 1) * sizeof *sorted);
    CHECK(sorted != NULL);
    run->sorted = sorted;
    for (size_t i = 0; i < run->count; i++)
        sorted[i] = &run->lines[i];
    qsort(sorted, run->count, sizeof *sorted, compare_orders);
    for (size_t i = 1; i < run->count; i++) {
        char rule[64];
        if (strcmp(sorted[i - 1]->fields[LUMP_SOURCE_ORDER],
                sorted[i]->fields[LUMP_SOURCE_ORDER]) != 0)
            continue;
        snprintf(rule, sizeof rule, "is that of line %u", sorted[i - 1]->line);
        lines_refuse(run, sorted[i]->line, "source_order", rule);
    }
}

static int compare_order(const void *key, const void *element)
{
    const struct lines_row *line = *(struct lines_row *const *)element;
    return strcmp(key, line->fields[LUMP_SOURCE_ORDER]);
}

struct lines_row *lump_find_row(const struct lines_run *run, const char *source_order)
{
    struct lines_row **found =
        bsearch(source_order, run->sorted, run->count, sizeof *run->sorted, compare_order);
    return found ? *found : NULL;
}

/* ---- the command ---- */

/* What is to be done about one that is open, or has been cancelled, which has no lines. */
static void advise(const struct lines_run *run)
{
    if (run->status == LINES_GIVEN_UP) {
        if (fflush(stdout) == 0)
            lines_say_anew(run);
        return;
    }
    if (run->is_all_or_none) {
        printf("None of its lines is booked, and the same file is answered so again. Give the lump "
               "up with 'vslctl lump cancel\n--lump %" PRId64
               "', and send the file mended, or with "
               "--serial TEXT --business-date YYYY-MM-DD.\n",
            run->whole_id);
        return;
    }
    if (run->refused > 0)
        printf("What was refused stays refused under its key. Send it right with 'vslctl lump line "
               "--lump %" PRId64 "',\nthen 'vslctl lump close --lump %" PRId64 "'.\n",
            run->whole_id, run->whole_id);
    if (run->needs_approval)
        printf("What needs approval: the same 'vslctl lump line' or 'lump close' with --propose "
               "'why', then another person\napproves it with 'vslctl proposal approve'.\n");
    if (run->refused > 0)
        printf("A line that can never be booked: 'vslctl lump close --lump %" PRId64
               " --as-it-stands --propose 'why''\nends the lump with the lines that it has.\n",
            run->whole_id);
}

static const struct lines_kind lump_kind = {
    .noun = "lump",
    .columns = columns,
    .column_count = LUMP_COLUMNS,
    .shown_column = LUMP_SOURCE_ORDER,
    .serial_letter = 'l',
    .lines_max = LUMP_LINES_MAX,
    .command = COMMAND_ALLOCATE_LINE,
    .statuses = &vsl__v1__lump_status__descriptor,
    .read_row = read_row,
    .look_over = check_distinct,
    .add_open = add_open,
    .add_line = add_line,
    .add_close = add_close,
    .take_up = lump_take_up,
    .ask_status = lump_ask_status,
    .mark_known = lump_mark_known,
    .mark_same = lump_mark_same,
    .same_outcome = VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED,
    .advise = advise,
};

static const struct argp_option lump_options[] = {
    {"lump", OPTION_LUMP, "ID", 0,
        "Go on with this lump, which is open, instead of opening one: under keys of today", 1},
    {"all-or-nothing", OPTION_ALL_OR_NOTHING, 0, 0,
        "Book all lines or none; at most 7,999 (default: line by line)", 1},
    {0},
};

static error_t parse_lump(int key, char *argument, struct argp_state *state)
{
    struct lines_run *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        state->child_inputs[1] = given;
        return 0;
    case OPTION_LUMP:
        if (!parse_integer(argument, 1, INT64_MAX, &given->given_id))
            argp_error(state, "--lump takes a whole number, 1 or more");
        return 0;
    case OPTION_ALL_OR_NOTHING:
        given->is_all_or_none = true;
        return 0;
    case ARGP_KEY_END:
        if (given->suspense_id == 0 && given->given_id == 0)
            argp_error(state, "--suspense is missing: the item that the sum waits as, see 'vslctl "
                              "suspense list'");
        if (given->is_all_or_none && given->given_id != 0)
            argp_error(state, "--all-or-nothing goes without --lump, which is what it was opened "
                              "as");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_lump(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&common_argp, 0, "Output:", 90}, {&lines_whole_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = lump_options,
        .parser = parse_lump,
        .args_doc = "FILE.csv",
        .children = children,
        .doc =
            "Allocate a sum that came for many, by the lines of a file: opens a lump for the item "
            "of suspense, sends the lines in batches of 8,000, and closes it when count and total "
            "agree. The whole file is looked at before anything is sent.\v"
            "Examples:\n"
            "  vslctl suspense list --ledger 1 --status open\n"
            "  vslctl lump --ledger 1 --suspense 7 lines.csv\n"
            "  vslctl lump --ledger 1 --suspense 7 --all-or-nothing lines.csv\n"
            "  vslctl lump --ledger 1 --lump 3 lines.csv\n"
            "\n"
            "The first line of the file names its columns:\n"
            "\n"
            "  source_order,account_id,receiving_number,amount,payer_name,payer_account,payer_bank,"
            "order_number,remark,fee_rule\n"
            "  A-4711,,6220000000091,12.50,Li Ming,6222001,,O-17,,\n"
            "  A-4712,9,,100.00,,,,,thank you,std\n"
            "\n"
            "source_order is the number that the line has where it comes from, used once in the\n"
            "ledger; either account_id or receiving_number says who is paid; amounts are in the\n"
            "currency's major unit; the rest may be empty. fee_rule names the rule of a fee that\n"
            "the account bears out of the amount.\n"
            "\n"
            "The keys of the commands are made of the file and told before anything is sent. So a\n"
            "run that was interrupted anywhere is repeated by giving the same file again: each "
            "line\n"
            "takes effect once, also days later. A line that is refused stays refused under its "
            "key:\n"
            "the lump stays open then; send the line right with 'vslctl lump line', and close it\n"
            "with 'vslctl lump close'. 'vslctl lump list' and 'lump show' tell how far each is,\n"
            "'lump cancel' gives up one without lines, 'suspense undo' takes a line back. With a\n"
            "line that can never be booked, two persons end it: 'lump close --as-it-stands "
            "--propose'.\n"
            "\n"
            "What the lump has is read in one go and not sent again.\n"
            "\n"
            "A file can be gone on with as long as the day of its keys is in the ledger's key "
            "window\n"
            "(key_window_dates, mostly 3 accounting dates). Later, for 100 days, what was answered "
            "is\n"
            "answered as it was, and lines that were not sent are refused with key_window_closed: "
            "then\n"
            "go on with --lump and the whole file. Its keys are of the day; a line whose source "
            "order\n"
            "the lump has booked counts as done when payee, amount and fee_rule agree, and is\n"
            "source_order_used when they do not. What was refused is tried again, once a day. To "
            "begin\n"
            "anew (the lump was not opened, or was cancelled): --serial with --business-date.\n"
            "\n"
            "Exit status: 0 all accepted and closed; 1 something was refused, the lump is open or "
            "was\n"
            "not opened; 2 the file or the options are wrong, nothing was sent; 3 the server could "
            "not\n"
            "be asked; 4 it is not known what became of some lines: send the file again.\n"};
    struct lines_run given = {.kind = &lump_kind,
        .options = common,
        .key = KEY_OPTIONS_DEFAULT,
        .batch_lines_max = BATCH_COMMANDS_MAX};
    parse_arguments(&argp, "vslctl lump", count, arguments, &given);
    return lines_send_file(&given);
}
