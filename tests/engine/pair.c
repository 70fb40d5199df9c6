/* pair.c: see pair.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include "commands.h"
#include "compare.h"
#include "naive_model.h"
#include "outcomes.h"
#include "support/expect.h"

#include <string.h>

struct pair pair;

/* By payout: the command that asked for it. */
static struct {
    struct original original;
    struct command command;
} asked[NAIVE_PAYOUTS_MAX + 1];

static void remember(const struct command *command)
{
    for (uint32_t i = 0; i < pair.effects.image_count; i++) {
        const struct image *image = &pair.effects.images[i];
        if (image->kind != RECORD_PAYOUT || image->payout.requested_sequence != pair.sequence)
            continue;
        asked[image->payout.id].command = *command;
        asked[image->payout.id].original = (struct original){.sequence = pair.sequence,
            .ledger_id = command->ledger_id,
            .subject_id = pair.effects.subject_id,
            .outcome = (uint16_t)pair.effects.outcome,
            .command = &asked[image->payout.id].command};
    }
}

static const struct original *original_of(const struct command *command)
{
    int64_t id = command->kind == COMMAND_CONFIRM_PAYOUT     ? command->confirm_payout.payout_id
                 : command->kind == COMMAND_INTERCEPT_PAYOUT ? command->intercept_payout.payout_id
                                                             : 0;
    bool is_there = id >= 1 && id <= engine_last_id(pair.engine, RECORD_PAYOUT);
    return is_there ? &asked[id].original : NULL;
}

enum outcome pair_try(struct command command)
{
    const struct ledger *ledger = engine_find_ledger(pair.engine, LEDGER);
    command.key.business_date = ledger ? ledger->accounting_dates[0] : TEST_DATE;
    command.original = original_of(&command);
    pair.sequence++;
    engine_execute(pair.engine, pair.now_us, pair.sequence, &command, &pair.effects);
    struct naive_answer answer = naive_execute(pair.model, pair.now_us, pair.sequence, &command);
    EXPECT_MSG(pair.effects.outcome == answer.outcome, "kind %d: engine %s, model %s",
        (int)command.kind, outcome_name((int)pair.effects.outcome),
        outcome_name((int)answer.outcome));
    EXPECT(pair.effects.posting_count == (uint32_t)answer.move_count);
    EXPECT(pair.effects.limit_minor == answer.limit_minor);
    expect_listed(command.kind, pair.effects.outcome);
    remember(&command);
    return pair.effects.outcome;
}

int64_t pair_does(struct command command)
{
    enum outcome outcome = pair_try(command);
    EXPECT_MSG(
        outcome == OUTCOME_ACCEPTED, "kind %d: %s", (int)command.kind, outcome_name((int)outcome));
    return pair.effects.subject_id;
}

void pair_begin(void)
{
    memset(&pair, 0, sizeof pair);
    pair.engine = engine_create();
    pair.model = naive_create();
    pair.now_us = NOW_US;
    pair_does(make_open_ledger("7001", TEST_DATE, 3));
    pair_does(make_open_member(LEDGER, "one"));
    pair_does(make_open_account(LEDGER, MEMBER));
    pair_does(make_open_account(LEDGER, MEMBER));
}

void pair_finish(void)
{
    char error[256] = "";
    EXPECT_MSG(engine_check(pair.engine, error, sizeof error) == 0, "%s", error);
    expect_same_claims(pair.engine, pair.model);
    engine_destroy(pair.engine);
    naive_destroy(pair.model);
}
