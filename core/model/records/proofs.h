/* proofs.h: which commands need a proof of their customer's instruction.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_PROOFS_H
#define VSL_MODEL_RECORDS_PROOFS_H

#include "ceilings.h"

#include <stdint.h>

/* A kind of command that needs one. */
struct proof_rule {
    int64_t kind;               /* enum command_kind */
    int64_t above_amount_minor; /* 0: always */
    int64_t takes;              /* kinds of proofs, as bits: 1 << enum proof_kind */
};

/* Which commands of a ledger do; one record a ledger, made when it is first set. */
struct proof_policy {
    int64_t id;
    int64_t ledger_id;
    int64_t changed_sequence;
    struct proof_rule rules[PROOF_RULES_MAX];
    uint8_t rule_count;
};

#endif
