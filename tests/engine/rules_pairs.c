/* rules_pairs.c: every pair of kinds of accounts, with every command that could move money from one
 * to the other. Whatever is booked to PLATFORM_OWN is judged once more by the runner.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <stdio.h>

/* Accounts in units are refused like control accounts, see products.c. */
enum { KINDS = ACCOUNT_ACQUIRER };

/* One of each kind that gives, and another that takes; all have money but INTEREST, ENFORCEMENT,
 * ACQUIRER and ESCROW. */
static const int64_t givers[KINDS + 1] = {0, B_ONE, SHOP_ESCROW, SHOP_UNALLOCATED, F_MINE, SHOP_OWN,
    SHOP_INTEREST, SHOP_ENFORCEMENT, SHOP_ALLPAY};
static const int64_t takers[KINDS + 1] = {0, B_TWO, SHOP_ESCROW, SHOP_UNALLOCATED, SHOP_FEE,
    SHOP_OWN, SHOP_INTEREST, SHOP_ENFORCEMENT, SHOP_ALLPAY};

static const char *const names[KINDS + 1] = {"", "MEMBER", "ESCROW", "UNALLOCATED", "FEE",
    "PLATFORM_OWN", "INTEREST", "ENFORCEMENT", "ACQUIRER"};

struct pairs {
    on_rule on;
    void *context;
};

static void try_pair(const struct pairs *pairs, const char *what, int from, int to,
    struct command command, enum outcome outcome, int64_t subject, struct move move_made)
{
    char name[100];
    snprintf(name, sizeof name, "%s: %s to %s", what, names[from], names[to]);
    struct rule rule = {.name = name, .command = command, .outcome = outcome};
    if (outcome_is_accepted((int)outcome)) {
        rule.subject = subject;
        rule.moves[0] = move_made;
        if (command.kind == COMMAND_COLLECT_FEES)
            rule.fee_rule_version = 1;
    }
    pairs->on(pairs->context, &rule);
}

static void pay_and_hold(const struct pairs *pairs, int from, int to)
{
    const int64_t giver = givers[from], taker = takers[to];
    const struct payee payee = {taker, 1};
    bool members = from == ACCOUNT_MEMBER && to == ACCOUNT_MEMBER;
    enum outcome answer = members ? OUTCOME_ACCEPTED : OUTCOME_NOT_A_MEMBER_ACCOUNT;
    try_pair(pairs, "pay", from, to, a_payment("Q", giver, &payee, 1), answer, taker,
        move(giver, taker, 1));
    try_pair(pairs, "hold", from, to, a_hold("Q", giver, 1, AN_HOUR_AHEAD),
        from == ACCOUNT_MEMBER ? OUTCOME_ACCEPTED : OUTCOME_NOT_A_MEMBER_ACCOUNT, H_NONE,
        freezes(giver, 1));
    /* Of B_PAYER's hold, since only a member can have one. */
    int64_t payer = from == ACCOUNT_MEMBER ? B_PAYER : giver;
    try_pair(pairs, "confirm", from, to, a_confirm("H-1", payer, H_LIVE, &payee, 1), answer, H_LIVE,
        draws(payer, taker, 1));
    try_pair(pairs, "freeze", from, to, a_freeze(giver, 1, 0),
        from == ACCOUNT_MEMBER ? OUTCOME_ACCEPTED : OUTCOME_NOT_A_MEMBER_ACCOUNT, Z_NONE,
        freezes(giver, 1));
}

/* A refund goes to the payer of the original, whatever its payees are; from its payees only. */
static void refund(const struct pairs *pairs, int from, int to)
{
    const struct payee payee = {givers[from], 1};
    try_pair(pairs, "refund", from, to, a_refund("O-1", S_PAY_TWO, &payee, 1),
        from == ACCOUNT_MEMBER ? OUTCOME_ACCEPTED : OUTCOME_PAYEE_NOT_OF_ORIGINAL, B_PAYER,
        move(givers[from], B_PAYER, 1));
}

static enum outcome answer_to_adjustment(int from, int to)
{
    static const enum outcome answers[KINDS + 1][KINDS + 1] = {
        [ACCOUNT_MEMBER] =
            {[ACCOUNT_MEMBER] = OUTCOME_ACCEPTED, [ACCOUNT_UNALLOCATED] = OUTCOME_ACCEPTED},
        [ACCOUNT_UNALLOCATED] = {[ACCOUNT_MEMBER] = OUTCOME_SUSPENSE_ITEM_NEEDED},
        [ACCOUNT_INTEREST] = {[ACCOUNT_MEMBER] = OUTCOME_INSUFFICIENT_AVAILABLE},
        [ACCOUNT_FEE] = {[ACCOUNT_MEMBER] = OUTCOME_ACCEPTED},
        [ACCOUNT_PLATFORM_OWN] =
            {[ACCOUNT_MEMBER] = OUTCOME_ACCEPTED, [ACCOUNT_FEE] = OUTCOME_ABOVE_REST},
    };
    if (givers[from] == takers[to])
        return OUTCOME_SAME_ACCOUNT;
    return answers[from][to] ? answers[from][to] : OUTCOME_ADJUSTMENT_NOT_ALLOWED;
}

static void others(const struct pairs *pairs, int from, int to)
{
    const int64_t giver = givers[from], taker = takers[to];
    try_pair(pairs, "adjust", from, to, an_adjustment(giver, taker, 1),
        answer_to_adjustment(from, to), taker, move(giver, taker, 1));
    try_pair(pairs, "collect", from, to, a_collection(giver, 1, "flat"),
        from == ACCOUNT_FEE ? OUTCOME_ACCEPTED : OUTCOME_FEE_ACCOUNT_NOT_FOUND, giver,
        move(giver, SHOP_OWN, 1));
    try_pair(pairs, "charge", from, to, make_fee(L_SHOP, giver, 1),
        from == ACCOUNT_MEMBER ? OUTCOME_ACCEPTED : OUTCOME_NOT_A_MEMBER_ACCOUNT, giver,
        move(giver, SHOP_FEE, 1));

    /* From anybody at the bank, and from the platform's own account. */
    enum outcome answer = OUTCOME_NOT_A_MEMBER_ACCOUNT;
    if (to == ACCOUNT_MEMBER)
        answer = OUTCOME_ACCEPTED;
    if (to == ACCOUNT_PLATFORM_OWN)
        answer = OUTCOME_PLATFORM_ACCOUNT_MISMATCH;
    struct command receipt = make_receipt(L_SHOP, taker, 1);
    try_pair(pairs, "receipt", from, to, with_party(receipt, &other_party), answer, taker,
        move(SHOP_ESCROW, taker, 1));
    if (to == ACCOUNT_PLATFORM_OWN)
        answer = OUTCOME_ACCEPTED;
    try_pair(pairs, "receipt of its own", from, to, with_party(receipt, &own_party), answer, taker,
        move(SHOP_ESCROW, taker, 1));
    if (to != ACCOUNT_MEMBER) /* two postings; rules_funds.c has them */
        try_pair(pairs, "interest", from, to, make_interest(L_SHOP, taker, 1),
            OUTCOME_NOT_A_MEMBER_ACCOUNT, 0, (struct move){0});

    answer = OUTCOME_NOT_A_MEMBER_ACCOUNT;
    if (from == ACCOUNT_MEMBER)
        answer = OUTCOME_ACCEPTED;
    if (from == ACCOUNT_PLATFORM_OWN)
        answer = OUTCOME_PLATFORM_ACCOUNT_MISMATCH;
    struct command leave = a_withdrawal("", giver, 1);
    try_pair(pairs, "withdraw", from, to, leave, answer, P_NONE, sends(giver, 1));
    if (from == ACCOUNT_PLATFORM_OWN)
        answer = OUTCOME_ACCEPTED;
    try_pair(pairs, "withdraw to its own", from, to, with_party(leave, &own_party), answer, P_NONE,
        sends(giver, 1));
}

void rules_pairs(on_rule on, void *context)
{
    const struct pairs pairs = {on, context};
    for (int from = ACCOUNT_MEMBER; from <= KINDS; from++) {
        for (int to = ACCOUNT_MEMBER; to <= KINDS; to++) {
            pay_and_hold(&pairs, from, to);
            refund(&pairs, from, to);
            others(&pairs, from, to);
        }
    }
}
