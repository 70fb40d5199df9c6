/* structs_claim.h: the commands of claims and freezes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_STRUCTS_CLAIM_H
#define VSL_COMMAND_STRUCTS_CLAIM_H

#include "base/text.h"
#include "command/structs_parts.h"

#include <stdbool.h>
#include <stdint.h>

/* By which paper of which organ, and who brought it. */
struct officer {
    struct text name;
    struct text number;
};

struct paper {
    struct text authority_code;
    struct text authority_name;
    struct text case_number;
    struct text number;
    struct text request_number; /* of the request in the organ's own channel; may be empty */
    struct text digest;         /* of the paper as a file; may be empty */
    struct officer officer;
    struct officer second_officer;
};

struct place_claim {
    int64_t account_id; /* excludes member_id */
    int64_t member_id;
    int32_t authority;    /* enum claim_authority */
    int32_t ground;       /* enum claim_ground */
    int64_t amount_minor; /* 0: the account itself */
    int32_t ends_date;    /* days; 0: none is given */
    bool has_fruits;
    bool is_secret;
    struct identified subject; /* without dates; may be left out */
    struct paper paper;
    struct party payee;   /* of what it covers, at once; without a name: of nothing */
    int64_t answer_by_us; /* 0: none is given */
};

struct continue_claim {
    int64_t claim_id;
    int32_t ends_date; /* days; 0: none is given */
    struct paper paper;
    int64_t answer_by_us; /* 0: none is given */
};

struct release_claim {
    int64_t claim_id;
    int64_t amount_minor; /* 0: all of it */
    struct paper paper;
    int64_t answer_by_us; /* 0: none is given */
};

struct deduct_claim {
    int64_t claim_id;
    int64_t amount_minor; /* 0: all that it covers */
    bool is_to_victim;
    struct paper paper;
    struct party payee;
    int64_t answer_by_us; /* 0: none is given */
};

/* Of a request by which nothing is claimed. */
struct open_feedback {
    int64_t answer_by_us; /* 0: none is given */
    struct paper paper;
};

struct give_feedback {
    int64_t feedback_id;
    struct text authority_code;
    struct text given_by;  /* the person of the bank, in its own words */
    struct text reference; /* by which the organ's channel took it; may be empty */
    struct text digest;    /* of what was told, as a file; may be empty */
};

struct place_freeze {
    int64_t account_id;
    int64_t amount_minor;
    struct text purpose;
    int64_t expires_at_us; /* 0: never */
    struct text reason;
};

struct lift_freeze {
    int64_t freeze_id;
    int64_t amount_minor; /* 0: everything that is frozen */
    struct text reason;
};

#endif
