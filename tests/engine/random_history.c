/* random_history.c: random commands, executed by the engine and by the naive model.
 *
 * After every command answers, balances and the invariants of the books are compared, and the
 * postings are replayed. Effects go through the real journal as rows; state is written behind at
 * random moments; now and then the process "dies" and an engine made from the durable bytes goes on
 * in the place of the live one. Atomic scopes and dry runs are rolled back in between.
 * SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "compare.h"
#include "random_commands.h"
#include "shelf.h"
#include "suites.h"
#include "support/expect.h"
#include "support/records.h"

#include "base/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMMANDS = 100000,
    FULL_COMPARE_EVERY = 1000,
    SCOPE_COMMANDS_MAX = 12,
    IMAGES_TAKEN_MAX = 200,
    OUTCOMES_MAX = 300,
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

struct history {
    struct random random;
    struct engine *engine;
    struct naive_model *model;
    struct naive_model *kept; /* the model at the begin of a scope */
    struct journal *journal;
    const struct journal_batch *in_flight;
    struct shelf *shelf;
    struct taken taken;
    struct effects effects[SCOPE_COMMANDS_MAX];
    struct command commands[SCOPE_COMMANDS_MAX];
    int64_t recorded_us;
    uint64_t executed;
    uint64_t restarts, swaps, rollbacks, kept_scopes, dry_runs, redone_rows;
    uint64_t outcomes[OUTCOMES_MAX];
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

/* The images are the records as they are now, all as of this command. */
static void expect_live_images(
    const struct history *h, const struct effects *effects, int64_t sequence)
{
    for (uint32_t i = 0; i < effects->image_count; i++) {
        const struct image *image = &effects->images[i];
        const struct record_table *table = &record_tables[image->kind];
        const void *record = image_record_const(image);
        int64_t id = record_id(table, record);
        const void *live = engine_find_record(h->engine, image->kind, id);
        EXPECT_MSG(live != NULL, "image of %s %" PRId64, table->name, id);
        EXPECT(record_sequence(table, record) == sequence);
        const char *difference = records_difference(table, record, live);
        EXPECT_MSG(difference == NULL, "image of %s %" PRId64 ": %s", table->name, id, difference);
    }
}

static void describe(const struct command *command, char *ret_text, size_t bytes)
{
    /* Of most kinds the first member is an id, the next ones are amounts. */
    if (command->kind == COMMAND_PAY)
        snprintf(ret_text, bytes,
            "payment on ledger %" PRId64 " of %" PRId64 " to %" PRIu32 ", the first %" PRId64
            " gets %" PRId64 ", fee %" PRId64,
            command->ledger_id, command->pay.payer_account_id, command->pay.payee_count,
            command->pay.payees[0].account_id, command->pay.payees[0].amount_minor,
            command->pay.fee_minor);
    else
        snprintf(ret_text, bytes,
            "kind %d on ledger %" PRId64 " (%" PRId64 ", %" PRId64 ", %" PRId64 ")", command->kind,
            command->ledger_id, command->withdraw.account_id, command->withdraw.amount_minor,
            command->withdraw.fee_minor);
}

static void expect_same_answer(
    const struct command *command, const struct effects *effects, const struct naive_answer *answer)
{
    char what[256];
    describe(command, what, sizeof what);
    EXPECT_MSG(effects->outcome == answer->outcome, "%s: engine %s, model %s", what,
        outcome_name((int)effects->outcome), outcome_name((int)answer->outcome));
    EXPECT_MSG(effects->subject_id == answer->subject_id,
        "%s: subject: engine %" PRId64 ", model %" PRId64, what, effects->subject_id,
        answer->subject_id);
    EXPECT_MSG(effects->accounting_date == answer->accounting_date,
        "%s: accounting date: engine %d, model %d", what, effects->accounting_date,
        answer->accounting_date);
    if (!outcome_is_accepted((int)effects->outcome)) {
        EXPECT_MSG(effects->posting_count == 0, "%s: refused with postings", what);
        EXPECT_MSG(effects->image_count == 0, "%s: refused with images", what);
    }
}

/* Executes a command in both and compares. */
static void execute(
    struct history *h, int64_t sequence, const struct command *command, struct effects *effects)
{
    static int64_t balances[NAIVE_ACCOUNTS_MAX + 1][BUCKET_COUNT];
    struct naive_model *model = h->model;
    for (int id = 1; id <= model->account_count; id++)
        memcpy(balances[id], model->accounts[id].balance, sizeof balances[id]);
    memset(balances[model->account_count + 1], 0,
        (CONTROL_ACCOUNTS_PER_LEDGER + 1) * sizeof balances[0]);

    engine_execute(h->engine, sequence, command, effects);
    struct naive_answer answer = naive_execute(model, command);
    h->executed++;
    CHECK((int)answer.outcome < (int)OUTCOMES_MAX);
    h->outcomes[answer.outcome]++;
    expect_same_answer(command, effects, &answer);
    replay_postings(h, effects, balances, model->account_count);
    for (int id = 1; id <= model->account_count; id++)
        EXPECT_MSG(memcmp(balances[id], model->accounts[id].balance, sizeof balances[id]) == 0,
            "account %d: the postings do not lead to its balances", id);
    expect_live_images(h, effects, sequence);
    int64_t ledger = command->kind == COMMAND_OPEN_LEDGER ? answer.subject_id : command->ledger_id;
    if (ledger >= 1 && ledger <= model->ledger_count) {
        expect_same_ledger_books(h->engine, model, (int)ledger);
        if (command->kind == COMMAND_WITHDRAW || command->kind == COMMAND_CONFIRM_PAYOUT)
            expect_pending_is_payouts(h->engine, model, (int)ledger);
    }
    if (h->executed % FULL_COMPARE_EVERY == 0)
        expect_same_state(h->engine, model);
}

/* A command whose date is out of the window is answered, but takes no place in the journal. */
static bool is_recorded(const struct effects *effects)
{
    return effects->outcome != OUTCOME_KEY_WINDOW_CLOSED &&
           effects->outcome != OUTCOME_BUSINESS_DATE_AHEAD;
}

/* Puts a decided command into the journal. */
static void record(struct history *h, const struct command *command, const struct effects *effects)
{
    if (!is_recorded(effects))
        return;
    uint8_t body[8];
    random_fill(&h->random, body, sizeof body);
    h->recorded_us += (int64_t)random_below(&h->random, 1000);
    struct command_record row = {
        .key = command->key,
        .sequence = journal_next_sequence(h->journal),
        .recorded_us = h->recorded_us,
        .ledger_id = command->ledger_id,
        .subject_id = effects->subject_id,
        .accounting_date = effects->accounting_date,
        .kind = (uint16_t)command->kind,
        .outcome = (uint16_t)effects->outcome,
        .body = body,
        .body_length = (uint32_t)random_below(&h->random, sizeof body + 1),
    };
    journal_append(h->journal, &row, effects->postings, effects->posting_count, effects->images,
        effects->image_count);
}

static void step_alone(struct history *h)
{
    struct command command = random_command(&h->random, h->model);
    execute(h, journal_next_sequence(h->journal), &command, &h->effects[0]);
    record(h, &command, &h->effects[0]);
}

/* ---- scopes ---- */

/* Draws and executes commands, from the next sequence number on. */
static void decide(struct history *h, int count)
{
    int64_t sequence = journal_next_sequence(h->journal);
    for (int i = 0; i < count; i++) {
        h->commands[i] = random_command(&h->random, h->model);
        execute(h, sequence, &h->commands[i], &h->effects[i]);
        sequence += is_recorded(&h->effects[i]);
    }
}

/* Some commands in a scope: decided again from the same state and kept as a whole, refused as a
 * whole, or as if they had never been. */
static void step_scope(struct history *h)
{
    int count = (int)random_between(&h->random, 1, SCOPE_COMMANDS_MAX);
    struct random start = h->random;
    naive_copy(h->kept, h->model);
    engine_begin(h->engine);
    decide(h, count);
    engine_rollback(h->engine);
    naive_copy(h->model, h->kept);
    if (random_percent(&h->random, 50)) {
        enum outcome first[SCOPE_COMMANDS_MAX];
        for (int i = 0; i < count; i++)
            first[i] = h->effects[i].outcome;
        /* The texts of commands are drawn again with them: the next draw overwrites them. */
        struct random after = h->random;
        h->random = start;
        decide(h, count);
        h->random = after;
        for (int i = 0; i < count; i++) {
            EXPECT(h->effects[i].outcome == first[i]);
            record(h, &h->commands[i], &h->effects[i]);
        }
        h->kept_scopes++;
        return;
    }
    for (int ledger = 1; ledger <= h->model->ledger_count; ledger++)
        expect_same_ledger_books(h->engine, h->model, ledger);
    if (random_percent(&h->random, 5))
        expect_same_state(h->engine, h->model);
    if (random_percent(&h->random, 50)) {
        h->dry_runs++;
        return;
    }
    static struct effects aborted = {.outcome = OUTCOME_BATCH_ABORTED};
    for (int i = 0; i < count; i++)
        record(h, &h->commands[i], &aborted);
    h->rollbacks++;
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
    h->redone_rows += shelf_rows_loaded(h->shelf);
    expect_same_engines(h->engine, again);
    expect_same_state(again, h->model);
    h->restarts++;
    if (random_percent(&h->random, 50)) {
        engine_destroy(again);
        return;
    }
    engine_destroy(h->engine);
    h->engine = again;
    h->taken.pending = false;
    h->swaps++;
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
    expect_same_engines(h->engine, again);
    EXPECT(engine_oldest_change(again) == 0);
    engine_destroy(again);
    /* And the journal alone, without any state row. */
    struct engine *redone = shelf_load_journal(h->shelf);
    expect_same_engines(h->engine, redone);
    engine_destroy(redone);
}

/* ---- the history ---- */

static struct history *create_history(void)
{
    struct history *h = calloc(1, sizeof *h);
    CHECK(h != NULL);
    random_start(&h->random, "random_history");
    struct journal_position position = {.epoch = 1};
    h->engine = engine_create();
    h->model = naive_create();
    h->kept = naive_create();
    h->journal = journal_create(&position);
    h->shelf = shelf_create();
    return h;
}

static void destroy_history(struct history *h)
{
    engine_destroy(h->engine);
    naive_destroy(h->model);
    naive_destroy(h->kept);
    journal_destroy(h->journal);
    shelf_destroy(h->shelf);
    free(h);
}

/* A history that never came by the common answers has not tested what it should. */
static void expect_it_happened(const struct history *h)
{
    static const enum outcome common[] = {
        OUTCOME_ACCEPTED,
        OUTCOME_ACCEPTED_UNALLOCATED,
        OUTCOME_KEY_WINDOW_CLOSED,
        OUTCOME_BUSINESS_DATE_AHEAD,
        OUTCOME_LEDGER_NOT_FOUND,
        OUTCOME_LEDGER_CLOSED,
        OUTCOME_RECEIVING_PREFIX_TAKEN,
        OUTCOME_ACCOUNTING_DATE_NOT_LATER,
        OUTCOME_LEDGER_HAS_OPEN_PAYOUTS,
        OUTCOME_LEDGER_NOT_EMPTY,
        OUTCOME_MEMBER_NOT_FOUND,
        OUTCOME_MEMBER_CLOSED,
        OUTCOME_PLATFORM_MEMBER_ID_TAKEN,
        OUTCOME_MEMBER_HAS_OPEN_ACCOUNTS,
        OUTCOME_ACCOUNT_NOT_FOUND,
        OUTCOME_NOT_A_MEMBER_ACCOUNT,
        OUTCOME_ACCOUNT_CLOSED,
        OUTCOME_ACCOUNT_NOT_EMPTY,
        OUTCOME_PAYEE_ACCOUNT_NOT_FOUND,
        OUTCOME_PAYEE_ACCOUNT_CLOSED,
        OUTCOME_SAME_ACCOUNT,
        OUTCOME_PAYOUT_NOT_FOUND,
        OUTCOME_PAYOUT_ALREADY_PAID,
        OUTCOME_PAYOUT_ALREADY_FAILED,
        OUTCOME_PAYOUT_ALREADY_RETURNED,
        OUTCOME_PAYOUT_NOT_PAID,
        OUTCOME_ACCOUNT_RESTRICTED_OUT,
        OUTCOME_ACCOUNT_RESTRICTED_IN,
        OUTCOME_FEE_NOT_BELOW_AMOUNT,
        OUTCOME_INSUFFICIENT_AVAILABLE,
        OUTCOME_AMOUNT_OVERFLOW,
    };
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        fprintf(stderr, "random_history: %s: %" PRIu64 "\n", outcome_name((int)common[i]),
            h->outcomes[common[i]]);
    fprintf(stderr,
        "random_history: restarts %" PRIu64 ", of them taken over %" PRIu64 ", rows redone %" PRIu64
        ", scopes kept %" PRIu64 ", aborted %" PRIu64 ", dry %" PRIu64 "\n",
        h->restarts, h->swaps, h->redone_rows, h->kept_scopes, h->rollbacks, h->dry_runs);
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        EXPECT_MSG(h->outcomes[common[i]] > 0, "%s never happened", outcome_name((int)common[i]));
    EXPECT(h->restarts > 0 && h->kept_scopes > 100 && h->rollbacks > 100 && h->dry_runs > 100);
    EXPECT(h->redone_rows > 0);
}

START_TEST(hundred_thousand_commands)
{
    struct history *h = create_history();
    while (h->executed < COMMANDS) {
        if (random_percent(&h->random, 2))
            step_scope(h);
        else
            step_alone(h);
        between_steps(h);
    }
    expect_same_state(h->engine, h->model);
    restart(h);
    finish(h);
    expect_it_happened(h);
    destroy_history(h);
}
END_TEST

Suite *random_history_suite(void)
{
    Suite *suite = suite_create("random_history");
    TCase *tests = tcase_create("random_history");
    tcase_add_test(tests, hundred_thousand_commands);
    tcase_set_timeout(tests, 300);
    suite_add_tcase(suite, tests);
    return suite;
}
