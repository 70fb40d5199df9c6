/* card_payouts.c: by which cards a withdrawal goes, and how much may leave by each (card_flows.c).
 *
 * A card may have what it is owed, as far as it is available, and the main card besides what no
 * card is owed: where available covers all of them, the rest. The member names one of its cards, by
 * its id or as a destination, or leaves the choice to the server: what is owed for longest leaves
 * first, what no card is owed by the main card.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/records.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/cards.h"
#include "engine/rules/debts.h"
#include "engine/rules/fingerprints.h"
#include "engine/rules/payments.h"
#include "engine/rules/refusals.h"
#include "engine/rules/watch.h"
#include "model/card_flow.h"

static enum outcome find_named_card(const struct engine *engine, const struct ledger *ledger,
    int64_t member_id, int64_t card_id, const struct card **ret_card)
{
    const struct card *card = engine_find_record(engine, RECORD_CARD, card_id);
    if (!card || card->ledger_id != ledger->id)
        return OUTCOME_CARD_NOT_FOUND;
    if (card->member_id != member_id)
        return OUTCOME_CARD_NOT_OF_MEMBER;
    *ret_card = card;
    return card->status == CARD_CHECKED ? OUTCOME_ACCEPTED : OUTCOME_CARD_NOT_CHECKED;
}

enum outcome choose_card(const struct engine *engine, const struct ledger *ledger,
    const struct withdraw *asked, const struct account *account, struct card_choice *ret_choice)
{
    struct text number = asked->destination.account_number;
    *ret_choice = (struct card_choice){0};
    bool is_held = holds_same_card(engine, ledger->id);
    bool is_members = account && account->kind == ACCOUNT_MEMBER;
    if (number.length == 0 && account && (!is_held || !is_members))
        return OUTCOME_DESTINATION_NEEDED;
    if (!is_members || (!is_held && engine->newest_flows[account->id] == 0))
        return OUTCOME_ACCEPTED;
    if (asked->card_id != 0) {
        ret_choice->is_limited = true;
        return find_named_card(
            engine, ledger, account->member_id, asked->card_id, &ret_choice->card);
    }
    if (number.length == 0) {
        ret_choice->is_servers = true;
        return main_card(engine, account->member_id) ? OUTCOME_ACCEPTED : OUTCOME_NO_CHECKED_CARD;
    }
    struct fingerprints numbers =
        fingerprints_of(engine, ledger->id, PERSONAL_ACCOUNT_NUMBER, number);
    const struct card *card = find_checked_card(engine, account->member_id, &numbers);
    if (is_held && !card)
        return OUTCOME_DESTINATION_NOT_OWN_CARD;
    if (card && (is_held || find_card_flow(engine, account->id, card->id)))
        ret_choice->card = card;
    ret_choice->is_limited = is_held;
    return OUTCOME_ACCEPTED;
}

/* What all cards that are bound are owed of the account. */
static int64_t owed_to_all(const struct engine *engine, const struct account *account)
{
    int64_t owed_minor = 0;
    for (int64_t id = engine->newest_flows[account->id]; id != 0; id = engine->older_flows[id]) {
        const struct card_flow *flow = record_at(engine, RECORD_CARD_FLOW, id);
        if (flow->ended_sequence == 0 &&
            __builtin_add_overflow(owed_minor, card_flow_owed_minor(flow), &owed_minor))
            return INT64_MAX;
    }
    return owed_minor;
}

static int64_t owed_to(
    const struct engine *engine, const struct account *account, const struct card *card)
{
    const struct card_flow *flow = find_card_flow(engine, account->id, card->id);
    return flow && flow->ended_sequence == 0 ? card_flow_owed_minor(flow) : 0;
}

/* What no card is owed. */
static int64_t rest_of(const struct engine *engine, const struct account *account)
{
    int64_t owed_minor = owed_to_all(engine, account);
    int64_t all_minor = spendable_minor(engine, account);
    return all_minor > owed_minor ? all_minor - owed_minor : 0;
}

int64_t card_withdrawable_minor(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, const struct card *card)
{
    int64_t most_minor = withdrawable_minor(engine, ledger, account);
    int64_t owed_minor = owed_to(engine, account, card);
    int64_t rest_minor = card->is_main ? rest_of(engine, account) : 0;
    if (owed_minor >= most_minor || rest_minor >= most_minor - owed_minor)
        return most_minor;
    return owed_minor + rest_minor;
}

static enum withdraw_limit limit_of_card(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t policy_minor, int64_t card_minor)
{
    int64_t withdrawable = withdrawable_minor(engine, ledger, account);
    if (account->status != ACCOUNT_OPEN || account_gives_none(account))
        return WITHDRAW_LIMIT_ACCOUNT;
    if (policy_minor < card_minor)
        return WITHDRAW_LIMIT_POLICY;
    if (card_minor < withdrawable)
        return WITHDRAW_LIMIT_CARD;
    return card_minor < account->balance_minor[BUCKET_AVAILABLE]
               ? WITHDRAW_LIMIT_NOT_YET_WITHDRAWABLE
               : WITHDRAW_LIMIT_NONE;
}

uint32_t quote_cards(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t policy_minor,
    struct card_quote ret_cards[CARDS_PER_MEMBER_MAX])
{
    uint32_t count = 0;
    if (account->kind != ACCOUNT_MEMBER || !holds_same_card(engine, ledger->id))
        return 0;
    const struct card *card = NULL;
    while ((card = next_checked_card(engine, account->member_id, card)) != NULL) {
        const struct card_flow *flow = find_card_flow(engine, account->id, card->id);
        bool is_open = account->status == ACCOUNT_OPEN && !account_gives_none(account);
        int64_t card_minor = is_open ? card_withdrawable_minor(engine, ledger, account, card) : 0;
        CHECK(count < CARDS_PER_MEMBER_MAX);
        ret_cards[count++] = (struct card_quote){
            .card_id = card->id,
            .is_main = card->is_main,
            .in_minor = flow ? flow->in_minor : 0,
            .out_minor = flow ? flow->out_minor : 0,
            .owed_minor = owed_to(engine, account, card),
            .withdrawable_minor = card_minor < policy_minor ? card_minor : policy_minor,
            .limit = limit_of_card(engine, ledger, account, policy_minor, card_minor),
        };
    }
    return count;
}

/* The live flow of the account with something owed for longest, but not for longer than `after`. */
static const struct card_flow *next_owed(
    const struct engine *engine, const struct account *account, const struct card_flow *after)
{
    const struct card_flow *next = NULL;
    for (int64_t id = engine->newest_flows[account->id]; id != 0; id = engine->older_flows[id]) {
        const struct card_flow *flow = record_at(engine, RECORD_CARD_FLOW, id);
        bool is_later = !after || flow->owed_sequence > after->owed_sequence ||
                        (flow->owed_sequence == after->owed_sequence && flow->id > after->id);
        bool is_sooner = !next || flow->owed_sequence < next->owed_sequence ||
                         (flow->owed_sequence == next->owed_sequence && flow->id < next->id);
        if (flow->owed_sequence != 0 && is_later && is_sooner)
            next = flow;
    }
    return next;
}

static void add_part(const struct engine *engine, int64_t card_id, int64_t amount_minor,
    struct card_part *parts, uint32_t *count)
{
    uint32_t i = 0;
    while (i < *count && parts[i].card_id != card_id)
        i++;
    if (i == *count) {
        CHECK(i < CARDS_PER_MEMBER_MAX);
        const struct card *card = record_at(engine, RECORD_CARD, card_id);
        parts[(*count)++] = (struct card_part){card_id, card->bound_sequence, 0};
    }
    parts[i].amount_minor += amount_minor;
}

/* What is owed for longest first; what no card is owed goes by the main one. */
static void split_by_age(const struct engine *engine, const struct account *account,
    int64_t payout_minor, struct card_part *parts, uint32_t *count)
{
    const struct card_flow *flow = NULL;
    while (payout_minor > 0 && (flow = next_owed(engine, account, flow)) != NULL) {
        int64_t owed_minor = card_flow_owed_minor(flow);
        int64_t part_minor = owed_minor < payout_minor ? owed_minor : payout_minor;
        add_part(engine, flow->card_id, part_minor, parts, count);
        payout_minor -= part_minor;
    }
    if (payout_minor > 0)
        add_part(engine, main_card(engine, account->member_id)->id, payout_minor, parts, count);
}

enum outcome split_by_card(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, const struct card_choice *choice, int64_t payout_minor,
    struct card_part *ret_parts, uint32_t *ret_count)
{
    enum outcome outcome = OUTCOME_ACCEPTED;
    *ret_count = 0;
    if (choice->is_servers) {
        split_by_age(engine, account, payout_minor, ret_parts, ret_count);
    } else if (choice->card) {
        int64_t most_minor = card_withdrawable_minor(engine, ledger, account, choice->card);
        if (choice->is_limited && payout_minor > most_minor)
            outcome = refuse_at(engine, OUTCOME_ABOVE_CARD, most_minor);
        add_part(engine, choice->card->id, payout_minor, ret_parts, ret_count);
    } else {
        ret_parts[(*ret_count)++] = (struct card_part){.amount_minor = payout_minor};
        return OUTCOME_ACCEPTED;
    }
    for (uint32_t i = 0; i < *ret_count; i++) {
        const struct card *card = record_at(engine, RECORD_CARD, ret_parts[i].card_id);
        const struct card_flow *flow = find_card_flow(engine, account->id, card->id);
        int64_t room_minor = CARD_FLOW_MINOR_MAX - (flow ? flow->out_minor : 0);
        if (!has_room_for_flow(engine, account, card))
            outcome = earlier(outcome, OUTCOME_TOO_MANY_CARDS);
        if (ret_parts[i].amount_minor > room_minor)
            outcome = earlier(outcome, refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor));
    }
    return outcome;
}
