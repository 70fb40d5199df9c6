/* members.h: who has accounts.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_MEMBERS_H
#define VSL_MODEL_RECORDS_MEMBERS_H

#include "ceilings.h"

#include <stdint.h>

enum member_kind { MEMBER_MERCHANT = 1, MEMBER_USER = 2 };
enum member_status { MEMBER_OPEN = 1, MEMBER_CLOSED = 2 };

struct member {
    int64_t id;
    int64_t ledger_id;
    int64_t changed_sequence;
    char platform_member_id[PLATFORM_MEMBER_ID_BYTES_MAX];
    uint8_t platform_member_id_length; /* 1..64 */
    uint8_t kind;                      /* enum member_kind */
    uint8_t status;                    /* enum member_status */
    /* Derived, here since each payment of a ledger with an account policy asks for them: its last
     * identity, and what it used of its limits; 0: none. */
    int64_t identity_id;
    int64_t usage_id;
};

#endif
