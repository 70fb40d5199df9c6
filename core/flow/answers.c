/* answers.c: answers wait for the batch that holds what they tell, or for a check.
 *
 * No answer is older than its request. One that leaves with a batch which was submitted after it
 * was made needs no more: the batch's commit proves that no other server had raised the epoch. Any
 * other one, a read, a dry run, a replay, waits for a check that began after it was made: one for
 * all that came meanwhile, since only one is under way at a time. Reads of history wait before
 * they are read rather than after, so that nothing of them is kept meanwhile.
 *
 * Answers are failed when the proof does not come. Those of recorded commands are not: whether
 * these have happened is known only when the database is back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/fault.h"
#include "flow/internal.h"

#include <stdio.h>
#include <string.h>

/* An idle server asks so often. */
#define CHECK_INTERVAL_US 1000000
/* Memory of a list beyond this is given back: it was many long reads, not many commands. */
#define KEPT_BYTES_MAX ((size_t)8 * 1024 * 1024)

struct buffer *flow_answer_buffer(struct flow *flow)
{
    return &flow->answers[0].bytes;
}

size_t flow_answer_bytes(const struct flow *flow)
{
    return flow->answers[0].bytes.length + flow->answers[1].bytes.length +
           flow->check.answers.bytes.length;
}

/* ---- in ---- */

static void add(struct answer_list *list, const struct answer_entry *entry)
{
    if (entry->kind != ANSWER_RECORDED && list->unrecorded++ == 0)
        list->since_us = clock_monotonic_us();
    buffer_append(&list->entries, entry, sizeof *entry);
}

void flow_answer(struct flow *flow, struct wire_call *call, size_t offset, bool is_recorded)
{
    struct answer_list *list = &flow->answers[0];
    CHECK(offset <= list->bytes.length);
    CHECK(!is_recorded || journal_open_count(flow->journal) > 0);
    if (!is_recorded && flow->database.away_us != 0) {
        list->bytes.length = offset;
        flow_refuse_away(call);
        return;
    }
    struct answer_entry entry = {.call = call,
        .offset = offset,
        .length = list->bytes.length - offset,
        .kind = is_recorded ? ANSWER_RECORDED : ANSWER_UNRECORDED};
    add(list, &entry);
}

void flow_answer_refusal(struct flow *flow, struct wire_call *call, const struct refusal *refusal)
{
    struct answer_list *list = &flow->answers[0];
    if (flow->database.away_us != 0) {
        flow_refuse_away(call);
        return;
    }
    struct answer_entry entry = {.call = call,
        .offset = list->bytes.length,
        .length = sizeof *refusal,
        .kind = ANSWER_REFUSAL};
    buffer_append(&list->bytes, refusal, sizeof *refusal);
    add(list, &entry);
}

void flow_answer_query(
    struct flow *flow, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct answer_list *list = &flow->answers[0];
    if (flow->database.away_us != 0) {
        flow_refuse_away(call);
        return;
    }
    if (list->unrecorded >= CALLS_WAITING_MAX) {
        struct wire_details details = {.reason = REASON_OVERLOADED, .retry_after_us = 1000000};
        wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
            WORDING("too many requests wait; send the same request again later",
                "排队的请求过多；请稍后重发同一请求"),
            &details);
        return;
    }
    struct answer_entry entry = {
        .call = call, .length = length, .request = request, .kind = ANSWER_QUERY};
    add(list, &entry);
    flow->config.wake(flow->config.context);
}

void flow_exchange_answers(struct flow *flow)
{
    struct answer_list open = flow->answers[0];
    CHECK(flow->answers[1].entries.length == 0);
    flow->answers[0] = flow->answers[1];
    flow->answers[1] = open;
}

void flow_check_answers(struct flow *flow)
{
    struct check *check = &flow->check;
    if (check->asked_us != 0)
        return;
    /* With commands in the open batch its answers leave with it. */
    bool is_wanted = journal_open_count(flow->journal) == 0 && flow->answers[0].entries.length > 0;
    if (is_wanted) {
        struct answer_list answers = flow->answers[0];
        flow->answers[0] = check->answers;
        check->answers = answers;
        check->durable_wanted = journal_next_sequence(flow->journal) - 1;
    } else if (flow->now_monotonic_us - flow->database.proved_us < CHECK_INTERVAL_US &&
               !flow_clock_is_due(flow)) {
        return;
    }
    check->asked_us = flow->now_monotonic_us;
    check->is_done = false;
    store_check(flow->store);
}

/* ---- out ---- */

static void send_refusal(struct wire_call *call, const struct refusal *refusal)
{
    struct wire_violation violation = {.field = refusal->field, .description = refusal->message};
    struct wire_details details = {.reason = refusal->reason,
        .violations = &violation,
        .violation_count = refusal->field[0] != '\0' ? 1 : 0};
    /* Many see the message only. The text of an outcome names the field itself. */
    bool names_field = strcmp(refusal->reason, REASON_NOT_FOUND) == 0;
    const char *field = names_field ? refusal->field : "";
    const char *colon = names_field ? ": " : "";
    char english[320], chinese[320];
    snprintf(english, sizeof english, "%s%s%s", field, colon, refusal->message.english);
    snprintf(chinese, sizeof chinese, "%s%s%s", field, colon, refusal->message.chinese);
    wire_fail(call, refusal->status, WORDING(english, chinese), &details);
}

static void send_to_query(struct flow *flow, const struct answer_entry *entry)
{
    enum read_kind kind = (enum read_kind)methods[wire_call_tag(entry->call)].kind;
    struct read_request request;
    struct decode_error error;
    struct asker asker;
    if (!flow_find_asker(flow, entry->call, &asker) ||
        !flow_has_role(flow, entry->call, &asker, read_roles((int)kind)))
        return;
    arena_reset(&flow->arena);
    if (read_request_decode(kind, entry->request, entry->length, &flow->arena, &request, &error) <
        0) {
        flow_refuse_malformed(entry->call, &error);
        return;
    }
    if ((request.party_account_number.length > 0 || request.party_name.length > 0) &&
        !flow_has_role(flow, entry->call, &asker, ROLES_REVEALING))
        return;
    flow_keep_to_scope(&asker, &request);
    query_call(flow->query, entry->call, &request);
}

static void send(
    struct flow *flow, const struct answer_list *list, const struct answer_entry *entry)
{
    const uint8_t *bytes = list->bytes.bytes + entry->offset;
    struct refusal refusal;
    switch (entry->kind) {
    case ANSWER_RECORDED:
    case ANSWER_UNRECORDED:
        wire_reply(entry->call, bytes, entry->length);
        return;
    case ANSWER_REFUSAL:
        memcpy(&refusal, bytes, sizeof refusal);
        send_refusal(entry->call, &refusal);
        return;
    case ANSWER_QUERY:
        send_to_query(flow, entry);
        return;
    }
}

static struct answer_entry entry_at(const struct answer_list *list, size_t index)
{
    struct answer_entry entry;
    memcpy(&entry, list->entries.bytes + index * sizeof entry, sizeof entry);
    return entry;
}

static size_t count_of(const struct answer_list *list)
{
    return list->entries.length / sizeof(struct answer_entry);
}

static void clear(struct answer_list *list)
{
    buffer_clear(&list->entries);
    buffer_clear(&list->bytes);
    if (list->bytes.capacity > KEPT_BYTES_MAX)
        buffer_finish(&list->bytes);
    list->unrecorded = 0;
}

static void release(struct flow *flow, struct answer_list *list)
{
    size_t count = count_of(list);
    for (size_t i = 0; i < count; i++) {
        struct answer_entry entry = entry_at(list, i);
        send(flow, list, &entry);
    }
    clear(list);
}

void flow_release_answers(struct flow *flow)
{
    struct check *check = &flow->check;
    if (flow->answers[1].entries.length > 0 && !journal_is_in_flight(flow->journal)) {
        FAULT_POINT("flow.before_answers");
        release(flow, &flow->answers[1]);
    }
    if (check->is_done && journal_durable_sequence(flow->journal) >= check->durable_wanted) {
        release(flow, &check->answers);
        check->asked_us = 0;
        check->is_done = false;
    }
}

/* ---- without the database ---- */

/* Fails what is on no record; the rest goes on waiting. */
static void drop_unrecorded(struct answer_list *list)
{
    size_t count = count_of(list);
    buffer_clear(&list->entries);
    for (size_t i = 0; i < count; i++) {
        /* What is kept moves to the front, over what was read before. */
        struct answer_entry entry = entry_at(list, i);
        if (entry.kind == ANSWER_RECORDED)
            buffer_append(&list->entries, &entry, sizeof entry);
        else
            flow_refuse_away(entry.call);
    }
    list->unrecorded = 0;
    if (list->entries.length == 0)
        clear(list);
}

static struct answer_list *list_of(struct flow *flow, int index)
{
    return index < 2 ? &flow->answers[index] : &flow->check.answers;
}

void flow_drop_late_answers(struct flow *flow, bool is_all)
{
    for (int i = 0; i < 3; i++) {
        struct answer_list *list = list_of(flow, i);
        bool is_late = flow->now_monotonic_us - list->since_us > flow->config.database_timeout_us;
        if (list->unrecorded > 0 && (is_all || is_late))
            drop_unrecorded(list);
    }
}

void flow_drop_answers(struct flow *flow, struct wording message)
{
    for (int i = 0; i < 3; i++) {
        struct answer_list *list = list_of(flow, i);
        for (size_t k = 0; k < count_of(list); k++)
            wire_fail(entry_at(list, k).call, WIRE_UNAVAILABLE, message, &wire_perhaps_decided);
        clear(list);
    }
}

void flow_finish_answers(struct flow *flow)
{
    for (int i = 0; i < 3; i++) {
        buffer_finish(&list_of(flow, i)->bytes);
        buffer_finish(&list_of(flow, i)->entries);
    }
}

void flow_refuse_malformed(struct wire_call *call, const struct decode_error *error)
{
    struct wire_violation violations[DECODE_VIOLATIONS_MAX];
    CHECK(error->count > 0 && error->count <= DECODE_VIOLATIONS_MAX);
    violations[0] =
        (struct wire_violation){error->field, {error->description, error->description_zh}};
    for (uint32_t i = 1; i < error->count; i++) {
        const struct decode_violation *one = &error->more[i - 1];
        violations[i] =
            (struct wire_violation){one->field, {one->description, one->description_zh}};
    }
    wire_fail_fields(
        call, WIRE_INVALID_ARGUMENT, REASON_MALFORMED_REQUEST, violations, error->count);
}
