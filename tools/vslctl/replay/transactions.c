/* transactions.c: a file of booked transactions for the replay.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/replay/transactions.h"

#include "base/check.h"
#include "client/text_file.h"
#include "model/money.h"
#include "text/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_COUNT 9

static const char head[] = "booking_date,trans_id,account_id,operation,purpose,delta_minor,"
                           "balance_after_minor,partner_bank,partner_account";

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

static bool fail(char *ret_rule, size_t rule_bytes, const char *rule)
{
    snprintf(ret_rule, rule_bytes, "%s", rule);
    return false;
}

/* Cuts the line at its commas; the number of fields, FIELD_COUNT + 1 when there are more. */
static size_t split(char *text, char *fields[FIELD_COUNT])
{
    size_t count = 0;
    for (;;) {
        if (count == FIELD_COUNT)
            return count + 1;
        fields[count++] = text;
        text = strchr(text, ',');
        if (!text)
            return count;
        *text++ = '\0';
    }
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

bool transaction_parse(char *text, size_t length, struct transaction *ret_transaction,
    char *ret_rule, size_t rule_bytes)
{
    struct transaction transaction = {0};
    char *fields[FIELD_COUNT];
    bool is_in = false;
    if (memchr(text, '\0', length))
        return fail(ret_rule, rule_bytes, "a line must not hold a NUL byte");
    if (split(text, fields) != FIELD_COUNT)
        return fail(ret_rule, rule_bytes, "a line has exactly 9 fields with commas between");
    if (strlen(fields[0]) != 10 || !parse_date(fields[0], &transaction.date))
        return fail(ret_rule, rule_bytes, "booking_date must be a real day, YYYY-MM-DD");
    if (!parse_integer(fields[1], 1, INT64_MAX, &transaction.transaction_id))
        return fail(ret_rule, rule_bytes, "trans_id must be a whole number, 1 or more");
    if (!parse_integer(fields[2], 1, INT64_MAX, &transaction.account_id))
        return fail(ret_rule, rule_bytes, "account_id must be a whole number, 1 or more");
    if (!try_operation(fields[3], &transaction, &is_in))
        return fail(ret_rule, rule_bytes,
            "operation must be cash_in, cash_out, card_out, transfer_in, transfer_out or internal");
    if (!try_copy(fields[4], "abcdefghijklmnopqrstuvwxyz_", transaction.purpose,
            sizeof transaction.purpose))
        return fail(ret_rule, rule_bytes, "purpose takes at most 23 small letters and underscores");
    if (!parse_integer(fields[5], -AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, &transaction.delta_minor) ||
        transaction.delta_minor == 0)
        return fail(ret_rule, rule_bytes,
            "delta_minor must be a whole number of minor units, not 0, at most 10^16 either way");
    if ((transaction.delta_minor > 0) != is_in)
        return fail(ret_rule, rule_bytes, "the sign of delta_minor does not fit the operation");
    if (!parse_integer(fields[6], INT64_MIN, INT64_MAX, &transaction.balance_after_minor))
        return fail(ret_rule, rule_bytes, "balance_after_minor must be a whole number");
    if (!try_copy(fields[7], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", transaction.partner_bank,
            sizeof transaction.partner_bank))
        return fail(
            ret_rule, rule_bytes, "partner_bank takes at most 16 capital letters and digits");
    if (!try_copy(fields[8], "0123456789", transaction.partner_account,
            sizeof transaction.partner_account))
        return fail(ret_rule, rule_bytes, "partner_account takes at most 40 digits");
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
    uint32_t line;
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

static bool take_line(
    struct loading *loading, char *text, size_t length, char *ret_rule, size_t rule_bytes)
{
    struct transaction transaction;
    if (loading->line == 1) {
        int mark = text_mark_bytes((const uint8_t *)text, length, ret_rule, rule_bytes);
        if (mark < 0)
            return false;
        text += mark;
        length -= (size_t)mark;
        if (length != strlen(head) || memcmp(text, head, length) != 0)
            return fail(ret_rule, rule_bytes, "the head must name the nine columns, see --help");
        return true;
    }
    if (!transaction_parse(text, length, &transaction, ret_rule, rule_bytes))
        return false;
    if (loading->count > 0 && transaction.date < loading->items[loading->count - 1].date)
        return fail(ret_rule, rule_bytes, "booking_date must not be before that of the line above");
    if (loading->count == TRANSACTIONS_MAX)
        return fail(ret_rule, rule_bytes, "a file takes at most 10,000,000 transactions");
    transaction.line = loading->line;
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

static bool take_lines(struct loading *loading, FILE *in, char *ret_rule, size_t rule_bytes)
{
    /* One byte more than a line may have, and its end. */
    char text[TRANSACTION_LINE_BYTES_MAX + 3];
    size_t length = 0;
    int byte;
    loading->line = 1;
    do {
        byte = getc(in);
        if (byte != '\n' && byte != EOF) {
            if (length == TRANSACTION_LINE_BYTES_MAX)
                return fail(ret_rule, rule_bytes, "a line takes at most 512 bytes");
            text[length++] = (char)byte;
            continue;
        }
        if (byte == EOF && length == 0)
            return true;
        if (length > 0 && text[length - 1] == '\r')
            length--;
        text[length] = '\0';
        if (!take_line(loading, text, length, ret_rule, rule_bytes))
            return false;
        loading->line++;
        length = 0;
    } while (byte != EOF);
    return true;
}

struct transaction *transactions_load(
    const char *file, size_t *ret_count, char *ret_error, size_t error_bytes)
{
    struct loading loading = {0};
    char rule[160];
    FILE *in = fopen(file, "r");
    if (!in) {
        snprintf(ret_error, error_bytes, "could not open '%s': %s", file, strerror(errno));
        return NULL;
    }
    bool is_right = take_lines(&loading, in, rule, sizeof rule);
    if (is_right && ferror(in))
        is_right = fail(rule, sizeof rule, "the file could not be read further");
    fclose(in);
    if (is_right && loading.count == 0)
        is_right = fail(rule, sizeof rule, "there are no transactions");
    if (is_right) {
        uint32_t duplicate = find_duplicate(&loading);
        if (duplicate > 0) {
            loading.line = duplicate;
            is_right = fail(rule, sizeof rule, "trans_id must not be that of another line");
        }
    }
    if (!is_right) {
        snprintf(ret_error, error_bytes, "%s, line %u: %s", file, loading.line, rule);
        free(loading.items);
        return NULL;
    }
    *ret_count = loading.count;
    return loading.items;
}
