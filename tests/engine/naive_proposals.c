/* naive_proposals.c: four eyes, as simply as it can be said.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"
#include "model/money.h"

#include <string.h>

static int proposal_of(const struct naive_model *model, int ledger, int64_t id)
{
    bool there = id >= 1 && id <= model->proposal_count && model->proposals[id].ledger == ledger;
    return there ? (int)id : 0;
}

int64_t naive_person_of(const struct command *command)
{
    return command->proposal_id != 0 ? command->maker_caller_id : command->caller_id;
}

/* Two callers are two persons. Where there is one who is not known, two channels are. */
static bool is_one_person(const struct naive_proposal *proposal, const struct command *command)
{
    if (proposal->maker != 0 && command->caller_id != 0)
        return proposal->maker == command->caller_id;
    return naive_same_text(proposal->maker_channel, naive_channel_of(command));
}

static enum outcome undecided(const struct naive_proposal *proposal, int64_t now_us)
{
    switch (proposal->status) {
    case PROPOSAL_OPEN:
        return proposal->expires_us > now_us ? OUTCOME_ACCEPTED : OUTCOME_PROPOSAL_EXPIRED;
    case PROPOSAL_EXPIRED:
        return OUTCOME_PROPOSAL_EXPIRED;
    default:
        return OUTCOME_PROPOSAL_DECIDED;
    }
}

/* Of the kinds that a policy or two persons are about: whose work they are. */
static bool does_such(const struct naive_caller *caller, int kind)
{
    switch (kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_BOOK_INTEREST:
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_BOOK_PROMISE:
    case COMMAND_OPEN_SETTLEMENT:
    case COMMAND_SETTLE_LINE:
    case COMMAND_CONFIRM_CARD_CHECK:
        return caller->adapter;
    case COMMAND_CLOSE_LEDGER:
    case COMMAND_CUT_DAY:
    case COMMAND_SET_TERMS:
    case COMMAND_SET_FEE_RULE:
    case COMMAND_SET_APPROVAL_POLICY:
    case COMMAND_SET_PROOF_POLICY:
    case COMMAND_SET_ACCOUNT_POLICY:
    case COMMAND_OPEN_FEE_ACCOUNT:
    case COMMAND_ADOPT_SUSPENSE:
    case COMMAND_OPEN_ACQUIRER:
    case COMMAND_SET_ACQUIRER:
    case COMMAND_OPEN_PRODUCT:
    case COMMAND_CLOSE_PRODUCT:
    case COMMAND_CLOSE_DIFFERENCE:
    case COMMAND_ADD_DENIED:
    case COMMAND_END_DENIED:
        return caller->operator_;
    case COMMAND_DECIDE_HIT:
        return caller->operator_ || caller->approver;
    case COMMAND_PUBLISH_PRICE:
    case COMMAND_CLOSE_SETTLEMENT:
    case COMMAND_OPEN_BANK_STATEMENT:
    case COMMAND_ADD_STATEMENT_LINE:
    case COMMAND_CLOSE_BANK_STATEMENT:
        return caller->adapter || caller->operator_;
    case COMMAND_MATCH_STATEMENT_LINE:
    case COMMAND_UNDO_MATCH:
        return caller->reconciliation || caller->operator_;
    case COMMAND_RESTRICT_ACCOUNT:
    case COMMAND_PLACE_FREEZE:
    case COMMAND_LIFT_FREEZE:
        return caller->front || caller->judicial;
    case COMMAND_PLACE_CLAIM:
    case COMMAND_CONTINUE_CLAIM:
    case COMMAND_RELEASE_CLAIM:
    case COMMAND_DEDUCT_CLAIM:
    case COMMAND_OPEN_FEEDBACK:
    case COMMAND_GIVE_FEEDBACK:
        return caller->judicial;
    case COMMAND_ALLOCATE_SUSPENSE:
    case COMMAND_UNDO_ALLOCATION:
    case COMMAND_RETURN_SUSPENSE:
    case COMMAND_OPEN_LUMP:
    case COMMAND_ALLOCATE_LINE:
    case COMMAND_CLOSE_LUMP:
    case COMMAND_EXPIRE:
    case COMMAND_REVERSE:
    case COMMAND_ADJUST:
    case COMMAND_END_MANDATE:
        return caller->front || caller->operator_;
    default:
        return caller->front;
    }
}

/* Who is not known by a record is nobody's to judge. */
static bool maker_could_send_it(const struct naive_model *model, const struct naive_proposal *one)
{
    if (one->maker == 0)
        return true;
    if (one->maker < 0 || one->maker > model->caller_count)
        return false;
    const struct naive_caller *caller = &model->callers[one->maker];
    bool sees = caller->all_ledgers;
    for (int i = 0; i < caller->ledger_count; i++)
        sees |= caller->ledgers[i] == one->ledger;
    return !caller->suspended && sees && does_such(caller, one->kind);
}

enum outcome naive_check_approval(const struct naive_model *model, int64_t now_us,
    const struct command *command, int64_t proposal_id)
{
    int id = proposal_of(model, (int)command->ledger_id, proposal_id);
    if (id == 0)
        return OUTCOME_PROPOSAL_NOT_FOUND;
    if (is_one_person(&model->proposals[id], command))
        return OUTCOME_SAME_CALLER;
    enum outcome state = undecided(&model->proposals[id], now_us);
    if (state != OUTCOME_ACCEPTED)
        return state;
    return maker_could_send_it(model, &model->proposals[id]) ? OUTCOME_ACCEPTED
                                                             : OUTCOME_MAKER_NOT_ALLOWED;
}

/* What was paid, with a fee that was agreed; of another command nothing is known. */
static int64_t payment_amount(const struct decision *d, int64_t sequence)
{
    const struct naive_model *model = d->model;
    if (sequence > model->past_count ||
        (model->hidden_from != 0 && sequence >= model->hidden_from) ||
        model->past[sequence].ledger != d->ledger)
        return 0;
    const struct naive_past *past = &model->past[sequence];
    if (past->kind != COMMAND_PAY && past->kind != COMMAND_CONFIRM_HOLD)
        return 0;
    int64_t sum = past->rule == 0 ? past->fee : 0;
    for (int i = 0; i < past->line_count; i++)
        sum += model->lines[past->first_line + i].amount;
    return sum;
}

/* What a command is about when it does not say an amount itself. */
static int64_t whole_amount(const struct decision *d)
{
    const struct naive_model *model = d->model;
    int64_t id = 0;
    switch ((int)d->command->kind) {
    case COMMAND_CONFIRM_PAYOUT:
        id = d->command->confirm_payout.payout_id;
        return id <= model->payout_count && model->payouts[id].ledger == d->ledger
                   ? model->payouts[id].amount
                   : 0;
    case COMMAND_RETURN_SUSPENSE:
        id = d->command->return_suspense.suspense_id;
        return id <= model->suspense_count && model->suspense[id].ledger == d->ledger
                   ? naive_open_of(&model->suspense[id])
                   : 0;
    case COMMAND_DEDUCT_CLAIM:
        id = d->command->deduct_claim.claim_id;
        return id <= model->claim_count && model->claims[id].ledger == d->ledger
                   ? naive_deducts_at_once(model, (int)id)
                   : 0;
    case COMMAND_PLACE_CLAIM:
        return d->command->place_claim.amount_minor != 0 ? d->command->place_claim.amount_minor
                                                         : AMOUNT_MINOR_MAX;
    case COMMAND_CANCEL_PROMISE:
        id = d->command->cancel_promise.promise_id;
        return id <= model->promise_count && model->promises[id].ledger == d->ledger
                   ? naive_promise_open(&model->promises[id])
                   : 0;
    case COMMAND_CLOSE_DIFFERENCE:
        id = d->command->close_difference.difference_id;
        return id <= model->difference_count && model->differences[id].ledger == d->ledger
                   ? model->differences[id].amount
                   : 0;
    case COMMAND_LIFT_FREEZE:
        id = d->command->lift_freeze.freeze_id;
        return id <= model->freeze_count && model->freezes[id].ledger == d->ledger
                   ? model->freezes[id].amount - model->freezes[id].lifted
                   : 0;
    case COMMAND_REFUND:
        return payment_amount(d, d->command->refund.original_sequence);
    case COMMAND_REVERSE:
        return payment_amount(d, d->command->reverse.original_sequence);
    default:
        return 0;
    }
}

static int64_t amount_of(const struct decision *d)
{
    const struct command *command = d->command;
    int64_t sum = 0;
    switch ((int)command->kind) {
    case COMMAND_PAY:
        for (uint32_t i = 0; i < command->pay.payee_count; i++)
            sum += command->pay.payees[i].amount_minor;
        return sum + command->pay.fee_minor;
    case COMMAND_CONFIRM_HOLD:
        for (uint32_t i = 0; i < command->confirm_hold.payee_count; i++)
            sum += command->confirm_hold.payees[i].amount_minor;
        return sum + command->confirm_hold.fee_minor;
    case COMMAND_PLACE_HOLD:
        return command->place_hold.amount_minor;
    case COMMAND_ALLOCATE_SUSPENSE:
        for (uint32_t i = 0; i < command->allocate_suspense.payee_count; i++)
            sum += command->allocate_suspense.payees[i].amount_minor;
        return sum;
    case COMMAND_ALLOCATE_LINE:
        return command->allocate_line.amount_minor;
    case COMMAND_REFUND:
        for (uint32_t i = 0; i < command->refund.payee_count; i++)
            sum += command->refund.payees[i].amount_minor;
        break;
    case COMMAND_WITHDRAW:
        return command->withdraw.amount_minor + command->withdraw.fee_minor;
    case COMMAND_DEDUCT_CLAIM:
        sum = command->deduct_claim.amount_minor;
        break;
    case COMMAND_CHARGE_FEE:
        return command->charge_fee.amount_minor;
    case COMMAND_BOOK_INTEREST:
        return command->book_interest.amount_minor;
    case COMMAND_CONFIRM_PAYOUT:
        sum = command->confirm_payout.amount_minor;
        break;
    case COMMAND_RETURN_SUSPENSE:
        sum = command->return_suspense.amount_minor;
        break;
    case COMMAND_OPEN_SETTLEMENT:
        sum = command->open_settlement.total_minor;
        break;
    case COMMAND_SETTLE_LINE:
        sum = command->settle_line.gross_minor;
        break;
    case COMMAND_BOOK_PROMISE:
        sum = command->book_promise.amount_minor;
        break;
    case COMMAND_CANCEL_PROMISE:
        sum = command->cancel_promise.amount_minor;
        break;
    case COMMAND_LIFT_FREEZE:
        sum = command->lift_freeze.amount_minor;
        break;
    default:
        break;
    }
    return sum > 0 ? sum : whole_amount(d);
}

static bool has_rule(const struct naive_ledger *ledger, int kind)
{
    bool has = false;
    for (int i = 0; i < ledger->policy_count; i++)
        has |= ledger->policy_kinds[i] == kind;
    return has;
}

static bool reverses_payment(const struct decision *d)
{
    const struct naive_model *model = d->model;
    int64_t sequence = d->command->reverse.original_sequence;
    return sequence <= model->past_count &&
           (model->hidden_from == 0 || sequence < model->hidden_from) &&
           model->past[sequence].ledger == d->ledger && model->past[sequence].kind == COMMAND_PAY;
}

/* Money that is too much and not given back is somebody's, as if allocated; a promise that is
 * lowered is cancelled. */
static int like_an_end(const struct decision *d)
{
    const struct close_difference *wish = &d->command->close_difference;
    const struct naive_model *model = d->model;
    if (wish->difference_id > model->difference_count ||
        model->differences[wish->difference_id].ledger != d->ledger)
        return 0;
    bool missing = model->differences[wish->difference_id].missing;
    if (missing && wish->ended_by == DIFFERENCE_CORRECTED)
        return COMMAND_CANCEL_PROMISE;
    return missing || wish->ended_by == DIFFERENCE_RETURNED ? 0 : COMMAND_ALLOCATE_SUSPENSE;
}

void naive_need_persons(struct decision *d)
{
    const struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (d->command->proposal_id != 0) {
        enum outcome outcome =
            naive_check_approval(d->model, d->now_us, d->command, d->command->proposal_id);
        naive_need(d, outcome == OUTCOME_ACCEPTED, outcome);
        return;
    }
    if (ledger->policy_count == 0 || naive_same_text(OWN_CHANNEL, naive_channel_of(d->command)))
        return;
    naive_need(d, d->command->kind != COMMAND_SET_APPROVAL_POLICY, OUTCOME_APPROVAL_NEEDED);
    int kind = (int)d->command->kind;
    if (!has_rule(ledger, kind) && (kind == COMMAND_PAY || kind == COMMAND_CONFIRM_HOLD))
        kind = COMMAND_PAY + COMMAND_CONFIRM_HOLD - kind;
    if (!has_rule(ledger, kind) &&
        (kind == COMMAND_ALLOCATE_SUSPENSE || kind == COMMAND_ALLOCATE_LINE))
        kind = COMMAND_ALLOCATE_SUSPENSE + COMMAND_ALLOCATE_LINE - kind;
    if (!has_rule(ledger, kind) && kind == COMMAND_SETTLE_LINE)
        kind = COMMAND_ALLOCATE_SUSPENSE;
    if (!has_rule(ledger, kind) && kind == COMMAND_PLACE_CLAIM &&
        d->command->place_claim.payee.name.length > 0)
        kind = COMMAND_DEDUCT_CLAIM;
    if (!has_rule(ledger, kind) && kind == COMMAND_CLOSE_DIFFERENCE)
        kind = like_an_end(d);
    /* The reversal of a payment is a refund. */
    if (!has_rule(ledger, kind) && kind == COMMAND_REVERSE && reverses_payment(d))
        kind = COMMAND_REFUND;
    for (int i = 0; i < ledger->policy_count; i++) {
        if (ledger->policy_kinds[i] != kind)
            continue;
        int64_t above = ledger->policy_above[i];
        if (above == 0)
            naive_broken(d, OUTCOME_APPROVAL_NEEDED);
        else
            naive_need_at(d, amount_of(d) <= above, OUTCOME_APPROVAL_NEEDED, above);
    }
}

void naive_need_two_persons(struct decision *d)
{
    naive_need(d, d->command->proposal_id != 0, OUTCOME_APPROVAL_NEEDED);
}

static struct naive_proposal *end(struct decision *d, int64_t id, int status)
{
    struct naive_proposal *proposal = &d->model->proposals[id];
    proposal->status = status;
    proposal->decided_us = d->now_us;
    proposal->decided = proposal->changed = d->sequence;
    return proposal;
}

void naive_approved(struct decision *d)
{
    struct naive_proposal *proposal = end(d, d->command->proposal_id, PROPOSAL_APPROVED);
    proposal->approver = d->command->caller_id;
    naive_copy_text(proposal->approver_channel, naive_channel_of(d->command));
}

int64_t naive_propose(struct decision *d)
{
    const struct propose *wish = &d->command->propose;
    naive_need(d, wish->expires_at_us > d->now_us, OUTCOME_EXPIRY_NOT_AHEAD);
    if (d->worst != 0)
        return 0;
    CHECK(d->model->proposal_count < NAIVE_PROPOSALS_MAX);
    CHECK(wish->command.length <= NAIVE_INSIDE_BYTES_MAX);
    struct naive_proposal *proposal = &d->model->proposals[++d->model->proposal_count];
    *proposal = (struct naive_proposal){
        .ledger = d->ledger,
        .kind = wish->kind,
        .amount = wish->amount_minor,
        .expires_us = wish->expires_at_us,
        .proposed_us = d->now_us,
        .proposed = d->sequence,
        .changed = d->sequence,
        .maker = d->command->caller_id,
        .status = PROPOSAL_OPEN,
        .inside_length = (int)wish->command.length,
    };
    memcpy(proposal->inside, wish->command.bytes, wish->command.length);
    naive_copy_text(proposal->maker_channel, naive_channel_of(d->command));
    return d->model->proposal_count;
}

/* What could be approved is not asked for like this. */
int64_t naive_approve(struct decision *d)
{
    enum outcome outcome =
        naive_check_approval(d->model, d->now_us, d->command, d->command->approve.proposal_id);
    naive_broken(d, outcome == OUTCOME_ACCEPTED ? OUTCOME_PROPOSAL_NOT_FOUND : outcome);
    return 0;
}

int64_t naive_withdraw_proposal(struct decision *d)
{
    int id = proposal_of(d->model, d->ledger, d->command->withdraw_proposal.proposal_id);
    naive_need(d, id != 0, OUTCOME_PROPOSAL_NOT_FOUND);
    if (id == 0)
        return 0;
    const struct naive_proposal *proposal = &d->model->proposals[id];
    naive_need(d, is_one_person(proposal, d->command), OUTCOME_PROPOSAL_OF_ANOTHER);
    enum outcome outcome = undecided(proposal, d->now_us);
    naive_need(d, outcome == OUTCOME_ACCEPTED, outcome);
    if (d->worst == 0)
        end(d, id, PROPOSAL_WITHDRAWN);
    return id;
}

int64_t naive_expire_proposal(struct decision *d, int64_t wish)
{
    int id = proposal_of(d->model, d->ledger, wish);
    naive_need(d, id != 0, OUTCOME_PROPOSAL_NOT_FOUND);
    if (id == 0)
        return 0;
    const struct naive_proposal *proposal = &d->model->proposals[id];
    naive_need(d, proposal->status != PROPOSAL_EXPIRED, OUTCOME_PROPOSAL_EXPIRED);
    naive_need(d, proposal->status == PROPOSAL_OPEN || proposal->status == PROPOSAL_EXPIRED,
        OUTCOME_PROPOSAL_DECIDED);
    if (proposal->status == PROPOSAL_OPEN)
        naive_need(d, proposal->expires_us <= d->now_us, OUTCOME_NOT_YET_DUE);
    if (d->worst == 0)
        end(d, id, PROPOSAL_EXPIRED);
    return id;
}

int64_t naive_set_approval_policy(struct decision *d)
{
    const struct set_approval_policy *wish = &d->command->set_approval_policy;
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (d->worst != 0)
        return 0;
    if (ledger->policy == 0)
        ledger->policy = ++d->model->policy_count;
    ledger->policy_changed = d->sequence;
    ledger->policy_count = (int)wish->rule_count;
    for (uint32_t i = 0; i < wish->rule_count; i++) {
        ledger->policy_kinds[i] = wish->rules[i].kind;
        ledger->policy_above[i] = wish->rules[i].above_amount_minor;
    }
    return d->ledger;
}
