/* cards.h: the cards that members are paid out to.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CARDS_H
#define VSL_ENGINE_RULES_CARDS_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_card(struct engine *engine, int64_t card_id);
void unindex_card(struct engine *engine, int64_t card_id);
enum outcome expire_card(struct engine *engine, const struct ledger *ledger, int64_t card_id);

/* The member is closed: its cards are bound no more. */
void end_cards(struct engine *engine, const struct ledger *ledger, int64_t member_id);

#endif
