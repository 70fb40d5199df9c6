/* member_show.c: vslctl member show: all that there is of one member on one screen.
 *
 * Several calls, each as the caller may make it: what it may not read is left out, and the screen
 * says so. Nothing is asked of a moment in common: each section is as of its own answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "text/fields.h"
#include "text/format.h"
#include "text/json.h"
#include "text/table.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/card.pb-c.h"
#include "vsl/v1/claim.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/member.pb-c.h"
#include "vsl/v1/screening.pb-c.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 1000  /* of a section */
#define ASKED_MAX 1000 /* accounts that are asked for one by one */

enum { OPTION_LEDGER = 0x5a00, OPTION_MEMBER, OPTION_ID };

struct showing {
    struct common_options *options;
    struct context context;
    int64_t ledger_id;
    int64_t member_id;
    char *platform_member_id;
    json_t *json; /* NULL: it is printed for people */
    int64_t open_accounts[ASKED_MAX];
    size_t open_count;
    int64_t restricted_accounts[ASKED_MAX];
    size_t restricted_count;
};

/* Calls; NULL with the exit status, or with 0 where the caller may not read it. */
static const ProtobufCMessage *ask(struct showing *show, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request, int *ret_status)
{
    rpc_reset(&show->context.rpc);
    *ret_status = EXIT_ACCEPTED;
    const ProtobufCMessage *answer = rpc_call(&show->context.rpc, service, method, request);
    if (!answer && show->context.rpc.fault.status != GRPC_PERMISSION_DENIED) {
        context_print_fault(&show->context);
        *ret_status = context_fault_status(&show->context);
    }
    return answer;
}

static void begin_section(const struct showing *show, const char *title)
{
    if (!show->json)
        printf("\n%s\n", title);
}

static void put_json(struct showing *show, const char *name, json_t *value)
{
    CHECK(value != NULL && json_object_set_new(show->json, name, value) == 0);
}

/* A list under a title, or that it is empty, cut, or not for the caller. */
static void show_list(struct showing *show, const char *title, const char *field_name,
    const char *const *columns, const ProtobufCMessage *answer, const char *more)
{
    if (show->json) {
        json_t *whole = answer ? json_of_message(answer) : NULL;
        json_t *list = whole ? json_object_get(whole, field_name) : NULL;
        put_json(show, field_name, list ? json_incref(list) : answer ? json_array() : json_null());
        json_decref(whole);
        return;
    }
    begin_section(show, title);
    if (!answer) {
        printf("not for this caller to read\n");
        return;
    }
    const ProtobufCFieldDescriptor *field = field_find(answer->descriptor, field_name);
    const ProtobufCFieldDescriptor *token = field_find(answer->descriptor, "next_page_token");
    const char *next;
    CHECK(field != NULL && token != NULL);
    memcpy(&next, field_value(answer, token, 0), sizeof next);
    if (field_count(answer, field) == 0)
        printf("none\n");
    else
        show_table(&show->context, answer, field_name, columns);
    if (next[0])
        printf("more: 'vslctl %s --ledger %" PRId64 " --member %" PRId64 " --all'\n", more,
            show->ledger_id, show->member_id);
}

/* ---- who it is, and what it may do ---- */

/* A limit of 0 is none. */
static void add_limit(const struct showing *show, struct table *table, const char *name,
    int64_t limit_minor, int64_t used_minor)
{
    char text[FORMAT_BYTES_MAX];
    const int64_t left_minor = limit_minor > used_minor ? limit_minor - used_minor : 0;
    const int64_t amounts[] = {limit_minor, used_minor, left_minor};
    table_cell(table, "%s", name);
    for (size_t i = 0; i < 3; i++) {
        format_amount(amounts[i], show->context.ledger.decimals, text);
        table_cell(table, "%s", limit_minor == 0 && i != 1 ? "no limit" : text);
    }
}

static void show_limits(const struct showing *show, const Vsl__V1__MemberAllowance *allowance)
{
    const Vsl__V1__AccountPolicyLevel *level = allowance ? allowance->policy : NULL;
    struct table table;
    begin_section(show, "Limits of the person");
    if (!level) {
        printf("none: the ledger is unchecked\n");
        return;
    }
    table_begin(&table);
    table_column(&table, "limit", TABLE_LEFT);
    table_column(&table, "allowed", TABLE_RIGHT);
    table_column(&table, "used", TABLE_RIGHT);
    table_column(&table, "left", TABLE_RIGHT);
    add_limit(show, &table, "in on the date", level->date_in_minor, allowance->date_in_used_minor);
    add_limit(
        show, &table, "out on the date", level->date_out_minor, allowance->date_out_used_minor);
    add_limit(show, &table, "in in the year", level->year_in_minor, allowance->year_in_used_minor);
    add_limit(
        show, &table, "out in the year", level->year_out_minor, allowance->year_out_used_minor);
    table_print(&table, stdout, true);
    table_finish(&table);
}

static int show_who(struct showing *show)
{
    int status;
    Vsl__V1__GetMemberRequest request;
    vsl__v1__get_member_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.member_id = show->member_id;
    if (show->platform_member_id)
        request.platform_member_id = show->platform_member_id;
    rpc_reset(&show->context.rpc);
    const Vsl__V1__GetMemberResponse *answer = (const Vsl__V1__GetMemberResponse *)context_call(
        &show->context, &vsl__v1__member_service__descriptor, "GetMember", &request.base);
    status = answer ? EXIT_ACCEPTED : context_fault_status(&show->context);
    if (!answer)
        return status;
    show->member_id = answer->member->member_id;
    if (show->json) {
        json_t *json = json_of_message(&answer->base);
        CHECK(json_object_update(show->json, json) == 0);
        json_decref(json);
        return status;
    }
    show_message(&show->context, &answer->base);
    show_limits(show, answer->allowance);
    return status;
}

/* ---- accounts, and what keeps them from moving ---- */

static int show_accounts(struct showing *show)
{
    static const char *const columns[] = {"account_id", "status", "receiving_number",
        "balances.available_minor", "balances.withdrawable_minor", "balances.pending_in_minor",
        "balances.pending_out_minor", "balances.frozen_minor", "no_in", "no_out", NULL};
    int status;
    Vsl__V1__ListAccountsRequest request;
    vsl__v1__list_accounts_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.member_id = show->member_id;
    request.page_size = ROWS_MAX;
    const Vsl__V1__ListAccountsResponse *answer = (const Vsl__V1__ListAccountsResponse *)ask(
        show, &vsl__v1__account_service__descriptor, "ListAccounts", &request.base, &status);
    if (status != EXIT_ACCEPTED)
        return status;
    show_list(show, "Accounts", "accounts", columns, answer ? &answer->base : NULL, "account list");
    for (size_t i = 0; answer && i < answer->n_accounts; i++) {
        const Vsl__V1__Account *account = answer->accounts[i];
        if (account->status == VSL__V1__ACCOUNT_STATUS__ACCOUNT_STATUS_OPEN &&
            show->open_count < ASKED_MAX)
            show->open_accounts[show->open_count++] = account->account_id;
        if ((account->no_in || account->no_out) && show->restricted_count < ASKED_MAX)
            show->restricted_accounts[show->restricted_count++] = account->account_id;
    }
    return EXIT_ACCEPTED;
}

/* Who restricts an account; of a hit nobody does. A list of accounts does not say so. */
static int show_restrictions_of(struct showing *show, int64_t account_id, json_t *restrictions)
{
    static const char *const columns[] = {
        "owner", "no_in", "no_out", "placed_sequence", "changed_sequence", NULL};
    int status;
    Vsl__V1__GetAccountRequest request;
    vsl__v1__get_account_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.account_id = account_id;
    const Vsl__V1__GetAccountResponse *answer = (const Vsl__V1__GetAccountResponse *)ask(
        show, &vsl__v1__account_service__descriptor, "GetAccount", &request.base, &status);
    if (!answer || answer->account->n_restrictions == 0)
        return status;
    if (restrictions) {
        json_t *account = json_of_message(&answer->account->base);
        json_t *list = json_pack("{s:o, s:O}", "account_id", json_sprintf("%" PRId64, account_id),
            "restrictions", json_object_get(account, "restrictions"));
        CHECK(list != NULL && json_array_append_new(restrictions, list) == 0);
        json_decref(account);
        return status;
    }
    printf("\nRestrictions of account %" PRId64 "\n", account_id);
    show_table(&show->context, &answer->account->base, "restrictions", columns);
    return status;
}

static int show_restrictions(struct showing *show)
{
    int status = EXIT_ACCEPTED;
    json_t *restrictions = show->json ? json_array() : NULL;
    for (size_t i = 0; i < show->restricted_count && status == EXIT_ACCEPTED; i++)
        status = show_restrictions_of(show, show->restricted_accounts[i], restrictions);
    if (restrictions)
        put_json(show, "restrictions", restrictions);
    return status;
}

/* ---- cards, and how much by which ---- */

static int show_cards(struct showing *show)
{
    static const char *const columns[] = {"card_id", "kind", "status", "main_card", "bank_code",
        "checked_sequence", "wrong_in_row", "checks", "end_reason", "bound_sequence", NULL};
    int status;
    Vsl__V1__ListCardsRequest request;
    vsl__v1__list_cards_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.member_id = show->member_id;
    request.page_size = ROWS_MAX;
    const ProtobufCMessage *answer =
        ask(show, &vsl__v1__card_service__descriptor, "ListCards", &request.base, &status);
    if (status == EXIT_ACCEPTED)
        show_list(show, "Cards", "cards", columns, answer, "card list");
    return status;
}

/* One account: what can be withdrawn, and by which card. */
static int show_quote_of(struct showing *show, int64_t account_id, json_t *quotes)
{
    int status;
    Vsl__V1__QuoteWithdrawRequest request;
    vsl__v1__quote_withdraw_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.account_id = account_id;
    const ProtobufCMessage *answer =
        ask(show, &vsl__v1__funds_service__descriptor, "QuoteWithdraw", &request.base, &status);
    if (!answer)
        return status;
    if (quotes) {
        json_t *json = json_of_message(answer);
        CHECK(json_object_set_new(json, "account_id", json_sprintf("%" PRId64, account_id)) == 0);
        CHECK(json_array_append_new(quotes, json) == 0);
        return status;
    }
    printf("\nAccount %" PRId64 " can withdraw\n", account_id);
    show_quote(&show->context, answer);
    return status;
}

static int show_quotes(struct showing *show)
{
    int status = EXIT_ACCEPTED;
    json_t *quotes = show->json ? json_array() : NULL;
    for (size_t i = 0; i < show->open_count && status == EXIT_ACCEPTED; i++)
        status = show_quote_of(show, show->open_accounts[i], quotes);
    if (quotes)
        put_json(show, "quotes", quotes);
    return status;
}

/* ---- what speaks against it ---- */

static int show_hits(struct showing *show)
{
    static const char *const columns[] = {
        "hit_id", "status", "denied_id", "card_id", "found_sequence", "decided_sequence", NULL};
    int status;
    Vsl__V1__ListHitsRequest request;
    vsl__v1__list_hits_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.member_id = show->member_id;
    request.page_size = ROWS_MAX;
    const ProtobufCMessage *answer =
        ask(show, &vsl__v1__screening_service__descriptor, "ListHits", &request.base, &status);
    if (status == EXIT_ACCEPTED)
        show_list(show, "Hits of the deny list", "hits", columns, answer, "hit list");
    return status;
}

static int show_claims(struct showing *show)
{
    static const char *const columns[] = {"claim_id", "account_id", "status", "authority",
        "authority_code", "limit_minor", "covered_minor", "whole", "ends_at_us", NULL};
    int status;
    Vsl__V1__ListClaimsRequest request;
    vsl__v1__list_claims_request__init(&request);
    request.ledger_id = show->ledger_id;
    request.member_id = show->member_id;
    request.page_size = ROWS_MAX;
    const ProtobufCMessage *answer =
        ask(show, &vsl__v1__claim_service__descriptor, "ListClaims", &request.base, &status);
    if (status == EXIT_ACCEPTED)
        show_list(
            show, "Claims of courts and other organs", "claims", columns, answer, "claim list");
    return status;
}

/* ---- the command ---- */

static int run(struct showing *show)
{
    int (*const sections[])(struct showing *) = {show_who, show_accounts, show_restrictions,
        show_cards, show_quotes, show_hits, show_claims};
    int status = EXIT_ACCEPTED;
    if (context_open(&show->context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(&show->context, show->ledger_id) != 0)
        return context_fault_status(&show->context);
    show->json = show->options->is_json ? json_object() : NULL;
    for (size_t i = 0; i < sizeof sections / sizeof *sections && status == EXIT_ACCEPTED; i++)
        status = sections[i](show);
    if (show->json && status == EXIT_ACCEPTED) {
        json_dumpf(show->json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        printf("\n");
    }
    json_decref(show->json);
    return status;
}

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"member", OPTION_MEMBER, "ID", 0, "The member", 1},
    {"id", OPTION_ID, "TEXT", 0, "Or the platform's own id of it", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct showing *show = state->input;
    const char *ledger;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = show->options;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &show->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_MEMBER:
        if (!parse_integer(argument, 1, INT64_MAX, &show->member_id))
            argp_error(state, "--member takes a whole number, 1 or more");
        return 0;
    case OPTION_ID:
        show->platform_member_id = argument;
        return 0;
    case ARGP_KEY_END:
        ledger = getenv("VSL_LEDGER");
        if (show->ledger_id == 0 && ledger &&
            !parse_integer(ledger, 1, INT64_MAX, &show->ledger_id))
            argp_error(state, "$VSL_LEDGER must be a ledger's id");
        if (show->ledger_id == 0)
            argp_error(state, "--ledger is missing");
        if ((show->member_id == 0) == (show->platform_member_id == NULL))
            argp_error(state, "one of --member and --id says whom");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_member_show(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Show all that there is of one member: who it is, by which documents and until when, "
            "what it may do and has done, its accounts and what restricts them, its cards and how "
            "much can leave by which, hits of the deny list, claims.\v"
            "Examples:\n"
            "  vslctl member show --ledger 1 --member 3\n"
            "  vslctl member show --ledger 1 --id shop-17 --json\n"
            "\n"
            "Names and numbers are masked; 'vslctl reveal' tells them, and records that it did.\n"
            "Hits and claims are shown to who may read them. 'vslctl member get' is the one call "
            "of\n"
            "the API about the member alone. Each section has 1,000 rows at most.\n"
            "\n"
            "Exit status: 0 shown; 1 there is no such member; 3 the server could not be asked.\n"};
    struct showing show = {.options = common, .context = {.options = common}};
    parse_arguments(&argp, "vslctl member show", count, arguments, &show);
    int status = run(&show);
    context_finish(&show.context);
    return status;
}
