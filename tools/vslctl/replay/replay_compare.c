/* replay_compare.c: the service's statements against the file's balances.
 *
 * The balances compared are those of the service's own statements, one line for each transaction
 * that was booked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/replay/replay.h"

#include "base/clock.h"
#include "text/format.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STATEMENT_PAGE 5000
#define POLL_PAUSE_US 50000

/* ---- comparing ---- */

static void differ(struct replay *replay, const struct step *step, const char *what, int64_t said)
{
    char text[256];
    char expected[FORMAT_BYTES_MAX];
    char got[FORMAT_BYTES_MAX];
    int decimals = currency_decimals(replay->currency);
    format_amount(step->transaction->balance_after_minor, decimals, expected);
    format_amount(said, decimals, got);
    snprintf(text, sizeof text, "%s: the file says %s, the service %s", what, expected, got);
    replay->differences++;
    replay->accounts[step->account].has_difference = true;
    replay_trouble(replay, step, text);
}

/* Compares a page of a statement with the account's steps from *next on. */
static void compare_lines(struct replay *replay, const struct replay_account *account,
    const Vsl__V1__ListStatementLinesResponse *page, size_t *next)
{
    for (size_t i = 0; i < page->n_lines; i++) {
        const Vsl__V1__StatementLine *line = page->lines[i];
        if (*next == account->count) {
            const struct step *last =
                &replay->steps[replay->by_account[account->first + account->count - 1]];
            differ(
                replay, last, "a line that no transaction stands for", line->balance_after_minor);
            continue;
        }
        const struct step *step = &replay->steps[replay->by_account[account->first + *next]];
        (*next)++;
        if (line->sequence != step->sequence ||
            line->amount_minor != step->transaction->delta_minor ||
            line->balance_after_minor != step->transaction->balance_after_minor)
            differ(replay, step, "another balance", line->balance_after_minor);
    }
}

static int compare_account(struct replay *replay, struct replay_account *account)
{
    Vsl__V1__ListStatementLinesRequest request;
    vsl__v1__list_statement_lines_request__init(&request);
    char empty[] = "";
    struct buffer token = {0};
    size_t next = 0;
    int fault = -1;
    request.ledger_id = replay->ledger_id;
    request.account_id = account->account_id;
    request.bucket = VSL__V1__BUCKET__BUCKET_AVAILABLE;
    request.order = VSL__V1__STATEMENT_ORDER__STATEMENT_ORDER_OLDEST_FIRST;
    request.page_size = STATEMENT_PAGE;
    request.page_token = empty;
    for (;;) {
        rpc_reset(&replay->context.rpc);
        Vsl__V1__ListStatementLinesResponse *page =
            (Vsl__V1__ListStatementLinesResponse *)replay_call(
                replay, &vsl__v1__account_service__descriptor, "ListStatementLines", &request.base);
        if (!page)
            break;
        compare_lines(replay, account, page, &next);
        fault = page->next_page_token[0] ? -1 : 0;
        if (fault == 0)
            break;
        /* The answer goes with the next reset. */
        buffer_clear(&token);
        buffer_append(&token, page->next_page_token, strlen(page->next_page_token) + 1);
        request.page_token = (char *)token.bytes;
    }
    buffer_finish(&token);
    /* Steps that were booked have a line each; of a stopped account the last one sent has none. */
    for (; fault == 0 && next < account->count; next++) {
        const struct step *step = &replay->steps[replay->by_account[account->first + next]];
        if (step->is_sent && !step->is_overdraft)
            differ(replay, step, "no line in the statement", 0);
    }
    return fault;
}

int replay_compare_statements(struct replay *replay)
{
    for (size_t i = 0; i < replay->account_count; i++) {
        if (compare_account(replay, &replay->accounts[i]) != 0)
            return -1;
        if (progress_is_due(&replay->progress))
            progress_show(&replay->progress, "comparing statements: %zu of %zu accounts", i + 1,
                replay->account_count);
    }
    return 0;
}

/* ---- payouts and the tie-out ---- */

int replay_wait_for_payouts(struct replay *replay)
{
    int64_t give_up_us = clock_monotonic_us() + (int64_t)(replay->wait_seconds * 1e6);
    Vsl__V1__GetLedgerRequest request;
    vsl__v1__get_ledger_request__init(&request);
    request.ledger_id = replay->ledger_id;
    for (;;) {
        rpc_reset(&replay->context.rpc);
        Vsl__V1__GetLedgerResponse *answer = (Vsl__V1__GetLedgerResponse *)replay_call(
            replay, &vsl__v1__ledger_service__descriptor, "GetLedger", &request.base);
        if (!answer || !answer->ledger)
            return -1;
        if (answer->ledger->open_payout_count == 0)
            return 0;
        if (clock_monotonic_us() > give_up_us) {
            progress_clear(&replay->progress);
            fprintf(stderr, "vslctl: %" PRId64 " payouts are still not paid\n",
                answer->ledger->open_payout_count);
            replay->troubles++;
            return 0;
        }
        if (progress_is_due(&replay->progress))
            progress_show(&replay->progress, "waiting for %" PRId64 " payouts to be paid",
                answer->ledger->open_payout_count);
        rpc_wait(&replay->context.rpc, POLL_PAUSE_US);
    }
}

int replay_read_tie_out(struct replay *replay)
{
    Vsl__V1__GetTieOutRequest request;
    vsl__v1__get_tie_out_request__init(&request);
    request.ledger_id = replay->ledger_id;
    rpc_reset(&replay->context.rpc);
    Vsl__V1__GetTieOutResponse *answer = (Vsl__V1__GetTieOutResponse *)replay_call(
        replay, &vsl__v1__ledger_service__descriptor, "GetTieOut", &request.base);
    if (!answer)
        return -1;
    replay->is_balanced = answer->balanced && answer->difference_minor == 0;
    return 0;
}
