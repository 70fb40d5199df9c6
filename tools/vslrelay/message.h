/* message.h: an entry of the journal as a message for the broker.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_MESSAGE_H
#define VSL_TOOLS_VSLRELAY_MESSAGE_H

#include "vslrelay/settings.h"
#include "vslrelay/window.h"

#include "vsl/v1/journal.pb-c.h"

/* Whether the entry is of one of the accounts of the settings, or these name none. An entry is of
 * an account as StreamEvents has it: it moved money into or out of it, opened, closed or restricted
 * it. */
bool message_is_wanted(const struct settings *settings, const Vsl__V1__JournalEntry *entry);

/* The message of an entry; `previous` is left to the caller. */
struct message *message_of_entry(
    const struct settings *settings, const Vsl__V1__JournalEntry *entry);

#endif
