/* record_table.c: see record_table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/record_table.h"

#define BYTES_OF(record, field) sizeof(((struct record *)NULL)->field)

/* A field under another name in SQL, one under its own, one with a length or count beside it. */
#define NAMED(record, sql_name, column_type, field)                                                \
    {                                                                                              \
        .name = sql_name, .type = column_type, .offset = offsetof(struct record, field),           \
        .bytes = BYTES_OF(record, field)                                                           \
    }
#define FIELD(record, type, field) NAMED(record, #field, type, field)
#define COUNTED(record, column_type, field, length)                                                \
    {                                                                                              \
        .name = #field, .type = column_type, .offset = offsetof(struct record, field),             \
        .bytes = BYTES_OF(record, field), .length_offset = offsetof(struct record, length)         \
    }

static const struct record_column ledger_columns[] = {
    NAMED(ledger, "ledger_id", COLUMN_INT64, id),
    FIELD(ledger, COLUMN_INT16, status),
    FIELD(ledger, COLUMN_CURRENCY, currency),
    COUNTED(ledger, COLUMN_TEXT, platform_name, platform_name_length),
    COUNTED(ledger, COLUMN_TEXT, escrow_account_number, escrow_account_number_length),
    COUNTED(ledger, COLUMN_TEXT, receiving_prefix, receiving_prefix_length),
    FIELD(ledger, COLUMN_INT64, first_control_account_id),
    FIELD(ledger, COLUMN_INT16, key_window_dates),
    COUNTED(ledger, COLUMN_DATES, accounting_dates, accounting_date_count),
};

static const struct record_column member_columns[] = {
    FIELD(member, COLUMN_INT64, ledger_id),
    NAMED(member, "member_id", COLUMN_INT64, id),
    FIELD(member, COLUMN_INT16, kind),
    FIELD(member, COLUMN_INT16, status),
    COUNTED(member, COLUMN_TEXT, platform_member_id, platform_member_id_length),
};

static const struct record_column account_columns[] = {
    FIELD(account, COLUMN_INT64, ledger_id),
    NAMED(account, "account_id", COLUMN_INT64, id),
    FIELD(account, COLUMN_INT64, member_id),
    FIELD(account, COLUMN_INT16, kind),
    FIELD(account, COLUMN_INT16, status),
    FIELD(account, COLUMN_BOOL, no_in),
    FIELD(account, COLUMN_BOOL, no_out),
    NAMED(account, "available", COLUMN_INT64, balance_minor[BUCKET_AVAILABLE]),
    NAMED(account, "pending_in", COLUMN_INT64, balance_minor[BUCKET_PENDING_IN]),
    NAMED(account, "pending_out", COLUMN_INT64, balance_minor[BUCKET_PENDING_OUT]),
    NAMED(account, "frozen", COLUMN_INT64, balance_minor[BUCKET_FROZEN]),
};

static const struct record_column payout_columns[] = {
    FIELD(payout, COLUMN_INT64, ledger_id),
    NAMED(payout, "payout_id", COLUMN_INT64, id),
    FIELD(payout, COLUMN_INT64, account_id),
    NAMED(payout, "amount", COLUMN_INT64, amount_minor),
    NAMED(payout, "fee", COLUMN_INT64, fee_minor),
    FIELD(payout, COLUMN_INT64, requested_sequence),
    FIELD(payout, COLUMN_INT16, status),
};

/* A record is called like its struct everywhere: table, history and id. */
#define TABLE(record, ceiling)                                                                     \
    {                                                                                              \
        .name = #record, .history_name = #record "_history", .id_name = #record "_id",             \
        .history_order = "sequence, " #record "_id", .bytes = sizeof(struct record),               \
        .id_offset = offsetof(struct record, id),                                                  \
        .changed_sequence_offset = offsetof(struct record, changed_sequence), .id_max = ceiling,   \
        .columns = record##_columns,                                                               \
        .column_count = sizeof record##_columns / sizeof *record##_columns,                        \
    }

const struct record_table record_tables[RECORD_KINDS + 1] = {
    [RECORD_LEDGER] = TABLE(ledger, LEDGERS_MAX),
    [RECORD_MEMBER] = TABLE(member, MEMBERS_MAX),
    [RECORD_ACCOUNT] = TABLE(account, ACCOUNTS_MAX),
    [RECORD_PAYOUT] = TABLE(payout, PAYOUTS_MAX),
};
