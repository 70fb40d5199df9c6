/* released.c: see released.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "released.h"

#include "base/check.h"
#include "support/expect.h"

uint32_t released_step(struct random *random, struct engine *engine, const struct shelf *shelf)
{
    int64_t before = shelf_redo_sequence(shelf);
    if (random_percent(random, 50))
        before = random_between(random, 1, before);
    int64_t budget = random_between(random, 1, 40000);
    return engine_evict(engine, budget, before);
}

/* Whether it was away. */
static uint32_t bring_back(
    struct engine *engine, const struct shelf *shelf, enum record_kind kind, int64_t id)
{
    struct image image;
    if (id < 1 || id > engine_last_id(engine, kind) || engine_is_resident(engine, kind, id))
        return false;
    EXPECT(engine_find_record(engine, kind, id) == NULL);
    EXPECT_MSG(
        shelf_find_state(shelf, kind, id, &image), "a live record left, or was never stored");
    EXPECT(engine_revive(engine, &image) == 0);
    EXPECT(engine_is_resident(engine, kind, id));
    return true;
}

/* What was given back of a command stands under its number. */
static uint32_t bring_back_refunded(
    struct engine *engine, const struct shelf *shelf, int64_t original_sequence)
{
    uint32_t count = 0;
    struct image image;
    for (int64_t id = 1; id <= engine_last_id(engine, RECORD_REFUNDED); id++) {
        if (engine_is_resident(engine, RECORD_REFUNDED, id))
            continue;
        EXPECT(shelf_find_state(shelf, RECORD_REFUNDED, id, &image));
        if (image.refunded.original_sequence == original_sequence)
            count += bring_back(engine, shelf, RECORD_REFUNDED, id);
    }
    return count;
}

/* Of the payer's holds of an order that are away the one that ended last. */
static uint32_t bring_back_ended(struct engine *engine, const struct shelf *shelf, int64_t hold_id,
    int64_t payer_id, struct text order_number)
{
    struct image image;
    int64_t last_id = 0, last_changed = 0;
    if (hold_id != 0)
        return bring_back(engine, shelf, RECORD_HOLD, hold_id);
    for (int64_t id = 1; id <= engine_last_id(engine, RECORD_HOLD); id++) {
        if (engine_is_resident(engine, RECORD_HOLD, id))
            continue;
        EXPECT(shelf_find_state(shelf, RECORD_HOLD, id, &image));
        const struct hold *hold = &image.hold;
        if (hold->payer_account_id == payer_id && hold->changed_sequence > last_changed &&
            text_equals((struct text){hold->order_number, hold->order_number_length}, order_number))
            last_id = id, last_changed = hold->changed_sequence;
    }
    return last_id != 0 && bring_back(engine, shelf, RECORD_HOLD, last_id);
}

/* The acquirer's promise with that reference. */
static uint32_t bring_back_promise(
    struct engine *engine, const struct shelf *shelf, int64_t acquirer_id, struct text wanted)
{
    struct image image;
    uint32_t count = 0;
    for (int64_t id = 1; id <= engine_last_id(engine, RECORD_PROMISE); id++) {
        if (engine_is_resident(engine, RECORD_PROMISE, id))
            continue;
        EXPECT(shelf_find_state(shelf, RECORD_PROMISE, id, &image));
        const struct promise *promise = &image.promise;
        struct text reference = {promise->reference, promise->reference_length};
        if (promise->acquirer_id == acquirer_id && text_equals(reference, wanted))
            count += bring_back(engine, shelf, RECORD_PROMISE, id);
    }
    return count;
}

/* With what the platform gives for it. */
static uint32_t bring_back_payout(
    struct engine *engine, const struct shelf *shelf, int64_t payout_id)
{
    uint32_t count = bring_back(engine, shelf, RECORD_PAYOUT, payout_id);
    const struct payout *payout = engine_find_payout(engine, payout_id);
    return count + (payout ? bring_back_refunded(engine, shelf, payout->requested_sequence) : 0);
}

/* The settlement, and the promise by its id or its reference. */
static uint32_t bring_back_of_line(
    struct engine *engine, const struct shelf *shelf, const struct settle_line *line)
{
    uint32_t count = bring_back(engine, shelf, RECORD_SETTLEMENT, line->settlement_id);
    const struct settlement *settlement =
        engine_find_record(engine, RECORD_SETTLEMENT, line->settlement_id);
    if (line->promise_id != 0)
        return count + bring_back(engine, shelf, RECORD_PROMISE, line->promise_id);
    return settlement
               ? count + bring_back_promise(engine, shelf, settlement->acquirer_id, line->reference)
               : count;
}

/* What is matched of the booking that the command is about. */
static uint32_t bring_back_booking(
    struct engine *engine, const struct shelf *shelf, const struct command *command)
{
    struct image image;
    uint8_t of;
    int64_t booking;
    uint32_t count = 0;
    if (!engine_booking_of(engine, command, &of, &booking))
        return 0;
    for (int64_t id = 1; id <= engine_last_id(engine, RECORD_MATCHED_BOOKING); id++) {
        if (engine_is_resident(engine, RECORD_MATCHED_BOOKING, id))
            continue;
        EXPECT(shelf_find_state(shelf, RECORD_MATCHED_BOOKING, id, &image));
        if (image.matched_booking.booking_kind == of && image.matched_booking.booking_id == booking)
            count += bring_back(engine, shelf, RECORD_MATCHED_BOOKING, id);
    }
    return count;
}

static uint32_t bring_back_of_match(
    struct engine *engine, const struct shelf *shelf, const struct command *command)
{
    const struct match_statement_line *asked = &command->match_statement_line;
    uint32_t count = bring_back(engine, shelf, RECORD_STATEMENT_LINE, asked->statement_line_id) +
                     bring_back(engine, shelf, RECORD_PAYOUT, asked->payout_id) +
                     bring_back_refunded(engine, shelf, asked->receipt_sequence);
    return count + bring_back_booking(engine, shelf, command);
}

static uint32_t bring_back_undone(
    struct engine *engine, const struct shelf *shelf, const struct command *command)
{
    int64_t id = command->undo_match.statement_match_id;
    uint32_t count = bring_back(engine, shelf, RECORD_STATEMENT_MATCH, id);
    const struct statement_match *match = engine_find_record(engine, RECORD_STATEMENT_MATCH, id);
    if (match)
        count += bring_back(engine, shelf, RECORD_STATEMENT_LINE, match->statement_line_id);
    return count + bring_back_booking(engine, shelf, command);
}

uint32_t released_bring_back(
    struct engine *engine, const struct shelf *shelf, const struct command *command)
{
    static const enum record_kind expired[] = {[EXPIRY_HOLD] = RECORD_HOLD,
        [EXPIRY_FREEZE] = RECORD_FREEZE,
        [EXPIRY_ADJUSTMENT] = RECORD_ADJUSTMENT,
        [EXPIRY_PROPOSAL] = RECORD_PROPOSAL,
        [EXPIRY_SUSPENSE] = RECORD_SUSPENSE,
        [EXPIRY_PROMISE] = RECORD_PROMISE,
        [EXPIRY_CARD] = RECORD_CARD,
        [EXPIRY_CLAIM] = RECORD_CLAIM,
        [EXPIRY_FEEDBACK] = RECORD_FEEDBACK};
    switch ((int)command->kind) {
    case COMMAND_CONFIRM_PAYOUT:
        return bring_back_payout(engine, shelf, command->confirm_payout.payout_id);
    case COMMAND_INTERCEPT_PAYOUT:
        return bring_back(engine, shelf, RECORD_PAYOUT, command->intercept_payout.payout_id);
    case COMMAND_CONFIRM_HOLD:
        return bring_back_ended(engine, shelf, command->confirm_hold.hold_id,
            command->confirm_hold.payer_account_id, command->confirm_hold.order_number);
    case COMMAND_CANCEL_HOLD:
        return bring_back_ended(engine, shelf, command->cancel_hold.hold_id,
            command->cancel_hold.payer_account_id, command->cancel_hold.order_number);
    case COMMAND_CONTINUE_CLAIM:
        return bring_back(engine, shelf, RECORD_CLAIM, command->continue_claim.claim_id);
    case COMMAND_DEDUCT_CLAIM:
        return bring_back(engine, shelf, RECORD_CLAIM, command->deduct_claim.claim_id);
    case COMMAND_RELEASE_CLAIM:
        return bring_back(engine, shelf, RECORD_CLAIM, command->release_claim.claim_id);
    case COMMAND_PUBLISH_PRICE:
        return bring_back(engine, shelf, RECORD_PRICE, command->publish_price.corrects_price_id);
    case COMMAND_GIVE_FEEDBACK:
        return bring_back(engine, shelf, RECORD_FEEDBACK, command->give_feedback.feedback_id);
    case COMMAND_CHECK_CARD:
        return bring_back(engine, shelf, RECORD_CARD, command->check_card.card_id);
    case COMMAND_CONFIRM_CARD_CHECK:
        return bring_back(engine, shelf, RECORD_CARD, command->confirm_card_check.card_id);
    case COMMAND_CONFIRM_CARD_AMOUNT:
        return bring_back(engine, shelf, RECORD_CARD, command->confirm_card_amount.card_id);
    case COMMAND_GRANT_MANDATE:
        return bring_back(engine, shelf, RECORD_CARD, command->grant_mandate.card_id);
    case COMMAND_WITHDRAW:
        return bring_back(engine, shelf, RECORD_CARD, command->withdraw.card_id);
    case COMMAND_UNBIND_CARD:
        return bring_back(engine, shelf, RECORD_CARD, command->unbind_card.card_id);
    case COMMAND_REPLACE_CARD:
        return bring_back(engine, shelf, RECORD_CARD, command->replace_card.card_id) +
               bring_back(engine, shelf, RECORD_CARD, command->replace_card.new_card_id);
    case COMMAND_LIFT_FREEZE:
        return bring_back(engine, shelf, RECORD_FREEZE, command->lift_freeze.freeze_id);
    case COMMAND_APPROVE:
        return bring_back(engine, shelf, RECORD_PROPOSAL, command->approve.proposal_id);
    case COMMAND_WITHDRAW_PROPOSAL:
        return bring_back(engine, shelf, RECORD_PROPOSAL, command->withdraw_proposal.proposal_id);
    case COMMAND_EXPIRE:
        if (command->expire.kind == EXPIRY_DENIED)
            return 0; /* they stay in memory */
        return bring_back(engine, shelf, expired[command->expire.kind], command->expire.id);
    case COMMAND_RETURN_SUSPENSE:
        return bring_back(engine, shelf, RECORD_SUSPENSE, command->return_suspense.suspense_id) +
               bring_back_refunded(engine, shelf, command->return_suspense.original_sequence);
    case COMMAND_ALLOCATE_SUSPENSE:
        return bring_back(engine, shelf, RECORD_SUSPENSE, command->allocate_suspense.suspense_id);
    case COMMAND_OPEN_LUMP:
        return bring_back(engine, shelf, RECORD_SUSPENSE, command->open_lump.suspense_id);
    case COMMAND_ALLOCATE_LINE:
        return bring_back(engine, shelf, RECORD_LUMP, command->allocate_line.lump_id);
    case COMMAND_CLOSE_LUMP:
        return bring_back(engine, shelf, RECORD_LUMP, command->close_lump.lump_id);
    case COMMAND_UNDO_ALLOCATION:
        return bring_back(engine, shelf, RECORD_SUSPENSE, command->undo_allocation.suspense_id) +
               bring_back(engine, shelf, RECORD_LUMP, command->undo_allocation.lump_id) +
               bring_back(engine, shelf, RECORD_PAYOUT, command->undo_allocation.payout_id) +
               bring_back_refunded(engine, shelf, command->undo_allocation.original_sequence);
    case COMMAND_BOOK_PROMISE:
        return bring_back_promise(
            engine, shelf, command->book_promise.acquirer_id, command->book_promise.reference);
    case COMMAND_OPEN_SETTLEMENT:
        return bring_back(engine, shelf, RECORD_SUSPENSE, command->open_settlement.suspense_id);
    case COMMAND_SETTLE_LINE:
        return bring_back_of_line(engine, shelf, &command->settle_line);
    case COMMAND_CLOSE_SETTLEMENT:
        return bring_back(
                   engine, shelf, RECORD_SETTLEMENT, command->close_settlement.settlement_id) +
               bring_back(engine, shelf, RECORD_SUSPENSE, command->close_settlement.suspense_id);
    case COMMAND_CLOSE_DIFFERENCE:
        return bring_back(
                   engine, shelf, RECORD_DIFFERENCE, command->close_difference.difference_id) +
               bring_back(engine, shelf, RECORD_PROMISE, command->close_difference.promise_id) +
               bring_back(engine, shelf, RECORD_SUSPENSE, command->close_difference.suspense_id);
    case COMMAND_CANCEL_PROMISE:
        return bring_back(engine, shelf, RECORD_PROMISE, command->cancel_promise.promise_id);
    case COMMAND_REFUND:
        return bring_back_refunded(engine, shelf, command->refund.original_sequence);
    case COMMAND_REVERSE:
        return bring_back_refunded(engine, shelf, command->reverse.original_sequence) +
               bring_back_booking(engine, shelf, command);
    case COMMAND_MATCH_STATEMENT_LINE:
        return bring_back_of_match(engine, shelf, command);
    case COMMAND_UNDO_MATCH:
        return bring_back_undone(engine, shelf, command);
    default:
        return 0;
    }
}

uint32_t released_bring_back_all(struct engine *engine, const struct shelf *shelf)
{
    uint32_t count = 0;
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        int64_t last = engine_last_id(engine, (enum record_kind)kind);
        for (int64_t id = 1; engine_is_evictable((enum record_kind)kind) && id <= last; id++)
            count += bring_back(engine, shelf, (enum record_kind)kind, id);
    }
    return count;
}
