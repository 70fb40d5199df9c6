/* test_body.c: canonical bodies: fixed bytes, equal content, differences, hostile bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "command/fields.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

/* Bodies are in the journal for ever: these bytes must never change. */
START_TEST(bytes_are_as_they_always_were)
{
    struct command pay = sample_command(COMMAND_PAY);
    pay.pay.fee_minor = 3;
    pay.pay.order_number = text_of("A1");
    static const uint8_t pay_body[] = {4, 18, 5, 20, 6, 200, 1, 7, 6, 8, 2, 'A', '1'};
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    ck_assert_uint_eq(command_body_encode(&pay, body), sizeof pay_body);
    ck_assert_mem_eq(body, pay_body, sizeof pay_body);

    struct command withdraw = sample_command(COMMAND_WITHDRAW);
    withdraw.withdraw.fee_minor = 1;
    withdraw.withdraw.fee_mode = FEE_INSIDE;
    withdraw.withdraw.destination.name = text_of("Z");
    withdraw.withdraw.destination.account_number = text_of("62");
    withdraw.withdraw.destination.bank_code = text_of("308");
    withdraw.withdraw.remark = text_of("r");
    static const uint8_t withdraw_body[] = {4, 18, 5, 200, 1, 6, 2, 7, 4, 129, 1, 'Z', 130, 2, '6',
        '2', 131, 3, '3', '0', '8', 9, 1, 'r'};
    ck_assert_uint_eq(command_body_encode(&withdraw, body), sizeof withdraw_body);
    ck_assert_mem_eq(body, withdraw_body, sizeof withdraw_body);

    struct command close = sample_command(COMMAND_CLOSE_LEDGER);
    ck_assert_uint_eq(command_body_encode(&close, body), 0);
}
END_TEST

/* Key, ledger and dry_run have columns of their own. */
START_TEST(key_ledger_and_dry_run_are_not_in_it)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command a = sample_command(*kind);
        struct command b = a;
        b.key.serial[0] = 'x';
        b.key.business_date++;
        b.ledger_id = 77;
        b.dry_run = true;
        uint8_t one[COMMAND_BODY_BYTES_MAX];
        uint8_t other[COMMAND_BODY_BYTES_MAX];
        size_t length = command_body_encode(&a, one);
        ck_assert_uint_eq(command_body_encode(&b, other), length);
        ck_assert_mem_eq(one, other, length);
        ck_assert_ptr_null(command_body_difference(*kind, one, length, other, length));
    }
}
END_TEST

/* The largest values of every field still fit. */
START_TEST(largest_bodies_fit)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        const struct field_table *table = command_fields((int)*kind);
        size_t most = 0;
        for (uint32_t i = 0; i < table->count; i++)
            most += 11 + (table->fields[i].type == FIELD_TEXT ? (size_t)table->fields[i].max : 0);
        ck_assert_uint_lt(most, COMMAND_BODY_BYTES_MAX - 10);
    }
}
END_TEST

/* Numbers of fields are unique within a kind and fit the one byte that bodies have for them. */
START_TEST(field_numbers_are_unique)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        const struct field_table *table = command_fields((int)*kind);
        bool seen[256] = {false};
        for (uint32_t i = 0; i < table->count; i++) {
            ck_assert_uint_gt(table->fields[i].number, 3);
            ck_assert(!seen[table->fields[i].number]);
            seen[table->fields[i].number] = true;
        }
    }
}
END_TEST

static void change_member(struct command *command, const struct field *field)
{
    unsigned char *member = (unsigned char *)command + field->offset;
    if (field->type == FIELD_TEXT) {
        struct text text = text_of("~other~");
        memcpy(member, &text, sizeof text);
    } else if (field->type == FIELD_BOOL) {
        bool flag;
        memcpy(&flag, member, sizeof flag);
        flag = !flag;
        memcpy(member, &flag, sizeof flag);
    } else if (field->type == FIELD_INT64) {
        int64_t wide = 0;
        memcpy(&wide, member, sizeof wide);
        wide = wide == 12 ? 13 : 12;
        memcpy(member, &wide, sizeof wide);
    } else {
        int32_t narrow;
        memcpy(&narrow, member, sizeof narrow);
        narrow = narrow == 1 ? 2 : 1;
        memcpy(member, &narrow, sizeof narrow);
    }
}

/* Text that is longer than its field's limit would not be a body; use one that always fits. */
static bool takes_the_other_text(const struct field *field)
{
    return field->type != FIELD_TEXT || field->max >= 7;
}

START_TEST(difference_names_the_first_field_that_differs)
{
    struct random random;
    struct arena arena;
    random_start(&random, "difference_names_the_first_field_that_differs");
    sample_arena_init(&arena);
    for (int round = 0; round < 50; round++) {
        for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
            arena_reset(&arena);
            const struct field_table *table = command_fields((int)*kind);
            struct command a = sample_random_command(*kind, &random, &arena);
            uint8_t one[COMMAND_BODY_BYTES_MAX];
            uint8_t other[COMMAND_BODY_BYTES_MAX];
            size_t one_length = command_body_encode(&a, one);
            struct command b = a;
            /* From the last field back, so that each time the changed one is the first. */
            for (uint32_t i = table->count; i-- > 0;) {
                if (!takes_the_other_text(&table->fields[i]))
                    continue;
                change_member(&b, &table->fields[i]);
                size_t other_length = command_body_encode(&b, other);
                const char *name =
                    command_body_difference(*kind, one, one_length, other, other_length);
                EXPECT_MSG(name && strcmp(name, table->fields[i].name) == 0, "kind %d: %s not %s",
                    (int)*kind, name ? name : "none", table->fields[i].name);
                name = command_body_difference(*kind, other, other_length, one, one_length);
                EXPECT(name && strcmp(name, table->fields[i].name) == 0);
            }
        }
    }
    arena_finish(&arena);
}
END_TEST

START_TEST(names_are_those_of_the_proto)
{
    static const uint8_t a[] = {4, 18, 5, 20, 6, 200, 1};
    static const uint8_t b[] = {4, 18, 5, 20, 6, 202, 1};
    ck_assert_str_eq(
        command_body_difference(COMMAND_PAY, a, sizeof a, b, sizeof b), "amount_minor");
    static const uint8_t c[] = {130, 1, '1'};
    static const uint8_t d[] = {130, 1, '2'};
    ck_assert_str_eq(command_body_difference(COMMAND_WITHDRAW, c, sizeof c, d, sizeof d),
        "destination.account_number");
    static const uint8_t broken[] = {200, 1, 1};
    ck_assert_str_eq(command_body_difference(COMMAND_PAY, a, sizeof a, broken, sizeof broken), "");
}
END_TEST

struct hostile {
    const char *what;
    enum command_kind kind;
    size_t length;
    uint8_t body[16];
};

static const struct hostile hostile[] = {
    {"a field that the kind does not have", COMMAND_PAY, 2, {3, 2}},
    {"fields out of order", COMMAND_PAY, 4, {5, 2, 4, 2}},
    {"a field twice", COMMAND_PAY, 4, {4, 2, 4, 2}},
    {"a zero that is written out", COMMAND_PAY, 2, {4, 0}},
    {"an empty text that is written out", COMMAND_PAY, 2, {8, 0}},
    {"a number that is not there", COMMAND_PAY, 1, {4}},
    {"a number that does not end", COMMAND_PAY, 3, {4, 128, 128}},
    {"a number longer than needed", COMMAND_PAY, 3, {4, 130, 0}},
    {"a number of 65 bits", COMMAND_PAY, 11, {4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2}},
    {"a number of eleven bytes", COMMAND_PAY, 12,
        {4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 129, 0}},
    {"a text cut off", COMMAND_PAY, 3, {8, 2, 'a'}},
    {"a text longer than its limit", COMMAND_OPEN_LEDGER, 6, {6, 4, 'C', 'N', 'Y', 'X'}},
    {"a boolean of two", COMMAND_RESTRICT_ACCOUNT, 2, {5, 4}},
    {"a boolean of minus one", COMMAND_RESTRICT_ACCOUNT, 2, {5, 1}},
    {"an enum beyond 32 bits", COMMAND_OPEN_MEMBER, 7, {4, 128, 128, 128, 128, 128, 1}},
    {"anything at all in a kind without fields", COMMAND_CLOSE_LEDGER, 2, {4, 2}},
    {"a kind that there is not", (enum command_kind)4, 2, {4, 2}},
};

START_TEST(hostile_bodies_are_refused)
{
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct command command;
        memset(&command, 0x5a, sizeof command);
        struct command before = command;
        int result =
            command_body_decode(hostile[i].kind, hostile[i].body, hostile[i].length, &command);
        ck_assert_msg(result == -1, "taken: %s", hostile[i].what);
        ck_assert_mem_eq(&command, &before, sizeof command);
    }
    uint8_t large[COMMAND_BODY_BYTES_MAX + 1] = {0};
    struct command command;
    ck_assert_int_eq(command_body_decode(COMMAND_PAY, large, sizeof large, &command), -1);
}
END_TEST

/* What decodes at all encodes to the same bytes, so equal content is equal bytes. */
START_TEST(what_decodes_is_canonical)
{
    struct random random;
    struct arena arena;
    random_start(&random, "what_decodes_is_canonical");
    sample_arena_init(&arena);
    uint64_t decoded = 0;
    for (int round = 0; round < 1000; round++) {
        for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
            arena_reset(&arena);
            struct command command = sample_random_command(*kind, &random, &arena);
            uint8_t body[COMMAND_BODY_BYTES_MAX];
            size_t length = command_body_encode(&command, body);
            if (length == 0)
                continue;
            body[random_below(&random, length)] = (uint8_t)random_u64(&random);
            struct command again;
            if (command_body_decode(*kind, body, length, &again) < 0)
                continue;
            decoded++;
            uint8_t other[COMMAND_BODY_BYTES_MAX];
            EXPECT(command_body_encode(&again, other) == length);
            EXPECT(memcmp(body, other, length) == 0);
        }
    }
    ck_assert_uint_gt(decoded, 0);
    arena_finish(&arena);
}
END_TEST

START_TEST(kinds_have_the_names_of_the_batch)
{
    ck_assert_str_eq(command_kind_name(COMMAND_PAY), "pay");
    ck_assert_str_eq(command_kind_name(COMMAND_OPEN_ACCOUNT), "open_account");
    static const int unknown[] = {-1, 0, 4, 9, 39, 41, COMMAND_KIND_MAX + 1, INT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        ck_assert_ptr_null(command_kind_name(unknown[i]));
}
END_TEST

Suite *body_suite(void)
{
    Suite *suite = suite_create("body");
    TCase *tcase = tcase_create("body");
    tcase_add_test(tcase, bytes_are_as_they_always_were);
    tcase_add_test(tcase, key_ledger_and_dry_run_are_not_in_it);
    tcase_add_test(tcase, largest_bodies_fit);
    tcase_add_test(tcase, field_numbers_are_unique);
    tcase_add_test(tcase, difference_names_the_first_field_that_differs);
    tcase_add_test(tcase, names_are_those_of_the_proto);
    tcase_add_test(tcase, hostile_bodies_are_refused);
    tcase_add_test(tcase, what_decodes_is_canonical);
    tcase_add_test(tcase, kinds_have_the_names_of_the_batch);
    suite_add_tcase(suite, tcase);
    return suite;
}
