/* proofs.c: that a customer wants a command, and wants exactly this one.
 *
 * A proof is the result of a check that was made elsewhere. It is compared with what the command
 * says, and used once: whoever decides has looked up whether an accepted command has its reference
 * (used_sequence), in the same memory and index as the references of the bank, but for ever. Of a
 * refused command nothing is spent, so that a try in vain costs the customer no second code. Which
 * commands need one is a policy of the ledger, asked for whichever way a command comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/proofs.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/commands.h"
#include "engine/rules/fees.h"
#include "engine/rules/mandates.h"
#include "engine/rules/proposals.h"
#include "engine/rules/refusals.h"
#include "model/fee.h"

/* What a proof must be bound to. */
struct bound {
    int64_t account_id;
    int64_t member_id;
    int64_t payee_account_id;
    struct text payee_account_number;
    int64_t card_id;
    struct text order_number;
    bool is_open; /* it may be for nobody in particular */
};

static struct bound bound_of(const struct command *command)
{
    switch ((int)command->kind) {
    case COMMAND_PAY:
        if (command->pay.payee_count == 1)
            return (struct bound){.account_id = command->pay.payer_account_id,
                .payee_account_id = command->pay.payees[0].account_id};
        return (struct bound){
            .account_id = command->pay.payer_account_id, .order_number = command->pay.order_number};
    case COMMAND_WITHDRAW:
        /* What names neither goes to the member's own cards, as the server chooses. */
        return (struct bound){.account_id = command->withdraw.account_id,
            .payee_account_number = command->withdraw.destination.account_number,
            .card_id = command->withdraw.card_id,
            .is_open = true};
    case COMMAND_PLACE_HOLD:
        return (struct bound){.account_id = command->place_hold.payer_account_id,
            .order_number = command->place_hold.order_number};
    case COMMAND_BIND_CARD:
        return (struct bound){.member_id = command->bind_card.member_id,
            .payee_account_number = command->bind_card.number};
    case COMMAND_UNBIND_CARD:
        return (struct bound){.card_id = command->unbind_card.card_id};
    case COMMAND_GRANT_MANDATE:
        return (struct bound){.account_id = command->grant_mandate.account_id,
            .payee_account_id = command->grant_mandate.payee_account_id,
            .card_id = command->grant_mandate.card_id};
    case COMMAND_REPLACE_CARD:
        return (struct bound){.card_id = command->replace_card.new_card_id};
    default:
        CHECK(0 && "a kind that may have a proof");
        return (struct bound){0};
    }
}

/* Whether the proof names whom or what the command is for, and nothing else. What is for several
 * payees without an order cannot be named. */
static bool is_of_payee(const struct instruction_proof *proof, const struct bound *bound)
{
    bool is_named = bound->is_open || bound->payee_account_id != 0 ||
                    bound->payee_account_number.length > 0 || bound->card_id != 0 ||
                    bound->order_number.length > 0;
    return is_named && proof->payee_account_id == bound->payee_account_id &&
           text_equals(proof->payee_account_number, bound->payee_account_number) &&
           proof->card_id == bound->card_id &&
           text_equals(proof->order_number, bound->order_number);
}

/* A fee that was agreed, or by the rule as it is now; 0: no such rule, which is refused. */
static int64_t fee_of(const struct engine *engine, const struct ledger *ledger,
    struct text fee_rule, int64_t agreed_minor, int64_t amount_minor)
{
    const struct fee_rule *rule;
    if (fee_rule.length == 0)
        return agreed_minor;
    return find_fee_rule_in_force(engine, ledger, fee_rule, &rule) == OUTCOME_ACCEPTED
               ? fee_of_amount(rule, amount_minor)
               : 0;
}

/* What the customer confirms: all that his account loses, with the fee that it bears itself. */
static int64_t confirmed_minor(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct pay *pay = &command->pay;
    const struct withdraw *withdraw = &command->withdraw;
    int64_t amount_minor = command_amount_minor(command);
    if (command->kind == COMMAND_PAY) {
        amount_minor -= pay->fee_minor;
        if (pay->fee_rule.length == 0 || pay->fee_bearer != FEE_BEARER_PAYEES)
            amount_minor += fee_of(engine, ledger, pay->fee_rule, pay->fee_minor, amount_minor);
    } else if (command->kind == COMMAND_WITHDRAW) {
        amount_minor = withdraw->amount_minor;
        if (withdraw->fee_mode == FEE_OUTSIDE)
            amount_minor +=
                fee_of(engine, ledger, withdraw->fee_rule, withdraw->fee_minor, amount_minor);
    }
    return amount_minor;
}

static enum outcome check_given(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct instruction_proof *proof)
{
    const struct bound bound = bound_of(command);
    int64_t amount_minor = confirmed_minor(engine, ledger, command);
    int64_t used = command->used_sequence;
    /* A customer does not wait for a second person of the bank. */
    int64_t asked_us = is_of_two(command) ? command->proposed_at_us : engine->now_us;
    CHECK(used == 0 || used == USED_IN_CALL || (used > 0 && used < engine->sequence));
    if (proof->result != PROOF_RIGHT)
        return OUTCOME_PROOF_FAILED;
    if (proof->amount_minor != amount_minor)
        return refuse_at(engine, OUTCOME_PROOF_NOT_OF_AMOUNT, amount_minor);
    if (proof->account_id != bound.account_id || proof->member_id != bound.member_id)
        return OUTCOME_PROOF_NOT_OF_ACCOUNT;
    if (!is_of_payee(proof, &bound))
        return OUTCOME_PROOF_NOT_OF_PAYEE;
    if (proof->issued_at_us > asked_us)
        return OUTCOME_PROOF_NOT_YET_VALID;
    if (proof->expires_at_us <= asked_us)
        return OUTCOME_PROOF_EXPIRED;
    if (used != 0)
        return refuse_at(engine, OUTCOME_PROOF_USED, used == USED_IN_CALL ? 0 : used);
    return OUTCOME_ACCEPTED;
}

/* ---- which commands need one ---- */

void index_proof_policy(struct engine *engine, int64_t policy_id)
{
    const struct proof_policy *policy = record_at(engine, RECORD_PROOF_POLICY, policy_id);
    engine->proof_policies[policy->ledger_id] = policy_id;
}

const struct proof_policy *engine_find_proof_policy(const struct engine *engine, int64_t ledger_id)
{
    if (!engine_find_ledger(engine, ledger_id) || engine->proof_policies[ledger_id] == 0)
        return NULL;
    return record_at(engine, RECORD_PROOF_POLICY, engine->proof_policies[ledger_id]);
}

static int64_t taken_by(const struct proof_rule_asked *rule)
{
    return (rule->sms_code ? 1 << PROOF_SMS_CODE : 0) | (rule->password ? 1 << PROOF_PASSWORD : 0) |
           (rule->signature ? 1 << PROOF_SIGNATURE : 0);
}

enum outcome execute_set_proof_policy(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct set_proof_policy *asked = &command->set_proof_policy;
    int64_t id = engine->proof_policies[ledger->id];
    struct proof_policy *policy;
    if (id == 0) {
        CHECK(has_room(engine, RECORD_PROOF_POLICY, 1)); /* one a ledger */
        policy = add_record(engine, RECORD_PROOF_POLICY);
        policy->ledger_id = ledger->id;
        keep_for_undo(
            engine, &engine->proof_policies[ledger->id], sizeof engine->proof_policies[ledger->id]);
        index_proof_policy(engine, policy->id);
    } else {
        policy = change_record(engine, RECORD_PROOF_POLICY, id);
    }
    memset(policy->rules, 0, sizeof policy->rules);
    CHECK(asked->rule_count <= PROOF_RULES_MAX);
    policy->rule_count = (uint8_t)asked->rule_count;
    for (uint32_t i = 0; i < asked->rule_count; i++)
        policy->rules[i] = (struct proof_rule){
            asked->rules[i].kind, asked->rules[i].above_amount_minor, taken_by(&asked->rules[i])};
    record_image(engine, RECORD_PROOF_POLICY, policy->id);
    engine->effects->subject_id = ledger->id;
    return OUTCOME_ACCEPTED;
}

static const struct proof_rule *find_rule(const struct proof_policy *policy, int64_t kind)
{
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        if (policy->rules[i].kind == kind)
            return &policy->rules[i];
    }
    return NULL;
}

/* What is held for an order is paid without another proof. */
static int64_t same_kind(int64_t kind)
{
    return kind == COMMAND_PAY ? COMMAND_PLACE_HOLD : kind == COMMAND_PLACE_HOLD ? COMMAND_PAY : 0;
}

/* What a mandate allows is done without another proof, so it needs that itself. */
static const struct proof_rule *find_rule_of(
    const struct proof_policy *policy, const struct command *command)
{
    int64_t kind = (int64_t)command->kind;
    const struct proof_rule *rule = find_rule(policy, kind);
    if (!rule && kind == COMMAND_GRANT_MANDATE) {
        kind = command->grant_mandate.card_id != 0 ? COMMAND_WITHDRAW : COMMAND_PAY;
        rule = find_rule(policy, kind);
    }
    return rule ? rule : find_rule(policy, same_kind(kind));
}

/* The platform's own money leaves to its own account, and no customer can want that. */
static bool is_platforms_own(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    if (command->kind != COMMAND_WITHDRAW)
        return false;
    const struct account *account = engine_find_account(engine, command->withdraw.account_id);
    return account && account->ledger_id == ledger->id && account->kind == ACCOUNT_PLATFORM_OWN;
}

/* Whether it has what the ledger asks for; what a proof says is another question. */
static enum outcome check_policy(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct instruction_proof *proof)
{
    const struct proof_policy *policy = engine_find_proof_policy(engine, ledger->id);
    CHECK(policy != NULL);
    const struct proof_rule *rule = find_rule_of(policy, command);
    if (!rule ||
        (rule->above_amount_minor > 0 &&
            confirmed_minor(engine, ledger, command) <= rule->above_amount_minor) ||
        is_platforms_own(engine, ledger, command))
        return OUTCOME_ACCEPTED;
    if (proof->kind == 0)
        return rule->above_amount_minor > 0
                   ? refuse_at(engine, OUTCOME_PROOF_NEEDED, rule->above_amount_minor)
                   : OUTCOME_PROOF_NEEDED;
    return rule->takes & 1 << proof->kind ? OUTCOME_ACCEPTED : OUTCOME_PROOF_OF_OTHER_KIND;
}

enum outcome check_instruction(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct instruction_proof *proof = command_proof(command);
    enum outcome outcome = OUTCOME_ACCEPTED;
    if (!proof)
        return OUTCOME_ACCEPTED;
    if (command_mandate_id(command) != 0)
        return check_mandate(engine, ledger, command, confirmed_minor(engine, ledger, command));
    if (engine->proof_policies[ledger->id] != 0)
        outcome = check_policy(engine, ledger, command, proof);
    if (outcome == OUTCOME_ACCEPTED && proof->kind != 0)
        outcome = check_given(engine, ledger, command, proof);
    return outcome;
}
