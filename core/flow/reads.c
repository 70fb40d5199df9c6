/* reads.c: reads of live state, and the recent rows for the reads of history.
 *
 * A live read sees everything decided so far and leaves with the batch that makes it durable.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

#include "model/receiving_number.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- reads of live state ---- */

static void refuse_not_found(struct wire_call *call, const char *field, const char *what)
{
    struct wire_violation violation = {.field = field, .description = what};
    struct wire_details details = {
        .reason = "NOT_FOUND", .violations = &violation, .violation_count = 1};
    wire_fail(call, WIRE_NOT_FOUND, what, &details);
}

static bool append_member(
    struct flow *flow, const struct read_request *request, struct buffer *out, int64_t as_of)
{
    const struct member *member = request->id != 0
                                      ? engine_find_member(flow->engine, request->id)
                                      : engine_find_member_by_platform_id(flow->engine,
                                            request->ledger_id, request->platform_member_id);
    if (!member || member->ledger_id != request->ledger_id)
        return false;
    /* The chain is newest first; ids are wanted oldest first. */
    uint32_t count = 0;
    for (int64_t id = member->last_account_id; id != 0;
         id = engine_find_account(flow->engine, id)->next_account_of_member)
        count++;
    buffer_clear(&flow->scratch);
    buffer_reserve(&flow->scratch, (count + 1) * sizeof(int64_t));
    int64_t *ids = (int64_t *)(void *)flow->scratch.bytes;
    uint32_t at = count;
    for (int64_t id = member->last_account_id; id != 0;
         id = engine_find_account(flow->engine, id)->next_account_of_member)
        ids[--at] = id;
    reply_member(out, member, ids, count, as_of);
    return true;
}

static bool append_account(
    struct flow *flow, const struct read_request *request, struct buffer *out, int64_t as_of)
{
    const struct account *account = request->id != 0
                                        ? engine_find_account(flow->engine, request->id)
                                        : engine_find_account_by_receiving_number(flow->engine,
                                              request->ledger_id, request->receiving_number);
    if (!account || account->ledger_id != request->ledger_id)
        return false;
    char number[RECEIVING_NUMBER_BYTES_MAX] = "";
    if (account->kind == ACCOUNT_MEMBER) {
        const struct ledger *ledger = engine_find_ledger(flow->engine, account->ledger_id);
        struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        receiving_number_format(prefix, account->id, number);
    }
    reply_account(out, account, number, as_of);
    return true;
}

/* Number of the first account that is not the ledger's; `account_count` when all are. */
static uint32_t append_balances(
    struct flow *flow, const struct read_request *request, struct buffer *out, int64_t as_of)
{
    buffer_clear(&flow->scratch);
    buffer_reserve(&flow->scratch, request->account_count * sizeof(struct account *));
    const struct account **accounts = (const struct account **)(void *)flow->scratch.bytes;
    for (uint32_t i = 0; i < request->account_count; i++) {
        accounts[i] = engine_find_account(flow->engine, request->account_ids[i]);
        if (!accounts[i] || accounts[i]->ledger_id != request->ledger_id)
            return i;
    }
    reply_balances(out, accounts, request->account_count, as_of);
    return request->account_count;
}

static void append_ledgers(
    struct flow *flow, const struct read_request *request, struct buffer *out, int64_t as_of)
{
    int64_t last = engine_last_ledger_id(flow->engine);
    uint32_t count = 0;
    buffer_clear(&flow->scratch);
    buffer_reserve(&flow->scratch, (size_t)request->page_size * sizeof(struct ledger *));
    const struct ledger **ledgers = (const struct ledger **)(void *)flow->scratch.bytes;
    int64_t id = request->after_id;
    while (id < last && count < (uint32_t)request->page_size)
        ledgers[count++] = engine_find_ledger(flow->engine, ++id);
    reply_ledgers(out, ledgers, count, id < last, as_of);
}

static void append_tie_out(struct flow *flow, int64_t ledger_id, struct buffer *out, int64_t as_of)
{
    const struct ledger_sums *sums = engine_ledger_sums(flow->engine, ledger_id);
    struct tie_out tie_out = {
        .ledger_id = ledger_id,
        .escrow_book_minor = -sums->escrow_minor,
        .available_minor = sums->total_minor[BUCKET_AVAILABLE],
        .frozen_minor = sums->total_minor[BUCKET_FROZEN],
        .pending_out_minor = sums->total_minor[BUCKET_PENDING_OUT],
        .pending_in_minor = sums->total_minor[BUCKET_PENDING_IN],
        /* There are no channels yet, so nothing may be pending from them. */
        .channel_receivables_minor = 0,
    };
    reply_tie_out(out, &tie_out, as_of);
}

/* Whether the answer behind `offset` fits beside those that wait; refuses the call if not. */
static bool has_room(struct flow *flow, struct wire_call *call, struct buffer *out, size_t offset)
{
    size_t held = flow->answers[0].bytes.length + flow->answers[1].bytes.length;
    if (wire_call_has_room(call, held))
        return true;
    struct wire_details details = {.reason = "OVERLOADED", .retry_after_us = 1000000};
    out->length = offset;
    wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
        "too many answers wait for their clients; send the same request again later", &details);
    return false;
}

void flow_execute_read(struct flow *flow, struct waiting_call *waiting, enum read_kind kind)
{
    struct read_request request;
    struct decode_error error;

    arena_reset(&flow->arena);
    if (read_request_decode(
            kind, waiting->request, waiting->length, &flow->arena, &request, &error) < 0) {
        flow_refuse_malformed(waiting->call, &error);
        return;
    }
    struct buffer *out = flow_answer_buffer(flow);
    size_t offset = out->length;
    int64_t as_of = journal_next_sequence(flow->journal) - 1;
    const struct ledger *ledger = engine_find_ledger(flow->engine, request.ledger_id);
    const struct payout *payout = NULL;

    if (kind != READ_LIST_LEDGERS && !ledger) {
        refuse_not_found(waiting->call, "ledger_id", "there is no ledger with this id");
        return;
    }
    switch (kind) {
    case READ_GET_LEDGER:
        reply_ledger(out, ledger, as_of);
        break;
    case READ_LIST_LEDGERS:
        append_ledgers(flow, &request, out, as_of);
        break;
    case READ_GET_TIE_OUT:
        append_tie_out(flow, ledger->id, out, as_of);
        break;
    case READ_GET_MEMBER:
        if (!append_member(flow, &request, out, as_of)) {
            refuse_not_found(waiting->call, request.id ? "member_id" : "platform_member_id",
                "the ledger has no such member");
            return;
        }
        break;
    case READ_GET_ACCOUNT:
        if (!append_account(flow, &request, out, as_of)) {
            refuse_not_found(waiting->call, request.id ? "account_id" : "receiving_number",
                "the ledger has no such account");
            return;
        }
        break;
    case READ_GET_BALANCES: {
        uint32_t unknown = append_balances(flow, &request, out, as_of);
        if (unknown < request.account_count) {
            char field[32];
            snprintf(field, sizeof field, "account_ids[%" PRIu32 "]", unknown);
            refuse_not_found(waiting->call, field, "the ledger has no account with this id");
            return;
        }
        break;
    }
    case READ_GET_PAYOUT:
        payout = engine_find_payout(flow->engine, request.id);
        if (!payout || payout->ledger_id != request.ledger_id) {
            refuse_not_found(waiting->call, "payout_id", "the ledger has no such payout");
            return;
        }
        reply_payout(out, payout, as_of);
        break;
    }
    if (has_room(flow, waiting->call, out, offset))
        flow_answer(flow, waiting->call, offset);
}

/* ---- recent rows for query ---- */

static int64_t source_first(void *context)
{
    const struct flow *flow = context;
    return recent_first_sequence(flow->recent);
}

static int64_t source_durable(void *context)
{
    const struct flow *flow = context;
    return journal_durable_sequence(flow->journal);
}

static const struct command_record *source_find_sequence(void *context, int64_t sequence)
{
    const struct flow *flow = context;
    return recent_find_sequence(flow->recent, sequence);
}

static const struct command_record *source_find_key(void *context, const struct request_key *key)
{
    const struct flow *flow = context;
    return recent_find_key(flow->recent, key);
}

static uint32_t source_postings(
    void *context, int64_t sequence, const struct posting **ret_postings)
{
    const struct flow *flow = context;
    return recent_postings(flow->recent, sequence, ret_postings);
}

/* What recent_walk_account hands on to the walk of query. */
struct walk {
    bool (*on_posting)(void *walk, const struct recent_posting *posting);
    void *context;
};

static bool walk_on(void *context, int64_t sequence, int16_t line, const struct posting *posting)
{
    struct walk *walk = context;
    struct recent_posting at = {.sequence = sequence, .line = line, .posting = posting};
    return walk->on_posting(walk->context, &at);
}

static void source_walk_account(void *context, int64_t account_id, int64_t sequence,
    bool newest_first, bool (*on_posting)(void *walk, const struct recent_posting *posting),
    void *walk_context)
{
    const struct flow *flow = context;
    struct walk walk = {.on_posting = on_posting, .context = walk_context};
    recent_walk_account(flow->recent, account_id, sequence, newest_first, walk_on, &walk);
}

static bool source_find_account(void *context, int64_t account_id, int64_t *ret_ledger_id)
{
    const struct flow *flow = context;
    const struct account *account = engine_find_account(flow->engine, account_id);
    if (!account)
        return false;
    *ret_ledger_id = account->ledger_id;
    return true;
}

struct query_recent flow_recent_source(struct flow *flow)
{
    return (struct query_recent){
        .context = flow,
        .first_sequence = source_first,
        .durable_sequence = source_durable,
        .find_sequence = source_find_sequence,
        .find_key = source_find_key,
        .postings = source_postings,
        .walk_account = source_walk_account,
        .find_account = source_find_account,
    };
}
