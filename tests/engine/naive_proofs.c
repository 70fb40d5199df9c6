/* naive_proofs.c: proofs of the naive model: what a customer was shown is what is done, once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"
#include "commands.h"

#include <string.h>

static bool is_same(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* Whatever became of it since. */
static void need_unused(struct decision *d, struct text reference)
{
    const struct naive_model *model = d->model;
    for (int s = 1; s <= model->past_count; s++) {
        const struct naive_past *past = &model->past[s];
        if (past->kind == 0 || past->ledger != d->ledger || past->proof[0] == '\0' ||
            !naive_same_text(past->proof, reference))
            continue;
        bool is_hidden = model->hidden_from != 0 && s >= model->hidden_from;
        naive_need_at(d, false, OUTCOME_PROOF_USED, is_hidden ? 0 : s);
    }
}

/* The rule of a kind; of the other one when there is none. */
static const struct proof_rule_asked *rule_of(const struct decision *d, int kind, int other)
{
    const struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    const struct proof_rule_asked *found = NULL;
    for (int i = 0; i < ledger->proof_count; i++)
        if (ledger->proof_rules[i].kind == kind || (ledger->proof_rules[i].kind == other && !found))
            found = &ledger->proof_rules[i];
    return found;
}

static void need_policy(struct decision *d, int given, int64_t amount)
{
    int kind = (int)d->command->kind;
    int other = kind == COMMAND_PAY          ? COMMAND_PLACE_HOLD
                : kind == COMMAND_PLACE_HOLD ? COMMAND_PAY
                                             : kind;
    if (kind == COMMAND_GRANT_MANDATE)
        other = d->command->grant_mandate.card_id != 0 ? COMMAND_WITHDRAW : COMMAND_PAY;
    const struct proof_rule_asked *rule = rule_of(d, kind, other);
    if (!rule && kind == COMMAND_GRANT_MANDATE && other == COMMAND_PAY)
        rule = rule_of(d, COMMAND_PLACE_HOLD, COMMAND_PLACE_HOLD);
    int own = naive_control_account(d->model, d->ledger, ACCOUNT_PLATFORM_OWN);
    if (!rule || (rule->above_amount_minor != 0 && amount <= rule->above_amount_minor) ||
        (kind == COMMAND_WITHDRAW && d->command->withdraw.account_id == own))
        return;
    naive_need_at(d, given != 0, OUTCOME_PROOF_NEEDED, rule->above_amount_minor);
    naive_need(d,
        given == 0 || (given == PROOF_SMS_CODE && rule->sms_code) ||
            (given == PROOF_PASSWORD && rule->password) ||
            (given == PROOF_SIGNATURE && rule->signature),
        OUTCOME_PROOF_OF_OTHER_KIND);
}

int64_t naive_set_proof_policy(struct decision *d)
{
    const struct set_proof_policy *wish = &d->command->set_proof_policy;
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (d->worst != 0)
        return 0;
    if (ledger->proof_policy == 0)
        ledger->proof_policy = ++d->model->proof_policy_count;
    ledger->proof_changed = d->sequence;
    ledger->proof_count = (int)wish->rule_count;
    for (uint32_t i = 0; i < wish->rule_count; i++)
        ledger->proof_rules[i] = wish->rules[i];
    return d->ledger;
}

static int64_t fee_by_rule(
    const struct naive_model *model, int64_t ledger, struct text name, int64_t amount)
{
    bool is_known = name.length > 0 && ledger > 0 && ledger <= model->ledger_count;
    int rule = is_known ? naive_rule_in_force(model, (int)ledger, name) : 0;
    return rule != 0 ? naive_fee(&model->rules[rule], amount) : 0;
}

int64_t naive_confirmed(const struct naive_model *model, const struct command *command)
{
    struct command proved = with_proof("", *command);
    int64_t amount = proof_in(&proved)->amount_minor;
    if (command->kind == COMMAND_PAY && command->pay.fee_bearer != FEE_BEARER_PAYEES)
        amount += fee_by_rule(model, command->ledger_id, command->pay.fee_rule, amount);
    if (command->kind == COMMAND_WITHDRAW && command->withdraw.fee_mode == FEE_OUTSIDE)
        amount += fee_by_rule(
            model, command->ledger_id, command->withdraw.fee_rule, command->withdraw.amount_minor);
    return amount;
}

void naive_need_proof(struct decision *d)
{
    struct command command = *d->command;
    const struct instruction_proof *proof = proof_in(&command);
    if (!proof)
        return;
    if (command_mandate_id(&command) != 0) {
        naive_need_mandate(d);
        return;
    }
    /* What it ought to be. */
    struct command ideal = with_proof("", command);
    struct instruction_proof *its = proof_in(&ideal);
    its->amount_minor = naive_confirmed(d->model, &command);
    need_policy(d, proof->kind, its->amount_minor);
    if (proof->kind == 0)
        return;
    int64_t now_us = command.proposal_id != 0 ? command.proposed_at_us : d->now_us;
    bool is_split = command.kind == COMMAND_PAY && command.pay.payee_count > 1;
    naive_need(d, proof->result == PROOF_RIGHT, OUTCOME_PROOF_FAILED);
    naive_need_at(d, proof->amount_minor == its->amount_minor, OUTCOME_PROOF_NOT_OF_AMOUNT,
        its->amount_minor);
    naive_need(d, proof->account_id == its->account_id && proof->member_id == its->member_id,
        OUTCOME_PROOF_NOT_OF_ACCOUNT);
    naive_need(d, !is_split || command.pay.order_number.length > 0, OUTCOME_PROOF_NOT_OF_PAYEE);
    naive_need(d,
        proof->payee_account_id == its->payee_account_id && proof->card_id == its->card_id &&
            is_same(proof->payee_account_number, its->payee_account_number) &&
            is_same(proof->order_number, its->order_number),
        OUTCOME_PROOF_NOT_OF_PAYEE);
    naive_need(d, proof->issued_at_us <= now_us, OUTCOME_PROOF_NOT_YET_VALID);
    naive_need(d, proof->expires_at_us > now_us, OUTCOME_PROOF_EXPIRED);
    need_unused(d, proof->reference);
    CHECK(proof->reference.length < NAIVE_REFERENCE_BYTES_MAX);
    naive_copy_text(d->past.proof, proof->reference);
}
