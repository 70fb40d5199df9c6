/* naive_feedback.c: what organs are told of their requests, in the naive model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#define DAY_US (24 * INT64_C(3600000000))
#define QUARTER_US (15 * INT64_C(60000000))

static int add(struct decision *d, int claim, const char *organ, int64_t answer_by_us)
{
    struct naive_model *model = d->model;
    CHECK(model->feedback_count < NAIVE_FEEDBACK_MAX);
    struct naive_feedback *one = &model->feedback[++model->feedback_count];
    *one = (struct naive_feedback){.ledger = d->ledger,
        .claim = claim,
        .due_us = answer_by_us != 0 ? answer_by_us : d->now_us + DAY_US,
        .asked = d->sequence,
        .changed = d->sequence};
    one->noticed = d->now_us >= one->due_us - QUARTER_US;
    naive_copy_text(one->organ, text_of(organ));
    return model->feedback_count;
}

void naive_ask(struct decision *d, int claim, int64_t answer_by_us)
{
    const struct naive_claim *of = &d->model->claims[claim];
    bool waits = of->authority != AUTHORITY_BANK && of->authority != AUTHORITY_CREDITOR;
    if (waits || answer_by_us != 0)
        add(d, claim, of->organ, answer_by_us);
}

void naive_tell(struct decision *d, int claim)
{
    add(d, claim, d->model->claims[claim].organ, 0);
}

int64_t naive_open_feedback(struct decision *d)
{
    char organ[AUTHORITY_CODE_BYTES_MAX + 1];
    if (d->worst != 0)
        return 0;
    naive_copy_text(organ, d->command->open_feedback.paper.authority_code);
    return add(d, 0, organ, d->command->open_feedback.answer_by_us);
}

static struct naive_feedback *need(struct decision *d, int64_t wish)
{
    struct naive_model *model = d->model;
    if (wish >= 1 && wish <= model->feedback_count && model->feedback[wish].ledger == d->ledger)
        return &model->feedback[wish];
    naive_broken(d, OUTCOME_FEEDBACK_NOT_FOUND);
    return NULL;
}

int64_t naive_give_feedback(struct decision *d)
{
    const struct give_feedback *wish = &d->command->give_feedback;
    struct naive_feedback *one = need(d, wish->feedback_id);
    if (!one)
        return 0;
    naive_need(
        d, naive_same_text(one->organ, wish->authority_code), OUTCOME_FEEDBACK_OF_ANOTHER_ORGAN);
    naive_need(d, one->given == 0, OUTCOME_FEEDBACK_GIVEN);
    if (d->worst != 0)
        return 0;
    one->given = d->sequence;
    one->changed = d->sequence;
    return wish->feedback_id;
}

int64_t naive_feedback_due(const struct naive_feedback *one)
{
    return one->given != 0 || one->noticed ? 0 : one->due_us - QUARTER_US;
}

int64_t naive_expire_feedback(struct decision *d, int64_t wish)
{
    struct naive_feedback *one = need(d, wish);
    if (!one)
        return 0;
    naive_need(d, one->given == 0, OUTCOME_FEEDBACK_GIVEN);
    naive_need(d, !one->noticed && d->now_us >= one->due_us - QUARTER_US, OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    one->noticed = true;
    one->changed = d->sequence;
    return wish;
}
