/* record_rules.c: one row of rules a kind of record.
 *
 * Who owns a record stands here, since that is nothing but fields; what is derived of it, what is
 * left of it and what its end does is its topic's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/record_rules.h"

#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/acquirers.h"
#include "engine/rules/callers.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/cards.h"
#include "engine/rules/claims.h"
#include "engine/rules/corrections.h"
#include "engine/rules/debts.h"
#include "engine/rules/feedback.h"
#include "engine/rules/fees.h"
#include "engine/rules/freezes.h"
#include "engine/rules/holds.h"
#include "engine/rules/identities.h"
#include "engine/rules/lumps.h"
#include "engine/rules/mandates.h"
#include "engine/rules/matches.h"
#include "engine/rules/members.h"
#include "engine/rules/positions.h"
#include "engine/rules/products.h"
#include "engine/rules/promises.h"
#include "engine/rules/proofs.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refunds.h"
#include "engine/rules/restrictions.h"
#include "engine/rules/returns.h"
#include "engine/rules/screening.h"
#include "engine/rules/statements.h"
#include "engine/rules/suspense.h"
#include "engine/rules/usage.h"
#include "engine/rules/watch.h"
#include "model/promise.h"
#include "model/suspense.h"

/* ---- owners ---- */

static bool is_in(const struct engine *engine, int64_t ledger_id, int64_t account_id)
{
    const struct account *account = engine_find_account(engine, account_id);
    return engine_find_ledger(engine, ledger_id) && account && account->ledger_id == ledger_id;
}

static bool has_no_owner(const struct engine *engine, const void *record)
{
    (void)engine;
    (void)record;
    return true;
}

static bool has_member_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct member *)record)->ledger_id) != NULL;
}

static bool has_account_owners(const struct engine *engine, const void *record)
{
    const struct account *account = record;
    const struct member *member = engine_find_member(engine, account->member_id);
    return engine_find_ledger(engine, account->ledger_id) &&
           (account->kind != ACCOUNT_MEMBER || (member && member->ledger_id == account->ledger_id));
}

static bool has_fee_rule_owners(const struct engine *engine, const void *record)
{
    const struct fee_rule *rule = record;
    bool has_owner = engine_find_ledger(engine, rule->ledger_id) != NULL;
    for (uint32_t i = 0; i < rule->share_count && has_owner; i++)
        has_owner = is_in(engine, rule->ledger_id, rule->shares[i].account_id);
    return has_owner;
}

static bool has_payout_owners(const struct engine *engine, const void *record)
{
    const struct payout *payout = record;
    return is_in(engine, payout->ledger_id, payout->account_id) &&
           (payout->fee_account_id == 0 ||
               is_in(engine, payout->ledger_id, payout->fee_account_id)) &&
           (payout->fee_rule_id == 0 || has_record(engine, RECORD_FEE_RULE, payout->fee_rule_id));
}

static bool has_hold_owner(const struct engine *engine, const void *record)
{
    const struct hold *hold = record;
    return is_in(engine, hold->ledger_id, hold->payer_account_id);
}

static bool has_freeze_owner(const struct engine *engine, const void *record)
{
    const struct freeze *freeze = record;
    return is_in(engine, freeze->ledger_id, freeze->account_id);
}

static bool has_refunded_owner(const struct engine *engine, const void *record)
{
    const struct refunded *refunded = record;
    return refunded->account_id == 0 ? engine_find_ledger(engine, refunded->ledger_id) != NULL
                                     : is_in(engine, refunded->ledger_id, refunded->account_id);
}

static bool has_debt_owner(const struct engine *engine, const void *record)
{
    const struct debt *debt = record;
    return is_in(engine, debt->ledger_id, debt->account_id);
}

static bool has_adjustment_owners(const struct engine *engine, const void *record)
{
    const struct adjustment *adjustment = record;
    return is_in(engine, adjustment->ledger_id, adjustment->debit_account_id) &&
           is_in(engine, adjustment->ledger_id, adjustment->credit_account_id);
}

static bool has_restriction_owner(const struct engine *engine, const void *record)
{
    const struct restriction *restriction = record;
    return is_in(engine, restriction->ledger_id, restriction->account_id);
}

static bool has_proposal_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct proposal *)record)->ledger_id) != NULL;
}

static bool has_approval_policy_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct approval_policy *)record)->ledger_id) != NULL;
}

static bool has_proof_policy_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct proof_policy *)record)->ledger_id) != NULL;
}

static bool has_caller_owners(const struct engine *engine, const void *record)
{
    const struct caller *caller = record;
    bool has_owners = true;
    for (uint32_t i = 0; i < caller->ledger_count && has_owners; i++)
        has_owners = engine_find_ledger(engine, caller->ledgers[i]) != NULL;
    return has_owners;
}

static bool has_suspense_owners(const struct engine *engine, const void *record)
{
    const struct suspense *item = record;
    return engine_find_ledger(engine, item->ledger_id) != NULL &&
           (item->account_id == 0 || is_in(engine, item->ledger_id, item->account_id));
}

/* Its item may have left memory, when nothing of it is open. */
static bool has_lump_owner(const struct engine *engine, const void *record)
{
    const struct lump *lump = record;
    return engine_find_ledger(engine, lump->ledger_id) != NULL &&
           lump->suspense_id <= engine_last_id(engine, RECORD_SUSPENSE);
}

static bool has_acquirer_owner(const struct engine *engine, const void *record)
{
    const struct acquirer *acquirer = record;
    return is_in(engine, acquirer->ledger_id, acquirer->account_id);
}

static bool has_promise_owners(const struct engine *engine, const void *record)
{
    const struct promise *promise = record;
    return is_in(engine, promise->ledger_id, promise->account_id) &&
           has_record(engine, RECORD_ACQUIRER, promise->acquirer_id) &&
           (promise->fee_rule_id == 0 || has_record(engine, RECORD_FEE_RULE, promise->fee_rule_id));
}

static bool has_settlement_owners(const struct engine *engine, const void *record)
{
    const struct settlement *settlement = record;
    return engine_find_ledger(engine, settlement->ledger_id) != NULL &&
           has_record(engine, RECORD_ACQUIRER, settlement->acquirer_id);
}

static bool has_difference_owners(const struct engine *engine, const void *record)
{
    const struct difference *difference = record;
    return has_record(engine, RECORD_ACQUIRER, difference->acquirer_id) &&
           (difference->account_id == 0
                   ? engine_find_ledger(engine, difference->ledger_id) != NULL
                   : is_in(engine, difference->ledger_id, difference->account_id));
}

static bool has_watch_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct watch *)record)->ledger_id) != NULL;
}

static bool has_identity_owners(const struct engine *engine, const void *record)
{
    const struct identity *identity = record;
    const struct member *member = engine_find_member(engine, identity->member_id);
    return engine_find_ledger(engine, identity->ledger_id) && member &&
           member->ledger_id == identity->ledger_id && identity->person_id <= identity->id &&
           has_record(engine, RECORD_IDENTITY, identity->person_id);
}

static bool has_card_owner(const struct engine *engine, const void *record)
{
    const struct card *card = record;
    const struct member *member = engine_find_member(engine, card->member_id);
    return engine_find_ledger(engine, card->ledger_id) && member &&
           member->ledger_id == card->ledger_id;
}

static bool has_account_policy_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct account_policy *)record)->ledger_id) != NULL;
}

static bool has_usage_owner(const struct engine *engine, const void *record)
{
    const struct usage *usage = record;
    const struct member *member = engine_find_member(engine, usage->member_id);
    return member && member->ledger_id == usage->ledger_id;
}

/* Its card may have left memory. */
static bool has_card_flow_owner(const struct engine *engine, const void *record)
{
    const struct card_flow *flow = record;
    return is_in(engine, flow->ledger_id, flow->account_id);
}

static bool has_mandate_owners(const struct engine *engine, const void *record)
{
    const struct mandate *mandate = record;
    return is_in(engine, mandate->ledger_id, mandate->account_id) &&
           (mandate->payee_account_id == 0 ||
               is_in(engine, mandate->ledger_id, mandate->payee_account_id));
}

static bool has_denied_owner(const struct engine *engine, const void *record)
{
    return engine_find_ledger(engine, ((const struct denied *)record)->ledger_id) != NULL;
}

static bool has_hit_owners(const struct engine *engine, const void *record)
{
    const struct hit *hit = record;
    const struct denied *entry = engine_find_record(engine, RECORD_DENIED, hit->denied_id);
    const struct member *member =
        hit->member_id != 0 ? engine_find_member(engine, hit->member_id) : NULL;
    return engine_find_ledger(engine, hit->ledger_id) && entry &&
           entry->ledger_id == hit->ledger_id &&
           (hit->member_id == 0 || (member && member->ledger_id == hit->ledger_id));
}

static bool has_cover_owner(const struct engine *engine, const void *record)
{
    const struct cover *cover = record;
    return is_in(engine, cover->ledger_id, cover->account_id);
}

static bool has_claim_owners(const struct engine *engine, const void *record)
{
    const struct claim *claim = record;
    const struct member *member = engine_find_member(engine, claim->member_id);
    return engine_find_ledger(engine, claim->ledger_id) && member &&
           member->ledger_id == claim->ledger_id &&
           (claim->account_id == 0 || is_in(engine, claim->ledger_id, claim->account_id));
}

/* Its claim may have left memory. */
static bool has_feedback_owners(const struct engine *engine, const void *record)
{
    const struct feedback *feedback = record;
    return engine_find_ledger(engine, feedback->ledger_id) != NULL &&
           feedback->claim_id <= engine_last_id(engine, RECORD_CLAIM);
}

static bool has_product_owners(const struct engine *engine, const void *record)
{
    const struct product *product = record;
    return is_in(engine, product->ledger_id, product->account_id) &&
           is_in(engine, product->ledger_id, product->cash_account_id);
}

static bool has_position_owners(const struct engine *engine, const void *record)
{
    const struct position *position = record;
    const struct product *product =
        engine_find_record(engine, RECORD_PRODUCT, position->product_id);
    return is_in(engine, position->ledger_id, position->account_id) &&
           is_in(engine, position->ledger_id, position->owner_account_id) && product &&
           product->ledger_id == position->ledger_id;
}

static bool has_price_owner(const struct engine *engine, const void *record)
{
    const struct price *price = record;
    const struct product *product = engine_find_record(engine, RECORD_PRODUCT, price->product_id);
    return product && product->ledger_id == price->ledger_id;
}

static bool has_bank_statement_owner(const struct engine *engine, const void *record)
{
    const struct bank_statement *statement = record;
    return engine_find_ledger(engine, statement->ledger_id) != NULL;
}

static bool has_statement_line_owners(const struct engine *engine, const void *record)
{
    const struct statement_line *line = record;
    const struct bank_statement *statement =
        engine_find_record(engine, RECORD_BANK_STATEMENT, line->bank_statement_id);
    return statement && statement->ledger_id == line->ledger_id;
}

static bool has_match_owners(const struct engine *engine, const void *record)
{
    const struct statement_match *match = record;
    return engine_find_ledger(engine, match->ledger_id) &&
           has_record(engine, RECORD_BANK_STATEMENT, match->bank_statement_id);
}

static bool has_matched_booking_owner(const struct engine *engine, const void *record)
{
    const struct matched_booking *booking = record;
    return engine_find_ledger(engine, booking->ledger_id) != NULL;
}

/* ---- what is left ---- */

static int64_t rest_of_hold(const void *record)
{
    return held_minor(record);
}

static int64_t rest_of_freeze(const void *record)
{
    return frozen_minor(record);
}

static int64_t rest_of_debt(const void *record)
{
    return owed_of_debt_minor(record);
}

static int64_t rest_of_suspense(const void *record)
{
    const struct suspense *item = record;
    return suspense_open_minor(item) + item->returning_minor;
}

static int64_t rest_of_promise(const void *record)
{
    return promise_open_minor(record);
}

static int32_t due_date_of_promise(const void *record)
{
    return ((const struct promise *)record)->due_date;
}

static int64_t rest_of_difference(const void *record)
{
    const struct difference *difference = record;
    return difference->status == DIFFERENCE_OPEN ? difference->amount_minor : 0;
}

/* ---- the rows ---- */

const struct record_rules record_rules[RECORD_KINDS + 1] = {
    [RECORD_LEDGER] = {.has_owners = has_no_owner, .index = index_ledger},
    [RECORD_MEMBER] = {.has_owners = has_member_owner, .index = index_member},
    [RECORD_ACCOUNT] = {.has_owners = has_account_owners, .index = index_account},
    [RECORD_PAYOUT] = {.has_owners = has_payout_owners, .index = index_payout},
    [RECORD_FEE_RULE] = {.has_owners = has_fee_rule_owners, .index = index_fee_rule},
    [RECORD_HOLD] = {.has_owners = has_hold_owner,
        .index = index_hold,
        .unindex = unindex_hold,
        .rest_minor = rest_of_hold,
        .expire = expire_hold},
    [RECORD_FREEZE] = {.has_owners = has_freeze_owner,
        .index = index_freeze,
        .rest_minor = rest_of_freeze,
        .expire = expire_freeze},
    [RECORD_REFUNDED] = {.has_owners = has_refunded_owner,
        .index = index_refunded,
        .unindex = unindex_refunded},
    [RECORD_DEBT] = {.has_owners = has_debt_owner, .index = index_debt, .rest_minor = rest_of_debt},
    [RECORD_ADJUSTMENT] = {.has_owners = has_adjustment_owners,
        .index = index_adjustment,
        .expire = expire_adjustment},
    [RECORD_RESTRICTION] = {.has_owners = has_restriction_owner, .index = index_restriction},
    [RECORD_CALLER] = {.has_owners = has_caller_owners, .index = index_caller},
    [RECORD_PROPOSAL] = {.has_owners = has_proposal_owner,
        .index = index_proposal,
        .expire = expire_proposal},
    [RECORD_APPROVAL_POLICY] = {.has_owners = has_approval_policy_owner,
        .index = index_approval_policy},
    [RECORD_SUSPENSE] = {.has_owners = has_suspense_owners,
        .index = index_suspense,
        .unindex = unindex_suspense,
        .rest_minor = rest_of_suspense,
        .expire = expire_suspense},
    [RECORD_LUMP] = {.has_owners = has_lump_owner, .index = index_lump},
    [RECORD_ACQUIRER] = {.has_owners = has_acquirer_owner, .index = index_acquirer},
    [RECORD_PROMISE] = {.has_owners = has_promise_owners,
        .index = index_promise,
        .unindex = unindex_promise,
        .rest_minor = rest_of_promise,
        .expire = expire_promise,
        .waits_until = due_date_of_promise},
    [RECORD_SETTLEMENT] = {.has_owners = has_settlement_owners},
    [RECORD_DIFFERENCE] = {.has_owners = has_difference_owners, .rest_minor = rest_of_difference},
    [RECORD_WATCH] = {.has_owners = has_watch_owner, .index = index_watch},
    [RECORD_IDENTITY] = {.has_owners = has_identity_owners,
        .index = index_identity,
        .expire = expire_identity},
    [RECORD_PROOF_POLICY] = {.has_owners = has_proof_policy_owner, .index = index_proof_policy},
    [RECORD_CARD] = {.has_owners = has_card_owner,
        .index = index_card,
        .unindex = unindex_card,
        .expire = expire_card},
    [RECORD_ACCOUNT_POLICY] = {.has_owners = has_account_policy_owner,
        .index = index_account_policy},
    [RECORD_USAGE] = {.has_owners = has_usage_owner,
        .index = index_usage,
        .is_redone = usage_is_redone,
        .redo = redo_usage},
    [RECORD_CARD_FLOW] = {.has_owners = has_card_flow_owner, .index = index_card_flow},
    [RECORD_MANDATE] = {.has_owners = has_mandate_owners, .index = index_mandate},
    [RECORD_DENIED] = {.has_owners = has_denied_owner,
        .index = index_denied,
        .expire = expire_denied},
    [RECORD_HIT] = {.has_owners = has_hit_owners, .index = index_hit},
    [RECORD_COVER] = {.has_owners = has_cover_owner, .index = index_cover},
    [RECORD_CLAIM] = {.has_owners = has_claim_owners,
        .index = index_claim,
        .rest_minor = rest_of_claim,
        .expire = expire_claim},
    [RECORD_BANK_STATEMENT] = {.has_owners = has_bank_statement_owner,
        .index = index_bank_statement},
    [RECORD_STATEMENT_LINE] = {.has_owners = has_statement_line_owners},
    [RECORD_STATEMENT_MATCH] = {.has_owners = has_match_owners},
    [RECORD_MATCHED_BOOKING] = {.has_owners = has_matched_booking_owner,
        .index = index_matched_booking,
        .unindex = unindex_matched_booking},
    [RECORD_PRODUCT] = {.has_owners = has_product_owners, .index = index_product},
    [RECORD_POSITION] = {.has_owners = has_position_owners, .index = index_position},
    [RECORD_PRICE] = {.has_owners = has_price_owner},
    [RECORD_FEEDBACK] = {.has_owners = has_feedback_owners,
        .index = index_feedback,
        .expire = expire_feedback},
};
