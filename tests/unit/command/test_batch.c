/* test_batch.c: SubmitBatch requests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "ceilings.h"
#include "command/body.h"
#include "command/decode.h"
#include "command/message.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"
#include "vsl/v1/funds.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct arena arena;     /* what the module decodes into */
static struct arena workspace; /* what the tests build their requests in */

static void set_up(void)
{
    sample_arena_init(&arena);
    sample_arena_init(&workspace);
}

static void tear_down(void)
{
    arena_finish(&arena);
    arena_finish(&workspace);
}

static Vsl__V1__SubmitBatchRequest new_batch(uint32_t count)
{
    Vsl__V1__SubmitBatchRequest batch = VSL__V1__SUBMIT_BATCH_REQUEST__INIT;
    batch.n_items = count;
    batch.items = arena_try_alloc(&workspace, count * sizeof *batch.items + 1);
    ck_assert_ptr_nonnull(batch.items);
    for (uint32_t i = 0; i < count; i++) {
        batch.items[i] = arena_try_alloc(&workspace, sizeof **batch.items);
        ck_assert_ptr_nonnull(batch.items[i]);
        vsl__v1__batch_item__init(batch.items[i]);
    }
    return batch;
}

static ProtobufCMessage *set_item(
    Vsl__V1__SubmitBatchRequest *batch, uint32_t number, const struct command *command)
{
    ProtobufCMessage *message = command_to_message(command, &workspace);
    ck_assert_ptr_nonnull(message);
    batch->items[number]->command_case = (Vsl__V1__BatchItem__CommandCase)command->kind;
    batch->items[number]->pay = (Vsl__V1__PayRequest *)message;
    return message;
}

static struct command numbered_pay(uint32_t number)
{
    struct command command = sample_command(COMMAND_PAY);
    command.key.serial_length =
        (uint8_t)snprintf(command.key.serial, sizeof command.key.serial, "S%011u", number);
    command.pay.order_number = text_of("ORDER-2026-000123");
    struct payee *payee = arena_try_alloc(&workspace, sizeof *payee);
    ck_assert_ptr_nonnull(payee);
    *payee = (struct payee){.account_id = 1000 + number, .amount_minor = 100};
    command.pay.payees = payee;
    return command;
}

static Vsl__V1__SubmitBatchRequest pays(uint32_t count)
{
    Vsl__V1__SubmitBatchRequest batch = new_batch(count);
    for (uint32_t i = 0; i < count; i++) {
        struct command command = numbered_pay(i);
        set_item(&batch, i, &command);
    }
    return batch;
}

static void expect_same_commands(const struct command_batch *one, const struct command_batch *other)
{
    ck_assert_uint_eq(one->count, other->count);
    ck_assert(one->atomic == other->atomic && one->dry_run == other->dry_run);
    for (uint32_t i = 0; i < one->count; i++) {
        const struct command *a = &one->commands[i];
        const struct command *b = &other->commands[i];
        uint8_t a_body[COMMAND_BODY_BYTES_MAX], b_body[COMMAND_BODY_BYTES_MAX];
        ck_assert(a->kind == b->kind && a->ledger_id == b->ledger_id);
        ck_assert(a->dry_run == b->dry_run && a->is_atomic == b->is_atomic);
        ck_assert(request_key_equals(&a->key, &b->key));
        size_t length = command_body_encode(a, a_body);
        ck_assert_uint_eq(length, command_body_encode(b, b_body));
        ck_assert_mem_eq(a_body, b_body, length);
    }
}

/* What comes of the bytes in parts of that size; `ret_parts`: how many there were. */
static int decode_in_parts(const struct buffer *bytes, size_t part_bytes, struct arena *into,
    struct command_batch *ret_batch, struct decode_error *ret_error, uint32_t *ret_parts)
{
    struct batch_decoding *decoding = batch_decoding_create(bytes->bytes, bytes->length, into);
    enum decode_progress progress = DECODE_GOES_ON;
    for (*ret_parts = 0; progress == DECODE_GOES_ON; ++*ret_parts)
        progress = batch_decode_on(decoding, part_bytes, ret_batch, ret_error);
    batch_decoding_destroy(decoding);
    return progress;
}

/* Whatever the parts, they say what the whole does. */
static void expect_the_same_in_parts(const struct buffer *bytes, int result,
    const struct command_batch *batch, const struct decode_error *error)
{
    const size_t sizes[] = {1, 7, 300, bytes->length / 3 + 1, bytes->length + 1};
    for (size_t i = bytes->length > 5000 ? 2 : 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct arena parts_arena;
        struct command_batch parts;
        struct decode_error parts_error = {0};
        uint32_t count;
        sample_arena_init(&parts_arena);
        ck_assert_int_eq(
            decode_in_parts(bytes, sizes[i], &parts_arena, &parts, &parts_error, &count), result);
        ck_assert_uint_le(count, 2 * (bytes->length / sizes[i] + 1) + 2);
        if (result == 0) {
            expect_same_commands(batch, &parts);
            ck_assert(sizes[i] >= bytes->length / 4 || count > 4);
        } else {
            ck_assert_uint_eq(parts_error.count, error->count);
            ck_assert_str_eq(parts_error.field, error->field);
            ck_assert_str_eq(parts_error.description, error->description);
            ck_assert_str_eq(parts_error.description_zh, error->description_zh);
            for (uint32_t more = 0; more + 1 < error->count; more++) {
                ck_assert_str_eq(parts_error.more[more].field, error->more[more].field);
                ck_assert_str_eq(parts_error.more[more].description, error->more[more].description);
            }
        }
        arena_finish(&parts_arena);
    }
}

static int decode(const Vsl__V1__SubmitBatchRequest *request, struct command_batch *ret_batch,
    struct decode_error *ret_error)
{
    struct buffer bytes = sample_pack(&request->base);
    memset(ret_error, 0x5a, sizeof *ret_error);
    int result = command_decode_batch(bytes.bytes, bytes.length, &arena, ret_batch, ret_error);
    expect_the_same_in_parts(&bytes, result, ret_batch, ret_error);
    buffer_finish(&bytes);
    return result;
}

START_TEST(takes_every_kind)
{
    struct random random;
    random_start(&random, "takes_every_kind");
    for (int round = 0; round < 100; round++) {
        arena_reset(&arena);
        arena_reset(&workspace);
        struct command commands[COMMAND_KIND_MAX];
        uint32_t count = 0;
        for (const enum command_kind *kind = sample_kinds; *kind; kind++) {
            if (*kind == COMMAND_REVEAL || command_is_a_try((int)*kind))
                continue;
            commands[count] = sample_random_command(*kind, &random, &workspace);
            commands[count].dry_run = false;
            count++;
        }
        Vsl__V1__SubmitBatchRequest request = new_batch(count);
        for (uint32_t i = 0; i < count; i++)
            set_item(&request, i, &commands[i]);
        request.atomic = random_percent(&random, 50);
        request.dry_run = random_percent(&random, 50);
        struct command_batch batch;
        struct decode_error error;
        int result = decode(&request, &batch, &error);
        /* Random one-letter keys can be the same. */
        if (result < 0) {
            EXPECT_MSG(strstr(error.field, ".key"), "%s %s", error.field, error.description);
            continue;
        }
        EXPECT(batch.count == count);
        EXPECT(batch.atomic == (request.atomic != 0));
        EXPECT(batch.dry_run == (request.dry_run != 0));
        for (uint32_t i = 0; i < count; i++) {
            commands[i].dry_run = batch.dry_run;
            expect_same_command(&commands[i], &batch.commands[i]);
        }
    }
}
END_TEST

START_TEST(number_of_items_is_bounded)
{
    struct command_batch batch;
    struct decode_error error;
    Vsl__V1__SubmitBatchRequest request = pays(0);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items");

    request = pays(1);
    ck_assert_int_eq(decode(&request, &batch, &error), 0);
    ck_assert_uint_eq(batch.count, 1);

    request = pays(8000);
    ck_assert_int_eq(decode(&request, &batch, &error), 0);
    ck_assert_uint_eq(batch.count, 8000);
    ck_assert_int_eq(batch.commands[7999].pay.payees[0].account_id, 8999);

    request = pays(8001);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[8000]");
    ck_assert_ptr_nonnull(strstr(error.description, "8000"));
}
END_TEST

START_TEST(errors_name_the_item)
{
    struct command_batch batch;
    struct decode_error error;
    Vsl__V1__SubmitBatchRequest request = pays(20);
    sample_set_number(&request.items[17]->pay->base, "payees[0].amount_minor", -5);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[17].pay.payees[0].amount_minor");
    ck_assert_ptr_nonnull(strstr(error.description, "-5"));

    request = pays(20);
    sample_set_text(&request.items[17]->pay->base, "key.serial", "a b");
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[17].pay.key.serial");

    request = pays(20);
    sample_set_text(&request.items[17]->pay->base, "remark", "\xff");
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[17].pay.remark");

    request = pays(20);
    struct command withdraw = sample_command(COMMAND_WITHDRAW);
    sample_set_text(set_item(&request, 3, &withdraw), "destination.account_number", "");
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[3].withdraw.destination.account_number");

    request = pays(20);
    sample_set_text(&request.items[17]->pay->base, "key.channel", "vsl");
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[17].pay.key.channel");

    request = pays(20);
    struct command rule = sample_command(COMMAND_SET_FEE_RULE);
    sample_set_number(set_item(&request, 4, &rule), "tiers[0].from_minor", 1);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[4].set_fee_rule.tiers[0].from_minor");

    request = pays(20);
    struct command adjustment = sample_command(COMMAND_WITHDRAW_ADJUSTMENT);
    sample_set_number(set_item(&request, 5, &adjustment), "adjustment_id", 0);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[5].withdraw_adjustment.adjustment_id");

    request = pays(20);
    request.items[19]->command_case = VSL__V1__BATCH_ITEM__COMMAND__NOT_SET;
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[19]");
}
END_TEST

static struct command pay_to(uint32_t number, uint32_t count)
{
    struct command command = numbered_pay(number);
    struct payee *payees = arena_try_alloc(&workspace, count * sizeof *payees);
    ck_assert_ptr_nonnull(payees);
    for (uint32_t i = 0; i < count; i++)
        payees[i] = (struct payee){i + 1, 1};
    command.pay.order_number = (struct text){0};
    command.pay.payees = payees;
    command.pay.payee_count = count;
    return command;
}

/* A list's limit is for each item, not for the batch, nor is the batch's that of the list. */
START_TEST(each_item_has_its_own_payees)
{
    struct command_batch batch;
    struct decode_error error;
    Vsl__V1__SubmitBatchRequest request = new_batch(200);
    for (uint32_t i = 0; i < 200; i++) {
        struct command pay = pay_to(i, i % 100 + 1);
        set_item(&request, i, &pay);
    }
    ck_assert_int_eq(decode(&request, &batch, &error), 0);
    for (uint32_t i = 0; i < 200; i++) {
        ck_assert_uint_eq(batch.commands[i].pay.payee_count, i % 100 + 1);
        ck_assert_int_eq(batch.commands[i].pay.payees[i % 100].account_id, i % 100 + 1);
    }
    struct command pay = pay_to(150, 101);
    set_item(&request, 150, &pay);
    arena_reset(&arena);
    size_t before = arena.total;
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[150].pay.payees[100]");
    ck_assert_ptr_nonnull(strstr(error.description, "at most 100 "));
    ck_assert_uint_eq(arena.total, before); /* refused before anything was unpacked */
    pay = pay_to(150, 100);
    pay.pay.payee_count = 0;
    set_item(&request, 150, &pay);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[150].pay.payees");
}
END_TEST

START_TEST(two_commands_in_one_item_are_refused)
{
    /* items: {pay {}, charge_fee {}} and {pay {}, pay {}} */
    static const uint8_t two[] = {0x0a, 6, 0xc2, 0x02, 0, 0x82, 0x02, 0};
    static const uint8_t same[] = {0x0a, 6, 0xc2, 0x02, 0, 0xc2, 0x02, 0};
    struct command_batch batch;
    struct decode_error error;
    ck_assert_int_eq(command_decode_batch(two, sizeof two, &arena, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[0].charge_fee");
    ck_assert_int_eq(command_decode_batch(same, sizeof same, &arena, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[0].pay");
}
END_TEST

START_TEST(one_key_twice_names_both_items)
{
    struct command_batch batch;
    struct decode_error error;
    Vsl__V1__SubmitBatchRequest request = pays(100);
    struct command fee = sample_command(COMMAND_CHARGE_FEE);
    struct command twelfth = numbered_pay(12);
    fee.key = twelfth.key;
    set_item(&request, 90, &fee);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[90].charge_fee.key");
    ck_assert_ptr_nonnull(strstr(error.description, "items[12]"));
    ck_assert_ptr_nonnull(strstr(error.description, "items[90]"));

    /* Another channel or another day is another key. */
    fee.key.business_date++;
    set_item(&request, 90, &fee);
    ck_assert_int_eq(decode(&request, &batch, &error), 0);
    fee.key.business_date--;
    fee.key.channel[0] = 'F';
    set_item(&request, 90, &fee);
    ck_assert_int_eq(decode(&request, &batch, &error), 0);

    /* At the largest number of items too, first and last. */
    request = pays(8000);
    struct command first = numbered_pay(0);
    set_item(&request, 7999, &first);
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[7999].pay.key");
    ck_assert_ptr_nonnull(strstr(error.description, "items[0]"));
}
END_TEST

START_TEST(dry_run_is_the_batches)
{
    struct command_batch batch;
    struct decode_error error;
    Vsl__V1__SubmitBatchRequest request = pays(3);
    request.items[1]->pay->dry_run = 1;
    ck_assert_int_eq(decode(&request, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[1].pay.dry_run");
    request.dry_run = 1;
    ck_assert_int_eq(decode(&request, &batch, &error), 0);
    ck_assert(batch.dry_run);
    for (uint32_t i = 0; i < batch.count; i++)
        ck_assert(batch.commands[i].dry_run);
}
END_TEST

/* As much as fits into the largest message, and the most memory that it can ask for. */
START_TEST(hostile_sizes_stay_within_the_arena)
{
    struct command_batch batch;
    struct decode_error error;
    size_t size = 4 * 1024 * 1024;
    uint8_t *bytes = malloc(size);
    ck_assert_ptr_nonnull(bytes);

    /* Two million empty items. */
    for (size_t i = 0; i < size; i += 2) {
        bytes[i] = 0x0a;
        bytes[i + 1] = 0;
    }
    ck_assert_int_eq(command_decode_batch(bytes, size, &arena, &batch, &error), -1);
    ck_assert_str_eq(error.field, "items[8000]");
    ck_assert_uint_eq(arena.total, 0); /* refused before anything was unpacked */
    free(bytes);

    /* 8,000 withdrawals with every text at its limit are more than 4 MiB; as many as fit decode. */
    struct random random;
    random_init(&random, 1);
    Vsl__V1__SubmitBatchRequest request = new_batch(5000);
    struct command withdraw = sample_random_command(COMMAND_WITHDRAW, &random, &workspace);
    char remark[256];
    memset(remark, 'r', sizeof remark);
    withdraw.withdraw.remark = (struct text){.bytes = remark, .length = 256};
    withdraw.dry_run = false;
    for (uint32_t i = 0; i < 5000; i++) {
        withdraw.key = numbered_pay(i).key;
        set_item(&request, i, &withdraw);
    }
    ck_assert_int_eq(decode(&request, &batch, &error), 0);
    fprintf(stderr, "arena for 5000 wide withdrawals: %zu bytes\n", arena.total);
    ck_assert_uint_lt(arena.total, DECODE_ARENA_BYTES_MAX / 2);

    /* As many payees as fit into a message, each in the fewest bytes. */
    uint32_t count = 6000;
    request = new_batch(count);
    for (uint32_t i = 0; i < count; i++) {
        struct command pay = pay_to(i, 100);
        pay.key.channel_length = 1;
        arena_reset(&arena);
        set_item(&request, i, &pay);
    }
    struct buffer packed = sample_pack(&request.base);
    ck_assert_uint_gt(packed.length, size - size / 10);
    ck_assert_int_eq(command_decode_batch(packed.bytes, packed.length, &arena, &batch, &error), 0);
    fprintf(
        stderr, "arena for 600,000 payees in %zu bytes: %zu bytes\n", packed.length, arena.total);
    ck_assert_uint_lt(arena.total, DECODE_ARENA_BYTES_MAX - DECODE_ARENA_BYTES_MAX / 8);
    buffer_finish(&packed);
}
END_TEST

/* How long the bulk path takes, for people to read; machines differ too much to assert. */
START_TEST(print_speed)
{
    struct command_batch batch;
    struct decode_error error;
    Vsl__V1__SubmitBatchRequest request = pays(500);
    struct buffer bytes = sample_pack(&request.base);
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct timespec start;
    struct timespec end;
    const int rounds = 200;
    int64_t decode_ns = 0;
    int64_t body_ns = 0;
    for (int round = 0; round < rounds; round++) {
        arena_reset(&arena);
        clock_gettime(CLOCK_MONOTONIC, &start);
        int result = command_decode_batch(bytes.bytes, bytes.length, &arena, &batch, &error);
        clock_gettime(CLOCK_MONOTONIC, &end);
        EXPECT(result == 0);
        decode_ns += (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (uint32_t i = 0; i < batch.count; i++)
            EXPECT(command_body_encode(&batch.commands[i], body) > 0);
        clock_gettime(CLOCK_MONOTONIC, &end);
        body_ns += (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
    }
    fprintf(stderr,
        "SubmitBatch of 500 pays, %zu bytes an item: decode %ld ns, body %ld ns an item\n",
        bytes.length / 500, (long)(decode_ns / rounds / 500), (long)(body_ns / rounds / 500));
    buffer_finish(&bytes);
}
END_TEST

Suite *batch_suite(void)
{
    Suite *suite = suite_create("batch");
    TCase *tcase = tcase_create("batch");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, takes_every_kind);
    tcase_add_test(tcase, number_of_items_is_bounded);
    tcase_add_test(tcase, errors_name_the_item);
    tcase_add_test(tcase, each_item_has_its_own_payees);
    tcase_add_test(tcase, two_commands_in_one_item_are_refused);
    tcase_add_test(tcase, one_key_twice_names_both_items);
    tcase_add_test(tcase, dry_run_is_the_batches);
    tcase_add_test(tcase, hostile_sizes_stay_within_the_arena);
    tcase_add_test(tcase, print_speed);
    suite_add_tcase(suite, tcase);
    return suite;
}
