/* identities.h: who members are.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_IDENTITIES_H
#define VSL_ENGINE_RULES_IDENTITIES_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_identity(struct engine *engine, int64_t identity_id);
enum outcome expire_identity(struct engine *engine, const struct ledger *ledger, int64_t id);

/* The member's identity that is valid, or can be again; NULL: it has none. */
const struct identity *open_identity(const struct engine *engine, int64_t member_id);

/* A card of the member is checked; none is any more. */
void note_checked_card(struct engine *engine, int64_t member_id);
void note_no_checked_card(struct engine *engine, int64_t member_id);

/* Its member is closed: what it has ends. */
void close_identity(struct engine *engine, int64_t member_id);

/* Who is called so, or has the number of a document for a member: slots, of an identity and one of
 * its values but its own number, the newest first; 0: there is no more. Identities that are over
 * are among them. A fingerprint is that of a name or that of a number. */
uint32_t newest_of_name(
    const struct engine *engine, int64_t ledger_id, const struct fingerprint *name);
uint32_t older_of_name(const struct engine *engine, uint32_t slot);
const struct identity *identity_of_slot(const struct engine *engine, uint32_t slot);
/* Of which document the slot's number is; 0: it is a name. */
int32_t document_of_slot(const struct engine *engine, uint32_t slot);
/* Whether all of these of the identity are found; for check_books.c. */
bool has_found_names(const struct engine *engine, const struct identity *identity);

/* The identity that the map of numbers has for the number of this one; for check_books.c. */
const struct identity *identity_of_number(
    const struct engine *engine, const struct identity *identity);

#endif
