/* statement.c: vslctl account statement: an account's lines, page by page.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/account.pb-c.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE_ALL 5000

enum {
    OPTION_LEDGER = 0x5000,
    OPTION_ACCOUNT,
    OPTION_BUCKET,
    OPTION_ORDER,
    OPTION_FROM,
    OPTION_TO,
    OPTION_PAGE_SIZE,
    OPTION_PAGE_TOKEN,
    OPTION_ALL,
};

struct arguments {
    struct common_options *options;
    Vsl__V1__ListStatementLinesRequest request;
    bool is_all;
};

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"account", OPTION_ACCOUNT, "ID", 0, "The account", 1},
    {"bucket", OPTION_BUCKET, "NAME", 0,
        "Only available, pending-in, pending-out or frozen (default: all)", 1},
    {"order", OPTION_ORDER, "NAME", 0, "newest-first (default) or oldest-first", 1},
    {"from", OPTION_FROM, "YYYY-MM-DD", 0, "Only from this accounting date on", 1},
    {"to", OPTION_TO, "YYYY-MM-DD", 0, "Only up to this accounting date", 1},
    {"page-size", OPTION_PAGE_SIZE, "N", 0, "Lines of a page, at most 5000 (default 100)", 1},
    {"page-token", OPTION_PAGE_TOKEN, "TEXT", 0, "Go on where the page before ended", 1},
    {"all", OPTION_ALL, 0, 0, "All pages", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    Vsl__V1__ListStatementLinesRequest *request = &given->request;
    const char *environment;
    int64_t number;
    int32_t value;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->options;
        environment = getenv("VSL_LEDGER");
        if (environment && environment[0] &&
            !parse_integer(environment, 1, INT64_MAX, &request->ledger_id))
            argp_error(state, "VSL_LEDGER is not a ledger's id");
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &request->ledger_id))
            argp_error(state, "--ledger takes an id");
        return 0;
    case OPTION_ACCOUNT:
        if (!parse_integer(argument, 1, INT64_MAX, &request->account_id))
            argp_error(state, "--account takes an id");
        return 0;
    case OPTION_BUCKET:
        if (!parse_enum(&vsl__v1__bucket__descriptor, argument, &value))
            argp_error(state, "--bucket takes available, pending-in, pending-out or frozen");
        request->bucket = (Vsl__V1__Bucket)value;
        return 0;
    case OPTION_ORDER:
        if (!parse_enum(&vsl__v1__statement_order__descriptor, argument, &value))
            argp_error(state, "--order takes newest-first or oldest-first");
        request->order = (Vsl__V1__StatementOrder)value;
        return 0;
    case OPTION_FROM:
        if (!parse_date(argument, &request->from_date))
            argp_error(state, "--from takes a day as YYYY-MM-DD");
        return 0;
    case OPTION_TO:
        if (!parse_date(argument, &request->to_date))
            argp_error(state, "--to takes a day as YYYY-MM-DD");
        return 0;
    case OPTION_PAGE_SIZE:
        if (!parse_integer(argument, 1, PAGE_SIZE_ALL, &number))
            argp_error(state, "--page-size takes 1 to %d", PAGE_SIZE_ALL);
        request->page_size = (int32_t)number;
        return 0;
    case OPTION_PAGE_TOKEN:
        request->page_token = argument;
        return 0;
    case OPTION_ALL:
        given->is_all = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        if (request->ledger_id == 0 || request->account_id == 0)
            argp_error(state, "--ledger and --account are required");
        if (given->is_all && request->page_size == 0)
            request->page_size = PAGE_SIZE_ALL;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Adds the lines of a page to those before; the pages stay in the arena of answers. */
static void append_page(
    Vsl__V1__ListStatementLinesResponse *all, const Vsl__V1__ListStatementLinesResponse *page)
{
    size_t count = all->n_lines + page->n_lines;
    all->lines = realloc(all->lines, (count + 1) * sizeof *all->lines);
    CHECK(all->lines != NULL);
    if (page->n_lines > 0)
        memcpy(all->lines + all->n_lines, page->lines, page->n_lines * sizeof *all->lines);
    all->n_lines = count;
    all->as_of_sequence = page->as_of_sequence;
    all->next_page_token = page->next_page_token;
}

static int run(struct context *context, struct arguments *given)
{
    static const char *const columns[] = {"sequence", "recorded_at_us", "accounting_date", "kind",
        "bucket", "amount_minor", "balance_after_minor", "counter_account_id", "order_number",
        "remark", NULL};
    Vsl__V1__ListStatementLinesResponse all;
    vsl__v1__list_statement_lines_response__init(&all);
    if (context_open(context) != 0)
        return EXIT_USAGE;
    int status = EXIT_TRANSPORT;
    do {
        Vsl__V1__ListStatementLinesResponse *page =
            (Vsl__V1__ListStatementLinesResponse *)context_call(context,
                &vsl__v1__account_service__descriptor, "ListStatementLines", &given->request.base);
        if (!page) {
            status = context_fault_status(context);
            goto end;
        }
        append_page(&all, page);
        given->request.page_token = page->next_page_token;
    } while (given->is_all && given->request.page_token[0]);

    status = EXIT_ACCEPTED;
    if (context->options->is_json) {
        show_json(&all.base, true);
    } else if (context_ask_ledger(context, given->request.ledger_id) != 0) {
        status = context_fault_status(context);
    } else {
        show_table(context, &all.base, "lines", columns);
        if (all.next_page_token[0])
            printf("more: --page-token %s\n", all.next_page_token);
    }
end:
    free(all.lines);
    return status;
}

int run_statement(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc = "Show what was booked on an account, with the balance after each line.\v"
               "Examples:\n"
               "  vslctl account statement --ledger 1 --account 9\n"
               "  vslctl account statement --ledger 1 --account 9 --bucket available \\\n"
               "      --order oldest-first --from 2026-11-01 --to 2026-11-30 --all\n"};
    struct arguments given = {.options = common};
    vsl__v1__list_statement_lines_request__init(&given.request);
    parse_arguments(&argp, "vslctl account statement", count, arguments, &given);
    struct context context = {.options = common};
    int status = run(&context, &given);
    context_finish(&context);
    return status;
}
