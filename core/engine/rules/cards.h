/* cards.h: the cards that members are paid out to.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CARDS_H
#define VSL_ENGINE_RULES_CARDS_H

#include "engine/memory/memory.h"
#include "engine/rules/fingerprints.h"

/* Rows of record_rules.c. */
void index_card(struct engine *engine, int64_t card_id);
void unindex_card(struct engine *engine, int64_t card_id);
/* The next resident card of the ledger with that fingerprint of its number; NULL: there is no more.
 * The cursor begins at 0. */
const struct card *next_card_of_number(const struct engine *engine, int64_t ledger_id,
    const struct fingerprint *number, uint64_t *cursor);
bool card_is_bound(const struct card *card);
enum outcome expire_card(struct engine *engine, const struct ledger *ledger, int64_t card_id);

/* The member's checked card with that number, by whatever key it was recorded; NULL: none. */
const struct card *find_checked_card(
    const struct engine *engine, int64_t member_id, const struct fingerprints *numbers);
/* The member's checked card that was bound next after that one, the first one after NULL; NULL:
 * there is no more. */
const struct card *next_checked_card(
    const struct engine *engine, int64_t member_id, const struct card *after);
/* Whether a card with the number is bound to somebody of the ledger. */
bool is_bound_number(
    const struct engine *engine, int64_t ledger_id, const struct fingerprints *numbers);
/* The member's main card; NULL: none of its cards is checked. */
const struct card *main_card(const struct engine *engine, int64_t member_id);

/* The member is closed: its cards are bound no more. */
void end_cards(struct engine *engine, const struct ledger *ledger, int64_t member_id);

#endif
