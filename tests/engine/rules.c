/* rules.c: tries every row of the rule tables, and that every outcome has a row that reaches it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"
#include "compare.h"
#include "suites.h"
#include "support/expect.h"

#include <inttypes.h>
#include <stdio.h>

/* How many images of each kind an accepted command records. */
static const struct {
    enum command_kind kind;
    uint32_t images[RECORD_KINDS + 1];
} images_of_kinds[] = {
    {COMMAND_OPEN_LEDGER, {[RECORD_LEDGER] = 1, [RECORD_ACCOUNT] = CONTROL_ACCOUNTS_PER_LEDGER}},
    {COMMAND_CLOSE_LEDGER, {[RECORD_LEDGER] = 1}},
    {COMMAND_CUT_DAY, {[RECORD_LEDGER] = 1}},
    {COMMAND_OPEN_MEMBER, {[RECORD_MEMBER] = 1}},
    {COMMAND_CLOSE_MEMBER, {[RECORD_MEMBER] = 1}},
    {COMMAND_IDENTIFY_MEMBER, {[RECORD_IDENTITY] = 1}}, /* and the one that it replaces */
    {COMMAND_OPEN_ACCOUNT, {[RECORD_ACCOUNT] = 1}},
    {COMMAND_CLOSE_ACCOUNT, {[RECORD_ACCOUNT] = 1}},
    {COMMAND_RESTRICT_ACCOUNT, {[RECORD_ACCOUNT] = 1, [RECORD_RESTRICTION] = 1}},
    {COMMAND_BOOK_RECEIPT, {0}},
    {COMMAND_BOOK_INTEREST, {0}},
    {COMMAND_CHARGE_FEE, {0}},
    {COMMAND_PAY, {0}},
    {COMMAND_WITHDRAW, {[RECORD_PAYOUT] = 1}},
    {COMMAND_CONFIRM_PAYOUT, {[RECORD_PAYOUT] = 1}},
    {COMMAND_SET_TERMS, {[RECORD_LEDGER] = 1}},
    {COMMAND_SET_FEE_RULE, {[RECORD_FEE_RULE] = 1}},
    {COMMAND_OPEN_FEE_ACCOUNT, {[RECORD_ACCOUNT] = 1}},
    {COMMAND_COLLECT_FEES, {0}},
    {COMMAND_REFUND, {[RECORD_REFUNDED] = 2}},
    {COMMAND_ALLOCATE_SUSPENSE, {0}}, /* its item, see below */
    {COMMAND_BIND_CARD, {[RECORD_CARD] = 1}},
    {COMMAND_CHECK_CARD, {[RECORD_CARD] = 1}},
    {COMMAND_ADD_DENIED, {[RECORD_DENIED] = 1}}, /* and whom it finds */
    {COMMAND_END_DENIED, {[RECORD_DENIED] = 1, [RECORD_PROPOSAL] = 1}},
    {COMMAND_DECIDE_HIT, {[RECORD_HIT] = 1}},
    {COMMAND_CONFIRM_CARD_CHECK, {[RECORD_CARD] = 1}},
    {COMMAND_CONFIRM_CARD_AMOUNT, {[RECORD_CARD] = 1}},
    {COMMAND_UNBIND_CARD, {[RECORD_CARD] = 1}}, /* and the next main card */
    {COMMAND_REPLACE_CARD, {[RECORD_CARD] = 1}},
    {COMMAND_PLACE_CLAIM, {[RECORD_CLAIM] = 1, [RECORD_FEEDBACK] = 1}}, /* and what is covered */
    {COMMAND_CONTINUE_CLAIM, {[RECORD_CLAIM] = 1, [RECORD_FEEDBACK] = 1}},
    {COMMAND_RELEASE_CLAIM, {[RECORD_CLAIM] = 1, [RECORD_FEEDBACK] = 1}},
    {COMMAND_DEDUCT_CLAIM, {[RECORD_PAYOUT] = 1}}, /* and its claim, and what is covered */
    {COMMAND_OPEN_PRODUCT, {[RECORD_PRODUCT] = 1, [RECORD_ACCOUNT] = 1}},
    {COMMAND_CLOSE_PRODUCT, {[RECORD_PRODUCT] = 1, [RECORD_ACCOUNT] = 1}},
    {COMMAND_PUBLISH_PRICE, {[RECORD_PRICE] = 1, [RECORD_PRODUCT] = 1}}, /* and the one before */
    {COMMAND_SUBSCRIBE, {0}}, /* the first one opens a position */
    {COMMAND_REDEEM, {0}},
    {COMMAND_OPEN_FEEDBACK, {[RECORD_FEEDBACK] = 1}},
    {COMMAND_GIVE_FEEDBACK, {[RECORD_FEEDBACK] = 1}},
    {COMMAND_OPEN_LUMP, {[RECORD_LUMP] = 1}},
    {COMMAND_ALLOCATE_LINE, {[RECORD_LUMP] = 1}},
    {COMMAND_CLOSE_LUMP, {[RECORD_LUMP] = 1}},
    {COMMAND_OPEN_BANK_STATEMENT, {[RECORD_BANK_STATEMENT] = 1}},
    {COMMAND_ADD_STATEMENT_LINE, {[RECORD_BANK_STATEMENT] = 1, [RECORD_STATEMENT_LINE] = 1}},
    {COMMAND_CLOSE_BANK_STATEMENT, {[RECORD_BANK_STATEMENT] = 1}},
    {COMMAND_MATCH_STATEMENT_LINE,
        {[RECORD_STATEMENT_MATCH] = 1, [RECORD_MATCHED_BOOKING] = 1, [RECORD_STATEMENT_LINE] = 1}},
    {COMMAND_UNDO_MATCH,
        {[RECORD_STATEMENT_MATCH] = 1, [RECORD_MATCHED_BOOKING] = 1, [RECORD_STATEMENT_LINE] = 1}},
    {COMMAND_UNDO_ALLOCATION, {[RECORD_REFUNDED] = 2}},
    {COMMAND_ADOPT_SUSPENSE, {[RECORD_SUSPENSE] = 1}},
    {COMMAND_RETURN_SUSPENSE, {[RECORD_PAYOUT] = 1}},
    {COMMAND_INTERCEPT_PAYOUT, {[RECORD_PAYOUT] = 1}},
    {COMMAND_OPEN_ACQUIRER, {[RECORD_ACQUIRER] = 1, [RECORD_ACCOUNT] = 1}},
    {COMMAND_SET_ACQUIRER, {[RECORD_ACQUIRER] = 1}},
    {COMMAND_BOOK_PROMISE, {[RECORD_PROMISE] = 1}},
    {COMMAND_CANCEL_PROMISE, {[RECORD_PROMISE] = 1}},
    {COMMAND_OPEN_SETTLEMENT, {[RECORD_SETTLEMENT] = 1}},
    {COMMAND_SETTLE_LINE, {[RECORD_SETTLEMENT] = 1}}, /* and its promise, and a difference */
    {COMMAND_CLOSE_SETTLEMENT, {[RECORD_SETTLEMENT] = 1}},
    {COMMAND_CLOSE_DIFFERENCE, {[RECORD_DIFFERENCE] = 1}}, /* and its promise */
    {COMMAND_PLACE_HOLD, {[RECORD_HOLD] = 1}},
    {COMMAND_CONFIRM_HOLD, {[RECORD_HOLD] = 1}},
    {COMMAND_CANCEL_HOLD, {[RECORD_HOLD] = 1}},
    {COMMAND_PLACE_FREEZE, {[RECORD_FREEZE] = 1}},
    {COMMAND_LIFT_FREEZE, {[RECORD_FREEZE] = 1}},
    {COMMAND_EXPIRE, {0}}, /* by what expires */
    {COMMAND_REVERSE, {[RECORD_REFUNDED] = 1}},
    {COMMAND_PROPOSE_ADJUSTMENT, {0}}, /* always refused, as the next two */
    {COMMAND_APPROVE_ADJUSTMENT, {0}},
    {COMMAND_WITHDRAW_ADJUSTMENT, {0}},
    {COMMAND_ADJUST, {[RECORD_PROPOSAL] = 1}}, /* that of its approval */
    {COMMAND_PROPOSE, {[RECORD_PROPOSAL] = 1}},
    {COMMAND_APPROVE, {0}}, /* what it approves is decided instead */
    {COMMAND_WITHDRAW_PROPOSAL, {[RECORD_PROPOSAL] = 1}},
    {COMMAND_GRANT_MANDATE, {[RECORD_MANDATE] = 1}},
    {COMMAND_END_MANDATE, {[RECORD_MANDATE] = 1}},
    {COMMAND_SET_PROOF_POLICY, {[RECORD_PROOF_POLICY] = 1}},
    {COMMAND_SET_APPROVAL_POLICY, {[RECORD_APPROVAL_POLICY] = 1}},
    {COMMAND_SET_ACCOUNT_POLICY, {[RECORD_ACCOUNT_POLICY] = 1}},
    {COMMAND_CREATE_CALLER, {[RECORD_CALLER] = 1}},
    {COMMAND_UPDATE_CALLER, {[RECORD_CALLER] = 1}},
    {COMMAND_REVEAL, {0}},
};

static const enum record_kind record_of_expiry[] = {
    [EXPIRY_HOLD] = RECORD_HOLD,
    [EXPIRY_FREEZE] = RECORD_FREEZE,
    [EXPIRY_ADJUSTMENT] = RECORD_ADJUSTMENT,
    [EXPIRY_PROPOSAL] = RECORD_PROPOSAL,
    [EXPIRY_SUSPENSE] = RECORD_WATCH, /* the item stays as it is */
    [EXPIRY_PROMISE] = RECORD_PROMISE,
    [EXPIRY_IDENTITY] = RECORD_IDENTITY,
    [EXPIRY_CARD] = RECORD_CARD,
    [EXPIRY_DENIED] = RECORD_DENIED,
};

/* Whatever goes to UNALLOCATED or comes from there changes an item. */
static uint32_t items_of(const struct stage *stage, const struct effects *effects)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < effects->posting_count && count == 0; i++) {
        const struct posting *posting = &effects->postings[i];
        int debit = engine_find_account(stage->engine, posting->debit_account_id)->kind;
        int credit = engine_find_account(stage->engine, posting->credit_account_id)->kind;
        count = debit == ACCOUNT_UNALLOCATED || credit == ACCOUNT_UNALLOCATED;
    }
    return count;
}

static void expect_images(
    const struct stage *stage, const struct rule *rule, const struct effects *effects)
{
    uint32_t found[RECORD_KINDS + 1] = {0};
    for (uint32_t i = 0; i < effects->image_count; i++)
        found[effects->images[i].kind]++;
    size_t k = 0;
    while (images_of_kinds[k].kind != rule->command.kind)
        k++;
    bool accepted = outcome_is_accepted((int)rule->outcome);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        uint32_t expected = images_of_kinds[k].images[kind] + rule->more[kind];
        if (rule->command.kind == COMMAND_EXPIRE &&
            record_of_expiry[rule->command.expire.kind] == (enum record_kind)kind)
            expected++;
        if (kind == RECORD_SUSPENSE)
            expected += items_of(stage, effects);
        EXPECT_MSG(found[kind] == (accepted ? expected : 0), "%s: %u images of kind %d", rule->name,
            found[kind], kind);
    }
}

/* The order number and the fee that the command itself says; what ChargeFee moves is its amount. */
static struct text own_order(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PAY:
        return command->pay.order_number;
    case COMMAND_REFUND:
        return command->refund.order_number;
    case COMMAND_WITHDRAW:
        return command->withdraw.order_number;
    case COMMAND_PLACE_HOLD:
        return command->place_hold.order_number;
    case COMMAND_CONFIRM_HOLD:
        return command->confirm_hold.order_number;
    case COMMAND_CANCEL_HOLD:
        return command->cancel_hold.order_number;
    case COMMAND_ALLOCATE_SUSPENSE:
        return command->allocate_suspense.order_number;
    case COMMAND_ALLOCATE_LINE:
        return command->allocate_line.order_number;
    case COMMAND_BOOK_PROMISE:
        return command->book_promise.order_number;
    default:
        return (struct text){0};
    }
}

static int64_t own_fee(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PAY:
        return command->pay.fee_minor;
    case COMMAND_WITHDRAW:
        return command->withdraw.fee_minor;
    case COMMAND_CONFIRM_HOLD:
        return command->confirm_hold.fee_minor;
    default:
        return 0;
    }
}

/* What the journal's row will say of it. */
static void expect_row(const struct rule *rule, enum outcome outcome, int64_t subject,
    int64_t fee_minor, int32_t fee_rule_version, struct text order, const char *who)
{
    bool accepted = outcome_is_accepted((int)rule->outcome);
    EXPECT_MSG(outcome == rule->outcome, "%s: %s says %s and not %s", rule->name, who,
        outcome_name((int)outcome), outcome_name((int)rule->outcome));
    EXPECT_MSG(subject == rule->subject, "%s: %s, subject %" PRId64, rule->name, who, subject);
    int64_t fee = accepted ? own_fee(&rule->command) + rule->fee_minor : 0;
    EXPECT_MSG(fee_minor == fee, "%s: %s, fee %" PRId64, rule->name, who, fee_minor);
    EXPECT_MSG(fee_rule_version == (accepted ? rule->fee_rule_version : 0),
        "%s: %s, version %d of the fee rule", rule->name, who, fee_rule_version);
    struct text wanted = rule->order ? text_of(rule->order) : own_order(&rule->command);
    EXPECT_MSG(text_equals(order, wanted), "%s: %s, order %.*s", rule->name, who, (int)order.length,
        order.length ? order.bytes : "");
}

static void expect_limit(const struct rule *rule, int64_t limit_minor, const char *who)
{
    bool is_said = rule->has_limit && limit_minor == rule->limit_minor;
    EXPECT_MSG(!rule->has_limit || is_said, "%s: %s, limit %" PRId64 " and not %" PRId64,
        rule->name, who, limit_minor, rule->limit_minor);
    EXPECT_MSG(limit_minor == 0 || !outcome_is_accepted((int)rule->outcome),
        "%s: %s, a limit of what is accepted", rule->name, who);
}

/* Money of PLATFORM_OWN comes from fee rules, from its own named account, from those who owe it,
 * and from its payouts that come back; from nowhere else. */
static void expect_own_money(
    const struct stage *stage, const struct rule *rule, const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->posting_count; i++) {
        const struct posting *posting = &effects->postings[i];
        const struct account *from = engine_find_account(stage->engine, posting->debit_account_id);
        const struct account *to = engine_find_account(stage->engine, posting->credit_account_id);
        if (to->kind != ACCOUNT_PLATFORM_OWN || from == to)
            continue;
        bool repays = false;
        for (uint32_t k = 0; k < effects->image_count; k++) {
            const struct image *image = &effects->images[k];
            repays |= image->kind == RECORD_DEBT && image->debt.account_id == from->id;
        }
        bool is_allowed = false;
        switch (rule->command.kind) {
        case COMMAND_COLLECT_FEES:
            is_allowed = from->kind == ACCOUNT_FEE && rule->fee_rule_version > 0;
            break;
        case COMMAND_BOOK_RECEIPT:
            is_allowed = from->kind == ACCOUNT_ESCROW || repays;
            break;
        case COMMAND_CONFIRM_PAYOUT:
        case COMMAND_INTERCEPT_PAYOUT: /* its own payouts, and fees that it bore */
            is_allowed = from->kind == ACCOUNT_ESCROW || from->kind == ACCOUNT_FEE;
            break;
        default:
            is_allowed = repays;
        }
        EXPECT_MSG(is_allowed, "%s: posting %u gives to PLATFORM_OWN", rule->name, i);
    }
}

static void expect_moves(const struct rule *rule, const struct effects *effects)
{
    uint32_t count = 0;
    while (count < MOVES_MAX && rule->moves[count].amount != 0)
        count++;
    EXPECT_MSG(
        effects->posting_count == count, "%s: %u postings", rule->name, effects->posting_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct posting *posting = &effects->postings[i];
        const struct move *move = &rule->moves[i];
        EXPECT_MSG(
            posting->debit_account_id == move->from && posting->debit_bucket == move->from_bucket,
            "%s: posting %u debits bucket %d of account %" PRId64, rule->name, i,
            posting->debit_bucket, posting->debit_account_id);
        EXPECT_MSG(
            posting->credit_account_id == move->to && posting->credit_bucket == move->to_bucket,
            "%s: posting %u credits bucket %d of account %" PRId64, rule->name, i,
            posting->credit_bucket, posting->credit_account_id);
        EXPECT_MSG(posting->amount_minor == move->amount, "%s: posting %u moves %" PRId64,
            rule->name, i, posting->amount_minor);
        EXPECT(posting->ledger_id == rule->command.ledger_id);
    }
}

/* Tries a row on the stage and takes it back. */
static void try_rule(void *context, const struct rule *rule)
{
    struct stage *stage = context;
    struct effects *effects = &stage->effects;
    struct command command = stage_with_original(stage, &rule->command);
    engine_begin(stage->engine);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &command, effects);
    expect_row(rule, effects->outcome, effects->subject_id, effects->fee_minor,
        effects->fee_rule_version, effects->order_number, "the engine");
    expect_limit(rule, effects->limit_minor, "the engine");
    expect_moves(rule, effects);
    expect_images(stage, rule, effects);
    expect_own_money(stage, rule, effects);
    engine_rollback(stage->engine);
    for (int ledger = 1; ledger <= stage->model->ledger_count; ledger++)
        expect_same_ledger_books(stage->engine, stage->model, ledger);
}

const struct rule_table rule_tables[] = {
    {"Ledgers", rules_ledgers},
    {"Business dates", rules_dates},
    {"Members", rules_members},
    {"Who members are", rules_identities},
    {"Accounts", rules_accounts},
    {"Money in", rules_money_in},
    {"One movement, one receipt", rules_receipt_once},
    {"Fees charged", rules_fees},
    {"Payments", rules_pay},
    {"Withdrawals", rules_withdraw},
    {"The bank's word on a payout", rules_confirm},
    {"Terms", rules_terms},
    {"Fee rules", rules_fee_rules},
    {"The platform's own money", rules_own_money},
    {"Payments with fee rules", rules_split},
    {"Debts, and money of the next date", rules_credit},
    {"Holds", rules_holds},
    {"Refunds", rules_refunds},
    {"Freezes", rules_freezes},
    {"Reversals", rules_reversals},
    {"Suspense", rules_suspense},
    {"Lumps", rules_lumps},
    {"Statements of the bank", rules_statements},
    {"Cards", rules_cards},
    {"Mandates", rules_mandates},
    {"Proofs", rules_proofs},
    {"Screening", rules_screening},
    {"Payment companies", rules_acquirers},
    {"Promises", rules_promises},
    {"Settlements", rules_settlements},
    {"Differences", rules_differences},
    {"Adjustments", rules_adjustments},
    {"States of payouts", rules_payout_states},
    {"Fees of payouts", rules_payout_fees},
    {"Proposals", rules_proposals},
    {"Callers", rules_callers},
    {"Plain values", rules_reveals},
    {"Pairs of accounts", rules_pairs},
};
enum { TABLES = sizeof rule_tables / sizeof *rule_tables };
const size_t rule_table_count = TABLES;

START_TEST(every_rule)
{
    struct stage *stage = stage_create();
    rule_tables[_i].each_row(try_rule, stage);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* The same of what tells persons and cards apart, where they were recorded under keys of before. */
START_TEST(every_rule_after_new_keys)
{
    void (*const tables[])(on_rule on, void *context) = {rules_identities, rules_cards,
        rules_screening, rules_money_in, rules_suspense, rules_proofs};
    struct stage *stage = stage_create();
    stage_change_keys(stage);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        tables[i](try_rule, stage);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* The naive model gives the same answers, so that the tables and it are one opinion. */
struct asked {
    struct stage *stage;
    struct naive_model *kept;
};

static void ask_model(void *context, const struct rule *rule)
{
    const struct asked *asked = context;
    struct stage *stage = asked->stage;
    struct command command = stage_with_original(stage, &rule->command);
    struct naive_answer answer =
        naive_execute(stage->model, stage->now_us, stage->sequence + 1, &command);
    expect_row(rule, answer.outcome, answer.subject_id, answer.fee_minor, answer.fee_rule_version,
        answer.order_number, "the model");
    expect_limit(rule, answer.limit_minor, "the model");
    int count = 0;
    while (count < MOVES_MAX && rule->moves[count].amount != 0)
        count++;
    EXPECT_MSG(answer.move_count == count, "%s: the model books %d", rule->name, answer.move_count);
    for (int i = 0; i < count; i++) {
        const struct naive_move *booked = &answer.moves[i];
        const struct move *move = &rule->moves[i];
        EXPECT_MSG(booked->from == move->from && booked->to == move->to &&
                       booked->from_bucket == move->from_bucket &&
                       booked->to_bucket == move->to_bucket && booked->amount == move->amount,
            "%s: move %d of the model, %" PRId64, rule->name, i, booked->amount);
    }
    naive_go_back(stage->model, asked->kept);
}

START_TEST(model_agrees)
{
    struct asked asked = {.stage = stage_create(), .kept = naive_create()};
    naive_keep(asked.kept, asked.stage->model);
    rule_tables[_i].each_row(ask_model, &asked);
    naive_destroy(asked.kept);
    stage_destroy(asked.stage);
}
END_TEST

enum { OUTCOMES_MAX = 1000 };

static void note_outcome(void *context, const struct rule *rule)
{
    bool *reached = context;
    EXPECT((int)rule->outcome < (int)OUTCOMES_MAX);
    reached[rule->outcome] = true;
}

/* Every outcome of the list has a row that reaches it, but for those that others give. */
START_TEST(every_outcome_is_reached)
{
    static const struct {
        enum outcome outcome;
        const char *where;
    } elsewhere[] = {
        {OUTCOME_KEY_CONFLICT, "the flow of a turn compares keys"},
        {OUTCOME_BATCH_ABORTED, "the flow of a turn rolls batches back"},
        {OUTCOME_TOO_MANY_LEDGERS, "ceilings.c"},
        {OUTCOME_TOO_MANY_MEMBERS, "ceilings.c"},
        {OUTCOME_TOO_MANY_IDENTITIES, "ceilings.c"},
        {OUTCOME_TOO_MANY_ACCOUNTS, "ceilings.c"},
        {OUTCOME_TOO_MANY_PAYOUTS, "ceilings.c"},
        {OUTCOME_TOO_MANY_FEE_RULES, "ceilings.c"},
        {OUTCOME_TOO_MANY_HOLDS, "ceilings.c"},
        {OUTCOME_TOO_MANY_FREEZES, "ceilings.c"},
        {OUTCOME_TOO_MANY_REFUNDS, "ceilings.c"},
        {OUTCOME_TOO_MANY_SUSPENSE_ITEMS, "suspense.c"},
        {OUTCOME_TOO_MANY_LUMPS, "lumps.c"},
        {OUTCOME_TOO_MANY_CARDS, "cards.c"},
        {OUTCOME_DESTINATION_NOT_OWN_CARD, "same_card.c"},
        {OUTCOME_DESTINATION_NEEDED, "same_card.c"},
        {OUTCOME_NO_CHECKED_CARD, "same_card.c"},
        {OUTCOME_ABOVE_CARD, "same_card.c"},
        {OUTCOME_TOO_MANY_MANDATES, "ceilings.c"},
        {OUTCOME_TOO_MANY_DENIED, "screening.c"},
        {OUTCOME_TOO_MANY_BANK_STATEMENTS, "statements.c"},
        {OUTCOME_TOO_MANY_STATEMENT_LINES, "statements.c"},
        {OUTCOME_TOO_MANY_STATEMENT_MATCHES, "statements.c"},
        {OUTCOME_TOO_MANY_HITS, "screening.c"},
        {OUTCOME_ACCOUNT_KEPT_OPEN, "claims.c"},
        {OUTCOME_CLAIM_NOT_BY_LAW, "claims.c"},
        {OUTCOME_CLAIM_SUBJECT_UNKNOWN, "claims.c"},
        {OUTCOME_CLAIM_SUBJECT_DIFFERS, "claims.c"},
        {OUTCOME_CLAIM_TERM_FIXED, "claims.c"},
        {OUTCOME_CLAIM_TERM_MISSING, "claims.c"},
        {OUTCOME_CLAIM_TERM_TOO_LONG, "claims.c"},
        {OUTCOME_CLAIM_MAY_NOT_QUEUE, "claims.c"},
        {OUTCOME_TOO_MANY_CLAIMS, "claims.c"},
        {OUTCOME_FEEDBACK_NOT_FOUND, "feedback.c"},
        {OUTCOME_FEEDBACK_OF_ANOTHER_ORGAN, "feedback.c"},
        {OUTCOME_FEEDBACK_GIVEN, "feedback.c"},
        {OUTCOME_TOO_MANY_FEEDBACKS, "feedback.c"},
        {OUTCOME_PRODUCT_NOT_FOUND, "products.c"},
        {OUTCOME_PRODUCT_CODE_TAKEN, "products.c"},
        {OUTCOME_TOO_MANY_PRODUCTS, "products.c"},
        {OUTCOME_PRODUCT_CLOSED, "products.c"},
        {OUTCOME_PRICE_NOT_FOUND, "products.c"},
        {OUTCOME_PRICE_REPLACED, "products.c"},
        {OUTCOME_PRICE_DATE_AHEAD, "products.c"},
        {OUTCOME_PRICE_DATE_PASSED, "products.c"},
        {OUTCOME_TOO_MANY_PRICES, "products.c"},
        {OUTCOME_PRODUCT_NEEDS_CONFIRMATION, "positions.c"},
        {OUTCOME_PRODUCT_HAS_NO_PRICE, "positions.c"},
        {OUTCOME_ACCOUNT_IS_ISSUERS, "positions.c"},
        {OUTCOME_TOO_MANY_POSITIONS, "positions.c"},
        {OUTCOME_ROUNDED_TO_NOTHING, "positions.c"},
        {OUTCOME_TOO_MANY_UNITS, "positions.c"},
        {OUTCOME_INSUFFICIENT_UNITS, "positions.c"},
        {OUTCOME_UNITS_KEPT, "positions.c"},
        {OUTCOME_ACCOUNT_HOLDS_UNITS, "positions.c"},
        {OUTCOME_PRODUCT_HELD, "positions.c"},
        {OUTCOME_ACCOUNT_OF_PRODUCT, "products.c"},
        {OUTCOME_CLAIM_NOT_FOUND, "claims.c"},
        {OUTCOME_CLAIM_OF_ANOTHER_ORGAN, "claims.c"},
        {OUTCOME_CLAIM_RELEASED, "claims.c"},
        {OUTCOME_CLAIM_EXPIRED, "claims.c"},
        {OUTCOME_CLAIM_CONTINUED_TOO_OFTEN, "claims.c"},
        {OUTCOME_CLAIM_IS_WHOLE, "claims.c"},
        {OUTCOME_CLAIM_DEDUCTED, "deductions.c"},
        {OUTCOME_CLAIM_DEDUCTION_UNDER_WAY, "deductions.c"},
        {OUTCOME_CLAIM_STOPPED_TOO_OFTEN, "deductions.c"},
        {OUTCOME_CLAIM_MAY_NOT_DEDUCT, "deductions.c"},
        {OUTCOME_CLAIM_MAY_NOT_RETURN, "deductions.c"},
        {OUTCOME_PAYOUT_IS_MEASURE, "deductions.c"},
        {OUTCOME_CLAIM_COVERS_LESS, "deductions.c"},
        {OUTCOME_LEDGER_HAS_OPEN_SETTLEMENTS, "promises.c"},
        {OUTCOME_TOO_MANY_ACQUIRERS, "promises.c"},
        {OUTCOME_TOO_MANY_PROMISES, "promises.c"},
        {OUTCOME_TOO_MANY_SETTLEMENTS, "promises.c"},
        {OUTCOME_TOO_MANY_DIFFERENCES, "promises.c"},
        {OUTCOME_ADJUSTMENT_DECIDED, "adjustments.c"},
        {OUTCOME_ADJUSTMENT_EXPIRED, "adjustments.c"},
        {OUTCOME_ADJUSTMENT_OF_ANOTHER, "journals of before 0.3.0"},
        {OUTCOME_TOO_MANY_ADJUSTMENTS, "journals of before 0.3.0"},
        {OUTCOME_TOO_MANY_CALLERS, "ceilings.c"},
        {OUTCOME_OWED_STAYS, "ways.c"},
        {OUTCOME_TOO_MANY_PROPOSALS, "places.c"},
        {OUTCOME_ACCOUNT_POLICY_FORBIDS, "account_policy.c"},
        {OUTCOME_OVER_OPERATION_LIMIT, "account_policy.c"},
        {OUTCOME_OVER_DATE_LIMIT, "account_policy.c"},
        {OUTCOME_OVER_YEAR_LIMIT, "account_policy.c"},
        {OUTCOME_OVER_BALANCE_LIMIT, "account_policy.c"},
    };
    static bool reached[OUTCOMES_MAX];
    for (int i = 0; i < TABLES; i++)
        rule_tables[i].each_row(note_outcome, reached);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        EXPECT_MSG(!reached[elsewhere[i].outcome], "%s is reached: not in %s only",
            outcome_name((int)elsewhere[i].outcome), elsewhere[i].where);
        reached[elsewhere[i].outcome] = true;
    }
    int unspecified = 0;
    for (int outcome = unspecified + 1; outcome < OUTCOMES_MAX; outcome++) {
        if (outcome_name(outcome))
            EXPECT_MSG(reached[outcome], "no row reaches %s", outcome_name(outcome));
    }
}
END_TEST

/* As many payees as there can be: booked in order, undone as a whole, refused as a whole. */
START_TEST(the_most_payees)
{
    struct stage *stage = stage_create();
    struct payee payees[PAYEES_PER_COMMAND_MAX];
    int64_t sum = 0;
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++) {
        payees[i].account_id = stage_do(stage, make_open_account(L_MAIN, M_OWNER));
        payees[i].amount_minor = i + 1;
        sum += i + 1;
    }
    struct command pay = make_split(L_MAIN, A_RICH, payees, PAYEES_PER_COMMAND_MAX, 9);
    struct effects *effects = &stage->effects;
    engine_begin(stage->engine);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &pay, effects);
    EXPECT(effects->outcome == OUTCOME_ACCEPTED);
    engine_rollback(stage->engine);
    expect_same_state(stage->engine, stage->model);

    EXPECT(stage_do(stage, pay) == payees[0].account_id);
    EXPECT(effects->posting_count == PAYEES_PER_COMMAND_MAX + 1);
    for (uint32_t i = 0; i < PAYEES_PER_COMMAND_MAX; i++) {
        EXPECT(effects->postings[i].credit_account_id == payees[i].account_id);
        EXPECT(effects->postings[i].amount_minor == payees[i].amount_minor);
        EXPECT(effects->postings[i].credit_balance_minor == payees[i].amount_minor);
    }
    EXPECT(effects->postings[PAYEES_PER_COMMAND_MAX].debit_balance_minor == RICH_MINOR - sum - 9);
    EXPECT(effects->postings[PAYEES_PER_COMMAND_MAX].credit_account_id == FEE);
    expect_same_state(stage->engine, stage->model);

    stage_do(stage, make_restrict(L_MAIN, payees[PAYEES_PER_COMMAND_MAX - 1].account_id, true, 0));
    engine_execute(stage->engine, stage->now_us, ++stage->sequence, &pay, effects);
    EXPECT(effects->outcome == OUTCOME_ACCOUNT_RESTRICTED_IN);
    EXPECT(effects->posting_count == 0 && effects->subject_id == 0);
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

/* The most that one command can do: as many payees as there can be, who all repay as many debts as
 * a credit does, and have something left that can be withdrawn later; a fee in shares. */
START_TEST(the_most_effects)
{
    struct stage *stage = stage_create();
    struct effects *effects = &stage->effects;
    const uint32_t count = PAYEES_PER_COMMAND_MAX;
    struct payee payees[PAYEES_PER_COMMAND_MAX];
    int64_t paid[DEBTS_PER_SETTLE_MAX];
    int64_t member = stage_do(stage, make_open_member(L_SHOP, "many"));
    for (uint32_t i = 0; i < count; i++)
        payees[i] = (struct payee){stage_do(stage, make_open_account(L_SHOP, member)), 1};
    for (int i = 0; i < DEBTS_PER_SETTLE_MAX; i++) {
        stage_do(stage, a_payment("M", B_PAYER, payees, count));
        paid[i] = stage->sequence;
    }
    for (uint32_t i = 0; i < count; i++)
        stage_do(stage, make_pay(L_SHOP, payees[i].account_id, B_ONE, DEBTS_PER_SETTLE_MAX, 0));
    for (int i = 0; i < DEBTS_PER_SETTLE_MAX; i++) {
        stage_do(stage, a_refund("M", paid[i], ALL_LEFT));
        EXPECT(effects->posting_count == count);
        EXPECT(effects->image_count == 1 + count + count);
    }
    expect_same_state(stage->engine, stage->model);

    for (uint32_t i = 0; i < count; i++)
        payees[i].amount_minor = DEBTS_PER_SETTLE_MAX + 1;
    struct command pay =
        next_date(with_rule(a_payment("M", B_PAYER, payees, count), "split", FEE_BEARER_PAYER));
    engine_begin(stage->engine);
    engine_execute(stage->engine, stage->now_us, stage->sequence + 1, &pay, effects);
    EXPECT(effects->outcome == OUTCOME_ACCEPTED);
    engine_rollback(stage->engine);
    expect_same_state(stage->engine, stage->model);
    stage_do(stage, pay);
    EXPECT(effects->posting_count == 2 * count + 3);
    EXPECT(effects->image_count == count * DEBTS_PER_SETTLE_MAX + count);
    expect_same_state(stage->engine, stage->model);
    int64_t last = stage->sequence;
    stage_do(stage, a_refund("M", last, ALL_LEFT));
    EXPECT(effects->posting_count == 2 * count + 3); /* 1 of each payee, the rest advanced */
    expect_same_state(stage->engine, stage->model);
    stage_destroy(stage);
}
END_TEST

Suite *rules_suite(void)
{
    Suite *suite = suite_create("rules");
    TCase *tests = tcase_create("rules");
    tcase_add_loop_test(tests, every_rule, 0, TABLES);
    tcase_add_test(tests, every_rule_after_new_keys);
    tcase_add_test(tests, the_most_payees);
    tcase_add_test(tests, the_most_effects);
    tcase_add_loop_test(tests, model_agrees, 0, TABLES);
    tcase_add_test(tests, every_outcome_is_reached);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
