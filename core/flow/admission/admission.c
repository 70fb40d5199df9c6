/* admission.c: a call's way through the states of admission.
 *
 * While query is asked for what a call names the call is out of the queue and others go on. When
 * the answers are there it comes back to the front, and is decided unless a segment was indexed
 * meanwhile: then a key or a command may have moved from memory to the database unseen, and all is
 * asked again. So it is when a record has left memory meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/admission/lookups.h"
#include "flow/internal.h"

#include <stdlib.h>

/* Calls with query at a time; more are refused as overload. */
#define CALLS_ASKED_MAX 1024
/* Their questions by weight, all together; a single call may always ask. */
#define WEIGHT_ASKED_MAX 131072

static void drop_answers(struct waiting_call *waiting)
{
    if (waiting->lookups)
        lookups_destroy(waiting->lookups);
    waiting->lookups = NULL;
    waiting->admission = ADMISSION_QUEUED;
}

void flow_end_call(struct waiting_call *waiting)
{
    CHECK(waiting->admission != ADMISSION_ASKED);
    drop_answers(waiting);
    flow_let_go(waiting);
    free(waiting->progress);
    waiting->progress = NULL;
    waiting->admission = ADMISSION_OVER;
}

void flow_fail_call(struct waiting_call *waiting, enum wire_status status, struct wording message,
    const struct wire_details *details)
{
    if (waiting->progress)
        wire_fail(waiting->call, WIRE_UNAVAILABLE,
            WORDING("a part of the batch was decided; send the same request again for its answer",
                "该批的一部分已处理；请重发同一请求以取得结果"),
            &wire_perhaps_decided);
    else
        wire_fail(waiting->call, status, message, details);
    flow_end_call(waiting);
}

/* What the call names was found, and is not what the journal says: the log names the row. */
static void fail_damaged(struct waiting_call *waiting)
{
    struct wire_details details = {.reason = REASON_STORED_ROW_DAMAGED};
    flow_fail_call(waiting, WIRE_DATA_LOSS,
        WORDING("a stored row that the request needs is damaged or is not what the journal says; "
                "nothing "
                "was decided now, but an earlier try may have been booked; tell the operator, "
                "whose log "
                "names the row, then send the same request again",
            "本请求所需的存储数据已损坏或与日志不符；本次未做处理，但此前的尝试可能已入账；请联系运"
            "维人员（其日志指明该数据），然后重发同一请求"),
        &details);
}

static void fail(struct waiting_call *waiting)
{
    struct wire_details details = {
        .reason = REASON_DATABASE_UNAVAILABLE, .retry_after_us = 1000000};
    flow_fail_call(waiting, WIRE_UNAVAILABLE,
        WORDING("an old request key, command or record could not be looked up; nothing was "
                "decided, send "
                "the same request again",
            "无法查找旧的请求键、指令或记录；未做处理，请重发同一请求"),
        &details);
}

static void refuse_overload(struct waiting_call *waiting)
{
    struct wire_details details = {.reason = REASON_OVERLOADED, .retry_after_us = 1000000};
    flow_fail_call(waiting, WIRE_RESOURCE_EXHAUSTED,
        WORDING("too many requests with old keys, commands or records at a time; nothing was "
                "decided, send "
                "the same request again later",
            "同时涉及旧请求键、旧指令或旧记录的请求过多；未做处理，请稍后重发同一请求"),
        &details);
}

/* It stands before a batch of its source that may be under way, which others must not wait for. */
static void return_to_queue(struct flow *flow, const struct waiting_call *waiting)
{
    uint32_t source = wire_call_source(waiting->call);
    flow_let_source_go(flow, source);
    queue_return(flow->queue, source, waiting);
}

/* The last question is answered. */
static void on_answered(struct lookups *lookups)
{
    struct flow *flow = lookups->flow;
    struct waiting_call waiting = lookups->waiting;
    CHECK(waiting.admission == ADMISSION_ASKED);
    flow->calls_asked--;
    flow->weight_asked -= lookups->weight;
    waiting.admission = ADMISSION_ANSWERED;
    waiting.lookups = lookups;
    if (lookups->is_damaged)
        fail_damaged(&waiting);
    else if (lookups->has_failed)
        fail(&waiting);
    else
        return_to_queue(flow, &waiting);
    flow->config.wake(flow->config.context);
}

/* Takes the call out of the queue and asks, or fails it. */
static void ask(struct flow *flow, struct waiting_call *waiting, struct lookups *lookups)
{
    CHECK(waiting->lookups == NULL);
    if (flow->calls_asked == CALLS_ASKED_MAX ||
        (flow->calls_asked > 0 && flow->weight_asked + lookups->weight > WEIGHT_ASKED_MAX)) {
        lookups_destroy(lookups);
        refuse_overload(waiting);
        return;
    }
    flow->calls_asked++;
    flow->weight_asked += lookups->weight;
    waiting->admission = ADMISSION_ASKED;
    flow_let_others_unpack(waiting);
    lookups->waiting = *waiting;
    lookups_ask(lookups, on_answered);
}

static struct lookups *collect(struct flow *flow, const struct lookups *known,
    const struct command *commands, uint32_t first, uint32_t count)
{
    struct lookups *lookups = NULL;
    for (uint32_t i = first; i < count; i++) {
        struct wanted wanted[WANTED_MAX];
        uint32_t wanted_count = find_wanted(flow, &commands[i], known, i, wanted);
        uint32_t most = commands[i].kind == COMMAND_REVEAL ? WANTED_MAX : WANTED_PER_COMMAND_MAX;
        CHECK(commands[i].kind != COMMAND_REVEAL || count == 1);
        if (wanted_count > 0 && !lookups)
            lookups = lookups_create(flow, most * (count - i));
        for (uint32_t n = 0; n < wanted_count; n++)
            lookups_add(lookups, i, &wanted[n]);
    }
    return lookups;
}

bool flow_has_wanted(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    struct wanted wanted[WANTED_MAX];
    uint32_t count = find_wanted(flow, command, lookups, index, wanted);
    for (uint32_t i = 0; i < count; i++) {
        if (!lookups || !lookups_have(lookups, index, &wanted[i]))
            return false;
    }
    return true;
}

/* Whether the answers have all that the commands name and memory has not. */
static bool have_all(struct flow *flow, const struct lookups *lookups,
    const struct command *commands, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < count; i++) {
        if (!flow_has_wanted(flow, &commands[i], lookups, i))
            return false;
    }
    return true;
}

bool flow_admit(struct flow *flow, struct waiting_call *waiting, const struct command *commands,
    uint32_t first, uint32_t count)
{
    struct lookups *lookups = waiting->lookups;
    if (lookups) {
        bool is_valid = lookups->generation == flow->filters_generation && lookups_revive(lookups);
        if (lookups->has_failed) {
            fail_damaged(waiting);
            return false;
        }
        if (is_valid && have_all(flow, lookups, commands, first, count)) {
            waiting->admission = ADMISSION_COMPLETE;
            return true;
        }
    }
    /* What the answers told that names more is asked for anew, with all that is named. */
    lookups = collect(flow, lookups, commands, first, count);
    drop_answers(waiting);
    if (lookups) {
        ask(flow, waiting, lookups);
        return false;
    }
    waiting->admission = ADMISSION_COMPLETE;
    return true;
}

void flow_ask_records(
    struct flow *flow, struct waiting_call *waiting, const struct query_records *asked)
{
    drop_answers(waiting);
    struct lookups *lookups = lookups_create(flow, 1);
    lookups_add(lookups, 0, &(struct wanted){.what = WANTED_RECORDS, .records = *asked});
    ask(flow, waiting, lookups);
}

void flow_ask_commands(struct flow *flow, struct waiting_call *waiting,
    const struct query_records *record, const int64_t *sequences, uint32_t count)
{
    drop_answers(waiting);
    struct lookups *lookups = lookups_create(flow, count + 1);
    if (record)
        lookups_add(lookups, 0, &(struct wanted){.what = WANTED_RECORDS, .records = *record});
    for (uint32_t i = 0; i < count; i++)
        lookups_add(lookups, 0, &(struct wanted){.what = WANTED_COMMAND, .sequence = sequences[i]});
    ask(flow, waiting, lookups);
}
