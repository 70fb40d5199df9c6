/* samples.c: see samples.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include "ceilings.h"
#include "command/decode.h"
#include "model/date.h"
#include "model/money.h"
#include "model/records.h"
#include "support/expect.h"

#include <stdlib.h>
#include <string.h>

const enum command_kind sample_kinds[] = {COMMAND_OPEN_LEDGER, COMMAND_CLOSE_LEDGER,
    COMMAND_CUT_DAY, COMMAND_OPEN_MEMBER, COMMAND_CLOSE_MEMBER, COMMAND_OPEN_ACCOUNT,
    COMMAND_CLOSE_ACCOUNT, COMMAND_RESTRICT_ACCOUNT, COMMAND_BOOK_RECEIPT, COMMAND_BOOK_INTEREST,
    COMMAND_CHARGE_FEE, COMMAND_PAY, COMMAND_WITHDRAW, COMMAND_CONFIRM_PAYOUT, 0};

static int32_t day(int32_t yyyymmdd)
{
    int32_t days = 0;
    ck_assert(date_try_from_yyyymmdd(yyyymmdd, &days));
    return days;
}

static struct request_key sample_key(const char *channel, int32_t days, const char *serial)
{
    struct request_key key;
    memset(&key, 0, sizeof key);
    key.channel_length = (uint8_t)strlen(channel);
    key.serial_length = (uint8_t)strlen(serial);
    memcpy(key.channel, channel, key.channel_length);
    memcpy(key.serial, serial, key.serial_length);
    key.business_date = days;
    return key;
}

static void fill_required(struct command *c)
{
    static const struct payee only_payee[] = {{.account_id = 10, .amount_minor = 100}};
    struct party party = {.name = text_of("Zhang San"), .account_number = text_of("6222-0001")};
    switch (c->kind) {
    case COMMAND_OPEN_LEDGER:
        c->open_ledger.platform_name = text_of("Example Mall");
        c->open_ledger.escrow_account_number = text_of("8110701012345");
        c->open_ledger.currency = text_of("CNY");
        c->open_ledger.receiving_prefix = text_of("6200");
        c->open_ledger.first_accounting_date = day(20261101);
        break;
    case COMMAND_CLOSE_LEDGER:
        break;
    case COMMAND_CUT_DAY:
        c->cut_day.accounting_date = day(20261102);
        break;
    case COMMAND_OPEN_MEMBER:
        c->open_member.kind = MEMBER_MERCHANT;
        c->open_member.platform_member_id = text_of("m-1");
        break;
    case COMMAND_CLOSE_MEMBER:
        c->close_member.member_id = 7;
        break;
    case COMMAND_OPEN_ACCOUNT:
        c->open_account.member_id = 7;
        break;
    case COMMAND_CLOSE_ACCOUNT:
        c->close_account.account_id = 9;
        break;
    case COMMAND_RESTRICT_ACCOUNT:
        c->restrict_account.account_id = 9;
        break;
    case COMMAND_BOOK_RECEIPT:
        c->book_receipt.account_id = 9;
        c->book_receipt.amount_minor = 100;
        c->book_receipt.payer = party;
        break;
    case COMMAND_BOOK_INTEREST:
        c->book_interest.account_id = 9;
        c->book_interest.amount_minor = 100;
        break;
    case COMMAND_CHARGE_FEE:
        c->charge_fee.account_id = 9;
        c->charge_fee.amount_minor = 100;
        break;
    case COMMAND_PAY:
        c->pay.payer_account_id = 9;
        c->pay.payees = only_payee;
        c->pay.payee_count = 1;
        break;
    case COMMAND_WITHDRAW:
        c->withdraw.account_id = 9;
        c->withdraw.amount_minor = 100;
        c->withdraw.destination = party;
        break;
    case COMMAND_CONFIRM_PAYOUT:
        c->confirm_payout.payout_id = 3;
        c->confirm_payout.result = PAYOUT_RESULT_PAID;
        break;
    }
}

struct command sample_command(enum command_kind kind)
{
    struct command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.ledger_id = kind == COMMAND_OPEN_LEDGER ? 0 : 1;
    command.key = sample_key("front", day(20261101), "000001");
    fill_required(&command);
    return command;
}

/* ---- random contents ---- */

struct source {
    struct random *random;
    struct arena *arena;
};

/* So many characters out of `alphabet`, between `min` and `max` bytes, often exactly one of them.
 */
static struct text random_text(
    const struct source *from, const char *alphabet, uint32_t min, uint32_t max)
{
    uint32_t length = (uint32_t)random_between(from->random, min, max);
    if (random_percent(from->random, 20))
        length = max;
    if (random_percent(from->random, 20))
        length = min;
    char *bytes = arena_try_alloc(from->arena, length + 1);
    ck_assert_ptr_nonnull(bytes);
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = alphabet[random_below(from->random, strlen(alphabet))];
    return (struct text){.bytes = bytes, .length = length};
}

/* UTF-8 with characters of one to four bytes. */
static struct text random_utf8(const struct source *from, uint32_t min, uint32_t max)
{
    static const char *const characters[] = {"a", "Z", "'", "-", "\xc2\xb7", "\xc3\xa9",
        "\xe5\xbc\xa0", "\xe4\xb8\x89", "\xf0\xa0\x80\x80", "%", "\""};
    struct text text = random_text(from, "x", min, max);
    char *bytes = (char *)(uintptr_t)text.bytes;
    uint32_t at = 0;
    while (at < text.length) {
        const char *character = characters[random_below(from->random, 11)];
        uint32_t size = (uint32_t)strlen(character);
        if (size > text.length - at)
            break; /* the rest stays x */
        memcpy(bytes + at, character, size);
        at += size;
    }
    return text;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define VISIBLE DIGITS LETTERS "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

static int64_t random_id(const struct source *from)
{
    if (random_percent(from->random, 10))
        return INT64_MAX;
    return random_between(from->random, 1, 1000);
}

static int64_t random_amount(const struct source *from)
{
    if (random_percent(from->random, 10))
        return AMOUNT_MINOR_MAX;
    if (random_percent(from->random, 10))
        return 1;
    return random_between(from->random, 1, AMOUNT_MINOR_MAX);
}

static int32_t random_day(const struct source *from)
{
    if (random_percent(from->random, 10))
        return day(DATE_YYYYMMDD_MAX);
    if (random_percent(from->random, 10))
        return 1;
    return (int32_t)random_between(from->random, 1, day(DATE_YYYYMMDD_MAX));
}

static struct text random_remark(const struct source *from)
{
    return random_utf8(from, 0, REMARK_BYTES_MAX);
}

static struct party random_party(const struct source *from)
{
    return (struct party){
        .name = random_utf8(from, 1, PARTY_NAME_BYTES_MAX),
        .account_number = random_text(from, DIGITS LETTERS, 1, ACCOUNT_NUMBER_BYTES_MAX),
        .bank_code = random_text(from, DIGITS LETTERS, 0, BANK_CODE_BYTES_MAX),
    };
}

static void fill_random_open_ledger(struct open_ledger *open, const struct source *from)
{
    open->platform_name = random_utf8(from, 1, PLATFORM_NAME_BYTES_MAX);
    open->escrow_account_number = random_text(from, DIGITS LETTERS, 1, ACCOUNT_NUMBER_BYTES_MAX);
    open->currency = random_text(from, "ABCXYZ", 3, 3);
    open->receiving_prefix =
        random_text(from, "123456789", RECEIVING_PREFIX_DIGITS_MIN, RECEIVING_PREFIX_DIGITS_MAX);
    open->first_accounting_date = random_day(from);
    open->key_window_dates = (int32_t)random_between(from->random, 0, KEY_WINDOW_DATES_MAX);
}

/* Often one or as many as there can be; no account twice. */
static void fill_random_payees(struct pay *pay, const struct source *from)
{
    uint32_t count = (uint32_t)random_between(from->random, 1, PAYEES_PER_COMMAND_MAX);
    if (random_percent(from->random, 40))
        count = 1;
    if (random_percent(from->random, 20))
        count = PAYEES_PER_COMMAND_MAX;
    struct payee *payees = arena_try_alloc(from->arena, count * sizeof *payees);
    ck_assert_ptr_nonnull(payees);
    for (uint32_t i = 0; i < count; i++) {
        bool is_new = false;
        while (!is_new) {
            payees[i].account_id = random_id(from);
            is_new = true;
            for (uint32_t j = 0; j < i; j++)
                is_new &= payees[j].account_id != payees[i].account_id;
        }
        payees[i].amount_minor = random_amount(from);
    }
    pay->payees = payees;
    pay->payee_count = count;
}

static void fill_random_funds(struct command *c, const struct source *from)
{
    struct random *random = from->random;
    switch (c->kind) {
    case COMMAND_BOOK_RECEIPT:
        c->book_receipt.account_id = 0;
        if (random_percent(random, 50))
            c->book_receipt.account_id = random_id(from);
        else
            c->book_receipt.receiving_number = random_utf8(from, 1, RECEIVING_NUMBER_BYTES_MAX);
        c->book_receipt.amount_minor = random_amount(from);
        c->book_receipt.payer = random_party(from);
        c->book_receipt.bank_reference = random_utf8(from, 0, BANK_REFERENCE_BYTES_MAX);
        c->book_receipt.value_date = random_percent(random, 50) ? 0 : random_day(from);
        c->book_receipt.remark = random_remark(from);
        break;
    case COMMAND_PAY:
        c->pay.payer_account_id = random_id(from);
        fill_random_payees(&c->pay, from);
        c->pay.fee_minor = random_percent(random, 50) ? 0 : random_amount(from);
        c->pay.order_number = random_utf8(from, 0, ORDER_NUMBER_BYTES_MAX);
        c->pay.remark = random_remark(from);
        break;
    case COMMAND_WITHDRAW:
        c->withdraw.account_id = random_id(from);
        c->withdraw.amount_minor = random_amount(from);
        if (random_percent(random, 50)) {
            c->withdraw.fee_minor = random_amount(from);
            c->withdraw.fee_mode = (int32_t)random_between(random, FEE_OUTSIDE, FEE_INSIDE);
        }
        c->withdraw.destination = random_party(from);
        c->withdraw.remark = random_remark(from);
        break;
    case COMMAND_CONFIRM_PAYOUT:
        c->confirm_payout.payout_id = random_id(from);
        c->confirm_payout.result =
            (int32_t)random_between(random, PAYOUT_RESULT_PAID, PAYOUT_RESULT_RETURNED);
        c->confirm_payout.bank_reference = random_utf8(from, 0, BANK_REFERENCE_BYTES_MAX);
        c->confirm_payout.reason = random_remark(from);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

struct command sample_random_command(
    enum command_kind kind, struct random *random, struct arena *arena)
{
    struct source from = {random, arena};
    struct command command = sample_command(kind);
    struct command *c = &command;
    struct text channel = random_text(&from, DIGITS LETTERS "_.-", 1, CHANNEL_BYTES_MAX);
    struct text serial = random_text(&from, VISIBLE, 1, SERIAL_BYTES_MAX);
    c->key = sample_key("", random_day(&from), "");
    memcpy(c->key.channel, channel.bytes, channel.length);
    memcpy(c->key.serial, serial.bytes, serial.length);
    c->key.channel_length = (uint8_t)channel.length;
    c->key.serial_length = (uint8_t)serial.length;
    c->dry_run = random_percent(random, 20);
    if (kind != COMMAND_OPEN_LEDGER)
        c->ledger_id = random_id(&from);
    switch (kind) {
    case COMMAND_OPEN_LEDGER:
        fill_random_open_ledger(&c->open_ledger, &from);
        break;
    case COMMAND_CLOSE_LEDGER:
        break;
    case COMMAND_CUT_DAY:
        c->cut_day.accounting_date = random_day(&from);
        break;
    case COMMAND_OPEN_MEMBER:
        c->open_member.kind = (int32_t)random_between(random, MEMBER_MERCHANT, MEMBER_USER);
        c->open_member.platform_member_id = random_utf8(&from, 1, PLATFORM_MEMBER_ID_BYTES_MAX);
        break;
    case COMMAND_CLOSE_MEMBER:
    case COMMAND_OPEN_ACCOUNT:
    case COMMAND_CLOSE_ACCOUNT:
        c->close_account.account_id = random_id(&from);
        break;
    case COMMAND_RESTRICT_ACCOUNT:
        c->restrict_account.account_id = random_id(&from);
        c->restrict_account.no_in = random_percent(random, 50);
        c->restrict_account.no_out = random_percent(random, 50);
        c->restrict_account.reason = random_remark(&from);
        break;
    case COMMAND_BOOK_INTEREST:
    case COMMAND_CHARGE_FEE:
        c->charge_fee.account_id = random_id(&from);
        c->charge_fee.amount_minor = random_amount(&from);
        c->charge_fee.remark = random_remark(&from);
        break;
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_PAY:
    case COMMAND_WITHDRAW:
    case COMMAND_CONFIRM_PAYOUT:
        fill_random_funds(c, &from);
        break;
    }
    return command;
}

/* ---- comparison ---- */

static void same_text(struct text a, struct text b, int line)
{
    EXPECT_MSG(text_equals(a, b), "texts differ, line %d", line);
}

#define SAME_NUMBER(field) EXPECT(a->field == b->field)
#define SAME_TEXT(field) same_text(a->field, b->field, __LINE__)
#define SAME_PARTY(field)                                                                          \
    (SAME_TEXT(field.name), SAME_TEXT(field.account_number), SAME_TEXT(field.bank_code))

static void expect_same_funds(const struct command *a, const struct command *b)
{
    switch (a->kind) {
    case COMMAND_BOOK_RECEIPT:
        SAME_NUMBER(book_receipt.account_id);
        SAME_TEXT(book_receipt.receiving_number);
        SAME_NUMBER(book_receipt.amount_minor);
        SAME_PARTY(book_receipt.payer);
        SAME_TEXT(book_receipt.bank_reference);
        SAME_NUMBER(book_receipt.value_date);
        SAME_TEXT(book_receipt.remark);
        break;
    case COMMAND_PAY:
        SAME_NUMBER(pay.payer_account_id);
        SAME_NUMBER(pay.payee_count);
        for (uint32_t i = 0; i < a->pay.payee_count; i++) {
            SAME_NUMBER(pay.payees[i].account_id);
            SAME_NUMBER(pay.payees[i].amount_minor);
        }
        SAME_NUMBER(pay.fee_minor);
        SAME_TEXT(pay.order_number);
        SAME_TEXT(pay.remark);
        break;
    case COMMAND_WITHDRAW:
        SAME_NUMBER(withdraw.account_id);
        SAME_NUMBER(withdraw.amount_minor);
        SAME_NUMBER(withdraw.fee_minor);
        SAME_NUMBER(withdraw.fee_mode);
        SAME_PARTY(withdraw.destination);
        SAME_TEXT(withdraw.remark);
        break;
    case COMMAND_CONFIRM_PAYOUT:
        SAME_NUMBER(confirm_payout.payout_id);
        SAME_NUMBER(confirm_payout.result);
        SAME_TEXT(confirm_payout.bank_reference);
        SAME_TEXT(confirm_payout.reason);
        break;
    default:
        ck_abort_msg("not a kind of this function");
    }
}

void expect_same_command(const struct command *a, const struct command *b)
{
    SAME_NUMBER(kind);
    SAME_NUMBER(dry_run);
    SAME_NUMBER(ledger_id);
    EXPECT(request_key_equals(&a->key, &b->key));
    switch (a->kind) {
    case COMMAND_OPEN_LEDGER:
        SAME_TEXT(open_ledger.platform_name);
        SAME_TEXT(open_ledger.escrow_account_number);
        SAME_TEXT(open_ledger.currency);
        SAME_TEXT(open_ledger.receiving_prefix);
        SAME_NUMBER(open_ledger.first_accounting_date);
        SAME_NUMBER(open_ledger.key_window_dates);
        break;
    case COMMAND_CLOSE_LEDGER:
        break;
    case COMMAND_CUT_DAY:
        SAME_NUMBER(cut_day.accounting_date);
        break;
    case COMMAND_OPEN_MEMBER:
        SAME_NUMBER(open_member.kind);
        SAME_TEXT(open_member.platform_member_id);
        break;
    case COMMAND_CLOSE_MEMBER:
        SAME_NUMBER(close_member.member_id);
        break;
    case COMMAND_OPEN_ACCOUNT:
        SAME_NUMBER(open_account.member_id);
        break;
    case COMMAND_CLOSE_ACCOUNT:
        SAME_NUMBER(close_account.account_id);
        break;
    case COMMAND_RESTRICT_ACCOUNT:
        SAME_NUMBER(restrict_account.account_id);
        SAME_NUMBER(restrict_account.no_in);
        SAME_NUMBER(restrict_account.no_out);
        SAME_TEXT(restrict_account.reason);
        break;
    case COMMAND_BOOK_INTEREST:
        SAME_NUMBER(book_interest.account_id);
        SAME_NUMBER(book_interest.amount_minor);
        SAME_TEXT(book_interest.remark);
        break;
    case COMMAND_CHARGE_FEE:
        SAME_NUMBER(charge_fee.account_id);
        SAME_NUMBER(charge_fee.amount_minor);
        SAME_TEXT(charge_fee.remark);
        break;
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_PAY:
    case COMMAND_WITHDRAW:
    case COMMAND_CONFIRM_PAYOUT:
        expect_same_funds(a, b);
        break;
    }
}

/* ---- messages ---- */

const ProtobufCFieldDescriptor *sample_find(
    ProtobufCMessage *message, const char *path, ProtobufCMessage **ret_holder)
{
    const char *dot = strchr(path, '.');
    if (dot) {
        char outer[64] = "";
        memcpy(outer, path, (size_t)(dot - path));
        char *bracket = strchr(outer, '[');
        size_t index = 0;
        if (bracket) {
            index = strtoul(bracket + 1, NULL, 10);
            *bracket = '\0';
        }
        const ProtobufCFieldDescriptor *field = sample_find(message, outer, ret_holder);
        ck_assert_int_eq((int)field->type, (int)PROTOBUF_C_TYPE_MESSAGE);
        ck_assert_int_eq(bracket != NULL, field->label == PROTOBUF_C_LABEL_REPEATED);
        unsigned char *member = (unsigned char *)message + field->offset;
        if (bracket) {
            size_t count;
            memcpy(&count, (unsigned char *)message + field->quantifier_offset, sizeof count);
            ck_assert_uint_lt(index, count);
            memcpy(&member, member, sizeof(void *));
            member += index * sizeof message;
        }
        memcpy(&message, member, sizeof message);
        path = dot + 1;
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, path);
    ck_assert_msg(field != NULL, "no field %s", path);
    *ret_holder = message;
    return field;
}

void sample_set_number(ProtobufCMessage *message, const char *path, int64_t value)
{
    ProtobufCMessage *holder;
    const ProtobufCFieldDescriptor *field = sample_find(message, path, &holder);
    unsigned char *member = (unsigned char *)holder + field->offset;
    int32_t narrow = (int32_t)value;
    if (field->type == PROTOBUF_C_TYPE_INT64)
        memcpy(member, &value, sizeof value);
    else
        memcpy(member, &narrow, sizeof narrow);
}

void sample_set_text(ProtobufCMessage *message, const char *path, const char *value)
{
    ProtobufCMessage *holder;
    const ProtobufCFieldDescriptor *field = sample_find(message, path, &holder);
    ck_assert_int_eq((int)field->type, (int)PROTOBUF_C_TYPE_STRING);
    memcpy((unsigned char *)holder + field->offset, &value, sizeof value);
}

struct buffer sample_pack(const ProtobufCMessage *message)
{
    struct buffer buffer = {0};
    buffer_reserve(&buffer, protobuf_c_message_get_packed_size(message) + 1);
    buffer.length = protobuf_c_message_pack(message, buffer.bytes);
    return buffer;
}

void sample_arena_init(struct arena *arena)
{
    arena_init(arena, 64 * 1024, DECODE_ARENA_BYTES_MAX);
}
