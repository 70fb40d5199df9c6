/* late_ids.c: see late_ids.h.
 * SPDX-License-Identifier: Apache-2.0 */
#define VSL_TESTS_ENGINE_LATE_IDS_ITSELF
#include "late_ids.h"

#include "base/check.h"
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "model/record_table.h"

#include <string.h>

enum { COPIES = 8 };

static int64_t before;

void late_ids_set(int64_t id)
{
    CHECK(id >= 0);
    before = id;
}

/* Ids of 0 and below are none, and no id is so large that it cannot be later. */
static int64_t later(int64_t id)
{
    return id > 0 && id <= INT64_MAX - before ? id + before : id;
}

static int64_t earlier(int64_t id)
{
    CHECK(id <= 0 || id > before);
    return id > 0 ? id - before : id;
}

/* The id of a record of such a kind, and those of others that a few kinds have. */
static void translate(enum record_kind kind, void *record, int64_t (*way)(int64_t))
{
    if (engine_is_evictable(kind))
        record_set_id(&record_tables[kind], record, way(record_id(&record_tables[kind], record)));
    if (kind == RECORD_SUSPENSE) {
        struct suspense *item = record;
        item->payout_id = way(item->payout_id);
        item->return_payout_id = way(item->return_payout_id);
    }
    if (kind == RECORD_BANK_STATEMENT) {
        struct bank_statement *statement = record;
        statement->first_line_id = way(statement->first_line_id);
        statement->last_line_id = way(statement->last_line_id);
    }
    if (kind == RECORD_STATEMENT_MATCH) {
        struct statement_match *match = record;
        match->statement_line_id = way(match->statement_line_id);
        if (match->booking_kind != BOOKING_RECEIPT)
            match->booking_id = way(match->booking_id);
    }
    if (kind == RECORD_MATCHED_BOOKING) {
        struct matched_booking *booking = record;
        if (booking->booking_kind != BOOKING_RECEIPT)
            booking->booking_id = way(booking->booking_id);
    }
    if (kind == RECORD_PRODUCT)
        ((struct product *)record)->price_id = way(((struct product *)record)->price_id);
    if (kind == RECORD_FEEDBACK)
        ((struct feedback *)record)->claim_id = way(((struct feedback *)record)->claim_id);
    if (kind == RECORD_LUMP)
        ((struct lump *)record)->suspense_id = way(((struct lump *)record)->suspense_id);
    if (kind == RECORD_SETTLEMENT)
        ((struct settlement *)record)->suspense_id =
            way(((struct settlement *)record)->suspense_id);
    if (kind == RECORD_DIFFERENCE) {
        struct difference *difference = record;
        difference->settlement_id = way(difference->settlement_id);
        difference->suspense_id = way(difference->suspense_id);
        difference->promise_id = way(difference->promise_id);
    }
    if (kind == RECORD_CARD)
        ((struct card *)record)->replaced_by = way(((struct card *)record)->replaced_by);
    if (kind == RECORD_CARD_FLOW)
        ((struct card_flow *)record)->card_id = way(((struct card_flow *)record)->card_id);
    if (kind == RECORD_HIT)
        ((struct hit *)record)->card_id = way(((struct hit *)record)->card_id);
    if (kind == RECORD_MANDATE)
        ((struct mandate *)record)->card_id = way(((struct mandate *)record)->card_id);
    if (kind == RECORD_WATCH)
        ((struct watch *)record)->suspense_id = way(((struct watch *)record)->suspense_id);
}

static struct image later_image(const struct image *image)
{
    struct image translated = *image;
    translate(image->kind, image_record(&translated), later);
    return translated;
}

/* The last of the long past: a final record of the first ledger, which every history opens. */
static struct image last_of_the_past(enum record_kind kind)
{
    struct image image = {.kind = kind};
    switch ((int)kind) {
    case RECORD_PAYOUT:
        image.payout = (struct payout){.ledger_id = 1, .account_id = 1, .status = PAYOUT_FAILED};
        break;
    case RECORD_HOLD:
        image.hold = (struct hold){.ledger_id = 1, .payer_account_id = 1, .status = HOLD_FINISHED};
        break;
    case RECORD_FREEZE:
        image.freeze = (struct freeze){.ledger_id = 1, .account_id = 1, .status = FREEZE_LIFTED};
        break;
    case RECORD_REFUNDED:
        image.refunded = (struct refunded){.ledger_id = 1};
        break;
    case RECORD_DEBT:
        image.debt = (struct debt){.ledger_id = 1, .account_id = 1, .status = DEBT_RECOVERED};
        break;
    case RECORD_ADJUSTMENT:
        image.adjustment = (struct adjustment){.ledger_id = 1,
            .debit_account_id = 1,
            .credit_account_id = 1,
            .status = ADJUSTMENT_WITHDRAWN};
        break;
    case RECORD_SUSPENSE:
        image.suspense = (struct suspense){.ledger_id = 1,
            .origin_sequence = 1,
            .amount_minor = 1,
            .allocated_minor = 1,
            .status = SUSPENSE_CLOSED};
        break;
    case RECORD_STATEMENT_LINE:
        image.statement_line = (struct statement_line){.ledger_id = 1,
            .bank_statement_id = 1,
            .amount_minor = 1,
            .ordinal = 1,
            .status = STATEMENT_LINE_UNMATCHED};
        break;
    case RECORD_STATEMENT_MATCH:
        image.statement_match = (struct statement_match){.ledger_id = 1,
            .bank_statement_id = 1,
            .booking_kind = BOOKING_RECEIPT,
            .booking_id = 1,
            .amount_minor = 1,
            .undone_sequence = 1,
            .status = STATEMENT_MATCH_UNDONE};
        break;
    case RECORD_MATCHED_BOOKING:
        image.matched_booking = (struct matched_booking){
            .ledger_id = 1, .booking_kind = BOOKING_RECEIPT, .booking_id = INT64_MAX};
        break;
    case RECORD_LUMP:
        image.lump = (struct lump){.ledger_id = 1, .status = LUMP_CANCELLED};
        break;
    case RECORD_CARD:
        /* Before the date of a ledger that is not there yet. */
        image.card = (struct card){
            .ledger_id = 1, .member_id = 1, .checks_date = -1, .status = CARD_UNBOUND};
        break;
    case RECORD_CLAIM:
        image.claim = (struct claim){.ledger_id = 1, .member_id = 1, .status = CLAIM_RELEASED};
        break;
    case RECORD_PRICE:
        image.price =
            (struct price){.ledger_id = 1, .product_id = 1, .version = 1, .status = PRICE_REPLACED};
        break;
    case RECORD_FEEDBACK:
        image.feedback =
            (struct feedback){.ledger_id = 1, .given_sequence = 1, .status = FEEDBACK_GIVEN};
        break;
    case RECORD_PROMISE:
        image.promise = (struct promise){.ledger_id = 1,
            .acquirer_id = 1,
            .account_id = 1,
            .amount_minor = 1,
            .cancelled_minor = 1,
            .status = PROMISE_CANCELLED,
            .reference_length = 1};
        break;
    case RECORD_SETTLEMENT:
        image.settlement = (struct settlement){.ledger_id = 1,
            .acquirer_id = 1,
            .total_minor = 1,
            .returned_minor = 1,
            .line_count = 1,
            .status = SETTLEMENT_ABANDONED};
        break;
    case RECORD_DIFFERENCE:
        image.difference = (struct difference){.ledger_id = 1,
            .acquirer_id = 1,
            .amount_minor = 1,
            .closed_sequence = 1,
            .kind = DIFFERENCE_UNKNOWN,
            .ended_by = DIFFERENCE_RETURNED,
            .status = DIFFERENCE_CLOSED};
        break;
    case RECORD_PROPOSAL:
        image.proposal = (struct proposal){.ledger_id = 1, .status = PROPOSAL_WITHDRAWN};
        break;
    default:
        CHECK(0 && "a final record of each kind that leaves memory");
    }
    record_set_id(&record_tables[kind], image_record(&image), before);
    return image;
}

struct engine *late_create(void)
{
    struct engine *engine = engine_create();
    for (int kind = 1; kind <= RECORD_KINDS && before > 0; kind++) {
        if (!engine_is_evictable((enum record_kind)kind))
            continue;
        struct image last = last_of_the_past((enum record_kind)kind);
        engine_load_image(engine, 0, &last);
    }
    if (before > 0)
        engine_load_done(engine);
    /* They leave at once. */
    while (engine_evict(engine, INT64_C(1) << 40, INT64_MAX) > 0)
        continue;
    return engine;
}

/* The return of an item, the claim, and the withdrawal, whose payout the bank speaks of is
 * remembered with the id that its history has. */
static void translate_return(
    struct command *correction, struct original *ret_original, struct command *ret_asked)
{
    const struct original *original = correction->original;
    if (!original)
        return;
    *ret_original = *original;
    *ret_asked = *original->command;
    if (ret_asked->kind == COMMAND_RETURN_SUSPENSE)
        ret_asked->return_suspense.suspense_id = later(ret_asked->return_suspense.suspense_id);
    else if (ret_asked->kind == COMMAND_DEDUCT_CLAIM)
        ret_asked->deduct_claim.claim_id = later(ret_asked->deduct_claim.claim_id);
    else if (ret_asked->kind == COMMAND_PLACE_CLAIM || ret_asked->kind == COMMAND_WITHDRAW)
        ret_original->subject_id = later(ret_original->subject_id);
    ret_original->command = ret_asked;
    correction->original = ret_original;
}

/* The allocation or return that an undo names is, too; of a return what it made as well. */
static void translate_allocation(
    struct command *undo, struct original *ret_original, struct command *ret_allocation)
{
    if (!undo->original)
        return;
    *ret_original = *undo->original;
    *ret_allocation = *undo->original->command;
    switch ((int)ret_allocation->kind) {
    case COMMAND_ALLOCATE_LINE:
        ret_allocation->allocate_line.lump_id = later(ret_allocation->allocate_line.lump_id);
        break;
    case COMMAND_ALLOCATE_SUSPENSE:
        ret_allocation->allocate_suspense.suspense_id =
            later(ret_allocation->allocate_suspense.suspense_id);
        break;
    case COMMAND_RETURN_SUSPENSE:
        ret_allocation->return_suspense.suspense_id =
            later(ret_allocation->return_suspense.suspense_id);
        ret_original->subject_id = later(ret_original->subject_id);
        break;
    default:
        return;
    }
    ret_original->command = ret_allocation;
    undo->original = ret_original;
}

/* A match names its line and a payout, an undo the match. */
static void translate_match(struct command *command)
{
    if (command->kind == COMMAND_UNDO_MATCH)
        command->undo_match.statement_match_id = later(command->undo_match.statement_match_id);
    if (command->kind != COMMAND_MATCH_STATEMENT_LINE)
        return;
    struct match_statement_line *match = &command->match_statement_line;
    match->statement_line_id = later(match->statement_line_id);
    match->payout_id = later(match->payout_id);
}

void late_execute(struct engine *engine, int64_t now_us, int64_t sequence,
    const struct command *command, struct effects *ret_effects)
{
    struct command translated = *command;
    struct original original;
    struct command allocation;
    translated.proposal_id = later(command->proposal_id);
    bool has_such_an_id = true; /* so has its answer */
    switch ((int)command->kind) {
    case COMMAND_WITHDRAW:
    case COMMAND_PLACE_HOLD:
    case COMMAND_PLACE_FREEZE:
    case COMMAND_ADD_STATEMENT_LINE:
    case COMMAND_PROPOSE:
        break;
    case COMMAND_APPROVE:
        translated.approve.proposal_id = later(command->approve.proposal_id);
        break;
    case COMMAND_WITHDRAW_PROPOSAL:
        translated.withdraw_proposal.proposal_id = later(command->withdraw_proposal.proposal_id);
        break;
    case COMMAND_CONFIRM_PAYOUT:
        translated.confirm_payout.payout_id = later(command->confirm_payout.payout_id);
        translate_return(&translated, &original, &allocation);
        break;
    case COMMAND_INTERCEPT_PAYOUT:
        translated.intercept_payout.payout_id = later(command->intercept_payout.payout_id);
        translate_return(&translated, &original, &allocation);
        break;
    case COMMAND_CONFIRM_HOLD:
        translated.confirm_hold.hold_id = later(command->confirm_hold.hold_id);
        break;
    case COMMAND_CANCEL_HOLD:
        translated.cancel_hold.hold_id = later(command->cancel_hold.hold_id);
        break;
    case COMMAND_LIFT_FREEZE:
        translated.lift_freeze.freeze_id = later(command->lift_freeze.freeze_id);
        break;
    case COMMAND_ADOPT_SUSPENSE:
    case COMMAND_BOOK_PROMISE:
        break;
    case COMMAND_MATCH_STATEMENT_LINE:
    case COMMAND_UNDO_MATCH:
        translate_match(&translated);
        break;
    case COMMAND_OPEN_SETTLEMENT:
        translated.open_settlement.suspense_id = later(command->open_settlement.suspense_id);
        break;
    case COMMAND_SETTLE_LINE:
        translated.settle_line.settlement_id = later(command->settle_line.settlement_id);
        translated.settle_line.promise_id = later(command->settle_line.promise_id);
        break;
    case COMMAND_CLOSE_SETTLEMENT:
        translated.close_settlement.settlement_id = later(command->close_settlement.settlement_id);
        translated.close_settlement.suspense_id = later(command->close_settlement.suspense_id);
        break;
    case COMMAND_CLOSE_DIFFERENCE:
        translated.close_difference.difference_id = later(command->close_difference.difference_id);
        translated.close_difference.promise_id = later(command->close_difference.promise_id);
        translated.close_difference.suspense_id = later(command->close_difference.suspense_id);
        break;
    case COMMAND_CANCEL_PROMISE:
        translated.cancel_promise.promise_id = later(command->cancel_promise.promise_id);
        break;
    case COMMAND_RETURN_SUSPENSE:
        translated.return_suspense.suspense_id = later(command->return_suspense.suspense_id);
        break;
    case COMMAND_ALLOCATE_SUSPENSE:
        translated.allocate_suspense.suspense_id = later(command->allocate_suspense.suspense_id);
        break;
    case COMMAND_PUBLISH_PRICE:
        translated.publish_price.corrects_price_id =
            later(command->publish_price.corrects_price_id);
        break;
    case COMMAND_PLACE_CLAIM:
    case COMMAND_OPEN_FEEDBACK:
    case COMMAND_BIND_CARD:
        break;
    case COMMAND_GIVE_FEEDBACK:
        translated.give_feedback.feedback_id = later(command->give_feedback.feedback_id);
        break;
    case COMMAND_GRANT_MANDATE:
        has_such_an_id = false;
        translated.grant_mandate.card_id = later(command->grant_mandate.card_id);
        translated.grant_mandate.proof.card_id = later(command->grant_mandate.proof.card_id);
        break;
    case COMMAND_CONTINUE_CLAIM:
        translated.continue_claim.claim_id = later(command->continue_claim.claim_id);
        break;
    case COMMAND_DEDUCT_CLAIM:
        translated.deduct_claim.claim_id = later(command->deduct_claim.claim_id);
        break;
    case COMMAND_RELEASE_CLAIM:
        translated.release_claim.claim_id = later(command->release_claim.claim_id);
        break;
    case COMMAND_CHECK_CARD:
        translated.check_card.card_id = later(command->check_card.card_id);
        break;
    case COMMAND_CONFIRM_CARD_CHECK:
        translated.confirm_card_check.card_id = later(command->confirm_card_check.card_id);
        break;
    case COMMAND_CONFIRM_CARD_AMOUNT:
        translated.confirm_card_amount.card_id = later(command->confirm_card_amount.card_id);
        break;
    case COMMAND_UNBIND_CARD:
        translated.unbind_card.card_id = later(command->unbind_card.card_id);
        translated.unbind_card.proof.card_id = later(command->unbind_card.proof.card_id);
        break;
    case COMMAND_REPLACE_CARD:
        translated.replace_card.card_id = later(command->replace_card.card_id);
        translated.replace_card.new_card_id = later(command->replace_card.new_card_id);
        translated.replace_card.proof.card_id = later(command->replace_card.proof.card_id);
        break;
    case COMMAND_OPEN_LUMP:
        translated.open_lump.suspense_id = later(command->open_lump.suspense_id);
        break;
    case COMMAND_ALLOCATE_LINE:
        translated.allocate_line.lump_id = later(command->allocate_line.lump_id);
        has_such_an_id = false;
        break;
    case COMMAND_CLOSE_LUMP:
        translated.close_lump.lump_id = later(command->close_lump.lump_id);
        break;
    case COMMAND_UNDO_ALLOCATION:
        translated.undo_allocation.suspense_id = later(command->undo_allocation.suspense_id);
        translated.undo_allocation.lump_id = later(command->undo_allocation.lump_id);
        translated.undo_allocation.payout_id = later(command->undo_allocation.payout_id);
        translate_allocation(&translated, &original, &allocation);
        break;
    case COMMAND_EXPIRE:
        has_such_an_id =
            command->expire.kind != EXPIRY_IDENTITY && command->expire.kind != EXPIRY_DENIED;
        if (has_such_an_id)
            translated.expire.id = later(command->expire.id);
        break;
    default:
        has_such_an_id = false;
        break;
    }
    engine_execute(engine, now_us, sequence, &translated, ret_effects);
    if (has_such_an_id)
        ret_effects->subject_id = earlier(ret_effects->subject_id);
    if (ret_effects->outcome == OUTCOME_SUSPENSE_IN_LUMP ||
        ret_effects->outcome == OUTCOME_SUSPENSE_OVERDUE ||
        ret_effects->outcome == OUTCOME_CARD_BOUND ||
        ret_effects->outcome == OUTCOME_CLAIM_MAY_NOT_QUEUE ||
        ret_effects->outcome == OUTCOME_PRICE_DATE_PASSED)
        ret_effects->limit_minor = earlier(ret_effects->limit_minor);
    for (uint32_t i = 0; i < ret_effects->image_count; i++)
        translate(ret_effects->images[i].kind, image_record(&ret_effects->images[i]), earlier);
}

void late_load_image(struct engine *engine, int64_t sequence, const struct image *image)
{
    struct image translated = later_image(image);
    engine_load_image(engine, sequence, &translated);
}

int late_revive(struct engine *engine, const struct image *image)
{
    struct image translated = later_image(image);
    return engine_revive(engine, &translated);
}

bool late_is_resident(const struct engine *engine, enum record_kind kind, int64_t id)
{
    return engine_is_resident(engine, kind, engine_is_evictable(kind) ? later(id) : id);
}

int64_t late_last_id(const struct engine *engine, enum record_kind kind)
{
    int64_t last = engine_last_id(engine, kind);
    return engine_is_evictable(kind) ? last - before : last;
}

/* A copy with the model's ids; the record itself when they are the same, and NULL of NULL. */
static const void *copy_of(enum record_kind kind, const void *record)
{
    static struct image copies[RECORD_KINDS + 1][COPIES];
    static uint32_t made[RECORD_KINDS + 1];
    if (!record || before == 0)
        return record;
    struct image *copy = &copies[kind][made[kind]++ % COPIES];
    memcpy(image_record(copy), record, record_tables[kind].bytes);
    translate(kind, image_record(copy), earlier);
    return image_record(copy);
}

const void *late_find_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    if (kind == RECORD_WATCH || kind == RECORD_CARD_FLOW || kind == RECORD_HIT ||
        kind == RECORD_MANDATE || kind == RECORD_BANK_STATEMENT || kind == RECORD_PRODUCT)
        return copy_of(kind, engine_find_record(engine, kind, id));
    if (!engine_is_evictable(kind))
        return engine_find_record(engine, kind, id);
    return copy_of(kind, engine_find_record(engine, kind, later(id)));
}

const struct matched_booking *late_find_matched_booking(
    const struct engine *engine, uint8_t booking_kind, int64_t booking_id)
{
    return copy_of(RECORD_MATCHED_BOOKING,
        engine_find_matched_booking(engine, booking_kind,
            booking_kind == BOOKING_RECEIPT ? booking_id : later(booking_id)));
}

bool late_booking_of(const struct engine *engine, const struct command *command,
    uint8_t *ret_booking_kind, int64_t *ret_booking_id)
{
    struct command translated = *command;
    translate_match(&translated);
    bool is_there = engine_booking_of(engine, &translated, ret_booking_kind, ret_booking_id);
    if (is_there && *ret_booking_kind != BOOKING_RECEIPT)
        *ret_booking_id = earlier(*ret_booking_id);
    return is_there;
}

const struct watch *late_find_watch(const struct engine *engine, int64_t ledger_id)
{
    return copy_of(RECORD_WATCH, engine_find_watch(engine, ledger_id));
}

const struct suspense *late_oldest_suspense(const struct engine *engine, int64_t ledger_id)
{
    return copy_of(RECORD_SUSPENSE, engine_oldest_suspense(engine, ledger_id));
}

const struct refunded *late_find_refunded(
    const struct engine *engine, int64_t original_sequence, int64_t account_id)
{
    return copy_of(RECORD_REFUNDED, engine_find_refunded(engine, original_sequence, account_id));
}

enum card_status late_card_status(const struct engine *engine, const struct card *card)
{
    const struct card *its = engine_find_record(engine, RECORD_CARD, later(card->id));
    return engine_card_status(engine, its ? its : card);
}

bool late_next_due(struct engine *engine, int64_t now_us, struct due *ret_due)
{
    bool is_due = engine_next_due(engine, now_us, ret_due);
    if (is_due && ret_due->kind != EXPIRY_IDENTITY && ret_due->kind != EXPIRY_DENIED)
        ret_due->id = earlier(ret_due->id);
    return is_due;
}

uint32_t late_take_changed(struct engine *engine, int64_t until_sequence, uint32_t max,
    int64_t next_sequence, struct image *ret_images, int64_t *ret_sequences,
    int64_t *ret_redo_sequence)
{
    uint32_t count = engine_take_changed(
        engine, until_sequence, max, next_sequence, ret_images, ret_sequences, ret_redo_sequence);
    for (uint32_t i = 0; i < count; i++)
        translate(ret_images[i].kind, image_record(&ret_images[i]), earlier);
    return count;
}

int64_t chain_newest_freeze(const struct engine *engine, int64_t account_id)
{
    return earlier(engine->newest_freezes[account_id]);
}

int64_t chain_older_freeze(const struct engine *engine, int64_t freeze_id)
{
    return earlier(freeze_links_of(engine, later(freeze_id))->older);
}

int64_t chain_younger_freeze(const struct engine *engine, int64_t freeze_id)
{
    return earlier(freeze_links_of(engine, later(freeze_id))->younger);
}

int64_t chain_oldest_debt(const struct engine *engine, int64_t account_id)
{
    return earlier(engine->oldest_debts[account_id]);
}

int64_t chain_younger_debt(const struct engine *engine, int64_t debt_id)
{
    return earlier(*younger_debt_of(engine, later(debt_id)));
}

int64_t chain_newest_card(const struct engine *engine, int64_t member_id)
{
    return earlier(engine->newest_cards[member_id]);
}

int64_t chain_older_card(const struct engine *engine, int64_t card_id)
{
    uint32_t place = place_of(engine, RECORD_CARD, later(card_id));
    CHECK(place != NO_PLACE);
    return earlier(engine->card_links[place].older);
}
