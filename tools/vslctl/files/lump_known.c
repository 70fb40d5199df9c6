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

#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/lump.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the server says of the lump ---- */

static const Vsl__V1__Lump *get_lump(
    struct context *context, const struct lines_run *run, int64_t lump_id)
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

int lump_take_up(struct context *context, struct lines_run *run, int *ret_status)
{
    const Vsl__V1__Lump *lump = get_lump(context, run, run->given_id);
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
    run->whole_id = lump->lump_id;
    run->is_all_or_none = lump->all_or_nothing != 0;
    run->is_closed = lump->status == VSL__V1__LUMP_STATUS__LUMP_STATUS_CLOSED;
    run->is_gone_on = true;
    return 0;
}

int lump_ask_status(struct context *context, const struct lines_run *run)
{
    const Vsl__V1__Lump *lump = get_lump(context, run, run->whole_id);
    return lump ? (int)lump->status : 0;
}

/* ---- whether a record is a line ---- */

/* The account that the line names, also by its receiving number; 0: none of the ledger's. */
static int64_t account_of(const struct context *context, const struct lines_row *line)
{
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    const char *prefix = context->ledger.receiving_prefix;
    const char *written = line->fields[LUMP_RECEIVING_NUMBER];
    int64_t account_id;
    if (line->named_id != 0)
        return line->named_id;
    uint32_t length =
        fold_number((struct text){written, (uint32_t)strlen(written)}, digits, sizeof digits);
    bool is_ours = receiving_number_try_parse((struct text){digits, length},
        (struct text){prefix, (uint32_t)strlen(prefix)}, &account_id);
    return is_ours ? account_id : 0;
}

/* Whether an accepted line pays what the file says. */
static bool pays_same(
    const struct context *context, const struct lines_row *line, const Vsl__V1__JournalEntry *entry)
{
    return entry->allocate_line->amount_minor == line->amount_minor &&
           strcmp(entry->allocate_line->fee_rule, line->fields[LUMP_FEE_RULE]) == 0 &&
           entry->subject_id == account_of(context, line);
}

/* ---- what is recorded ---- */

struct known {
    struct context *context;
    struct lines_run *run;
    int64_t *taken_back; /* sequences of lines */
    size_t taken_back_count, taken_back_capacity;
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

static void take_line(struct known *known, const Vsl__V1__JournalEntry *entry)
{
    struct lines_run *run = known->run;
    const Vsl__V1__AllocateLineRequest *booked = entry->allocate_line;
    struct lines_row *line = lump_find_row(run, booked->source_order);
    if (!line || booked->lump_id != run->whole_id)
        return;
    if (run->given_id == 0) {
        if (lines_find_key(run, entry) == line && booked->amount_minor == line->amount_minor)
            lines_mark(run, line, entry);
        return;
    }
    lines_mark(run, line, entry);
    if (!pays_same(known->context, line, entry))
        line->outcome = VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED;
}

static void take_entry(void *context, const Vsl__V1__JournalEntry *entry)
{
    struct known *known = context;
    if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_ALLOCATE_LINE)
        take_line(known, entry);
    else if (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_UNDO_ALLOCATION &&
             entry->undo_allocation->lump_id == known->run->whole_id)
        note_taken_back(known, entry->undo_allocation->original_sequence);
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
        struct lines_row *line = &known->run->lines[i];
        if (line->is_answered &&
            bsearch(&line->sequence, known->taken_back, known->taken_back_count,
                sizeof *known->taken_back, compare_sequences)) {
            line->is_answered = false;
            known->run->marked--;
        }
    }
}

/* What is sent again is answered by its key, or by its source order. */
int lump_mark_known(struct context *context, struct lines_run *run)
{
    const Vsl__V1__Lump *lump = get_lump(context, run, run->whole_id);
    if (!lump || lump->changed_sequence == lump->opened_sequence)
        return 0;
    struct known known = {.context = context, .run = run};
    struct lines_stream stream = {.from_sequence = lump->opened_sequence + 1,
        .last_sequence = lump->changed_sequence,
        .kinds = {VSL__V1__COMMAND_KIND__COMMAND_KIND_ALLOCATE_LINE,
            VSL__V1__COMMAND_KIND__COMMAND_KIND_UNDO_ALLOCATION},
        /* A line that is refused is answered so by its key for ever; by another key it is tried. */
        .kind_count = run->given_id != 0 ? 2 : 1,
        .is_accepted_only = run->given_id != 0,
        .take = take_entry,
        .context = &known};
    if (lines_read_stream(context, run, &stream) == 0)
        forget_taken_back(&known);
    free(known.taken_back);
    return 0;
}

/* ---- one command ---- */

void lump_mark_same(struct context *context, const struct lines_run *run, struct lines_row *line)
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
        entry->allocate_line->lump_id == run->whole_id && pays_same(context, line, entry))
        line->outcome = (int)entry->outcome;
}
