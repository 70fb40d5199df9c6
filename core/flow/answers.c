/* answers.c: answers wait for the batch that holds what they tell.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "flow/internal.h"

#include <stdio.h>

/* The list for answers made now: with the open batch when it has commands, else with the batch in
 * flight, which may hold what a read has seen. */
static struct answer_list *list_of_now(struct flow *flow)
{
    bool is_open = journal_open_count(flow->journal) > 0;
    return is_open || !journal_is_in_flight(flow->journal) ? &flow->answers[0] : &flow->answers[1];
}

struct buffer *flow_answer_buffer(struct flow *flow)
{
    return &list_of_now(flow)->bytes;
}

void flow_answer(struct flow *flow, struct wire_call *call, size_t offset)
{
    struct answer_list *list = list_of_now(flow);
    CHECK(offset <= list->bytes.length);
    if (journal_open_count(flow->journal) == 0 && !journal_is_in_flight(flow->journal)) {
        wire_reply(call, list->bytes.bytes + offset, list->bytes.length - offset);
        list->bytes.length = offset;
        return;
    }
    struct answer_entry entry = {
        .call = call, .offset = offset, .length = list->bytes.length - offset};
    buffer_append(&list->entries, &entry, sizeof entry);
}

void flow_release_answers(struct flow *flow)
{
    struct answer_list *list = &flow->answers[1];
    if (list->entries.length == 0 || journal_is_in_flight(flow->journal))
        return;
    FAULT_POINT("flow.before_answers");
    size_t count = list->entries.length / sizeof(struct answer_entry);
    for (size_t i = 0; i < count; i++) {
        struct answer_entry entry;
        memcpy(&entry, list->entries.bytes + i * sizeof entry, sizeof entry);
        wire_reply(entry.call, list->bytes.bytes + entry.offset, entry.length);
    }
    buffer_clear(&list->entries);
    buffer_clear(&list->bytes);
}

void flow_exchange_answers(struct flow *flow)
{
    struct answer_list open = flow->answers[0];
    CHECK(flow->answers[1].entries.length == 0);
    flow->answers[0] = flow->answers[1];
    flow->answers[1] = open;
}

void flow_refuse_malformed(struct wire_call *call, const struct decode_error *error)
{
    struct wire_violation violation = {.field = error->field, .description = error->description};
    struct wire_details details = {
        .reason = "MALFORMED_REQUEST", .violations = &violation, .violation_count = 1};
    char message[sizeof error->field + sizeof error->description + 2];
    snprintf(message, sizeof message, "%s%s%s", error->field, error->field[0] ? ": " : "",
        error->description);
    wire_fail(call, WIRE_INVALID_ARGUMENT, message, &details);
}
