/* feedback.c: see feedback.h.
 *
 * A request is carried out at once, and answered by the bank's own channel to the organ, which is
 * outside of this. Here it is known what is owed, until when, and that it was given. A deadline
 * that is over when the request comes refuses nothing: what is to be frozen is frozen.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/feedback.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/records.h"
#include "engine/rules/commands.h"
#include "engine/rules/refusals.h"
#include "engine/rules/texts.h"

enum outcome check_request(const struct engine *engine)
{
    return has_room(engine, RECORD_FEEDBACK, 1) ? OUTCOME_ACCEPTED : OUTCOME_TOO_MANY_FEEDBACKS;
}

static const struct feedback *find_feedback(
    const struct engine *engine, const struct ledger *ledger, int64_t feedback_id)
{
    const struct feedback *feedback = engine_find_record(engine, RECORD_FEEDBACK, feedback_id);
    return feedback && feedback->ledger_id == ledger->id ? feedback : NULL;
}

/* It is told once that it is due soon. What was late from the start its own command told. */
static void put_feedback_due(struct engine *engine, const struct feedback *feedback)
{
    remove_due(engine, RECORD_FEEDBACK, feedback->id);
    if (feedback->status == FEEDBACK_OPEN && !feedback->is_noticed)
        put_due(engine, RECORD_FEEDBACK, feedback->id, feedback->due_at_us - FEEDBACK_NOTICE_US);
}

void index_feedback(struct engine *engine, int64_t feedback_id)
{
    put_feedback_due(engine, record_at(engine, RECORD_FEEDBACK, feedback_id));
}

static int64_t add_feedback(struct engine *engine, int64_t ledger_id, int64_t claim_id,
    struct text organ, int64_t answer_by_us)
{
    struct feedback *feedback = add_record(engine, RECORD_FEEDBACK);
    feedback->ledger_id = ledger_id;
    feedback->claim_id = claim_id;
    feedback->due_at_us = answer_by_us != 0 ? answer_by_us : engine->now_us + FEEDBACK_US;
    feedback->is_noticed = feedback->due_at_us - engine->now_us <= FEEDBACK_NOTICE_US;
    feedback->asked_sequence = engine->sequence;
    feedback->status = FEEDBACK_OPEN;
    feedback->organ_length = copy_text(feedback->organ, sizeof feedback->organ, organ);
    put_feedback_due(engine, feedback);
    record_image(engine, RECORD_FEEDBACK, feedback->id);
    return feedback->id;
}

void note_request(struct engine *engine, const struct claim *claim, int64_t answer_by_us)
{
    bool is_of_none = claim->authority == AUTHORITY_BANK || claim->authority == AUTHORITY_CREDITOR;
    if (!is_of_none || answer_by_us != 0)
        add_feedback(engine, claim->ledger_id, claim->id,
            (struct text){claim->organ, claim->organ_length}, answer_by_us);
}

void note_unclaimed(
    struct engine *engine, const struct ledger *ledger, int64_t claim_id, struct text organ)
{
    CHECK(claim_id > 0 && organ.length > 0);
    if (check_request(engine) == OUTCOME_ACCEPTED)
        add_feedback(engine, ledger->id, claim_id, organ, 0);
}

enum outcome execute_open_feedback(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct open_feedback *asked = &command->open_feedback;
    if (check_request(engine) != OUTCOME_ACCEPTED)
        return check_request(engine);
    engine->effects->subject_id =
        add_feedback(engine, ledger->id, 0, asked->paper.authority_code, asked->answer_by_us);
    return OUTCOME_ACCEPTED;
}

enum outcome execute_give_feedback(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct give_feedback *asked = &command->give_feedback;
    const struct feedback *feedback = find_feedback(engine, ledger, asked->feedback_id);
    if (!feedback)
        return OUTCOME_FEEDBACK_NOT_FOUND;
    struct text organ = {feedback->organ, feedback->organ_length};
    if (!text_equals(organ, asked->authority_code))
        return OUTCOME_FEEDBACK_OF_ANOTHER_ORGAN;
    if (feedback->status == FEEDBACK_GIVEN)
        return OUTCOME_FEEDBACK_GIVEN;

    struct feedback *changed = change_record(engine, RECORD_FEEDBACK, feedback->id);
    changed->status = FEEDBACK_GIVEN;
    changed->given_sequence = engine->sequence;
    put_feedback_due(engine, changed);
    record_image(engine, RECORD_FEEDBACK, changed->id);
    engine->effects->subject_id = changed->id;
    return OUTCOME_ACCEPTED;
}

enum outcome expire_feedback(
    struct engine *engine, const struct ledger *ledger, int64_t feedback_id)
{
    const struct feedback *feedback = find_feedback(engine, ledger, feedback_id);
    if (!feedback)
        return OUTCOME_FEEDBACK_NOT_FOUND;
    if (feedback->status == FEEDBACK_GIVEN)
        return OUTCOME_FEEDBACK_GIVEN;
    if (feedback->is_noticed || feedback->due_at_us - FEEDBACK_NOTICE_US > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    struct feedback *changed = change_record(engine, RECORD_FEEDBACK, feedback->id);
    changed->is_noticed = true;
    put_feedback_due(engine, changed);
    record_image(engine, RECORD_FEEDBACK, changed->id);
    return OUTCOME_ACCEPTED;
}
