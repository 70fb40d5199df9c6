/* card_flows.c: money leaves by the card that it came by (同卡进出).
 *
 * Where a ledger's terms say so a user's account takes money from checked cards of its member only,
 * and pays out to such ones only: to each what came by it, and to the main card besides what no
 * card is owed, such as income. What was spent stays owed: who has money again may have it back by
 * the card that he paid in by. Merchants receive from anybody, so their cards are owed nothing,
 * and all leaves by the main one.
 *
 * An account has one record for each card that it was used with, made by the first receipt or
 * payout. As long as it is there receipts and payouts by that card are counted, also while the
 * term is off, so that an undo finds again what it takes back. Which payouts a withdrawal made by
 * which card stands in its command.
 *
 * A card that goes hands what it is owed over to the card that replaces it, or to nobody: then it
 * is what no card is owed. What comes back to it later goes the same way.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/card_flows.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/cards.h"
#include "engine/rules/deductions.h"
#include "engine/rules/fingerprints.h"
#include "engine/rules/mandates.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/watch.h"
#include "model/card_flow.h"
#include "model/payout.h"

/* ---- where they are found ---- */

static const struct card_flow *flow_at(const struct engine *engine, int64_t flow_id)
{
    return record_at(engine, RECORD_CARD_FLOW, flow_id);
}

void index_card_flow(struct engine *engine, int64_t flow_id)
{
    const struct card_flow *flow = flow_at(engine, flow_id);
    int64_t *newest = &engine->newest_flows[flow->account_id];
    int64_t *older = &engine->older_flows[flow_id];
    CHECK(*older == 0 && *newest != flow_id);
    keep_for_undo(engine, older, sizeof *older);
    keep_for_undo(engine, newest, sizeof *newest);
    *older = *newest;
    *newest = flow_id;
}

int64_t engine_newest_card_flow(const struct engine *engine, int64_t account_id)
{
    CHECK(has_record(engine, RECORD_ACCOUNT, account_id));
    return engine->newest_flows[account_id];
}

int64_t engine_older_card_flow(const struct engine *engine, int64_t flow_id)
{
    CHECK(has_record(engine, RECORD_CARD_FLOW, flow_id));
    return engine->older_flows[flow_id];
}

const struct card_flow *find_card_flow(
    const struct engine *engine, int64_t account_id, int64_t card_id)
{
    int64_t id = engine->newest_flows[account_id];
    while (id != 0 && flow_at(engine, id)->card_id != card_id)
        id = engine->older_flows[id];
    return id != 0 ? flow_at(engine, id) : NULL;
}

static bool is_user(const struct engine *engine, const struct account *account)
{
    return account->kind == ACCOUNT_MEMBER &&
           engine->members[account->member_id].kind == MEMBER_USER;
}

/* ---- changes ---- */

/* Notes since when the card is owed something. */
static void end_change(struct engine *engine, struct card_flow *flow)
{
    int64_t owed_minor = flow->ended_sequence == 0 ? card_flow_owed_minor(flow) : 0;
    CHECK(flow->in_minor >= 0 && flow->out_minor >= flow->pending_minor);
    CHECK(flow->pending_minor >= 0);
    if (owed_minor == 0)
        flow->owed_sequence = 0;
    else if (flow->owed_sequence == 0)
        flow->owed_sequence = engine->sequence;
    record_image(engine, RECORD_CARD_FLOW, flow->id);
}

static struct card_flow *change_flow(struct engine *engine, int64_t flow_id)
{
    return change_record(engine, RECORD_CARD_FLOW, flow_id);
}

/* The flow of the card, which is bound, made when there is none. */
static struct card_flow *have_flow(
    struct engine *engine, const struct account *account, const struct card *card)
{
    const struct card_flow *found = find_card_flow(engine, account->id, card->id);
    if (found)
        return change_flow(engine, found->id);
    struct card_flow *flow = add_record(engine, RECORD_CARD_FLOW);
    flow->ledger_id = account->ledger_id;
    flow->account_id = account->id;
    flow->card_id = card->id;
    flow->number = card->number;
    flow->opened_sequence = engine->sequence;
    index_card_flow(engine, flow->id);
    return flow;
}

/* The flow that has what was owed to an ended one; NULL: none, its member's main card has it. */
static const struct card_flow *successor_of(
    const struct engine *engine, const struct card_flow *flow)
{
    while (flow->ended_sequence != 0) {
        if (flow->successor_id == 0)
            return NULL;
        CHECK(flow->successor_id != flow->id);
        flow = flow_at(engine, flow->successor_id);
    }
    return flow;
}

/* An ended one is owed so much more than before, or, below 0, less: its successor is. */
static void hand_over(struct engine *engine, struct card_flow *flow, int64_t change_minor)
{
    int64_t handed_minor = flow->moved_minor < 0 ? -flow->moved_minor : 0;
    int64_t moves_minor = card_flow_owed_minor(flow);
    if (change_minor < 0)
        moves_minor = -(handed_minor < -change_minor ? handed_minor : -change_minor);
    const struct card_flow *successor = successor_of(engine, flow);
    flow->moved_minor -= moves_minor;
    if (!successor)
        return;
    struct card_flow *changed = change_flow(engine, successor->id);
    changed->moved_minor += moves_minor;
    end_change(engine, changed);
}

/* How many accounts the member's card was used with; `other`: or that one. */
static int64_t count_flows(
    const struct engine *engine, const struct card *card, const struct card *other)
{
    int64_t count = 0;
    for (int64_t id = engine->newest_accounts[card->member_id]; id != 0;
         id = engine->older_accounts[id]) {
        if (engine->newest_flows[id] != 0 && (find_card_flow(engine, id, card->id) ||
                                                 (other && find_card_flow(engine, id, other->id))))
            count++;
    }
    return count;
}

bool has_room_for_flow(
    const struct engine *engine, const struct account *account, const struct card *card)
{
    return find_card_flow(engine, account->id, card->id) ||
           (has_room(engine, RECORD_CARD_FLOW, 1) &&
               count_flows(engine, card, NULL) < CARD_FLOWS_PER_CARD_MAX);
}

/* ---- receipts ---- */

/* Why a user's account does not take money from that number, which is no checked card of his. */
static enum suspense_reason reason_to_wait(
    const struct engine *engine, int64_t ledger_id, const struct fingerprints *numbers)
{
    if (numbers->count == 0)
        return SUSPENSE_NO_CARD;
    return is_bound_number(engine, ledger_id, numbers) ? SUSPENSE_CARD_OF_ANOTHER
                                                       : SUSPENSE_CARD_NOT_BOUND;
}

const struct card *find_source_card(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, const struct book_receipt *asked,
    enum suspense_reason *ret_reason)
{
    *ret_reason = 0;
    if (engine->watches[ledger->id] == 0 || !is_user(engine, account))
        return NULL;
    bool is_held = holds_same_card(engine, ledger->id);
    if (!is_held && engine->newest_flows[account->id] == 0)
        return NULL;
    struct fingerprints numbers =
        fingerprints_of(engine, ledger->id, PERSONAL_ACCOUNT_NUMBER, asked->payer.account_number);
    const struct card *card = find_checked_card(engine, account->member_id, &numbers);
    const struct card_flow *flow = card ? find_card_flow(engine, account->id, card->id) : NULL;
    bool is_counted = card && (is_held || flow) && has_room_for_flow(engine, account, card) &&
                      (!flow || flow->in_minor <= CARD_FLOW_MINOR_MAX - asked->amount_minor);
    if (is_held && !is_counted)
        *ret_reason = card ? SUSPENSE_CARD_NOT_BOUND : reason_to_wait(engine, ledger->id, &numbers);
    return is_counted ? card : NULL;
}

void count_receipt(
    struct engine *engine, const struct account *account, const struct card *card, int64_t amount)
{
    struct card_flow *flow = have_flow(engine, account, card);
    flow->in_minor += amount;
    end_change(engine, flow);
}

/* The flow that counted the receipt: of its number, and there at that time; NULL: none did. */
static const struct card_flow *find_counted(const struct engine *engine, int64_t account_id,
    const struct fingerprints *numbers, int64_t sequence)
{
    for (int64_t id = engine->newest_flows[account_id]; id != 0; id = engine->older_flows[id]) {
        const struct card_flow *flow = flow_at(engine, id);
        if (flow->opened_sequence <= sequence &&
            (flow->ended_sequence == 0 || sequence < flow->ended_sequence) &&
            has_fingerprint(numbers, &flow->number))
            return flow;
    }
    return NULL;
}

void uncount_receipt(
    struct engine *engine, const struct ledger *ledger, const struct original *original)
{
    CHECK(original->command->kind == COMMAND_BOOK_RECEIPT && original->posting_count > 0);
    const struct book_receipt *receipt = &original->command->book_receipt;
    const struct account *account = &engine->accounts[original->postings[0].credit_account_id];
    if (!is_user(engine, account) || engine->newest_flows[account->id] == 0)
        return;
    struct fingerprints numbers =
        fingerprints_of(engine, ledger->id, PERSONAL_ACCOUNT_NUMBER, receipt->payer.account_number);
    const struct card_flow *found = find_counted(engine, account->id, &numbers, original->sequence);
    if (!found)
        return;
    struct card_flow *flow = change_flow(engine, found->id);
    int64_t amount_minor = receipt->amount_minor;
    CHECK(flow->in_minor >= amount_minor);
    flow->in_minor -= amount_minor;
    if (flow->ended_sequence != 0)
        hand_over(engine, flow, -amount_minor);
    end_change(engine, flow);
}

bool is_matter_of_two(
    const struct engine *engine, const struct ledger *ledger, const struct account *account)
{
    return holds_same_card(engine, ledger->id) && is_user(engine, account);
}

/* ---- payouts ---- */

void count_card_payout(
    struct engine *engine, const struct account *account, int64_t card_id, int64_t amount_minor)
{
    const struct card *card = record_at(engine, RECORD_CARD, card_id);
    struct card_flow *flow = have_flow(engine, account, card);
    flow->out_minor += amount_minor;
    flow->pending_minor += amount_minor;
    end_change(engine, flow);
}

bool engine_needs_withdrawal(const struct engine *engine, const struct payout *payout)
{
    return engine->newest_flows[payout->account_id] != 0 ||
           has_deductions(engine, payout->account_id) ||
           has_card_mandates(engine, payout->account_id);
}

enum outcome check_withdrawal(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *payout)
{
    return engine_needs_withdrawal(engine, payout) && !find_original(ledger, command)
               ? OUTCOME_ORIGINAL_NOT_FOUND
               : OUTCOME_ACCEPTED;
}

/* The flow that counts the payout; NULL: none does. */
static const struct card_flow *find_flow_of_payout(const struct engine *engine,
    const struct ledger *ledger, const struct command *command, const struct payout *payout)
{
    if (!engine_needs_withdrawal(engine, payout))
        return NULL;
    const struct original *original = find_original(ledger, command);
    CHECK(original != NULL && original->sequence == payout->requested_sequence);
    int64_t index = payout->id - original->subject_id;
    if (original->command->card_part_count == 0)
        return NULL;
    CHECK(index >= 0 && index < original->command->card_part_count);
    return find_card_flow(engine, payout->account_id, original->command->card_parts[index].card_id);
}

/* What of it has left by the card, or is about to. */
static int64_t out_of(const struct payout *payout)
{
    bool is_out = payout->status != PAYOUT_FAILED && payout->status != PAYOUT_CANCELLED;
    return is_out ? payout->amount_minor - payout->returned_minor : 0;
}

void note_card_payout(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *before, const struct payout *after)
{
    const struct card_flow *found = find_flow_of_payout(engine, ledger, command, before);
    if (!found)
        return;
    struct card_flow *flow = change_flow(engine, found->id);
    int64_t change_minor = out_of(after) - out_of(before);
    flow->out_minor += change_minor;
    if (payout_is_open(before) && !payout_is_open(after))
        flow->pending_minor -= before->amount_minor;
    if (flow->ended_sequence != 0)
        hand_over(engine, flow, -change_minor);
    end_change(engine, flow);
}

/* ---- cards that go ---- */

bool has_payout_by_card(const struct engine *engine, const struct card *card)
{
    for (int64_t id = engine->newest_accounts[card->member_id]; id != 0;
         id = engine->older_accounts[id]) {
        int64_t pending_minor =
            engine->accounts[id].balance_minor[BUCKET_PENDING_OUT] - deducting_minor(engine, id);
        for (int64_t flow_id = engine->newest_flows[id]; flow_id != 0;
             flow_id = engine->older_flows[flow_id]) {
            const struct card_flow *flow = flow_at(engine, flow_id);
            if (flow->card_id != card->id)
                pending_minor -= flow->pending_minor;
        }
        CHECK(pending_minor >= 0);
        if (pending_minor > 0)
            return true;
    }
    return false;
}

enum outcome check_takeover(
    const struct engine *engine, const struct card *card, const struct card *other)
{
    int64_t count = count_flows(engine, card, other);
    if (count > CARD_FLOWS_PER_CARD_MAX || !has_room(engine, RECORD_CARD_FLOW, count))
        return OUTCOME_TOO_MANY_CARDS;
    for (int64_t id = engine->newest_accounts[card->member_id]; id != 0;
         id = engine->older_accounts[id]) {
        const struct card_flow *flow = find_card_flow(engine, id, card->id);
        const struct card_flow *its = find_card_flow(engine, id, other->id);
        int64_t room_minor = CARD_FLOW_MINOR_MAX - (its ? its->moved_minor : 0);
        if (flow && card_flow_owed_minor(flow) > room_minor)
            return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor);
    }
    return OUTCOME_ACCEPTED;
}

void end_card_flows(struct engine *engine, const struct card *card, const struct card *other)
{
    for (int64_t id = engine->newest_accounts[card->member_id]; id != 0;
         id = engine->older_accounts[id]) {
        const struct card_flow *found = find_card_flow(engine, id, card->id);
        if (!found)
            continue;
        struct card_flow *its = other ? have_flow(engine, &engine->accounts[id], other) : NULL;
        struct card_flow *flow = change_flow(engine, found->id);
        CHECK(flow->ended_sequence == 0 && flow->pending_minor == 0);
        flow->ended_sequence = engine->sequence;
        flow->successor_id = its ? its->id : 0;
        hand_over(engine, flow, 0);
        end_change(engine, flow);
        if (its)
            end_change(engine, its);
    }
}

/* ---- the check ---- */

static bool is_sound(const struct engine *engine, const struct card_flow *flow)
{
    const struct account *account = &engine->accounts[flow->account_id];
    const struct card *card = engine_find_record(engine, RECORD_CARD, flow->card_id);
    bool is_live = flow->ended_sequence == 0;
    int64_t owed_minor = card_flow_owed_minor(flow);
    bool is_bound_as_told =
        account->status != ACCOUNT_OPEN ||
        (is_live ? card && card->status == CARD_CHECKED && card->member_id == account->member_id &&
                       fingerprint_equals(&card->number, &flow->number)
                 : !card || card->status == CARD_UNBOUND || card->status == CARD_REPLACED);
    bool is_owed_as_told = is_live ? (owed_minor > 0) == (flow->owed_sequence != 0)
                                   : owed_minor == 0 && flow->owed_sequence == 0;
    return is_bound_as_told && is_owed_as_told && flow->in_minor >= 0 && flow->pending_minor >= 0 &&
           flow->out_minor >= flow->pending_minor &&
           (flow->successor_id == 0 ||
               (!is_live && has_record(engine, RECORD_CARD_FLOW, flow->successor_id) &&
                   flow_at(engine, flow->successor_id)->account_id == account->id));
}

int64_t find_wrong_card_flow(const struct engine *engine)
{
    int64_t found = 0;
    for (int64_t id = 1; id <= engine->last_id[RECORD_ACCOUNT]; id++) {
        int64_t pending_minor = 0;
        int64_t moved_minor = 0;
        for (int64_t flow_id = engine->newest_flows[id]; flow_id != 0;
             flow_id = engine->older_flows[flow_id]) {
            const struct card_flow *flow = flow_at(engine, flow_id);
            if (flow->account_id != id || !is_sound(engine, flow) ||
                find_card_flow(engine, id, flow->card_id) != flow)
                return flow_id;
            pending_minor += flow->pending_minor;
            moved_minor += flow->moved_minor;
            found++;
        }
        /* What one hands over another takes, or nobody. */
        if (pending_minor > engine->accounts[id].balance_minor[BUCKET_PENDING_OUT] ||
            moved_minor > 0)
            return engine->newest_flows[id];
    }
    return found == engine->last_id[RECORD_CARD_FLOW] ? 0 : engine->last_id[RECORD_CARD_FLOW];
}
