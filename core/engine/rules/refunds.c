/* refunds.c: gives back what was paid, in parts and by payee, never more than was paid.
 *
 * How much of a command was given back stands in the records `refunded`: one for the whole, one for
 * each payee. The earlier command itself comes with the request, from the journal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/refunds.h"

#include "engine/memory/changes.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/fees.h"
#include "engine/rules/next_date.h"
#include "engine/rules/refusals.h"
#include "engine/rules/settle.h"
#include "engine/rules/suspense.h"
#include "model/fee.h"

#include <assert.h>

/* A line is a posting of the payee and one of PLATFORM_OWN; or its payee gives nothing and gets one
 * of the fee. A leg of the fee is one to the fee account and two from it. Images are the refunded
 * part of each line, its account and its debt; and the whole, and the item of what waits for the
 * payer. Then payees and payer settle, and other accounts of the payees' members. */
static_assert(
    2 * PAYEES_PER_COMMAND_MAX + 3 * FEE_SHARES_MAX + SETTLE_POSTINGS(PAYEES_PER_COMMAND_MAX + 1) <=
        POSTINGS_PER_COMMAND_MAX,
    "the largest refund fits");
static_assert(PAYEES_PER_COMMAND_MAX * (3 + USAGE_IMAGES) + 3 +
                      SETTLE_IMAGES(PAYEES_PER_COMMAND_MAX + 1) + USAGE_IMAGES <=
                  IMAGES_PER_COMMAND_MAX,
    "and so do its images");

/* ---- what was given back before ---- */

static uint64_t hash_of_refunded(
    const struct engine *engine, int64_t original_sequence, int64_t account_id)
{
    const int64_t key[2] = {original_sequence, account_id};
    return hash_bytes(engine->hash_secret, key, sizeof key);
}

void index_refunded(struct engine *engine, int64_t refunded_id)
{
    const struct refunded *refunded = refunded_at(engine, refunded_id);
    insert_into_map(engine, &engine->refunds,
        hash_of_refunded(engine, refunded->original_sequence, refunded->account_id),
        place_of(engine, RECORD_REFUNDED, refunded_id));
}

void unindex_refunded(struct engine *engine, int64_t refunded_id)
{
    const struct refunded *refunded = refunded_at(engine, refunded_id);
    remove_from_map(engine, &engine->refunds,
        hash_of_refunded(engine, refunded->original_sequence, refunded->account_id),
        place_of(engine, RECORD_REFUNDED, refunded_id));
}

const struct refunded *engine_find_refunded(
    const struct engine *engine, int64_t original_sequence, int64_t account_id)
{
    uint64_t hash = hash_of_refunded(engine, original_sequence, account_id);
    uint64_t cursor = 0;
    uint32_t place;
    while ((place = map_next(&engine->refunds, hash, &cursor)) != MAP_NONE) {
        const struct refunded *refunded = record_in(engine, RECORD_REFUNDED, place);
        if (refunded->original_sequence == original_sequence && refunded->account_id == account_id)
            return refunded;
    }
    return NULL;
}

const struct payee *payees_of_original(
    const struct original *original, struct payee *only, uint32_t *ret_count)
{
    const struct command *command = original->command;
    switch ((int)command->kind) {
    case COMMAND_PAY:
        *ret_count = command->pay.payee_count;
        return command->pay.payees;
    case COMMAND_CONFIRM_HOLD:
        *ret_count = command->confirm_hold.payee_count;
        return command->confirm_hold.payees;
    case COMMAND_ALLOCATE_SUSPENSE:
        *ret_count = command->allocate_suspense.payee_count;
        return command->allocate_suspense.payees;
    case COMMAND_ALLOCATE_LINE:
        *only = (struct payee){original->subject_id, command->allocate_line.amount_minor};
        *ret_count = 1;
        return only;
    default:
        *ret_count = 0;
        return NULL;
    }
}

bool engine_given_back_adds_up(const struct engine *engine, const struct original *original)
{
    struct payee only;
    uint32_t count;
    const struct payee *payees = payees_of_original(original, &only, &count);
    const struct refunded *whole = engine_find_refunded(engine, original->sequence, 0);
    int64_t sum_minor = 0;
    /* Of what was reversed nothing more is given back. */
    if (!payees || (whole && whole->reversed_sequence != 0))
        return true;
    for (uint32_t i = 0; i < count; i++) {
        const struct refunded *part =
            engine_find_refunded(engine, original->sequence, payees[i].account_id);
        if (part && part->amount_minor > payees[i].amount_minor)
            return false;
        sum_minor += part ? part->amount_minor : 0;
    }
    return sum_minor == (whole ? whole->amount_minor : 0);
}

struct refunded *add_refunded(struct engine *engine, const struct ledger *ledger,
    int64_t original_sequence, int64_t account_id, int64_t amount_minor, int64_t fee_minor)
{
    const struct refunded *found = engine_find_refunded(engine, original_sequence, account_id);
    struct refunded *refunded =
        found ? change_refunded(engine, found->id) : add_record(engine, RECORD_REFUNDED);
    if (!found) {
        refunded->ledger_id = ledger->id;
        refunded->original_sequence = original_sequence;
        refunded->account_id = account_id;
        index_refunded(engine, refunded->id);
    }
    CHECK(refunded->ledger_id == ledger->id);
    refunded->amount_minor += amount_minor;
    refunded->fee_minor += fee_minor;
    CHECK(refunded->amount_minor >= 0 && refunded->fee_minor >= 0);
    record_image(engine, RECORD_REFUNDED, refunded->id);
    return refunded;
}

const struct original *find_original(const struct ledger *ledger, const struct command *command)
{
    const struct original *original = command->original;
    if (!original || original->ledger_id != ledger->id || !outcome_is_accepted(original->outcome))
        return NULL;
    CHECK(original->command != NULL);
    return original;
}

/* ---- the plan ---- */

/* The payment or confirm that is refunded. */
struct refundable {
    int64_t payer_id;
    const struct payee *payees;
    uint32_t payee_count;
    int64_t amount_minor; /* of all payees */
    struct text order_number;
    const struct fee_rule *rule; /* by which the fee comes back; NULL: it does not */
    bool payees_bore;
};

struct refund_line {
    const struct account *payee;
    int64_t original_minor;
    int64_t amount_minor; /* what the payer gets for it, fees that come back not counted on top */
    int64_t before_minor; /* refunded of it before */
    int64_t fee_before_minor;
    int64_t back_minor;     /* of a fee that the payee bore, for this line */
    int64_t given_minor;    /* of the amount, by the payee itself */
    int64_t advanced_minor; /* of the amount, by PLATFORM_OWN */
    int64_t excess_minor;   /* of the fee, to the payee: what is more than the amount */
};

struct refund_plan {
    struct refundable original;
    const struct account *taker; /* the payer, or UNALLOCATED when it was closed since or is full */
    bool is_full;
    struct refund_line lines[PAYEES_PER_COMMAND_MAX];
    uint32_t line_count;
    int64_t amount_minor;   /* of all lines */
    int64_t back_minor;     /* of the fee, whoever bore it */
    int64_t advanced_minor; /* by PLATFORM_OWN, for all lines */
    int64_t debt_count;
    struct fee_legs legs; /* of what comes back of the fee */
};

/* False when the command is neither a payment nor a confirm. */
static bool read_original(const struct engine *engine, const struct ledger *ledger,
    const struct original *original, struct refundable *ret_refundable)
{
    struct text rule_name;
    int32_t bearer;
    if (original->command->kind == COMMAND_PAY) {
        const struct pay *pay = &original->command->pay;
        *ret_refundable = (struct refundable){
            .payer_id = pay->payer_account_id,
            .payees = pay->payees,
            .payee_count = pay->payee_count,
            .order_number = pay->order_number,
        };
        rule_name = pay->fee_rule;
        bearer = pay->fee_bearer;
    } else if (original->command->kind == COMMAND_CONFIRM_HOLD) {
        const struct confirm_hold *confirm = &original->command->confirm_hold;
        *ret_refundable = (struct refundable){
            .payer_id = confirm->payer_account_id,
            .payees = confirm->payees,
            .payee_count = confirm->payee_count,
            .order_number = confirm->order_number,
        };
        rule_name = confirm->fee_rule;
        bearer = confirm->fee_bearer;
    } else {
        return false;
    }
    CHECK(ret_refundable->payee_count >= 1);
    CHECK(ret_refundable->payee_count <= PAYEES_PER_COMMAND_MAX);
    for (uint32_t i = 0; i < ret_refundable->payee_count; i++)
        ret_refundable->amount_minor += ret_refundable->payees[i].amount_minor;
    if (original->fee_rule_version > 0) {
        const struct fee_rule *rule =
            get_fee_rule(engine, ledger->id, rule_name, original->fee_rule_version);
        CHECK(rule != NULL);
        ret_refundable->rule = rule->refund != FEE_REFUND_NONE ? rule : NULL;
        ret_refundable->payees_bore = bearer == FEE_BEARER_PAYEES;
    }
    return true;
}

static void add_line(const struct engine *engine, const struct original *original,
    const struct payee *payee, int64_t amount_minor, struct refund_plan *plan)
{
    const struct refunded *before =
        engine_find_refunded(engine, original->sequence, payee->account_id);
    int64_t before_minor = before ? before->amount_minor : 0;
    if (amount_minor == 0) /* everything that is left */
        amount_minor = payee->amount_minor - before_minor;
    if (amount_minor == 0)
        return;
    CHECK(plan->line_count < PAYEES_PER_COMMAND_MAX);
    plan->lines[plan->line_count++] = (struct refund_line){
        .payee = &engine->accounts[payee->account_id],
        .original_minor = payee->amount_minor,
        .amount_minor = amount_minor,
        .before_minor = before_minor,
        .fee_before_minor = before ? before->fee_minor : 0,
    };
    plan->amount_minor += amount_minor;
}

static const struct payee *find_payee(const struct refundable *original, int64_t account_id)
{
    for (uint32_t i = 0; i < original->payee_count; i++) {
        if (original->payees[i].account_id == account_id)
            return &original->payees[i];
    }
    return NULL;
}

/* The lines that are asked for, or with none everything that is left; and the rules about them. */
static enum outcome plan_lines(const struct engine *engine, const struct ledger *ledger,
    const struct original *original, const struct refund *asked, struct refund_plan *plan)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < asked->payee_count; i++) {
        const struct payee *payee = find_payee(&plan->original, asked->payees[i].account_id);
        if (payee)
            add_line(engine, original, payee, asked->payees[i].amount_minor, plan);
        else
            outcome = earlier(outcome, OUTCOME_PAYEE_NOT_OF_ORIGINAL);
    }
    if (asked->payee_count == 0) {
        for (uint32_t i = 0; i < plan->original.payee_count; i++)
            add_line(engine, original, &plan->original.payees[i], 0, plan);
        if (plan->line_count == 0)
            outcome = earlier(outcome, refuse_at(engine, OUTCOME_ABOVE_REST, 0));
    }
    int64_t new_count = engine_find_refunded(engine, original->sequence, 0) ? 0 : 1;
    for (uint32_t i = 0; i < plan->line_count; i++) {
        const struct refund_line *line = &plan->lines[i];
        /* Who has closed his account has nothing there: PLATFORM_OWN advances it, if it does. */
        if (is_closed(line->payee) && !ledger->advance_refunds)
            outcome = earlier(outcome, OUTCOME_PAYEE_ACCOUNT_CLOSED);
        if (account_gives_none(line->payee))
            outcome = earlier(outcome, OUTCOME_ACCOUNT_RESTRICTED_OUT);
        if (line->amount_minor > line->original_minor - line->before_minor)
            outcome = earlier(outcome,
                refuse_at(engine, OUTCOME_ABOVE_REST, line->original_minor - line->before_minor));
        if (line->before_minor == 0)
            new_count++;
    }
    if (!has_room(engine, RECORD_REFUNDED, new_count))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_REFUNDS);
    return outcome;
}

/* What comes back of a fee when `refunded_minor` of `of_minor` is refunded in all, less what came
 * back before. */
static int64_t fee_back(const struct fee_rule *rule, int64_t fee_minor, int64_t refunded_minor,
    int64_t of_minor, int64_t before_minor)
{
    CHECK(refunded_minor <= of_minor);
    int64_t all_minor = 0;
    if (rule->refund == FEE_REFUND_PROPORTIONAL)
        all_minor = fee_proportion(fee_minor, refunded_minor, of_minor);
    else if (refunded_minor == of_minor)
        all_minor = fee_minor;
    else
        return 0;
    CHECK(all_minor >= before_minor);
    return all_minor - before_minor;
}

static void plan_fee_back(const struct engine *engine, const struct ledger *ledger,
    const struct original *original, struct refund_plan *plan)
{
    const struct refundable *refundable = &plan->original;
    const struct fee_rule *rule = refundable->rule;
    if (!rule)
        return;
    const struct refunded *whole = engine_find_refunded(engine, original->sequence, 0);
    int64_t before_minor = whole ? whole->fee_minor : 0;
    if (!refundable->payees_bore) {
        int64_t refunded_minor = plan->amount_minor + (whole ? whole->amount_minor : 0);
        plan->back_minor = fee_back(
            rule, original->fee_minor, refunded_minor, refundable->amount_minor, before_minor);
    } else {
        for (uint32_t i = 0; i < plan->line_count; i++) {
            struct refund_line *line = &plan->lines[i];
            int64_t fee_minor = fee_of_amount(rule, line->original_minor);
            line->back_minor = fee_back(rule, fee_minor, line->before_minor + line->amount_minor,
                line->original_minor, line->fee_before_minor);
            plan->back_minor += line->back_minor;
        }
    }
    split_fee_back(engine, ledger, rule, original->fee_minor, before_minor,
        before_minor + plan->back_minor, &plan->legs);
}

/* Who gives how much, and whether it is there. */
static enum outcome plan_money(
    const struct engine *engine, const struct ledger *ledger, struct refund_plan *plan)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (uint32_t i = 0; i < plan->line_count; i++) {
        struct refund_line *line = &plan->lines[i];
        int64_t available_minor = spendable_minor(engine, line->payee);
        /* The fee that the payee bore is a part of the amount. When the whole fee comes back with
         * the last part of a refund, it can be more than that: the payee gets the difference. */
        if (line->back_minor > line->amount_minor)
            line->excess_minor = line->back_minor - line->amount_minor;
        line->given_minor = line->amount_minor - line->back_minor + line->excess_minor;
        if (line->excess_minor > 0 && lacks_room_for_suspense(engine, line->payee))
            outcome = earlier(outcome, OUTCOME_TOO_MANY_SUSPENSE_ITEMS);
        if (available_minor >= line->given_minor)
            continue;
        if (!ledger->advance_refunds) {
            outcome = earlier(
                outcome, refuse_at(engine, OUTCOME_INSUFFICIENT_AVAILABLE, available_minor));
            continue;
        }
        line->advanced_minor = line->given_minor - available_minor;
        line->given_minor = available_minor;
        plan->advanced_minor += line->advanced_minor;
        plan->debt_count++;
    }
    /* What was collected of the fee is PLATFORM_OWN's: it gives that back, whatever the terms say
     * about advances. */
    int64_t own_minor = plan->advanced_minor + fee_legs_lacking(engine, &plan->legs);
    const struct account *own = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
    if (own->balance_minor[BUCKET_AVAILABLE] < own_minor)
        outcome = earlier(outcome, refuse_at(engine, OUTCOME_INSUFFICIENT_PLATFORM_OWN,
                                       own->balance_minor[BUCKET_AVAILABLE]));
    if (!has_room(engine, RECORD_DEBT, plan->debt_count))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_REFUNDS);
    return outcome;
}

/* Whether who paid would have more than the account policy lets him. */
static bool is_full(
    const struct engine *engine, const struct ledger *ledger, const struct refund_plan *plan)
{
    const struct account *payer = &engine->accounts[plan->original.payer_id];
    int64_t fee_minor = plan->original.payees_bore ? 0 : plan->back_minor;
    return payer->status == ACCOUNT_OPEN &&
           !policy_takes_back(engine, ledger, payer, plan->amount_minor + fee_minor);
}

static enum outcome plan_refund(const struct engine *engine, const struct ledger *ledger,
    const struct original *original, const struct refund *asked, struct refund_plan *plan)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    CHECK(engine->accounts[plan->original.payer_id].ledger_id == ledger->id);
    if (!text_equals(plan->original.order_number, asked->order_number))
        outcome = earlier(outcome, OUTCOME_ORDER_NUMBER_MISMATCH);
    const struct refunded *whole = engine_find_refunded(engine, original->sequence, 0);
    if (whole && whole->reversed_sequence != 0)
        outcome = earlier(outcome, OUTCOME_ORIGINAL_REVERSED);
    if (lacks_room_for_suspense(engine, &engine->accounts[plan->original.payer_id]))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_SUSPENSE_ITEMS);
    outcome = earlier(outcome, plan_lines(engine, ledger, original, asked, plan));
    /* The rules about money come last in the list, and only a refund that fits can be computed. */
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    plan_fee_back(engine, ledger, original, plan);
    plan->is_full = is_full(engine, ledger, plan);
    if (plan->is_full && !has_room(engine, RECORD_SUSPENSE, 1))
        outcome = OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    return earlier(outcome, plan_money(engine, ledger, plan));
}

/* ---- the command ---- */

static void book_line(struct engine *engine, const struct ledger *ledger,
    const struct original *original, const struct refund_plan *plan, const struct refund_line *line)
{
    if (line->given_minor > 0)
        book(engine, line->given_minor, line->payee, BUCKET_AVAILABLE, plan->taker,
            BUCKET_AVAILABLE);
    add_refunded(
        engine, ledger, original->sequence, line->payee->id, line->amount_minor, line->back_minor);
    if (line->advanced_minor == 0)
        return;
    book(engine, line->advanced_minor, control_account(engine, ledger, ACCOUNT_PLATFORM_OWN),
        BUCKET_AVAILABLE, plan->taker, BUCKET_AVAILABLE);
    /* In place of the payee's money, which may be held: it must not get free by the detour. */
    pass_on_next_date(engine, line->payee, plan->taker, line->advanced_minor);
    struct debt *debt = add_record(engine, RECORD_DEBT);
    debt->ledger_id = ledger->id;
    debt->account_id = line->payee->id;
    debt->amount_minor = line->advanced_minor;
    debt->refund_sequence = engine->sequence;
    debt->status = DEBT_OPEN;
    index_debt(engine, debt->id);
    record_image(engine, RECORD_DEBT, debt->id);
}

/* So much of the legs, from the first on that has something left. */
static void book_from_legs(
    struct engine *engine, struct fee_legs *rest, const struct account *to, int64_t amount_minor)
{
    for (uint32_t i = 0; i < rest->count && amount_minor > 0; i++) {
        int64_t part_minor = rest->amounts[i] < amount_minor ? rest->amounts[i] : amount_minor;
        if (part_minor == 0)
            continue;
        book(engine, part_minor, &engine->accounts[rest->account_ids[i]], BUCKET_AVAILABLE, to,
            BUCKET_AVAILABLE);
        rest->amounts[i] -= part_minor;
        amount_minor -= part_minor;
    }
    CHECK(amount_minor == 0);
}

/* PLATFORM_OWN -> fee accounts, what was collected of it; fee accounts -> taker, and what is more
 * than a line to its payee. */
static void book_fee_of_refund(
    struct engine *engine, const struct ledger *ledger, const struct refund_plan *plan)
{
    fill_fee_legs(engine, ledger, &plan->legs);
    struct fee_legs rest = plan->legs;
    int64_t of_payer_minor = plan->back_minor;
    for (uint32_t i = 0; i < plan->line_count; i++)
        of_payer_minor -= plan->lines[i].excess_minor;
    book_from_legs(engine, &rest, plan->taker, of_payer_minor);
    for (uint32_t i = 0; i < plan->line_count; i++)
        book_from_legs(engine, &rest,
            plan->lines[i].excess_minor > 0 ? owner_now(engine, ledger, plan->lines[i].payee->id)
                                            : plan->lines[i].payee,
            plan->lines[i].excess_minor);
}

/* What the debtors have at other accounts repays at once, and what the payer gets who is one. */
static void note_debtors(struct engine *engine, const struct refund_plan *plan)
{
    int looks = SETTLE_OTHERS_MAX;
    for (uint32_t i = 0; i < plan->line_count; i++) {
        int64_t member_id = plan->lines[i].payee->member_id;
        if (plan->lines[i].advanced_minor == 0)
            continue;
        if (plan->taker->member_id == member_id)
            note_who_will_owe(engine, plan->taker);
        for (int64_t id = engine->newest_accounts[member_id]; id != 0 && looks > 0;
             id = engine->older_accounts[id], looks--)
            note_who_will_owe(engine, &engine->accounts[id]);
    }
}

enum outcome execute_refund(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct original *original = find_original(ledger, command);
    if (!original)
        return OUTCOME_ORIGINAL_NOT_FOUND;
    struct refund_plan plan = {0};
    if (!read_original(engine, ledger, original, &plan.original))
        return OUTCOME_ORIGINAL_NOT_REFUNDABLE;
    enum outcome outcome = plan_refund(engine, ledger, original, &command->refund, &plan);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    engine->suspense_reason = plan.is_full ? SUSPENSE_POLICY : SUSPENSE_REFUND_BACK;
    plan.taker = plan.is_full ? unallocated_for(engine, ledger, plan.original.payer_id)
                              : owner_now(engine, ledger, plan.original.payer_id);
    note_debtors(engine, &plan);
    for (uint32_t i = 0; i < plan.line_count; i++)
        book_line(engine, ledger, original, &plan, &plan.lines[i]);
    book_fee_of_refund(engine, ledger, &plan);
    add_refunded(engine, ledger, original->sequence, 0, plan.amount_minor, plan.back_minor);
    engine->effects->subject_id = plan.taker->id;
    return OUTCOME_ACCEPTED;
}
