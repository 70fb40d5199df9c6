/* test_body.c: canonical bodies: fixed bytes, equal content, differences, hostile bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "command/fields.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

/* Bodies are in the journal for ever: these bytes must never change. */
START_TEST(bytes_are_as_they_always_were)
{
    struct command pay = sample_command(COMMAND_PAY);
    pay.pay.fee_minor = 3;
    pay.pay.order_number = text_of("A1");
    static const uint8_t pay_body[] = {
        4, 18, 7, 6, 8, 2, 'A', '1', 10, 2, 5, 1, 20, 2, 200, 1, 4, 1, 22, 2, 1};
    static const struct payee payees[] = {{10, 100}, {11, -1}};
    pay.pay.payees = payees;
    pay.pay.payee_count = 2;
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
        char field[FIELD_PATH_BYTES_MAX];
        ck_assert(!command_body_differs(*kind, one, length, other, length, field));
    }
}
END_TEST

/* More than the most bytes that a field which is no list can have: number, varint, text. */
static size_t most_bytes(const struct field *field)
{
    return 11 + (field->type == FIELD_TEXT ? (size_t)field_bytes_max(field) : 0);
}

/* The largest values of every field still fit, the longest lists included. */
START_TEST(largest_bodies_fit)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        const struct field_table *table = command_fields((int)*kind);
        size_t most = 0;
        size_t elements = 0;
        for (uint32_t i = 0; i < table->count; i++) {
            const struct field *field = &table->fields[i];
            most += most_bytes(field);
            if (field->type != FIELD_LIST)
                continue;
            size_t element = 2;
            for (uint32_t row = 0; row < field->list->table.count; row++)
                element += most_bytes(&field->list->table.fields[row]);
            most += (size_t)field->max * element;
            /* Elements are aligned as long as their sizes are. */
            ck_assert_uint_eq(field->list->element_size % sizeof(int64_t), 0);
            elements += (size_t)field->max * field->list->element_size;
        }
        ck_assert_uint_lt(most, COMMAND_BODY_BYTES_MAX - 10 - 11);
        if (*kind == COMMAND_WITHDRAW) /* with its payouts by card */
            most += 11 + CARDS_PER_MEMBER_MAX * 30;
        /* Inside of what proposes it behind its kind; and approved, with who, whose and when. */
        if (command_is_proposable((int)*kind)) {
            ck_assert_uint_le(1 + most, PROPOSED_BYTES_MAX);
            ck_assert_uint_lt(most, COMMAND_BODY_BYTES_MAX - 10 - 11 - 4 * 11);
        }
        ck_assert_uint_le(elements, COMMAND_ELEMENTS_BYTES_MAX);
    }
}
END_TEST

/* So does the command that told a payout's status before, in the bodies of those that tell one. */
START_TEST(what_was_told_before_is_kept_and_makes_no_difference)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_command(*kind);
        uint8_t plain[COMMAND_BODY_BYTES_MAX], body[COMMAND_BODY_BYTES_MAX];
        char field[FIELD_PATH_BYTES_MAX];
        struct command_elements elements;
        struct command again;
        size_t length = command_body_encode(&command, plain);
        ck_assert_uint_eq(command_body_put_told_before(plain, length, 0), length);
        memcpy(body, plain, length);
        size_t longer = command_body_put_told_before(body, length, INT64_C(1234567890123));
        bool tells = *kind == COMMAND_CONFIRM_PAYOUT || *kind == COMMAND_INTERCEPT_PAYOUT;
        int result = command_body_decode(*kind, body, longer, &elements, &again);
        ck_assert_int_eq(result, tells ? 0 : -1);
        if (!tells)
            continue;
        ck_assert_int_eq(again.told_before, INT64_C(1234567890123));
        ck_assert(!command_body_differs(*kind, body, longer, plain, length, field));
        body[longer] = 0;
        ck_assert_int_eq(command_body_decode(*kind, body, longer + 1, &elements, &again), -1);
        longer = command_body_put_told_before(body, length, -1);
        ck_assert_int_eq(command_body_decode(*kind, body, longer, &elements, &again), -1);
    }
}
END_TEST

/* So does the item of suspense that was opened, before what was told. */
START_TEST(what_it_opened_is_kept_and_makes_no_difference)
{
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_command(*kind);
        uint8_t plain[COMMAND_BODY_BYTES_MAX], body[COMMAND_BODY_BYTES_MAX];
        char field[FIELD_PATH_BYTES_MAX];
        struct command_elements elements;
        struct command again;
        size_t length = command_body_encode(&command, plain);
        ck_assert_uint_eq(command_body_put_suspense(plain, length, 0), length);
        ck_assert_int_eq(command_body_suspense(*kind, plain, length), 0);
        memcpy(body, plain, length);
        size_t longer = command_body_put_suspense(body, length, INT64_C(1234567890123));
        ck_assert_int_eq(command_body_suspense(*kind, body, longer), INT64_C(1234567890123));
        ck_assert(!command_body_differs(*kind, body, longer, plain, length, field));
        size_t twice = command_body_put_suspense(body, longer, 1);
        ck_assert_int_eq(command_body_decode(*kind, body, twice, &elements, &again), -1);
        if (*kind == COMMAND_CONFIRM_PAYOUT) {
            size_t longest = command_body_put_told_before(body, longer, 7);
            ck_assert_int_eq(command_body_decode(*kind, body, longest, &elements, &again), 0);
            ck_assert(again.told_before == 7 && again.suspense_id == INT64_C(1234567890123));
        }
        longer = command_body_put_suspense(body, length, -1);
        ck_assert_int_eq(command_body_decode(*kind, body, longer, &elements, &again), -1);
    }
}
END_TEST

/* So do the payouts of a withdrawal by card; what is no such list is no body. */
START_TEST(payouts_by_card_are_kept_and_make_no_difference)
{
    struct card_part parts[CARDS_PER_MEMBER_MAX];
    for (int i = 0; i < CARDS_PER_MEMBER_MAX; i++)
        parts[i] = (struct card_part){INT64_MAX - i, 7 + i, i + 1};
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_command(*kind);
        uint8_t plain[COMMAND_BODY_BYTES_MAX], body[COMMAND_BODY_BYTES_MAX];
        char field[FIELD_PATH_BYTES_MAX];
        struct command_elements elements;
        struct command again;
        size_t length = command_body_encode(&command, plain);
        ck_assert_uint_eq(command_body_put_card_parts(plain, length, parts, 0), length);
        memcpy(body, plain, length);
        size_t longer = command_body_put_card_parts(body, length, parts, CARDS_PER_MEMBER_MAX);
        int result = command_body_decode(*kind, body, longer, &elements, &again);
        ck_assert_int_eq(result, *kind == COMMAND_WITHDRAW ? 0 : -1);
        if (*kind != COMMAND_WITHDRAW)
            continue;
        ck_assert_uint_eq(again.card_part_count, CARDS_PER_MEMBER_MAX);
        for (int i = 0; i < CARDS_PER_MEMBER_MAX; i++)
            ck_assert(again.card_parts[i].card_id == parts[i].card_id &&
                      again.card_parts[i].bound_sequence == parts[i].bound_sequence &&
                      again.card_parts[i].amount_minor == parts[i].amount_minor);
        ck_assert(!command_body_differs(*kind, body, longer, plain, length, field));
        for (size_t cut = length + 1; cut < longer; cut++)
            ck_assert_int_eq(command_body_decode(*kind, body, cut, &elements, &again), -1);
        body[length + 1] = CARDS_PER_MEMBER_MAX + 1;
        ck_assert_int_eq(command_body_decode(*kind, body, longer, &elements, &again), -1);
        longer =
            command_body_put_limit(body, command_body_put_card_parts(body, length, parts, 1), 7);
        ck_assert_int_eq(command_body_decode(*kind, body, longer, &elements, &again), -1);
    }
}
END_TEST

/* What a refusal was decided by stands behind the content and is no part of it. */
START_TEST(limit_is_kept_and_makes_no_difference)
{
    static const int64_t limits[] = {1, -1, 1234567, INT64_MAX, INT64_MIN};
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_command(*kind);
        uint8_t plain[COMMAND_BODY_BYTES_MAX];
        size_t length = command_body_encode(&command, plain);
        ck_assert_uint_eq(command_body_put_limit(plain, length, 0), length);
        ck_assert_int_eq(command_body_limit(*kind, plain, length), 0);
        for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
            uint8_t body[COMMAND_BODY_BYTES_MAX];
            char field[FIELD_PATH_BYTES_MAX];
            struct command_elements elements;
            struct command again;
            memcpy(body, plain, length);
            size_t longer = command_body_put_limit(body, length, limits[i]);
            ck_assert_uint_gt(longer, length);
            ck_assert_int_eq(command_body_limit(*kind, body, longer), limits[i]);
            ck_assert(!command_body_differs(*kind, body, longer, plain, length, field));
            ck_assert_int_eq(command_body_decode(*kind, body, longer, &elements, &again), 0);
            again.limit_minor = 0;
            again.key = command.key;
            again.ledger_id = command.ledger_id;
            expect_same_command(&command, &again);
            for (size_t cut = length + 1; cut < longer; cut++)
                ck_assert_int_eq(command_body_decode(*kind, body, cut, &elements, &again), -1);
            body[longer] = 0;
            ck_assert_int_eq(command_body_decode(*kind, body, longer + 1, &elements, &again), -1);
        }
    }
}
END_TEST

/* The limit of an account policy and what is left of it, which may be nothing. */
START_TEST(a_limit_of_a_policy_stands_before_what_is_left)
{
    for (int64_t left = -1; left <= 1; left++) {
        uint8_t body[COMMAND_BODY_BYTES_MAX], plain[COMMAND_BODY_BYTES_MAX];
        char field[FIELD_PATH_BYTES_MAX];
        struct command_elements elements;
        struct command command = sample_command(COMMAND_PAY);
        struct command again;
        size_t length = command_body_encode(&command, body);
        memcpy(plain, body, length);
        ck_assert_uint_eq(command_body_put_policy_limit(body, length, 0), length);
        size_t longer = command_body_put_policy_limit(body, length, 5000);
        longer = command_body_put_limit(body, longer, left);
        ck_assert_int_eq(command_body_policy_limit(COMMAND_PAY, body, longer), 5000);
        ck_assert_int_eq(command_body_limit(COMMAND_PAY, body, longer), left);
        ck_assert(!command_body_differs(COMMAND_PAY, body, longer, plain, length, field));
        /* Not below 0, and not with an item, nor twice. */
        size_t wrong = command_body_put_policy_limit(body, length, -5000);
        ck_assert_int_eq(command_body_decode(COMMAND_PAY, body, wrong, &elements, &again), -1);
        wrong = command_body_put_policy_limit(body, length, 5000);
        wrong = command_body_put_suspense(body, wrong, 1);
        ck_assert_int_eq(command_body_decode(COMMAND_PAY, body, wrong, &elements, &again), -1);
        wrong = command_body_put_policy_limit(body, length, 5000);
        wrong = command_body_put_policy_limit(body, wrong, 5000);
        ck_assert_int_eq(command_body_decode(COMMAND_PAY, body, wrong, &elements, &again), -1);
    }
}
END_TEST

START_TEST(longest_payment_fits)
{
    struct payee payees[PAYEES_PER_COMMAND_MAX];
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++)
        payees[i] = (struct payee){INT64_MAX - i, INT64_MIN + i};
    char text[REMARK_CHARACTERS_MAX * CHARACTER_BYTES_MAX];
    memset(text, 'x', sizeof text);
    struct command pay = sample_command(COMMAND_PAY);
    pay.pay = (struct pay){
        .payer_account_id = INT64_MIN,
        .payees = payees,
        .payee_count = PAYEES_PER_COMMAND_MAX,
        .fee_minor = INT64_MIN,
        .order_number = {text, ORDER_NUMBER_BYTES_MAX},
        .remark = {text, sizeof text},
    };
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    size_t length = command_body_encode(&pay, body);
    struct command_elements elements;
    struct command again;
    ck_assert_int_eq(command_body_decode(COMMAND_PAY, body, length, &elements, &again), 0);
    again.key = pay.key;
    again.ledger_id = pay.ledger_id;
    expect_same_command(&pay, &again);
    for (size_t cut = 0; cut < length; cut++) {
        /* A cut between two fields is a shorter body; every other one is refused. */
        if (command_body_decode(COMMAND_PAY, body, cut, &elements, &again) == 0)
            ck_assert_uint_eq(again.pay.payee_count, 0);
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
            if (table->fields[i].type != FIELD_LIST)
                continue;
            const struct field_table *inner = &table->fields[i].list->table;
            bool seen_inner[256] = {true};
            for (uint32_t row = 0; row < inner->count; row++) {
                ck_assert(!seen_inner[inner->fields[row].number]);
                seen_inner[inner->fields[row].number] = true;
            }
        }
    }
}
END_TEST

static void change_member(void *target, const struct field *field)
{
    unsigned char *member = (unsigned char *)target + field->offset;
    if (field->type == FIELD_LIST) {
        uint32_t count;
        unsigned char *at = (unsigned char *)target + field->list->count_offset;
        memcpy(&count, at, sizeof count);
        /* One element less, or the first of all, which is zero. */
        static const unsigned char zeros[64];
        const unsigned char *first = zeros;
        ck_assert_uint_le(field->list->element_size, sizeof zeros);
        if (count == 0)
            memcpy(member, &first, sizeof first);
        count = count == 0 ? 1 : count - 1;
        memcpy(at, &count, sizeof count);
    } else if (field->type == FIELD_TEXT) {
        /* Another command is one without fields. */
        bool is_command = field->rule == TEXT_COMMAND;
        struct text text = is_command ? (struct text){"\x02", 1} : text_of("~other~");
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
            if (command_has_proof((int)*kind))
                sample_fill_proof(&a);
            if (*kind == COMMAND_SET_TERMS)
                a.set_terms.named =
                    TERMS_NAMED_BEFORE | TERM_SUSPENSE_AGE | TERM_ONE_MEMBERSHIP | TERM_SAME_CARD;
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
                char name[FIELD_PATH_BYTES_MAX];
                EXPECT(command_body_differs(*kind, one, one_length, other, other_length, name));
                EXPECT_MSG(strcmp(name, table->fields[i].name) == 0, "kind %d: %s not %s",
                    (int)*kind, name, table->fields[i].name);
                EXPECT(command_body_differs(*kind, other, other_length, one, one_length, name));
                EXPECT(strcmp(name, table->fields[i].name) == 0);
            }
        }
    }
    arena_finish(&arena);
}
END_TEST

START_TEST(names_are_those_of_the_proto)
{
    static const struct {
        enum command_kind kind;
        const char *name;
        size_t a_length, b_length;
        uint8_t a[16], b[16];
    } cases[] = {
        {COMMAND_PAY, "fee_minor", 5, 5, {4, 18, 7, 200, 1}, {4, 18, 7, 202, 1}},
        {COMMAND_WITHDRAW, "destination.account_number", 3, 3, {130, 1, '1'}, {130, 1, '2'}},
        {COMMAND_PAY, "payees", 7, 10, {4, 18, 10, 1, 2, 1, 2}, {4, 18, 10, 2, 2, 1, 2, 2, 1, 2}},
        {COMMAND_PAY, "payees", 2, 7, {4, 18}, {4, 18, 10, 1, 2, 1, 2}},
        {COMMAND_PAY, "payees[0].account_id", 5, 5, {10, 1, 2, 1, 2}, {10, 1, 2, 1, 4}},
        {COMMAND_PAY, "payees[0].account_id", 5, 5, {10, 1, 2, 1, 2}, {10, 1, 2, 2, 2}},
        {COMMAND_PAY, "payees[1].amount_minor", 10, 10, {10, 2, 2, 1, 2, 4, 1, 4, 2, 2},
            {10, 2, 2, 1, 2, 4, 1, 4, 2, 4}},
        {COMMAND_PAY, "payees[1].amount_minor", 10, 8, {10, 2, 2, 1, 2, 4, 1, 4, 2, 2},
            {10, 2, 2, 1, 2, 2, 1, 4}},
        {COMMAND_PAY, "", 2, 3, {4, 18}, {200, 1, 1}},
        {COMMAND_PAY, "", 3, 2, {200, 1, 1}, {4, 18}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t a_length = cases[i].a_length;
        size_t b_length = cases[i].b_length;
        char name[FIELD_PATH_BYTES_MAX] = "untouched";
        ck_assert(
            command_body_differs(cases[i].kind, cases[i].a, a_length, cases[i].b, b_length, name));
        ck_assert_str_eq(name, cases[i].name);
        ck_assert(
            command_body_differs(cases[i].kind, cases[i].b, b_length, cases[i].a, a_length, name));
        ck_assert_str_eq(name, cases[i].name);
    }
}
END_TEST

/* Each field of each element, and the count, by its path. */
START_TEST(difference_names_the_element)
{
    struct payee before[PAYEES_PER_COMMAND_MAX];
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++)
        before[i] = (struct payee){i + 1, 7};
    struct command pay = sample_command(COMMAND_PAY);
    pay.pay.payees = before;
    pay.pay.payee_count = PAYEES_PER_COMMAND_MAX;
    uint8_t one[COMMAND_BODY_BYTES_MAX];
    uint8_t other[COMMAND_BODY_BYTES_MAX];
    char name[FIELD_PATH_BYTES_MAX];
    char path[FIELD_PATH_BYTES_MAX];
    size_t one_length = command_body_encode(&pay, one);
    for (int i = 0; i < PAYEES_PER_COMMAND_MAX; i++) {
        for (int member = 0; member < 2; member++) {
            struct payee after[PAYEES_PER_COMMAND_MAX];
            memcpy(after, before, sizeof after);
            if (member == 0)
                after[i].account_id += 1000;
            else
                after[i].amount_minor += 1000;
            pay.pay.payees = after;
            size_t other_length = command_body_encode(&pay, other);
            ck_assert(
                command_body_differs(COMMAND_PAY, one, one_length, other, other_length, name));
            snprintf(
                path, sizeof path, "payees[%d].%s", i, member == 0 ? "account_id" : "amount_minor");
            ck_assert_str_eq(name, path);
        }
    }
    pay.pay.payees = before;
    pay.pay.payee_count--;
    size_t other_length = command_body_encode(&pay, other);
    ck_assert(command_body_differs(COMMAND_PAY, one, one_length, other, other_length, name));
    ck_assert_str_eq(name, "payees");
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
    {"fields out of order", COMMAND_PAY, 4, {7, 2, 4, 2}},
    {"a field that there was once", COMMAND_PAY, 2, {5, 2}},
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
    {"a list without elements", COMMAND_PAY, 2, {10, 0}},
    {"a list without its count", COMMAND_PAY, 1, {10}},
    {"a list that ends early", COMMAND_PAY, 5, {10, 2, 2, 1, 2}},
    {"a list of 101", COMMAND_PAY, 4, {10, 101, 0, 0}},
    {"a list of 2^64 - 1", COMMAND_PAY, 13,
        {10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0}},
    {"a list twice", COMMAND_PAY, 6, {10, 1, 0, 10, 1, 0}},
    {"a list's count longer than needed", COMMAND_PAY, 4, {10, 129, 0, 0}},
    {"an element longer than what is left", COMMAND_PAY, 5, {10, 1, 3, 1, 2}},
    {"an element of 2^64 - 1", COMMAND_PAY, 14,
        {10, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1, 2}},
    {"an element's length longer than needed", COMMAND_PAY, 6, {10, 1, 130, 0, 1, 2}},
    {"an element's field out of order", COMMAND_PAY, 7, {10, 1, 4, 2, 2, 1, 2}},
    {"an element's field twice", COMMAND_PAY, 7, {10, 1, 4, 1, 2, 1, 2}},
    {"an element's field that it does not have", COMMAND_PAY, 5, {10, 1, 2, 3, 2}},
    {"an element's zero that is written out", COMMAND_PAY, 5, {10, 1, 2, 1, 0}},
    {"an element's number that leaves it", COMMAND_PAY, 6, {10, 1, 2, 1, 130, 1}},
    {"more behind the last element", COMMAND_PAY, 7, {10, 1, 2, 1, 2, 1, 2}},
    {"a boolean of two", COMMAND_RESTRICT_ACCOUNT, 2, {5, 4}},
    {"a boolean of minus one", COMMAND_RESTRICT_ACCOUNT, 2, {5, 1}},
    {"an enum beyond 32 bits", COMMAND_OPEN_MEMBER, 7, {4, 128, 128, 128, 128, 128, 1}},
    {"anything at all in a kind without fields", COMMAND_CLOSE_LEDGER, 2, {4, 2}},
    {"a kind that there is not", (enum command_kind)6, 2, {4, 2}},
};

START_TEST(hostile_bodies_are_refused)
{
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct command command;
        memset(&command, 0x5a, sizeof command);
        struct command before = command;
        struct command_elements elements;
        int result = command_body_decode(
            hostile[i].kind, hostile[i].body, hostile[i].length, &elements, &command);
        ck_assert_msg(result == -1, "taken: %s", hostile[i].what);
        ck_assert_mem_eq(&command, &before, sizeof command);
    }
    uint8_t large[COMMAND_BODY_BYTES_MAX + 1] = {0};
    struct command_elements elements;
    struct command command;
    ck_assert_int_eq(
        command_body_decode(COMMAND_PAY, large, sizeof large, &elements, &command), -1);
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
    for (int round = 0; round < 500; round++) {
        for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
            arena_reset(&arena);
            struct command command = sample_random_command(*kind, &random, &arena);
            uint8_t body[COMMAND_BODY_BYTES_MAX];
            size_t length = command_body_encode(&command, body);
            if (length == 0)
                continue;
            body[random_below(&random, length)] = (uint8_t)random_u64(&random);
            struct command_elements elements;
            struct command again;
            if (command_body_decode(*kind, body, length, &elements, &again) < 0)
                continue;
            decoded++;
            uint8_t other[COMMAND_BODY_BYTES_MAX];
            size_t content = command_body_encode(&again, other);
            content = command_body_put_card_parts(
                other, content, again.card_parts, again.card_part_count);
            content = command_body_put_check_amount(other, content, again.check_amount_minor);
            content = command_body_put_policy_limit(other, content, again.policy_limit_minor);
            content = command_body_put_suspense(other, content, again.suspense_id);
            content = command_body_put_told_before(other, content, again.told_before);
            EXPECT(command_body_put_limit(other, content, again.limit_minor) == length);
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
    ck_assert_str_eq(command_kind_name(COMMAND_SET_TERMS), "set_terms");
    ck_assert_str_eq(command_kind_name(COMMAND_WITHDRAW_ADJUSTMENT), "withdraw_adjustment");
    static const int unknown[] = {-1, 0, 7, 9, 43, 53, 64, COMMAND_KIND_MAX + 1, INT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        ck_assert_ptr_null(command_kind_name(unknown[i]));
}
END_TEST

/* The same request of whoever it is: other bytes, and no other content. */
START_TEST(a_caller_is_no_content)
{
    static const int64_t callers[] = {FIRST_ADMINISTRATOR_ID, 1, 63, 64, 4096, INT64_MAX};
    for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
        struct command command = sample_command(*kind);
        uint8_t plain[COMMAND_BODY_BYTES_MAX];
        size_t plain_length = command_body_encode(&command, plain);
        for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
            uint8_t body[COMMAND_BODY_BYTES_MAX];
            struct command_elements elements;
            struct command back;
            char field[FIELD_PATH_BYTES_MAX];
            command.caller_id = callers[i];
            size_t length = command_body_encode(&command, body);
            ck_assert_uint_gt(length, plain_length + 1);
            ck_assert_uint_eq(body[0], 252);
            ck_assert_mem_eq(body + length - plain_length, plain, plain_length);
            ck_assert_int_eq(command_body_decode(*kind, body, length, &elements, &back), 0);
            ck_assert_int_eq(back.caller_id, callers[i]);
            ck_assert(!command_body_differs(*kind, body, length, plain, plain_length, field));
            body[length - 1] ^= 0x80; /* cut behind, or another content that cannot be read */
            ck_assert(plain_length == 0 ||
                      command_body_differs(*kind, body, length, plain, plain_length, field));
        }
    }
}
END_TEST

/* Nobody, less than nobody, and two of them are no body. */
START_TEST(what_is_no_caller)
{
    static const uint8_t none[] = {252, 0}, less[] = {252, 3}, cut[] = {252}, open[] = {252, 0x80};
    static const uint8_t twice[] = {252, 2, 252, 2}, behind[] = {4, 2, 252, 2};
    static const struct {
        const uint8_t *body;
        size_t length;
    } bodies[] = {{none, 2}, {less, 2}, {cut, 1}, {open, 2}, {twice, 4}, {behind, 4}};
    struct command_elements elements;
    struct command command;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        EXPECT_MSG(command_body_decode(COMMAND_CLOSE_MEMBER, bodies[i].body, bodies[i].length,
                       &elements, &command) == -1,
            "body %zu", i);
}
END_TEST

Suite *body_suite(void)
{
    Suite *suite = suite_create("body");
    TCase *tcase = tcase_create("body");
    tcase_add_test(tcase, bytes_are_as_they_always_were);
    tcase_add_test(tcase, key_ledger_and_dry_run_are_not_in_it);
    tcase_add_test(tcase, largest_bodies_fit);
    tcase_add_test(tcase, limit_is_kept_and_makes_no_difference);
    tcase_add_test(tcase, what_was_told_before_is_kept_and_makes_no_difference);
    tcase_add_test(tcase, what_it_opened_is_kept_and_makes_no_difference);
    tcase_add_test(tcase, a_limit_of_a_policy_stands_before_what_is_left);
    tcase_add_test(tcase, payouts_by_card_are_kept_and_make_no_difference);
    tcase_add_test(tcase, longest_payment_fits);
    tcase_add_test(tcase, field_numbers_are_unique);
    tcase_add_test(tcase, difference_names_the_first_field_that_differs);
    tcase_add_test(tcase, names_are_those_of_the_proto);
    tcase_add_test(tcase, difference_names_the_element);
    tcase_add_test(tcase, hostile_bodies_are_refused);
    tcase_add_test(tcase, what_decodes_is_canonical);
    tcase_add_test(tcase, kinds_have_the_names_of_the_batch);
    tcase_add_test(tcase, a_caller_is_no_content);
    tcase_add_test(tcase, what_is_no_caller);
    suite_add_tcase(suite, tcase);
    return suite;
}
