/* methods.c: the methods that the server knows, and the queue of calls.
 *
 * To add a method: a row in the table; its group says which file executes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "flow/internal.h"

#define COMMAND(service, name, kind)                                                               \
    {                                                                                              \
        "/vsl.v1." service "/" name, METHOD_COMMAND, COMMAND_##kind, false                         \
    }

const struct method methods[] = {
    COMMAND("LedgerService", "OpenLedger", OPEN_LEDGER),
    COMMAND("LedgerService", "CloseLedger", CLOSE_LEDGER),
    COMMAND("LedgerService", "CutDay", CUT_DAY),
    COMMAND("MemberService", "OpenMember", OPEN_MEMBER),
    COMMAND("MemberService", "CloseMember", CLOSE_MEMBER),
    COMMAND("AccountService", "OpenAccount", OPEN_ACCOUNT),
    COMMAND("AccountService", "CloseAccount", CLOSE_ACCOUNT),
    COMMAND("AccountService", "RestrictAccount", RESTRICT_ACCOUNT),
    COMMAND("FundsService", "BookReceipt", BOOK_RECEIPT),
    COMMAND("FundsService", "BookInterest", BOOK_INTEREST),
    COMMAND("FundsService", "ChargeFee", CHARGE_FEE),
    COMMAND("FundsService", "Pay", PAY),
    COMMAND("FundsService", "Withdraw", WITHDRAW),
    COMMAND("FundsService", "ConfirmPayout", CONFIRM_PAYOUT),
    {"/vsl.v1.FundsService/SubmitBatch", METHOD_BATCH, 0, false},
    {"/vsl.v1.LedgerService/GetLedger", METHOD_READ, READ_GET_LEDGER, false},
    {"/vsl.v1.LedgerService/ListLedgers", METHOD_READ, READ_LIST_LEDGERS, false},
    {"/vsl.v1.LedgerService/GetTieOut", METHOD_READ, READ_GET_TIE_OUT, false},
    {"/vsl.v1.MemberService/GetMember", METHOD_READ, READ_GET_MEMBER, false},
    {"/vsl.v1.AccountService/GetAccount", METHOD_READ, READ_GET_ACCOUNT, false},
    {"/vsl.v1.AccountService/GetBalances", METHOD_READ, READ_GET_BALANCES, false},
    {"/vsl.v1.FundsService/GetPayout", METHOD_READ, READ_GET_PAYOUT, false},
    {"/vsl.v1.AccountService/ListStatementLines", METHOD_QUERY, QUERY_LIST_STATEMENT_LINES, false},
    {"/vsl.v1.JournalService/GetCommand", METHOD_QUERY, QUERY_GET_COMMAND, false},
    {"/vsl.v1.EventService/StreamEvents", METHOD_QUERY, QUERY_STREAM_EVENTS, true},
};
const size_t method_count = sizeof methods / sizeof methods[0];

void flow_queue_call(struct flow *flow, const struct waiting_call *waiting, bool at_front)
{
    /* Calls that come back to the front were counted in before, so there is room beyond the limit
     * for new ones. */
    CHECK(flow->waiting_count < 2 * CALLS_WAITING_MAX);
    uint32_t at = flow->waiting_head + flow->waiting_count;
    if (at_front) {
        flow->waiting_head =
            (flow->waiting_head + 2 * CALLS_WAITING_MAX - 1) % (2 * CALLS_WAITING_MAX);
        at = flow->waiting_head;
    }
    flow->waiting[at % (2 * CALLS_WAITING_MAX)] = *waiting;
    flow->waiting_count++;
    flow->config.wake(flow->config.context);
}

void flow_on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct flow *flow = context;
    CHECK(wire_call_tag(call) < method_count);
    const struct method *method = &methods[wire_call_tag(call)];

    if (flow->state != FLOW_SERVING && flow->state != FLOW_DRAINING) {
        struct wire_details details = {.reason = "NOT_SERVING", .retry_after_us = 1000000};
        wire_fail(call, WIRE_UNAVAILABLE,
            "the server is starting, or stands by for another one; nothing was decided", &details);
        return;
    }
    if (method->group == METHOD_QUERY) {
        query_call(flow->query, (enum query_kind)method->kind, call, request, length);
        return;
    }
    if (flow->waiting_count >= CALLS_WAITING_MAX) {
        struct wire_details details = {.reason = "OVERLOADED", .retry_after_us = 1000000};
        wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
            "too many requests wait; nothing was decided, send the same request again later",
            &details);
        return;
    }
    struct waiting_call waiting = {.call = call, .request = request, .length = length};
    flow_queue_call(flow, &waiting, false);
}

void flow_on_stream_ready(void *context, struct wire_call *call)
{
    struct flow *flow = context;
    query_stream_ready(flow->query, call);
}
