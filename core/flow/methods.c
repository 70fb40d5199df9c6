/* methods.c: the methods that the server knows, and the queue of calls.
 *
 * A command has its method by its row in command_list.h. To add another: a row in the table; its
 * group says which file executes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "flow/internal.h"

#define READ(service, name, kind)                                                                  \
    {                                                                                              \
        "/vsl.v1." service "/" name, METHOD_READ, READ_##kind, false                               \
    }
#define HISTORY(service, name, kind, is_stream)                                                    \
    {                                                                                              \
        "/vsl.v1." service "/" name, METHOD_QUERY, READ_##kind, is_stream                          \
    }

const struct method methods[] = {
#define COMMAND(number, NAME, name, Service, Method, answer)                                       \
    {"/vsl.v1." #Service "Service/" #Method, METHOD_COMMAND, number, false},
#include "command/command_list.h"
    {"/vsl.v1.FundsService/SubmitBatch", METHOD_BATCH, 0, false},
    READ("LedgerService", "GetLedger", GET_LEDGER),
    READ("LedgerService", "ListLedgers", LIST_LEDGERS),
    READ("LedgerService", "GetTieOut", GET_TIE_OUT),
    READ("FeeService", "GetFeeRule", GET_FEE_RULE),
    READ("FeeService", "ListFeeRules", LIST_FEE_RULES),
    READ("FeeService", "QuoteFee", QUOTE_FEE),
    READ("MemberService", "GetMember", GET_MEMBER),
    READ("MemberService", "ListMembers", LIST_MEMBERS),
    READ("AccountService", "GetAccount", GET_ACCOUNT),
    READ("AccountService", "ListAccounts", LIST_ACCOUNTS),
    READ("AccountService", "GetBalances", GET_BALANCES),
    READ("FundsService", "GetPayout", GET_PAYOUT),
    READ("FundsService", "ListPayouts", LIST_PAYOUTS),
    READ("FundsService", "QuoteWithdraw", QUOTE_WITHDRAW),
    READ("FundsService", "ListDebts", LIST_DEBTS),
    READ("HoldService", "GetHold", GET_HOLD),
    READ("HoldService", "ListHolds", LIST_HOLDS),
    READ("FreezeService", "GetFreeze", GET_FREEZE),
    READ("FreezeService", "ListFreezes", LIST_FREEZES),
    READ("FreezeService", "GetFrozen", GET_FROZEN),
    READ("CorrectionService", "GetAdjustment", GET_ADJUSTMENT),
    READ("CorrectionService", "ListAdjustments", LIST_ADJUSTMENTS),
    READ("CallerService", "GetCaller", GET_CALLER),
    READ("CallerService", "ListCallers", LIST_CALLERS),
    HISTORY("AccountService", "ListStatementLines", LIST_STATEMENT_LINES, false),
    HISTORY("JournalService", "GetCommand", GET_COMMAND, false),
    HISTORY("JournalService", "ListCommands", LIST_COMMANDS, false),
    HISTORY("OrderService", "GetOrder", GET_ORDER, false),
    HISTORY("EventService", "StreamEvents", STREAM_EVENTS, true),
};
const size_t method_count = sizeof methods / sizeof methods[0];

static void refuse_many(struct wire_call *call, bool is_share)
{
    struct wire_details details = {.reason = REASON_OVERLOADED, .retry_after_us = 1000000};
    wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
        is_share ? "too many requests of this caller wait; nothing was decided, send the same "
                   "request again later"
                 : "too many requests wait; nothing was decided, send the same request again later",
        &details);
}

void flow_on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct flow *flow = context;
    CHECK(wire_call_tag(call) < method_count);
    const struct method *method = &methods[wire_call_tag(call)];

    if (flow->state != FLOW_SERVING && flow->state != FLOW_DRAINING) {
        struct wire_details details = {.reason = REASON_NOT_SERVING, .retry_after_us = 1000000};
        wire_fail(call, WIRE_UNAVAILABLE,
            "the server is starting, or stands by for another one; nothing was decided", &details);
        return;
    }
    if (method->group == METHOD_QUERY) {
        flow_answer_query(flow, call, request, length);
        return;
    }
    if (method->group != METHOD_READ && flow->database.refusing_us != 0) {
        flow_refuse_commands(call);
        return;
    }
    if (method->group != METHOD_READ && flow->clock.is_refusing) {
        flow_refuse_clock(call);
        return;
    }
    uint32_t source = wire_call_source(call);
    bool is_share;
    if (!queue_has_room(flow->queue, source, &is_share)) {
        refuse_many(call, is_share);
        return;
    }
    struct waiting_call waiting = {.call = call, .request = request, .length = length};
    queue_add(flow->queue, source, &waiting);
    flow->config.wake(flow->config.context);
}

void flow_on_stream_ready(void *context, struct wire_call *call)
{
    struct flow *flow = context;
    query_stream_ready(flow->query, call);
}
