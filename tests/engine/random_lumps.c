/* random_lumps.c: draws lumps, their lines and their ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "naive.h"
#include "random_picks.h"

#include "model/receiving_number.h"

#include <stdio.h>

enum { LATEST = 8 };

/* Mostly an open lump of the ledger, a recent one or any. */
static int64_t pick_lump(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found[LATEST];
    uint64_t count = 0;
    bool any = random_percent(random, 10);
    if (model->lump_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->lump_count);
    for (int id = model->lump_count; id > 0 && count < LATEST; id--) {
        const struct naive_lump *lump = &model->lumps[id];
        if (any || (lump->ledger == ledger && lump->status == LUMP_OPEN))
            found[count++] = id;
    }
    return count == 0 ? model->lump_count : found[random_below(random, count)];
}

struct command random_open_lump(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t item = pick_item(random, model, ledger);
    int64_t count = random_between(random, 1, 4);
    int64_t total = count;
    if (item >= 1 && item <= model->suspense_count) {
        int64_t open = naive_open_of(&model->suspense[item]);
        total = random_percent(random, 50) ? open : pick_part(random, open);
    }
    total = pick_clamp(total);
    struct command command = make_open_lump(ledger, item, count, total < count ? count : total);
    command.open_lump.is_all_or_none = random_percent(random, 15);
    return command;
}

static struct text pick_source_order(struct random *random)
{
    static char orders[2][16];
    static int next;
    char *order = orders[next++ % 2];
    int length = snprintf(order, sizeof orders[0], "L-%d", (int)random_between(random, 1, 3000));
    return (struct text){order, (uint32_t)length};
}

/* What is left, shared out so that the last line agrees. */
static int64_t pick_line_amount(struct random *random, const struct naive_lump *lump)
{
    int64_t lines = lump->count - lump->got_count;
    int64_t left = lump->total - lump->got;
    if (lines <= 1 && random_percent(random, 85))
        return left;
    if (lines > 1 && left > lines && random_percent(random, 70))
        return random_between(random, 1, left - lines + 1);
    return pick_part(random, left);
}

struct command random_allocate_line(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    static char number[RECEIVING_NUMBER_BYTES_MAX];
    int64_t id = pick_lump(random, model, ledger);
    int64_t account = pick_account(random, model, ledger);
    int64_t amount = 1;
    if (id >= 1 && id <= model->lump_count)
        amount = pick_line_amount(random, &model->lumps[id]);
    struct command command =
        make_line(ledger, id, "", account, pick_clamp(amount > 0 ? amount : 1));
    command.allocate_line.source_order = pick_source_order(random);
    command.is_atomic = random_percent(random, 50);
    if (random_percent(random, 30) && ledger >= 1 && ledger <= model->ledger_count &&
        account >= 1 && account <= model->account_count) {
        command.allocate_line.account_id = 0;
        receiving_number_format(text_of(model->ledgers[ledger].receiving_prefix), account, number);
        command.allocate_line.receiving_number = text_of(number);
    }
    if (random_percent(random, 30))
        command.allocate_line.order_number = pick_order(random);
    if (random_percent(random, 20))
        command.allocate_line.fee_rule = pick_rule(random, model, ledger);
    return command;
}

struct command random_close_lump(
    struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t id = pick_lump(random, model, ledger);
    for (int other = model->lump_count; other > 0 && random_percent(random, 97); other--) {
        const struct naive_lump *lump = &model->lumps[other];
        if (lump->ledger == ledger && lump->status == LUMP_OPEN && lump->got_count == lump->count &&
            (lump->got == lump->total || random_percent(random, 20))) {
            id = other;
            break;
        }
    }
    if (random_percent(random, 10))
        return make_close_as_it_stands(ledger, id);
    bool is_empty = id >= 1 && id <= model->lump_count && model->lumps[id].got_count == 0;
    return random_percent(random, is_empty ? 40 : 10) ? make_cancel_lump(ledger, id)
                                                      : make_close_lump(ledger, id);
}
