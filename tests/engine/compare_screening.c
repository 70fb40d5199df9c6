/* compare_screening.c: deny lists and hits of an engine and the naive model, see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "naive.h"

#include "support/expect.h"

#include <inttypes.h>
#include <string.h>

#define SAME(engine_value, model_value)                                                            \
    EXPECT_MSG((engine_value) == (model_value), "%s %d: %s: engine %" PRId64 ", model %" PRId64,   \
        what, id, #model_value, (int64_t)(engine_value), (int64_t)(model_value))

static void expect_same_denied(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "entry";
    const struct denied *a = engine_find_record(engine, RECORD_DENIED, id);
    const struct naive_denied *b = &model->denied[id];
    EXPECT_MSG(a && a->id == id, "entry %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->kind, b->number[0] ? DENIED_DOCUMENT : b->account[0] ? DENIED_ACCOUNT : DENIED_NAME);
    SAME(a->document_kind, b->document);
    SAME(a->source, b->source);
    SAME(a->status, b->status);
    SAME(a->expires_at_us, b->ends_us);
    SAME(a->listed_sequence, b->listed);
    SAME(a->caller_id, b->caller);
    SAME(a->changed_sequence, b->changed);
    EXPECT_MSG(text_equals((struct text){a->channel, a->channel_length}, text_of(b->channel)),
        "entry %d: channel", id);
}

static void expect_same_hit(const struct engine *engine, const struct naive_model *model, int id)
{
    static const char what[] = "hit";
    const struct hit *a = engine_find_record(engine, RECORD_HIT, id);
    const struct naive_hit *b = &model->hits[id];
    EXPECT_MSG(a && a->id == id, "hit %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->denied_id, b->denied);
    SAME(a->member_id, b->member);
    SAME(a->card_id, b->card);
    SAME(a->status, b->status);
    SAME(a->found_sequence, b->found);
    SAME(a->caller_id, b->caller);
    SAME(a->decided_sequence, b->decided);
    SAME(a->changed_sequence, b->changed);
    EXPECT_MSG(text_equals((struct text){a->channel, a->channel_length}, text_of(b->channel)),
        "hit %d: channel", id);
}

void expect_same_screening(const struct engine *engine, const struct naive_model *model)
{
    static const char what[] = "account";
    EXPECT(engine_last_id(engine, RECORD_DENIED) == model->denied_count);
    for (int id = 1; id <= model->denied_count; id++)
        expect_same_denied(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_HIT) == model->hit_count);
    for (int id = 1; id <= model->hit_count; id++)
        expect_same_hit(engine, model, id);
    for (int id = 1; id <= model->account_count; id++) {
        const struct account *account = engine_find_account(engine, id);
        SAME(account_takes_none(account), naive_takes_none(model, id));
        SAME(account_gives_none(account), naive_gives_none(model, id));
    }
}
