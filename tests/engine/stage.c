/* stage.c: see stage.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "compare.h"
#include "outcomes.h"
#include "support/expect.h"

#include "base/check.h"
#include "engine/rules/fingerprints.h"
#include "model/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A command that was done, with what a refund or a reversal of it must know. Its lists are as long
 * as they are: a stage remembers hundreds. */
struct stage_past {
    struct original original;
    struct command command;
    struct payee *payees;
    struct posting *postings;
    struct card_part *card_parts;
};

static void *copy_of(const void *list, size_t size)
{
    void *copy = malloc(size != 0 ? size : 1);
    CHECK(copy != NULL);
    if (size != 0)
        memcpy(copy, list, size);
    return copy;
}

static struct payee *copy_payees(const struct payee *payees, uint32_t count)
{
    return copy_of(payees, count * sizeof *payees);
}

/* Keeps the command and its effects; the payees' list is copied, texts are constants. */
static void remember(struct stage *stage, const struct command *command)
{
    if (stage->sequence >= STAGE_SEQUENCES_MAX)
        return;
    const struct effects *effects = &stage->effects;
    struct stage_past *past = calloc(1, sizeof *past);
    CHECK(past != NULL);
    past->command = *command;
    past->command.original = NULL;
    if (command->kind == COMMAND_PAY) {
        struct pay *pay = &past->command.pay;
        pay->payees = past->payees = copy_payees(pay->payees, pay->payee_count);
    } else if (command->kind == COMMAND_ALLOCATE_SUSPENSE) {
        struct allocate_suspense *allocate = &past->command.allocate_suspense;
        allocate->payees = past->payees = copy_payees(allocate->payees, allocate->payee_count);
    } else if (command->kind == COMMAND_CONFIRM_HOLD) {
        struct confirm_hold *confirm = &past->command.confirm_hold;
        confirm->payees = past->payees = copy_payees(confirm->payees, confirm->payee_count);
    }
    past->card_parts =
        copy_of(effects->card_parts, effects->card_part_count * sizeof *effects->card_parts);
    past->command.card_parts = past->card_parts;
    past->command.card_part_count = effects->card_part_count;
    past->postings = copy_of(effects->postings, effects->posting_count * sizeof *effects->postings);
    past->original = (struct original){
        .sequence = stage->sequence,
        .ledger_id =
            command->kind == COMMAND_OPEN_LEDGER ? effects->subject_id : command->ledger_id,
        .subject_id = effects->subject_id,
        .fee_minor = effects->fee_minor,
        .fee_rule_version = effects->fee_rule_version,
        .accounting_date = effects->accounting_date,
        .outcome = (uint16_t)effects->outcome,
        .command = &past->command,
        .postings = past->postings,
        .posting_count = effects->posting_count,
    };
    CHECK(stage->past[stage->sequence] == NULL);
    stage->past[stage->sequence] = past;
}

static void forget(struct stage_past *past)
{
    if (!past)
        return;
    free(past->payees);
    free(past->postings);
    free(past->card_parts);
    free(past);
}

/* What the journal says of the commands that a Reveal names. */
static struct command with_revealed(const struct stage *stage, const struct command *command)
{
    static struct revealed revealed[REVEALS_PER_COMMAND_MAX];
    struct command whole = *command;
    for (uint32_t i = 0; i < command->reveal.command_count; i++) {
        int64_t sequence = command->reveal.commands[i].sequence;
        const struct stage_past *past =
            sequence < STAGE_SEQUENCES_MAX ? stage->past[sequence] : NULL;
        revealed[i] = (struct revealed){.sequence = sequence,
            .ledger_id = past ? past->original.ledger_id : 0,
            .kind = past ? (int32_t)past->command.kind : 0};
    }
    whole.reveal.commands = revealed;
    return whole;
}

/* The receipt that has booked the command's reference of the bank, and stands. */
static int64_t find_used(const struct stage *stage, const struct command *command)
{
    char bytes[REFERENCE_BYTES_MAX];
    struct text reference = {bytes, command_folded_reference(command, bytes)};
    for (int64_t s = 1; s < STAGE_SEQUENCES_MAX && reference.length > 0; s++) {
        char other_bytes[REFERENCE_BYTES_MAX];
        const struct stage_past *past = stage->past[s];
        if (!past || past->command.ledger_id != command->ledger_id ||
            !outcome_is_accepted(past->original.outcome))
            continue;
        struct text other = {other_bytes, command_folded_reference(&past->command, other_bytes)};
        const struct refunded *refunded = engine_find_refunded(stage->engine, s, 0);
        if (text_equals(other, reference) &&
            !(reference.bytes[0] != PROOF_MARK && refunded &&
                (refunded->reversed_sequence != 0 || refunded->amount_minor > 0)))
            return s;
    }
    return 0;
}

struct command stage_with_original(const struct stage *stage, const struct command *command)
{
    struct command whole = *command;
    int64_t sequence = 0;
    whole.used_sequence = find_used(stage, command);
    if (command->kind == COMMAND_REVEAL)
        return with_revealed(stage, command);
    sequence = command_earlier_sequence(command);
    if (command->kind == COMMAND_LIFT_FREEZE && command->caller_id != 0) {
        const struct freeze *freeze =
            engine_find_freeze(stage->engine, command->lift_freeze.freeze_id);
        sequence = freeze ? freeze->placed_sequence : 0;
    }
    if (command->kind == COMMAND_CONFIRM_PAYOUT || command->kind == COMMAND_INTERCEPT_PAYOUT) {
        bool is_word = command->kind == COMMAND_CONFIRM_PAYOUT;
        const struct payout *payout = engine_find_payout(stage->engine,
            is_word ? command->confirm_payout.payout_id : command->intercept_payout.payout_id);
        bool is_asked = payout && ((is_word && command->confirm_payout.correction) ||
                                      engine_needs_withdrawal(stage->engine, payout));
        sequence = is_asked ? payout->requested_sequence : 0;
    }
    if (sequence > 0 && sequence < STAGE_SEQUENCES_MAX && stage->past[sequence])
        whole.original = &stage->past[sequence]->original;
    return whole;
}

enum outcome stage_try(struct stage *stage, struct command command)
{
    command = stage_with_original(stage, &command);
    stage->sequence++;
    engine_execute(stage->engine, stage->now_us, stage->sequence, &command, &stage->effects);
    struct naive_answer answer =
        naive_execute(stage->model, stage->now_us, stage->sequence, &command);
    EXPECT_MSG(answer.outcome == stage->effects.outcome,
        "sequence %" PRId64 ", kind %d: engine %s, model %s", stage->sequence, command.kind,
        outcome_name((int)stage->effects.outcome), outcome_name((int)answer.outcome));
    EXPECT(answer.subject_id == stage->effects.subject_id);
    expect_listed(command.kind, answer.outcome);
    remember(stage, &command);
    return stage->effects.outcome;
}

int64_t stage_do(struct stage *stage, struct command command)
{
    enum outcome outcome = stage_try(stage, command);
    EXPECT_MSG(outcome_is_accepted((int)outcome), "sequence %" PRId64 ", kind %d: %s",
        stage->sequence, command.kind, outcome_name((int)outcome));
    return stage->effects.subject_id;
}

struct command stage_by_two(struct stage *stage, struct command command)
{
    struct command alone = command_by("t", command);
    int64_t proposal_id = stage_do(stage, make_proposal(command.ledger_id, &alone, AN_HOUR_AHEAD));
    return by_approval(proposal_id, command_by("u", command));
}

/* The key of now, one that was used meanwhile, and none, under which the stage was recorded. */
static uint32_t changed_keys(void *context, int64_t ledger_id, enum personal_kind kind,
    struct text value, bool is_written, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX])
{
    struct engine *engine = ((struct stage *)context)->engine;
    engine_set_fingerprints(engine, NULL, NULL);
    struct fingerprints plain = is_written ? written_fingerprints(engine, ledger_id, kind, value)
                                           : fingerprints_of(engine, ledger_id, kind, value);
    engine_set_fingerprints(engine, changed_keys, context);
    for (int32_t key = 0; key < 3; key++) {
        struct fingerprint *made = &ret_fingerprints[2 - key];
        *made = plain.items[0];
        made->key = key;
        made->bytes[0] ^= (uint8_t)key;
    }
    return 3;
}

void stage_change_keys(struct stage *stage)
{
    engine_set_fingerprints(stage->engine, changed_keys, stage);
}

int64_t stage_newcomer(struct stage *stage)
{
    char name[32];
    snprintf(name, sizeof name, "newcomer-%" PRId64, stage->sequence);
    return stage_do(
        stage, make_open_account(L_SHOP, stage_do(stage, make_open_member(L_SHOP, name))));
}

void stage_makes(struct stage *stage, int64_t id, struct command command)
{
    int64_t made = stage_do(stage, command);
    EXPECT_MSG(made == id, "made %" PRId64 " and not %" PRId64, made, id);
}

static void open_records(struct stage *stage)
{
    static const char *const prefixes[] = {"1000", "2000", "3000", "4000", "5000", "6000"};
    for (int i = 0; i < 6; i++)
        stage_makes(stage, i + 1, make_open_ledger(prefixes[i], TEST_DATE, 0));
    stage_makes(stage, M_OWNER, make_open_member(L_MAIN, "owner"));
    stage_makes(stage, M_EMPTY, make_open_member(L_MAIN, "empty"));
    stage_makes(stage, M_CLOSED, make_open_member(L_MAIN, "closed"));
    stage_makes(stage, M_LEAVING, make_open_member(L_MAIN, "leaving"));
    stage_makes(stage, M_OTHER, make_open_member(L_OTHER, "owner"));
    stage_makes(stage, M_FULL, make_open_member(L_FULL, "owner"));
    stage_makes(stage, M_LATE, make_open_member(L_LATE, "owner"));
    for (int id = A_RICH; id <= A_PENDING; id++)
        stage_makes(stage, id, make_open_account(L_MAIN, M_OWNER));
    stage_makes(stage, A_CLOSED, make_open_account(L_MAIN, M_LEAVING));
    stage_makes(stage, A_OTHER, make_open_account(L_OTHER, M_OTHER));
    stage_makes(stage, A_FULL, make_open_account(L_FULL, M_FULL));
    stage_makes(stage, A_LATE, make_open_account(L_LATE, M_LATE));
}

static void book_money(struct stage *stage)
{
    stage_do(stage, make_receipt(L_MAIN, A_RICH, RICH_MINOR + 300));
    stage_do(stage, make_receipt(L_MAIN, A_NO_IN, 552));
    stage_do(stage, make_receipt(L_MAIN, A_NO_OUT, 500));
    stage_do(stage, make_receipt(L_MAIN, A_BOTH, 500));
    stage_do(stage, make_receipt(L_MAIN, A_PENDING, 100));
    stage_do(stage, make_receipt(L_MAIN, A_CLOSED, 50));
    stage_do(stage, make_receipt(L_OTHER, A_OTHER, 1010));
    stage_do(stage, make_receipt(L_LATE, A_LATE, 100));
    stage_makes(stage, P_REQUESTED, make_withdraw(L_MAIN, A_RICH, 100, 3, FEE_INSIDE));
    stage_makes(stage, P_PAID, make_withdraw(L_MAIN, A_RICH, 200, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_PAID, PAYOUT_RESULT_PAID));
    stage_makes(stage, P_FAILED, make_withdraw(L_MAIN, A_RICH, 40, 2, FEE_OUTSIDE));
    stage_do(stage, make_confirm(L_MAIN, P_FAILED, PAYOUT_RESULT_FAILED));
    stage_makes(stage, P_RETURNED, make_withdraw(L_MAIN, A_RICH, 60, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_RETURNED, PAYOUT_RESULT_PAID));
    stage_do(stage, make_confirm(L_MAIN, P_RETURNED, PAYOUT_RESULT_RETURNED));
    stage_makes(stage, P_CLOSED, make_withdraw(L_MAIN, A_CLOSED, 50, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_CLOSED, PAYOUT_RESULT_PAID));
    stage_makes(stage, P_OTHER, make_withdraw(L_OTHER, A_OTHER, 10, 0, 0));
    stage_makes(stage, P_PENDING, make_withdraw(L_MAIN, A_PENDING, 100, 0, 0));
    stage_makes(stage, P_NO_IN, make_withdraw(L_MAIN, A_NO_IN, 20, 2, FEE_OUTSIDE));
    stage_makes(stage, P_NO_IN_PAID, make_withdraw(L_MAIN, A_NO_IN, 30, 0, 0));
    stage_do(stage, make_confirm(L_MAIN, P_NO_IN_PAID, PAYOUT_RESULT_PAID));
}

/* Up to the last unit that an escrow account can hold. */
static void fill(struct stage *stage)
{
    for (int i = 0; i < 922; i++)
        stage_do(stage, make_receipt(L_FULL, A_FULL, AMOUNT_MINOR_MAX));
    stage_do(stage, make_receipt(L_FULL, A_FULL, INT64_MAX - 922 * AMOUNT_MINOR_MAX));
    stage_makes(stage, P_FULL, make_withdraw(L_FULL, A_FULL, 10, 5, FEE_OUTSIDE));
    stage_do(stage, make_confirm(L_FULL, P_FULL, PAYOUT_RESULT_PAID));
    stage_do(stage, make_receipt(L_FULL, A_FULL, 10));
}

static void close_and_restrict(struct stage *stage)
{
    stage_do(stage, make_close_ledger(L_CLOSED));
    stage_do(stage, make_close_member(L_MAIN, M_CLOSED));
    stage_do(stage, make_close_account(L_MAIN, A_CLOSED));
    stage_do(stage, make_restrict(L_MAIN, A_NO_IN, true, false));
    stage_do(stage, make_restrict(L_MAIN, A_NO_OUT, false, true));
    stage_do(stage, make_restrict(L_MAIN, A_BOTH, true, true));
    /* As many owners as there can be. */
    static const char *const others[] = {"r1", "r2", "r3", "r4", "r5", "r6", "r7"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        stage_do(stage, command_by(others[i], make_restrict(L_MAIN, A_BOTH, true, false)));
    for (int day = 1; day <= 3; day++)
        stage_do(stage, make_cut_day(L_LATE, TEST_DATE + day));
}

static void create_callers(struct stage *stage)
{
    static const struct caller_ledger main_only = {L_MAIN};
    struct command clerk = make_create_caller("clerk");
    struct command away = make_create_caller("away");
    clerk.create_caller.rights.roles.administrator = false;
    clerk.create_caller.rights.roles.auditor = true;
    clerk.create_caller.rights.roles.front = true;
    stage_makes(stage, U_CHIEF, make_create_caller("chief"));
    stage_makes(stage, U_CLERK, clerk);
    stage_makes(stage, U_GONE, make_create_caller("gone"));
    stage_do(stage, make_update_caller(U_GONE, CALLER_SUSPENDED));
    away.create_caller.rights.roles = clerk.create_caller.rights.roles;
    away.create_caller.rights.all_ledgers = false;
    away.create_caller.rights.ledgers = &main_only;
    away.create_caller.rights.ledger_count = 1;
    stage_makes(stage, U_AWAY, away);
}

/* What needs two persons in L_LATE, and proposals in every state. */
static void propose(struct stage *stage)
{
    static const struct approval_rule_asked rules[] = {
        {COMMAND_CHARGE_FEE, 10}, {COMMAND_WITHDRAW, 50}, {COMMAND_OPEN_MEMBER, 0}};
    const struct command twenty = make_fee(L_LATE, A_LATE, 20);
    const struct command five = make_fee(L_LATE, A_LATE, 5);
    const struct command ten = make_pay(L_MAIN, A_RICH, A_POOR, 10, 0);
    int64_t soon = stage->now_us - HOUR_US;
    int64_t now_us = stage->now_us;
#define LATE(command) command_on(TEST_DATE + 3, command)
    stage_do(stage, LATE(make_policy(L_LATE, rules, 3)));
    stage_makes(stage, Q_OPEN, LATE(make_proposal(L_LATE, &twenty, AN_HOUR_AHEAD)));
    stage_makes(stage, Q_CALLER,
        command_of_caller(U_CLERK, LATE(make_proposal(L_LATE, &twenty, AN_HOUR_AHEAD))));
    stage_makes(stage, Q_APPROVED, LATE(make_proposal(L_LATE, &five, AN_HOUR_AHEAD)));
    stage_do(stage, command_by("u", by_approval(Q_APPROVED, LATE(five))));
    stage_makes(stage, Q_WITHDRAWN, LATE(make_proposal(L_LATE, &five, AN_HOUR_AHEAD)));
    stage_do(stage, LATE(make_withdraw_proposal(L_LATE, Q_WITHDRAWN)));
    stage->now_us = soon - 1;
    stage_makes(stage, Q_EXPIRED, LATE(make_proposal(L_LATE, &five, soon)));
    stage->now_us = soon;
    stage_do(stage, LATE(make_expire(L_LATE, EXPIRY_PROPOSAL, Q_EXPIRED)));
    stage_makes(stage, Q_DUE, LATE(make_proposal(L_LATE, &five, now_us)));
    stage_makes(stage, Z_CALLER,
        command_of_caller(U_CLERK, LATE(make_place_freeze(L_LATE, A_LATE, 3, "risk", 0))));
    stage_makes(stage, Q_MAIN, make_proposal(L_MAIN, &ten, AN_HOUR_AHEAD));
    stage->now_us = now_us;
    static const struct {
        int64_t proposal;
        int64_t maker;
    } not_allowed[] = {{Q_GONE, U_GONE}, {Q_LESS, U_CHIEF}, {Q_AWAY, U_AWAY}};
    for (size_t i = 0; i < sizeof not_allowed / sizeof *not_allowed; i++)
        stage_makes(stage, not_allowed[i].proposal,
            command_of_caller(
                not_allowed[i].maker, LATE(make_proposal(L_LATE, &twenty, AN_HOUR_AHEAD))));
#undef LATE
}

struct stage *stage_create(void)
{
    struct stage *stage = calloc(1, sizeof *stage);
    CHECK(stage != NULL);
    stage->now_us = STAGE_NOW_US - 2 * HOUR_US;
    stage->engine = engine_create();
    stage->model = naive_create();
    open_records(stage);
    book_money(stage);
    fill(stage);
    close_and_restrict(stage);
    stage_open_shop(stage);
    create_callers(stage);
    propose(stage);
    stage_open_lumps(stage);
    stage_open_settlements(stage);
    stage_identify(stage);
    stage_bind_cards(stage);
    stage_screen(stage);
    stage_open_statements(stage);
    const struct account *rich = engine_find_account(stage->engine, A_RICH);
    EXPECT(rich->balance_minor[BUCKET_AVAILABLE] == RICH_MINOR);
    EXPECT(rich->balance_minor[BUCKET_PENDING_OUT] == PENDING_RICH_MINOR);
    const struct account *escrow = engine_find_account(stage->engine, ESCROW_FULL);
    EXPECT(escrow->balance_minor[BUCKET_AVAILABLE] == -INT64_MAX);
    expect_same_state(stage->engine, stage->model);
    return stage;
}

void stage_destroy(struct stage *stage)
{
    engine_destroy(stage->engine);
    naive_destroy(stage->model);
    for (int i = 0; i < STAGE_SEQUENCES_MAX; i++)
        forget(stage->past[i]);
    free(stage);
}
