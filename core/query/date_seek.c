/* date_seek.c: the halving, in memory and over the database.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/date_seek.h"

#include "base/check.h"
#include "query/statements.h"
#include "wire/wire.h"

bool date_seek_is_narrow(const struct query *query, const struct seek_range *range)
{
    return range->high - range->low <= query->steps.seek_narrow;
}

static bool on_first_posting(void *walk, const struct recent_posting *posting)
{
    int64_t *sequence = walk;
    *sequence = posting->sequence;
    return false;
}

/* The halving step: `found` is the account's first posting from `middle` on, of `date`; 0: none
 * before range.high. */
static void narrow(
    struct seek_range *range, int64_t middle, int64_t found, int32_t date, int32_t day)
{
    CHECK(middle >= range->low);
    CHECK(middle < range->high);
    if (found != 0 && date < day)
        range->low = found + 1;
    else
        range->high = middle;
}

int64_t date_seek_in_memory(
    const struct query_recent *recent, int64_t account_id, int32_t day, struct seek_range range)
{
    while (range.low < range.high) {
        int64_t middle = range.low + (range.high - range.low) / 2;
        int64_t found = 0;
        recent->walk_account(recent->context, account_id, middle, false, on_first_posting, &found);
        int32_t date = 0;
        if (found >= range.high)
            found = 0;
        if (found != 0) {
            const struct command_record *record = recent->find_sequence(recent->context, found);
            CHECK(record != NULL);
            date = record->accounting_date;
        }
        narrow(&range, middle, found, date, day);
    }
    return range.low;
}

static void on_date(void *context, enum pool_end end, const struct pg_result *result)
{
    struct date_seek *seek = context;
    if (end != POOL_DONE) {
        seek->on_found(seek, end);
        return;
    }
    int64_t found = 0;
    int32_t date = 0;
    if (pg_rows(result) > 0) {
        found = pg_int64(result, 0, 0);
        date = pg_is_null(result, 0, 1) ? 0 : pg_date(result, 0, 1);
        CHECK(found >= seek->middle);
        CHECK(found < seek->range.high);
    }
    narrow(&seek->range, seek->middle, found, date, seek->day);
    if (date_seek_is_narrow(seek->query, &seek->range))
        seek->on_found(seek, POOL_DONE);
    else
        date_seek_start(seek);
}

void date_seek_start(struct date_seek *seek)
{
    CHECK(seek->range.low >= 1);
    CHECK(!date_seek_is_narrow(seek->query, &seek->range));
    seek->middle = seek->range.low + (seek->range.high - seek->range.low) / 2;
    struct pool_job *job = pool_job_create(&statement_account_date);
    pg_add_int64(&job->parameters, seek->account_id);
    pg_add_int64(&job->parameters, seek->middle);
    pg_add_int64(&job->parameters, seek->range.high);
    call_submit(seek->query, seek->call, job, seek->range.high, on_date, seek);
}
