/* structs_member.h: the commands of members, their cards, accounts and mandates, and of deny lists.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_MEMBER_H
#define VSL_COMMAND_STRUCTS_MEMBER_H

#include "base/text.h"
#include "command/structs_parts.h"

#include <stdbool.h>
#include <stdint.h>

struct open_member {
    int32_t kind; /* enum member_kind */
    struct text platform_member_id;
};

struct identify_member {
    int64_t member_id;
    int32_t subject; /* enum subject_kind */
    struct identified holder;
    struct identified representative; /* or the owner */
    struct identified handler;
    struct {
        struct text checked_by;
        int64_t checked_at_us;
        struct text result_code;
        struct text reference;
    } check;
    int32_t recheck_date; /* days; 0: none */
};

struct close_member {
    int64_t member_id;
};

struct grant_mandate {
    struct instruction_proof proof;
    int64_t account_id;
    int64_t payee_account_id; /* one of the two is given */
    int64_t card_id;
    int64_t each_minor;
    int64_t total_minor;
    int32_t count;
    int64_t starts_at_us; /* 0: from now on */
    int64_t expires_at_us;
    struct text evidence;
};

struct end_mandate {
    int64_t mandate_id;
    struct text evidence;
};

struct bind_card {
    struct instruction_proof proof;
    int64_t member_id;
    int32_t kind;       /* enum card_kind */
    struct text number; /* digits */
    struct text bank_code;
    struct text holder;
    struct text mobile; /* empty: not given, of a corporate account */
};

struct check_card {
    int64_t card_id;
    int32_t way; /* enum card_check_way */
};

struct confirm_card_check {
    int64_t card_id;
    int64_t check_sequence; /* the CheckCard that it answers */
    int32_t result;         /* enum card_check_result */
    struct text result_code;
    struct text reference;
};

struct confirm_card_amount {
    int64_t card_id;
    int64_t amount_minor; /* that the member says */
};

struct unbind_card {
    struct instruction_proof proof;
    int64_t card_id;
    int32_t reason; /* enum card_end_reason */
    struct text evidence;
};

struct replace_card {
    struct instruction_proof proof;
    int64_t card_id;
    int64_t new_card_id;
    int32_t reason; /* enum card_end_reason */
    struct text evidence;
};

/* One of name, document and account number is given. */
struct add_denied {
    int32_t source; /* enum denied_source */
    struct text name;
    int32_t document_kind; /* enum document_kind, with a document number; 0 else */
    struct text document_number;
    struct text account_number; /* digits */
    struct text reason;
    int32_t from_date;     /* days; 0: not given */
    int64_t expires_at_us; /* 0: never */
};

struct end_denied {
    int64_t denied_id;
    struct text evidence;
};

enum hit_decision {
    HIT_DECISION_CLEARED = 1,
    HIT_DECISION_CONFIRMED = 2,
};

struct decide_hit {
    int64_t hit_id;
    int32_t decision; /* enum hit_decision */
    struct text reason;
    struct text evidence;
};

struct open_account {
    int64_t member_id;
};

struct close_account {
    int64_t account_id;
};

struct restrict_account {
    int64_t account_id;
    bool no_in;
    bool no_out;
    struct text reason;
    struct text owner; /* whose it is; empty: the caller's own */
};

#endif
