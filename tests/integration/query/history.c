/* history.c: see history.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include "base/buffer.h"
#include "command/body.h"
#include "journal/rows.h"
#include "model/outcome.h"
#include "support/expect.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POSTINGS_MAX 6

/* ---- the journal ---- */

static int64_t ledger_of(int64_t account_id)
{
    return account_id <= 6 ? 1 : 2;
}

static int64_t random_account(struct random *random, int64_t ledger_id)
{
    if (ledger_id == 2)
        return random_between(random, 7, 9);
    return random_percent(random, 40) ? HISTORY_HOT_ACCOUNT : random_between(random, 1, 6);
}

struct text history_order(int64_t order)
{
    static const char *const numbers[HISTORY_ORDERS] = {"R", "S-1", "S-2", "S-3", "S-4", "S-5",
        "S-6", "\xe8\xae\xa2\xe5\x8d\x95 7", "s-1", "S-1 1",
        "0123456789012345678901234567890123456789012345678901234567890123", "never"};
    return text_of(numbers[order]);
}

struct party history_party(int64_t party)
{
    static const struct party parties[] = {{.account_number = {"6222001", 7}},
        {.name = {"Li Ming", 7}, .account_number = {"6222002", 7}},
        {.name = {"Li Ming", 7}, .account_number = {"6222003", 7}},
        {.name = {"Ada", 3}, .account_number = {"6222002", 7}}};
    return parties[party];
}

struct text history_reference(int64_t reference)
{
    /* One is in another, and in remarks. */
    static const char *const references[] = {"", "B-1", "B-12", "\xe6\xb5\x81\xe6\xb0\xb4 3"};
    return text_of(references[reference]);
}

static struct text some_text(struct random *random, char buffer[40], const char *word)
{
    if (random_percent(random, 30))
        return (struct text){0};
    snprintf(buffer, 40, "%s %u \xe8\xb4\xa7", word, (unsigned)random_below(random, 1000));
    return text_of(buffer);
}

/* A command of some kind that moves money when `moves`. */
static void random_record(
    struct random *random, int64_t ledger_id, struct command_record *record, bool *ret_moves)
{
    static const enum command_kind kinds[] = {COMMAND_PAY, COMMAND_PAY, COMMAND_BOOK_RECEIPT,
        COMMAND_WITHDRAW, COMMAND_CONFIRM_PAYOUT, COMMAND_OPEN_MEMBER, COMMAND_CHARGE_FEE,
        COMMAND_PLACE_HOLD, COMMAND_CONFIRM_HOLD, COMMAND_CANCEL_HOLD, COMMAND_EXPIRE,
        COMMAND_REFUND, COMMAND_REVERSE, COMMAND_INTERCEPT_PAYOUT, COMMAND_RESTRICT_ACCOUNT};
    char order_number[40], remark[40];
    struct payee payee;
    struct command command = {.kind = kinds[random_below(random, sizeof kinds / sizeof *kinds)]};
    bool is_refused = random_percent(random, 15);
    *ret_moves = !is_refused && command.kind != COMMAND_OPEN_MEMBER &&
                 command.kind != COMMAND_RESTRICT_ACCOUNT;
    switch ((int)command.kind) {
    case COMMAND_PAY:
        command.pay.payer_account_id = 1;
        payee = (struct payee){.account_id = 2, .amount_minor = random_between(random, 1, 1000)};
        command.pay.payees = &payee;
        command.pay.payee_count = 1;
        command.pay.order_number = some_text(random, order_number, "order");
        command.pay.remark = some_text(random, remark, "pay");
        break;
    case COMMAND_BOOK_RECEIPT:
        command.book_receipt.account_id = 1;
        command.book_receipt.remark = some_text(random, remark, "B-1");
        command.book_receipt.bank_reference = history_reference(random_between(random, 0, 3));
        command.book_receipt.payer = history_party(random_between(random, 0, 3));
        break;
    case COMMAND_WITHDRAW:
        command.withdraw.account_id = 1;
        command.withdraw.destination = history_party(random_between(random, 0, 3));
        command.withdraw.remark = some_text(random, remark, "withdraw");
        break;
    case COMMAND_CHARGE_FEE:
        command.charge_fee.remark = some_text(random, remark, "fee");
        break;
    case COMMAND_CONFIRM_PAYOUT:
        command.confirm_payout.payout_id = random_between(random, 1, 9);
        command.confirm_payout.result = (int32_t)random_between(random, 1, 5);
        command.confirm_payout.bank_reference = history_reference(random_between(random, 0, 3));
        break;
    case COMMAND_OPEN_MEMBER:
        command.open_member.kind = 1;
        break;
    default:
        break;
    }
    record->kind = (uint16_t)command.kind;
    record->outcome = is_refused ? OUTCOME_REFUSED_MIN : OUTCOME_ACCEPTED;
    bool is_account = command_changes_account((int)command.kind);
    record->subject_id = is_account && is_refused ? 0
                         : is_account             ? random_account(random, ledger_id)
                                                  : random_between(random, 0, 9);
    if (random_percent(random, 40))
        record->order_number = history_order(
            random_percent(random, 40) ? 0 : random_between(random, 0, HISTORY_ORDERS - 2));
    if (!is_refused && random_percent(random, 40)) {
        record->fee_minor = random_between(random, 1, 100);
        record->fee_rule_version = (int32_t)random_between(random, 0, 3);
    }
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    record->body_length = (uint32_t)command_body_encode(&command, body);
    uint8_t *copy = malloc(record->body_length + 1);
    EXPECT(copy != NULL);
    memcpy(copy, body, record->body_length);
    record->body = copy;
}

static void random_posting(
    struct random *random, int64_t ledger_id, int64_t balances[][4], struct posting *posting)
{
    posting->ledger_id = ledger_id;
    posting->amount_minor = random_between(random, 1, 100000);
    posting->debit_account_id = random_account(random, ledger_id);
    posting->debit_bucket = (uint8_t)random_below(random, BUCKET_COUNT);
    do {
        posting->credit_account_id = random_percent(random, 20) ? posting->debit_account_id
                                                                : random_account(random, ledger_id);
        posting->credit_bucket = (uint8_t)random_below(random, BUCKET_COUNT);
    } while (posting->credit_account_id == posting->debit_account_id &&
             posting->credit_bucket == posting->debit_bucket);
    int64_t *debit = &balances[posting->debit_account_id][posting->debit_bucket];
    int64_t *credit = &balances[posting->credit_account_id][posting->credit_bucket];
    posting->debit_balance_minor = *debit -= posting->amount_minor;
    posting->credit_balance_minor = *credit += posting->amount_minor;
}

static void fill(struct random *random, struct history *history)
{
    static int64_t balances[HISTORY_ACCOUNTS + 1][4];
    int32_t days[HISTORY_LEDGERS + 1] = {0, HISTORY_FIRST_DAY, HISTORY_FIRST_DAY + 3};
    uint32_t posting_count = 0;
    /* In some segments only ledger 1 does something: ledger 2 is then still at a day that the
     * other left segments ago. */
    bool is_quiet = false;
    memset(balances, 0, sizeof balances);
    for (int64_t sequence = 1; sequence <= history->count; sequence++) {
        struct command_record *record = &history->records[sequence];
        if ((sequence - 1) % history->segment_commands == 0)
            is_quiet = sequence > 1 && random_percent(random, 40);
        int64_t ledger_id = is_quiet || random_percent(random, 75) ? 1 : 2;
        /* Ledger 2 cuts its day seldom, so that segments hold days far apart. */
        if (random_below(random, 1000) < (ledger_id == 1 ? 25 : 10))
            days[ledger_id] += (int32_t)random_between(random, 1, 3);
        bool moves;
        random_record(random, ledger_id, record, &moves);
        record->sequence = sequence;
        record->recorded_us = INT64_C(1800000000000000) + sequence / 3;
        record->ledger_id = ledger_id;
        record->accounting_date = days[ledger_id];
        record->key.business_date = days[ledger_id] - (int32_t)random_below(random, 2);
        int n = snprintf(
            record->key.serial, sizeof record->key.serial, "S%06d", (int)(sequence * 7 % 100000));
        record->key.serial_length = (uint8_t)n;
        memcpy(record->key.channel, sequence % 2 ? "app" : "web", 3);
        record->key.channel_length = 3;
        history->first_posting[sequence] = posting_count;
        int64_t wanted = moves ? random_between(random, 1, POSTINGS_MAX) : 0;
        for (int64_t i = 0; i < wanted; i++)
            random_posting(random, ledger_id, balances, &history->postings[posting_count++]);
    }
    history->first_posting[history->count + 1] = posting_count;
}

/* ---- the database ---- */

void history_run(struct history *history, const char *sql)
{
    PGresult *result = PQexec(history->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    EXPECT_MSG(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s",
        PQerrorMessage(history->conn));
    PQclear(result);
}

char *history_read(struct history *history, const char *sql)
{
    PGresult *result = PQexec(history->conn, sql);
    EXPECT_MSG(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(history->conn));
    struct buffer text = {0};
    for (int row = 0; row < PQntuples(result); row++) {
        const char *line = PQgetvalue(result, row, 0);
        buffer_append(&text, line, strlen(line));
        buffer_append_u8(&text, '\n');
    }
    buffer_append_u8(&text, 0);
    PQclear(result);
    return (char *)text.bytes;
}

__attribute__((format(printf, 2, 3))) static void append(
    struct buffer *out, const char *format, ...)
{
    char text[1500];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    EXPECT(n > 0 && (size_t)n < sizeof text);
    buffer_append(out, text, (size_t)n);
}

static void append_command_row(struct buffer *sql, const struct command_record *record)
{
    append(sql,
        "%s(%lld, 'epoch'::timestamptz + %lld * interval '1 microsecond', %lld, %d, %d, "
        "date '1970-01-01' + %d, %lld, '%.*s', date '1970-01-01' + %d, '%.*s', '\\x",
        sql->bytes[sql->length - 1] == ' ' ? "" : ", ", (long long)record->sequence,
        (long long)record->recorded_us, (long long)record->ledger_id, record->kind, record->outcome,
        record->accounting_date, (long long)record->subject_id, record->key.channel_length,
        record->key.channel, record->key.business_date, record->key.serial_length,
        record->key.serial);
    for (uint32_t i = 0; i < record->body_length; i++)
        append(sql, "%02x", record->body[i]);
    append(sql, "', ");
    if (record->order_number.length > 0)
        append(sql, "'%.*s', ", (int)record->order_number.length, record->order_number.bytes);
    else
        append(sql, "null, ");
    append(sql, "nullif(%lld, 0), nullif(%d, 0))", (long long)record->fee_minor,
        record->fee_rule_version);
}

static void append_posting_rows(struct buffer *sql, const struct history *history, int64_t sequence)
{
    uint32_t first = history->first_posting[sequence];
    for (uint32_t i = first; i < history->first_posting[sequence + 1]; i++) {
        const struct posting *posting = &history->postings[i];
        append(sql, "%s(%lld, %u, %lld, %lld, %lld, %d, %lld, %lld, %d, %lld)",
            sql->bytes[sql->length - 1] == ' ' ? "" : ", ", (long long)sequence, i - first,
            (long long)posting->ledger_id, (long long)posting->amount_minor,
            (long long)posting->debit_account_id, posting->debit_bucket,
            (long long)posting->debit_balance_minor, (long long)posting->credit_account_id,
            posting->credit_bucket, (long long)posting->credit_balance_minor);
    }
}

/* Images of the accounts that commands changed, and of the ledgers where a day begins. */
static void append_image_rows(struct buffer *sql, const struct history *history, int64_t first)
{
    int64_t end = first + history->segment_commands;
    for (int64_t sequence = first; sequence < end; sequence++) {
        const struct command_record *record = &history->records[sequence];
        if (command_changes_account(record->kind) && record->subject_id != 0)
            append(sql,
                "insert into vsl.account_history (sequence, ledger_id, account_id, member_id, "
                "kind, "
                "status, no_in, no_out, available, pending_in, pending_out, frozen, "
                "next_date_amount) values (%lld, %lld, %lld, 1, 1, 1, false, false, 0, 0, 0, 0, "
                "0);",
                (long long)sequence, (long long)record->ledger_id, (long long)record->subject_id);
        int64_t before = sequence - 1;
        while (before > 0 && history->records[before].ledger_id != record->ledger_id)
            before--;
        if (before == 0 || history->records[before].accounting_date != record->accounting_date)
            append(sql,
                "insert into vsl.ledger_history (sequence, ledger_id, status, currency, "
                "platform_name, escrow_account_number, receiving_prefix, first_control_account_id, "
                "key_window_dates, accounting_dates, own_account_name, own_account_number, "
                "own_bank_code, advance_refunds, payout_return_days) values (%lld, %lld, 1, "
                "'CNY', 'P', 'E', '8800', 1, 3, int4send(%d) || int4send(%d), '', '', '', "
                "false, 30);",
                (long long)sequence, (long long)record->ledger_id, record->accounting_date,
                before == 0 ? 0 : history->records[before].accounting_date);
    }
}

static void run_buffer(struct history *history, struct buffer *sql)
{
    buffer_append_u8(sql, 0);
    history_run(history, (const char *)sql->bytes);
    buffer_clear(sql);
}

static void load_segment(struct history *history, int64_t segment, bool has_indexes)
{
    int64_t first = segment * history->segment_commands + 1;
    int64_t last = first + history->segment_commands - 1;
    int32_t dates[4] = {INT32_MAX, 0, INT32_MAX, 0};
    struct buffer sql = {0};
    append(&sql,
        "create table vsl.command_%lld partition of vsl.command for values from (%lld) to (%lld);"
        "create table vsl.posting_%lld partition of vsl.posting for values from (%lld) to (%lld)",
        (long long)segment, (long long)first, (long long)last + 1, (long long)segment,
        (long long)first, (long long)last + 1);
    run_buffer(history, &sql);
    append(&sql,
        "create table vsl.account_history_%lld partition of vsl.account_history for values from "
        "(%lld) to (%lld);"
        "create table vsl.ledger_history_%lld partition of vsl.ledger_history for values from "
        "(%lld) to (%lld)",
        (long long)segment, (long long)first, (long long)last + 1, (long long)segment,
        (long long)first, (long long)last + 1);
    run_buffer(history, &sql);
    append(&sql, "select;");
    append_image_rows(&sql, history, first);
    run_buffer(history, &sql);
    append(&sql, "insert into vsl.command values ");
    for (int64_t sequence = first; sequence <= last; sequence++) {
        const struct command_record *record = &history->records[sequence];
        append_command_row(&sql, record);
        dates[0] = record->key.business_date < dates[0] ? record->key.business_date : dates[0];
        dates[1] = record->key.business_date > dates[1] ? record->key.business_date : dates[1];
        dates[2] = record->accounting_date < dates[2] ? record->accounting_date : dates[2];
        dates[3] = record->accounting_date > dates[3] ? record->accounting_date : dates[3];
    }
    run_buffer(history, &sql);
    append(&sql, "insert into vsl.posting values ");
    for (int64_t sequence = first; sequence <= last; sequence++)
        append_posting_rows(&sql, history, sequence);
    run_buffer(history, &sql);
    append(&sql,
        "insert into vsl.segment values (%lld, %lld, 2, date '1970-01-01' + %d, "
        "date '1970-01-01' + %d, date '1970-01-01' + %d, date '1970-01-01' + %d, null)",
        (long long)first, (long long)last, dates[0], dates[1], dates[2], dates[3]);
    run_buffer(history, &sql);
    if (has_indexes) {
        append(&sql,
            "create unique index on vsl.command_%lld (sequence);"
            "create index on vsl.command_%lld (hashtextextended(serial, 0));"
            "create index on vsl.command_%lld (hashtextextended(order_number, 0))"
            " where order_number is not null;"
            "create index on vsl.command_%lld (hashtextextended(vsl.booked_reference(kind, body),"
            " ledger_id)) where outcome < 100 and (kind = 38 or kind = 107 or kind = 30 and"
            " position('\\x08' in body) > 0 or (kind = 15 or kind = 18 or kind = 19 or kind = 40"
            " or kind = 50 or kind = 60 or kind = 25) and position('\\x120213' in body) > 0);"
            "create index on vsl.posting_%lld (debit_account_id, sequence);"
            "create index on vsl.posting_%lld (credit_account_id, sequence);"
            "create index on vsl.posting_%lld (sequence);"
            "create index on vsl.account_history_%lld (account_id, sequence);"
            "create index on vsl.ledger_history_%lld (ledger_id, sequence);"
            "create index account_history_%lld_by_number on vsl.account_history_%lld ((sequence + "
            "0));"
            "create index ledger_history_%lld_by_number on vsl.ledger_history_%lld ((sequence + "
            "0))",
            (long long)segment, (long long)segment, (long long)segment, (long long)segment,
            (long long)segment, (long long)segment, (long long)segment, (long long)segment,
            (long long)segment, (long long)segment, (long long)segment, (long long)segment,
            (long long)segment);
        run_buffer(history, &sql);
    }
    buffer_finish(&sql);
}

int64_t history_segments(const struct history *history)
{
    return history->count / history->segment_commands;
}

void history_set_cut(struct history *history, int64_t segment)
{
    char sql[300];
    EXPECT(segment >= 0 && segment < history_segments(history));
    history->cut = segment * history->segment_commands + 1;
    snprintf(sql, sizeof sql,
        "update vsl.segment set state = case when first_sequence < %lld then 3 else 2 end "
        "where state <> case when first_sequence < %lld then 3 else 2 end",
        (long long)history->cut, (long long)history->cut);
    history_run(history, sql);
}

struct history *history_create(
    struct random *random, int64_t segments, int64_t segment_commands, const char *conninfo)
{
    struct history *history = calloc(1, sizeof *history);
    EXPECT(history != NULL);
    history->count = segments * segment_commands;
    history->segment_commands = segment_commands;
    size_t rows = (size_t)history->count + 2;
    history->records = calloc(rows, sizeof *history->records);
    history->postings = calloc(rows * POSTINGS_MAX, sizeof *history->postings);
    history->first_posting = calloc(rows, sizeof *history->first_posting);
    EXPECT(history->records && history->postings && history->first_posting);
    fill(random, history);
    history->conn = PQconnectdb(conninfo);
    EXPECT_MSG(PQstatus(history->conn) == CONNECTION_OK, "%s", PQerrorMessage(history->conn));
    history_run(history, "set client_min_messages = warning; begin");
    for (int64_t segment = 0; segment < segments; segment++)
        load_segment(history, segment, segment < segments - 1);
    history_make_batches(random, history);
    history_run(history, "commit");
    history->durable = history->count;
    history->scope = (struct ledger_scope){.is_all = true};
    history->cut = 1;
    return history;
}

void history_destroy(struct history *history)
{
    PQfinish(history->conn);
    for (int64_t sequence = 1; sequence <= history->count; sequence++) {
        uint8_t *body;
        memcpy(&body, &history->records[sequence].body, sizeof body);
        free(body);
    }
    free(history->records);
    free(history->postings);
    free(history->first_posting);
    free(history->batches);
    free(history);
}

/* ---- what memory offers ---- */

static int64_t first_sequence(void *context)
{
    return ((struct history *)context)->cut;
}

static int64_t durable_sequence(void *context)
{
    return ((struct history *)context)->durable;
}

static const struct command_record *find_sequence(void *context, int64_t sequence)
{
    struct history *history = context;
    if (sequence < history->cut || sequence > history->count)
        return NULL;
    return &history->records[sequence];
}

static const struct command_record *find_key(void *context, const struct request_key *key)
{
    struct history *history = context;
    for (int64_t sequence = history->cut; sequence <= history->count; sequence++)
        if (request_key_equals(&history->records[sequence].key, key))
            return &history->records[sequence];
    return NULL;
}

static uint32_t postings(void *context, int64_t sequence, const struct posting **ret_postings)
{
    struct history *history = context;
    EXPECT(find_sequence(context, sequence) != NULL);
    uint32_t first = history->first_posting[sequence];
    *ret_postings = &history->postings[first];
    return history->first_posting[sequence + 1] - first;
}

static void walk_account(void *context, int64_t account_id, int64_t sequence, bool newest_first,
    bool (*on_posting)(void *walk, const struct recent_posting *posting), void *walk)
{
    struct history *history = context;
    int64_t step = newest_first ? -1 : 1;
    if (newest_first && sequence > history->count)
        sequence = history->count;
    if (!newest_first && sequence < history->cut)
        sequence = history->cut;
    for (; sequence >= history->cut && sequence <= history->count; sequence += step) {
        uint32_t first = history->first_posting[sequence];
        uint32_t count = history->first_posting[sequence + 1] - first;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t line = newest_first ? count - 1 - i : i;
            const struct posting *posting = &history->postings[first + line];
            if (posting->debit_account_id != account_id && posting->credit_account_id != account_id)
                continue;
            struct recent_posting found = {sequence, (int16_t)line, posting};
            if (!on_posting(walk, &found))
                return;
        }
    }
}

static void walk_changes(void *context, int64_t account_id, int64_t sequence,
    bool (*on_command)(void *walk, const struct command_record *record), void *walk)
{
    struct history *history = context;
    if (sequence > history->count)
        sequence = history->count;
    for (; sequence >= history->cut; sequence--) {
        const struct command_record *record = &history->records[sequence];
        if (command_changes_account(record->kind) && record->subject_id == account_id &&
            !on_command(walk, record))
            return;
    }
}

static void walk_order(void *context, int64_t ledger_id, struct text order_number,
    int64_t after_sequence, bool (*on_command)(void *walk, const struct command_record *record),
    void *walk)
{
    struct history *history = context;
    int64_t first = after_sequence < history->cut ? history->cut : after_sequence + 1;
    for (int64_t sequence = first; sequence <= history->count; sequence++) {
        const struct command_record *record = &history->records[sequence];
        if (record->ledger_id == ledger_id && text_equals(record->order_number, order_number) &&
            !on_command(walk, record))
            return;
    }
}

static bool has_ledger(void *context, int64_t ledger_id)
{
    (void)context;
    /* In the last one nothing happened yet. */
    return ledger_id >= 1 && ledger_id <= HISTORY_LEDGERS + 1;
}

static bool find_account(void *context, int64_t account_id, int64_t *ret_ledger_id)
{
    (void)context;
    if (account_id < 1 || account_id > HISTORY_ACCOUNTS)
        return false;
    *ret_ledger_id = ledger_of(account_id);
    return true;
}

/* Nobody has accounts here. */
static bool find_member(void *context, int64_t id, struct member_name *ret_name)
{
    (void)context;
    (void)id;
    (void)ret_name;
    return false;
}

/* Whoever asks here may see everything. */
static bool scope(void *context, const struct wire_call *call, struct ledger_scope *ret_scope)
{
    const struct history *history = context;
    (void)call;
    *ret_scope = history->scope;
    return true;
}

static const char *prove_batch(void *context, const struct batch_row *row)
{
    (void)context;
    return row->epoch == 1 ? NULL : "it has a wrong code";
}

struct query_recent history_recent(struct history *history)
{
    return (struct query_recent){
        .context = history,
        .first_sequence = first_sequence,
        .durable_sequence = durable_sequence,
        .find_sequence = find_sequence,
        .find_key = find_key,
        .postings = postings,
        .walk_account = walk_account,
        .walk_changes = walk_changes,
        .walk_order = walk_order,
        .has_ledger = has_ledger,
        .find_account = find_account,
        .member_names = {.find_owner = find_member, .find = find_member},
        .prove_batch = prove_batch,
        .scope = scope,
    };
}
