/* lump_known.c: what a lump that is gone on with has already.
 *
 * A line that was sent before is answered by the server from where it is recorded, and what is
 * indexed is looked up one by one: some hundreds a second. So what the lump has is read from the
 * event stream, between the commands that opened it and that changed it last, and only the rest is
 * sent. A line counts as known when the record says of it what the file says: the key where the
 * keys are those of the file (then also refused ones), else source order, payee and amount of a
 * line that stands. Whatever is not known so is sent, and the server decides.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lump_parts.h"

#include "base/check.h"
#include "base/fold.h"
#include "ceilings.h"
#include "model/receiving_number.h"
#include "text/format.h"

#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/lump.pb-c.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_ARENA_BLOCK_BYTES ((size_t)64 << 10)
#define STREAM_ARENA_BYTES_MAX ((size_t)64 << 20)

/* ---- what the server says of the lump ---- */

static const Vsl__V1__Lump *get_lump(
    struct context *context, const struct lump_run *run, int64_t lump_id)
{
    Vsl__V1__GetLumpRequest request;
    vsl__v1__get_lump_request__init(&request);
    request.ledger_id = run->ledger_id;
    request.lump_id = lump_id;
    rpc_reset(&context->rpc);
    const Vsl__V1__GetLumpResponse *answer = (const Vsl__V1__GetLumpResponse *)context_call(
        context, &vsl__v1__lump_service__descriptor, "GetLump", &request.base);
    return answer ? answer->lump : NULL;
}

int lump_take_up(struct context *context, struct lump_run *run, int *ret_status)
{
    const Vsl__V1__Lump *lump = get_lump(context, run, run->given_lump_id);
    *ret_status = EXIT_USAGE;
    if (!lump) {
        *ret_status = context_fault_status(context);
        return -1;
    }
    if (run->suspense_id != 0 && run->suspense_id != lump->suspense_id) {
        fprintf(stderr,
            "vslctl: lump %" PRId64 " is of item %" PRId64
            ", not of that of --suspense; nothing was sent\n",
            lump->lump_id, lump->suspense_id);
        return -1;
    }
    if (lump->control_count != (int64_t)run->count ||
        lump->control_total_minor != run->total_minor) {
        fprintf(stderr,
            "vslctl: %s: has %zu lines of %" PRId64 " minor units in all, and lump %" PRId64
            " was opened for %" PRId64 " of %" PRId64 "; give the whole file; nothing was sent\n",
            run->file_name, run->count, run->total_minor, lump->lump_id, lump->control_count,
            lump->control_total_minor);
        return -1;
    }
    if (lump->status == VSL__V1__LUMP_STATUS__LUMP_STATUS_CANCELLED) {
        fprintf(stderr, "vslctl: lump %" PRId64 " was given up; nothing was sent\n", lump->lump_id);
        *ret_status = EXIT_REFUSED;
        return -1;
    }
    run->suspense_id = lump->suspense_id;
    run->lump_id = lump->lump_id;
    run->is_all_or_none = lump->all_or_nothing != 0;
    run->is_closed = lump->status == VSL__V1__LUMP_STATUS__LUMP_STATUS_CLOSED;
    run->is_gone_on = true;
    return 0;
}

void lump_ask_state(struct context *context, struct lump_run *run)
{
    const Vsl__V1__Lump *lump = get_lump(context, run, run->lump_id);
    run->status = lump ? (int)lump->status : VSL__V1__LUMP_STATUS__LUMP_STATUS_UNSPECIFIED;
    run->is_closed =
        lump ? lump->status == VSL__V1__LUMP_STATUS__LUMP_STATUS_CLOSED : run->is_closed;
}

/* ---- whether a record is a line ---- */

/* The account that the line names, also by its receiving number; 0: none of the ledger's. */
static int64_t account_of(const struct context *context, const struct lump_line *line)
{
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    const char *prefix = context->ledger.receiving_prefix;
    const char *written = line->fields[LUMP_RECEIVING_NUMBER];
    int64_t account_id;
    if (line->account_id != 0)
        return line->account_id;
    uint32_t length =
        fold_number((struct text){written, (uint32_t)strlen(written)}, digits, sizeof digits);
    bool is_ours = receiving_number_try_parse((struct text){digits, length},
        (struct text){prefix, (uint32_t)strlen(prefix)}, &account_id);
    return is_ours ? account_id : 0;
}

static bool has_same_key(
    const struct lump_run *run, const struct lump_line *line, const Vsl__V1__JournalEntry *entry)
{
    char serial[SERIAL_TEXT_BYTES];
    lump_make_line_serial(run, line, serial);
    return entry->key && strcmp(entry->key->channel, run->channel) == 0 &&
           entry->key->business_date == run->business_date &&
           strcmp(entry->key->serial, serial) == 0;
}

/* Whether an accepted line pays what the file says. */
static bool pays_same(
    const struct context *context, const struct lump_line *line, const Vsl__V1__JournalEntry *entry)
{
    return entry->allocate_line->amount_minor == line->amount_minor &&
           entry->subject_id == account_of(context, line);
}

/* ---- the stream ---- */

struct known {
    struct context *context;
    struct lump_run *run;
    struct rpc rpc;        /* of the stream alone */
    struct arena arena;    /* of one event */
    int64_t last_sequence; /* behind it nothing changed the lump */
    int64_t from_sequence;
    int64_t *taken_back; /* sequences of lines */
    size_t taken_back_count, taken_back_capacity;
    size_t marked;
    bool has_ended;
    bool has_failed;
};

static void note_taken_back(struct known *known, int64_t sequence)
{
    if (known->taken_back_count == known->taken_back_capacity) {
        known->taken_back_capacity =
            known->taken_back_capacity ? known->taken_back_capacity * 2 : 64;
        known->taken_back =
            realloc(known->taken_back, known->taken_back_capacity * sizeof *known->taken_back);
        CHECK(known->taken_back != NULL);
    }
    known->taken_back[known->taken_back_count++] = sequence;
}

static void mark(struct known *known, struct lump_line *line, const Vsl__V1__JournalEntry *entry)
{
    known->marked += !line->is_answered;
    line->is_answered = true;
    line->is_replayed = true;
    line->outcome = (int)entry->outcome;
    line->sequence = entry->sequence;
}

static void take_line(struct known *known, const Vsl__V1__JournalEntry *entry)
{
    struct lump_run *run = known->run;
    const Vsl__V1__AllocateLineRequest *booked = entry->allocate_line;
    struct lump_line *line = lump_find_line(run, booked->source_order);
    if (!line || booked->lump_id != run->lump_id)
        return;
    if (run->given_lump_id == 0) {
        if (has_same_key(run, line, entry) && booked->amount_minor == line->amount_minor)
            mark(known, line, entry);
        return;
    }
    mark(known, line, entry);
    if (!pays_same(known->context, line, entry))
        line->outcome = VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED;
}

static void take_entry(struct known *known, const Vsl__V1__JournalEntry *entry)
{
    if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_ALLOCATE_LINE)
        take_line(known, entry);
    else if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_UNDO_ALLOCATION &&
             entry->undo_allocation->lump_id == known->run->lump_id)
        note_taken_back(known, entry->undo_allocation->original_sequence);
}

static void on_message(void *context, const uint8_t *bytes, size_t length)
{
    struct known *known = context;
    int64_t reached = 0;
    if (known->has_ended)
        return;
    arena_reset(&known->arena);
    const Vsl__V1__StreamEventsResponse *event = (const Vsl__V1__StreamEventsResponse *)rpc_unpack(
        &vsl__v1__stream_events_response__descriptor, bytes, length, &known->arena);
    if (!event) {
        known->has_ended = known->has_failed = true;
        return;
    }
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        reached = event->entry->sequence;
        take_entry(known, event->entry);
    } else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE) {
        reached = event->reached_sequence;
    }
    known->from_sequence = reached > 0 ? reached + 1 : known->from_sequence;
    if (progress_is_due(&known->run->progress))
        progress_show(&known->run->progress, "lump %" PRId64 ": %zu of %zu lines are known",
            known->run->lump_id, known->marked, known->run->count);
    known->has_ended = reached >= known->last_sequence;
}

static void on_end(void *context, const struct client_end *end)
{
    struct known *known = context;
    (void)end;
    known->has_failed |= !known->has_ended;
    known->has_ended = true;
}

static void on_silence(evutil_socket_t socket, short what, void *context)
{
    struct known *known = context;
    (void)socket;
    (void)what;
    known->has_ended = known->has_failed = true;
}

static void run_stream(struct known *known)
{
    static const struct client_handlers handlers = {.on_message = on_message, .on_end = on_end};
    const struct timeval silence = {.tv_sec = STREAM_SILENCE_SECONDS};
    char path[RPC_PATH_BYTES_MAX];
    Vsl__V1__CommandKind kinds[] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_ALLOCATE_LINE,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_UNDO_ALLOCATION};
    Vsl__V1__StreamEventsRequest request;
    vsl__v1__stream_events_request__init(&request);
    request.from_sequence = known->from_sequence;
    request.ledger_id = known->run->ledger_id;
    request.kinds = kinds;
    request.n_kinds = sizeof kinds / sizeof *kinds;
    /* A line that is refused is answered so by its key for ever; by another key it is tried. */
    request.accepted_only = known->run->given_lump_id != 0;
    if (request.accepted_only == 0)
        request.n_kinds = 1;
    rpc_path(&vsl__v1__event_service__descriptor, "StreamEvents", path);
    rpc_pack(&request.base, &known->rpc.request);
    client_call_start(known->rpc.client, path, known->rpc.request.bytes, known->rpc.request.length,
        0, &handlers, known);
    struct event *timer = evtimer_new(known->rpc.base, on_silence, known);
    CHECK(timer != NULL);
    while (!known->has_ended) {
        evtimer_add(timer, &silence);
        event_base_loop(known->rpc.base, EVLOOP_ONCE);
    }
    event_free(timer);
}

static int compare_sequences(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* A line that was taken back and not booked again since is to be sent. */
static void forget_taken_back(struct known *known)
{
    if (known->taken_back_count == 0)
        return;
    qsort(known->taken_back, known->taken_back_count, sizeof *known->taken_back, compare_sequences);
    for (size_t i = 0; i < known->run->count; i++) {
        struct lump_line *line = &known->run->lines[i];
        if (line->is_answered &&
            bsearch(&line->sequence, known->taken_back, known->taken_back_count,
                sizeof *known->taken_back, compare_sequences)) {
            line->is_answered = false;
            known->marked--;
        }
    }
}

/* A stream that breaks leaves lines that were taken back after it as known, so nothing is. */
static void forget_all(struct known *known)
{
    for (size_t i = 0; i < known->run->count; i++)
        known->run->lines[i].is_answered = false;
    fprintf(stderr, "vslctl: what the lump has could not be read; every line is sent again\n");
}

void lump_mark_known(struct context *context, struct lump_run *run)
{
    char error[256];
    if (!run->is_gone_on)
        return;
    const Vsl__V1__Lump *lump = get_lump(context, run, run->lump_id);
    if (!lump || lump->changed_sequence == lump->opened_sequence)
        return;
    struct known known = {.context = context,
        .run = run,
        .from_sequence = lump->opened_sequence + 1,
        .last_sequence = lump->changed_sequence};
    if (rpc_open(&known.rpc, &context->options->client, context->rpc.timeout_us, error,
            sizeof error) != 0)
        return;
    arena_init(&known.arena, STREAM_ARENA_BLOCK_BYTES, STREAM_ARENA_BYTES_MAX);
    run_stream(&known);
    progress_clear(&run->progress);
    if (known.has_failed)
        forget_all(&known);
    else
        forget_taken_back(&known);
    free(known.taken_back);
    arena_finish(&known.arena);
    rpc_close(&known.rpc);
}

/* ---- one command ---- */

void lump_mark_same(struct context *context, const struct lump_run *run, struct lump_line *line)
{
    Vsl__V1__GetCommandRequest request;
    vsl__v1__get_command_request__init(&request);
    request.sequence = line->sequence;
    rpc_reset(&context->rpc);
    const Vsl__V1__GetCommandResponse *answer = (const Vsl__V1__GetCommandResponse *)context_call(
        context, &vsl__v1__journal_service__descriptor, "GetCommand", &request.base);
    const Vsl__V1__JournalEntry *entry = answer ? answer->entry : NULL;
    line->is_answered = line->is_replayed = true;
    if (entry && entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_ALLOCATE_LINE &&
        entry->allocate_line->lump_id == run->lump_id && pays_same(context, line, entry))
        line->outcome = (int)entry->outcome;
}
