/* screening.h: a ledger's deny list, and who was found on it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_SCREENING_H
#define VSL_MODEL_RECORDS_SCREENING_H

#include "base/fingerprint.h"
#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

enum denied_kind {
    DENIED_DOCUMENT = 1, /* the number of a document, or of a company */
    DENIED_ACCOUNT = 2,  /* the number of a card or account at a bank */
    DENIED_NAME = 3,
};

enum denied_source {
    DENIED_BY_LAW = 1, /* a list that a law or an authority publishes */
    DENIED_BY_POLICE = 2,
    DENIED_BY_BANK = 3,
    DENIED_BY_PLATFORM = 4,
};

enum denied_status {
    DENIED_LISTED = 1,
    DENIED_ENDED = 2,   /* by EndDenied */
    DENIED_EXPIRED = 3, /* its time is over, as an Expire has recorded */
};

/* An entry. The value and the reason stand in the command that listed it, the value sealed. */
struct denied {
    int64_t id;
    int64_t ledger_id;
    int64_t listed_sequence;
    int64_t caller_id;     /* who listed it; 0: not known */
    int64_t expires_at_us; /* 0: never */
    int64_t changed_sequence;
    struct fingerprint value;
    uint8_t kind;          /* enum denied_kind */
    uint8_t document_kind; /* enum document_kind, of a document; 0 else */
    uint8_t source;        /* enum denied_source */
    uint8_t status;        /* enum denied_status */
    char channel[CHANNEL_BYTES_MAX];
    uint8_t channel_length;
};

enum hit_status {
    HIT_OPEN = 1,      /* nobody has decided */
    HIT_CLEARED = 2,   /* it is another one; final */
    HIT_CONFIRMED = 3, /* it is who was meant; may be cleared later */
};

/* Somebody was found on the list: a member, or the payer of a receipt. */
struct hit {
    int64_t id;
    int64_t ledger_id;
    int64_t denied_id;
    int64_t member_id;        /* 0: a payer */
    int64_t card_id;          /* by which the member was found; 0: by another value */
    int64_t found_sequence;   /* the command that found it */
    int64_t caller_id;        /* who sent that; 0: not known */
    int64_t decided_sequence; /* the last DecideHit; 0: none */
    int64_t changed_sequence;
    uint8_t status; /* enum hit_status */
    char channel[CHANNEL_BYTES_MAX];
    uint8_t channel_length;
};

/* Whether it keeps money from moving. */
static inline bool hit_stands(const struct hit *hit)
{
    return hit->status != HIT_CLEARED;
}

#endif
