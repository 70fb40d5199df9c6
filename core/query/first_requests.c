/* first_requests.c: which first requests of two a second person can still answer.
 *
 * The rule is the engine's (engine/rules/second_person.c): on the accounting date of the request,
 * and as long as what it is about has not changed since. Memory knows both, but for a payout that
 * is final and has left it: its row is asked for, and the step begins again with that.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/reader.h"
#include "command/body.h"
#include "model/record_table.h"
#include "query/command_search.h"

int first_request_awaits(
    struct search_call *search, const struct command_record *record, bool *ret_awaits)
{
    const struct query_recent *recent = &search->query->recent;
    struct command_elements elements;
    struct command command;
    *ret_awaits = false;
    if (command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &command) < 0)
        return -1;
    switch (recent->first_request(recent->context, record, &command)) {
    case FIRST_REQUEST_AWAITS:
        *ret_awaits = true;
        break;
    case FIRST_REQUEST_OVER:
        break;
    case FIRST_REQUEST_PAYOUT:
        if (search->told_sequence == record->sequence) {
            *ret_awaits = search->told_changed <= record->sequence;
        } else {
            search->asked_sequence = record->sequence;
            search->asked_payout_id = command.confirm_payout.payout_id;
        }
        break;
    }
    return 0;
}

/* The number of the command that changed the payout last, out of its row; -1: it is damaged. */
static int64_t changed_sequence(const uint8_t *row, size_t length)
{
    const struct record_table *table = &record_tables[RECORD_PAYOUT];
    struct reader in = reader_of(row, length);
    if (reader_u16(&in) != table->column_count + 1)
        return -1;
    /* `sequence` comes first: the last change. */
    if (reader_u32(&in) != sizeof(int64_t))
        return -1;
    int64_t sequence = (int64_t)reader_u64(&in);
    return in.failed || sequence <= 0 ? -1 : sequence;
}

static void on_payout(void *context, int result, int64_t redo_sequence, const uint8_t *rows,
    size_t length, uint32_t count)
{
    struct search_call *search = context;
    if (result < 0 || redo_sequence < search->asked_written_before) {
        search_fail(search, POOL_UNAVAILABLE);
        return;
    }
    search->told_changed = count == 1 ? changed_sequence(rows, length) : -1;
    if (search->told_changed < 0) {
        search_fail_damaged(search);
        return;
    }
    search->told_sequence = search->asked_sequence;
    search->asked_sequence = 0;
    search_go(search);
}

void first_request_ask(struct search_call *search)
{
    const struct query_recent *recent = &search->query->recent;
    search->asked_written_before = recent->written_before(recent->context);
    struct query_records asked = {
        .kind = RECORD_PAYOUT,
        .first_key = search->asked_payout_id,
        .last_key = search->asked_payout_id,
        .rows_max = 1,
        .written_before = search->asked_written_before,
    };
    query_find_records(search->query, &asked, on_payout, search);
}
