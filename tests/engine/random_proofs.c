/* random_proofs.c: gives some commands a proof, mostly a right one of few.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "random_picks.h"

#include <stdio.h>

static const char *pick_reference(struct random *random)
{
    static char names[4000][8];
    uint64_t i = random_below(random, sizeof names / sizeof *names);
    snprintf(names[i], sizeof names[i], "F-%d", (int)i);
    return names[i];
}

/* Also of the largest. */
static int64_t another_id(int64_t id)
{
    return id > 1 ? id - 1 : id + 1;
}

static void spoil(struct random *random, int64_t now_us, struct instruction_proof *proof)
{
    switch (random_below(random, 8)) {
    case 0:
        proof->result = PROOF_WRONG;
        break;
    case 1:
        proof->amount_minor += random_between(random, 0, 1);
        break;
    case 2:
        proof->account_id = another_id(proof->account_id);
        break;
    case 3:
        proof->payee_account_id = another_id(proof->payee_account_id);
        break;
    case 4:
        proof->order_number = text_of("another");
        break;
    case 5:
        proof->issued_at_us = now_us + random_between(random, 0, 1);
        break;
    case 6:
        proof->expires_at_us = now_us + random_between(random, 0, 1);
        break;
    default:
        proof->card_id = another_id(proof->card_id);
        break;
    }
}

struct command random_proof(
    struct random *random, const struct naive_model *model, int64_t now_us, struct command command)
{
    if (!proof_in(&command) || !random_percent(random, 16))
        return command;
    command = with_proof(pick_reference(random), command);
    proof_in(&command)->amount_minor = naive_confirmed(model, &command);
    proof_in(&command)->kind = (int32_t)random_between(random, PROOF_SMS_CODE, PROOF_SIGNATURE);
    if (random_percent(random, 20))
        spoil(random, now_us, proof_in(&command));
    return command;
}

struct command random_set_proof_policy(struct random *random, int64_t ledger)
{
    static const int32_t kinds[] = {COMMAND_PAY, COMMAND_WITHDRAW, COMMAND_PLACE_HOLD,
        COMMAND_BIND_CARD, COMMAND_UNBIND_CARD, COMMAND_REPLACE_CARD};
    static struct proof_rule_asked kept[64][PROOF_RULES_MAX];
    static int used;
    struct proof_rule_asked *rules = kept[used++ % 64];
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool is_of_card = i >= 3;
        if (!random_percent(random, is_of_card ? 3 : 6))
            continue;
        rules[count] = (struct proof_rule_asked){.kind = kinds[i],
            .above_amount_minor = is_of_card ? 0 : random_between(random, 0, 500000),
            .sms_code = random_percent(random, 65),
            .password = true,
            .signature = random_percent(random, 50)};
        count++;
    }
    return make_proof_policy(ledger, rules, count);
}

int64_t pick_mandate(struct random *random, const struct naive_model *model, int64_t ledger)
{
    int64_t found = 0;
    if (model->mandate_count == 0 || random_percent(random, 3))
        return pick_no_such_id(random, model->mandate_count);
    for (int id = model->mandate_count; id > 0 && id > model->mandate_count - 60; id--) {
        const struct naive_mandate *mandate = &model->mandates[id];
        bool fits = mandate->ledger == ledger && !model->accounts[mandate->account].closed &&
                    (mandate->status == MANDATE_ACTIVE || random_percent(random, 20));
        if (fits && (found == 0 || random_percent(random, 40)))
            found = id;
    }
    return found != 0 ? found : model->mandate_count;
}

/* A checked card of the ledger, and an account of its member; 0 when there is none. */
static void pick_checked(struct random *random, const struct naive_model *model, int64_t ledger,
    int64_t *ret_card, int64_t *ret_account)
{
    int card = 0;
    for (int id = 1; id <= model->card_count; id++)
        if (model->cards[id].ledger == ledger && model->cards[id].status == CARD_CHECKED &&
            (card == 0 || random_percent(random, 50)))
            card = id;
    for (int id = 1; card != 0 && id <= model->account_count; id++)
        if (model->accounts[id].member == model->cards[card].member && !model->accounts[id].closed)
            *ret_account = id;
    *ret_card = card;
}

struct command random_grant_mandate(
    struct random *random, const struct naive_model *model, int64_t ledger, int64_t now_us)
{
    int64_t account = pick_account(random, model, ledger);
    int64_t payee = pick_account(random, model, ledger), card = 0;
    int64_t each = random_between(random, 1, 300);
    if (random_percent(random, 50))
        pick_checked(random, model, ledger, &card, &account);
    if (random_percent(random, 4))
        card = pick_card(random, model, ledger);
    if (random_percent(random, 4))
        account = pick_account(random, model, ledger);
    /* Mostly for long: else few are used. */
    int64_t expires_us =
        random_percent(random, 15) ? random_end(random, now_us) : now_us + INT64_C(1000000000000);
    struct command command = make_mandate(ledger, account, card != 0 ? 0 : payee, card, each,
        each * random_between(random, 1, 6), expires_us);
    command.grant_mandate.count = (int32_t)random_between(random, 1, 4);
    if (random_percent(random, 5))
        command.grant_mandate.starts_at_us = expires_us - random_between(random, 1, 1000);
    return command;
}

struct command random_by_mandate(
    struct random *random, const struct naive_model *model, struct command command)
{
    if ((command.kind != COMMAND_PAY && command.kind != COMMAND_WITHDRAW) ||
        proof_in(&command)->kind != 0 || model->mandate_count == 0 || !random_percent(random, 25))
        return command;
    int64_t id = pick_mandate(random, model, command.ledger_id);
    const struct naive_mandate *mandate =
        id >= 1 && id <= model->mandate_count ? &model->mandates[id] : NULL;
    if (!mandate || random_percent(random, 8))
        return by_mandate(id, command);
    int64_t amount =
        random_percent(random, 10) ? mandate->each + 1 : random_between(random, 1, mandate->each);
    if (mandate->card == 0)
        return by_mandate(
            id, make_pay(command.ledger_id, mandate->account, mandate->payee, amount, 0));
    command = make_withdraw(command.ledger_id, mandate->account, amount, 0, 0);
    command.withdraw.destination.account_number = text_of(model->cards[mandate->card].number);
    return by_mandate(id, command);
}
