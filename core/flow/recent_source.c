/* recent_source.c: the recent rows, for the reads of history.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/command.h"
#include "flow/internal.h"

static int64_t source_first(void *context)
{
    const struct flow *flow = context;
    return recent_first_sequence(flow->recent);
}

static int64_t source_durable(void *context)
{
    const struct flow *flow = context;
    return journal_durable_sequence(flow->journal);
}

static const struct command_record *source_find_sequence(void *context, int64_t sequence)
{
    const struct flow *flow = context;
    return recent_find_sequence(flow->recent, sequence);
}

static const struct command_record *source_find_key(void *context, const struct request_key *key)
{
    const struct flow *flow = context;
    return recent_find_key(flow->recent, key);
}

static uint32_t source_postings(
    void *context, int64_t sequence, const struct posting **ret_postings)
{
    const struct flow *flow = context;
    return recent_postings(flow->recent, sequence, ret_postings);
}

/* What recent_walk_account hands on to the walk of query. */
struct walk {
    bool (*on_posting)(void *walk, const struct recent_posting *posting);
    void *context;
};

static bool walk_on(void *context, int64_t sequence, int16_t line, const struct posting *posting)
{
    struct walk *walk = context;
    struct recent_posting at = {.sequence = sequence, .line = line, .posting = posting};
    return walk->on_posting(walk->context, &at);
}

static void source_walk_account(void *context, int64_t account_id, int64_t sequence,
    bool newest_first, bool (*on_posting)(void *walk, const struct recent_posting *posting),
    void *walk_context)
{
    const struct flow *flow = context;
    struct walk walk = {.on_posting = on_posting, .context = walk_context};
    recent_walk_account(flow->recent, account_id, sequence, newest_first, walk_on, &walk);
}

static void source_walk_changes(void *context, int64_t account_id, int64_t sequence,
    bool (*on_command)(void *walk, const struct command_record *record), void *walk)
{
    const struct flow *flow = context;
    recent_walk_changes(flow->recent, account_id, sequence, on_command, walk);
}

static void source_walk_order(void *context, int64_t ledger_id, struct text order_number,
    int64_t after_sequence, bool (*on_command)(void *walk, const struct command_record *record),
    void *walk)
{
    const struct flow *flow = context;
    recent_walk_order(flow->recent, ledger_id, order_number, after_sequence, on_command, walk);
}

static bool source_has_ledger(void *context, int64_t ledger_id)
{
    const struct flow *flow = context;
    return engine_find_ledger(flow->engine, ledger_id) != NULL;
}

static bool source_find_account(void *context, int64_t account_id, int64_t *ret_ledger_id)
{
    const struct flow *flow = context;
    const struct account *account = engine_find_account(flow->engine, account_id);
    if (!account)
        return false;
    *ret_ledger_id = account->ledger_id;
    return true;
}

uint64_t flow_hash_of_booking(const struct flow *flow, uint8_t booking_kind, int64_t booking_id)
{
    char kind = (char)('0' + booking_kind);
    return mark_hash(flow->filter_secret, MARK_MATCHED, booking_id, (struct text){&kind, 1});
}

void flow_note_image(struct flow *flow, int64_t sequence, const struct image *image)
{
    const struct promise *promise = &image->promise;
    uint64_t hash;
    if (image->kind == RECORD_REFUNDED)
        hash = mark_hash(flow->filter_secret, MARK_GIVEN_BACK, image->refunded.original_sequence,
            (struct text){0});
    else if (image->kind == RECORD_PROMISE && promise->booked_sequence == sequence)
        hash = mark_hash(flow->filter_secret, MARK_PROMISED, promise->acquirer_id,
            (struct text){promise->reference, promise->reference_length});
    else if (image->kind == RECORD_MATCHED_BOOKING)
        hash = flow_hash_of_booking(
            flow, image->matched_booking.booking_kind, image->matched_booking.booking_id);
    else
        return;
    recent_note_mark(flow->recent, sequence, hash);
}

void flow_remember_command(struct flow *flow, const struct command_record *record)
{
    recent_append_command(flow->recent, record);
    bool is_account = record->subject_id >= 1 && record->subject_id <= ACCOUNTS_MAX;
    if (command_changes_account(record->kind) && is_account)
        recent_note_change(flow->recent, record->subject_id);
}

/* Callers stay in memory, suspended ones too, and keep their names. */
static struct text source_caller_name(void *context, int64_t caller_id)
{
    const struct flow *flow = context;
    const struct caller *caller = engine_find_record(flow->engine, RECORD_CALLER, caller_id);
    return caller ? (struct text){caller->name, caller->name_length} : (struct text){NULL, 0};
}

static bool source_find_member(void *context, int64_t member_id, struct member_name *ret_name)
{
    const struct flow *flow = context;
    const struct member *member = engine_find_member(flow->engine, member_id);
    if (!member)
        return false;
    ret_name->member_id = member->id;
    ret_name->platform_member_id =
        (struct text){member->platform_member_id, member->platform_member_id_length};
    return true;
}

static bool source_find_owner(void *context, int64_t account_id, struct member_name *ret_name)
{
    const struct flow *flow = context;
    const struct account *account = engine_find_account(flow->engine, account_id);
    return account && account->member_id != 0 &&
           source_find_member(context, account->member_id, ret_name);
}

static const char *source_prove_batch(void *context, const struct batch_row *row)
{
    const struct flow *flow = context;
    return store_prove_batch(flow->store, row);
}

struct query_recent flow_recent_source(struct flow *flow)
{
    return (struct query_recent){
        .context = flow,
        .first_sequence = source_first,
        .durable_sequence = source_durable,
        .find_sequence = source_find_sequence,
        .find_key = source_find_key,
        .postings = source_postings,
        .walk_account = source_walk_account,
        .walk_changes = source_walk_changes,
        .walk_order = source_walk_order,
        .has_ledger = source_has_ledger,
        .find_account = source_find_account,
        .caller_names = {.context = flow, .find = source_caller_name},
        .member_names =
            {
                .context = flow,
                .find_owner = source_find_owner,
                .find = source_find_member,
            },
        .prove_batch = source_prove_batch,
        .scope = flow_scope,
    };
}
