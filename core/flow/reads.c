/* reads.c: reads of live state.
 *
 * A live read sees everything decided so far and leaves with the batch that makes it durable, or
 * with a check that this server is the writer still.
 *
 * To add a read: its row in read.c of command, its function here, its row in the table below.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

#include <inttypes.h>
#include <stdio.h>

#define READ_UNITS 32

static bool refuse(const struct reading *reading, enum wire_status status, const char *reason,
    const char *field, struct wording message)
{
    struct refusal refusal = {.status = status, .reason = reason, .message = message};
    CHECK(strlen(field) < sizeof refusal.field);
    strcpy(refusal.field, field);
    flow_answer_refusal(reading->flow, reading->call, &refusal);
    return false;
}

bool flow_refuse_not_found(const struct reading *reading, const char *field, struct wording what)
{
    return refuse(reading, WIRE_NOT_FOUND, REASON_NOT_FOUND, field, what);
}

static const struct wording no_account = {"the ledger has no such account", "台账没有这个账户"};

/* ---- ledgers ---- */

static bool read_ledger(struct reading *reading)
{
    struct shown_ledger shown = flow_show_ledger(reading->flow, reading->ledger);
    reply_ledger(reading->out, &shown, reading->as_of);
    return true;
}

static bool read_tie_out(struct reading *reading)
{
    const struct ledger_sums *sums = engine_ledger_sums(reading->flow->engine, reading->ledger->id);
    struct tie_out tie_out = {
        .ledger_id = reading->ledger->id,
        .escrow_book_minor = -sums->escrow_minor,
        .available_minor = sums->total_minor[BUCKET_AVAILABLE],
        .frozen_minor = sums->total_minor[BUCKET_FROZEN],
        .pending_out_minor = sums->total_minor[BUCKET_PENDING_OUT],
        .pending_in_minor = sums->total_minor[BUCKET_PENDING_IN],
        .channel_receivables_minor = sums->receivables_minor,
    };
    reply_tie_out(reading->out, &tie_out, reading->as_of);
    return true;
}

static bool read_account_policy(struct reading *reading)
{
    reply_account_policy(reading->out,
        engine_find_account_policy(reading->flow->engine, reading->ledger->id), reading->as_of);
    return true;
}

static bool read_approval_policy(struct reading *reading)
{
    reply_approval_policy(reading->out,
        engine_find_approval_policy(reading->flow->engine, reading->ledger->id), reading->as_of);
    return true;
}

static bool read_proof_policy(struct reading *reading)
{
    reply_proof_policy(reading->out,
        engine_find_proof_policy(reading->flow->engine, reading->ledger->id), reading->as_of);
    return true;
}

/* ---- members and accounts ---- */

static bool read_member(struct reading *reading)
{
    const struct engine *engine = reading->flow->engine;
    const struct read_request *request = reading->request;
    const struct member *member = request->id != 0
                                      ? engine_find_member(engine, request->id)
                                      : engine_find_member_by_platform_id(engine,
                                            request->ledger_id, request->platform_member_id);
    if (!member || member->ledger_id != request->ledger_id)
        return flow_refuse_not_found(reading, request->id ? "member_id" : "platform_member_id",
            WORDING("the ledger has no such member", "台账没有这个会员"));
    /* The chain is newest first; ids are wanted oldest first. */
    uint32_t count = 0;
    for (int64_t id = engine_newest_account(engine, member->id); id != 0;
         id = engine_older_account(engine, id))
        count++;
    struct buffer *scratch = &reading->flow->scratch;
    buffer_clear(scratch);
    buffer_reserve(scratch, (count + 1) * sizeof(int64_t));
    int64_t *ids = (int64_t *)(void *)scratch->bytes;
    uint32_t at = count;
    for (int64_t id = engine_newest_account(engine, member->id); id != 0;
         id = engine_older_account(engine, id))
        ids[--at] = id;
    return flow_reply_member(reading, member, ids, count);
}

static bool list_members(struct reading *reading)
{
    return flow_is_by_person(reading->request) ? flow_list_person(reading)
                                               : flow_list_records(reading, RECORD_MEMBER);
}

static bool read_account(struct reading *reading)
{
    const struct engine *engine = reading->flow->engine;
    const struct read_request *request = reading->request;
    const struct account *account = request->id != 0
                                        ? engine_find_account(engine, request->id)
                                        : engine_find_account_by_receiving_number(engine,
                                              request->ledger_id, request->receiving_number);
    if (!account || account->ledger_id != request->ledger_id)
        return flow_refuse_not_found(
            reading, request->id ? "account_id" : "receiving_number", no_account);
    struct restriction restrictions[RESTRICTIONS_PER_ACCOUNT_MAX];
    uint32_t count = engine_restrictions(engine, account->id, restrictions);
    struct assets assets;
    engine_assets(engine, reading->ledger, account, &assets);
    reply_account(reading->out, flow_shown_account(reading, account), reading->ledger, restrictions,
        count, &assets, reading->as_of);
    return true;
}

static bool read_balances(struct reading *reading)
{
    const struct read_request *request = reading->request;
    struct buffer *scratch = &reading->flow->scratch;
    buffer_clear(scratch);
    buffer_reserve(scratch, request->account_count * sizeof(struct account *));
    const struct account **accounts = (const struct account **)(void *)scratch->bytes;
    for (uint32_t i = 0; i < request->account_count; i++) {
        accounts[i] = engine_find_account(reading->flow->engine, request->account_ids[i]);
        if (!accounts[i] || accounts[i]->ledger_id != request->ledger_id) {
            char field[32];
            snprintf(field, sizeof field, "account_ids[%" PRIu32 "]", i);
            return flow_refuse_not_found(reading, field,
                WORDING("the ledger has no account with this id", "台账没有这个编号的账户"));
        }
        accounts[i] = flow_shown_account(reading, accounts[i]);
    }
    reply_balances(reading->out, accounts, request->account_count,
        reading->ledger->accounting_dates[0], reading->as_of);
    return true;
}

static const struct text bank = {"bank", 4};

/* What claims cover, as the bank's business: who reads it may not be told of them. A freeze of that
 * purpose is one with it. */
static uint32_t add_cover(struct frozen_part *parts, uint32_t count, int64_t cover_minor)
{
    uint32_t i = 0;
    if (cover_minor == 0)
        return count;
    while (i < count && !text_equals(parts[i].purpose, bank))
        i++;
    if (i == count)
        parts[count++] = (struct frozen_part){.purpose = bank};
    parts[i].frozen_minor += cover_minor;
    parts[i].freeze_count++;
    return count;
}

/* For who is outside of the bank all is one: else he would know a claim by what no freeze is. */
static uint32_t hide_purposes(struct frozen_part *parts, uint32_t count)
{
    if (count == 0)
        return 0;
    for (uint32_t i = 1; i < count; i++)
        parts[0].frozen_minor += parts[i].frozen_minor;
    parts[0].purpose = bank;
    parts[0].freeze_count = 1;
    return 1;
}

static bool read_frozen(struct reading *reading)
{
    const struct engine *engine = reading->flow->engine;
    const struct account *account = engine_find_account(engine, reading->request->id);
    if (!account || account->ledger_id != reading->ledger->id)
        return flow_refuse_not_found(reading, "account_id", no_account);
    struct frozen_purpose purposes[FROZEN_PURPOSES_MAX];
    struct frozen_part parts[FROZEN_PURPOSES_MAX + 1];
    int32_t count = engine_frozen_by_purpose(engine, account->id, purposes);
    if (count < 0)
        return refuse(reading, WIRE_RESOURCE_EXHAUSTED, REASON_TOO_MANY_FREEZES, "",
            WORDING("the account has more live freezes or purposes than are added "
                    "up at a call; list them with ListFreezes",
                "该账户的有效冻结或用途过多，一次调用无法汇总；请用 ListFreezes 列出"));
    CHECK(count <= FROZEN_PURPOSES_MAX);
    for (int32_t i = 0; i < count; i++)
        parts[i] = (struct frozen_part){.purpose = purposes[i].purpose,
            .frozen_minor = purposes[i].frozen_minor,
            .freeze_count = purposes[i].freeze_count};
    uint32_t part_count =
        add_cover(parts, (uint32_t)count, engine_cover_minor(engine, account->id));
    if (flow_is_outside(reading->asker))
        part_count = hide_purposes(parts, part_count);
    reply_frozen(
        reading->out, account->balance_minor[BUCKET_FROZEN], parts, part_count, reading->as_of);
    return true;
}

/* ---- fee rules and quotes ---- */

static bool read_fee_rule(struct reading *reading)
{
    const struct read_request *request = reading->request;
    const struct fee_rule *rule = engine_find_fee_rule(
        reading->flow->engine, request->ledger_id, request->fee_rule, request->version);
    if (!rule && request->version == 0)
        return flow_refuse_not_found(reading, "name",
            WORDING("the ledger has no fee rule of this name in force on its accounting date",
                "台账在当前会计日期没有这个名称的生效的收费规则"));
    if (!rule)
        return flow_refuse_not_found(reading, "version",
            WORDING(
                "the ledger has no such version of a fee rule", "台账没有该收费规则的这个版本"));
    reply_record(reading->out, RECORD_FEE_RULE, rule, reading->ledger, reading->as_of);
    return true;
}

/* A quote for a command that would be refused for what it names, whatever the amount. */
static bool refuse_quote(const struct reading *reading, const char *field, enum outcome outcome)
{
    bool is_unknown = outcome == OUTCOME_ACCOUNT_NOT_FOUND ||
                      outcome == OUTCOME_FEE_RULE_NOT_FOUND ||
                      outcome == OUTCOME_FEE_RULE_NOT_EFFECTIVE;
    return refuse(reading, is_unknown ? WIRE_NOT_FOUND : WIRE_FAILED_PRECONDITION,
        outcome_name((int)outcome), field,
        WORDING(
            outcome_text((int)outcome, TEXT_ENGLISH), outcome_text((int)outcome, TEXT_CHINESE)));
}

static bool quote_fee(struct reading *reading)
{
    const struct read_request *request = reading->request;
    struct fee_quote quote;
    enum outcome outcome = engine_quote_fee(reading->flow->engine, request->ledger_id,
        request->fee_rule, request->amount_minor, &quote);
    if (!outcome_is_accepted((int)outcome))
        return refuse_quote(reading, "fee_rule", outcome);
    struct quoted_fee quoted = {
        .fee_minor = quote.fee_minor,
        .fee_rule_version = quote.rule->version,
        .leg_count = quote.leg_count,
        .account_ids = quote.account_ids,
        .amounts_minor = quote.amounts_minor,
    };
    reply_fee_quote(reading->out, &quoted, reading->as_of);
    return true;
}

/* The field that a refused quote is about. */
static const char *refused_field(const struct reading *reading, enum outcome outcome)
{
    const struct read_request *request = reading->request;
    const struct account *account = engine_find_account(reading->flow->engine, request->account_id);
    if (outcome == OUTCOME_FEE_RULE_NOT_FOUND || outcome == OUTCOME_FEE_RULE_NOT_EFFECTIVE)
        return "fee_rule";
    if (outcome == OUTCOME_SAME_ACCOUNT)
        return "fee_account_id";
    bool is_usable = account && account->ledger_id == request->ledger_id &&
                     (account->kind == ACCOUNT_MEMBER || account->kind == ACCOUNT_PLATFORM_OWN);
    return is_usable ? "fee_account_id" : "account_id";
}

static bool quote_withdraw(struct reading *reading)
{
    const struct read_request *request = reading->request;
    struct withdraw withdraw = {
        .account_id = request->account_id,
        .fee_minor = request->fee_minor,
        .fee_mode = request->fee_mode,
        .fee_rule = request->fee_rule,
        .fee_account_id = request->fee_account_id,
    };
    struct withdraw_quote quote;
    enum outcome outcome = engine_quote_withdraw(
        reading->flow->engine, reading->flow->now_us, request->ledger_id, &withdraw, &quote);
    if (!outcome_is_accepted((int)outcome))
        return refuse_quote(reading, refused_field(reading, outcome), outcome);
    struct quoted_withdraw quoted = {
        .amount_minor = quote.amount_minor,
        .fee_minor = quote.fee_minor,
        .arrives_minor = quote.arrives_minor,
        .available_minor = quote.available_minor,
        .withdrawable_minor = quote.withdrawable_minor,
        .fee_rule_version = quote.fee_rule_version,
        .limit = (int32_t)quote.limit,
    };
    reply_withdraw_quote(reading->out, &quoted, reading->as_of);
    for (uint32_t i = 0; i < quote.card_count; i++) {
        const struct card_quote *card = &quote.cards[i];
        struct quoted_card shown = {
            .card_id = card->card_id,
            .is_main = card->is_main,
            .in_minor = card->in_minor,
            .out_minor = card->out_minor,
            .owed_minor = card->owed_minor,
            .withdrawable_minor = card->withdrawable_minor,
            .limit = (int32_t)card->limit,
        };
        reply_card_quote(reading->out, &shown);
    }
    return true;
}

/* ---- roles ---- */

static bool list_roles(struct reading *reading)
{
    bool callable_only = reading->request->callable_only;
    for (uint32_t i = 0; i < method_roles_count; i++) {
        const struct method_roles *row = &method_roles[i];
        if (!callable_only || (row->roles & reading->asker->roles))
            reply_method_roles(reading->out, row->method, row->roles);
    }
    return true;
}

/* ---- all of them ---- */

/* Either a function, or a kind of record: one of them by id, or a page of them. */
struct live_read {
    bool (*read)(struct reading *reading);
    enum record_kind record; /* 0: there is a function */
    const char *id_field;    /* NULL: a page */
};

static const struct live_read live_reads[] = {
    [READ_GET_LEDGER] = {.read = read_ledger},
    [READ_LIST_LEDGERS] = {.read = flow_list_ledgers},
    [READ_GET_TIE_OUT] = {.read = read_tie_out},
    [READ_GET_MEMBER] = {.read = read_member},
    [READ_GET_ACCOUNT] = {.read = read_account},
    [READ_GET_BALANCES] = {.read = read_balances},
    [READ_GET_FEE_RULE] = {.read = read_fee_rule},
    [READ_LIST_FEE_RULES] = {.record = RECORD_FEE_RULE},
    [READ_QUOTE_FEE] = {.read = quote_fee},
    [READ_GET_PAYOUT] = {.record = RECORD_PAYOUT, .id_field = "payout_id"},
    [READ_LIST_PAYOUTS] = {.record = RECORD_PAYOUT},
    [READ_QUOTE_WITHDRAW] = {.read = quote_withdraw},
    [READ_GET_HOLD] = {.record = RECORD_HOLD, .id_field = "hold_id"},
    [READ_LIST_HOLDS] = {.record = RECORD_HOLD},
    [READ_GET_FREEZE] = {.record = RECORD_FREEZE, .id_field = "freeze_id"},
    [READ_LIST_FREEZES] = {.record = RECORD_FREEZE},
    [READ_GET_FROZEN] = {.read = read_frozen},
    [READ_LIST_DEBTS] = {.record = RECORD_DEBT},
    [READ_GET_ADJUSTMENT] = {.record = RECORD_ADJUSTMENT, .id_field = "adjustment_id"},
    [READ_LIST_ADJUSTMENTS] = {.record = RECORD_ADJUSTMENT},
    [READ_GET_PROPOSAL] = {.record = RECORD_PROPOSAL, .id_field = "proposal_id"},
    [READ_LIST_PROPOSALS] = {.record = RECORD_PROPOSAL},
    [READ_GET_ACCOUNT_POLICY] = {.read = read_account_policy},
    [READ_GET_APPROVAL_POLICY] = {.read = read_approval_policy},
    [READ_GET_PROOF_POLICY] = {.read = read_proof_policy},
    [READ_GET_SUSPENSE] = {.record = RECORD_SUSPENSE, .id_field = "suspense_id"},
    [READ_LIST_SUSPENSE] = {.record = RECORD_SUSPENSE},
    [READ_GET_LUMP] = {.record = RECORD_LUMP, .id_field = "lump_id"},
    [READ_LIST_LUMPS] = {.record = RECORD_LUMP},
    [READ_GET_ACQUIRER] = {.record = RECORD_ACQUIRER, .id_field = "acquirer_id"},
    [READ_LIST_ACQUIRERS] = {.record = RECORD_ACQUIRER},
    [READ_GET_PROMISE] = {.record = RECORD_PROMISE, .id_field = "promise_id"},
    [READ_LIST_PROMISES] = {.record = RECORD_PROMISE},
    [READ_GET_SETTLEMENT] = {.record = RECORD_SETTLEMENT, .id_field = "settlement_id"},
    [READ_LIST_SETTLEMENTS] = {.record = RECORD_SETTLEMENT},
    [READ_GET_DIFFERENCE] = {.record = RECORD_DIFFERENCE, .id_field = "difference_id"},
    [READ_LIST_DIFFERENCES] = {.record = RECORD_DIFFERENCE},
    [READ_GET_BANK_STATEMENT] = {.record = RECORD_BANK_STATEMENT, .id_field = "bank_statement_id"},
    [READ_LIST_BANK_STATEMENTS] = {.record = RECORD_BANK_STATEMENT},
    [READ_LIST_BANK_STATEMENT_LINES] = {.record = RECORD_STATEMENT_LINE},
    [READ_LIST_STATEMENT_MATCHES] = {.record = RECORD_STATEMENT_MATCH},
    [READ_GET_CARD] = {.record = RECORD_CARD, .id_field = "card_id"},
    [READ_LIST_CARDS] = {.record = RECORD_CARD},
    [READ_GET_MANDATE] = {.record = RECORD_MANDATE, .id_field = "mandate_id"},
    [READ_LIST_MANDATES] = {.record = RECORD_MANDATE},
    [READ_GET_DENIED] = {.record = RECORD_DENIED, .id_field = "denied_id"},
    [READ_LIST_DENIED] = {.record = RECORD_DENIED},
    [READ_GET_HIT] = {.record = RECORD_HIT, .id_field = "hit_id"},
    [READ_LIST_HITS] = {.record = RECORD_HIT},
    [READ_GET_CLAIM] = {.record = RECORD_CLAIM, .id_field = "claim_id"},
    [READ_LIST_CLAIMS] = {.record = RECORD_CLAIM},
    [READ_GET_FEEDBACK] = {.record = RECORD_FEEDBACK, .id_field = "feedback_id"},
    [READ_LIST_FEEDBACK] = {.record = RECORD_FEEDBACK},
    [READ_GET_PRODUCT] = {.record = RECORD_PRODUCT, .id_field = "product_id"},
    [READ_LIST_PRODUCTS] = {.record = RECORD_PRODUCT},
    [READ_GET_POSITION] = {.record = RECORD_POSITION, .id_field = "position_id"},
    [READ_LIST_POSITIONS] = {.record = RECORD_POSITION},
    [READ_GET_PRICE] = {.record = RECORD_PRICE, .id_field = "price_id"},
    [READ_LIST_PRICES] = {.record = RECORD_PRICE},
    [READ_LIST_MEMBERS] = {.read = list_members},
    [READ_LIST_ACCOUNTS] = {.record = RECORD_ACCOUNT},
    [READ_GET_CALLER] = {.record = RECORD_CALLER, .id_field = "caller_id"},
    [READ_LIST_CALLERS] = {.record = RECORD_CALLER},
    [READ_LIST_ROLES] = {.read = list_roles},
};

static bool execute(struct reading *reading)
{
    enum read_kind kind = reading->request->kind;
    CHECK((size_t)kind < sizeof live_reads / sizeof live_reads[0]);
    const struct live_read *read = &live_reads[kind];
    if (read->read)
        return read->read(reading);
    return read->id_field ? flow_read_record(reading, read->record, read->id_field)
                          : flow_list_records(reading, read->record);
}

/* Whether the answer behind `offset` fits beside those that wait; refuses the call if not. */
static bool has_room(struct flow *flow, struct wire_call *call, struct buffer *out, size_t offset)
{
    if (wire_call_has_room(call, flow_answer_bytes(flow)))
        return true;
    struct wire_details details = {.reason = REASON_OVERLOADED, .retry_after_us = 1000000};
    out->length = offset;
    wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
        WORDING("too many answers wait for their clients; send the same request again later",
            "等待客户端接收的应答过多；请稍后重发同一请求"),
        &details);
    return false;
}

static bool is_of_ledger(enum read_kind kind)
{
    return kind != READ_LIST_LEDGERS && kind != READ_GET_CALLER && kind != READ_LIST_CALLERS &&
           kind != READ_LIST_ROLES;
}

void flow_execute_read(struct flow *flow, struct waiting_call *waiting, enum read_kind kind)
{
    struct read_request request;
    struct decode_error error;
    struct asker asker;

    if (!flow_find_asker(flow, waiting->call, &asker) ||
        !flow_has_role(flow, waiting->call, &asker, read_roles((int)kind))) {
        flow_end_call(waiting);
        return;
    }
    arena_reset(&flow->arena);
    if (read_request_decode(
            kind, waiting->request, waiting->length, &flow->arena, &request, &error) < 0) {
        flow_refuse_malformed(waiting->call, &error);
        flow_end_call(waiting);
        return;
    }
    /* A list may look at many records: see how long it took. */
    flow->work.unseen += READ_UNITS;
    struct buffer *out = flow_answer_buffer(flow);
    size_t offset = out->length;
    struct reading reading = {
        .flow = flow,
        .waiting = waiting,
        .call = waiting->call,
        .request = &request,
        .asker = &asker,
        .ledger = flow_has_ledger(&asker, request.ledger_id)
                      ? engine_find_ledger(flow->engine, request.ledger_id)
                      : NULL,
        .out = out,
        .as_of = journal_next_sequence(flow->journal) - 1,
    };
    reading.card_number_count = flow_fingerprints(flow, request.ledger_id, PERSONAL_ACCOUNT_NUMBER,
        request.card_number, false, reading.card_numbers);
    if (is_of_ledger(kind) && !reading.ledger)
        flow_refuse_not_found(&reading, "ledger_id",
            WORDING("there is no ledger with this id", "没有这个编号的台账"));
    else if (execute(&reading) && has_room(flow, waiting->call, out, offset))
        flow_answer(flow, waiting->call, offset, false);
    if (waiting->admission != ADMISSION_ASKED)
        flow_end_call(waiting);
}
