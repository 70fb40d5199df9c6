/* order.c: answers that are shown by hand, because a sum is to be proved or a reason told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "client/terminal.h"
#include "text/format.h"
#include "text/table.h"
#include "vslctl/api/api.h"
#include "vslctl/api/entry.h"

#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/journal.pb-c.h"
#include "vsl/v1/order.pb-c.h"
#include "vsl/v1/payout.pb-c.h"

#include <inttypes.h>
#include <stdio.h>

static void write_amount(
    const struct context *context, int64_t amount_minor, char ret_text[FORMAT_BYTES_MAX])
{
    CHECK(context->ledger.ledger_id > 0);
    format_amount(amount_minor, context->ledger.decimals, ret_text);
}

static void show_amount(const struct context *context, const char *title, int64_t amount_minor)
{
    char text[FORMAT_BYTES_MAX];
    write_amount(context, amount_minor, text);
    printf("%-16s %18s %s\n", title, text, context->ledger.currency);
}

static void show_verdict(bool is_right)
{
    printf("  %s%s%s\n", terminal_colour(stdout, is_right ? COLOUR_GREEN : COLOUR_RED),
        is_right ? "right" : "WRONG: tell the bank", terminal_plain(stdout));
}

/* ---- orders ---- */

/* "7", "7 frozen": an account, with its bucket unless that is available. */
static void add_side(struct table *table, int64_t account_id, Vsl__V1__Bucket bucket)
{
    char name[FORMAT_BYTES_MAX];
    format_enum(&vsl__v1__bucket__descriptor, bucket, name);
    if (bucket == VSL__V1__BUCKET__BUCKET_AVAILABLE)
        table_cell(table, "%" PRId64, account_id);
    else
        table_cell(table, "%" PRId64 " %s", account_id, name);
}

/* The cells that tell of the command itself; empty behind its first posting. */
static void add_command(
    const struct context *context, struct table *table, const Vsl__V1__JournalEntry *entry)
{
    char text[FORMAT_BYTES_MAX];
    if (!entry) {
        for (int i = 0; i < 7; i++)
            table_cell(table, "%s", "");
        return;
    }
    table_cell(table, "%" PRId64, entry->sequence);
    format_time(entry->recorded_at_us, text);
    table_cell(table, "%s", text);
    format_date(entry->accounting_date, text);
    table_cell(table, "%s", text);
    format_enum(&vsl__v1__command_kind__descriptor, entry->kind, text);
    table_cell(table, "%s", text);
    format_enum(&vsl__v1__outcome__descriptor, entry->outcome, text);
    table_cell(table, "%s", text);
    if (entry->subject_id > 0)
        table_cell(table, "%s %" PRId64, entry_subject(entry), entry->subject_id);
    else
        table_cell(table, "%s", "");
    text[0] = '\0';
    if (entry->fee_minor > 0)
        write_amount(context, entry->fee_minor, text);
    table_cell(table, "%s", text);
}

static void add_entry(
    const struct context *context, struct table *table, const Vsl__V1__JournalEntry *entry)
{
    size_t rows = entry->n_postings > 0 ? entry->n_postings : 1;
    char key[KEY_TEXT_BYTES];
    entry_key(entry, key, sizeof key);
    for (size_t i = 0; i < rows; i++) {
        add_command(context, table, i == 0 ? entry : NULL);
        if (entry->n_postings == 0) {
            for (int cell = 0; cell < 3; cell++)
                table_cell(table, "%s", "");
            table_cell(table, "%s", key);
            continue;
        }
        const Vsl__V1__Posting *posting = entry->postings[i];
        char amount[FORMAT_BYTES_MAX];
        write_amount(context, posting->amount_minor, amount);
        table_cell(table, "%s", amount);
        add_side(table, posting->debit_account_id, posting->debit_bucket);
        add_side(table, posting->credit_account_id, posting->credit_bucket);
        table_cell(table, "%s", i == 0 ? key : "");
    }
}

static void show_entries(
    const struct context *context, Vsl__V1__JournalEntry *const *entries, size_t count)
{
    struct table table;
    char title[FORMAT_BYTES_MAX];
    table_begin(&table);
    table_column(&table, "sequence", TABLE_RIGHT);
    table_column(&table, "recorded at (UTC)", TABLE_LEFT);
    table_column(&table, "accounting date", TABLE_LEFT);
    table_column(&table, "command", TABLE_LEFT);
    table_column(&table, "outcome", TABLE_LEFT);
    table_column(&table, "subject", TABLE_LEFT);
    snprintf(title, sizeof title, "fee (%s)", context->ledger.currency);
    table_column(&table, title, TABLE_RIGHT);
    snprintf(title, sizeof title, "amount (%s)", context->ledger.currency);
    table_column(&table, title, TABLE_RIGHT);
    table_column(&table, "from", TABLE_RIGHT);
    table_column(&table, "to", TABLE_RIGHT);
    table_column(&table, "key", TABLE_LEFT);
    for (size_t i = 0; i < count; i++)
        add_entry(context, &table, entries[i]);
    table_print(&table, stdout, true);
    table_finish(&table);
}

void show_commands(const struct context *context, const ProtobufCMessage *message)
{
    const Vsl__V1__ListCommandsResponse *answer = (const Vsl__V1__ListCommandsResponse *)message;
    show_entries(context, answer->entries, answer->n_entries);
}

void show_order(const struct context *context, const ProtobufCMessage *message)
{
    const Vsl__V1__GetOrderResponse *answer = (const Vsl__V1__GetOrderResponse *)message;
    const Vsl__V1__OrderSums *sums = answer->sums;
    show_entries(context, answer->entries, answer->n_entries);
    printf("%" PRId64 " entries\n\n", answer->entry_count);
    if (!sums)
        return;
    show_amount(context, "paid", sums->paid_minor);
    show_amount(context, "confirmed", sums->confirmed_minor);
    show_amount(context, "refunded", sums->refunded_minor);
    show_amount(context, "held", sums->held_minor);
    show_amount(context, "withdrawn", sums->withdrawn_minor);
    show_amount(context, "fees", sums->fees_minor);
    char paid[FORMAT_BYTES_MAX];
    char confirmed[FORMAT_BYTES_MAX];
    char refunded[FORMAT_BYTES_MAX];
    char held[FORMAT_BYTES_MAX];
    write_amount(context, sums->paid_minor, paid);
    write_amount(context, sums->confirmed_minor, confirmed);
    write_amount(context, sums->refunded_minor, refunded);
    write_amount(context, sums->held_minor, held);
    printf("\npaid %s = confirmed %s + refunded %s + held %s:", paid, confirmed, refunded, held);
    show_verdict(answer->balanced);
}

/* ---- what can be withdrawn ---- */

void show_quote(const struct context *context, const ProtobufCMessage *message)
{
    static const char *const columns[] = {"card_id", "main_card", "came_in_minor", "went_out_minor",
        "owed_minor", "withdrawable_minor", "limit", NULL};
    const Vsl__V1__QuoteWithdrawResponse *answer = (const Vsl__V1__QuoteWithdrawResponse *)message;
    show_amount(context, "largest amount", answer->amount_minor);
    show_amount(context, "fee", answer->fee_minor);
    show_amount(context, "arrives", answer->arrives_minor);
    show_amount(context, "available", answer->available_minor);
    show_amount(context, "withdrawable", answer->withdrawable_minor);
    if (answer->fee_rule_version > 0)
        printf("%-16s version %" PRId32 "\n", "fee rule", answer->fee_rule_version);
    printf("%-16s %s\n", "why not more",
        api_value_text(&vsl__v1__withdraw_limit__descriptor, (int)answer->limit));
    if (answer->n_cards > 0)
        show_table(context, message, "cards", columns);
}

/* ---- what is frozen ---- */

void show_frozen(const struct context *context, const ProtobufCMessage *message)
{
    const Vsl__V1__GetFrozenResponse *answer = (const Vsl__V1__GetFrozenResponse *)message;
    static const char *const columns[] = {"purpose", "frozen_minor", "freeze_count", NULL};
    char frozen[FORMAT_BYTES_MAX];
    char holds[FORMAT_BYTES_MAX];
    char freezes[FORMAT_BYTES_MAX];
    int64_t sum = 0;
    bool is_right = true;
    for (size_t i = 0; i < answer->n_purposes; i++)
        is_right =
            is_right && !__builtin_add_overflow(sum, answer->purposes[i]->frozen_minor, &sum);
    if (answer->n_purposes > 0) {
        show_table(context, message, "purposes", columns);
        printf("\n");
    }
    is_right = is_right && answer->frozen_minor - answer->holds_minor == sum;
    write_amount(context, answer->frozen_minor, frozen);
    write_amount(context, answer->holds_minor, holds);
    write_amount(context, sum, freezes);
    printf(
        "frozen %s %s = holds %s + freezes %s:", frozen, context->ledger.currency, holds, freezes);
    show_verdict(is_right);
}
