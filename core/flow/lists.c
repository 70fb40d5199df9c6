/* lists.c: pages of records, and one record by id.
 *
 * Records have ids from 1 on without gaps over all ledgers. A page looks at LIST_EXAMINED_MAX of
 * them at most, so that no read holds up the commands for long, and says where the next goes on.
 *
 * Final records that have left memory are looked up, and shown from there: they do not come back
 * for it. A page ends where what was looked up ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"
#include "model/promise.h"
#include "model/record_table.h"

/* Rows that are looked up for a page that filters take a part of. */
#define LIST_FETCHED_MAX 5000

/* A filter that is 0 takes everything. */
static bool takes(int64_t filter, int64_t value)
{
    return filter == 0 || filter == value;
}

static bool takes_text(struct text filter, const char *bytes, uint32_t length)
{
    return filter.length == 0 || text_equals(filter, (struct text){bytes, length});
}

static bool is_wanted_hold(const struct read_request *request, const struct hold *hold)
{
    return hold->ledger_id == request->ledger_id &&
           takes(request->account_id, hold->payer_account_id) &&
           takes(request->status, hold->status) &&
           (request->expires_before_us == 0 || hold->expires_at_us < request->expires_before_us);
}

static bool is_wanted_freeze(const struct read_request *request, const struct freeze *freeze)
{
    return freeze->ledger_id == request->ledger_id &&
           takes(request->account_id, freeze->account_id) &&
           takes(request->status, freeze->status) &&
           takes_text(request->purpose, freeze->purpose, freeze->purpose_length);
}

static bool is_wanted_payout(const struct read_request *request, const struct payout *payout)
{
    return payout->ledger_id == request->ledger_id &&
           takes(request->account_id, payout->account_id) && takes(request->status, payout->status);
}

static bool is_wanted_debt(const struct read_request *request, const struct debt *debt)
{
    return debt->ledger_id == request->ledger_id && takes(request->account_id, debt->account_id) &&
           takes(request->status, debt->status);
}

static bool is_wanted_adjustment(
    const struct read_request *request, const struct adjustment *adjustment)
{
    return adjustment->ledger_id == request->ledger_id &&
           takes(request->status, adjustment->status);
}

static bool is_wanted_proposal(const struct read_request *request, const struct proposal *proposal)
{
    return proposal->ledger_id == request->ledger_id && takes(request->status, proposal->status);
}

static bool is_wanted_lump(const struct read_request *request, const struct lump *lump)
{
    return lump->ledger_id == request->ledger_id && takes(request->status, lump->status) &&
           takes(request->suspense_id, lump->suspense_id);
}

static bool is_wanted_suspense(const struct read_request *request, const struct suspense *item)
{
    return item->ledger_id == request->ledger_id && takes(request->status, item->status) &&
           takes(request->of_kind, item->reason) && takes(request->account_id, item->account_id) &&
           takes(request->origin_sequence, item->origin_sequence) &&
           (request->to_date == 0 || item->opened_date <= request->to_date) &&
           item->amount_minor >= request->amount_from_minor &&
           (request->amount_to_minor == 0 || item->amount_minor <= request->amount_to_minor);
}

static bool is_wanted_acquirer(const struct read_request *request, const struct acquirer *acquirer)
{
    return acquirer->ledger_id == request->ledger_id;
}

static bool is_wanted_product(const struct read_request *request, const struct product *product)
{
    return product->ledger_id == request->ledger_id && takes(request->status, product->status) &&
           takes(request->of_kind, product->kind);
}

static bool is_wanted_position(const struct read_request *request, const struct position *position)
{
    return position->ledger_id == request->ledger_id &&
           takes(request->account_id, position->owner_account_id) &&
           takes(request->product_id, position->product_id);
}

static bool is_wanted_price(const struct read_request *request, const struct price *price)
{
    return price->ledger_id == request->ledger_id && takes(request->status, price->status) &&
           takes(request->product_id, price->product_id);
}

static bool is_wanted_promise(
    const struct read_request *request, const struct ledger *ledger, const struct promise *promise)
{
    return promise->ledger_id == request->ledger_id && takes(request->status, promise->status) &&
           takes(request->acquirer_id, promise->acquirer_id) &&
           takes(request->account_id, promise->account_id) &&
           takes_text(request->reference, promise->reference, promise->reference_length) &&
           (!request->late_only || promise_is_late(promise, ledger->accounting_dates[0]));
}

static bool is_wanted_settlement(
    const struct read_request *request, const struct settlement *settlement)
{
    return settlement->ledger_id == request->ledger_id &&
           takes(request->status, settlement->status) &&
           takes(request->acquirer_id, settlement->acquirer_id);
}

static bool is_wanted_difference(
    const struct read_request *request, const struct difference *difference)
{
    return difference->ledger_id == request->ledger_id &&
           takes(request->status, difference->status) &&
           takes(request->of_kind, difference->kind) &&
           takes(request->acquirer_id, difference->acquirer_id) &&
           takes(request->settlement_id, difference->settlement_id);
}

static bool has_asked_number(const struct reading *reading, const struct card *card)
{
    bool is_asked = reading->request->card_number.length == 0;
    for (uint32_t i = 0; i < reading->card_number_count && !is_asked; i++)
        is_asked = fingerprint_equals(&reading->card_numbers[i], &card->number);
    return is_asked;
}

static bool is_wanted_card(const struct reading *reading, const struct card *card)
{
    const struct read_request *request = reading->request;
    return has_asked_number(reading, card) && card->ledger_id == request->ledger_id &&
           takes(request->member_id, card->member_id) && takes(request->of_kind, card->kind) &&
           (request->status == 0 ||
               request->status == (int32_t)engine_card_status(reading->flow->engine, card));
}

static bool is_wanted_mandate(const struct read_request *request, const struct mandate *mandate)
{
    return mandate->ledger_id == request->ledger_id &&
           takes(request->account_id, mandate->account_id) &&
           takes(request->status, mandate->status);
}

static bool is_wanted_denied(const struct read_request *request, const struct denied *entry)
{
    return entry->ledger_id == request->ledger_id && takes(request->status, entry->status) &&
           takes(request->of_kind, entry->source);
}

static bool is_wanted_hit(const struct read_request *request, const struct hit *hit)
{
    return hit->ledger_id == request->ledger_id && takes(request->status, hit->status) &&
           takes(request->member_id, hit->member_id);
}

/* Of an account: what reaches it. */
static bool is_wanted_claim(const struct reading *reading, const struct claim *claim)
{
    const struct read_request *request = reading->request;
    const struct account *account = engine_find_account(reading->flow->engine, request->account_id);
    bool reaches = request->account_id == 0 || claim->account_id == request->account_id ||
                   (account && claim->account_id == 0 && claim->member_id == account->member_id);
    return claim->ledger_id == request->ledger_id && reaches &&
           takes(request->member_id, claim->member_id) && takes(request->status, claim->status) &&
           (request->expires_before_us == 0 ||
               (claim->ends_at_us != 0 && claim->ends_at_us < request->expires_before_us));
}

static bool is_wanted_feedback(const struct read_request *request, const struct feedback *feedback)
{
    return feedback->ledger_id == request->ledger_id &&
           takes(request->claim_id, feedback->claim_id) &&
           takes(request->status, feedback->status) &&
           (request->expires_before_us == 0 || feedback->due_at_us < request->expires_before_us);
}

static bool is_wanted_bank_statement(
    const struct read_request *request, const struct bank_statement *statement)
{
    return statement->ledger_id == request->ledger_id && takes(request->status, statement->status);
}

static bool is_wanted_statement_line(
    const struct read_request *request, const struct statement_line *line)
{
    return line->ledger_id == request->ledger_id && takes(request->status, line->status) &&
           takes(request->bank_statement_id, line->bank_statement_id);
}

static bool is_wanted_match(const struct read_request *request, const struct statement_match *match)
{
    bool is_receipt = match->booking_kind == BOOKING_RECEIPT;
    return match->ledger_id == request->ledger_id && takes(request->status, match->status) &&
           takes(request->bank_statement_id, match->bank_statement_id) &&
           takes(request->statement_line_id, match->statement_line_id) &&
           takes(request->payout_id, is_receipt ? 0 : match->booking_id) &&
           takes(request->receipt_sequence, is_receipt ? match->booking_id : 0);
}

static bool is_wanted_fee_rule(const struct read_request *request, const struct fee_rule *rule)
{
    return rule->ledger_id == request->ledger_id;
}

bool flow_is_wanted_member(const struct read_request *request, const struct member *member)
{
    return member->ledger_id == request->ledger_id && takes(request->of_kind, member->kind) &&
           takes(request->status, member->status);
}

static bool is_wanted_account(const struct read_request *request, const struct account *account)
{
    return account->ledger_id == request->ledger_id &&
           takes(request->member_id, account->member_id) &&
           takes(request->of_kind, account->kind) && takes(request->status, account->status) &&
           (!request->restricted_only || account_takes_none(account) ||
               account_gives_none(account));
}

/* Whether the record is one of the ledger's, and one that the request's filters take. */
static bool is_wanted(const struct reading *reading, enum record_kind kind, const void *record)
{
    const struct read_request *request = reading->request;
    switch (kind) {
    case RECORD_FEE_RULE:
        return is_wanted_fee_rule(request, record);
    case RECORD_PAYOUT:
        return is_wanted_payout(request, record);
    case RECORD_HOLD:
        return is_wanted_hold(request, record);
    case RECORD_FREEZE:
        return is_wanted_freeze(request, record);
    case RECORD_DEBT:
        return is_wanted_debt(request, record);
    case RECORD_ADJUSTMENT:
        return is_wanted_adjustment(request, record);
    case RECORD_PROPOSAL:
        return is_wanted_proposal(request, record);
    case RECORD_SUSPENSE:
        return is_wanted_suspense(request, record);
    case RECORD_LUMP:
        return is_wanted_lump(request, record);
    case RECORD_ACQUIRER:
        return is_wanted_acquirer(request, record);
    case RECORD_PROMISE:
        return is_wanted_promise(request, reading->ledger, record);
    case RECORD_SETTLEMENT:
        return is_wanted_settlement(request, record);
    case RECORD_DIFFERENCE:
        return is_wanted_difference(request, record);
    case RECORD_BANK_STATEMENT:
        return is_wanted_bank_statement(request, record);
    case RECORD_STATEMENT_LINE:
        return is_wanted_statement_line(request, record);
    case RECORD_STATEMENT_MATCH:
        return is_wanted_match(request, record);
    case RECORD_CARD:
        return is_wanted_card(reading, record);
    case RECORD_MANDATE:
        return is_wanted_mandate(request, record);
    case RECORD_DENIED:
        return is_wanted_denied(request, record);
    case RECORD_HIT:
        return is_wanted_hit(request, record);
    case RECORD_CLAIM:
        return is_wanted_claim(reading, record);
    case RECORD_PRODUCT:
        return is_wanted_product(request, record);
    case RECORD_POSITION:
        return is_wanted_position(request, record);
    case RECORD_PRICE:
        return is_wanted_price(request, record);
    case RECORD_FEEDBACK:
        return is_wanted_feedback(request, record);
    case RECORD_MEMBER:
        return flow_is_wanted_member(request, record);
    case RECORD_ACCOUNT:
        return is_wanted_account(request, record);
    case RECORD_CALLER:
        return true;
    case RECORD_LEDGER:
    case RECORD_REFUNDED:
    case RECORD_RESTRICTION:
    case RECORD_APPROVAL_POLICY:
    case RECORD_PROOF_POLICY:
    case RECORD_WATCH:
    case RECORD_IDENTITY:
    case RECORD_ACCOUNT_POLICY:
    case RECORD_USAGE:
    case RECORD_CARD_FLOW:
    case RECORD_COVER:
    case RECORD_MATCHED_BOOKING:
        break;
    }
    CHECK(0 && "a kind of record that is listed");
    return false;
}

/* A record of the request, in memory or looked up; NULL: neither. */
static const void *find(const struct reading *reading, enum record_kind kind, int64_t id)
{
    const struct lookups *lookups = reading->waiting->lookups;
    const void *record = engine_find_record(reading->flow->engine, kind, id);
    int64_t first, last;
    if (record || !lookups)
        return record;
    lookups_covered(lookups, &first, &last);
    return id >= first && id <= last ? lookups_find_record(lookups, id) : NULL;
}

/* Whether the record exists but has to be looked up. */
static bool is_unknown(const struct reading *reading, enum record_kind kind, int64_t id)
{
    const struct engine *engine = reading->flow->engine;
    const struct lookups *lookups = reading->waiting->lookups;
    int64_t first = 0;
    int64_t last = 0;
    if (!engine_is_evictable(kind) || id < 1 || id > engine_last_id(engine, kind) ||
        engine_is_resident(engine, kind, id))
        return false;
    if (lookups)
        lookups_covered(lookups, &first, &last);
    return !lookups || id < first || id > last;
}

static bool look_up(struct reading *reading, const struct query_records *asked)
{
    flow_ask_records(reading->flow, reading->waiting, asked);
    return false;
}

/* Of each kind that is read by its id. */
static const struct wording not_found_texts[] = {
    [RECORD_HOLD] = {"the ledger has no hold with this id", "台账没有这个编号的担保冻结"},
    [RECORD_FREEZE] = {"the ledger has no freeze with this id", "台账没有这个编号的冻结"},
    [RECORD_PAYOUT] = {"the ledger has no payout with this id", "台账没有这个编号的出金"},
    [RECORD_DEBT] = {"the ledger has no debt with this id", "台账没有这个编号的欠款"},
    [RECORD_ADJUSTMENT] = {"the ledger has no adjustment with this id",
        "台账没有这个编号的调账申请"},
    [RECORD_PROPOSAL] = {"the ledger has no proposal with this id", "台账没有这个编号的待批事项"},
    [RECORD_SUSPENSE] = {"the ledger has no item of suspense with this id",
        "台账没有这个编号的挂账项"},
    [RECORD_LUMP] = {"the ledger has no lump with this id", "台账没有这个编号的汇总款"},
    [RECORD_ACQUIRER] = {"the ledger has no acquirer with this id", "台账没有这个编号的支付渠道"},
    [RECORD_PROMISE] = {"the ledger has no promise with this id", "台账没有这个编号的在途入账"},
    [RECORD_SETTLEMENT] = {"the ledger has no settlement with this id",
        "台账没有这个编号的渠道结算"},
    [RECORD_DIFFERENCE] = {"the ledger has no difference with this id",
        "台账没有这个编号的结算差异"},
    [RECORD_CARD] = {"the ledger has no card with this id", "台账没有这个编号的银行卡"},
    [RECORD_MANDATE] = {"the ledger has no mandate with this id", "台账没有这个编号的扣款授权"},
    [RECORD_DENIED] = {"the deny list of the ledger has no entry with this id",
        "台账的名单没有这个编号的条目"},
    [RECORD_HIT] = {"the ledger has no hit with this id", "台账没有这个编号的名单命中"},
    [RECORD_CLAIM] = {"the ledger has no claim with this id", "台账没有这个编号的司法措施"},
    [RECORD_FEEDBACK] = {"the ledger has no answer to an organ with this id",
        "台账没有这个编号的反馈"},
    [RECORD_PRODUCT] = {"the ledger has no product with this id", "台账没有这个编号的产品"},
    [RECORD_POSITION] = {"the ledger has no position with this id", "台账没有这个编号的持仓"},
    [RECORD_PRICE] = {"the ledger has no price with this id", "台账没有这个编号的净值"},
    [RECORD_BANK_STATEMENT] = {"the ledger has no bank statement with this id",
        "台账没有这个编号的银行对账单"},
    [RECORD_CALLER] = {"there is no caller with this id", "没有这个编号的调用方"},
};

const struct account *flow_shown_account(
    const struct reading *reading, const struct account *account)
{
    int64_t owed_minor = engine_owed_minor(reading->flow->engine, account);
    if (owed_minor == 0)
        return account;
    struct account *copy = arena_try_alloc(&reading->flow->arena, sizeof *copy);
    CHECK(copy != NULL);
    *copy = *account;
    copy->owed_minor = owed_minor;
    return copy;
}

/* What is shown of a record: itself, but of a card with the status that it has on this date, and of
 * an account with what its member owes; of a position what it has, and what that is worth. */
static const void *shown(const struct reading *reading, enum record_kind kind, const void *record)
{
    if (kind == RECORD_ACCOUNT)
        return flow_shown_account(reading, record);
    if (kind == RECORD_POSITION) {
        struct position *copy = arena_try_alloc(&reading->flow->arena, sizeof *copy);
        CHECK(copy != NULL);
        *copy = engine_shown_position(reading->flow->engine, reading->ledger, record);
        return copy;
    }
    if (kind != RECORD_CARD)
        return record;
    struct card *card = arena_try_alloc(&reading->flow->arena, sizeof *card);
    CHECK(card != NULL);
    *card = *(const struct card *)record;
    card->status = (uint8_t)engine_card_status(reading->flow->engine, record);
    return card;
}

bool flow_read_record(struct reading *reading, enum record_kind kind, const char *id_field)
{
    int64_t id = reading->request->id;
    if (is_unknown(reading, kind, id))
        return look_up(reading,
            &(struct query_records){.kind = kind, .first_key = id, .last_key = id, .rows_max = 1});
    const void *record = find(reading, kind, id);
    if (!record || !is_wanted(reading, kind, record))
        return flow_refuse_not_found(reading, id_field, not_found_texts[kind]);
    if (kind == RECORD_PAYOUT)
        return flow_reply_payout(reading, record);
    reply_record(reading->out, kind, shown(reading, kind, record), reading->ledger, reading->as_of);
    return true;
}

/* Between which ids the list is: of a statement's lines between those that it has. */
static void narrow(
    const struct reading *reading, enum record_kind kind, int64_t *ret_after, int64_t *ret_last)
{
    const struct read_request *request = reading->request;
    if (kind != RECORD_STATEMENT_LINE || request->bank_statement_id == 0)
        return;
    const struct bank_statement *statement =
        find(reading, RECORD_BANK_STATEMENT, request->bank_statement_id);
    if (!statement || statement->ledger_id != request->ledger_id || statement->line_count == 0) {
        *ret_last = *ret_after;
        return;
    }
    if (*ret_after < statement->first_line_id)
        *ret_after = statement->first_line_id - 1;
    *ret_last = statement->last_line_id;
}

/* Rows of the ledger from the id on: as many as the page has room for, or some more when filters
 * take only a part of them. */
static bool look_up_page(struct reading *reading, enum record_kind kind, int64_t id, int64_t last)
{
    const struct read_request *request = reading->request;
    struct query_records asked = {
        .kind = kind,
        .first_key = id,
        .last_key = last - id < LIST_EXAMINED_MAX ? last : id + LIST_EXAMINED_MAX - 1,
        .ledger_id = request->ledger_id,
        .rows_max = request->has_filters ? LIST_FETCHED_MAX : (uint32_t)request->page_size,
    };
    return look_up(reading, &asked);
}

/* How the list goes on behind this id; 0: not at all. */
struct next_page flow_next_page(const struct reading *reading, int64_t after_id)
{
    const struct read_request *request = reading->request;
    struct next_page next = {.after_id = request->has_old_pages ? after_id : 0};
    query_page_token(reading->flow->query, request, reading->as_of, after_id, next.token);
    return next;
}

bool flow_list_records(struct reading *reading, enum record_kind kind)
{
    const struct engine *engine = reading->flow->engine;
    const struct read_request *request = reading->request;
    struct buffer *scratch = &reading->flow->scratch;
    uint32_t page_size = (uint32_t)request->page_size;
    int64_t last = engine_last_id(engine, kind);
    int64_t id;
    uint32_t examined = 0;
    uint32_t count = 0;
    if (!query_page_after(reading->flow->query, reading->call, request, &id))
        return false;
    narrow(reading, kind, &id, &last);

    buffer_clear(scratch);
    buffer_reserve(scratch, page_size * sizeof(const void *));
    const void **records = (const void **)(void *)scratch->bytes;
    /* Final records are not wanted when only a status is that no final one has; nor are they late.
     */
    bool is_final_wanted =
        !record_status_is_live(&record_tables[kind], (uint32_t)request->status) &&
        !request->late_only;
    for (; id < last && count < page_size && examined < LIST_EXAMINED_MAX; examined++) {
        if (is_final_wanted && is_unknown(reading, kind, id + 1)) {
            /* What was looked up ends here; but a page that is empty for that would never end. */
            if (reading->waiting->lookups && examined > 0)
                break;
            return look_up_page(reading, kind, id + 1, last);
        }
        if (!is_final_wanted) {
            /* What is not in memory is final: from one live record to the next, however many ids
             * are between them. */
            int64_t next = engine_next_record(engine, kind, id);
            if (next == 0) {
                id = last;
                break;
            }
            id = next - 1;
        }
        const void *record = find(reading, kind, ++id);
        if (record && is_wanted(reading, kind, record))
            records[count++] = shown(reading, kind, record);
    }
    struct next_page next = flow_next_page(reading, id < last ? id : 0);
    reply_records(reading->out, kind, records, count, reading->ledger, &next, reading->as_of);
    return true;
}

/* The first ledger behind `id` that is there for who asks; 0: none is. */
static int64_t next_ledger(const struct reading *reading, int64_t id)
{
    int64_t last = engine_last_ledger_id(reading->flow->engine);
    while (++id <= last) {
        if (flow_has_ledger(reading->asker, id))
            return id;
    }
    return 0;
}

bool flow_list_ledgers(struct reading *reading)
{
    const struct engine *engine = reading->flow->engine;
    const struct read_request *request = reading->request;
    struct buffer *scratch = &reading->flow->scratch;
    int64_t last = 0;
    uint32_t count = 0;
    int64_t after_id;
    if (!query_page_after(reading->flow->query, reading->call, request, &after_id))
        return false;
    int64_t id = after_id < INT64_MAX ? next_ledger(reading, after_id) : 0;

    buffer_clear(scratch);
    buffer_reserve(scratch, (size_t)request->page_size * sizeof(struct shown_ledger));
    struct shown_ledger *shown = (struct shown_ledger *)(void *)scratch->bytes;
    while (id != 0 && count < (uint32_t)request->page_size) {
        shown[count++] = flow_show_ledger(reading->flow, engine_find_ledger(engine, id));
        last = id;
        id = next_ledger(reading, id);
    }
    struct next_page next = flow_next_page(reading, id != 0 ? last : 0);
    reply_ledgers(reading->out, shown, count, &next, reading->as_of);
    return true;
}
