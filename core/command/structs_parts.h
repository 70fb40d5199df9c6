/* structs_parts.h: what the commands of several topics have in common.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_PARTS_H
#define VSL_COMMAND_STRUCTS_PARTS_H

#include "base/text.h"

#include <stdint.h>

/* By what a customer showed that he wants a command. */
enum proof_kind {
    PROOF_SMS_CODE = 1,
    PROOF_PASSWORD = 2,
    PROOF_SIGNATURE = 3,
};

enum proof_result {
    PROOF_RIGHT = 1,
    PROOF_WRONG = 2,
};

/* That a customer wants exactly this command, as somebody else has checked it; kind 0: there is
 * none. What it is bound to is as the proto says; what it does not name is 0 or empty. */
struct instruction_proof {
    int32_t kind;          /* enum proof_kind */
    int32_t result;        /* enum proof_result */
    struct text reference; /* used once in a ledger */
    int64_t amount_minor;
    int64_t account_id;
    int64_t member_id;
    int64_t payee_account_id;
    struct text payee_account_number;
    int64_t card_id;
    struct text order_number;
    int64_t issued_at_us;
    int64_t expires_at_us;
};

/* The other side of a movement at a bank: a payer or a destination. */
struct party {
    struct text name;
    struct text account_number;
    struct text bank_code;
};

/* Who somebody is, and what proves it; all zero: nobody. */
struct identified {
    struct text name;      /* normal, see command/normalize.h */
    int32_t document_kind; /* enum document_kind */
    struct text number;    /* normal, see model/document.h */
    int32_t valid_from_date;
    int32_t valid_until_date; /* days; 0: without end */
};

#endif
