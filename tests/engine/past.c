/* past.c: see past.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "past.h"

#include "commands.h"

#include "base/check.h"
#include "support/expect.h"

#include <stdlib.h>
#include <string.h>

/* ---- commands ---- */

/* Body and postings are memory of their own. */
struct entry {
    struct original original; /* without command */
    enum command_kind kind;
    struct request_key key;
    uint8_t *body;
    size_t body_length;
    struct posting *postings;
    char *reference; /* of what is accepted, as it is compared; empty: it has none */
    uint32_t reference_length;
    bool is_reversed;
};

struct past {
    struct entry *entries;
    size_t count, capacity;
    struct original original;
    struct command command;
    struct command_elements elements;
};

struct past *past_create(void)
{
    struct past *past = calloc(1, sizeof *past);
    CHECK(past != NULL);
    return past;
}

void past_destroy(struct past *past)
{
    for (size_t i = 0; i < past->count; i++) {
        free(past->entries[i].body);
        free(past->entries[i].postings);
        free(past->entries[i].reference);
    }
    free(past->entries);
    free(past);
}

static void *copy_of(const void *bytes, size_t length)
{
    void *copy = malloc(length + 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, length);
    return copy;
}

/* The bank's reference of an accepted receipt; what an accepted reversal frees. */
static void note_reference(struct past *past, const struct effects *effects)
{
    struct entry *entry = &past->entries[past->count - 1];
    char folded[REFERENCE_BYTES_MAX];
    if (!outcome_is_accepted((int)effects->outcome))
        return;
    EXPECT(command_body_decode(
               entry->kind, entry->body, entry->body_length, &past->elements, &past->command) == 0);
    entry->reference_length = command_folded_reference(&past->command, folded);
    entry->reference = copy_of(folded, entry->reference_length);
    if (entry->kind == COMMAND_REVERSE)
        past->entries[past->command.reverse.original_sequence - 1].is_reversed = true;
    if (entry->kind == COMMAND_UNDO_ALLOCATION)
        past->entries[past->command.undo_allocation.original_sequence - 1].is_reversed = true;
}

void past_add(struct past *past, const struct command *command, const uint8_t *body, size_t length,
    const struct effects *effects)
{
    if (past->count == past->capacity) {
        past->capacity = past->capacity ? 2 * past->capacity : 1024;
        past->entries = realloc(past->entries, past->capacity * sizeof *past->entries);
        CHECK(past->entries != NULL);
    }
    size_t postings_bytes = effects->posting_count * sizeof *effects->postings;
    struct entry *entry = &past->entries[past->count++];
    *entry = (struct entry){
        .kind = command->kind,
        .key = command->key,
        .body = copy_of(body, length),
        .body_length = length,
        .postings = copy_of(effects->postings, postings_bytes),
    };
    entry->original = (struct original){
        .sequence = (int64_t)past->count,
        /* Of an opening the new one, as in the journal. */
        .ledger_id =
            command->kind == COMMAND_OPEN_LEDGER ? effects->subject_id : command->ledger_id,
        .subject_id = effects->subject_id,
        .fee_minor = effects->fee_minor,
        .fee_rule_version = effects->fee_rule_version,
        .accounting_date = effects->accounting_date,
        .outcome = (uint16_t)effects->outcome,
        .postings = entry->postings,
        .posting_count = effects->posting_count,
    };
    note_reference(past, effects);
}

int64_t past_next_receipt(
    const struct past *past, int64_t ledger_id, struct text reference, int64_t after)
{
    for (size_t i = (size_t)after; i < past->count; i++) {
        const struct entry *entry = &past->entries[i];
        if (entry->reference_length > 0 &&
            (!entry->is_reversed || reference.bytes[0] == PROOF_MARK) &&
            entry->original.ledger_id == ledger_id &&
            text_equals((struct text){entry->reference, entry->reference_length}, reference))
            return (int64_t)i + 1;
    }
    return 0;
}

const struct original *past_original(struct past *past, const struct command *command)
{
    int64_t sequence = command_earlier_sequence(command);
    return sequence != 0 ? past_at(past, sequence) : NULL;
}

const struct original *past_at(struct past *past, int64_t sequence)
{
    if (sequence < 1 || sequence > (int64_t)past->count)
        return NULL;
    const struct entry *entry = &past->entries[sequence - 1];
    EXPECT(command_body_decode(
               entry->kind, entry->body, entry->body_length, &past->elements, &past->command) == 0);
    past->original = entry->original;
    past->original.command = &past->command;
    past->command.key = entry->key;
    return &past->original;
}

struct command past_revealed(const struct past *past, const struct command *command)
{
    static struct revealed revealed[REVEALS_PER_COMMAND_MAX];
    struct command whole = *command;
    for (uint32_t i = 0; i < command->reveal.command_count; i++) {
        int64_t sequence = command->reveal.commands[i].sequence;
        bool is_there = sequence <= (int64_t)past->count;
        const struct entry *entry = is_there ? &past->entries[sequence - 1] : NULL;
        revealed[i] = (struct revealed){.sequence = sequence,
            .ledger_id = entry ? entry->original.ledger_id : 0,
            .kind = entry ? (int32_t)entry->kind : 0};
    }
    whole.reveal.commands = revealed;
    return whole;
}

/* ---- orders ---- */

static struct order_sums *get_order(struct orders *orders, int64_t ledger_id, struct text number)
{
    for (int i = 0; i < orders->count; i++) {
        struct order_sums *sums = &orders->sums[i];
        if (sums->ledger_id == ledger_id &&
            text_equals((struct text){sums->number, sums->length}, number))
            return sums;
    }
    CHECK(orders->count < PAST_ORDERS_MAX);
    struct order_sums *sums = &orders->sums[orders->count++];
    *sums = (struct order_sums){.ledger_id = ledger_id, .length = number.length};
    memcpy(sums->number, number.bytes, number.length);
    return sums;
}

/* Postings between these; 0 and -1: any. */
static int64_t sum_of(const struct effects *effects, int64_t debit_account, int debit_bucket,
    int64_t credit_account, int credit_bucket)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < effects->posting_count; i++) {
        const struct posting *p = &effects->postings[i];
        if ((debit_account == 0 || p->debit_account_id == debit_account) &&
            (debit_bucket < 0 || p->debit_bucket == debit_bucket) &&
            (credit_account == 0 || p->credit_account_id == credit_account) &&
            (credit_bucket < 0 || p->credit_bucket == credit_bucket))
            sum += p->amount_minor;
    }
    return sum;
}

/* The same of what comes from another account: claims move money within one. */
static int64_t sum_from_others(const struct effects *effects, int64_t account)
{
    return sum_of(effects, 0, -1, account, -1) - sum_of(effects, account, -1, account, -1);
}

/* What was held and goes to others. */
static int64_t sum_confirmed(const struct effects *effects)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < effects->posting_count; i++) {
        const struct posting *p = &effects->postings[i];
        if (p->debit_bucket == BUCKET_FROZEN && p->debit_account_id != p->credit_account_id)
            sum += p->amount_minor;
    }
    return sum;
}

static int64_t of_payout(const struct command *command, const struct effects *effects)
{
    if (command->kind == COMMAND_WITHDRAW)
        return sum_of(effects, 0, -1, 0, BUCKET_PENDING_OUT);
    if (command->kind == COMMAND_CONFIRM_PAYOUT &&
        (command->confirm_payout.correction ||
            command->confirm_payout.result == PAYOUT_RESULT_RETURNED)) {
        /* ESCROW is its ledger's first account; who gives, or gets, may be two. */
        const struct posting *p = &effects->postings[0];
        int64_t escrow =
            p->credit_account_id < p->debit_account_id ? p->credit_account_id : p->debit_account_id;
        return sum_of(effects, 0, -1, escrow, -1) - sum_of(effects, escrow, -1, 0, -1);
    }
    if (command->kind == COMMAND_INTERCEPT_PAYOUT ||
        command->confirm_payout.result == PAYOUT_RESULT_FAILED)
        return -sum_of(effects, 0, BUCKET_PENDING_OUT, 0, BUCKET_AVAILABLE);
    return 0;
}

const struct order_sums *orders_add(
    struct orders *orders, const struct command *command, const struct effects *effects)
{
    if (effects->order_number.length == 0)
        return NULL;
    struct order_sums *sums = get_order(orders, command->ledger_id, effects->order_number);
    int64_t x = sum_of(effects, 0, -1, 0, -1);
    switch (command->kind) {
    case COMMAND_PAY:
        x = sum_of(effects, command->pay.payer_account_id, -1, 0, -1) -
            sum_of(effects, command->pay.payer_account_id, -1, command->pay.payer_account_id, -1);
        sums->paid += x;
        sums->confirmed += x;
        break;
    case COMMAND_PLACE_HOLD:
        sums->paid += x;
        sums->held += x;
        break;
    case COMMAND_CONFIRM_HOLD:
        x = sum_confirmed(effects);
        sums->held -= x;
        sums->confirmed += x;
        break;
    case COMMAND_CANCEL_HOLD:
    case COMMAND_EXPIRE: /* without what the payer repaid with it */
        x = sum_of(effects, effects->postings[0].debit_account_id, BUCKET_FROZEN, 0, -1);
        sums->held -= x;
        sums->refunded += x;
        break;
    case COMMAND_ALLOCATE_SUSPENSE: /* it is not a payment for the order */
    case COMMAND_ALLOCATE_LINE:
    case COMMAND_UNDO_ALLOCATION:
    case COMMAND_BOOK_PROMISE: /* nor is this: the money is not there */
    case COMMAND_CANCEL_PROMISE:
    case COMMAND_SETTLE_LINE:
    case COMMAND_CLOSE_DIFFERENCE:
        break;
    case COMMAND_REFUND: /* what the payer gets; a fee can come back to its payee too */
        x = sum_from_others(effects, effects->subject_id);
        sums->confirmed -= x;
        sums->refunded += x;
        break;
    case COMMAND_REVERSE:
        x = sum_from_others(effects, effects->postings[0].credit_account_id);
        sums->paid -= x;
        sums->confirmed -= x;
        break;
    case COMMAND_WITHDRAW:
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_INTERCEPT_PAYOUT:
        sums->withdrawn += of_payout(command, effects);
        break;
    default:
        CHECK(0 && "a kind that belongs to an order");
    }
    sums->fees += effects->fee_minor;
    return sums;
}
