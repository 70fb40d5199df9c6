/* entry.h: an entry of the journal in words.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_API_ENTRY_H
#define VSL_TOOLS_VSLCTL_API_ENTRY_H

#include "vsl/v1/journal.pb-c.h"

#include <stddef.h>

/* What the subject's id is the id of: "hold", "payout", "account". */
const char *entry_subject(const Vsl__V1__JournalEntry *entry);

/* The name of the fee rule that the request names; "" for none. */
const char *entry_fee_rule(const Vsl__V1__JournalEntry *entry);

/* What was asked for, without the key; NULL: of a newer server. */
const ProtobufCMessage *entry_request(const Vsl__V1__JournalEntry *entry);

/* Its request key in one word each: channel, day, serial. */
#define KEY_TEXT_BYTES 128
void entry_key(const Vsl__V1__JournalEntry *entry, char *ret_text, size_t text_bytes);

/* One line without its end: place, time, ledger, kind, outcome, what it made or changed, order
 * number, fee in minor units, key. Text from outside is made safe for terminals. */
void entry_line(const Vsl__V1__JournalEntry *entry, char *ret_text, size_t text_bytes);

#endif
