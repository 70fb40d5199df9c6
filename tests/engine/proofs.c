/* proofs.c: gives commands the proof of their customer's instruction.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "base/check.h"

#include <string.h>

struct instruction_proof *proof_in(struct command *command)
{
    switch ((int)command->kind) {
    case COMMAND_PAY:
        return &command->pay.proof;
    case COMMAND_WITHDRAW:
        return &command->withdraw.proof;
    case COMMAND_PLACE_HOLD:
        return &command->place_hold.proof;
    case COMMAND_GRANT_MANDATE:
        return &command->grant_mandate.proof;
    case COMMAND_BIND_CARD:
        return &command->bind_card.proof;
    case COMMAND_UNBIND_CARD:
        return &command->unbind_card.proof;
    case COMMAND_REPLACE_CARD:
        return &command->replace_card.proof;
    default:
        return NULL;
    }
}

static int64_t paid_minor(const struct pay *pay)
{
    int64_t sum = pay->fee_minor;
    for (uint32_t i = 0; i < pay->payee_count; i++)
        sum += pay->payees[i].amount_minor;
    return sum;
}

struct command make_mandate(int64_t ledger_id, int64_t account, int64_t payee, int64_t card,
    int64_t each, int64_t total, int64_t expires_at_us)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_GRANT_MANDATE;
    command.grant_mandate = (struct grant_mandate){.account_id = account,
        .payee_account_id = payee,
        .card_id = card,
        .each_minor = each,
        .total_minor = total,
        .count = 5,
        .expires_at_us = expires_at_us,
        .evidence = text_of("contract 2026-17")};
    return command;
}

struct command make_end_mandate(int64_t ledger_id, int64_t mandate_id)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_END_MANDATE;
    command.end_mandate =
        (struct end_mandate){.mandate_id = mandate_id, .evidence = text_of("letter 2026-18")};
    return command;
}

struct command by_mandate(int64_t mandate_id, struct command command)
{
    CHECK(command.kind == COMMAND_PAY || command.kind == COMMAND_WITHDRAW);
    if (command.kind == COMMAND_PAY)
        command.pay.mandate_id = mandate_id;
    else
        command.withdraw.mandate_id = mandate_id;
    return command;
}

struct command make_proof_policy(
    int64_t ledger_id, const struct proof_rule_asked *rules, uint32_t rule_count)
{
    struct command command = make_close_ledger(ledger_id);
    command.kind = COMMAND_SET_PROOF_POLICY;
    command.set_proof_policy = (struct set_proof_policy){.rules = rules, .rule_count = rule_count};
    return command;
}

struct command with_proof(const char *reference, struct command command)
{
    struct instruction_proof *proof = proof_in(&command);
    CHECK(proof != NULL);
    *proof = (struct instruction_proof){.kind = PROOF_SMS_CODE,
        .result = PROOF_RIGHT,
        .reference = text_of(reference),
        .issued_at_us = 1,
        .expires_at_us = TIME_US_MAX};
    switch ((int)command.kind) {
    case COMMAND_PAY:
        proof->account_id = command.pay.payer_account_id;
        proof->amount_minor = paid_minor(&command.pay);
        if (command.pay.payee_count == 1)
            proof->payee_account_id = command.pay.payees[0].account_id;
        else
            proof->order_number = command.pay.order_number;
        break;
    case COMMAND_WITHDRAW:
        proof->account_id = command.withdraw.account_id;
        proof->amount_minor =
            command.withdraw.amount_minor +
            (command.withdraw.fee_mode == FEE_OUTSIDE ? command.withdraw.fee_minor : 0);
        proof->payee_account_number = command.withdraw.destination.account_number;
        proof->card_id = command.withdraw.card_id;
        break;
    case COMMAND_PLACE_HOLD:
        proof->account_id = command.place_hold.payer_account_id;
        proof->amount_minor = command.place_hold.amount_minor;
        proof->order_number = command.place_hold.order_number;
        break;
    case COMMAND_GRANT_MANDATE:
        proof->account_id = command.grant_mandate.account_id;
        proof->amount_minor = command.grant_mandate.total_minor;
        proof->payee_account_id = command.grant_mandate.payee_account_id;
        proof->card_id = command.grant_mandate.card_id;
        break;
    case COMMAND_BIND_CARD:
        proof->member_id = command.bind_card.member_id;
        proof->payee_account_number = command.bind_card.number;
        break;
    case COMMAND_UNBIND_CARD:
        proof->card_id = command.unbind_card.card_id;
        break;
    default:
        proof->card_id = command.replace_card.new_card_id;
        break;
    }
    return command;
}
