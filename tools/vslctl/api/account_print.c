/* account_print.c: vslctl account print: an account's statement of some days as text, CSV or HTML.
 *
 * Asked of the server page by page, so it is what the caller may read. Of days that are closed it
 * is the same bytes whenever it is made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/account_print.h"

#include "base/check.h"
#include "client/durable_file.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"
#include "vsl/v1/member.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_LINES 5000

enum {
    OPTION_LEDGER = 0x6c00,
    OPTION_ACCOUNT,
    OPTION_FROM,
    OPTION_TO,
    OPTION_CSV,
    OPTION_HTML,
    OPTION_OUTPUT,
};

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"account", OPTION_ACCOUNT, "ID", 0, "The account", 1},
    {"from", OPTION_FROM, "DAY", 0,
        "From this accounting date on (default: from the account's beginning)", 1},
    {"to", OPTION_TO, "DAY", 0, "Up to this one (default: the ledger's present one)", 1},
    {"csv", OPTION_CSV, 0, 0, "CSV, amounts in minor units", 1},
    {"html", OPTION_HTML, 0, 0, "HTML for A4, in Chinese and English, with room for a stamp", 1},
    {"output", OPTION_OUTPUT, "FILE", 0,
        "Write to this file, as a whole or not at all (default: to standard output)", 1},
    {0},
};

struct arguments {
    struct common_options *common;
    int64_t ledger_id;
    int64_t account_id;
    int32_t from_date; /* YYYYMMDD; 0: not given */
    int32_t to_date;
    const struct paper_form *form;
    const char *output;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    const char *default_ledger = getenv("VSL_LEDGER");
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->common;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_ACCOUNT:
        if (!parse_integer(argument, 1, INT64_MAX, &given->account_id))
            argp_error(state, "--account takes a whole number, 1 or more");
        return 0;
    case OPTION_FROM:
        if (!parse_date(argument, &given->from_date))
            argp_error(state, "--from takes a day, such as 2026-11-01");
        return 0;
    case OPTION_TO:
        if (!parse_date(argument, &given->to_date))
            argp_error(state, "--to takes a day, such as 2026-11-30");
        return 0;
    case OPTION_CSV:
        given->form = &paper_csv;
        return 0;
    case OPTION_HTML:
        given->form = &paper_html;
        return 0;
    case OPTION_OUTPUT:
        given->output = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->ledger_id == 0 && default_ledger &&
            !parse_integer(default_ledger, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "$VSL_LEDGER must be a ledger's id");
        if (given->ledger_id == 0)
            argp_error(state, "--ledger is missing");
        if (given->account_id == 0)
            argp_error(state, "--account is missing");
        if (given->from_date != 0 && given->to_date != 0 && given->from_date > given->to_date)
            argp_error(state, "--from must not be behind --to");
        if (given->common->is_json)
            argp_error(state, "machines take --csv, or vslctl account statement --json");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what the server says ---- */

struct printing {
    const struct arguments *given;
    struct context context;
    struct paper paper;
    struct paper_writer writer;
    int64_t as_of_sequence; /* of the first answer: later ones have nothing behind it */
};

static void copy(char *ret_text, size_t text_bytes, const char *text)
{
    snprintf(ret_text, text_bytes, "%s", text);
}

static int ask_ledger(struct printing *print)
{
    struct paper *paper = &print->paper;
    Vsl__V1__GetLedgerRequest request;
    vsl__v1__get_ledger_request__init(&request);
    request.ledger_id = paper->ledger_id;
    const Vsl__V1__GetLedgerResponse *answer = (const Vsl__V1__GetLedgerResponse *)context_call(
        &print->context, &vsl__v1__ledger_service__descriptor, "GetLedger", &request.base);
    if (!answer || !answer->ledger)
        return context_fault_status(&print->context);
    const Vsl__V1__Ledger *ledger = answer->ledger;
    int32_t today = ledger->accounting_date;
    bool is_closed = ledger->status == VSL__V1__LEDGER_STATUS__LEDGER_STATUS_CLOSED;
    int32_t to = print->given->to_date != 0 ? print->given->to_date : today;
    copy(paper->platform_name, sizeof paper->platform_name, ledger->platform_name);
    copy(paper->currency, sizeof paper->currency, ledger->currency);
    paper->decimals = currency_decimals(paper->currency);
    paper->is_provisional = to >= today && !is_closed;
    format_date(print->given->from_date, paper->from);
    format_date(to, paper->to);
    if (print->given->from_date <= today)
        return EXIT_ACCEPTED;
    format_date(today, paper->to);
    fprintf(stderr, "vslctl: %s has not begun: the ledger is at %s\n", paper->from, paper->to);
    return EXIT_REFUSED;
}

static int ask_account(struct printing *print)
{
    struct paper *paper = &print->paper;
    Vsl__V1__GetAccountRequest request;
    vsl__v1__get_account_request__init(&request);
    request.ledger_id = paper->ledger_id;
    request.account_id = paper->account_id;
    const Vsl__V1__GetAccountResponse *answer = (const Vsl__V1__GetAccountResponse *)context_call(
        &print->context, &vsl__v1__account_service__descriptor, "GetAccount", &request.base);
    if (!answer || !answer->account)
        return context_fault_status(&print->context);
    if (answer->account->kind == VSL__V1__ACCOUNT_KIND__ACCOUNT_KIND_POSITION ||
        answer->account->kind == VSL__V1__ACCOUNT_KIND__ACCOUNT_KIND_ISSUER) {
        fprintf(stderr,
            "vslctl: account %" PRId64 " has units of a product and no money, see 'vslctl position "
            "list'\n",
            paper->account_id);
        return EXIT_REFUSED;
    }
    copy(
        paper->receiving_number, sizeof paper->receiving_number, answer->account->receiving_number);
    if (answer->account->member_id == 0)
        return EXIT_ACCEPTED;
    Vsl__V1__GetMemberRequest of_member;
    vsl__v1__get_member_request__init(&of_member);
    of_member.ledger_id = paper->ledger_id;
    of_member.member_id = answer->account->member_id;
    const Vsl__V1__GetMemberResponse *member = (const Vsl__V1__GetMemberResponse *)context_call(
        &print->context, &vsl__v1__member_service__descriptor, "GetMember", &of_member.base);
    if (!member || !member->member)
        return context_fault_status(&print->context);
    copy(paper->platform_member_id, sizeof paper->platform_member_id,
        member->member->platform_member_id);
    return EXIT_ACCEPTED;
}

/* The next page; its token is copied, for the answer goes with the next call. NULL with a message.
 */
static const Vsl__V1__ListStatementLinesResponse *ask_page(
    struct printing *print, Vsl__V1__ListStatementLinesRequest *request, char *token)
{
    rpc_reset(&print->context.rpc);
    request->page_token = token;
    const Vsl__V1__ListStatementLinesResponse *answer =
        (const Vsl__V1__ListStatementLinesResponse *)context_call(&print->context,
            &vsl__v1__account_service__descriptor, "ListStatementLines", &request->base);
    if (!answer)
        return NULL;
    CHECK(strlen(answer->next_page_token) < PAPER_TEXT_BYTES);
    memcpy(token, answer->next_page_token, strlen(answer->next_page_token) + 1);
    if (print->as_of_sequence == 0)
        print->as_of_sequence = answer->as_of_sequence;
    return answer;
}

static void fill(
    const struct printing *print, int bucket, Vsl__V1__ListStatementLinesRequest *ret_request)
{
    vsl__v1__list_statement_lines_request__init(ret_request);
    ret_request->ledger_id = print->paper.ledger_id;
    ret_request->account_id = print->paper.account_id;
    ret_request->bucket = (Vsl__V1__Bucket)(bucket + 1);
}

/* The bucket's balance at the end of the day before the first one: after its last line then. */
static int ask_opening(struct printing *print, int bucket, int64_t *ret_minor)
{
    Vsl__V1__ListStatementLinesRequest request;
    char token[PAPER_TEXT_BYTES] = "";
    int32_t before = day_before(print->given->from_date);
    *ret_minor = 0;
    if (before == 0)
        return EXIT_ACCEPTED;
    fill(print, bucket, &request);
    request.order = VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_NEWEST_FIRST;
    request.to_date = before;
    request.page_size = 1;
    do {
        const Vsl__V1__ListStatementLinesResponse *page = ask_page(print, &request, token);
        if (!page)
            return context_fault_status(&print->context);
        if (page->n_lines > 0) {
            *ret_minor = page->lines[0]->balance_after_minor;
            return EXIT_ACCEPTED;
        }
    } while (token[0] != '\0');
    return EXIT_ACCEPTED;
}

/* ---- sections ---- */

static int say_wrong(const struct printing *print, int64_t sequence)
{
    fprintf(stderr,
        "vslctl: the line of command %" PRId64 " does not follow from the %s balance before it; "
        "run vslctl check\n",
        sequence, paper_bucket(print->writer.bucket));
    return EXIT_REFUSED;
}

static int take_line(struct printing *print, const Vsl__V1__StatementLine *said)
{
    struct paper_section *section = &print->paper.sections[print->writer.bucket];
    const struct paper_name *name = paper_name_of((int)said->kind, said->order_number[0] != '\0');
    bool is_measure = name && name->kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_BANK_MEASURE;
    struct paper_line line = {.sequence = said->sequence,
        .line = said->line,
        .order_number = is_measure ? "" : said->order_number,
        .remark = is_measure ? "" : said->remark,
        .amount_minor = said->amount_minor,
        .balance_minor = said->balance_after_minor};
    format_date(said->accounting_date, line.date);
    format_time(said->recorded_at_us, line.time);
    format_enum(&vsl__v1__command_kind__descriptor, name ? name->kind : (int)said->kind, line.what);
    line.chinese = name ? name->chinese : "";
    line.english = name ? name->english : line.what;
    if (said->counter_account_id != print->paper.account_id)
        snprintf(line.other, sizeof line.other, "%" PRId64, said->counter_account_id);
    int64_t *moved = said->amount_minor < 0 ? &section->debits_minor : &section->credits_minor;
    if (__builtin_add_overflow(*moved, said->amount_minor, moved) ||
        __builtin_add_overflow(
            section->closing_minor, said->amount_minor, &section->closing_minor) ||
        section->closing_minor != said->balance_after_minor)
        return say_wrong(print, said->sequence);
    section->lines++;
    print->paper.as_of_sequence = print->as_of_sequence;
    print->writer.paper = &print->paper;
    print->given->form->line(&print->writer, &line);
    return EXIT_ACCEPTED;
}

static void begin_section(struct printing *print, int bucket, int64_t opening_minor)
{
    struct paper_section *section = &print->paper.sections[bucket];
    section->opening_minor = section->closing_minor = opening_minor;
    print->writer.bucket = bucket;
    print->given->form->begin_section(&print->writer, bucket);
}

/* Lines oldest first; what the first one says of the balance before it is the opening. */
static int take_section(struct printing *print, int bucket)
{
    Vsl__V1__ListStatementLinesRequest request;
    char token[PAPER_TEXT_BYTES] = "";
    bool has_begun = false, has_more = true;
    int status = EXIT_ACCEPTED;
    fill(print, bucket, &request);
    request.order = VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    request.from_date = print->given->from_date;
    request.to_date = print->given->to_date;
    request.page_size = PAGE_LINES;
    while (has_more && status == EXIT_ACCEPTED) {
        const Vsl__V1__ListStatementLinesResponse *page = ask_page(print, &request, token);
        if (!page)
            return context_fault_status(&print->context);
        has_more = token[0] != '\0';
        for (size_t i = 0; i < page->n_lines && status == EXIT_ACCEPTED; i++) {
            const Vsl__V1__StatementLine *line = page->lines[i];
            has_more = has_more && line->sequence <= print->as_of_sequence;
            if (line->sequence > print->as_of_sequence)
                break;
            if (!has_begun)
                begin_section(print, bucket, line->balance_after_minor - line->amount_minor);
            has_begun = true;
            status = take_line(print, line);
        }
    }
    if (status == EXIT_ACCEPTED && !has_begun) {
        int64_t opening_minor;
        status = ask_opening(print, bucket, &opening_minor);
        if (status == EXIT_ACCEPTED)
            begin_section(print, bucket, opening_minor);
    }
    if (status == EXIT_ACCEPTED)
        print->given->form->end_section(&print->writer);
    return status;
}

static int print_paper(struct printing *print, FILE *out)
{
    const struct paper_form *form = print->given->form;
    print->writer = (struct paper_writer){.out = out, .paper = &print->paper};
    int status = ask_ledger(print);
    if (status == EXIT_ACCEPTED)
        status = ask_account(print);
    if (status != EXIT_ACCEPTED)
        return status;
    form->begin(&print->writer);
    for (int bucket = 0; bucket < PAPER_BUCKETS && status == EXIT_ACCEPTED; bucket++)
        status = take_section(print, bucket);
    print->paper.as_of_sequence = print->as_of_sequence;
    if (status == EXIT_ACCEPTED)
        form->end(&print->writer);
    return status;
}

/* Writes to a file, which is there as a whole or not at all. */
static int write_file(struct printing *print)
{
    struct durable_file file;
    const char *output = print->given->output;
    if (durable_begin(&file, output, 0666) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", output, durable_reason(errno));
        return EXIT_USAGE;
    }
    int status = print_paper(print, file.stream);
    if (status == EXIT_ACCEPTED && durable_commit(&file) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", output, durable_reason(errno));
        status = EXIT_TRANSPORT;
    }
    durable_abandon(&file);
    return status;
}

int run_account_print(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Print an account's statement of some accounting dates: of each bucket what was "
            "there, each change with the balance after it, and what is there.\v"
            "Of days that are closed it is the same bytes whenever it is made; with a day that is "
            "not, it says that it is provisional, and up to which command it goes. What the bank "
            "measures (freezes, claims) has no other name on it, whoever prints it, and no order "
            "and remark: it is for the member. A text that a spreadsheet would take for a formula, "
            "or that begins with an apostrophe, has an apostrophe in front in CSV.\n"
            "\n"
            "Examples:\n"
            "  vslctl account print --ledger 1 --account 9 --from 2026-11-01 --to 2026-11-30\n"
            "  vslctl account print --ledger 1 --account 9 --from 2026-11-01 --to 2026-11-30 "
            "\\\n"
            "    --html --output statement.html\n"};
    static struct printing print;
    struct arguments given = {.common = common, .form = &paper_text};
    parse_arguments(&argp, "vslctl account print", count, arguments, &given);
    print = (struct printing){.given = &given,
        .context.options = common,
        .paper = {.ledger_id = given.ledger_id, .account_id = given.account_id}};
    if (context_open(&print.context) != 0)
        return EXIT_USAGE;
    int status = given.output ? write_file(&print) : print_paper(&print, stdout);
    context_finish(&print.context);
    return status;
}
