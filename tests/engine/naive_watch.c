/* naive_watch.c: how long money may be in UNALLOCATED, of the naive model: every item is looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

int naive_oldest_item(const struct naive_model *model, int ledger)
{
    int oldest = 0;
    for (int id = model->suspense_count; id >= 1; id--) {
        const struct naive_suspense *item = &model->suspense[id];
        if (item->ledger == ledger && naive_open_of(item) > 0 &&
            (oldest == 0 || item->opened_us <= model->suspense[oldest].opened_us))
            oldest = id;
    }
    return oldest;
}

int naive_overdue_item(const struct naive_model *model, int ledger, int64_t now_us)
{
    int64_t age_us = model->ledgers[ledger].age_s * 1000000;
    int oldest = naive_oldest_item(model, ledger);
    bool is_overdue =
        age_us > 0 && oldest != 0 && now_us - model->suspense[oldest].opened_us >= age_us;
    return is_overdue ? oldest : 0;
}

static void note_change(struct decision *d)
{
    d->model->ledgers[d->ledger].watch_changed = d->sequence;
}

void naive_set_age(struct decision *d, int64_t age_s)
{
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (ledger->watch == 0)
        ledger->watch = ++d->model->watch_count;
    ledger->age_s = age_s;
    note_change(d);
}

int64_t naive_expire_item(struct decision *d, int64_t id)
{
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    int item = naive_need_item(d, id);
    if (item == 0)
        return 0;
    const struct naive_suspense *it = &d->model->suspense[item];
    int64_t age_us = ledger->age_s * 1000000;
    naive_need(d, naive_open_of(it) + it->returning > 0, OUTCOME_SUSPENSE_FINAL);
    naive_need_at(d, ledger->overdue_us == 0, OUTCOME_SUSPENSE_OVERDUE,
        naive_oldest_item(d->model, d->ledger));
    naive_need(d, age_us > 0 && naive_open_of(it) > 0 && d->now_us - it->opened_us >= age_us,
        OUTCOME_NOT_YET_DUE);
    if (d->worst != 0)
        return 0;
    ledger->overdue_us = d->now_us;
    ledger->overdue_item = naive_oldest_item(d->model, d->ledger);
    note_change(d);
    return item;
}

void naive_clear_overdue(struct decision *d)
{
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (ledger->overdue_us == 0 || naive_overdue_item(d->model, d->ledger, d->now_us) != 0)
        return;
    ledger->overdue_us = 0;
    ledger->overdue_item = 0;
    note_change(d);
}
