/* commands.c: a command: seen before, or decided now and put into the open batch.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "command/sealing.h"
#include "flow/internal.h"
#include "model/receiving_number.h"

#include <inttypes.h>
#include <sys/random.h>

/* ---- room ---- */

/* Under load it comes and goes with each lot of rows, so it is not said every time. */
#define TELL_REDO_US (60 * INT64_C(1000000))

static bool is_redo_long(struct flow *flow)
{
    int64_t oldest = engine_oldest_change(flow->engine);
    int64_t redo = oldest == 0 ? 0 : journal_next_sequence(flow->journal) - oldest;
    if (redo < flow->config.redo_commands_max)
        return false;
    if (flow->told_redo_us == 0 || flow->now_monotonic_us - flow->told_redo_us > TELL_REDO_US) {
        log_warning("commands wait: a start would have to redo commands=%" PRId64
                    ", which is as many as journal.redo_commands_max allows; the state tables are "
                    "written more slowly than commands come",
            redo);
        flow->told_redo_us = flow->now_monotonic_us;
    }
    return true;
}

/* Whose batch it is: with many sources it is not as large as the load makes it, for the sake of
 * those who send little. */
static size_t batch_bytes_max(const struct flow *flow)
{
    return flow_has_many_sources(flow) ? BATCH_BYTES_OF_MANY_MAX : BATCH_BYTES_IN_JOURNAL_MAX;
}

bool flow_is_full_for_items(const struct flow *flow)
{
    return journal_open_bytes(flow->journal) > batch_bytes_max(flow) / 2;
}

bool flow_has_room(struct flow *flow, uint32_t count)
{
    if (journal_open_count(flow->journal) + count > BATCH_COMMANDS_IN_JOURNAL_MAX ||
        journal_open_bytes(flow->journal) > batch_bytes_max(flow))
        return false;
    if (is_redo_long(flow)) {
        flow->is_stalled = true;
        return false;
    }
    int64_t last = journal_next_sequence(flow->journal) + count - 1;
    while (recent_last_room(flow->recent) < last) {
        int64_t first, end;
        int64_t next = recent_last_room(flow->recent) + 1;
        bool is_added = false;
        if (next <= store_sequence_limit(flow->store)) {
            store_segment_of(flow->store, next, &first, &end);
            is_added = recent_try_add_segment(flow->recent, first, end);
        }
        if (!is_added) {
            if (!flow->is_stalled)
                log_warning(
                    "commands wait: segments are not made or not indexed yet sequence=%" PRId64,
                    journal_next_sequence(flow->journal));
            flow->is_stalled = true;
            return false;
        }
    }
    flow->is_stalled = false;
    return true;
}

/* ---- one command ---- */

static struct answer answer_of(const struct command_record *record, bool is_replay)
{
    return (struct answer){
        .kind = record->kind,
        .outcome = record->outcome,
        .replayed = is_replay,
        .sequence = record->sequence,
        .recorded_us = record->recorded_us,
        .accounting_date = record->accounting_date,
        .subject_id = record->subject_id,
        .fee_minor = record->fee_minor,
        .fee_rule_version = record->fee_rule_version,
        .limit_minor = outcome_is_accepted(record->outcome)
                           ? 0
                           : command_body_limit((enum command_kind)record->kind, record->body,
                                 record->body_length),
        .policy_limit_minor = outcome_is_accepted(record->outcome)
                                  ? 0
                                  : command_body_policy_limit((enum command_kind)record->kind,
                                        record->body, record->body_length),
        .suspense_id = is_replay && outcome_is_accepted(record->outcome)
                           ? command_body_suspense(
                                 (enum command_kind)record->kind, record->body, record->body_length)
                           : 0,
    };
}

/* What an answer tells beyond the record: read from the live records, which only grow. */
static void complete_answer(struct flow *flow, struct answer *answer)
{
    if (!outcome_is_accepted(answer->outcome) || answer->subject_id == 0)
        return;
    if (answer->kind == COMMAND_OPEN_LEDGER) {
        const struct ledger *ledger = engine_find_ledger(flow->engine, answer->subject_id);
        CHECK(ledger != NULL);
        answer->first_control_account_id = ledger->first_control_account_id;
    } else if (answer->kind == COMMAND_OPEN_ACCOUNT) {
        const struct account *account = engine_find_account(flow->engine, answer->subject_id);
        CHECK(account != NULL);
        const struct ledger *ledger = engine_find_ledger(flow->engine, account->ledger_id);
        struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
        receiving_number_format(prefix, account->id, answer->receiving_number);
    }
}

/* Whether what stands under the key is what the Approve asks for, decided. */
static bool is_its_approval(const struct command *command, const struct command_record *record,
    int64_t proposal_id, char *ret_field)
{
    const char *field = NULL;
    if (command->kind != COMMAND_APPROVE || proposal_id == 0)
        field = "command";
    else if (record->ledger_id != command->ledger_id)
        field = "ledger_id";
    else if (proposal_id != command->approve.proposal_id)
        field = "proposal_id";
    strcpy(ret_field, field ? field : "");
    return field == NULL;
}

/* The body of a command that came again, to be compared with the record of the first time: a value
 * that is the same is as it was sealed then. */
static size_t encode_like(struct flow *flow, const struct command *command,
    const struct command_record *record, uint8_t ret_body[COMMAND_BODY_BYTES_MAX])
{
    struct command again = *command;
    struct command first;
    struct command_elements elements;
    if ((command->kind == COMMAND_PROPOSE ||
            command_has_personal((int)command->kind, (struct text){0})) &&
        command_body_decode((enum command_kind)record->kind, record->body, record->body_length,
            &elements, &first) == 0)
        command_take_seals(&again, &first, record->ledger_id, flow->sealer, &flow->arena);
    return command_body_encode(&again, ret_body);
}

static struct answer compare_with_first(
    struct flow *flow, const struct command *command, const struct command_record *record)
{
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct answer conflict = {.kind = (uint16_t)command->kind,
        .outcome = OUTCOME_KEY_CONFLICT,
        .dry_run = command->dry_run};

    /* One that was approved is not the same as one that comes alone. */
    int64_t proposal_id =
        command_body_proposal((enum command_kind)record->kind, record->body, record->body_length);
    if (record->kind != command->kind || proposal_id != 0) {
        if (!is_its_approval(command, record, proposal_id, conflict.field))
            return conflict;
        struct answer approval = answer_of(record, true);
        approval.dry_run = command->dry_run;
        complete_answer(flow, &approval);
        approval.kind = (uint16_t)command->kind;
        return approval;
    }
    if (record->ledger_id != command->ledger_id && command->kind != COMMAND_OPEN_LEDGER) {
        strcpy(conflict.field, "ledger_id");
        return conflict;
    }
    size_t length = encode_like(flow, command, record, body);
    if (command_body_differs(
            command->kind, record->body, record->body_length, body, length, conflict.field))
        return conflict;
    /* Others see what their own record says. */
    if (command->kind == COMMAND_REVEAL && !flow_is_of_same_caller(command, record)) {
        strcpy(conflict.field, "caller_id");
        return conflict;
    }
    struct answer answer = answer_of(record, true);
    answer.dry_run = command->dry_run;
    complete_answer(flow, &answer);
    return answer;
}

/* The same key came again: the first answer for the same content, a conflict for other content. A
 * dry run says that it is one, so that nobody takes the first answer for a booking of his own. In
 * what they differ is told to who sent the first: another could guess what it says. */
struct answer flow_answer_again(
    struct flow *flow, const struct command *command, const struct command_record *record)
{
    struct answer answer = compare_with_first(flow, command, record);
    if (answer.outcome == OUTCOME_KEY_CONFLICT && strcmp(answer.field, "caller_id") != 0 &&
        !flow_is_of_same_caller(command, record))
        answer.field[0] = '\0';
    return answer;
}

/* The record with the command's key: among the recent ones, or found by the look-up. */
const struct command_record *flow_find_first(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    const struct command_record *record = recent_find_key(flow->recent, &command->key);
    if (!record && lookups)
        record = lookups_find(lookups, index);
    return record;
}

/* Puts a decided command into the journal and into the recent rows. */
struct answer flow_append(
    struct flow *flow, const struct command *command, const struct effects *effects)
{
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct command_record record = {
        .key = command->key,
        .sequence = journal_next_sequence(flow->journal),
        .recorded_us = flow->now_us,
        /* The opening of a ledger belongs to the ledger that it made. */
        .ledger_id =
            command->kind == COMMAND_OPEN_LEDGER ? effects->subject_id : command->ledger_id,
        .subject_id = effects->subject_id,
        .accounting_date = effects->accounting_date,
        .fee_rule_version = effects->fee_rule_version,
        .fee_minor = effects->fee_minor,
        .order_number = effects->order_number,
        .kind = (uint16_t)command->kind,
        .outcome = (uint16_t)effects->outcome,
        .body = body,
    };
    size_t length = command_body_encode(command, body);
    length =
        command_body_put_card_parts(body, length, effects->card_parts, effects->card_part_count);
    length = command_body_put_claim_payout(body, length, effects->claim_payout_id);
    length = command_body_put_check_amount(body, length, effects->check_amount_minor);
    length = command_body_put_policy_limit(body, length, effects->policy_limit_minor);
    length = command_body_put_suspense(body, length, effects->suspense_id);
    length = command_body_put_told_before(body, length, effects->told_before);
    record.body_length = (uint32_t)command_body_put_limit(body, length, effects->limit_minor);
    char reference[REFERENCE_BYTES_MAX];
    if (outcome_is_accepted(record.outcome))
        record.reference = flow_reference(command, reference);
    for (uint32_t i = 0; i < effects->image_count; i++)
        flow_note_image(flow, record.sequence, &effects->images[i]);
    flow_remember_command(flow, &record);
    for (uint32_t i = 0; i < effects->posting_count; i++)
        recent_append_posting(flow->recent, record.sequence, (int16_t)i, &effects->postings[i]);
    journal_append(flow->journal, &record, effects->postings, effects->posting_count,
        effects->images, effects->image_count);
    struct answer answer = answer_of(&record, false);
    answer.suspense_id = effects->suspense_id;
    complete_answer(flow, &answer);
    return answer;
}

/* Which difference a line would open: nobody can read it. */
static void tell_difference(struct answer *answer, const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->image_count; i++) {
        const struct image *image = &effects->images[i];
        if (image->kind != RECORD_DIFFERENCE)
            continue;
        answer->difference.kind = image->difference.kind;
        answer->difference.amount_minor = image->difference.amount_minor;
        answer->difference.is_missing = image->difference.is_missing;
        answer->difference.promise_id = image->difference.promise_id;
    }
}

/* The answer to a command that is not put on record. */
struct answer flow_answer_unrecorded(const struct command *command, const struct effects *effects)
{
    struct answer answer = {
        .kind = (uint16_t)command->kind,
        .outcome = (uint16_t)effects->outcome,
        .dry_run = command->dry_run,
        .accounting_date = effects->accounting_date,
        .fee_minor = effects->fee_minor,
        .fee_rule_version = effects->fee_rule_version,
        .limit_minor = effects->limit_minor,
        .policy_limit_minor = effects->policy_limit_minor,
    };
    if (command->dry_run && command->kind == COMMAND_SETTLE_LINE &&
        outcome_is_accepted((int)effects->outcome))
        tell_difference(&answer, effects);
    return answer;
}

/* Whether a refusal is on record. One that is about the key itself is not: the key belongs to
 * another request, or is too old to be taken, or may come again once its day has begun. */
bool flow_is_recorded(int outcome)
{
    return outcome != OUTCOME_KEY_CONFLICT && outcome != OUTCOME_KEY_WINDOW_CLOSED &&
           outcome != OUTCOME_BUSINESS_DATE_AHEAD;
}

const struct command *flow_approved(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    if (!flow_find_approved(flow, command, lookups, index, &flow->approved) ||
        !flow_has_wanted(flow, command, lookups, index))
        return command;
    return &flow->approved.command;
}

/* What is to be paid for a check by a small amount, for nobody to guess; the rest of the division
 * makes no amount likelier by more than 2^-58. */
static int64_t draw_check_amount(void)
{
    uint64_t random;
    ssize_t got = getrandom(&random, sizeof random, 0);
    CHECK(got == (ssize_t)sizeof random);
    return (int64_t)(random % CARD_CHECK_AMOUNT_MINOR_MAX) + 1;
}

/* Has the engine decide command number `index` of its call. */
const struct command *flow_decide(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    int64_t sequence = journal_next_sequence(flow->journal) + flow->tried_count;
    const struct command *decided = command;
    if (command->kind == COMMAND_APPROVE &&
        engine_check_approval(flow->engine, flow->now_us, command) == OUTCOME_ACCEPTED)
        decided = flow_approved(flow, command, lookups, index);
    const struct command *executed = decided;
    struct command whole; /* with what the journal says of it */
    struct revealed revealed[REVEALS_PER_COMMAND_MAX];
    struct original_memory memory;
    struct ledger resealed;
    if (command->kind == COMMAND_REVEAL) {
        whole = flow_with_revealed(flow, command, lookups, revealed);
        executed = &whole;
    } else if (decided->kind != COMMAND_APPROVE && flow_earlier_sequence(flow, decided) != 0) {
        whole = *decided;
        whole.original = flow_find_original(flow, decided, lookups, index, &memory);
        executed = &whole;
    }
    if (decided->kind == COMMAND_CUT_DAY && flow_try_reseal(flow, decided->ledger_id, &resealed)) {
        whole = *executed;
        whole.resealed = &resealed;
        executed = &whole;
    }
    if (decided->kind == COMMAND_CHECK_CARD) {
        whole = *executed;
        whole.check_amount_minor = draw_check_amount();
        executed = &whole;
    }
    int64_t used = flow_find_used(flow, decided, lookups, index);
    if (used != 0) {
        whole = *executed;
        whole.used_sequence = used;
        executed = &whole;
    }
    engine_execute(flow->engine, flow->now_us, sequence, executed, flow->effects);
    if (outcome_is_accepted((int)flow->effects->outcome))
        flow_note_tried(flow, decided);
    if (flow->is_trying && flow_is_recorded((int)flow->effects->outcome))
        flow->tried_count++;
    flow->work.unseen += flow->effects->posting_count + flow->effects->image_count;
    return decided;
}

/* Answers one command; in a dry run the caller holds a scope that it rolls back. */
struct answer flow_execute_one(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    const struct command_record *record = flow_find_first(flow, command, lookups, index);
    if (record)
        return flow_answer_again(flow, command, record);
    const struct command *decided = flow_decide(flow, command, lookups, index);
    struct answer answer = command->dry_run || !flow_is_recorded((int)flow->effects->outcome)
                               ? flow_answer_unrecorded(decided, flow->effects)
                               : flow_append(flow, decided, flow->effects);
    answer.kind = (uint16_t)command->kind;
    return answer;
}

void flow_execute_own(struct flow *flow, const struct command *command)
{
    CHECK(!command->dry_run);
    flow_decide(flow, command, NULL, 0);
    CHECK(outcome_is_accepted((int)flow->effects->outcome));
    flow_append(flow, command, flow->effects);
}

/* ---- calls ---- */

/* Which payouts a withdrawal made by which card: what it was answered first says it, too. */
static void reply_parts(struct flow *flow, const struct command *command,
    const struct lookups *lookups, const struct answer *answer, struct buffer *out)
{
    const struct command_record *record =
        answer->replayed ? flow_find_first(flow, command, lookups, 0) : NULL;
    struct command_elements elements;
    struct command first;
    const struct card_part *parts = flow->effects->card_parts;
    uint32_t count = flow->effects->card_part_count;
    if (record) {
        int result = command_body_decode(
            (enum command_kind)record->kind, record->body, record->body_length, &elements, &first);
        CHECK(result == 0);
        parts = first.card_parts;
        count = first.card_part_count;
    }
    reply_card_payouts(out, answer->subject_id, parts, count);
}

void flow_execute_command(struct flow *flow, struct waiting_call *waiting, enum command_kind kind)
{
    struct command command;
    struct decode_error error;
    struct asker asker;

    if (!flow_find_asker(flow, waiting->call, &asker) ||
        !flow_has_role(flow, waiting->call, &asker, command_roles((int)kind))) {
        flow_end_call(waiting);
        return;
    }
    arena_reset(&flow->arena);
    if (command_decode(kind, waiting->request, waiting->length, &flow->arena, &command, &error) <
        0) {
        flow_refuse_malformed(waiting->call, &error);
        flow_end_call(waiting);
        return;
    }
    if (!flow_seal(flow, waiting->call, &command, &flow->arena) ||
        !flow_may_send(flow, waiting->call, &asker, &command, 1)) {
        flow_end_call(waiting);
        return;
    }
    if (!flow_admit(flow, waiting, &command, 0, 1) || !flow_has_room(flow, 1) ||
        !flow_opens(flow, waiting, &command, 0, 1))
        return;

    uint32_t open_before = journal_open_count(flow->journal);
    if (command.dry_run)
        flow_begin_trial(flow);
    struct answer answer = flow_execute_one(flow, &command, waiting->lookups, 0);
    if (command.dry_run)
        flow_end_trial(flow);
    struct buffer *out = flow_answer_buffer(flow);
    size_t offset = out->length;
    reply_command(out, &answer, flow_language(waiting->call));
    if (kind == COMMAND_REVEAL && outcome_is_accepted(answer.outcome) && !answer.dry_run)
        flow_reply_revealed(flow, &command, waiting->lookups, out);
    if (kind == COMMAND_WITHDRAW && outcome_is_accepted(answer.outcome))
        reply_parts(flow, &command, waiting->lookups, &answer, out);
    flow_answer(flow, waiting->call, offset, journal_open_count(flow->journal) > open_before);
    flow_end_call(waiting);
}
