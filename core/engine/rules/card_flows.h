/* card_flows.h: money leaves by the card that it came by (同卡进出).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CARD_FLOWS_H
#define VSL_ENGINE_RULES_CARD_FLOWS_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_card_flow(struct engine *engine, int64_t flow_id);

/* That of the account and the card, ended or not; NULL: it was not used with it. */
const struct card_flow *find_card_flow(
    const struct engine *engine, int64_t account_id, int64_t card_id);
/* Whether the account can be used with the card. */
bool has_room_for_flow(
    const struct engine *engine, const struct account *account, const struct card *card);

/* ---- receipts ---- */

/* The card that a receipt for the account is counted for; NULL: for none. `ret_reason`: why the
 * account does not take it, 0: it does. Of a ledger without the term, and of an account that no
 * card was used with, it is one comparison. */
const struct card *find_source_card(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, const struct book_receipt *asked,
    enum suspense_reason *ret_reason);

/* So much came by the card; the caller has asked for it. */
void count_receipt(
    struct engine *engine, const struct account *account, const struct card *card, int64_t amount);

/* A receipt is undone: it goes from the card that it was counted for, if it was. */
void uncount_receipt(
    struct engine *engine, const struct ledger *ledger, const struct original *original);

/* Whether two persons must want that money of suspense goes to the account: it may have come by
 * anybody's card, and is a user's. */
bool is_matter_of_two(
    const struct engine *engine, const struct ledger *ledger, const struct account *account);

/* ---- withdrawals ---- */

/* By which cards a withdrawal goes. */
struct card_choice {
    const struct card *card; /* NULL: by none, or those that the server chooses */
    bool is_servers;
    bool is_limited; /* by what came by the card */
};

/* OUTCOME_ACCEPTED with the choice, or why the account cannot pay whom is asked for; `account` may
 * be NULL. */
enum outcome choose_card(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw *asked, const struct account *account, struct card_choice *ret_choice);

/* What the account may pay out by the card now, less a fee. */
int64_t card_withdrawable_minor(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, const struct card *card);

/* Splits the payout by the choice: what came longest ago leaves first, and what no card is owed by
 * the main card last. `ret_parts` has room for CARDS_PER_MEMBER_MAX; with no card it has one part
 * without a card. OUTCOME_ACCEPTED, ABOVE_CARD, TOO_MANY_CARDS or AMOUNT_OVERFLOW. */
enum outcome split_by_card(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, const struct card_choice *choice, int64_t payout_minor,
    struct card_part *ret_parts, uint32_t *ret_count);

/* Quotes each checked card of the account's member, the oldest first, where money leaves by the
 * card that it came by; by each no more than the ledger's policy lets leave. Returns how many. */
uint32_t quote_cards(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t policy_minor,
    struct card_quote ret_cards[CARDS_PER_MEMBER_MAX]);

/* So much is on its way to the card. */
void count_card_payout(
    struct engine *engine, const struct account *account, int64_t card_id, int64_t amount_minor);

/* ---- what becomes of payouts ---- */

/* Whether the command that asked for the payout is there, where it is needed: in an atomic batch it
 * is not until all of it is. */
enum outcome check_withdrawal(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *payout);
/* The bank's word, or an intercept, has changed the payout; `before` is what it was. */
void note_card_payout(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *before, const struct payout *after);

/* ---- cards that go ---- */

/* Whether money is on its way to the card, or, as far as it is not known to which, may be. */
bool has_payout_by_card(const struct engine *engine, const struct card *card);
/* Whether another card, of the same member, can take over what the card is owed. */
enum outcome check_takeover(
    const struct engine *engine, const struct card *card, const struct card *other);
/* The card is bound no more: what it is owed goes to the card that replaces it, or, NULL, is what
 * no card is owed. */
void end_card_flows(struct engine *engine, const struct card *card, const struct card *other);

/* The first flow that is not as its account, its card and those of the same account say; 0: all
 * are. For check_books.c. */
int64_t find_wrong_card_flow(const struct engine *engine);

#endif
