/* naive_callers.c: who may ask, and who may see, as simply as it can be said.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "naive.h"

#include <string.h>

static struct naive_caller rights(const struct decision *d, const struct caller_rights *wish)
{
    struct naive_caller caller = {
        .front = wish->roles.front,
        .adapter = wish->roles.adapter,
        .reconciliation = wish->roles.reconciliation,
        .judicial = wish->roles.judicial,
        .operator_ = wish->roles.operator,
        .approver = wish->roles.approver,
        .platform = wish->roles.platform,
        .auditor = wish->roles.auditor,
        .administrator = wish->roles.administrator,
        .all_ledgers = wish->all_ledgers,
        .any_channel = wish->any_channel,
        .ledger_count = (int)wish->ledger_count,
        .channel_count = (int)wish->channel_count,
        .changed = d->sequence,
    };
    for (int i = 0; i < caller.ledger_count; i++)
        caller.ledgers[i] = wish->ledgers[i].ledger_id;
    for (int i = 0; i < caller.channel_count; i++)
        naive_copy_text(caller.channels[i], wish->channels[i].channel);
    return caller;
}

static void need_ledgers(struct decision *d, const struct caller_rights *wish)
{
    for (uint32_t i = 0; i < wish->ledger_count; i++)
        naive_need(d,
            wish->ledgers[i].ledger_id >= 1 && wish->ledgers[i].ledger_id <= d->model->ledger_count,
            OUTCOME_LEDGER_NOT_FOUND);
}

int64_t naive_create_caller(struct decision *d)
{
    struct naive_model *model = d->model;
    const struct create_caller *wish = &d->command->create_caller;
    need_ledgers(d, &wish->rights);
    for (int id = 1; id <= model->caller_count; id++)
        naive_need(
            d, !naive_same_text(model->callers[id].name, wish->name), OUTCOME_CALLER_NAME_TAKEN);
    if (d->worst != 0)
        return 0;
    CHECK(model->caller_count < NAIVE_CALLERS_MAX);
    struct naive_caller *caller = &model->callers[++model->caller_count];
    *caller = rights(d, &wish->rights);
    naive_copy_text(caller->name, wish->name);
    return model->caller_count;
}

/* He has the role, and a channel to send by. */
static bool could_change_callers(const struct naive_caller *caller)
{
    return caller->administrator && !caller->suspended &&
           (caller->any_channel || caller->channel_count != 0);
}

int64_t naive_update_caller(struct decision *d)
{
    struct naive_model *model = d->model;
    const struct update_caller *wish = &d->command->update_caller;
    need_ledgers(d, &wish->rights);
    bool is_there = wish->caller_id >= 1 && wish->caller_id <= model->caller_count;
    naive_need(d, is_there, OUTCOME_CALLER_NOT_FOUND);
    if (!is_there)
        return 0;
    struct naive_caller *caller = &model->callers[wish->caller_id];
    struct naive_caller changed = rights(d, &wish->rights);
    changed.suspended = wish->status == CALLER_SUSPENDED;
    memcpy(changed.name, caller->name, sizeof changed.name);
    /* Somebody was there who could change callers, and afterwards nobody is. */
    int before = 0;
    int after = 0;
    for (int id = 1; id <= model->caller_count; id++) {
        const struct naive_caller *then = id == wish->caller_id ? &changed : &model->callers[id];
        before += could_change_callers(&model->callers[id]);
        after += could_change_callers(then);
    }
    naive_need(d, before == 0 || after > 0, OUTCOME_LAST_ADMINISTRATOR);
    if (d->worst != 0)
        return 0;
    *caller = changed;
    return wish->caller_id;
}

/* What a Reveal names is told with it. */
int64_t naive_reveal(struct decision *d)
{
    static const struct {
        enum command_kind kind;
        const char *name, *number;
    } kinds[] = {
        {COMMAND_OPEN_LEDGER, "platform_name", "escrow_account_number"},
        {COMMAND_SET_TERMS, "own_account.name", "own_account.account_number"},
        {COMMAND_BOOK_RECEIPT, "payer.name", "payer.account_number"},
        {COMMAND_ALLOCATE_LINE, "payer.name", "payer.account_number"},
        {COMMAND_WITHDRAW, "destination.name", "destination.account_number"},
        {COMMAND_IDENTIFY_MEMBER, "holder.name", "holder.number"},
        {COMMAND_BIND_CARD, "holder", "number"},
        {COMMAND_ADD_DENIED, "name", "account_number"},
        {COMMAND_OPEN_BANK_STATEMENT, "account_number", "account_number"},
        {COMMAND_ADD_STATEMENT_LINE, "counterparty.name", "counterparty.account_number"},
        {COMMAND_PLACE_CLAIM, "subject.name", "subject.number"},
        {COMMAND_PLACE_CLAIM, "officer.name", "officer.number"},
        {COMMAND_CONTINUE_CLAIM, "officer.name", "officer.number"},
        {COMMAND_RELEASE_CLAIM, "officer.name", "officer.number"},
        {COMMAND_DEDUCT_CLAIM, "officer.name", "officer.number"},
        {COMMAND_DEDUCT_CLAIM, "payee.name", "payee.account_number"},
        {COMMAND_PLACE_CLAIM, "payee.name", "payee.account_number"},
        {COMMAND_OPEN_FEEDBACK, "officer.name", "officer.number"},
    };
    const struct reveal *wish = &d->command->reveal;
    for (uint32_t i = 0; i < wish->command_count; i++) {
        bool has = false;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            bool is_field = wish->field.length == 0 ||
                            text_equals(wish->field, text_of(kinds[k].name)) ||
                            text_equals(wish->field, text_of(kinds[k].number));
            has |= is_field && (int)kinds[k].kind == wish->commands[i].kind;
        }
        naive_need(d, has && wish->commands[i].ledger_id == d->ledger, OUTCOME_NOTHING_TO_REVEAL);
    }
    return wish->commands[0].sequence;
}
