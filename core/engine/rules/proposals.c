/* proposals.c: four eyes for any command: one proposes it, another approves it.
 *
 * A proposal keeps who made it and until when; the command itself stays in the body of the one
 * that proposed it, from where the owner brings it when it is approved. It is decided then as it
 * would be alone, and nothing of it before: nothing is held, and what it names may be gone.
 *
 * Which commands need a second person is asked before each one is decided, whichever way it comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/proposals.h"

#include "command/role_sets.h"
#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/commands.h"
#include "engine/rules/deductions.h"
#include "engine/rules/freezes.h"
#include "engine/rules/holds.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"
#include "model/money.h"
#include "model/promise.h"
#include "model/suspense.h"

/* ---- proposals ---- */

void index_proposal(struct engine *engine, int64_t proposal_id)
{
    const struct proposal *proposal = record_at(engine, RECORD_PROPOSAL, proposal_id);
    if (proposal->status == PROPOSAL_OPEN)
        put_due(engine, RECORD_PROPOSAL, proposal_id, proposal->expires_at_us);
}

static const struct proposal *find_proposal(
    const struct engine *engine, const struct ledger *ledger, int64_t proposal_id)
{
    const struct proposal *proposal = engine_find_record(engine, RECORD_PROPOSAL, proposal_id);
    return proposal && proposal->ledger_id == ledger->id ? proposal : NULL;
}

/* Whether who sends the command is who made the proposal. Callers are persons; where one of the two
 * is not known, their channels are. */
static bool is_maker(const struct proposal *proposal, const struct command *command)
{
    if (proposal->maker_caller_id != 0 && command->caller_id != 0)
        return proposal->maker_caller_id == command->caller_id;
    struct text channel = {proposal->maker_channel, proposal->maker_channel_length};
    return text_equals(channel, channel_of(&command->key));
}

/* Whether it is neither decided nor over. */
static enum outcome check_open(const struct proposal *proposal, int64_t now_us)
{
    if (proposal->status == PROPOSAL_APPROVED || proposal->status == PROPOSAL_WITHDRAWN)
        return OUTCOME_PROPOSAL_DECIDED;
    if (proposal->status == PROPOSAL_EXPIRED || proposal->expires_at_us <= now_us)
        return OUTCOME_PROPOSAL_EXPIRED;
    CHECK(proposal->status == PROPOSAL_OPEN);
    return OUTCOME_ACCEPTED;
}

/* Whether who made the proposal may want its command still, as if he sent it now. Where he is not
 * known nothing can be asked. */
static bool may_maker(const struct engine *engine, const struct proposal *proposal)
{
    if (proposal->maker_caller_id == 0)
        return true;
    const struct caller *maker =
        proposal->maker_caller_id > 0
            ? engine_find_record(engine, RECORD_CALLER, proposal->maker_caller_id)
            : NULL;
    if (!maker || maker->status != CALLER_ACTIVE ||
        (maker->roles & command_roles(proposal->kind)) == 0)
        return false;
    bool has_ledger = maker->all_ledgers;
    for (uint32_t i = 0; i < maker->ledger_count; i++)
        has_ledger = has_ledger || maker->ledgers[i] == proposal->ledger_id;
    return has_ledger;
}

static enum outcome check_approval(const struct engine *engine, const struct ledger *ledger,
    int64_t now_us, const struct command *command, int64_t proposal_id)
{
    const struct proposal *proposal = find_proposal(engine, ledger, proposal_id);
    if (!proposal)
        return OUTCOME_PROPOSAL_NOT_FOUND;
    if (is_maker(proposal, command))
        return OUTCOME_SAME_CALLER;
    enum outcome outcome = check_open(proposal, now_us);
    if (outcome == OUTCOME_ACCEPTED && !may_maker(engine, proposal))
        outcome = OUTCOME_MAKER_NOT_ALLOWED;
    return outcome;
}

enum outcome engine_check_approval(
    const struct engine *engine, int64_t now_us, const struct command *approve)
{
    CHECK(approve->kind == COMMAND_APPROVE);
    const struct ledger *ledger = engine_find_ledger(engine, approve->ledger_id);
    if (!ledger)
        return OUTCOME_LEDGER_NOT_FOUND;
    return check_approval(engine, ledger, now_us, approve, approve->approve.proposal_id);
}

enum outcome execute_propose(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct propose *asked = &command->propose;
    CHECK(command_is_proposable(asked->kind));
    if (asked->expires_at_us <= engine->now_us)
        return OUTCOME_EXPIRY_NOT_AHEAD;
    if (!has_room(engine, RECORD_PROPOSAL, 1))
        return OUTCOME_TOO_MANY_PROPOSALS;

    struct proposal *proposal = add_record(engine, RECORD_PROPOSAL);
    proposal->ledger_id = ledger->id;
    proposal->kind = (uint8_t)asked->kind;
    proposal->amount_minor = asked->amount_minor;
    proposal->expires_at_us = asked->expires_at_us;
    proposal->status = PROPOSAL_OPEN;
    proposal->maker_caller_id = command->caller_id;
    proposal->maker_channel_length = copy_text(
        proposal->maker_channel, sizeof proposal->maker_channel, channel_of(&command->key));
    proposal->proposed_at_us = engine->now_us;
    proposal->proposed_sequence = engine->sequence;
    index_proposal(engine, proposal->id);
    record_image(engine, RECORD_PROPOSAL, proposal->id);
    engine->effects->subject_id = proposal->id;
    return OUTCOME_ACCEPTED;
}

static struct proposal *end_proposal(
    struct engine *engine, int64_t proposal_id, enum proposal_status status)
{
    struct proposal *proposal = change_record(engine, RECORD_PROPOSAL, proposal_id);
    CHECK(proposal->status == PROPOSAL_OPEN);
    proposal->status = (uint8_t)status;
    proposal->decided_at_us = engine->now_us;
    proposal->decided_sequence = engine->sequence;
    remove_due(engine, RECORD_PROPOSAL, proposal_id);
    record_image(engine, RECORD_PROPOSAL, proposal_id);
    return proposal;
}

void approve_proposal(struct engine *engine, const struct command *command)
{
    struct proposal *proposal = end_proposal(engine, command->proposal_id, PROPOSAL_APPROVED);
    proposal->approver_caller_id = command->caller_id;
    proposal->approver_channel_length = copy_text(
        proposal->approver_channel, sizeof proposal->approver_channel, channel_of(&command->key));
}

/* One that can be approved is not executed: its command is. But when the owner could not bring
 * that, the proposal is not there yet. */
enum outcome execute_approve(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    enum outcome outcome =
        check_approval(engine, ledger, engine->now_us, command, command->approve.proposal_id);
    return outcome == OUTCOME_ACCEPTED ? OUTCOME_PROPOSAL_NOT_FOUND : outcome;
}

enum outcome execute_withdraw_proposal(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct proposal *proposal =
        find_proposal(engine, ledger, command->withdraw_proposal.proposal_id);
    if (!proposal)
        return OUTCOME_PROPOSAL_NOT_FOUND;
    if (!is_maker(proposal, command))
        return OUTCOME_PROPOSAL_OF_ANOTHER;
    enum outcome outcome = check_open(proposal, engine->now_us);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    end_proposal(engine, proposal->id, PROPOSAL_WITHDRAWN);
    engine->effects->subject_id = proposal->id;
    return OUTCOME_ACCEPTED;
}

enum outcome expire_proposal(
    struct engine *engine, const struct ledger *ledger, int64_t proposal_id)
{
    const struct proposal *proposal = find_proposal(engine, ledger, proposal_id);
    if (!proposal)
        return OUTCOME_PROPOSAL_NOT_FOUND;
    /* Asked as if its time were never over: that is the question here. */
    enum outcome outcome = check_open(proposal, INT64_MIN);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (proposal->expires_at_us > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    end_proposal(engine, proposal_id, PROPOSAL_EXPIRED);
    return OUTCOME_ACCEPTED;
}

/* ---- which commands need two persons ---- */

void index_approval_policy(struct engine *engine, int64_t policy_id)
{
    const struct approval_policy *policy = record_at(engine, RECORD_APPROVAL_POLICY, policy_id);
    engine->policies[policy->ledger_id] = policy_id;
}

const struct approval_policy *engine_find_approval_policy(
    const struct engine *engine, int64_t ledger_id)
{
    if (!engine_find_ledger(engine, ledger_id) || engine->policies[ledger_id] == 0)
        return NULL;
    return record_at(engine, RECORD_APPROVAL_POLICY, engine->policies[ledger_id]);
}

enum outcome execute_set_approval_policy(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct set_approval_policy *asked = &command->set_approval_policy;
    int64_t id = engine->policies[ledger->id];
    struct approval_policy *policy;
    if (id == 0) {
        CHECK(has_room(engine, RECORD_APPROVAL_POLICY, 1)); /* one a ledger */
        policy = add_record(engine, RECORD_APPROVAL_POLICY);
        policy->ledger_id = ledger->id;
        keep_for_undo(engine, &engine->policies[ledger->id], sizeof engine->policies[ledger->id]);
        index_approval_policy(engine, policy->id);
    } else {
        policy = change_record(engine, RECORD_APPROVAL_POLICY, id);
    }
    memset(policy->rules, 0, sizeof policy->rules);
    CHECK(asked->rule_count <= APPROVAL_RULES_MAX);
    policy->rule_count = (uint8_t)asked->rule_count;
    for (uint32_t i = 0; i < asked->rule_count; i++)
        policy->rules[i] =
            (struct approval_rule){asked->rules[i].kind, asked->rules[i].above_amount_minor};
    record_image(engine, RECORD_APPROVAL_POLICY, policy->id);
    engine->effects->subject_id = ledger->id;
    return OUTCOME_ACCEPTED;
}

/* The amount of the earlier command that the request is about, as a whole. */
static int64_t original_amount_minor(const struct original *original)
{
    if (!original)
        return 0;
    /* Of before: its body names a record and no amount. */
    if (original->command->kind == COMMAND_APPROVE_ADJUSTMENT && original->posting_count > 0)
        return original->postings[0].amount_minor;
    return command_amount_minor(original->command);
}

/* What the fields say; where they say nothing, the whole of what the command is about. What is not
 * there, or another ledger's, has no amount, and is refused for that. */
static int64_t amount_minor(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    int64_t amount_minor = command_amount_minor(command);
    const struct payout *payout = NULL;
    const struct suspense *item = NULL;
    const struct promise *promise = NULL;
    const struct difference *difference = NULL;
    const struct hold *hold = NULL;
    const struct freeze *freeze = NULL;
    const struct claim *claim = NULL;
    if (amount_minor > 0)
        return amount_minor;
    switch ((int)command->kind) {
    case COMMAND_REFUND:
    case COMMAND_UNDO_ALLOCATION:
    case COMMAND_REVERSE:
        return original_amount_minor(find_original(ledger, command));
    case COMMAND_CONFIRM_PAYOUT:
        payout = engine_find_payout(engine, command->confirm_payout.payout_id);
        return payout && payout->ledger_id == ledger->id ? payout->amount_minor : 0;
    case COMMAND_INTERCEPT_PAYOUT:
        payout = engine_find_payout(engine, command->intercept_payout.payout_id);
        return payout && payout->ledger_id == ledger->id ? payout->amount_minor : 0;
    case COMMAND_RETURN_SUSPENSE:
        item = engine_find_record(engine, RECORD_SUSPENSE, command->return_suspense.suspense_id);
        return item && item->ledger_id == ledger->id ? suspense_open_minor(item) : 0;
    case COMMAND_DEDUCT_CLAIM:
        claim = engine_find_record(engine, RECORD_CLAIM, command->deduct_claim.claim_id);
        return claim && claim->ledger_id == ledger->id && claim->status == CLAIM_LIVE
                   ? most_deducted_minor(claim)
                   : 0;
    case COMMAND_PLACE_CLAIM:
        /* It deducts what it finds, at most that. */
        return command->place_claim.amount_minor != 0 ? command->place_claim.amount_minor
                                                      : AMOUNT_MINOR_MAX;
    case COMMAND_CANCEL_PROMISE:
        promise = engine_find_record(engine, RECORD_PROMISE, command->cancel_promise.promise_id);
        return promise && promise->ledger_id == ledger->id ? promise_open_minor(promise) : 0;
    case COMMAND_CLOSE_DIFFERENCE:
        difference =
            engine_find_record(engine, RECORD_DIFFERENCE, command->close_difference.difference_id);
        return difference && difference->ledger_id == ledger->id ? difference->amount_minor : 0;
    case COMMAND_CANCEL_HOLD:
        if (command->cancel_hold.hold_id == 0)
            return held_of_order_minor(engine, ledger->id, command->cancel_hold.payer_account_id,
                command->cancel_hold.order_number);
        hold = engine_find_hold(engine, command->cancel_hold.hold_id);
        return hold && hold->ledger_id == ledger->id ? held_minor(hold) : 0;
    case COMMAND_LIFT_FREEZE:
        freeze = engine_find_freeze(engine, command->lift_freeze.freeze_id);
        return freeze && freeze->ledger_id == ledger->id ? frozen_minor(freeze) : 0;
    default:
        return 0;
    }
}

static const struct approval_rule *find_rule(const struct approval_policy *policy, int64_t kind)
{
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].kind == kind)
            return &policy->rules[i];
    }
    return NULL;
}

/* What the end of a difference does to an account: gives it money of UNALLOCATED, or takes from it
 * what was promised. */
static int64_t kind_of_end(
    const struct engine *engine, const struct ledger *ledger, const struct close_difference *asked)
{
    const struct difference *difference =
        engine_find_record(engine, RECORD_DIFFERENCE, asked->difference_id);
    if (!difference || difference->ledger_id != ledger->id)
        return 0;
    if (difference->is_missing)
        return asked->ended_by == DIFFERENCE_CORRECTED ? COMMAND_CANCEL_PROMISE : 0;
    return asked->ended_by != DIFFERENCE_RETURNED ? COMMAND_ALLOCATE_SUSPENSE : 0;
}

/* The kind that does the same to the same accounts, whose rule holds for the command where the
 * policy has none of its own; 0: there is none. A payment out of a hold is a payment, and to take a
 * payment back as a whole is to refund it. */
static int64_t same_kind(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct original *original;
    switch ((int)command->kind) {
    case COMMAND_PAY:
        return COMMAND_CONFIRM_HOLD;
    case COMMAND_CONFIRM_HOLD:
        return COMMAND_PAY;
    case COMMAND_ALLOCATE_SUSPENSE:
        return COMMAND_ALLOCATE_LINE;
    case COMMAND_ALLOCATE_LINE:
    case COMMAND_SETTLE_LINE:
        return COMMAND_ALLOCATE_SUSPENSE;
    case COMMAND_PLACE_CLAIM:
        return command->place_claim.payee.name.length > 0 ? COMMAND_DEDUCT_CLAIM : 0;
    case COMMAND_CLOSE_DIFFERENCE:
        return kind_of_end(engine, ledger, &command->close_difference);
    case COMMAND_REVERSE:
        original = find_original(ledger, command);
        return original && original->command->kind == COMMAND_PAY ? COMMAND_REFUND : 0;
    default:
        return 0;
    }
}

/* The ledger's policy about a command that comes alone. */
static enum outcome check_policy(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct approval_policy *policy = engine_find_approval_policy(engine, ledger->id);
    CHECK(policy != NULL);
    /* What the service does by itself, nobody wants. */
    if (policy->rule_count == 0 || text_equals(channel_of(&command->key), text_of(OWN_CHANNEL)))
        return OUTCOME_ACCEPTED;
    if (command->kind == COMMAND_SET_APPROVAL_POLICY)
        return OUTCOME_APPROVAL_NEEDED;
    const struct approval_rule *rule = find_rule(policy, (int64_t)command->kind);
    if (!rule)
        rule = find_rule(policy, same_kind(engine, ledger, command));
    if (!rule)
        return OUTCOME_ACCEPTED;
    int64_t above_minor = rule->above_amount_minor;
    if (above_minor == 0)
        return OUTCOME_APPROVAL_NEEDED;
    if (amount_minor(engine, ledger, command) <= above_minor)
        return OUTCOME_ACCEPTED;
    return refuse_at(engine, OUTCOME_APPROVAL_NEEDED, above_minor);
}

enum outcome check_persons(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    if (command->proposal_id != 0)
        return check_approval(engine, ledger, engine->now_us, command, command->proposal_id);
    return engine->policies[ledger->id] == 0 ? OUTCOME_ACCEPTED
                                             : check_policy(engine, ledger, command);
}
