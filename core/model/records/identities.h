/* identities.h: who a member is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_IDENTITIES_H
#define VSL_MODEL_RECORDS_IDENTITIES_H

#include "base/fingerprint.h"

#include <stdbool.h>
#include <stdint.h>

enum subject_kind {
    SUBJECT_PERSON = 1,
    SUBJECT_COMPANY = 2,
    SUBJECT_INDIVIDUAL_BUSINESS = 3,
};

/* How much is known of a member. A record has IDENTITY_CHECKED at least. */
enum identity_level {
    LEVEL_OPENED = 1, /* nobody has checked, or that is over */
    LEVEL_IDENTITY_CHECKED = 2,
    LEVEL_CARD_CHECKED = 3, /* and a card or account of its own */
};

enum identity_status {
    IDENTITY_VALID = 1,
    IDENTITY_EXPIRED = 2,  /* its last day is over, as an Expire has recorded; may be valid again */
    IDENTITY_CLOSED = 3,   /* with its member */
    IDENTITY_REPLACED = 4, /* its member has another person's number now */
};

/* One person at one member. A member has one that is valid or expired at most; others are over. A
 * member's own row is of a table whose columns are fixed. Names and numbers are in the command that
 * has the evidence. */
struct identity {
    int64_t id;
    int64_t ledger_id;
    int64_t member_id;
    /* Who has the number: the first identity of the ledger with it, valid or not; its own id when
     * that is this one. */
    int64_t person_id;
    int64_t checked_sequence; /* the IdentifyMember that has the evidence */
    int64_t changed_sequence;
    int32_t valid_until_date; /* days, the document's last one; 0: without end */
    int32_t recheck_date;     /* days, the last one before which it is checked again; 0: none */
    struct fingerprint number;
    struct fingerprint name;
    struct fingerprint representative; /* name of who represents or owns it; none of who has none */
    struct fingerprint representative_number; /* of that one's document */
    struct fingerprint handler;               /* name of who came in its place; none: nobody */
    struct fingerprint handler_number;        /* of that one's document */
    uint8_t subject;                          /* enum subject_kind */
    uint8_t document_kind;                    /* enum document_kind */
    uint8_t representative_document;          /* likewise; 0: none */
    uint8_t handler_document;                 /* likewise */
    uint8_t level;                            /* enum identity_level, while it is valid */
    uint8_t status;                           /* enum identity_status */
    bool is_noticed;                          /* its end was told beforehand */
};

#endif
