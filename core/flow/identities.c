/* identities.c: a member with who it is, and members by who they are.
 *
 * Names and numbers stand in the command that has the evidence and not in the record. What is not
 * in memory is looked up, and the read begins again with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/sealing.h"
#include "flow/internal.h"
#include "model/identity.h"

#include <stdlib.h>

/* The command that has the evidence; NULL: it is looked up first. */
static const struct command_record *find_evidence(struct reading *reading, int64_t sequence)
{
    const struct flow *flow = reading->flow;
    const struct lookups *lookups = reading->waiting->lookups;
    if (sequence >= recent_first_sequence(flow->recent)) {
        const struct command_record *record = recent_find_sequence(flow->recent, sequence);
        CHECK(record != NULL);
        return record;
    }
    const struct command_record *record = lookups ? lookups_find_command(lookups, sequence) : NULL;
    if (!record)
        flow_ask_commands(reading->flow, reading->waiting, NULL, &sequence, 1);
    return record;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a;
    int64_t other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

/* Whether it is the last that was said of its member. */
static bool is_last(const struct engine *engine, const struct identity *identity)
{
    return engine_find_identity(engine, identity->member_id) == identity;
}

/* Other open members of the same person. */
static uint32_t find_others(const struct engine *engine, const struct identity *identity,
    int64_t ret_ids[OTHER_MEMBERS_MAX])
{
    uint32_t count = 0;
    for (int64_t id = engine_newest_identity(engine, identity->person_id);
         id != 0 && count < OTHER_MEMBERS_MAX; id = engine_older_identity(engine, id)) {
        const struct identity *other = engine_find_record(engine, RECORD_IDENTITY, id);
        if (other->member_id != identity->member_id && identity_is_open(other))
            ret_ids[count++] = other->member_id;
    }
    qsort(ret_ids, count, sizeof *ret_ids, compare_ids);
    return count;
}

bool flow_reply_member(struct reading *reading, const struct member *member,
    const int64_t *account_ids, uint32_t account_count)
{
    struct flow *flow = reading->flow;
    struct shown_identity shown = {.identity = engine_find_identity(flow->engine, member->id)};
    struct command_elements elements;
    struct command command;
    int64_t others[OTHER_MEMBERS_MAX];
    if (shown.identity) {
        const struct command_record *record =
            find_evidence(reading, shown.identity->checked_sequence);
        if (!record)
            return false;
        /* Memory was verified when it was loaded, what was looked up was read once already. */
        int result = command_body_decode((enum command_kind)record->kind, record->body,
            record->body_length, &elements, &command);
        CHECK(result == 0 && command.kind == COMMAND_IDENTIFY_MEMBER);
        result = command_show(&command, member->ledger_id, flow->sealer, &flow->arena);
        CHECK(result == 0);
        shown.evidence = &command.identify_member;
        shown.level = identity_level_at(shown.identity, flow->now_us);
        shown.other_member_ids = others;
        shown.other_count = find_others(flow->engine, shown.identity, others);
    }
    struct member_allowance allowance = {0};
    allowance.is_set = engine_member_allowance(flow->engine, flow->now_us, member->id,
        &allowance.level, &allowance.rules, &allowance.used);
    reply_member(
        reading->out, member, account_ids, account_count, &shown, &allowance, reading->as_of);
    return true;
}

/* ---- by who they are ---- */

bool flow_is_by_person(const struct read_request *request)
{
    return request->person_id != 0 || request->document_kind != 0;
}

/* The person that the request names, in one way or both; 0: there is none. */
static int64_t find_person(const struct reading *reading)
{
    const struct read_request *request = reading->request;
    struct fingerprint fingerprints[FINGERPRINTS_MAX];
    if (request->document_kind == 0)
        return request->person_id;
    uint32_t count = flow_fingerprints(reading->flow, request->ledger_id, PERSONAL_DOCUMENT_NUMBER,
        request->document_number, false, fingerprints);
    const struct identity *person = engine_find_person(reading->flow->engine, request->ledger_id,
        (enum document_kind)request->document_kind, fingerprints, count);
    bool is_asked = person && (request->person_id == 0 || request->person_id == person->id);
    return is_asked ? person->id : 0;
}

bool flow_list_person(struct reading *reading)
{
    const struct engine *engine = reading->flow->engine;
    const struct read_request *request = reading->request;
    struct buffer *scratch = &reading->flow->scratch;
    uint32_t page_size = (uint32_t)request->page_size;
    int64_t after_id;
    if (!query_page_after(reading->flow->query, reading->call, request, &after_id))
        return false;
    buffer_clear(scratch);
    for (int64_t id = engine_newest_identity(engine, find_person(reading)); id != 0;
         id = engine_older_identity(engine, id)) {
        const struct identity *identity = engine_find_record(engine, RECORD_IDENTITY, id);
        const struct member *member = engine_find_member(engine, identity->member_id);
        if (member->id > after_id && is_last(engine, identity) &&
            flow_is_wanted_member(request, member))
            buffer_append(scratch, &member->id, sizeof member->id);
    }
    size_t count = scratch->length / sizeof(int64_t);
    int64_t *ids = (int64_t *)(void *)scratch->bytes;
    if (count > 0)
        qsort(ids, count, sizeof *ids, compare_ids);
    uint32_t shown = count < page_size ? (uint32_t)count : page_size;
    struct next_page next = flow_next_page(reading, shown < count ? ids[shown - 1] : 0);
    /* In place of the ids, which are as wide: each is read before it is written over. */
    static_assert(sizeof(const void *) == sizeof(int64_t), "a pointer is as wide as an id");
    const void **members = (const void **)(void *)scratch->bytes;
    for (uint32_t i = 0; i < shown; i++)
        members[i] = engine_find_member(engine, ids[i]);
    reply_records(
        reading->out, RECORD_MEMBER, members, shown, reading->ledger, &next, reading->as_of);
    return true;
}
