/* answer.c: the queue of payouts, and what the stand-in says about them.
 *
 * Payouts wait in a queue in the order of the stream. One batch of answers is under way at a time;
 * its bytes are kept and sent again until it is answered. A payout leaves the queue when its last
 * answer is in, so that the position, which stands before the queue's head, never passes it.
 *
 * A payout is executed only right after "sent" was accepted in an answer to this very process, and
 * written to the book before the next batch leaves. Whatever was sent before is asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/parts.h"

#include "base/check.h"
#include "base/clock.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CHANNEL "bankstub"
#define SERIAL_BYTES 33

/* ---- the queue ---- */

void answer_tell_position(struct stand_in *stand_in)
{
    int64_t next =
        stand_in->queue_count > 0 ? stand_in->queue[0].sequence : stand_in->next_sequence;
    if (stand_in->config.on_position)
        stand_in->config.on_position(stand_in->config.context, next, stand_in->journal_identity);
}

/* Drops what is done from the head; nothing may be in flight, since that points into the queue. */
static void compact(struct stand_in *stand_in)
{
    CHECK(stand_in->in_flight_count == 0);
    size_t kept = 0;
    for (size_t i = 0; i < stand_in->queue_count; i++) {
        if (stand_in->queue[i].step != STEP_DONE)
            stand_in->queue[kept++] = stand_in->queue[i];
    }
    stand_in->queue_count = kept;
    if (stand_in->is_paused && kept < QUEUE_LOW && stand_in->stream) {
        stand_in->is_paused = false;
        client_call_pause(stand_in->stream, false);
    }
}

/* Something came into the queue. */
static void begin_soon(struct stand_in *stand_in)
{
    if (!stand_in->is_paused && stand_in->queue_count > QUEUE_MAX) {
        stand_in->is_paused = true;
        client_call_pause(stand_in->stream, true);
    }
    if (!evtimer_pending(stand_in->gather_timer, NULL))
        set_timer(stand_in->gather_timer, GATHER_US);
}

static void enqueue(struct stand_in *stand_in, const Vsl__V1__JournalEntry *entry,
    int64_t payout_id, int64_t amount_minor, int64_t asked_minor)
{
    /* While a batch is under way it points into the queue, which must then not move: there is room
     * for what one paused stream may still deliver. */
    CHECK(stand_in->queue_count < stand_in->queue_capacity);
    struct queued_payout *payout = &stand_in->queue[stand_in->queue_count++];
    *payout = (struct queued_payout){.sequence = entry->sequence,
        .ledger_id = entry->ledger_id,
        .payout_id = payout_id,
        .amount_minor = amount_minor,
        .due_us = clock_monotonic_us() + stand_in->config.send_after_us,
        .business_date = entry->accounting_date,
        .step = STEP_SEND};
    payout->decision = rule_decide(&stand_in->config.rule, payout->payout_id,
        asked_minor > 0 ? asked_minor : payout->amount_minor, &payout->return_after_us);
    stand_in->counts.seen++;
}

void answer_enqueue(struct stand_in *stand_in, const Vsl__V1__JournalEntry *entry)
{
    bool is_withdrawal = entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_WITHDRAW;
    int64_t asked_minor = is_withdrawal ? entry->withdraw->amount_minor : 0;
    /* By cards it is one for each. */
    for (size_t i = 0; i < entry->n_card_payouts; i++)
        enqueue(stand_in, entry, entry->card_payouts[i]->payout_id,
            entry->card_payouts[i]->amount_minor, entry->n_card_payouts > 1 ? 0 : asked_minor);
    /* A fee inside is not a part of what leaves; the first posting says it. */
    if (entry->n_card_payouts == 0)
        enqueue(stand_in, entry, entry->subject_id,
            entry->n_postings > 0 ? entry->postings[0]->amount_minor : asked_minor, asked_minor);
    begin_soon(stand_in);
}

void answer_enqueue_check(struct stand_in *stand_in, const Vsl__V1__JournalEntry *entry)
{
    CHECK(stand_in->queue_count < stand_in->queue_capacity);
    stand_in->queue[stand_in->queue_count++] = (struct queued_payout){.sequence = entry->sequence,
        .ledger_id = entry->ledger_id,
        .card_id = entry->subject_id,
        .business_date = entry->accounting_date,
        .step = STEP_SEND};
    begin_soon(stand_in);
}

/* ---- what is said ---- */

static Vsl__V1__PayoutResult result_to_say(const struct queued_payout *payout)
{
    switch (payout->step) {
    case STEP_SEND:
        return VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_SENT;
    case STEP_UNKNOWN:
        return VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_UNKNOWN;
    case STEP_RETURN:
        return VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED;
    default:
        CHECK(payout->step == STEP_ANSWER);
        return payout->is_paid ? VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_PAID
                               : VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED;
    }
}

static const char *reason_to_say(const struct queued_payout *payout, Vsl__V1__PayoutResult result)
{
    switch (result) {
    case VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED:
        return payout->is_lost ? "the stand-in's bank never got it"
                               : "the stand-in's rule says failed";
    case VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_UNKNOWN:
        return payout->is_lost ? "the stand-in kept no book" : "the stand-in's rule says unknown";
    case VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED:
        return "the stand-in's rule says returned";
    default:
        return NULL;
    }
}

/* Its bank finds that all four factors agree. */
static void add_check(struct stand_in *stand_in, const struct queued_payout *check)
{
    char serial[SERIAL_BYTES];
    snprintf(serial, sizeof serial, "check-%" PRId64, check->sequence);
    Vsl__V1__ConfirmCardCheckRequest *request =
        batch_add_confirm_card_check(&stand_in->batch, CHANNEL, check->business_date, serial);
    request->ledger_id = check->ledger_id;
    request->card_id = check->card_id;
    request->check_sequence = check->sequence;
    request->result = VSL__V1__CARD_CHECK_RESULT__CARD_CHECK_RESULT_RIGHT;
    request->result_code = batch_text(&stand_in->batch, "0000");
    request->reference = batch_text(&stand_in->batch, serial);
}

static void add_answer(struct stand_in *stand_in, const struct queued_payout *payout)
{
    char serial[SERIAL_BYTES];
    if (payout->card_id != 0) {
        add_check(stand_in, payout);
        return;
    }
    Vsl__V1__PayoutResult result = result_to_say(payout);
    const char *reason = reason_to_say(payout, result);
    snprintf(serial, sizeof serial, "payout-%" PRId64 "-%d%s", payout->payout_id, (int)result,
        result == VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED && payout->return_part > 0 ? "-2"
                                                                                            : "");
    Vsl__V1__ConfirmPayoutRequest *request =
        batch_add_confirm_payout(&stand_in->batch, CHANNEL, payout->business_date, serial);
    request->ledger_id = payout->ledger_id;
    request->payout_id = payout->payout_id;
    request->result = result;
    request->bank_reference = batch_text(&stand_in->batch, serial);
    if (reason)
        request->reason = batch_text(&stand_in->batch, reason);
    if (result == VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_RETURNED)
        request->amount_minor =
            decision_return_minor(payout->decision, payout->return_part, payout->amount_minor);
}

/* ---- what follows ---- */

static int64_t in_a_while(int64_t us)
{
    return us > 0 ? clock_monotonic_us() + us : 0;
}

static void set_done(struct queued_payout *payout)
{
    payout->step = STEP_DONE;
}

/* The bank has the order: now, and never again, it is executed. */
static void execute(struct stand_in *stand_in, struct queued_payout *payout)
{
    const struct book_line *known = book_find(stand_in->book, payout->payout_id);
    if (known) {
        tell_trouble(stand_in, "the book knows a payout that was not sent before: it is not "
                               "executed again; does the state file belong to another database?");
        payout->is_paid = known->is_paid;
        payout->step = STEP_ANSWER;
        return;
    }
    struct book_line line = {.payout_id = payout->payout_id,
        .ledger_id = payout->ledger_id,
        .amount_minor = payout->amount_minor,
        .is_paid = decision_is_paid(payout->decision)};
    book_execute(stand_in->book, &line);
    payout->is_paid = line.is_paid;
    payout->step = decision_is_unknown(payout->decision) ? STEP_UNKNOWN : STEP_ANSWER;
}

/* The payout is paid; returned_minor of it came back already. */
static void begin_returns(struct queued_payout *payout, int part)
{
    if (part >= decision_return_parts(payout->decision, payout->amount_minor)) {
        set_done(payout);
        return;
    }
    payout->return_part = part;
    payout->step = STEP_RETURN;
    payout->due_us = in_a_while(payout->return_after_us);
}

static void take_accepted(
    struct stand_in *stand_in, struct queued_payout *payout, const Vsl__V1__CommandResult *result)
{
    struct stand_in_counts *counts = &stand_in->counts;
    switch (payout->step) {
    case STEP_SEND:
        /* The answer of a run before this one: it may have executed the payout. */
        if (result->sequence <= stand_in->start_sequence) {
            payout->step = STEP_LOOK;
            return;
        }
        counts->sent++;
        execute(stand_in, payout);
        return;
    case STEP_UNKNOWN:
        counts->unknown++;
        payout->step = payout->is_lost ? STEP_DONE : STEP_ANSWER;
        payout->due_us = in_a_while(stand_in->config.ask_after_us);
        return;
    case STEP_ANSWER:
        counts->paid += payout->is_paid;
        counts->failed += !payout->is_paid;
        if (payout->is_paid)
            begin_returns(payout, 0);
        else
            set_done(payout);
        return;
    default:
        CHECK(payout->step == STEP_RETURN);
        counts->returned++;
        begin_returns(payout, payout->return_part + 1);
    }
}

static void take_refused(
    struct stand_in *stand_in, struct queued_payout *payout, Vsl__V1__Outcome outcome)
{
    switch (outcome) {
    case VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_SENT:
    case VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_UNKNOWN:
    case VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_PAID:
        payout->step = STEP_LOOK;
        return;
    case VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_FAILED:
    case VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_RETURNED:
    case VSL__V1__OUTCOME__OUTCOME_PAYOUT_ALREADY_CANCELLED:
        stand_in->counts.already++;
        set_done(payout);
        return;
    default:
        stand_in->counts.refused++;
        set_done(payout);
    }
}

/* Takes the answer to one confirmation; false when it must be said again under another date. */
static bool take_result(
    struct stand_in *stand_in, struct queued_payout *payout, const Vsl__V1__CommandResult *result)
{
    if (result->outcome == VSL__V1__OUTCOME__OUTCOME_KEY_WINDOW_CLOSED) {
        stand_in->asked_ledger_id = payout->ledger_id;
        /* Under a new key a return would be booked again: first see what came back already. */
        if (payout->step == STEP_RETURN)
            payout->step = STEP_LOOK;
        return false;
    }
    bool is_accepted = (int)result->outcome < OUTCOME_FIRST_REFUSAL;
    if (payout->card_id != 0) {
        /* One that somebody else answered, or that ended, waits for nothing any more. */
        stand_in->counts.checked += is_accepted;
        stand_in->counts.already += !is_accepted;
        set_done(payout);
        return true;
    }
    if (stand_in->config.on_answered)
        stand_in->config.on_answered(stand_in->config.context, payout->ledger_id, payout->payout_id,
            result_to_say(payout), (int)result->outcome, result->replayed);
    if (is_accepted)
        take_accepted(stand_in, payout, result);
    else
        take_refused(stand_in, payout, result->outcome);
    return true;
}

void answer_look(struct stand_in *stand_in, struct queued_payout *payout, const Vsl__V1__Payout *is)
{
    const struct book_line *known = book_find(stand_in->book, payout->payout_id);
    switch (is->status) {
    case VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_SENT:
    case VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_UNKNOWN:
        /* The bank is asked. What it never got has failed; a bank that keeps no book cannot
         * tell. */
        payout->is_lost = !known && !stand_in->config.pays_what_it_forgot;
        payout->is_paid = known ? known->is_paid : !payout->is_lost;
        payout->step =
            !payout->is_lost || book_is_durable(stand_in->book) ? STEP_ANSWER : STEP_UNKNOWN;
        if (payout->step == STEP_UNKNOWN)
            tell_trouble(stand_in, "a payout was sent by somebody else, and without --state there "
                                   "is no book to ask: settle it by vslctl payout paid or failed");
        if (payout->step == STEP_UNKNOWN &&
            is->status == VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_UNKNOWN)
            set_done(payout);
        return;
    case VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_PAID:
        begin_returns(
            payout, decision_next_part(payout->decision, payout->amount_minor, is->returned_minor));
        stand_in->counts.already += payout->step == STEP_DONE;
        return;
    case VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_FAILED:
    case VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_RETURNED:
    case VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_CANCELLED:
        stand_in->counts.already++;
        set_done(payout);
        return;
    default:
        /* Said to be sent, and yet only requested: nothing that this program could mend. */
        stand_in->counts.refused++;
        set_done(payout);
    }
}

/* ---- batches of answers ---- */

/* Packs the answers in flight; their dates may have changed since the last time. */
static void pack_batch(struct stand_in *stand_in)
{
    batch_begin(&stand_in->batch);
    for (size_t i = 0; i < stand_in->in_flight_count; i++)
        add_answer(stand_in, stand_in->in_flight[i]);
    batch_pack(&stand_in->batch, &stand_in->request);
}

/* Gathers what is due; NULL, or the first payout that must be looked up before. */
static struct queued_payout *gather(struct stand_in *stand_in, int64_t now, int64_t *first_due)
{
    for (size_t i = 0; i < stand_in->queue_count && stand_in->in_flight_count < BATCH_MAX; i++) {
        struct queued_payout *payout = &stand_in->queue[i];
        if (payout->step == STEP_LOOK) {
            stand_in->in_flight_count = 0;
            return payout;
        }
        if (payout->due_us <= now)
            stand_in->in_flight[stand_in->in_flight_count++] = payout;
        else if (payout->due_us < *first_due)
            *first_due = payout->due_us;
    }
    return NULL;
}

void answer_go_on(struct stand_in *stand_in)
{
    if (stand_in->in_flight_count > 0 || stand_in->is_asking)
        return;
    /* What the bank did is in its book before anybody hears of it. */
    if (book_write(stand_in->book) != 0) {
        tell_trouble(stand_in, "could not write the book");
        set_timer(stand_in->gather_timer, RETRY_PAUSE_US * 25);
        return;
    }
    compact(stand_in);
    answer_tell_position(stand_in);
    int64_t now = clock_monotonic_us();
    int64_t first_due = INT64_MAX;
    struct queued_payout *unclear = gather(stand_in, now, &first_due);
    if (unclear) {
        ask_payouts(stand_in, unclear);
    } else if (stand_in->in_flight_count > 0) {
        pack_batch(stand_in);
        answer_send_again(stand_in);
    } else if (first_due != INT64_MAX) {
        set_timer(stand_in->due_timer, first_due - now + 1);
    }
}

static void take_answers(struct stand_in *stand_in, const Vsl__V1__SubmitBatchResponse *answer)
{
    bool is_date_wanted = false;
    for (size_t i = 0; i < stand_in->in_flight_count; i++) {
        if (!take_result(stand_in, stand_in->in_flight[i], answer->results[i]->result))
            is_date_wanted = true;
    }
    stand_in->in_flight_count = 0;
    if (is_date_wanted)
        ask_date(stand_in, stand_in->asked_ledger_id);
    else
        answer_go_on(stand_in);
}

static void on_batch(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    if (end->status == GRPC_OK) {
        arena_reset(&stand_in->arena);
        Vsl__V1__SubmitBatchResponse *answer =
            (Vsl__V1__SubmitBatchResponse *)rpc_unpack(&vsl__v1__submit_batch_response__descriptor,
                end->answer, end->answer_length, &stand_in->arena);
        bool is_complete = answer && answer->n_results == stand_in->in_flight_count;
        for (size_t i = 0; is_complete && i < answer->n_results; i++)
            is_complete = answer->results[i]->result != NULL;
        if (is_complete) {
            take_answers(stand_in, answer);
            return;
        }
        tell_trouble(stand_in, "the answer to a batch cannot be read");
    } else {
        tell_trouble(stand_in, end->message);
    }
    /* What cannot pass by itself is still tried again, slowly: money on its way must not be
     * forgotten. */
    set_timer(stand_in->retry_timer,
        grpc_status_is_passing(end->status) ? RETRY_PAUSE_US : RETRY_PAUSE_US * 25);
}

void answer_send_again(struct stand_in *stand_in)
{
    static const struct client_handlers handlers = {.on_end = on_batch};
    char path[RPC_PATH_BYTES_MAX];
    rpc_path(&vsl__v1__funds_service__descriptor, "SubmitBatch", path);
    client_call_start(stand_in->client, path, stand_in->request.bytes, stand_in->request.length,
        CALL_TIMEOUT_US, &handlers, stand_in);
}
