/* random_proposals.c: proposals of random commands, and what becomes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "random_picks.h"

#include "base/check.h"
#include "command/body.h"

enum { FEW = 12, ROOM = 16 };

/* One of two callers, or nobody who is known. */
static struct command by_some_caller(struct random *random, struct command command)
{
    return command_of_caller(random_between(random, 0, 2), command);
}

static struct command random_policy(struct random *random, int64_t ledger)
{
    static const int32_t kinds[] = {COMMAND_DEDUCT_CLAIM, COMMAND_PAY, COMMAND_WITHDRAW,
        COMMAND_CHARGE_FEE, COMMAND_BOOK_INTEREST, COMMAND_CONFIRM_PAYOUT, COMMAND_LIFT_FREEZE,
        COMMAND_CLOSE_ACCOUNT, COMMAND_CONFIRM_HOLD};
    static struct approval_rule_asked rules[sizeof kinds / sizeof *kinds];
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!random_percent(random, 15))
            continue;
        rules[count].kind = kinds[i];
        rules[count].above_amount_minor =
            kinds[i] == COMMAND_CLOSE_ACCOUNT || random_percent(random, 10)
                ? 0
                : random_between(random, 1, 100000);
        count++;
    }
    return make_policy(ledger, rules, count);
}

/* Few are above level 1. Limits that amounts often meet, and often none. */
static struct account_level_asked random_level(struct random *random, int32_t level, bool counts)
{
    struct account_level_asked asked = {.level = level,
        .may_receive = random_percent(random, 95),
        .may_pay = random_percent(random, 95),
        .may_withdraw = random_percent(random, 95)};
    int64_t *const limits[] = {&asked.operation_in_minor, &asked.operation_out_minor,
        &asked.date_in_minor, &asked.date_out_minor, &asked.year_in_minor, &asked.year_out_minor,
        &asked.balance_minor};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (random_percent(random, 30) && (counts || i < 2 || i > 5))
            *limits[i] = random_percent(random, 70) ? random_between(random, 10000, 3000000)
                                                    : random_between(random, 1, 10000);
    }
    return asked;
}

struct command random_set_account_policy(struct random *random, int64_t ledger)
{
    static struct account_level_asked merchants[2], users[2];
    uint32_t merchant_count = random_percent(random, 95) ? 2 : 0;
    uint32_t user_count = random_percent(random, 95) ? 2 : 0;
    bool counts = random_percent(random, 40); /* dates and years, which the model sums up */
    if (random_percent(random, 40))
        return make_account_policy(ledger, ACCOUNT_POLICY_UNCHECKED);
    if (random_percent(random, 10))
        return make_account_policy(ledger, (enum account_policy_preset)random_between(random,
                                               ACCOUNT_POLICY_STRICT, ACCOUNT_POLICY_PREPAID));
    for (int32_t i = 0; i < 2; i++) {
        merchants[i] = random_level(random, i, counts);
        users[i] = random_level(random, i, counts);
    }
    return make_custom_policy(ledger, merchants, merchant_count, users, user_count);
}

/* Mostly where a policy is: there it needs a second person. */
struct command random_set_policy(struct random *random, int64_t ledger)
{
    return random_policy(random, ledger);
}

struct command random_proposal(struct random *random, const struct naive_model *model,
    int64_t ledger, int64_t now_us, const struct command *inside)
{
    /* Of those that are approved, few meet a payout that the bank has still to decide. */
    struct command some =
        random_percent(random, 15) ? random_correction(random, model, ledger) : *inside;
    if (!command_is_proposable((int)some.kind) || some.proposal_id != 0 ||
        random_percent(random, 5))
        some = random_policy(random, ledger);
    some.original = NULL;
    struct command command = make_proposal(ledger, &some, random_end(random, now_us));
    if (command.propose.command.length > NAIVE_INSIDE_BYTES_MAX ||
        model->proposal_count >= NAIVE_PROPOSALS_MAX - ROOM)
        return make_approval(ledger, 0x7fffffff);
    return by_some_caller(random, random_by(random, NULL, command));
}

static int64_t pick_proposal(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[FEW];
    uint64_t count = 0;
    bool waits = random_percent(random, 85);
    for (int id = model->proposal_count; id > 0 && count < FEW; id--) {
        const struct naive_proposal *proposal = &model->proposals[id];
        if (proposal->ledger == ledger && (!waits || proposal->status == PROPOSAL_OPEN))
            found[count++] = id;
    }
    if (count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->proposal_count);
    /* The newest, too: what it names is as it was then. */
    return found[random_percent(random, 40) ? 0 : random_below(random, count)];
}

struct command random_approval(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    static struct command_elements elements;
    static unsigned char bytes[NAIVE_INSIDE_BYTES_MAX];
    int64_t id = pick_proposal(random, model, ledger);
    struct command approve =
        by_some_caller(random, random_by(random, NULL, make_approval(ledger, id)));
    if (naive_check_approval(model, now_us, &approve, id) != OUTCOME_ACCEPTED)
        return approve;
    /* As the flow does it; the command that made it must be in the journal. */
    const struct naive_proposal *proposal = &model->proposals[id];
    if (model->hidden_from != 0 && proposal->proposed >= model->hidden_from)
        return approve;
    struct command decided;
    memcpy(bytes, proposal->inside, sizeof bytes);
    struct text inside = {(const char *)bytes, (uint32_t)proposal->inside_length};
    int result = command_take_proposed(inside, &elements, &decided);
    CHECK(result == 0);
    decided.check_amount_minor = 17;
    decided.key = approve.key;
    decided.ledger_id = ledger;
    decided.caller_id = approve.caller_id;
    decided.proposal_id = id;
    decided.maker_caller_id = proposal->maker;
    decided.proposed_at_us = proposal->proposed_us;
    return decided;
}

struct command random_withdraw_proposal(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_proposal(random, model, ledger);
    struct command command = make_withdraw_proposal(ledger, id);
    bool is_there = id >= 1 && id <= model->proposal_count;
    if (!is_there || random_percent(random, 20))
        return by_some_caller(random, random_by(random, NULL, command));
    return command_of_caller(
        model->proposals[id].maker, command_by(model->proposals[id].maker_channel, command));
}
