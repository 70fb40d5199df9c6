/* stand_in.h: a stand-in for the bank: reads the event stream and answers payouts and checks of
 * cards.
 *
 * Reads accepted withdrawals from a position on. Says of each that it is sent, lets its bank
 * execute it, and says by a rule that it is paid or failed, by ConfirmPayout in batches. A rule may
 * lose the bank's answer: then it says unknown, and asks the bank's book after a while. What was
 * sent before it began is asked for as well and never executed again; see book.h. Request keys are
 * made from the payout, so that after any crash the same answer is given again and books once. Goes
 * on by itself after a lost connection. One stand-in at a time works on a database.
 *
 * Of a card whose four factors are checked it says that they agree. A small amount it takes for
 * paid: what has arrived is the member's to say.
 *
 * Runs on the caller's event loop, with a connection of its own. Used by bankstub, and by the
 * replay when no bankstub runs beside it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_BANKSTUB_STAND_IN_H
#define VSL_TOOLS_BANKSTUB_STAND_IN_H

#include "bankstub/rule.h"
#include "client/client.h"

#include "vsl/v1/payout.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct stand_in;

#define STAND_IN_IDENTITY_BYTES 37 /* a UUID as text */

struct stand_in_config {
    struct client_config client;
    struct rule rule;
    int64_t ledger_id;     /* 0: every ledger */
    int64_t from_sequence; /* first position wanted, 1 or more */
    /* The identity of the journal that the position and the book are of; "": not known. */
    char journal_identity[STAND_IN_IDENTITY_BYTES];
    int64_t send_after_us; /* a withdrawal waits so long before it is sent */
    int64_t ask_after_us;  /* what is unknown is asked for after so long */
    const char *book_file; /* the bank's book, see book.h; NULL: in memory */
    /* What an earlier run left sent or unknown is paid: for a bank that exists in a replay only,
     * where no money can be paid twice. */
    bool pays_what_it_forgot;
    /* Something was said about a payout; may be NULL. `outcome` is that of ConfirmPayout. */
    void (*on_answered)(void *context, int64_t ledger_id, int64_t payout_id,
        Vsl__V1__PayoutResult said, int outcome, bool is_replayed);
    /* Everything before this position, of the journal of that identity ("": not known yet), is
     * dealt with; may be NULL. */
    void (*on_position)(void *context, int64_t next_sequence, const char *journal_identity);
    /* The journal was restored, or is another one: position and book are not of this one, and
     * nothing goes on. May be NULL, then it is trouble like any other. */
    void (*on_other_journal)(void *context, const char *message);
    /* Something to tell people: a lost connection, a refused stream; may be NULL. */
    void (*on_trouble)(void *context, const char *message);
    void *context;
};

struct stand_in_counts {
    uint64_t seen; /* withdrawals */
    uint64_t sent; /* answers that were accepted; sent: executed */
    uint64_t paid;
    uint64_t failed;
    uint64_t returned;
    uint64_t unknown;
    uint64_t checked; /* cards */
    uint64_t already; /* nothing was left to say */
    uint64_t refused; /* refused for another reason */
};

/* NULL with a sentence when a setting is wrong. */
struct stand_in *stand_in_start(struct event_base *base, const struct stand_in_config *config,
    char *ret_error, size_t error_bytes);
void stand_in_stop(struct stand_in *stand_in);

const struct stand_in_counts *stand_in_counts(const struct stand_in *stand_in);

/* Whether every withdrawal and check that was seen is dealt with. */
bool stand_in_is_idle(const struct stand_in *stand_in);

/* How far the stream has come: every withdrawal before this position was seen. */
int64_t stand_in_reached(const struct stand_in *stand_in);

#endif
