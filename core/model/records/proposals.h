/* proposals.h: what one proposes and another approves, and what needs that.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_PROPOSALS_H
#define VSL_MODEL_RECORDS_PROPOSALS_H

#include "ceilings.h"

#include <stdint.h>

enum proposal_status {
    PROPOSAL_OPEN = 1,
    PROPOSAL_APPROVED = 2,
    PROPOSAL_WITHDRAWN = 3,
    PROPOSAL_EXPIRED = 4,
};

/* The command itself stays in the body of the one that proposed it. */
struct proposal {
    int64_t id;
    int64_t ledger_id;
    int64_t amount_minor; /* that the fields of the command say; 0: none */
    int64_t expires_at_us;
    int64_t proposed_at_us;
    int64_t proposed_sequence;
    int64_t decided_at_us;      /* 0: it is open */
    int64_t decided_sequence;   /* 0: it is open */
    int64_t maker_caller_id;    /* see struct command */
    int64_t approver_caller_id; /* 0: nobody yet */
    int64_t changed_sequence;
    uint8_t kind;                          /* enum command_kind */
    uint8_t status;                        /* enum proposal_status */
    char maker_channel[CHANNEL_BYTES_MAX]; /* the channel that proposed it */
    uint8_t maker_channel_length;
    char approver_channel[CHANNEL_BYTES_MAX]; /* the channel that approved it */
    uint8_t approver_channel_length;          /* 0: nobody yet */
};

/* A kind of command that needs two persons. */
struct approval_rule {
    int64_t kind;               /* enum command_kind */
    int64_t above_amount_minor; /* 0: always */
};

/* Which commands of a ledger do; one record a ledger, made when it is first set. */
struct approval_policy {
    int64_t id;
    int64_t ledger_id;
    int64_t changed_sequence;
    struct approval_rule rules[APPROVAL_RULES_MAX];
    uint8_t rule_count;
};

#endif
