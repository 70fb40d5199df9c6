/* second_person.c: what one person alone may not do: two send the same, and it happens with the
 * second.
 *
 * The first request is refused with SECOND_PERSON_NEEDED, which is on record with all that it asks
 * for; the second one, by another channel, names it. So nothing is kept beside the journal, and
 * nothing has to be withdrawn: the first request counts on its accounting date only, and only as
 * long as what it is about has not changed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/second_person.h"

#include "engine/memory/memory.h"
#include "engine/rules/texts.h"

static bool asks_for_the_same(const struct command *first, const struct command *second)
{
    if (first->kind != second->kind)
        return false;
    if (first->kind == COMMAND_CONFIRM_PAYOUT) {
        const struct confirm_payout *one = &first->confirm_payout;
        const struct confirm_payout *two = &second->confirm_payout;
        return one->correction && two->correction && one->payout_id == two->payout_id &&
               one->result == two->result && one->amount_minor == two->amount_minor &&
               text_equals(one->bank_reference, two->bank_reference);
    }
    if (first->kind == COMMAND_RESTRICT_ACCOUNT) {
        const struct restrict_account *one = &first->restrict_account;
        const struct restrict_account *two = &second->restrict_account;
        return one->account_id == two->account_id && one->no_in == two->no_in &&
               one->no_out == two->no_out && text_equals(one->owner, two->owner);
    }
    return first->kind == COMMAND_CUT_DAY &&
           first->cut_day.accounting_date == second->cut_day.accounting_date;
}

bool is_same_person(const struct command *first, const struct command *second)
{
    bool is_one_caller = first->caller_id != 0 && first->caller_id == second->caller_id;
    return is_one_caller || text_equals(channel_of(&first->key), channel_of(&second->key));
}

enum outcome check_second_person(const struct ledger *ledger, const struct command *command,
    int64_t first_sequence, int64_t changed_sequence)
{
    if (first_sequence == 0)
        return OUTCOME_SECOND_PERSON_NEEDED;
    const struct original *first = command->original;
    if (!first || first->ledger_id != ledger->id ||
        first->outcome != OUTCOME_SECOND_PERSON_NEEDED ||
        first->accounting_date != ledger->accounting_dates[0] ||
        changed_sequence > first->sequence || !asks_for_the_same(first->command, command))
        return OUTCOME_FIRST_REQUEST_NOT_FOUND;
    CHECK(first->sequence == first_sequence);
    return is_same_person(first->command, command) ? OUTCOME_SAME_CALLER : OUTCOME_ACCEPTED;
}
