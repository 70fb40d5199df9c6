/* command_record.h: one row of the journal: a command and the answer it got, for ever.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_COMMAND_RECORD_H
#define VSL_MODEL_COMMAND_RECORD_H

#include "base/text.h"
#include "model/request_key.h"

#include <stdint.h>

struct command_record {
    struct request_key key;
    int64_t sequence;        /* 1, 2, 3, ... over the whole database, gapless */
    int64_t recorded_us;     /* microseconds since 1970-01-01 UTC, never less than the row before */
    int64_t ledger_id;       /* as asked; of an opening, the new ledger; 0 when that is refused */
    int64_t subject_id;      /* id of what the command made or changed (ledger, member, account,
                                payout; receipts: the account that was credited); 0 when refused */
    int32_t accounting_date; /* the ledger's when it was decided, days; 0 when there is no ledger */
    int32_t fee_rule_version; /* of the rule that the request names; 0: none */
    int64_t fee_minor;        /* what it charged */
    struct text order_number; /* that it belongs to: its own, or of what it changed; empty: none */
    /* The bank's number of the movement that an accepted command booked, folded (base/fold); empty:
     * none, and where the record comes from the database. */
    struct text reference;
    uint16_t kind;    /* enum command_kind */
    uint16_t outcome; /* enum outcome */
    uint32_t body_length;
    const uint8_t *body; /* canonical content of the request, see command/body.h */
};

#endif
