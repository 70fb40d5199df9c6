/* parts.h: what the parts of the stand-in share; nobody else includes it.
 *
 *   stand_in.c   the event stream, and the life of the whole
 *   answer.c     the queue of payouts, and what is said about them in batches
 *   ask.c        what the stand-in has to ask the server: places, dates, payouts that others began
 *   timers.c     waiting, complaining
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_BANKSTUB_PARTS_H
#define VSL_TOOLS_BANKSTUB_PARTS_H

#include "bankstub/book.h"
#include "bankstub/stand_in.h"
#include "client/batch.h"
#include "client/rpc.h"

#include "vsl/v1/journal.pb-c.h"

#define BATCH_MAX 500
#define QUEUE_MAX 20000 /* the stream pauses above this */
#define QUEUE_LOW 5000  /* and goes on below this */
#define CALL_TIMEOUT_US (INT64_C(15) * 1000000)
#define RETRY_PAUSE_US 200000
/* Answers wait so long for company. */
#define GATHER_US 2000
#define OUTCOME_FIRST_REFUSAL 100

/* What is to be done about a payout, when due_us has come. */
enum payout_step {
    /* Say sent. If that was accepted now: execute, then ANSWER or UNKNOWN. If somebody had said it
     * before: LOOK. */
    STEP_SEND,
    /* Ask the server how far the payout is, and the book what the bank knows: ANSWER, UNKNOWN,
     * RETURN or DONE. Never executes. */
    STEP_LOOK,
    /* Say unknown, then ANSWER after a while; DONE when the bank kept no book. */
    STEP_UNKNOWN,
    /* Say paid or failed, then RETURN or DONE. */
    STEP_ANSWER,
    /* Say that a part came back, then the next part or DONE. */
    STEP_RETURN,
    STEP_DONE,
};

struct queued_payout {
    int64_t sequence; /* of the withdrawal */
    int64_t ledger_id;
    int64_t payout_id;
    int64_t card_id;      /* of a check of a card, which has no payout; 0: it is one */
    int64_t amount_minor; /* what leaves */
    int64_t due_us;       /* monotonic; nothing is done before */
    int64_t return_after_us;
    int32_t business_date; /* of the request key, YYYYMMDD */
    enum decision decision;
    enum payout_step step;
    int return_part;
    bool is_paid; /* of STEP_ANSWER: what the bank says */
    bool is_lost; /* of STEP_ANSWER: the bank never got it; of STEP_UNKNOWN: it kept no book */
};

struct stand_in {
    struct event_base *base;
    struct stand_in_config config;
    struct client *client;
    struct client_call *stream;
    struct book *book;
    bool is_paused;
    int64_t
        start_sequence; /* the journal's end when this began; what was said before, others said */
    int64_t next_sequence; /* of the stream */
    char journal_identity[STAND_IN_IDENTITY_BYTES];
    struct stand_in_counts counts;

    struct queued_payout *queue; /* ring-free: compacted when its head is done */
    size_t queue_count;
    size_t queue_capacity;

    struct queued_payout *in_flight[BATCH_MAX];
    size_t in_flight_count;
    bool is_asking; /* the batch waits for an answer to a question of ask.c */
    int64_t asked_ledger_id;
    int64_t asked_after_id;
    /* What ask.c goes on with, which knows nothing of the others: the journal's end is known; the
     * server tells of a payout that was sent before. */
    void (*on_start)(struct stand_in *stand_in);
    void (*on_found)(
        struct stand_in *stand_in, struct queued_payout *payout, const Vsl__V1__Payout *is);
    struct batch batch;
    struct buffer request;
    struct arena arena;
    struct event *start_timer;  /* next attempt to ask for the journal's end */
    struct event *gather_timer; /* next batch, when withdrawals came */
    struct event *due_timer;    /* next batch, when a payout falls due */
    struct event *retry_timer;  /* same batch again */
    struct event *stream_timer; /* next attempt at the stream */
};

/* ---- timers.c ---- */

void set_timer(struct event *timer, int64_t us);
void tell_trouble(const struct stand_in *stand_in, const char *message);

/* ---- answer.c ---- */

void answer_enqueue(struct stand_in *stand_in, const Vsl__V1__JournalEntry *entry);
/* The same with a check of a card by four factors. */
void answer_enqueue_check(struct stand_in *stand_in, const Vsl__V1__JournalEntry *entry);
void answer_tell_position(struct stand_in *stand_in);
/* Begins the next batch or question, when none is under way and something is due. */
void answer_go_on(struct stand_in *stand_in);
void answer_send_again(struct stand_in *stand_in);
/* Of on_found: decides how a payout goes on that was sent before, from what the server and the book
 * say. */
void answer_look(
    struct stand_in *stand_in, struct queued_payout *payout, const Vsl__V1__Payout *is);

/* ---- ask.c ---- */

/* Asks for the journal's end, then on_start. */
void ask_start(struct stand_in *stand_in);
/* Asks for the ledger's present date, when keys of older dates are closed. */
void ask_date(struct stand_in *stand_in, int64_t ledger_id);
/* Asks how far the payout is, and those of its ledger behind it that are to be looked up. */
void ask_payouts(struct stand_in *stand_in, const struct queued_payout *first);

#endif
