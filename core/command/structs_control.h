/* structs_control.h: the commands of corrections, second persons, proofs, callers and reveals.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_CONTROL_H
#define VSL_COMMAND_STRUCTS_CONTROL_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct reverse {
    int64_t original_sequence;
    struct text reason;
};

/* Of journals of before 0.3.0, as the next two. */
struct propose_adjustment {
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t amount_minor;
    struct text reason;
    int64_t expires_at_us;
};

struct approve_adjustment {
    int64_t adjustment_id;
    struct text despite_restriction; /* what allows it though an account is restricted */
};

struct withdraw_adjustment {
    int64_t adjustment_id;
    struct text reason;
};

struct adjust {
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t amount_minor;
    struct text reason;
    struct text despite_restriction; /* what allows it though an account is restricted */
};

/* A command inside of another: a byte with its kind, and its body without who sends it; see
 * command_put_proposed. A text, so that it is kept, compared and passed on as one. */
struct propose {
    struct text command;
    int32_t kind;         /* derived of it, enum command_kind; */
    int64_t amount_minor; /* and command_amount_minor */
    struct text reason;
    int64_t expires_at_us;
};

struct approve {
    int64_t proposal_id;
};

struct withdraw_proposal {
    int64_t proposal_id;
    struct text reason;
};

struct approval_rule_asked {
    int32_t kind; /* enum command_kind */
    int64_t above_amount_minor;
};

struct set_approval_policy {
    const struct approval_rule_asked *rules; /* 0..APPROVAL_RULES_MAX, no kind twice */
    uint32_t rule_count;
};

struct proof_rule_asked {
    int32_t kind; /* enum command_kind */
    int64_t above_amount_minor;
    bool sms_code; /* it takes that, and so on; one at least */
    bool password;
    bool signature;
};

struct set_proof_policy {
    const struct proof_rule_asked *rules; /* 0..PROOF_RULES_MAX, no kind twice */
    uint32_t rule_count;
};

struct caller_ledger {
    int64_t ledger_id;
};

struct caller_channel {
    struct text channel;
};

/* All that a caller may. */
struct caller_rights {
    struct caller_roles {
#define ROLE(number, NAME, name) bool name;
#include "model/role_list.h"
    } roles;
    bool all_ledgers;
    bool any_channel;
    const struct caller_ledger *ledgers; /* 0..CALLER_LEDGERS_MAX, none twice */
    uint32_t ledger_count;
    uint32_t channel_count;
    const struct caller_channel *channels; /* 0..CALLER_CHANNELS_MAX, none twice */
};

struct create_caller {
    struct text name;
    struct caller_rights rights;
};

struct update_caller {
    int64_t caller_id;
    struct caller_rights rights; /* as a whole: what is not named is taken away */
    int32_t status;              /* enum caller_status */
};

/* An earlier command whose personal fields are asked for. The request gives its sequence; what the
 * journal says of it is put there before the command is decided. */
struct revealed {
    int64_t sequence;
    int64_t ledger_id; /* 0: the journal has no such command, or it is of no ledger */
    int32_t kind;      /* enum command_kind */
};

struct reveal {
    const struct revealed *commands; /* 1..REVEALS_PER_COMMAND_MAX */
    uint32_t command_count;
    struct text field; /* the path of one; empty: all of each */
    struct text reason;
};

#endif
