/* random_history.c: random commands, executed by the engine and by the naive model.
 *
 * After every command answers, postings, balances and the invariants of the books are compared, and
 * the postings are replayed. Time goes on between them; what is due is carried out mostly at once,
 * at times late. Effects go through the real journal as rows; state is written behind at
 * random moments; now and then the process "dies" and an engine made from the durable bytes goes on
 * in the place of the live one. Atomic scopes and dry runs are rolled back in between.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "late_ids.h"
#include "naive.h"
#include "outcomes.h"
#include "past.h"
#include "quotes.h"
#include "random_commands.h"
#include "released.h"
#include "shelf.h"
#include "suites.h"
#include "support/expect.h"
#include "support/records.h"
#include "tally.h"

#include "base/check.h"
#include "command/body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One in six of these stretches of time nothing that is due is carried out. */
#define LATE_US 15000000

enum {
    COMMANDS = 100000, /* of a history */
    HISTORIES_MAX = 6,
    FULL_COMPARE_EVERY = 1000,
    SCOPE_COMMANDS_MAX = 12,
    IMAGES_TAKEN_MAX = 200,
    QUOTE_EVERY = 20,
    CLOSED_LEDGERS_MOST = 40,
};

/* Images that were taken from the engine and not yet written into the state tables. */
struct taken {
    bool pending;
    uint32_t count;
    int64_t redo_sequence;
    int64_t last_sequence; /* newest of the images: must be durable first */
    struct image images[IMAGES_TAKEN_MAX];
    int64_t sequences[IMAGES_TAKEN_MAX];
};

/* A decided command on its way into the journal. The body is made before the next command is drawn,
 * which may take the memory of its texts. */
struct decided {
    struct command command;
    struct effects effects;
    size_t body_length;
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    char order_number[ORDER_NUMBER_BYTES_MAX];
};

/* What happened, of one history or of several. */
struct seen {
    struct tally tally;
    uint64_t restarts, swaps, rollbacks, kept_scopes, dry_runs, redone_rows;
    uint64_t released, brought_back, brought_back_alone;
    uint64_t expired, withdraw_quotes, fee_quotes;
    uint64_t orders, debts, recovered;
};

struct history {
    struct random random;
    struct engine *engine;
    struct naive_model *model;
    struct naive_model *kept; /* the model at the begin of a scope */
    struct journal *journal;
    const struct journal_batch *in_flight;
    struct shelf *shelf;
    struct taken taken;
    struct past *past;
    struct orders orders;
    struct orders kept_orders;
    struct decided decided[SCOPE_COMMANDS_MAX];
    int64_t now_us;
    bool in_scope;
    int scope_count; /* decided of what is not in the journal yet */
    struct seen *seen;
};

/* ---- one command ---- */

/* Replays the postings on the balances before the command: what they say must be what happened. */
static void replay_postings(const struct history *h, const struct effects *effects,
    int64_t (*balances)[BUCKET_COUNT], int account_count)
{
    for (uint32_t i = 0; i < effects->posting_count; i++) {
        const struct posting *p = &effects->postings[i];
        EXPECT(p->amount_minor > 0);
        EXPECT(p->debit_account_id > 0 && p->debit_account_id <= account_count);
        EXPECT(p->credit_account_id > 0 && p->credit_account_id <= account_count);
        EXPECT(p->debit_bucket < BUCKET_COUNT && p->credit_bucket < BUCKET_COUNT);
        EXPECT(engine_find_account(h->engine, p->debit_account_id)->ledger_id == p->ledger_id);
        EXPECT(engine_find_account(h->engine, p->credit_account_id)->ledger_id == p->ledger_id);
        int64_t *debit = &balances[p->debit_account_id][p->debit_bucket];
        int64_t *credit = &balances[p->credit_account_id][p->credit_bucket];
        EXPECT(debit != credit);
        *debit -= p->amount_minor;
        *credit += p->amount_minor;
        EXPECT_MSG(*debit == p->debit_balance_minor, "posting %u: debit balance", i);
        EXPECT_MSG(*credit == p->credit_balance_minor, "posting %u: credit balance", i);
    }
}

/* The images are the records as they are now, all as of this command, by kind and id. */
static void expect_live_images(
    const struct history *h, const struct effects *effects, int64_t sequence)
{
    enum record_kind kind_before = 0;
    int64_t id_before = 0;
    for (uint32_t i = 0; i < effects->image_count; i++) {
        const struct image *image = &effects->images[i];
        const struct record_table *table = &record_tables[image->kind];
        const void *record = image_record_const(image);
        int64_t id = record_id(table, record);
        EXPECT_MSG(image->kind > kind_before || (image->kind == kind_before && id > id_before),
            "image of %s %" PRId64 " is out of order", table->name, id);
        kind_before = image->kind;
        id_before = id;
        const void *live = engine_find_record(h->engine, image->kind, id);
        EXPECT_MSG(live != NULL, "image of %s %" PRId64, table->name, id);
        EXPECT(record_sequence(table, record) == sequence);
        const char *difference = records_difference(table, record, live);
        EXPECT_MSG(difference == NULL, "image of %s %" PRId64 ": %s", table->name, id, difference);
    }
}

static const struct payee *payees_of(const struct command *command, uint32_t *ret_count)
{
    switch (command->kind) {
    case COMMAND_PAY:
        *ret_count = command->pay.payee_count;
        return command->pay.payees;
    case COMMAND_CONFIRM_HOLD:
        *ret_count = command->confirm_hold.payee_count;
        return command->confirm_hold.payees;
    case COMMAND_ALLOCATE_SUSPENSE:
        *ret_count = command->allocate_suspense.payee_count;
        return command->allocate_suspense.payees;
    case COMMAND_UNDO_ALLOCATION:
        *ret_count = command->undo_allocation.payee_count;
        return command->undo_allocation.payees;
    case COMMAND_REFUND:
        *ret_count = command->refund.payee_count;
        return command->refund.payees;
    default:
        *ret_count = 0;
        return NULL;
    }
}

/* Numbers as they stand in the command's struct: of most kinds first an id, then amounts. */
static void describe(int64_t sequence, const struct command *command, char *ret_text, size_t bytes)
{
    uint32_t count;
    const struct payee *payees = payees_of(command, &count);
    int length = snprintf(ret_text, bytes,
        "%" PRId64 ": %s on ledger %" PRId64 " (%" PRId64 ", %" PRId64 ", %" PRId64 ")", sequence,
        command_kind_name((int)command->kind), command->ledger_id, command->withdraw.account_id,
        command->withdraw.amount_minor, command->withdraw.fee_minor);
    for (uint32_t i = 0; i < count && length > 0 && (size_t)length < bytes; i++)
        length += snprintf(ret_text + length, bytes - (size_t)length, " to %" PRId64 ": %" PRId64,
            payees[i].account_id, payees[i].amount_minor);
}

static void expect_same_postings(
    const char *what, const struct effects *effects, const struct naive_answer *answer)
{
    for (uint32_t i = 0; i < effects->posting_count && (int)i < answer->move_count; i++) {
        const struct posting *a = &effects->postings[i];
        const struct naive_move *b = &answer->moves[i];
        EXPECT_MSG(a->debit_account_id == b->from && a->debit_bucket == b->from_bucket &&
                       a->credit_account_id == b->to && a->credit_bucket == b->to_bucket &&
                       a->amount_minor == b->amount,
            "%s: posting %u: engine %" PRId64 " from %" PRId64 "/%d to %" PRId64
            "/%d, model %" PRId64 " from %d/%d to %d/%d",
            what, i, a->amount_minor, a->debit_account_id, a->debit_bucket, a->credit_account_id,
            a->credit_bucket, b->amount, b->from, (int)b->from_bucket, b->to, (int)b->to_bucket);
    }
    EXPECT_MSG((int)effects->posting_count == answer->move_count,
        "%s: engine %u postings, model %d", what, effects->posting_count, answer->move_count);
}

static void expect_same_answer(
    const char *what, const struct effects *effects, const struct naive_answer *answer)
{
    EXPECT_MSG(effects->outcome == answer->outcome, "%s: engine %s, model %s", what,
        outcome_name((int)effects->outcome), outcome_name((int)answer->outcome));
    EXPECT_MSG(effects->subject_id == answer->subject_id,
        "%s: subject: engine %" PRId64 ", model %" PRId64, what, effects->subject_id,
        answer->subject_id);
    EXPECT_MSG(effects->accounting_date == answer->accounting_date,
        "%s: accounting date: engine %d, model %d", what, effects->accounting_date,
        answer->accounting_date);
    EXPECT_MSG(effects->fee_minor == answer->fee_minor,
        "%s: fee: engine %" PRId64 ", model %" PRId64, what, effects->fee_minor, answer->fee_minor);
    EXPECT_MSG(effects->limit_minor == answer->limit_minor,
        "%s: limit: engine %" PRId64 ", model %" PRId64, what, effects->limit_minor,
        answer->limit_minor);
    EXPECT_MSG(effects->fee_rule_version == answer->fee_rule_version,
        "%s: version of the fee rule: engine %d, model %d", what, effects->fee_rule_version,
        answer->fee_rule_version);
    EXPECT_MSG(text_equals(effects->order_number, answer->order_number), "%s: order number", what);
    if (!outcome_is_accepted((int)effects->outcome)) {
        EXPECT_MSG(effects->posting_count == 0, "%s: refused with postings", what);
        EXPECT_MSG(effects->image_count == 0, "%s: refused with images", what);
    }
    expect_same_postings(what, effects, answer);
}

/* paid = confirmed + refunded + held, by the postings and by the records. */
static void expect_sound_order(struct history *h, const char *what, const struct order_sums *order)
{
    struct text number = {order->number, order->length};
    int64_t held = naive_held_of_order(h->model, (int)order->ledger_id, number);
    EXPECT_MSG(order->paid == order->confirmed + order->refunded + order->held,
        "%s: paid is not confirmed, refunded and held", what);
    EXPECT_MSG(order->held == held, "%s: held: by postings %" PRId64 ", by holds %" PRId64, what,
        order->held, held);
    EXPECT_MSG(order->paid >= 0 && order->confirmed >= 0 && order->refunded >= 0 &&
                   order->withdrawn >= 0 && order->fees >= 0,
        "%s: a sum of its order is negative", what);
}

/* The same by what the model remembers of every payment; slow. */
static void expect_remembered_order(struct history *h, const struct order_sums *order)
{
    struct text number = {order->number, order->length};
    struct naive_order sums = naive_order_of(h->model, (int)order->ledger_id, number);
    EXPECT_MSG(order->paid == sums.paid, "order of ledger %" PRId64 ": paid %" PRId64 ", %" PRId64,
        order->ledger_id, order->paid, sums.paid);
    EXPECT_MSG(order->refunded == sums.refunded,
        "order of ledger %" PRId64 ": refunded %" PRId64 ", %" PRId64, order->ledger_id,
        order->refunded, sums.refunded);
    EXPECT_MSG(order->withdrawn == sums.withdrawn,
        "order of ledger %" PRId64 ": withdrawn %" PRId64 ", %" PRId64, order->ledger_id,
        order->withdrawn, sums.withdrawn);
}

/* Whole states are compared with everything in memory. */
static void bring_back_all(struct history *h, struct engine *engine)
{
    h->seen->brought_back += released_bring_back_all(engine, h->shelf);
}

/* What is expected of the books after a command that left them as the model has them. */
static void expect_sound_books(struct history *h, const struct command *command, int64_t ledger)
{
    struct naive_model *model = h->model;
    if (ledger >= 1 && ledger <= model->ledger_count) {
        expect_same_ledger_books(h->engine, model, (int)ledger);
        if (command->kind >= COMMAND_WITHDRAW && command->kind <= COMMAND_INTERCEPT_PAYOUT)
            expect_pending_is_payouts(h->engine, model, (int)ledger);
        if (command->kind >= COMMAND_PLACE_HOLD && command->kind <= COMMAND_EXPIRE)
            expect_frozen_is_holds_and_freezes(h->engine, model, (int)ledger);
    }
    if (h->seen->tally.executed % FULL_COMPARE_EVERY == 0) {
        if (!h->in_scope)
            bring_back_all(h, h->engine);
        expect_same_state(h->engine, model);
    }
}

/* Reads what was decided in the scope again: its texts are not there any more. False: it was
 * refused. */
static bool read_decided(
    const struct decided *decided, struct command_elements *elements, struct command *ret_command)
{
    EXPECT(command_body_decode(decided->command.kind, decided->body, decided->body_length, elements,
               ret_command) == 0);
    return outcome_is_accepted((int)decided->effects.outcome);
}

static bool is_reversed_in_scope(const struct history *h, int64_t sequence)
{
    struct command_elements elements;
    struct command command;
    for (int i = 0; i < h->scope_count; i++)
        if ((h->decided[i].command.kind == COMMAND_REVERSE ||
                h->decided[i].command.kind == COMMAND_UNDO_ALLOCATION) &&
            read_decided(&h->decided[i], &elements, &command) &&
            command_earlier_sequence(&command) == sequence)
            return true;
    return false;
}

/* Who has the command's reference of the bank, as the flow finds it. */
static int64_t find_used(const struct history *h, const struct command *command)
{
    char bytes[REFERENCE_BYTES_MAX];
    struct text reference = {bytes, command_folded_reference(command, bytes)};
    struct command_elements elements;
    struct command decided;
    int64_t sequence = 0;
    if (reference.length == 0)
        return 0;
    do
        sequence = past_next_receipt(h->past, command->ledger_id, reference, sequence);
    while (sequence != 0 && bytes[0] != PROOF_MARK && is_reversed_in_scope(h, sequence));
    for (int i = 0; i < h->scope_count && sequence == 0; i++) {
        char other_bytes[REFERENCE_BYTES_MAX];
        if (!read_decided(&h->decided[i], &elements, &decided) ||
            h->decided[i].command.ledger_id != command->ledger_id)
            continue;
        struct text other = {other_bytes, command_folded_reference(&decided, other_bytes)};
        if (text_equals(other, reference))
            sequence = USED_IN_CALL;
    }
    return sequence;
}

/* Executes a command in both and compares. */
static void execute(
    struct history *h, int64_t sequence, const struct command *command, struct effects *effects)
{
    static int64_t balances[NAIVE_ACCOUNTS_MAX + 1][BUCKET_COUNT];
    struct naive_model *model = h->model;
    struct command with_original = *command;
    char what[256];
    describe(sequence, command, what, sizeof what);
    with_original.original = past_original(h->past, command);
    EXPECT(!with_original.original || engine_given_back_adds_up(h->engine, with_original.original));
    if (command->kind == COMMAND_LIFT_FREEZE && naive_person_of(command) != 0 &&
        command->lift_freeze.freeze_id <= model->freeze_count)
        with_original.original =
            past_at(h->past, model->freezes[command->lift_freeze.freeze_id].placed);
    if (command->kind == COMMAND_CONFIRM_PAYOUT &&
        command->confirm_payout.payout_id <= model->payout_count)
        with_original.original =
            past_at(h->past, model->payouts[command->confirm_payout.payout_id].requested);
    if (command->kind == COMMAND_INTERCEPT_PAYOUT &&
        command->intercept_payout.payout_id <= model->payout_count)
        with_original.original =
            past_at(h->past, model->payouts[command->intercept_payout.payout_id].requested);
    if (command->kind == COMMAND_REVEAL)
        with_original = past_revealed(h->past, command);
    with_original.used_sequence = find_used(h, command);
    for (int id = 1; id <= model->account_count; id++)
        memcpy(balances[id], model->accounts[id].balance, sizeof balances[id]);
    memset(balances[model->account_count + 1], 0,
        (CONTROL_ACCOUNTS_PER_LEDGER + 1) * sizeof balances[0]);

    engine_execute(h->engine, h->now_us, sequence, &with_original, effects);
    struct naive_answer answer = naive_execute(model, h->now_us, sequence, &with_original);
    tally_count(&h->seen->tally, command->kind, answer.outcome);
    expect_listed(command->kind, answer.outcome);
    expect_same_answer(what, effects, &answer);
    replay_postings(h, effects, balances, model->account_count);
    for (int id = 1; id <= model->account_count; id++)
        EXPECT_MSG(memcmp(balances[id], model->accounts[id].balance, sizeof balances[id]) == 0,
            "account %d: the postings do not lead to its balances", id);
    expect_live_images(h, effects, sequence);
    if (outcome_is_accepted((int)effects->outcome)) {
        const struct order_sums *order = orders_add(&h->orders, command, effects);
        if (order != NULL)
            expect_sound_order(h, what, order);
    }
    expect_sound_books(
        h, command, command->kind == COMMAND_OPEN_LEDGER ? answer.subject_id : command->ledger_id);
}

/* Executes one and keeps what the journal needs of it. */
static void decide_one(
    struct history *h, int64_t sequence, const struct command *command, struct decided *ret_decided)
{
    ret_decided->command = *command;
    ret_decided->body_length = command_body_encode(command, ret_decided->body);
    execute(h, sequence, command, &ret_decided->effects);
    ret_decided->body_length =
        command_body_put_card_parts(ret_decided->body, ret_decided->body_length,
            ret_decided->effects.card_parts, ret_decided->effects.card_part_count);
    ret_decided->body_length = command_body_put_claim_payout(
        ret_decided->body, ret_decided->body_length, ret_decided->effects.claim_payout_id);
    struct text *order = &ret_decided->effects.order_number;
    if (order->length > 0)
        memcpy(ret_decided->order_number, order->bytes, order->length);
    order->bytes = ret_decided->order_number;
}

/* A command whose date is out of the window is answered, but takes no place in the journal. */
static bool is_recorded(const struct effects *effects)
{
    return effects->outcome != OUTCOME_KEY_WINDOW_CLOSED &&
           effects->outcome != OUTCOME_BUSINESS_DATE_AHEAD;
}

/* Puts a decided command into the journal. */
static void record(struct history *h, const struct decided *decided, const struct effects *effects)
{
    if (!is_recorded(effects))
        return;
    const struct command *command = &decided->command;
    struct command_record row = {
        .key = command->key,
        .sequence = journal_next_sequence(h->journal),
        .recorded_us = h->now_us,
        .ledger_id =
            command->kind == COMMAND_OPEN_LEDGER ? effects->subject_id : command->ledger_id,
        .subject_id = effects->subject_id,
        .accounting_date = effects->accounting_date,
        .fee_rule_version = effects->fee_rule_version,
        .fee_minor = effects->fee_minor,
        .order_number = effects->order_number,
        .kind = (uint16_t)command->kind,
        .outcome = (uint16_t)effects->outcome,
        .body = decided->body,
        .body_length = (uint32_t)decided->body_length,
    };
    journal_append(h->journal, &row, effects->postings, effects->posting_count, effects->images,
        effects->image_count);
    past_add(h->past, command, decided->body, decided->body_length, effects);
}

static void step_alone(struct history *h)
{
    struct command command = random_command(&h->random, h->model, h->now_us);
    h->seen->brought_back_alone += released_bring_back(h->engine, h->shelf, &command);
    decide_one(h, journal_next_sequence(h->journal), &command, &h->decided[0]);
    record(h, &h->decided[0], &h->decided[0].effects);
}

/* ---- time ---- */

static void let_time_pass(struct history *h)
{
    uint64_t percent = random_below(&h->random, 100);
    if (percent < 60)
        h->now_us += (int64_t)random_below(&h->random, 1000);
    else if (percent < 95)
        h->now_us += (int64_t)random_below(&h->random, 100000);
    else
        h->now_us += (int64_t)random_below(&h->random, 3000000);
}

/* The Expire command of the service itself. */
static struct command expiry_of(const struct history *h, const struct due *due)
{
    static const char *const names[] = {[EXPIRY_HOLD] = "hold",
        [EXPIRY_FREEZE] = "freeze",
        [EXPIRY_ADJUSTMENT] = "adjustment",
        [EXPIRY_PROPOSAL] = "proposal",
        [EXPIRY_SUSPENSE] = "suspense",
        [EXPIRY_PROMISE] = "promise",
        [EXPIRY_IDENTITY] = "identity",
        [EXPIRY_CARD] = "card",
        [EXPIRY_DENIED] = "denied",
        [EXPIRY_CLAIM] = "claim",
        [EXPIRY_FEEDBACK] = "feedback"};
    int64_t number = due->id;
    const struct naive_ledger *ledger = &h->model->ledgers[due->ledger_id];
    struct command command = command_by("vsl", make_expire(due->ledger_id, due->kind, due->id));
    char serial[SERIAL_BYTES_MAX + 1];
    if (due->kind == EXPIRY_SUSPENSE)
        number = ledger->watch_changed;
    if (due->kind == EXPIRY_IDENTITY)
        number = h->model->identities[due->id].changed;
    if (due->kind == EXPIRY_CARD)
        number = h->model->cards[due->id].check;
    int length = snprintf(serial, sizeof serial, "%s-%" PRId64, names[due->kind], number);
    CHECK(length > 0 && length <= SERIAL_BYTES_MAX);
    memcpy(command.key.serial, serial, (size_t)length);
    command.key.serial_length = (uint8_t)length;
    return command_on(ledger->dates[ledger->date_count - 1], command);
}

/* What is due is the same in both, and is carried out; at times it waits, one step or some seconds,
 * so that other commands find it over and yet there. */
static void carry_out_due(struct history *h)
{
    for (;;) {
        struct due due;
        struct naive_due expected = naive_next_due(h->model, h->now_us);
        bool is_due = engine_next_due(h->engine, h->now_us, &due);
        EXPECT_MSG(is_due == (expected.kind != 0), "due: engine %d, model kind %d id %d", is_due,
            expected.kind, expected.id);
        if (!is_due)
            return;
        EXPECT_MSG((int)due.kind == expected.kind && due.id == expected.id,
            "due: engine kind %d id %" PRId64 ", model kind %d id %d", (int)due.kind, due.id,
            expected.kind, expected.id);
        EXPECT(due.expires_at_us == expected.expires_us && due.ledger_id == expected.ledger);
        if (random_percent(&h->random, 20) || h->now_us / LATE_US % 6 == 0)
            return;
        struct command command = expiry_of(h, &due);
        decide_one(h, journal_next_sequence(h->journal), &command, &h->decided[0]);
        EXPECT(h->decided[0].effects.outcome == OUTCOME_ACCEPTED);
        record(h, &h->decided[0], &h->decided[0].effects);
        h->seen->expired++;
    }
}

/* A ledger is closed over a proposal that is not decided: it is never due. Not before its member
 * is, which commands at random seldom meet. */
static void close_over_proposal(struct history *h)
{
    char prefix[16];
    struct naive_model *model = h->model;
    int ledger = model->ledger_count + 1, member = model->member_count + 1;
    int first = model->account_count + 1, account = first + CONTROL_ACCOUNTS_PER_LEDGER;
    snprintf(prefix, sizeof prefix, "9%03d", ledger);
    const struct command never = make_adjust(ledger, first + 1, account, 5);
    const struct command commands[] = {
        make_open_ledger(prefix, TEST_DATE, 1),
        make_open_member(ledger, "owner"),
        make_open_account(ledger, member),
        make_proposal(ledger, &never, h->now_us + 1000),
        make_close_ledger(ledger),
        make_close_account(ledger, account),
        make_close_member(ledger, member),
        make_close_ledger(ledger),
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        decide_one(h, journal_next_sequence(h->journal), &commands[i], &h->decided[0]);
        EXPECT(h->decided[0].effects.outcome ==
               (i == 4 ? OUTCOME_LEDGER_NOT_EMPTY : OUTCOME_ACCEPTED));
        record(h, &h->decided[0], &h->decided[0].effects);
    }
}

/* ---- quotes ---- */

static void ask_quotes(struct history *h)
{
    struct command command = random_command(&h->random, h->model, h->now_us);
    if (command.ledger_id < 1 || command.ledger_id > h->model->ledger_count ||
        h->model->ledgers[command.ledger_id].closed)
        return;
    if (command.kind == COMMAND_WITHDRAW)
        h->seen->withdraw_quotes +=
            expect_right_withdraw_quote(&h->random, h->engine, h->now_us, h->model, &command);
    if (command.kind == COMMAND_PAY && command.pay.fee_rule.length > 0)
        h->seen->fee_quotes += expect_right_fee_quote(
            &h->random, h->engine, h->model, command.ledger_id, command.pay.fee_rule);
}

/* ---- scopes ---- */

/* Draws and executes commands, from the next sequence number on; none of them can name another. */
static void decide(struct history *h, int count)
{
    int64_t sequence = journal_next_sequence(h->journal);
    h->model->hidden_from = sequence;
    for (int i = 0; i < count; i++) {
        struct command command = random_command(&h->random, h->model, h->now_us);
        decide_one(h, sequence, &command, &h->decided[i]);
        sequence += is_recorded(&h->decided[i].effects);
        h->scope_count = i + 1;
    }
    h->scope_count = 0;
    h->model->hidden_from = 0;
}

/* Some commands in a scope: decided again from the same state and kept as a whole, refused as a
 * whole, or as if they had never been. */
static void step_scope(struct history *h)
{
    int count = (int)random_between(&h->random, 1, SCOPE_COMMANDS_MAX);
    struct random start = h->random;
    naive_keep(h->kept, h->model);
    h->kept_orders = h->orders;
    bring_back_all(h, h->engine);
    engine_begin(h->engine);
    h->in_scope = true;
    decide(h, count);
    h->in_scope = false;
    engine_rollback(h->engine);
    naive_go_back(h->model, h->kept);
    h->orders = h->kept_orders;
    if (random_percent(&h->random, 50)) {
        enum outcome first[SCOPE_COMMANDS_MAX];
        for (int i = 0; i < count; i++)
            first[i] = h->decided[i].effects.outcome;
        /* The texts of commands are drawn again with them: the next draw overwrites them. */
        struct random after = h->random;
        h->random = start;
        decide(h, count);
        h->random = after;
        for (int i = 0; i < count; i++) {
            EXPECT(h->decided[i].effects.outcome == first[i]);
            record(h, &h->decided[i], &h->decided[i].effects);
        }
        h->seen->kept_scopes++;
        return;
    }
    for (int ledger = 1; ledger <= h->model->ledger_count; ledger++)
        expect_same_ledger_books(h->engine, h->model, ledger);
    if (random_percent(&h->random, 5))
        expect_same_state(h->engine, h->model);
    if (random_percent(&h->random, 50)) {
        h->seen->dry_runs++;
        return;
    }
    static struct effects aborted = {.outcome = OUTCOME_BATCH_ABORTED};
    for (int i = 0; i < count; i++)
        record(h, &h->decided[i], &aborted);
    h->seen->rollbacks++;
}

/* ---- the journal, writing behind, restarts ---- */

static void close_batch(struct history *h)
{
    if (!h->in_flight && journal_open_count(h->journal) > 0)
        h->in_flight = journal_close_batch(h->journal);
}

static void make_durable(struct history *h)
{
    if (!h->in_flight)
        return;
    shelf_add_batch(h->shelf, h->in_flight);
    h->in_flight = NULL;
    journal_batch_is_durable(h->journal);
}

/* Takes images at any moment, also of state that is not durable yet. */
static void take_changed(struct history *h, uint32_t max)
{
    struct taken *taken = &h->taken;
    if (taken->pending)
        return;
    taken->count = engine_take_changed(h->engine, journal_durable_sequence(h->journal), max,
        journal_next_sequence(h->journal), taken->images, taken->sequences, &taken->redo_sequence);
    taken->last_sequence = 0;
    for (uint32_t i = 0; i < taken->count; i++) {
        EXPECT(taken->sequences[i] < journal_next_sequence(h->journal));
        if (taken->sequences[i] > taken->last_sequence)
            taken->last_sequence = taken->sequences[i];
    }
    taken->pending = taken->count > 0;
}

/* Writes them once everything that they contain is durable. The redo sequence can lie beyond what
 * is durable only when nothing changed since; then it waits too. */
static void write_taken(struct history *h)
{
    struct taken *taken = &h->taken;
    if (!taken->pending || taken->last_sequence > journal_durable_sequence(h->journal))
        return;
    int64_t next_durable = journal_durable_sequence(h->journal) + 1;
    int64_t redo = taken->redo_sequence < next_durable ? taken->redo_sequence : next_durable;
    shelf_write_state(h->shelf, taken->images, taken->sequences, taken->count, redo);
    taken->pending = false;
}

/* Makes an engine from what is durable and compares it with the live one; at times it takes the
 * place of the live one, as after a kill: what was taken and not written is then lost. */
static void restart(struct history *h)
{
    make_durable(h);
    close_batch(h);
    make_durable(h);
    int64_t redo = shelf_redo_sequence(h->shelf);
    int64_t from = random_percent(&h->random, 50) ? redo : random_between(&h->random, 1, redo);
    struct engine *again = shelf_load(h->shelf, from);
    h->seen->redone_rows += shelf_rows_loaded(h->shelf);
    bring_back_all(h, h->engine);
    bring_back_all(h, again);
    expect_same_engines(h->engine, again);
    expect_same_state(again, h->model);
    h->seen->restarts++;
    if (random_percent(&h->random, 50)) {
        engine_destroy(again);
        return;
    }
    engine_destroy(h->engine);
    h->engine = again;
    h->taken.pending = false;
    h->seen->swaps++;
}

static void between_steps(struct history *h)
{
    uint64_t percent = random_below(&h->random, 100);
    if (percent < 5)
        close_batch(h);
    else if (percent < 12)
        make_durable(h);
    else if (percent < 15)
        take_changed(h, (uint32_t)random_between(&h->random, 1, IMAGES_TAKEN_MAX));
    else if (percent < 20)
        write_taken(h);
    if (random_percent(&h->random, 2))
        h->seen->released += released_step(&h->random, h->engine, h->shelf);
    if (random_below(&h->random, 5000) == 0)
        restart(h);
}

/* Writes everything behind; then the state tables alone are the engine, and redo starts behind the
 * last command. */
static void finish(struct history *h)
{
    make_durable(h);
    close_batch(h);
    make_durable(h);
    write_taken(h);
    while (engine_oldest_change(h->engine) != 0) {
        take_changed(h, 100);
        write_taken(h);
        EXPECT(!h->taken.pending);
    }
    EXPECT(shelf_redo_sequence(h->shelf) == journal_next_sequence(h->journal));
    struct engine *again = shelf_load(h->shelf, shelf_redo_sequence(h->shelf));
    EXPECT(shelf_rows_loaded(h->shelf) == 0);
    bring_back_all(h, h->engine);
    bring_back_all(h, again);
    expect_same_engines(h->engine, again);
    EXPECT(engine_oldest_change(again) == 0);
    engine_destroy(again);
    /* And the journal alone, without any state row. */
    struct engine *redone = shelf_load_journal(h->shelf);
    expect_same_engines(h->engine, redone);
    engine_destroy(redone);
}

/* ---- the history ---- */

static struct history *create_history(const struct random *random, struct seen *seen)
{
    struct history *h = calloc(1, sizeof *h);
    CHECK(h != NULL);
    h->random = *random;
    h->seen = seen;
    struct journal_position position = {.epoch = 1};
    h->engine = engine_create();
    h->model = naive_create();
    h->kept = naive_create();
    h->journal = journal_create(&position);
    h->shelf = shelf_create();
    h->past = past_create();
    /* The calendar is ahead of every ledger, so that the dates go on; and soon a day ends in
     * China. */
    h->now_us = ((int64_t)(TEST_DATE + 20000) * 24 + 16) * 3600 * 1000000 - 20 * 1000000;
    return h;
}

static void destroy_history(struct history *h)
{
    engine_destroy(h->engine);
    naive_destroy(h->model);
    naive_destroy(h->kept);
    journal_destroy(h->journal);
    shelf_destroy(h->shelf);
    past_destroy(h->past);
    free(h);
}

static void note_records(const struct history *h)
{
    h->seen->orders += (uint64_t)h->orders.count;
    h->seen->debts += (uint64_t)h->model->debt_count;
    for (int id = 1; id <= h->model->debt_count; id++)
        h->seen->recovered += h->model->debts[id].status == DEBT_RECOVERED;
}

/* Histories in which little happened have not tested what they should. */
static bool has_everything_happened(const struct seen *s)
{
    bool is_enough = s->released > 10000 && s->brought_back > 10000 && s->brought_back_alone > 100;
    is_enough &= s->expired > 100 && s->withdraw_quotes > 50 && s->fee_quotes > 50;
    is_enough &= s->restarts > 0 && s->kept_scopes > 100 && s->rollbacks > 100 && s->dry_runs > 100;
    is_enough &= s->redone_rows > 0 && s->recovered > 0;
    fprintf(stderr,
        "random_history: restarts %" PRIu64 ", of them taken over %" PRIu64 ", rows redone %" PRIu64
        ", scopes kept %" PRIu64 ", aborted %" PRIu64 ", dry %" PRIu64 ", expired %" PRIu64
        ", quotes of withdrawals %" PRIu64 ", of fees %" PRIu64 ", orders %" PRIu64
        ", debts %" PRIu64 ", of them recovered %" PRIu64 "\n",
        s->restarts, s->swaps, s->redone_rows, s->kept_scopes, s->rollbacks, s->dry_runs,
        s->expired, s->withdraw_quotes, s->fee_quotes, s->orders, s->debts, s->recovered);
    fprintf(stderr,
        "random_history: records released %" PRIu64 ", brought back %" PRIu64
        ", for one command %" PRIu64 "\n",
        s->released, s->brought_back, s->brought_back_alone);
    return tally_has_everything(&s->tally) && is_enough;
}

/* Plays one; `random` goes on behind it. */
static void play_history(struct random *random, struct seen *seen, uint64_t commands)
{
    struct history *h = create_history(random, seen);
    uint64_t end = seen->tally.executed + commands;
    while (seen->tally.executed < end) {
        let_time_pass(h);
        carry_out_due(h);
        if (random_below(&h->random, 10000) == 0 && h->model->ledger_count < CLOSED_LEDGERS_MOST)
            close_over_proposal(h);
        if (seen->tally.executed % QUOTE_EVERY == 0)
            ask_quotes(h);
        if (random_percent(&h->random, 2))
            step_scope(h);
        else
            step_alone(h);
        between_steps(h);
    }
    bring_back_all(h, h->engine);
    expect_same_state(h->engine, h->model);
    for (int i = 0; i < h->orders.count; i++)
        expect_remembered_order(h, &h->orders.sums[i]);
    restart(h);
    finish(h);
    note_records(h);
    *random = h->random;
    destroy_history(h);
}

/* Plays histories until everything has happened, or a shorter one. One is enough but where chance
 * was against it: then others follow, so that a test does not fail by a bad draw. What can hardly
 * happen fails it. */
static void play_histories(int64_t ids_before, uint64_t commands)
{
    struct seen *seen = calloc(1, sizeof *seen);
    struct random random;
    CHECK(seen != NULL);
    random_start(&random, "random_history");
    late_ids_set(ids_before);
    int played = 0;
    bool is_enough = false;
    while (!is_enough && played < HISTORIES_MAX) {
        play_history(&random, seen, commands);
        played++;
        is_enough = commands < COMMANDS || has_everything_happened(seen);
    }
    late_ids_set(0);
    tally_print(&seen->tally);
    EXPECT_MSG(is_enough, "in %d histories something never happened, see above", played);
    free(seen);
}

START_TEST(hundred_thousand_commands)
{
    play_histories(0, COMMANDS);
}
END_TEST

/* Nothing depends on how many holds, payouts and so on there were before; ids are longer than 32
 * bits, and begin within a block. What can happen is seen by those above. */
START_TEST(commands_after_a_long_past)
{
    play_histories((INT64_C(1) << 40) + 1000, COMMANDS / 3);
}
END_TEST

Suite *random_history_suite(void)
{
    Suite *suite = suite_create("random_history");
    TCase *tests = tcase_create("random_history");
    tcase_add_test(tests, hundred_thousand_commands);
    tcase_add_test(tests, commands_after_a_long_past);
    tcase_set_timeout(tests, 1800);
    tcase_set_tags(tests, "histories"); /* a test of its own beside the others */
    suite_add_tcase(suite, tests);
    return suite;
}
