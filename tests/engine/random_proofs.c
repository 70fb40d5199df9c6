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
        proof->card_id++;
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
