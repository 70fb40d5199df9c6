/* compare_card_flows.c: card flows of an engine and the naive model, see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "support/expect.h"

#include <inttypes.h>

#define SAME(engine_value, model_value)                                                            \
    EXPECT_MSG((engine_value) == (model_value),                                                    \
        "card flow %d: %s: engine %" PRId64 ", model %" PRId64, id, #model_value,                  \
        (int64_t)(engine_value), (int64_t)(model_value))

void expect_same_card_flows(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_id(engine, RECORD_CARD_FLOW) == model->flow_count);
    for (int id = 1; id <= model->flow_count; id++) {
        const struct card_flow *a = engine_find_record(engine, RECORD_CARD_FLOW, id);
        const struct naive_flow *b = &model->flows[id];
        EXPECT_MSG(a && a->id == id, "card flow %d is missing", id);
        SAME(a->ledger_id, b->ledger);
        SAME(a->account_id, b->account);
        SAME(a->card_id, b->card);
        SAME(a->in_minor, b->in);
        SAME(a->out_minor, b->out);
        SAME(a->pending_minor, b->pending);
        SAME(a->moved_minor, b->moved);
        SAME(a->owed_sequence, b->since);
        SAME(a->opened_sequence, b->opened);
        SAME(a->ended_sequence, b->ended);
        SAME(a->successor_id, b->successor);
        SAME(a->changed_sequence, b->changed);
    }
}
