/* compare_cards.c: cards of an engine and the naive model, see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "support/expect.h"

#include <inttypes.h>

#define SAME(engine_value, model_value)                                                            \
    EXPECT_MSG((engine_value) == (model_value), "card %d: %s: engine %" PRId64 ", model %" PRId64, \
        id, #model_value, (int64_t)(engine_value), (int64_t)(model_value))

static void expect_same_card(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct card *a = engine_find_record(engine, RECORD_CARD, id);
    const struct naive_card *b = &model->cards[id];
    EXPECT_MSG(a && a->id == id, "card %d is missing", id);
    SAME(a->ledger_id, b->ledger);
    SAME(a->member_id, b->member);
    SAME(a->kind, b->kind);
    SAME(a->status, b->status);
    SAME(a->is_main, b->main);
    SAME(a->way, b->way);
    SAME(a->amount_minor, b->amount);
    SAME(a->checks, b->checks);
    SAME(a->wrong_in_row, b->wrong);
    SAME(a->checks_date, b->date);
    SAME(a->locked_date, b->lock);
    SAME(a->end_reason, b->reason);
    SAME(a->replaced_by, b->successor);
    SAME(a->check_expires_at_us, b->check_ends_us);
    SAME(a->bound_sequence, b->bound);
    SAME(a->check_sequence, b->check);
    SAME(a->checked_sequence, b->checked);
    SAME(a->changed_sequence, b->changed);
    SAME(engine_card_status(engine, a), (enum card_status)naive_card_status(model, id));
    EXPECT_MSG(text_equals((struct text){a->bank_code, a->bank_code_length}, text_of(b->bank)),
        "card %d: bank code", id);
}

/* Whose they are, in their order. */
static void expect_same_chain(const struct engine *engine, const struct naive_model *model, int id)
{
    int64_t found = chain_newest_card(engine, id);
    for (int card = model->card_count; card >= 1; card--) {
        if (model->cards[card].member != id || !naive_is_bound(&model->cards[card]))
            continue;
        EXPECT_MSG(
            found == card, "cards of member %d: %" PRId64 " in the place of %d", id, found, card);
        found = chain_older_card(engine, found);
    }
    EXPECT_MSG(found == 0, "member %d has a card too many, %" PRId64, id, found);
}

void expect_same_cards(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_id(engine, RECORD_CARD) == model->card_count);
    for (int id = 1; id <= model->card_count; id++)
        expect_same_card(engine, model, id);
    for (int id = 1; id <= model->member_count; id++)
        expect_same_chain(engine, model, id);
}
