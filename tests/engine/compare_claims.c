/* compare_claims.c: claims of an engine and the naive model, see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "support/expect.h"

#include <inttypes.h>

#define SAME(engine_value, model_value)                                                            \
    EXPECT_MSG((engine_value) == (model_value),                                                    \
        "claim %d: %s: engine %" PRId64 ", model %" PRId64, id, #model_value,                      \
        (int64_t)(engine_value), (int64_t)(model_value))

static void expect_same_claim(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct claim *a = engine_find_record(engine, RECORD_CLAIM, id);
    const struct naive_claim *b = &model->claims[id];
    EXPECT_MSG(a && a->id == id, "claim %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->member_id, b->member);
    SAME(a->account_id, b->account);
    SAME(a->authority, b->authority);
    SAME(a->ground, b->ground);
    SAME(a->status, b->status);
    SAME(a->limit_minor, b->whole && b->status == CLAIM_LIVE ? INT64_MAX : b->limit);
    SAME(a->released_minor, b->released);
    SAME(a->deducted_minor, b->deducted);
    SAME(a->deducting_minor, b->deducting);
    SAME(a->is_whole, b->whole);
    SAME(a->has_fruits, b->fruits);
    SAME(a->is_secret, b->secret);
    SAME(a->continued, b->continued);
    SAME(a->placed_date, b->day);
    SAME(a->ends_at_us, b->ends_us);
    SAME(a->is_noticed, b->noticed);
    SAME(a->placed_sequence, b->placed);
    SAME(a->told_sequence, b->told);
    SAME(a->effective_sequence, b->effective);
    SAME(a->changed_sequence, b->changed);
    EXPECT_MSG(text_equals((struct text){a->organ, a->organ_length}, text_of(b->organ)),
        "claim %d: organ", id);
}

/* What each covers, made from nothing whichever command was the last. */
static void expect_same_covers(
    const struct engine *engine, const struct naive_model *model, int member)
{
    static int64_t claims[NAIVE_CLAIMS_MAX + 1], accounts[NAIVE_ACCOUNTS_MAX + 1];
    naive_cover(model, member, claims, accounts);
    for (int id = 1; id <= model->account_count; id++) {
        if (model->accounts[id].member != member)
            continue;
        EXPECT_MSG(model->accounts[id].cover == accounts[id],
            "account %d: cover %" PRId64 " is not settled, it were %" PRId64, id,
            model->accounts[id].cover, accounts[id]);
        EXPECT_MSG(engine_cover_minor(engine, id) == accounts[id],
            "account %d: cover %" PRId64 ", model %" PRId64, id, engine_cover_minor(engine, id),
            accounts[id]);
    }
    for (int id = 1; id <= model->claim_count; id++) {
        if (model->claims[id].member != member || model->claims[id].status != CLAIM_LIVE)
            continue;
        const struct claim *claim = engine_find_record(engine, RECORD_CLAIM, id);
        SAME(claim->cover_minor, claims[id]);
    }
}

static void expect_same_feedback(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct feedback *a = engine_find_record(engine, RECORD_FEEDBACK, id);
    const struct naive_feedback *b = &model->feedback[id];
    EXPECT_MSG(a && a->id == id, "feedback %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->claim_id, b->claim);
    SAME(a->due_at_us, b->due_us);
    SAME(a->asked_sequence, b->asked);
    SAME(a->given_sequence, b->given);
    SAME(a->changed_sequence, b->changed);
    SAME(a->status == FEEDBACK_GIVEN, b->given != 0);
    SAME(a->is_noticed, b->noticed);
    EXPECT_MSG(text_equals((struct text){a->organ, a->organ_length}, text_of(b->organ)),
        "feedback %d: organ", id);
}

void expect_same_claims(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_id(engine, RECORD_FEEDBACK) == model->feedback_count);
    for (int id = 1; id <= model->feedback_count; id++)
        expect_same_feedback(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_CLAIM) == model->claim_count);
    for (int id = 1; id <= model->claim_count; id++)
        expect_same_claim(engine, model, id);
    for (int id = 1; id <= model->member_count; id++)
        expect_same_covers(engine, model, id);
}
