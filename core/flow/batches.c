/* batches.c: a call with many commands.
 *
 * One that is not atomic is decided over as many turns as its work takes: its commands are as good
 * as sent one by one. One that is atomic, and a dry run, must be decided in one go; what they may
 * move is bounded instead.
 *
 * What a command names may only be known when those before it in its batch are decided: a line that
 * names its promise by reference, of a settlement that the batch opens; what an Approve decides,
 * whose Propose is in the batch, or that is such a line. It is looked up then; where all must be
 * decided in one go it cannot be, and the batch is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "flow/internal.h"

#include <stdlib.h>
#include <string.h>

/* The number that decided, told when the trial is over: 0 where it is the id of what the trial
 * itself made, or the number of its command, which is gone, and somebody else's will have it. */
static int64_t limit_after_trial(const struct flow *flow, const struct answer *answer)
{
    static const struct {
        uint16_t outcome;
        enum record_kind kind;
    } ids[] = {
        {OUTCOME_PERSON_HAS_MEMBERSHIP, RECORD_MEMBER},
        {OUTCOME_CARD_BOUND, RECORD_CARD},
        {OUTCOME_VALUE_DENIED, RECORD_DENIED},
        {OUTCOME_SUSPENSE_IN_LUMP, RECORD_LUMP},
        {OUTCOME_SUSPENSE_OVERDUE, RECORD_SUSPENSE},
        {OUTCOME_BANK_STATEMENT_KNOWN, RECORD_BANK_STATEMENT},
        {OUTCOME_BANK_STATEMENT_STANDS_OPEN, RECORD_BANK_STATEMENT},
        {OUTCOME_STATEMENT_LINE_OF_OPEN, RECORD_BANK_STATEMENT},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (ids[i].outcome == answer->outcome &&
            answer->limit_minor > engine_last_id(flow->engine, ids[i].kind))
            return 0;
    }
    if (answer->outcome == OUTCOME_PROMISE_REFERENCE_USED &&
        answer->limit_minor >= journal_next_sequence(flow->journal))
        return 0;
    return answer->limit_minor;
}

/* ---- an atomic batch ---- */

/* What one batch that is decided in one go may move: postings and images of records. 8,000 payments
 * with a fee each stay below it. */
#define MOVED_IN_ONE_GO_MAX 40000

/* So many members or accounts that are gone through cost what one of those does, or less. */
#define WALKED_AS_ONE 16

/* Of what a batch names so many items' is looked up before they are decided, unless it must be
 * decided in one go. */
#define ADMITTED_AT_A_TIME 512

/* Whether it does not go beyond that with the command just decided; `moved` is what was before. */
static bool may_move(const struct flow *flow, uint32_t *moved)
{
    *moved += flow->effects->posting_count + flow->effects->image_count +
              flow->effects->walked / WALKED_AS_ONE;
    return *moved <= MOVED_IN_ONE_GO_MAX;
}

/* Whether all that the command names is at hand, now that those before it are decided. A proposal
 * that was made in this very trial has no record yet, which says what would be decided. */
static bool is_at_hand(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    if (command->kind == COMMAND_APPROVE &&
        flow_earlier_sequence(flow, command) >= journal_next_sequence(flow->journal))
        return false;
    bool may_name_more = command->kind == COMMAND_SETTLE_LINE || command->kind == COMMAND_APPROVE;
    return !may_name_more || flow_has_wanted(flow, command, lookups, index);
}

static void refuse_unknown(struct flow *flow, struct waiting_call *waiting)
{
    static const struct refusal refusal = {.status = WIRE_INVALID_ARGUMENT,
        .reason = REASON_MALFORMED_REQUEST,
        .message =
            {"atomic and dry_run: an Approve must not be in such a batch with the Propose "
             "that it approves, nor a line that names its promise by reference, or the "
             "Approve of one, with the OpenSettlement of its settlement; nothing was decided, "
             "send those when these are answered",
                "atomic 和 dry_run 批次中，Approve 不得与其所批准的 Propose 同批；以 reference "
                "指明在途入账的明细及其 Approve 不得与该渠道结算的 OpenSettlement "
                "同批；未做处理，请待前者答复后再发送后者"},
        .field = "items"};
    flow_answer_refusal(flow, waiting->call, &refusal);
}

static void refuse_too_large(struct flow *flow, struct waiting_call *waiting)
{
    static const struct refusal refusal = {.status = WIRE_INVALID_ARGUMENT,
        .reason = REASON_BATCH_TOO_LARGE,
        .message = {"atomic and dry_run: the items of such a batch must not move more than 40,000 "
                    "amounts and records in all, or go through 640,000 memberships of persons, "
                    "accounts of claimed members and claims; nothing was decided, send fewer items "
                    "at a time",
            "atomic 和 dry_run 批次中，各项合计至多涉及 40,000 笔金额与记录，以及 640,000 "
            "个会员关系、被采取措施会员的账户和司法措施；未做处理，请减少每批的项数"},
        .field = "items"};
    flow_answer_refusal(flow, waiting->call, &refusal);
}

/* Decides all in a scope that is rolled back; the number of the first that is refused, `count` when
 * none is. Answers hold what each would get. TOO_LARGE, UNKNOWN: it cannot be decided in one go. */
#define TOO_LARGE UINT32_MAX
#define UNKNOWN (UINT32_MAX - 1)
static uint32_t find_first_refused(struct flow *flow, const struct command_batch *batch,
    const struct lookups *lookups, struct answer *answers)
{
    uint32_t refused = batch->count;
    uint32_t moved = 0;
    flow_begin_trial(flow);
    for (uint32_t i = 0; i < batch->count && refused == batch->count; i++) {
        const struct command *command = &batch->commands[i];
        const struct command_record *record = flow_find_first(flow, command, lookups, i);
        if (record) {
            answers[i] = flow_answer_again(flow, command, record);
        } else if (!is_at_hand(flow, command, lookups, i)) {
            refused = UNKNOWN;
            break;
        } else {
            const struct command *decided = flow_decide(flow, command, lookups, i);
            answers[i] = flow_answer_unrecorded(command, flow->effects);
            answers[i].is_approved = decided != command;
            if (!may_move(flow, &moved)) {
                refused = TOO_LARGE;
                break;
            }
        }
        if (!outcome_is_accepted(answers[i].outcome))
            refused = i;
    }
    if (refused == batch->count && engine_is_torn(flow->engine)) {
        refused = batch->count - 1;
        answers[refused] = (struct answer){.kind = (uint16_t)batch->commands[refused].kind,
            .outcome = OUTCOME_LUMP_ALL_OR_NOTHING,
            .dry_run = batch->dry_run};
    }
    flow_end_trial(flow);
    return refused;
}

/* None happens: the refused one has its outcome, the others BATCH_ABORTED, each on record; a batch
 * that is refused for a key leaves no record at all. */
static void refuse_all(struct flow *flow, const struct command_batch *batch,
    const struct lookups *lookups, uint32_t refused, struct answer *answers)
{
    uint16_t outcome = answers[refused].outcome;
    int64_t limit_minor = limit_after_trial(flow, &answers[refused]);
    int64_t policy_limit_minor = answers[refused].policy_limit_minor;
    bool is_approved = answers[refused].is_approved;
    bool is_on_record = !batch->dry_run && flow_is_recorded(outcome);
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct command *command = &batch->commands[i];
        const struct command_record *record = flow_find_first(flow, command, lookups, i);
        if (record) {
            answers[i] = flow_answer_again(flow, command, record);
            continue;
        }
        const struct ledger *ledger = engine_find_ledger(flow->engine, command->ledger_id);
        const struct command *decided = command;
        if (i == refused && is_approved)
            decided = flow_approved(flow, command, lookups, i);
        flow->effects->outcome = i == refused ? (enum outcome)outcome : OUTCOME_BATCH_ABORTED;
        flow->effects->subject_id = 0;
        flow->effects->fee_minor = 0;
        flow->effects->fee_rule_version = 0;
        flow->effects->limit_minor = i == refused ? limit_minor : 0;
        flow->effects->policy_limit_minor = i == refused ? policy_limit_minor : 0;
        flow->effects->told_before = 0;
        flow->effects->suspense_id = 0;
        flow->effects->order_number = command_order_number(decided);
        flow->effects->accounting_date = ledger ? ledger->accounting_dates[0] : 0;
        flow->effects->posting_count = 0;
        flow->effects->image_count = 0;
        answers[i] = is_on_record ? flow_append(flow, decided, flow->effects)
                                  : flow_answer_unrecorded(command, flow->effects);
        answers[i].kind = (uint16_t)command->kind;
    }
}

/* Returns false when the call was refused. */
static bool execute_atomic(struct flow *flow, struct waiting_call *waiting,
    const struct command_batch *batch, struct answer *answers)
{
    const struct lookups *lookups = waiting->lookups;
    uint32_t refused = find_first_refused(flow, batch, lookups, answers);
    if (refused == TOO_LARGE || refused == UNKNOWN) {
        if (refused == TOO_LARGE)
            refuse_too_large(flow, waiting);
        else
            refuse_unknown(flow, waiting);
        return false;
    }
    if (refused < batch->count) {
        refuse_all(flow, batch, lookups, refused, answers);
        return true;
    }
    if (batch->dry_run)
        return true;
    for (uint32_t i = 0; i < batch->count; i++) {
        answers[i] = flow_execute_one(flow, &batch->commands[i], lookups, i);
        /* Decided twice from the same state: a difference would be half a batch. */
        CHECK(outcome_is_accepted(answers[i].outcome));
    }
    return true;
}

/* ---- a batch whose commands stand alone ---- */

static bool execute_dry(struct flow *flow, struct waiting_call *waiting,
    const struct command_batch *batch, struct answer *answers)
{
    uint32_t moved = 0;
    bool may_go_on = true;
    bool has_all = true;
    flow_begin_trial(flow);
    for (uint32_t i = 0; i < batch->count && may_go_on; i++) {
        has_all = is_at_hand(flow, &batch->commands[i], waiting->lookups, i);
        if (!has_all)
            break;
        flow->effects->posting_count = flow->effects->image_count = 0;
        answers[i] = flow_execute_one(flow, &batch->commands[i], waiting->lookups, i);
        may_go_on = may_move(flow, &moved);
    }
    flow_end_trial(flow);
    for (uint32_t i = 0; has_all && may_go_on && i < batch->count; i++)
        answers[i].limit_minor = limit_after_trial(flow, &answers[i]);
    if (!has_all)
        refuse_unknown(flow, waiting);
    else if (!may_go_on)
        refuse_too_large(flow, waiting);
    return has_all && may_go_on;
}

/* Goes on where the turn before ended, up to `end`. Returns whether all are decided. */
static bool execute_on(struct flow *flow, struct waiting_call *waiting,
    const struct command_batch *batch, uint32_t end)
{
    struct batch_progress *progress = waiting->progress;
    uint32_t first = progress ? progress->done : 0;
    struct answer *answers = progress ? progress->answers : flow->item_answers;
    uint32_t i = first;
    int64_t began_us = clock_monotonic_us();
    while (i < end && (i == first || is_at_hand(flow, &batch->commands[i], waiting->lookups, i))) {
        answers[i] = flow_execute_one(flow, &batch->commands[i], waiting->lookups, i);
        i++;
        if (flow_is_full_for_items(flow) || flow_work(flow, 1) != WORK_GOES_ON)
            break;
    }
    flow_earn(waiting, clock_monotonic_us() - began_us);
    if (i == batch->count)
        return true;
    if (!progress) {
        progress = malloc(sizeof *progress + batch->count * sizeof progress->answers[0]);
        CHECK(progress != NULL);
        memcpy(progress->answers, answers, i * sizeof answers[0]);
        waiting->progress = progress;
    }
    progress->done = i;
    progress->caller_id = batch->commands[0].caller_id;
    waiting->admission = ADMISSION_BEGUN;
    return false;
}

/* Returns whether there is an answer; else the call was refused, or stays in the queue. */
static bool execute_items(struct flow *flow, struct waiting_call *waiting,
    const struct command_batch *batch, uint32_t end)
{
    bool is_refused;
    if (batch->atomic)
        is_refused = !execute_atomic(flow, waiting, batch, flow->item_answers);
    else if (batch->dry_run)
        is_refused = !execute_dry(flow, waiting, batch, flow->item_answers);
    else
        return execute_on(flow, waiting, batch, end);
    if (is_refused)
        flow_end_call(waiting);
    return !is_refused;
}

/* Decides what was unpacked, or leaves the call in the queue. */
static void execute_batch(
    struct flow *flow, struct waiting_call *waiting, const struct command_batch *batch)
{
    uint32_t done = waiting->progress ? waiting->progress->done : 0;
    uint32_t end = batch->count;
    if (!batch->atomic && !batch->dry_run && end - done > ADMITTED_AT_A_TIME)
        end = done + ADMITTED_AT_A_TIME;
    if (!flow_admit(flow, waiting, batch->commands, done, end) || !flow_has_room(flow, end - done))
        return;
    if (!flow_opens(flow, waiting, batch->commands, done, end))
        return;

    uint32_t open_before = journal_open_count(flow->journal);
    if (!execute_items(flow, waiting, batch, end))
        return;
    const struct answer *answers =
        waiting->progress ? waiting->progress->answers : flow->item_answers;
    struct buffer *out = flow_answer_buffer(flow);
    size_t offset = out->length;
    reply_batch(out, answers, batch->count, flow_language(waiting->call));
    flow_answer(flow, waiting->call, offset, journal_open_count(flow->journal) > open_before);
    flow_end_call(waiting);
}

void flow_execute_batch(struct flow *flow, struct waiting_call *waiting)
{
    struct asker asker;
    if (flow_is_full_for_items(flow) || flow_is_held_up(flow, waiting))
        return;
    struct command_batch *batch = flow_unpack(flow, waiting);
    if (!batch)
        return;
    bool is_one_go = batch->atomic || batch->dry_run;
    if (is_one_go && !flow_may_decide_in_one_go(flow, waiting))
        return;
    /* What was begun is brought to its end, so that there is an answer for what is decided. */
    if (!waiting->progress &&
        (!flow_find_asker(flow, waiting->call, &asker) ||
            !flow_may_send(flow, waiting->call, &asker, batch->commands, batch->count))) {
        flow_end_call(waiting);
        return;
    }
    uint32_t source = wire_call_source(waiting->call);
    int64_t began_us = clock_monotonic_us();
    execute_batch(flow, waiting, batch);
    if (is_one_go)
        flow_rest(flow, source, began_us);
}
