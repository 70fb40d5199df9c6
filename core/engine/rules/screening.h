/* screening.h: who is on a ledger's deny list.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_SCREENING_H
#define VSL_ENGINE_RULES_SCREENING_H

#include "engine/memory/memory.h"
#include "engine/rules/fingerprints.h"

/* Hits that one command of a client finds at most, but for AddDenied. */
#define HITS_PER_COMMAND_MAX 6

/* Rows of record_rules.c. */
void index_denied(struct engine *engine, int64_t denied_id);
enum outcome expire_denied(struct engine *engine, const struct ledger *ledger, int64_t id);
void index_hit(struct engine *engine, int64_t hit_id);

/* Whether anything is listed in the ledger: where not, nobody is looked for. */
static inline bool has_deny_list(const struct engine *engine, int64_t ledger_id)
{
    return engine->denied_counts[ledger_id] != 0;
}

/* TOO_MANY_HITS when the command might find more than there is room for. */
enum outcome check_room_for_hits(const struct engine *engine, const struct ledger *ledger);

/* What IdentifyMember said: each in all the ways that it can have been recorded. */
struct identity_values {
    struct fingerprints number, name;
    struct fingerprints representative, representative_number;
    struct fingerprints handler, handler_number;
};

/* The member was identified by these, or bound the card: whoever of it is listed is a hit. Called
 * when the record is there and room was checked for. */
void screen_identity(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct identity *identity,
    const struct identity_values *values);
void screen_card(struct engine *engine, const struct ledger *ledger, const struct command *command,
    const struct card *card, const struct fingerprints *number);

/* Whether the name or the number of a party is listed, as whoever wrote it. */
bool is_denied_party(
    const struct engine *engine, const struct ledger *ledger, const struct party *party);
/* The payer of the receipt under way is listed: hits without a member. */
void add_payer_hits(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct party *payer);

/* Whether the receipt with this sequence has a payer whose hit stands: its money stays where it is.
 */
bool has_payer_hit(const struct engine *engine, int64_t sequence);

/* Whether the member has a hit that stands: what its accounts are opened with. */
bool is_hit_member(const struct engine *engine, int64_t member_id);

/* Whether the entry is found by its value; for check_books.c. */
bool is_found_denied(const struct engine *engine, const struct denied *entry);

#endif
