/* fields_control.c: the fields of the commands of corrections, second persons, proofs, callers and
 * reveals.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/field_macros.h"

static const struct field reverse_fields[] = {
    EARLIER(4, "original_sequence", reverse.original_sequence),
    TEXT(5, "reason", reverse.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
};
const struct field_table reverse_table = TABLE(reverse);

static const struct field propose_adjustment_fields[] = {
    ID(4, "debit_account_id", propose_adjustment.debit_account_id),
    ID(5, "credit_account_id", propose_adjustment.credit_account_id),
    AMOUNT(6, "amount_minor", propose_adjustment.amount_minor),
    TEXT(7, "reason", propose_adjustment.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    TIME(8, "expires_at_us", propose_adjustment.expires_at_us),
};
const struct field_table propose_adjustment_table = TABLE(propose_adjustment);

static const struct field approve_adjustment_fields[] = {
    NAMED(RECORD_ADJUSTMENT, 4, "adjustment_id", approve_adjustment.adjustment_id),
    FACT(5, "despite_restriction", approve_adjustment.despite_restriction,
        BANK_REFERENCE_CHARACTERS_MAX),
};
const struct field_table approve_adjustment_table = TABLE(approve_adjustment);

static const struct field withdraw_adjustment_fields[] = {
    NAMED(RECORD_ADJUSTMENT, 4, "adjustment_id", withdraw_adjustment.adjustment_id),
    FACT(5, "reason", withdraw_adjustment.reason, REMARK_CHARACTERS_MAX),
};
const struct field_table withdraw_adjustment_table = TABLE(withdraw_adjustment);

static const struct field adjust_fields[] = {
    ID(4, "debit_account_id", adjust.debit_account_id),
    ID(5, "credit_account_id", adjust.credit_account_id),
    AMOUNT(6, "amount_minor", adjust.amount_minor),
    TEXT(7, "reason", adjust.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    FACT(8, "despite_restriction", adjust.despite_restriction, BANK_REFERENCE_CHARACTERS_MAX),
};
const struct field_table adjust_table = TABLE(adjust);

/* Its bytes are those of a whole command. */
#define COMMAND_INSIDE(number, name, member)                                                       \
    TEXT(number, name, member, TEXT_COMMAND, PROPOSED_BYTES_MAX)

static const struct field propose_fields[] = {
    COMMAND_INSIDE(4, "command", propose.command),
    FACT(5, "reason", propose.reason, REMARK_CHARACTERS_MAX),
    TIME(6, "expires_at_us", propose.expires_at_us),
};
const struct field_table propose_table = TABLE(propose);

static const struct field approve_fields[] = {
    NAMED(RECORD_PROPOSAL, 4, "proposal_id", approve.proposal_id),
};
const struct field_table approve_table = TABLE(approve);

static const struct field withdraw_proposal_fields[] = {
    NAMED(RECORD_PROPOSAL, 4, "proposal_id", withdraw_proposal.proposal_id),
    FACT(5, "reason", withdraw_proposal.reason, REMARK_CHARACTERS_MAX),
};
const struct field_table withdraw_proposal_table = TABLE(withdraw_proposal);

#define IN_RULE(member) (uint16_t) offsetof(struct approval_rule_asked, member)

static const struct field approval_rule_fields[] = {
    ROW(1, "kind", FIELD_ENUM, IN_RULE(kind), REQUIRED, .max = COMMAND_KIND_MAX),
    ROW(2, "above_amount_minor", FIELD_INT64, IN_RULE(above_amount_minor), .max = AMOUNT_MINOR_MAX),
};

static const struct list approval_rules = {
    {"approval_rule", approval_rule_fields, COUNT(approval_rule_fields)},
    sizeof(struct approval_rule_asked), AT(set_approval_policy.rule_count)};

static const struct field set_approval_policy_fields[] = {
    OPTIONAL_LIST(4, "rules", set_approval_policy.rules, APPROVAL_RULES_MAX, &approval_rules),
};
const struct field_table set_approval_policy_table = TABLE(set_approval_policy);

#define IN_PROOF_RULE(member) (uint16_t) offsetof(struct proof_rule_asked, member)

static const struct field proof_rule_fields[] = {
    ROW(1, "kind", FIELD_ENUM, IN_PROOF_RULE(kind), REQUIRED, .max = COMMAND_KIND_MAX),
    ROW(2, "above_amount_minor", FIELD_INT64, IN_PROOF_RULE(above_amount_minor),
        .max = AMOUNT_MINOR_MAX),
    ROW(3, "sms_code", FIELD_BOOL, IN_PROOF_RULE(sms_code), .max = 1),
    ROW(4, "password", FIELD_BOOL, IN_PROOF_RULE(password), .max = 1),
    ROW(5, "signature", FIELD_BOOL, IN_PROOF_RULE(signature), .max = 1),
};

static const struct list proof_rules = {{"proof_rule", proof_rule_fields, COUNT(proof_rule_fields)},
    sizeof(struct proof_rule_asked), AT(set_proof_policy.rule_count)};

static const struct field set_proof_policy_fields[] = {
    OPTIONAL_LIST(4, "rules", set_proof_policy.rules, PROOF_RULES_MAX, &proof_rules),
};
const struct field_table set_proof_policy_table = TABLE(set_proof_policy);

#define IN_LEDGER(member) (uint16_t) offsetof(struct caller_ledger, member)
#define IN_CHANNEL(member) (uint16_t) offsetof(struct caller_channel, member)

static const struct field caller_ledger_fields[] = {
    ROW(1, "ledger_id", FIELD_INT64, IN_LEDGER(ledger_id), REQUIRED, .max = INT64_MAX),
};
static const struct field caller_channel_fields[] = {
    ROW(1, "channel", FIELD_TEXT, IN_CHANNEL(channel), REQUIRED, .rule = TEXT_CHANNEL,
        .max = CHANNEL_BYTES_MAX),
};

#define CALLER_LEDGERS(kind)                                                                       \
    {                                                                                              \
        {"caller_ledger", caller_ledger_fields, COUNT(caller_ledger_fields)},                      \
            sizeof(struct caller_ledger), AT(kind.rights.ledger_count)                             \
    }
#define CALLER_CHANNELS(kind)                                                                      \
    {                                                                                              \
        {"caller_channel", caller_channel_fields, COUNT(caller_channel_fields)},                   \
            sizeof(struct caller_channel), AT(kind.rights.channel_count)                           \
    }

static const struct list create_caller_ledgers = CALLER_LEDGERS(create_caller);
static const struct list create_caller_channels = CALLER_CHANNELS(create_caller);
static const struct list update_caller_ledgers = CALLER_LEDGERS(update_caller);
static const struct list update_caller_channels = CALLER_CHANNELS(update_caller);

/* The roles are in a sub-message, the other rights are not. */
#define ROLE_OF(kind, number, name) BOOL(5 * 16 + (number), "roles." #name, kind.rights.roles.name)

static const struct field create_caller_fields[] = {
    TEXT(4, "name", create_caller.name, TEXT_TRIMMED, CALLER_NAME_BYTES_MAX),
#define ROLE(number, NAME, name) ROLE_OF(create_caller, number, name),
#include "model/role_list.h"
    OPTIONAL_LIST(
        6, "ledgers", create_caller.rights.ledgers, CALLER_LEDGERS_MAX, &create_caller_ledgers),
    BOOL(7, "all_ledgers", create_caller.rights.all_ledgers),
    OPTIONAL_LIST(
        8, "channels", create_caller.rights.channels, CALLER_CHANNELS_MAX, &create_caller_channels),
    BOOL(9, "any_channel", create_caller.rights.any_channel),
};
const struct field_table create_caller_table = TABLE(create_caller);

static const struct field update_caller_fields[] = {
    ID(4, "caller_id", update_caller.caller_id),
#define ROLE(number, NAME, name) ROLE_OF(update_caller, number, name),
#include "model/role_list.h"
    OPTIONAL_LIST(
        6, "ledgers", update_caller.rights.ledgers, CALLER_LEDGERS_MAX, &update_caller_ledgers),
    BOOL(7, "all_ledgers", update_caller.rights.all_ledgers),
    OPTIONAL_LIST(
        8, "channels", update_caller.rights.channels, CALLER_CHANNELS_MAX, &update_caller_channels),
    BOOL(9, "any_channel", update_caller.rights.any_channel),
    ENUM(10, "status", update_caller.status, CALLER_SUSPENDED),
};
const struct field_table update_caller_table = TABLE(update_caller);

#define IN_REVEALED(member) (uint16_t) offsetof(struct revealed, member)

static const struct field revealed_fields[] = {
    ROW(1, "sequence", FIELD_INT64, IN_REVEALED(sequence), REQUIRED, .max = INT64_MAX),
};

static const struct list reveal_commands = {{"command", revealed_fields, COUNT(revealed_fields)},
    sizeof(struct revealed), AT(reveal.command_count)};

static const struct field reveal_fields[] = {
    TEXT(4, "reason", reveal.reason, TEXT_FACT, REMARK_CHARACTERS_MAX),
    LIST(5, "commands", reveal.commands, REVEALS_PER_COMMAND_MAX, &reveal_commands),
    OPTIONAL_TEXT(6, "field", reveal.field, TEXT_TRIMMED, FIELD_PATH_BYTES_MAX - 1),
};
const struct field_table reveal_table = TABLE(reveal);

static_assert(CALLER_LEDGERS_MAX * sizeof(struct caller_ledger) +
                      CALLER_CHANNELS_MAX * sizeof(struct caller_channel) <=
                  COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");

static_assert(REVEALS_PER_COMMAND_MAX * sizeof(struct revealed) <= COMMAND_ELEMENTS_BYTES_MAX,
    "a decoded body has room for its elements");
