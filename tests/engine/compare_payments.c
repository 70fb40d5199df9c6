/* compare_payments.c: fee rules, payouts, holds, freezes, refunds, debts and proposals of an
 * engine and the naive model, see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "support/expect.h"

#include <inttypes.h>
#include <string.h>

#define SAME(engine_value, model_value)                                                            \
    EXPECT_MSG((engine_value) == (model_value), "%s %d: %s: engine %" PRId64 ", model %" PRId64,   \
        what, id, #model_value, (int64_t)(engine_value), (int64_t)(model_value))
#define SAME_TEXT(engine_bytes, engine_length, model_text)                                         \
    EXPECT_MSG(is_text(engine_bytes, engine_length, model_text), "%s %d: %s", what, id, #model_text)

static bool is_text(const char *bytes, uint8_t length, const char *text)
{
    return text_equals((struct text){bytes, length}, text_of(text));
}

static void expect_same_payout(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "payout";
    const struct payout *a = engine_find_payout(engine, id);
    const struct naive_payout *b = &model->payouts[id];
    EXPECT_MSG(a && a->id == id, "payout %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->account_id, b->account);
    SAME(a->amount_minor, b->amount);
    SAME(a->fee_minor, b->fee);
    SAME(a->fee_account_id, b->bearer);
    SAME(a->fee_rule_id, b->rule);
    SAME(a->returned_minor, b->returned);
    SAME(a->fee_returned_minor, b->fee_returned);
    SAME(a->requested_sequence, b->requested);
    SAME(a->evidence_sequence, b->evidence);
    SAME(a->changed_sequence, b->changed);
    SAME(a->return_until, b->return_until);
    SAME(a->status, b->status);
    SAME_TEXT(a->order_number, a->order_number_length, b->order);
}

static void expect_same_rule(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "fee rule";
    const struct fee_rule *a = engine_find_record(engine, RECORD_FEE_RULE, id);
    const struct naive_rule *b = &model->rules[id];
    EXPECT_MSG(a && a->id == id, "fee rule %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->version, b->version);
    SAME(a->effective_date, b->date);
    SAME(a->rounding, b->rounding);
    SAME(a->refund, b->refund);
    SAME(a->on_payout_failed, b->on_failed);
    SAME(a->on_payout_returned, b->on_returned);
    SAME(a->changed_sequence, b->changed);
    SAME(a->tier_count, b->tier_count);
    SAME(a->share_count, b->share_count);
    for (int i = 0; i < b->tier_count; i++) {
        SAME(a->tiers[i].from_minor, b->tiers[i].from_minor);
        SAME(a->tiers[i].flat_minor, b->tiers[i].flat_minor);
        SAME(a->tiers[i].rate_ppm, b->tiers[i].rate_ppm);
        SAME(a->tiers[i].minimum_minor, b->tiers[i].minimum_minor);
        SAME(a->tiers[i].maximum_minor, b->tiers[i].maximum_minor);
    }
    for (int i = 0; i < b->share_count; i++) {
        SAME(a->shares[i].account_id, b->shares[i].account_id);
        SAME(a->shares[i].share_ppm, b->shares[i].share_ppm);
    }
    SAME_TEXT(a->name, a->name_length, b->name);
    int previous = 0;
    for (int other = 1; other < id; other++) {
        if (model->rules[other].ledger == b->ledger &&
            strcmp(model->rules[other].name, b->name) == 0)
            previous = other;
    }
    SAME(a->previous_id, previous);
    EXPECT(engine_find_fee_rule(engine, b->ledger, text_of(b->name), b->version) == a);
}

static void expect_same_hold(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "hold";
    const struct hold *a = engine_find_hold(engine, id);
    const struct naive_hold *b = &model->holds[id];
    EXPECT_MSG(a && a->id == id, "hold %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->payer_account_id, b->payer);
    SAME(a->amount_minor, b->amount);
    SAME(a->confirmed_minor, b->confirmed);
    SAME(a->cancelled_minor, b->cancelled);
    SAME(a->expires_at_us, b->expires_us);
    SAME(a->placed_sequence, b->placed);
    SAME(a->changed_sequence, b->changed);
    SAME(a->status, b->status);
    SAME_TEXT(a->order_number, a->order_number_length, b->order);
}

static void expect_same_freeze(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "freeze";
    const struct freeze *a = engine_find_freeze(engine, id);
    const struct naive_freeze *b = &model->freezes[id];
    EXPECT_MSG(a && a->id == id, "freeze %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->account_id, b->account);
    SAME(a->amount_minor, b->amount);
    SAME(a->lifted_minor, b->lifted);
    SAME(a->expires_at_us, b->expires_us);
    SAME(a->placed_sequence, b->placed);
    SAME(a->changed_sequence, b->changed);
    SAME(a->status, b->status);
    SAME_TEXT(a->purpose, a->purpose_length, b->purpose);
    SAME_TEXT(a->owner, a->owner_length, b->owner);
}

static void expect_same_refunded(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "refunded";
    const struct refunded *a = engine_find_record(engine, RECORD_REFUNDED, id);
    const struct naive_refunded *b = &model->refunded[id];
    EXPECT_MSG(a && a->id == id, "refunded %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->original_sequence, b->original);
    SAME(a->account_id, b->account);
    SAME(a->amount_minor, b->amount);
    SAME(a->fee_minor, b->fee);
    SAME(a->reversed_sequence, b->reversed);
    SAME(a->changed_sequence, b->changed);
    const struct refunded *found = engine_find_refunded(engine, b->original, b->account);
    EXPECT(found && found->id == a->id);
}

static void expect_same_debt(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "debt";
    const struct debt *a = engine_find_debt(engine, id);
    const struct naive_debt *b = &model->debts[id];
    EXPECT_MSG(a && a->id == id, "debt %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->account_id, b->account);
    SAME(a->amount_minor, b->amount);
    SAME(a->recovered_minor, b->recovered);
    SAME(a->refund_sequence, b->refund);
    SAME(a->changed_sequence, b->changed);
    SAME(a->status, b->status);
}

/* An account's open debts, the oldest first, and its live freezes, the newest first. */
static void expect_same_chains(const struct engine *engine, const struct naive_model *model, int id)
{
    int64_t next = chain_oldest_debt(engine, id);
    for (int debt = 1; debt <= model->debt_count; debt++) {
        if (model->debts[debt].account != id || model->debts[debt].status != DEBT_OPEN)
            continue;
        EXPECT_MSG(next == debt, "account %d: chain of debts at %d", id, debt);
        next = chain_younger_debt(engine, debt);
    }
    EXPECT_MSG(next == 0, "account %d: end of the chain of debts", id);
    next = chain_newest_freeze(engine, id);
    int64_t younger = 0;
    for (int freeze = model->freeze_count; freeze > 0; freeze--) {
        if (model->freezes[freeze].account != id || model->freezes[freeze].status != FREEZE_LIVE)
            continue;
        EXPECT_MSG(next == freeze, "account %d: chain of freezes at %d", id, freeze);
        EXPECT_MSG(chain_younger_freeze(engine, freeze) == younger,
            "account %d: chain of freezes back from %d", id, freeze);
        younger = freeze;
        next = chain_older_freeze(engine, freeze);
    }
    EXPECT_MSG(next == 0, "account %d: end of the chain of freezes", id);
}

/* What is frozen for one purpose of an account, by the engine and anew. */
static void expect_same_purposes(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static struct frozen_purpose purposes[FROZEN_PURPOSES_MAX];
    int32_t count = engine_frozen_by_purpose(engine, id, purposes);
    EXPECT(count >= 0);
    int64_t all = 0;
    for (int32_t i = 0; i < count; i++) {
        int64_t sum = 0;
        int32_t freezes = 0;
        for (int f = 1; f <= model->freeze_count; f++) {
            const struct naive_freeze *freeze = &model->freezes[f];
            if (freeze->account == id && freeze->status == FREEZE_LIVE &&
                text_equals(text_of(freeze->purpose), purposes[i].purpose)) {
                sum += freeze->amount - freeze->lifted;
                freezes++;
            }
        }
        if (i > 0) {
            char names[2][PURPOSE_BYTES_MAX + 1] = {0};
            for (int n = 0; n < 2; n++)
                memcpy(names[n], purposes[i - n].purpose.bytes, purposes[i - n].purpose.length);
            EXPECT_MSG(strcmp(names[1], names[0]) < 0, "account %d: purposes in order", id);
        }
        EXPECT_MSG(purposes[i].frozen_minor == sum, "account %d: frozen for a purpose", id);
        EXPECT_MSG(purposes[i].freeze_count == freezes, "account %d: freezes for a purpose", id);
        all += sum;
    }
    EXPECT_MSG(all == naive_frozen(model, id), "account %d: frozen for all purposes", id);
}

static bool has_channels(const struct caller *a, const struct naive_caller *b)
{
    char joined[CALLER_CHANNELS_BYTES_MAX + 1] = "";
    for (int i = 0; i < b->channel_count; i++) {
        strcat(joined, i > 0 ? "," : "");
        strcat(joined, b->channels[i]);
    }
    return text_equals(text_of(joined), (struct text){a->channels, a->channels_length});
}

static void expect_same_caller(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct caller *a = engine_find_record(engine, RECORD_CALLER, id);
    const struct naive_caller *b = &model->callers[id];
    int roles = (b->front ? 1 : 0) | (b->adapter ? 2 : 0) | (b->reconciliation ? 4 : 0) |
                (b->judicial ? 8 : 0) | (b->operator_ ? 16 : 0) | (b->approver ? 32 : 0) |
                (b->platform ? 64 : 0) | (b->auditor ? 128 : 0) | (b->administrator ? 256 : 0);
    EXPECT_MSG(a && a->ledger_id == 0, "caller %d", id);
    EXPECT_MSG(text_equals(text_of(b->name), (struct text){a->name, a->name_length}),
        "caller %d: name", id);
    EXPECT_MSG(engine_find_caller(engine, text_of(b->name)) == a, "caller %d by its name", id);
    EXPECT_MSG(a->roles == roles, "caller %d: roles", id);
    EXPECT_MSG(
        a->all_ledgers == b->all_ledgers && a->any_channel == b->any_channel, "caller %d: all", id);
    EXPECT_MSG(a->ledger_count == b->ledger_count &&
                   memcmp(a->ledgers, b->ledgers, sizeof a->ledgers) == 0,
        "caller %d: ledgers", id);
    EXPECT_MSG(has_channels(a, b), "caller %d: channels", id);
    EXPECT_MSG(a->status == (b->suspended ? CALLER_SUSPENDED : CALLER_ACTIVE), "caller %d", id);
    EXPECT_MSG(a->changed_sequence == b->changed, "caller %d: sequence", id);
}

static void expect_same_proposal(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct proposal *a = engine_find_record(engine, RECORD_PROPOSAL, id);
    const struct naive_proposal *b = &model->proposals[id];
    EXPECT_MSG(a && a->ledger_id == b->ledger && a->kind == b->kind, "proposal %d", id);
    EXPECT_MSG(a->amount_minor == b->amount && a->expires_at_us == b->expires_us,
        "proposal %d: amount, end", id);
    EXPECT_MSG(a->proposed_at_us == b->proposed_us && a->proposed_sequence == b->proposed,
        "proposal %d: when it was made", id);
    EXPECT_MSG(a->decided_at_us == b->decided_us && a->decided_sequence == b->decided,
        "proposal %d: when it was decided", id);
    EXPECT_MSG(a->maker_caller_id == b->maker && a->approver_caller_id == b->approver,
        "proposal %d: callers", id);
    EXPECT_MSG(text_equals(text_of(b->maker_channel),
                   (struct text){a->maker_channel, a->maker_channel_length}) &&
                   text_equals(text_of(b->approver_channel),
                       (struct text){a->approver_channel, a->approver_channel_length}),
        "proposal %d: channels", id);
    EXPECT_MSG(a->status == b->status && a->changed_sequence == b->changed, "proposal %d", id);
}

static void expect_same_item(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "item";
    const struct suspense *a = engine_find_record(engine, RECORD_SUSPENSE, id);
    const struct naive_suspense *b = &model->suspense[id];
    EXPECT_MSG(a && a->id == id, "item %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->origin_sequence, b->origin);
    SAME(a->account_id, b->account);
    SAME(a->payout_id, b->payout);
    SAME(a->amount_minor, b->amount);
    SAME(a->allocated_minor, b->allocated);
    SAME(a->reversed_minor, b->reversed);
    SAME(a->returning_minor, b->returning);
    SAME(a->returned_minor, b->returned);
    SAME(a->return_payout_id, b->return_payout);
    SAME(a->opened_at_us, b->opened_us);
    SAME(a->opened_date, b->date);
    SAME(a->reason, b->reason);
    SAME(a->changed_sequence, b->changed);
    SAME(a->status, naive_open_of(b) > 0 ? SUSPENSE_OPEN
                    : b->returning > 0   ? SUSPENSE_RETURNING
                                         : SUSPENSE_CLOSED);
}

static void expect_same_watch(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "watch of ledger";
    const struct watch *a = engine_find_watch(engine, id);
    const struct naive_ledger *b = &model->ledgers[id];
    const struct suspense *oldest = engine_oldest_suspense(engine, id);
    EXPECT_MSG((a != NULL) == (b->watch != 0), "watch of ledger %d", id);
    EXPECT_MSG((oldest ? oldest->id : 0) == naive_oldest_item(model, id), "oldest of %d", id);
    if (!a)
        return;
    SAME(a->id, b->watch);
    SAME(a->ledger_id, id);
    SAME(a->suspense_age_s, b->age_s);
    SAME(a->one_membership, b->one_membership);
    SAME(a->same_card, b->same_card);
    SAME(a->overdue_at_us, b->overdue_us);
    SAME(a->suspense_id, b->overdue_item);
    SAME(a->changed_sequence, b->watch_changed);
}

static void expect_same_identity(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "identity";
    const struct identity *a = engine_find_record(engine, RECORD_IDENTITY, id);
    const struct naive_identity *b = &model->identities[id];
    EXPECT_MSG(a && a->id == id, "identity %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->member_id, b->member);
    SAME(a->person_id, b->person);
    SAME(a->subject, b->subject);
    SAME(a->document_kind, b->document);
    SAME(a->level, b->level);
    SAME(a->status, b->status);
    SAME(a->checked_sequence, b->checked);
    SAME(a->changed_sequence, b->changed);
    SAME(a->valid_until_date, b->until);
    SAME(a->recheck_date, b->recheck);
    SAME(a->is_noticed, b->noticed);
    /* One key: the same value has the same fingerprint, and only that. */
    for (int other = id - 1; other >= 1 && other > id - 20; other--) {
        const struct identity *c = engine_find_record(engine, RECORD_IDENTITY, other);
        const struct naive_identity *d = &model->identities[other];
        bool is_same = b->ledger == d->ledger && strcmp(b->name, d->name) == 0;
        SAME(fingerprint_equals(&a->name, &c->name), is_same);
        is_same = b->ledger == d->ledger && strcmp(b->number, d->number) == 0;
        SAME(fingerprint_equals(&a->number, &c->number), is_same);
    }
    int64_t last = 0;
    for (int64_t next = engine_newest_identity(engine, b->person); next != 0;
         next = engine_older_identity(engine, next))
        last = next == id ? next : last;
    EXPECT_MSG(last == id, "identity %d is not among those of its person", id);
}

static void expect_same_lump(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "lump";
    const struct lump *a = engine_find_record(engine, RECORD_LUMP, id);
    const struct naive_lump *b = &model->lumps[id];
    EXPECT_MSG(a && a->id == id, "lump %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->suspense_id, b->item);
    SAME(a->control_count, b->count);
    SAME(a->control_minor, b->total);
    SAME(a->allocated_count, b->got_count);
    SAME(a->allocated_minor, b->got);
    SAME(a->opened_sequence, b->opened);
    SAME(a->opened_date, b->date);
    SAME(a->is_all_or_none, b->whole);
    SAME(a->changed_sequence, b->changed);
    SAME(a->status, b->status);
}

static void expect_same_acquirer(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "acquirer";
    const struct acquirer *a = engine_find_record(engine, RECORD_ACQUIRER, id);
    const struct naive_acquirer *b = &model->acquirers[id];
    EXPECT_MSG(a && a->id == id, "acquirer %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->account_id, b->account);
    SAME(a->ceiling_minor, b->ceiling);
    SAME(a->settlement_days, b->days);
    SAME(a->keeps_fee, b->keeps_fee);
    SAME(a->next_date, b->next_date);
    SAME(a->status, b->stopped ? ACQUIRER_STOPPED : ACQUIRER_OPEN);
    SAME(a->changed_sequence, b->changed);
    EXPECT(text_equals((struct text){a->name, a->name_length}, text_of(b->name)));
    EXPECT(text_equals((struct text){a->fee_rule, a->fee_rule_length}, text_of(b->rule)));
}

static void expect_same_promise(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "promise";
    const struct promise *a = engine_find_record(engine, RECORD_PROMISE, id);
    const struct naive_promise *b = &model->promises[id];
    EXPECT_MSG(a && a->id == id, "promise %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->acquirer_id, b->acquirer);
    SAME(a->account_id, b->account);
    SAME(a->amount_minor, b->amount);
    SAME(a->kept_minor, b->kept);
    SAME(a->fee_minor, b->fee);
    SAME(a->settled_minor, b->settled);
    SAME(a->cancelled_minor, b->cancelled);
    SAME(a->fee_rule_id, b->rule);
    SAME(a->booked_sequence, b->booked);
    SAME(a->changed_sequence, b->changed);
    SAME(a->due_date, b->due);
    SAME(a->late_at_us, b->told_late);
    SAME(a->status, naive_promise_open(b) > 0
                        ? (b->disputed ? PROMISE_DISPUTED : PROMISE_OPEN)
                        : (b->settled > 0 ? PROMISE_SETTLED : PROMISE_CANCELLED));
    EXPECT(text_equals((struct text){a->reference, a->reference_length}, text_of(b->reference)));
    EXPECT(text_equals((struct text){a->order_number, a->order_number_length}, text_of(b->order)));
}

static void expect_same_settlement(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "settlement";
    const struct settlement *a = engine_find_record(engine, RECORD_SETTLEMENT, id);
    const struct naive_settlement *b = &model->settlements[id];
    EXPECT_MSG(a && a->id == id, "settlement %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->acquirer_id, b->acquirer);
    SAME(a->suspense_id, b->item);
    SAME(a->total_minor, b->total);
    SAME(a->settled_minor, b->settled);
    SAME(a->returned_minor, b->returned);
    SAME(a->opened_sequence, b->opened);
    SAME(a->changed_sequence, b->changed);
    SAME(a->line_count, b->lines);
    SAME(a->lines_booked, b->lines_done);
    SAME(a->opened_date, b->date);
    SAME(a->status, b->abandoned ? SETTLEMENT_ABANDONED
                    : b->closed  ? SETTLEMENT_CLOSED
                                 : SETTLEMENT_OPEN);
}

static void expect_same_difference(
    const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "difference";
    const struct difference *a = engine_find_record(engine, RECORD_DIFFERENCE, id);
    const struct naive_difference *b = &model->differences[id];
    EXPECT_MSG(a && a->id == id, "difference %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->acquirer_id, b->acquirer);
    SAME(a->settlement_id, b->settlement);
    SAME(a->suspense_id, b->item);
    SAME(a->promise_id, b->promise);
    SAME(a->account_id, b->account);
    SAME(a->amount_minor, b->amount);
    SAME(a->line_sequence, b->line);
    SAME(a->closed_sequence, b->closed);
    SAME(a->changed_sequence, b->changed);
    SAME(a->opened_date, b->date);
    SAME(a->kind, b->kind);
    SAME(a->ended_by, b->end);
    SAME(a->is_missing, b->missing);
    EXPECT(text_equals((struct text){a->reference, a->reference_length}, text_of(b->reference)));
    EXPECT(text_equals((struct text){a->order_number, a->order_number_length}, text_of(b->order)));
    SAME(a->status, b->closed ? DIFFERENCE_CLOSED : DIFFERENCE_OPEN);
}

void expect_same_payments(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_id(engine, RECORD_PAYOUT) == model->payout_count);
    EXPECT(engine_last_id(engine, RECORD_FEE_RULE) == model->rule_count);
    EXPECT(engine_last_id(engine, RECORD_HOLD) == model->hold_count);
    EXPECT(engine_last_id(engine, RECORD_FREEZE) == model->freeze_count);
    EXPECT(engine_last_id(engine, RECORD_REFUNDED) == model->refunded_count);
    EXPECT(engine_last_id(engine, RECORD_DEBT) == model->debt_count);
    EXPECT(engine_last_id(engine, RECORD_ADJUSTMENT) == 0);
    for (int id = 1; id <= model->payout_count; id++)
        expect_same_payout(engine, model, id);
    for (int id = 1; id <= model->rule_count; id++)
        expect_same_rule(engine, model, id);
    for (int id = 1; id <= model->hold_count; id++)
        expect_same_hold(engine, model, id);
    for (int id = 1; id <= model->freeze_count; id++)
        expect_same_freeze(engine, model, id);
    for (int id = 1; id <= model->refunded_count; id++)
        expect_same_refunded(engine, model, id);
    for (int id = 1; id <= model->debt_count; id++)
        expect_same_debt(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_PROPOSAL) == model->proposal_count);
    for (int id = 1; id <= model->proposal_count; id++)
        expect_same_proposal(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_SUSPENSE) == model->suspense_count);
    for (int id = 1; id <= model->suspense_count; id++)
        expect_same_item(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_LUMP) == model->lump_count);
    for (int id = 1; id <= model->lump_count; id++)
        expect_same_lump(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_ACQUIRER) == model->acquirer_count);
    for (int id = 1; id <= model->acquirer_count; id++)
        expect_same_acquirer(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_PROMISE) == model->promise_count);
    for (int id = 1; id <= model->promise_count; id++)
        expect_same_promise(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_SETTLEMENT) == model->settlement_count);
    for (int id = 1; id <= model->settlement_count; id++)
        expect_same_settlement(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_DIFFERENCE) == model->difference_count);
    for (int id = 1; id <= model->difference_count; id++)
        expect_same_difference(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_IDENTITY) == model->identity_count);
    for (int id = 1; id <= model->identity_count; id++)
        expect_same_identity(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_WATCH) == model->watch_count);
    for (int ledger = 1; ledger <= model->ledger_count; ledger++) {
        expect_same_watch(engine, model, ledger);
    }
    EXPECT(engine_last_id(engine, RECORD_CALLER) == model->caller_count);
    for (int id = 1; id <= model->caller_count; id++)
        expect_same_caller(engine, model, id);
    for (int id = 1; id <= model->account_count; id++) {
        expect_same_chains(engine, model, id);
        expect_same_purposes(engine, model, id);
    }
}

void expect_pending_is_payouts(
    const struct engine *engine, const struct naive_model *model, int ledger)
{
    static int64_t open[NAIVE_ACCOUNTS_MAX + 1];
    memset(open, 0, (size_t)(model->account_count + 1) * sizeof *open);
    for (int id = 1; id <= model->payout_count; id++) {
        if (naive_payout_is_open(&model->payouts[id]))
            open[model->payouts[id].account] += model->payouts[id].amount;
    }
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger != ledger)
            continue;
        int64_t pending = engine_find_account(engine, id)->balance_minor[BUCKET_PENDING_OUT];
        EXPECT_MSG(pending == open[id], "account %d: pending out %" PRId64 ", payouts %" PRId64, id,
            pending, open[id]);
    }
}

void expect_frozen_is_holds_and_freezes(
    const struct engine *engine, const struct naive_model *model, int ledger)
{
    static int64_t live[NAIVE_ACCOUNTS_MAX + 1];
    memset(live, 0, (size_t)(model->account_count + 1) * sizeof *live);
    for (int id = 1; id <= model->hold_count; id++) {
        const struct naive_hold *hold = &model->holds[id];
        if (hold->status == HOLD_LIVE)
            live[hold->payer] += hold->amount - hold->confirmed - hold->cancelled;
    }
    for (int id = 1; id <= model->freeze_count; id++) {
        const struct naive_freeze *freeze = &model->freezes[id];
        if (freeze->status == FREEZE_LIVE)
            live[freeze->account] += freeze->amount - freeze->lifted;
    }
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].ledger != ledger)
            continue;
        int64_t frozen = engine_find_account(engine, id)->balance_minor[BUCKET_FROZEN];
        live[id] += model->accounts[id].cover;
        EXPECT_MSG(frozen == live[id],
            "account %d: frozen %" PRId64 ", holds, freezes and claims %" PRId64, id, frozen,
            live[id]);
    }
}
