/* transactions.c: a file of booked transactions for the replay.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/replay/transactions.h"

#include "base/check.h"
#include "model/money.h"
#include "text/csv.h"
#include "text/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[] = {"booking_date", "trans_id", "account_id", "operation",
    "purpose", "delta_minor", "balance_after_minor", "partner_bank", "partner_account"};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

static const struct {
    const char *name;
    enum operation operation;
    bool is_in;
} operations[] = {
    {"cash_in", OPERATION_CASH_IN, true},
    {"cash_out", OPERATION_CASH_OUT, false},
    {"card_out", OPERATION_CARD_OUT, false},
    {"transfer_in", OPERATION_TRANSFER_IN, true},
    {"transfer_out", OPERATION_TRANSFER_OUT, false},
    {"internal", OPERATION_INTEREST, true},
};

static bool fail(char ret_rule[CSV_RULE_BYTES], const char *rule)
{
    snprintf(ret_rule, CSV_RULE_BYTES, "%s", rule);
    return false;
}

/* Copies a field of certain characters; false when it is too long or has others. */
static bool try_copy(const char *field, const char *characters, char *out, size_t out_bytes)
{
    size_t length = strlen(field);
    if (length >= out_bytes || strspn(field, characters) != length)
        return false;
    memcpy(out, field, length + 1);
    return true;
}

static bool try_operation(const char *name, struct transaction *transaction, bool *ret_is_in)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(name, operations[i].name) == 0) {
            transaction->operation = operations[i].operation;
            *ret_is_in = operations[i].is_in;
            return true;
        }
    }
    return false;
}

static bool parse(
    const char *const *fields, struct transaction *ret_transaction, char ret_rule[CSV_RULE_BYTES])
{
    struct transaction transaction = {0};
    bool is_in = false;
    if (strlen(fields[0]) != 10 || !parse_date(fields[0], &transaction.date))
        return fail(ret_rule, "booking_date must be a real day, YYYY-MM-DD");
    if (!parse_integer(fields[1], 1, INT64_MAX, &transaction.transaction_id))
        return fail(ret_rule, "trans_id must be a whole number, 1 or more");
    if (!parse_integer(fields[2], 1, INT64_MAX, &transaction.account_id))
        return fail(ret_rule, "account_id must be a whole number, 1 or more");
    if (!try_operation(fields[3], &transaction, &is_in))
        return fail(ret_rule,
            "operation must be cash_in, cash_out, card_out, transfer_in, transfer_out or internal");
    if (!try_copy(fields[4], "abcdefghijklmnopqrstuvwxyz_", transaction.purpose,
            sizeof transaction.purpose))
        return fail(ret_rule, "purpose takes at most 23 small letters and underscores");
    if (!parse_integer(fields[5], -AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, &transaction.delta_minor) ||
        transaction.delta_minor == 0)
        return fail(ret_rule,
            "delta_minor must be a whole number of minor units, not 0, at most 10^16 either way");
    if ((transaction.delta_minor > 0) != is_in)
        return fail(ret_rule, "the sign of delta_minor does not fit the operation");
    if (!parse_integer(fields[6], INT64_MIN, INT64_MAX, &transaction.balance_after_minor))
        return fail(ret_rule, "balance_after_minor must be a whole number");
    if (!try_copy(fields[7], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", transaction.partner_bank,
            sizeof transaction.partner_bank))
        return fail(ret_rule, "partner_bank takes at most 16 capital letters and digits");
    if (!try_copy(fields[8], "0123456789", transaction.partner_account,
            sizeof transaction.partner_account))
        return fail(ret_rule, "partner_account takes at most 40 digits");
    transaction.is_fee = !is_in && (strcmp(transaction.purpose, "statement_fee") == 0 ||
                                       strcmp(transaction.purpose, "penalty_interest") == 0);
    *ret_transaction = transaction;
    return true;
}

/* ---- files ---- */

struct loading {
    struct transaction *items;
    size_t count;
    size_t capacity;
};

static void append(struct loading *loading, const struct transaction *transaction)
{
    if (loading->count == loading->capacity) {
        loading->capacity = loading->capacity ? loading->capacity * 2 : 4096;
        loading->items = realloc(loading->items, loading->capacity * sizeof *loading->items);
        CHECK(loading->items != NULL);
    }
    loading->items[loading->count++] = *transaction;
}

static bool take(void *context, const struct csv_row *row, char ret_rule[CSV_RULE_BYTES])
{
    struct loading *loading = context;
    struct transaction transaction;
    if (!parse(row->fields, &transaction, ret_rule))
        return false;
    if (loading->count > 0 && transaction.date < loading->items[loading->count - 1].date)
        return fail(ret_rule, "booking_date must not be before that of the line above");
    if (loading->count == TRANSACTIONS_MAX)
        return fail(ret_rule, "a file takes at most 10,000,000 transactions");
    transaction.line = row->line;
    append(loading, &transaction);
    return true;
}

static int compare_ids(const void *a, const void *b)
{
    const struct transaction *const *left = a;
    const struct transaction *const *right = b;
    int64_t left_id = (*left)->transaction_id;
    int64_t right_id = (*right)->transaction_id;
    if (left_id != right_id)
        return left_id < right_id ? -1 : 1;
    return ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

/* The line that uses a trans_id for the second time; 0: none. */
static uint32_t find_duplicate(const struct loading *loading)
{
    const struct transaction **sorted = malloc((loading->count + 1) * sizeof *sorted);
    CHECK(sorted != NULL);
    for (size_t i = 0; i < loading->count; i++)
        sorted[i] = &loading->items[i];
    qsort(sorted, loading->count, sizeof *sorted, compare_ids);
    uint32_t line = 0;
    for (size_t i = 1; i < loading->count && line == 0; i++) {
        if (sorted[i]->transaction_id == sorted[i - 1]->transaction_id)
            line = sorted[i]->line;
    }
    free(sorted);
    return line;
}

struct transaction *transactions_load(
    const char *file, size_t *ret_count, char *ret_error, size_t error_bytes)
{
    static const struct csv_form form = {.columns = columns,
        .column_count = COLUMN_COUNT,
        .row_bytes_max = TRANSACTION_LINE_BYTES_MAX,
        .take = take};
    struct loading loading = {0};
    uint32_t lines;
    int fault = csv_read(file, &form, &loading, &lines, ret_error, error_bytes);
    if (fault == 0 && loading.count == 0)
        fault = csv_refuse(file, lines + 1, "there are no transactions", ret_error, error_bytes);
    uint32_t duplicate = fault == 0 ? find_duplicate(&loading) : 0;
    if (duplicate > 0)
        fault = csv_refuse(
            file, duplicate, "trans_id must not be that of another line", ret_error, error_bytes);
    if (fault) {
        free(loading.items);
        return NULL;
    }
    *ret_count = loading.count;
    return loading.items;
}
