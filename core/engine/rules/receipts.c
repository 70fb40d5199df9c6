/* receipts.c: money comes in, and the fee that is charged by itself.
 *
 * What each command books is the table in the design; the notation in comments is
 * `debited -> credited`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/receipts.h"

#include "base/fold.h"
#include "engine/memory/memory.h"
#include "engine/rules/account_policy.h"
#include "engine/rules/accounts.h"
#include "engine/rules/book.h"
#include "engine/rules/card_flows.h"
#include "engine/rules/commands.h"
#include "engine/rules/debts.h"
#include "engine/rules/refusals.h"
#include "engine/rules/screening.h"
#include "engine/rules/sums.h"
#include "engine/rules/suspense.h"
#include "model/receiving_number.h"

enum outcome check_platform_party(
    const struct engine *engine, const struct ledger *ledger, const struct party *party)
{
    struct text name = {ledger->own_account_name, ledger->own_account_name_length};
    struct text number = {ledger->own_account_number, ledger->own_account_number_length};
    if (number.length == 0)
        return OUTCOME_PLATFORM_ACCOUNT_NOT_SET;
    bool is_its =
        engine->same_party
            ? engine->same_party(engine->same_party_context, ledger->id, party, name, number)
            : fold_same_party(party->name, party->account_number, name, number);
    return is_its ? OUTCOME_ACCEPTED : OUTCOME_PLATFORM_ACCOUNT_MISMATCH;
}

/* The member's account whose money arrived. It may be closed: then the money waits in UNALLOCATED,
 * for it is in the escrow account whatever the books say. Of who is on the deny list a receipt
 * waits, as it does by its number. */
static enum outcome find_owner(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account)
{
    enum outcome outcome = find_member_account(engine, ledger, account_id, ret_account);
    if (outcome == OUTCOME_ACCOUNT_CLOSED) {
        *ret_account = &engine->accounts[account_id];
        return OUTCOME_ACCEPTED;
    }
    if (outcome == OUTCOME_ACCEPTED && (*ret_account)->no_in)
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    return outcome;
}

/* The account that a receipt names by its id: a member's, or PLATFORM_OWN for the platform's own
 * money. */
static enum outcome find_receiver(const struct engine *engine, const struct ledger *ledger,
    const struct book_receipt *asked, const struct account **ret_account)
{
    if (asked->account_id == control_account_id(ledger, ACCOUNT_PLATFORM_OWN)) {
        *ret_account = control_account(engine, ledger, ACCOUNT_PLATFORM_OWN);
        return check_platform_party(engine, ledger, &asked->payer);
    }
    return find_owner(engine, ledger, asked->account_id, ret_account);
}

/* The same movement again, by another key or from a statement. Who decides has looked it up. */
static enum outcome check_reference(const struct engine *engine, const struct command *command)
{
    int64_t used = command->used_sequence;
    if (used == 0)
        return OUTCOME_ACCEPTED;
    CHECK(used == USED_IN_CALL || (used > 0 && used < engine->sequence));
    return refuse_at(engine, OUTCOME_BANK_REFERENCE_USED, used == USED_IN_CALL ? 0 : used);
}

/* Why the account does not take a receipt; NULL: the receiving number leads to none. */
static enum suspense_reason reason_to_wait(
    const struct ledger *ledger, struct text receiving_number, const struct account *account)
{
    struct text prefix = {ledger->receiving_prefix, ledger->receiving_prefix_length};
    char digits[RECEIVING_NUMBER_BYTES_MAX];
    struct text number = {digits, fold_number(receiving_number, digits, sizeof digits)};
    int64_t account_id;
    if (account)
        return account->status != ACCOUNT_OPEN ? SUSPENSE_CLOSED_ACCOUNT
               : account_takes_none(account)   ? SUSPENSE_RESTRICTED_ACCOUNT
                                               : SUSPENSE_POLICY;
    if (receiving_number.length == 0)
        return SUSPENSE_NO_NUMBER;
    return receiving_number_try_parse(number, prefix, &account_id) ? SUSPENSE_UNKNOWN_NUMBER
                                                                   : SUSPENSE_WRONG_NUMBER;
}

enum outcome execute_book_receipt(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct book_receipt *asked = &command->book_receipt;
    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    const struct account *account = NULL;
    const struct card *source = NULL;
    bool is_waiting = false;
    enum outcome outcome = check_reference(engine, command);

    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (asked->account_id != 0) {
        outcome = find_receiver(engine, ledger, asked, &account);
        if (outcome != OUTCOME_ACCEPTED)
            return outcome;
        is_waiting = is_closed(account);
    } else {
        /* The money is in the escrow account, whatever the payer wrote: when its account cannot
         * take it, it waits in UNALLOCATED with the payer's evidence in this command. */
        account =
            engine_find_account_by_receiving_number(engine, ledger->id, asked->receiving_number);
        is_waiting = !account || account->status != ACCOUNT_OPEN || account_takes_none(account) ||
                     !policy_takes_receipt(engine, ledger, account, asked->amount_minor);
    }
    bool is_denied = is_denied_party(engine, ledger, &asked->payer);
    if (is_waiting || is_denied || account->is_hit) {
        engine->suspense_reason = is_denied
                                      ? SUSPENSE_RESTRICTED_ACCOUNT
                                      : reason_to_wait(ledger, asked->receiving_number, account);
        engine->suspense_account_id = account && account->kind == ACCOUNT_MEMBER ? account->id : 0;
        account = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
        outcome = OUTCOME_ACCEPTED_UNALLOCATED;
    }
    enum suspense_reason reason = 0;
    source = find_source_card(engine, ledger, account, asked, &reason);
    if (reason != 0) {
        engine->suspense_reason = reason;
        engine->suspense_account_id = account->id;
        account = control_account(engine, ledger, ACCOUNT_UNALLOCATED);
        outcome = OUTCOME_ACCEPTED_UNALLOCATED;
    }
    enum outcome room = check_room_for_hits(engine, ledger);
    if (room != OUTCOME_ACCEPTED)
        return room;
    if (lacks_room_for_suspense(engine, account))
        return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    if (!can_take(engine, ledger, asked->amount_minor))
        return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));

    book(engine, asked->amount_minor, escrow, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE);
    if (source)
        count_receipt(engine, account, source, asked->amount_minor);
    if (is_denied)
        add_payer_hits(engine, ledger, command, &asked->payer);
    engine->effects->subject_id = account->id;
    return outcome;
}

enum outcome execute_book_interest(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct book_interest *asked = &command->book_interest;
    const struct account *account = NULL;
    enum outcome outcome = find_owner(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!is_closed(account) && account_takes_none(account))
        return OUTCOME_ACCOUNT_RESTRICTED_IN;
    if (lacks_room_for_suspense(engine, account))
        return OUTCOME_TOO_MANY_SUSPENSE_ITEMS;
    if (!can_take(engine, ledger, asked->amount_minor))
        return refuse_at(engine, OUTCOME_AMOUNT_OVERFLOW, room_minor(engine, ledger));

    const struct account *escrow = control_account(engine, ledger, ACCOUNT_ESCROW);
    const struct account *interest = control_account(engine, ledger, ACCOUNT_INTEREST);
    engine->suspense_reason = SUSPENSE_CLOSED_ACCOUNT;
    account = owner_now(engine, ledger, account->id);
    book(engine, asked->amount_minor, escrow, BUCKET_AVAILABLE, interest, BUCKET_AVAILABLE);
    book(engine, asked->amount_minor, interest, BUCKET_AVAILABLE, account, BUCKET_AVAILABLE);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}

enum outcome execute_charge_fee(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct charge_fee *asked = &command->charge_fee;
    const struct account *account = NULL;
    enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (account_gives_none(account))
        return OUTCOME_ACCOUNT_RESTRICTED_OUT;
    if (spendable_minor(engine, account) < asked->amount_minor)
        return refuse_at(engine, OUTCOME_INSUFFICIENT_AVAILABLE, spendable_minor(engine, account));

    const struct account *fee = control_account(engine, ledger, ACCOUNT_FEE);
    book(engine, asked->amount_minor, account, BUCKET_AVAILABLE, fee, BUCKET_AVAILABLE);
    engine->effects->subject_id = account->id;
    return OUTCOME_ACCEPTED;
}
