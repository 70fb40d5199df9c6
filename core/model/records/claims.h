/* claims.h: what courts and other organs, and who has a secured right, claim of members' money
 * (司法冻结、轮候).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_CLAIMS_H
#define VSL_MODEL_RECORDS_CLAIMS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

/* Who orders it. What each may do: model/claim_rule.c. */
enum claim_authority {
    AUTHORITY_COURT = 1,
    AUTHORITY_POLICE = 2,
    AUTHORITY_PROCURATORATE = 3,
    AUTHORITY_SUPERVISION = 4, /* 监察机关 */
    AUTHORITY_STATE_SECURITY = 5,
    AUTHORITY_TAX = 6,
    AUTHORITY_CUSTOMS = 7,
    AUTHORITY_SECURITIES = 8,      /* 国务院证券监督管理机构 */
    AUTHORITY_CENTRAL_BANK = 9,    /* 反洗钱临时冻结 */
    AUTHORITY_ADMINISTRATIVE = 10, /* one that a law names */
    AUTHORITY_BANK = 11,           /* the bank itself, of listed persons */
    AUTHORITY_CREDITOR = 12,       /* who has a pledge or another secured right */
};

/* On which ground: it decides how long and how often. */
enum claim_ground {
    GROUND_ORDINARY = 1,
    GROUND_MAJOR_CASE = 2,      /* 重大复杂 */
    GROUND_TERROR = 3,          /* 涉恐调查 */
    GROUND_ORGANISED_CRIME = 4, /* 有组织犯罪，紧急止付 */
    GROUND_FRAUD_STOP = 5,      /* 电信诈骗紧急止付 */
    GROUND_LISTED_PERSON = 6,   /* 制裁、恐怖名单 */
    GROUND_SECURED_RIGHT = 7,   /* 质押等优先权 */
};

enum claim_status {
    CLAIM_LIVE = 1,
    CLAIM_RELEASED = 2, /* by who ordered it; final */
    CLAIM_EXPIRED = 3,  /* its time was over; final */
    CLAIM_DEDUCTED = 4, /* all of it, or the rest was released; what comes back is claimed again */
};

/* A limit with a place in a queue: how much it covers follows from what can be reached and from the
 * claims before it, see engine/rules/covers.h, and is recorded by account only. Papers, officers
 * and names stand in the commands that brought them. */
struct claim {
    int64_t id;
    int64_t ledger_id;
    int64_t member_id;
    int64_t account_id;         /* 0: all of the member's accounts */
    int64_t limit_minor;        /* what is claimed still; of the account itself INT64_MAX */
    int64_t cover_minor;        /* what it covers; derived */
    int64_t released_minor;     /* of the limit, in parts; of the account itself 0 */
    int64_t deducted_minor;     /* what was deducted and did not come back */
    int64_t deducting_minor;    /* of that: what the bank has not paid yet */
    int64_t ends_at_us;         /* 0: without end */
    int64_t placed_sequence;    /* the command that placed it: its place in the queue */
    int64_t told_sequence;      /* the last command with papers about it */
    int64_t effective_sequence; /* the command by which it first covered something; 0: none did */
    int64_t changed_sequence;
    int32_t placed_date; /* the day in China on which it was placed: terms begin with it */
    uint8_t authority;   /* enum claim_authority */
    uint8_t ground;      /* enum claim_ground */
    uint8_t status;      /* enum claim_status */
    uint8_t continued;   /* how often */
    bool is_whole;       /* the account itself: whatever there is, only in */
    bool has_fruits;     /* interest and dividends belong to it, by the notice */
    bool is_secret;      /* nobody outside of the bank may hear of it */
    bool is_noticed;     /* that it ends within CLAIM_NOTICE_US was told */
    char organ[AUTHORITY_CODE_BYTES_MAX]; /* the code of the organ itself */
    uint8_t organ_length;
};

enum feedback_status {
    FEEDBACK_OPEN = 1,
    FEEDBACK_GIVEN = 2, /* final */
};

/* What an organ is told of one of its requests, and until when (反馈). One for each command that
 * brought a paper of an organ; what the paper said, and what was told, stands in the commands. */
struct feedback {
    int64_t id;
    int64_t ledger_id;
    int64_t claim_id; /* 0: of a request by which nothing was claimed */
    int64_t due_at_us;
    int64_t asked_sequence; /* the command that brought the paper */
    int64_t given_sequence; /* the one that says that it was told; 0: it is open */
    int64_t changed_sequence;
    uint8_t status;                       /* enum feedback_status */
    bool is_noticed;                      /* that it is due within FEEDBACK_NOTICE_US was told */
    char organ[AUTHORITY_CODE_BYTES_MAX]; /* the code of the organ itself */
    uint8_t organ_length;
};

/* What all claims together cover of an account, a part of its frozen money, and what outlives them.
 * One an account that was ever reached by one that covered something, or stopped. */
struct cover {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t cover_minor;
    int64_t deducting_minor; /* payouts of deductions that the bank has not decided about */
    int32_t deductions;      /* how many payouts of deductions there ever were */
    int32_t stops;           /* how often its payments were stopped, continuations counted */
    int64_t changed_sequence;
};

#endif
