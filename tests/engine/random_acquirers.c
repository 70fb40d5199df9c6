/* random_acquirers.c: random payment companies, and what they promise.
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_picks.h"

#include "commands.h"

#include <stdio.h>

/* How far back recent ones are looked for. */
enum { RECENT = 40 };

/* Mostly one of the ledger's. */
static int64_t pick_acquirer(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[NAIVE_ACQUIRERS_MAX];
    uint64_t count = 0;
    bool any = random_percent(random, 3);
    for (int id = 1; id <= model->acquirer_count; id++) {
        if (any || model->acquirers[id].ledger == ledger)
            found[count++] = id;
    }
    if (count == 0 || random_percent(random, 2))
        return pick_no_such_id(random, model->acquirer_count);
    return found[random_below(random, count)];
}

struct command random_acquirer(
    struct random *random, const struct naive_model *model, int64_t ledger, enum command_kind kind)
{
    static const char *const names[] = {"allpay", "unipay", "fastpay"};
    int64_t ceiling = random_percent(random, 20) ? random_between(random, 1, 5000)
                                                 : random_between(random, 1, 3000000);
    int32_t days = (int32_t)random_between(random, 0, 3);
    const char *rule = random_percent(random, 50) ? "" : pick_rule_name(random);
    if (kind == COMMAND_OPEN_ACQUIRER) {
        struct command command =
            make_open_acquirer(ledger, names[random_below(random, 3)], days, rule, ceiling);
        command.open_acquirer.terms.keeps_fee = random_percent(random, 40);
        return command;
    }
    struct command command =
        make_set_acquirer(ledger, pick_acquirer(random, model, ledger), days, rule, ceiling);
    command.set_acquirer.terms.keeps_fee = random_percent(random, 40);
    command.set_acquirer.terms.withdrawable_next_date = random_percent(random, 40);
    command.set_acquirer.is_stopped = random_percent(random, 10);
    return command;
}

/* Of few references, so that they meet; of old ones, so that what has left memory does. */
struct command random_promise(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static char references[64][24];
    static unsigned made;
    char *reference = references[made++ % 64];
    int64_t acquirer = pick_acquirer(random, model, ledger);
    snprintf(reference, sizeof references[0], "R%d",
        random_percent(random, 85) ? model->promise_count + 1
                                   : (int)random_between(random, 1, model->promise_count + 1));
    struct command command = make_promise(ledger, acquirer, pick_account(random, model, ledger),
        pick_amount(random, ledger), reference);
    if (acquirer <= model->acquirer_count && random_percent(random, 60))
        command.book_promise.amount_minor = random_between(random, 1, 20000);
    if (acquirer <= model->acquirer_count && random_percent(random, 5)) {
        int64_t left = model->acquirers[acquirer].ceiling - naive_owed_by(model, (int)acquirer);
        command.book_promise.amount_minor = pick_clamp(pick_part(random, left > 0 ? left : 1));
    }
    if (random_percent(random, 30))
        command.book_promise.order_number = pick_order(random);
    return command;
}

/* Mostly one of the ledger of which something is open. */
int64_t pick_promise(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    bool any = random_percent(random, 10);
    int64_t newest = model->promise_count;
    if (newest == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->promise_count);
    if (random_percent(random, 30))
        newest = random_between(random, 1, newest);
    for (int64_t id = newest; id > 0 && count < RECENT; id--) {
        const struct naive_promise *promise = &model->promises[id];
        if (any || (promise->ledger == ledger && naive_promise_open(promise) > 0))
            found[count++] = id;
    }
    return count == 0 ? newest : found[random_below(random, count)];
}

struct command random_cancel_promise(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_promise(random, model, ledger);
    int64_t amount = 0;
    if (id >= 1 && id <= model->promise_count && random_percent(random, 70))
        amount = pick_clamp(pick_part(random, naive_promise_open(&model->promises[id])));
    return make_cancel_promise(ledger, id, amount);
}

/* An item of the ledger with something open, a recent one. */
static int64_t pick_open_item(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    for (int64_t id = model->suspense_count; id > 0 && count < RECENT; id--) {
        if (model->suspense[id].ledger == ledger && naive_open_of(&model->suspense[id]) > 0)
            found[count++] = id;
    }
    if (count == 0 || random_percent(random, 4))
        return pick_no_such_id(random, model->suspense_count);
    return found[random_below(random, count)];
}

struct command random_open_settlement(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t item = pick_open_item(random, model, ledger);
    int64_t total = 1;
    if (item <= model->suspense_count)
        total = random_percent(random, 50)
                    ? naive_open_of(&model->suspense[item])
                    : pick_part(random, naive_open_of(&model->suspense[item]));
    return make_open_settlement(ledger, pick_acquirer(random, model, ledger), item,
        (int32_t)random_between(random, 1, 4), pick_clamp(total > 0 ? total : 1));
}

static int64_t pick_settlement(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    bool any = random_percent(random, 8);
    for (int64_t id = model->settlement_count; id > 0 && count < RECENT; id--) {
        const struct naive_settlement *settlement = &model->settlements[id];
        if (any || (settlement->ledger == ledger && !settlement->closed))
            found[count++] = id;
    }
    if (count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->settlement_count);
    return found[random_below(random, count)];
}

/* A promise of the acquirer, mostly an open one. */
static int64_t pick_promise_of(struct random *random, const struct naive_model *model, int acquirer)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    bool any = random_percent(random, 15);
    for (int64_t id = model->promise_count; id > 0 && count < RECENT; id--) {
        const struct naive_promise *promise = &model->promises[id];
        if (promise->acquirer == acquirer && (any || naive_promise_open(promise) > 0))
            found[count++] = id;
    }
    return count == 0 ? pick_no_such_id(random, model->promise_count)
                      : found[random_below(random, count)];
}

/* As it should be, a little more or less, or what is left of the settlement. */
struct command random_line(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_settlement(random, model, ledger);
    if (id > model->settlement_count)
        return make_settle_line(ledger, id, 1, 1, 0);
    const struct naive_settlement *settlement = &model->settlements[id];
    int64_t rest = settlement->total - settlement->settled - settlement->returned;
    int64_t promise_id = pick_promise_of(random, model, settlement->acquirer);
    int64_t gross = 1, fee = 0;
    const struct naive_promise *promise =
        promise_id <= model->promise_count ? &model->promises[promise_id] : NULL;
    if (promise && naive_promise_open(promise) > 0) {
        fee = promise->settled + promise->cancelled == 0 ? promise->kept : 0;
        gross = naive_promise_open(promise) + fee +
                random_between(random, -1, 1) *
                    (random_percent(random, 40) ? random_between(random, 1, 50) : 0);
        if (random_percent(random, 20))
            fee += random_between(random, 0, 2);
    }
    if (random_percent(random, 30) || gross - fee > rest)
        gross = rest + fee;
    gross = pick_clamp(gross > fee ? gross : fee + 1);
    struct command line = make_settle_line(ledger, id, promise_id, gross, fee);
    if (promise && random_percent(random, 50))
        line = line_of_reference(promise->reference, line);
    if (random_percent(random, 4))
        line = line_of_reference("no such", line);
    return random_percent(random, 25) ? partial_line(line) : line;
}

struct command random_close_settlement(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_settlement(random, model, ledger);
    bool is_whole = id <= model->settlement_count &&
                    model->settlements[id].settled == model->settlements[id].total;
    if (id > model->settlement_count || is_whole || random_percent(random, 50))
        return make_close_settlement(ledger, id);
    return make_abandon(ledger, id,
        random_percent(random, 95) ? model->settlements[id].item : model->settlements[id].item + 1);
}

struct command random_close_difference(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[RECENT];
    uint64_t count = 0;
    bool any = random_percent(random, 8);
    for (int64_t id = model->difference_count; id > 0 && count < RECENT; id--) {
        const struct naive_difference *one = &model->differences[id];
        if (any || (one->ledger == ledger && one->closed == 0))
            found[count++] = id;
    }
    int64_t id = count == 0 ? pick_no_such_id(random, model->difference_count)
                            : found[random_below(random, count)];
    enum difference_end end = (enum difference_end)random_between(random, 1, 5);
    int64_t named = 1;
    if (id <= model->difference_count && end == DIFFERENCE_RETURNED)
        named = model->differences[id].item + (random_percent(random, 4) ? 1 : 0);
    if (id <= model->difference_count && end == DIFFERENCE_ASSIGNED)
        named = pick_promise_of(random, model, model->differences[id].acquirer);
    return make_close_difference(ledger, id, end, named);
}
