/* random_seldom.c: what commands at random seldom meet, drawn by a share of its own.
 *
 * Each function looks into the model for what its refusal needs, and makes the command that meets
 * it, or one that brings it about. So each of these answers comes often in every history, and a
 * test may ask for it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "naive.h"
#include "random_picks.h"

/* One command in so many is drawn here. */
enum { SELDOM = 40, ROOM = 16 };

/* No caller has it: nothing is its own. */
#define STRANGER "stranger"

typedef bool (*draw_function)(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command);

/* ---- deny lists ---- */

static const struct naive_denied *some_listed_account(
    struct random *random, const struct naive_model *model)
{
    for (int64_t id = pick_start(random, model->denied_count); id > 0; id--) {
        const struct naive_denied *entry = &model->denied[id];
        if (entry->status == DENIED_LISTED && entry->account[0] != '\0')
            return entry;
    }
    return NULL;
}

/* PARTY_RESTRICTED. */
static bool pay_out_to_listed(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    const struct naive_denied *entry = some_listed_account(random, model);
    if (!entry)
        return false;
    int64_t account = pick_account(random, model, entry->ledger);
    *ret_command = make_withdraw(entry->ledger, account, 1, 0, 0);
    ret_command->withdraw.destination.account_number = text_of(entry->account);
    return true;
}

/* An item that is kept comes into being. */
static bool receive_from_listed(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    const struct naive_denied *entry = some_listed_account(random, model);
    if (!entry)
        return false;
    *ret_command = make_receipt_by_number(entry->ledger, "", 7);
    ret_command->book_receipt.payer.account_number = text_of(entry->account);
    return true;
}

/* SUSPENSE_KEPT. */
static bool take_kept_item(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    for (int item = model->suspense_count; item > 0; item--) {
        const struct naive_suspense *one = &model->suspense[item];
        if (naive_open_of(one) + one->returning == 0 || !naive_is_kept(model, item))
            continue;
        *ret_command = random_percent(random, 50)
                           ? make_return_suspense(one->ledger, item, one->origin, 0)
                           : make_open_lump(one->ledger, item, 1, 1);
        return true;
    }
    return false;
}

/* DENIED_ENDED: its time is said to be over once more, which needs no second person. */
static bool end_ended_entry(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->denied_count); id > 0; id--) {
        const struct naive_denied *entry = &model->denied[id];
        if (entry->status == DENIED_LISTED || model->ledgers[entry->ledger].closed)
            continue;
        *ret_command = make_expire(entry->ledger, EXPIRY_DENIED, id);
        return true;
    }
    return false;
}

/* ---- who members are ---- */

/* As it was identified, with one thing that cannot be yet: DOCUMENT_NOT_YET_VALID, CHECK_AHEAD. */
static bool identify_ahead(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    for (int64_t id = pick_start(random, model->identity_count); id > 0; id--) {
        const struct naive_identity *who = &model->identities[id];
        bool is_user = model->members[who->member].kind == MEMBER_USER;
        if (who->status != IDENTITY_VALID || !is_user)
            continue;
        *ret_command = make_identify(who->ledger, who->member, who->name, who->number, 0);
        ret_command->identify_member.holder.document_kind = who->document;
        if (random_percent(random, 50))
            ret_command->identify_member.holder.valid_from_date =
                (int32_t)(now_us / (INT64_C(86400) * 1000000)) + 2;
        else
            ret_command->identify_member.check.checked_at_us = now_us + 1;
        return true;
    }
    return false;
}

/* MEMBER_HAS_CARDS, when it is approved: another person takes the place of who has a card. */
static bool propose_another_person(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    for (int64_t id = pick_start(random, model->card_count); id > 0; id--) {
        const struct naive_card *card = &model->cards[id];
        int who = naive_identity_of(model, card->member);
        bool is_user = model->members[card->member].kind == MEMBER_USER;
        if (!naive_is_bound(card) || who == 0 || !is_user)
            continue;
        struct command inside =
            make_identify(card->ledger, card->member, "Another Person", "110105194912310911", 0);
        *ret_command = make_proposal(card->ledger, &inside, random_end(random, now_us));
        return ret_command->propose.command.length <= NAIVE_INSIDE_BYTES_MAX &&
               model->proposal_count < NAIVE_PROPOSALS_MAX - ROOM;
    }
    return false;
}

/* CARD_NOT_CHECKED: a card is to take the place of another of its member before it is checked. */
static bool replace_by_unchecked(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    for (int64_t next = pick_start(random, model->card_count); next > 0; next--) {
        const struct naive_card *its = &model->cards[next];
        for (int id = 1; id <= model->card_count && its->status == CARD_BOUND; id++) {
            const struct naive_card *other = &model->cards[id];
            if (id == next || other->member != its->member || !naive_is_bound(other))
                continue;
            *ret_command = make_replace_card(its->ledger, id, next);
            return true;
        }
    }
    return false;
}

/* A card takes the place of another of its member, once it was checked. */
static bool replace_by_checked(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    for (int64_t next = pick_start(random, model->card_count); next > 0; next--) {
        const struct naive_card *its = &model->cards[next];
        for (int id = 1; id <= model->card_count && naive_is_bound(its); id++) {
            const struct naive_card *other = &model->cards[id];
            if (id == next || other->member != its->member || !naive_is_bound(other))
                continue;
            if (its->status == CARD_CHECKED)
                *ret_command = make_replace_card(its->ledger, id, next);
            else if (its->status == CARD_CHECKING && its->way == CARD_FOUR_FACTOR)
                *ret_command = make_confirm_card(its->ledger, next, its->check, CARD_CHECK_RIGHT);
            else
                *ret_command = make_check_card(its->ledger, next, CARD_FOUR_FACTOR);
            return true;
        }
    }
    return false;
}

/* ---- whose it is ---- */

/* RESTRICTION_OF_ANOTHER: lifted in the name of who set it, and nothing less than it was. */
static bool lift_anothers(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->account_count); id > 0; id--) {
        const struct naive_restriction *one = &model->accounts[id].restrictions[0];
        if (model->accounts[id].closed || (!one->no_in && !one->no_out))
            continue;
        *ret_command = command_by(STRANGER,
            make_lift_of(model->accounts[id].ledger, id, one->owner, one->no_in, one->no_out));
        return true;
    }
    return false;
}

/* LAST_ADMINISTRATOR: one after the other is suspended. */
static bool suspend_administrator(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->caller_count); id > 0; id--) {
        if (model->callers[id].suspended || !model->callers[id].administrator)
            continue;
        *ret_command = make_update_caller(id, CALLER_SUSPENDED);
        return true;
    }
    return false;
}

/* ---- claims ---- */

/* CLAIM_DEDUCTED. */
static bool speak_of_deducted(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->claim_count); id > 0; id--) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->status != CLAIM_DEDUCTED)
            continue;
        *ret_command = random_percent(random, 50)
                           ? make_release_claim(claim->ledger, id, claim->organ, 0)
                           : make_continue_claim(claim->ledger, id, claim->organ, 0);
        return true;
    }
    return false;
}

/* CLAIM_IS_WHOLE. */
static bool release_part_of_whole(struct random *random, const struct naive_model *model,
    int64_t now_us, struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->claim_count); id > 0; id--) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->status != CLAIM_LIVE || !claim->whole)
            continue;
        *ret_command = make_release_claim(claim->ledger, id, claim->organ, 1);
        return true;
    }
    return false;
}

/* CLAIM_DEDUCTED comes about: a small claim is deducted wholly. */
static bool deduct_wholly(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->claim_count); id > 0; id--) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->status != CLAIM_LIVE || claim->authority != AUTHORITY_COURT || claim->whole)
            continue;
        *ret_command = make_deduct_claim(claim->ledger, id, claim->organ, claim->limit);
        return true;
    }
    return false;
}

static struct command stop_account(const struct naive_model *model, int64_t account)
{
    const struct naive_account *its = &model->accounts[account];
    struct command command = make_place_claim(its->ledger, account, 0, 5);
    int who = naive_identity_of(model, its->member);
    if (who != 0) {
        command.place_claim.subject.name = text_of(model->identities[who].name);
        command.place_claim.subject.number = text_of(model->identities[who].number);
        command.place_claim.subject.document_kind = model->identities[who].document;
    }
    return claim_by(AUTHORITY_POLICE, GROUND_FRAUD_STOP, "P-1", 0, command);
}

/* CLAIM_STOPPED_TOO_OFTEN: the account that was stopped most often and is free is stopped again; at
 * times a stop is released, so that there is one. */
static bool stop_once_more(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    for (int id = model->claim_count; id > 0 && random_percent(random, 30); id--) {
        const struct naive_claim *claim = &model->claims[id];
        if (claim->status != CLAIM_LIVE || claim->ground != GROUND_FRAUD_STOP)
            continue;
        *ret_command = make_release_claim(claim->ledger, id, claim->organ, 0);
        return true;
    }
    int64_t most = 0;
    for (int64_t id = 1; id <= model->account_count; id++) {
        const struct naive_account *account = &model->accounts[id];
        if (account->member != 0 && !account->closed && !naive_is_claimed(model, (int)id) &&
            (most == 0 || account->stops > model->accounts[most].stops))
            most = id;
    }
    if (most != 0)
        *ret_command = stop_account(model, most);
    return most != 0;
}

/* ---- what is over ---- */

/* SETTLEMENT_CLOSED, DIFFERENCE_FINAL, and what payouts that are final say. */
static bool speak_of_closed(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    int64_t id;
    switch (random_below(random, 4)) {
    case 0:
        id = pick_start(random, model->settlement_count);
        while (id > 0 && !model->settlements[id].closed)
            id--;
        *ret_command = make_close_settlement(model->settlements[id].ledger, id);
        return id > 0;
    case 1:
        id = pick_start(random, model->difference_count);
        while (id > 0 && model->differences[id].closed == 0)
            id--;
        *ret_command =
            make_close_difference(model->differences[id].ledger, id, DIFFERENCE_EXPECTED, 1);
        return id > 0;
    default:
        id = pick_start(random, model->payout_count);
        while (id > 0 && naive_payout_is_open(&model->payouts[id]))
            id--;
        *ret_command = make_confirm(model->payouts[id].ledger, id,
            random_percent(random, 50) ? PAYOUT_RESULT_PAID : PAYOUT_RESULT_FAILED);
        return id > 0;
    }
}

/* PAYOUT_FINAL: it returns after it may. */
static bool return_too_late(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)now_us;
    for (int64_t id = pick_start(random, model->payout_count); id > 0; id--) {
        const struct naive_payout *payout = &model->payouts[id];
        const struct naive_ledger *ledger = &model->ledgers[payout->ledger];
        if (payout->status != PAYOUT_PAID || ledger->closed ||
            payout->return_until >= ledger->dates[ledger->date_count - 1])
            continue;
        *ret_command = make_return(payout->ledger, id, 0);
        return true;
    }
    return false;
}

/* ---- a ledger that is quiet but for a settlement ---- */

static bool is_quiet(const struct naive_model *model, int ledger)
{
    const struct naive_ledger *its = &model->ledgers[ledger];
    for (int id = 1; id <= model->payout_count; id++) {
        const struct naive_payout *payout = &model->payouts[id];
        if (payout->ledger == ledger && payout->status == PAYOUT_PAID &&
            payout->return_until >= its->dates[its->date_count - 1])
            return false;
    }
    return !its->closed && naive_open_payouts(model, ledger) == 0 &&
           naive_open_lumps(model, ledger) == 0;
}

static int acquirer_of(const struct naive_model *model, int ledger)
{
    for (int id = 1; id <= model->acquirer_count; id++) {
        if (model->acquirers[id].ledger == ledger)
            return id;
    }
    return 0;
}

/* LEDGER_HAS_OPEN_SETTLEMENTS, step by step: an acquirer, money, a settlement, the close. */
static bool close_settling(struct random *random, const struct naive_model *model, int64_t now_us,
    struct command *ret_command)
{
    (void)random, (void)now_us;
    int ledger = model->ledger_count;
    while (ledger > 0 && !is_quiet(model, ledger))
        ledger--;
    if (ledger == 0)
        return false;
    int acquirer = acquirer_of(model, ledger);
    int item = naive_oldest_item(model, ledger);
    if (naive_is_settling(model, ledger))
        *ret_command = make_close_ledger(ledger);
    else if (acquirer == 0)
        *ret_command = make_open_acquirer(ledger, "allpay", 1, "", 1000);
    else if (item == 0)
        *ret_command = make_receipt_by_number(ledger, "", 7);
    else
        *ret_command = make_open_settlement(ledger, acquirer, item, 2, 1);
    return true;
}

struct command random_seldom(
    struct random *random, const struct naive_model *model, int64_t now_us, struct command command)
{
    static const struct {
        draw_function draw;
        unsigned share;
    } draws[] = {
        {random_close_debtor, 60},
        {random_confirm_owed, 60},
        {pay_out_to_listed, 10},
        {receive_from_listed, 10},
        {take_kept_item, 10},
        {end_ended_entry, 10},
        {identify_ahead, 20},
        {propose_another_person, 20},
        {replace_by_unchecked, 10},
        {replace_by_checked, 40},
        {lift_anothers, 10},
        {suspend_administrator, 20},
        {speak_of_deducted, 10},
        {release_part_of_whole, 20},
        {deduct_wholly, 10},
        {stop_once_more, 20},
        {speak_of_closed, 40},
        {return_too_late, 10},
        {close_settling, 20},
    };
    if (random_below(random, SELDOM) != 0)
        return command;
    unsigned sum = 0;
    for (size_t k = 0; k < sizeof draws / sizeof *draws; k++)
        sum += draws[k].share;
    uint64_t share = random_below(random, sum);
    size_t i = 0;
    while (share >= draws[i].share)
        share -= draws[i++].share;
    struct command seldom;
    return draws[i].draw(random, model, now_us, &seldom) ? seldom : command;
}
