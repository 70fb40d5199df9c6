/* test_sealing.c: personal fields are sealed by their rows, compare whichever key it was, and are
 * shown masked, or with a word why not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/sealing.h"

#include "command/body.h"
#include "suites.h"
#include "support/expect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE(number, algorithm, status)                                                            \
#number " seal " algorithm " " status                                                          \
            " 2026-11-29T00:00:00Z 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e" \
            "1f\n"

static struct arena arena;

static struct sealer *make(const char *lines)
{
    char path[] = "/tmp/vsl-unit-sealing-XXXXXX";
    char error[512];
    int file = mkstemp(path);
    EXPECT(file >= 0 && write(file, lines, strlen(lines)) == (ssize_t)strlen(lines));
    close(file);
    struct key_ring *ring = key_ring_open(path, NULL, error, sizeof error);
    unlink(path);
    EXPECT(ring != NULL);
    struct sealer *sealer = sealer_create(ring, error, sizeof error);
    EXPECT(sealer != NULL);
    key_ring_close(ring);
    return sealer;
}

static void begin(void)
{
    arena_init(&arena, 65536, 1048576);
}

static struct command receipt(const char *name, const char *number)
{
    return (struct command){.kind = COMMAND_BOOK_RECEIPT,
        .ledger_id = 7,
        .book_receipt = {.account_id = 9,
            .amount_minor = 1,
            .payer = {text_of(name), text_of(number), text_of("ICBKCNBJ")},
            .remark = text_of("remark")}};
}

START_TEST(personal_fields_only_are_sealed)
{
    begin();
    struct sealer *sealer = make(LINE(3, "aes-256-siv", "active"));
    struct command command = receipt("Ada", "6222021001112345");
    EXPECT(command_seal(&command, (struct text){0}, sealer, &arena) == 0);
    const struct party *payer = &command.book_receipt.payer;
    EXPECT(sealed_key(payer->name) == 3 && sealed_key(payer->account_number) == 3);
    EXPECT(text_equals(payer->bank_code, text_of("ICBKCNBJ")));
    EXPECT(text_equals(command.book_receipt.remark, text_of("remark")));
    EXPECT(command_show(&command, 7, sealer, &arena) == 0);
    EXPECT(text_equals(payer->name, text_of("**a")));
    EXPECT(text_equals(payer->account_number, text_of("622202******2345")));
    sealer_destroy(sealer);
    arena_finish(&arena);
}
END_TEST

START_TEST(without_a_key_they_stay)
{
    begin();
    struct command command = receipt("Ada", "6222021001112345");
    EXPECT(command_seal(&command, (struct text){0}, NULL, &arena) == 0);
    EXPECT(text_equals(command.book_receipt.payer.name, text_of("Ada")));
    struct sealer *retired = make(LINE(3, "aes-256-siv", "retired"));
    EXPECT(command_seal(&command, (struct text){0}, retired, &arena) == 0);
    EXPECT(text_equals(command.book_receipt.payer.name, text_of("Ada")));
    sealer_destroy(retired);
    arena_finish(&arena);
}
END_TEST

/* A payer may write his own card number where a receiving number belongs. */
START_TEST(what_is_no_receiving_number_is_sealed)
{
    static const struct {
        const char *text, *shown;
        bool is_sealed;
    } rows[] = {
        {"10000000000095", "10000000000095", false},
        {"1000-0000 000095", "1000-0000 000095", false},
        {"１０００0000000095", "１０００0000000095", false},
        {"10000000000096", "1000******0096", true}, /* another last digit */
        {"20000000000098", "2000******0098", true}, /* another ledger's */
        {"6222021001112345678", "622202*********5678", true},
        {"张三 6222021001112345678", "** *******************", true},
        {"", "", false},
    };
    begin();
    struct sealer *sealer = make(LINE(3, "aes-256-siv", "active"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct command command = receipt("Ada", "6222021001112345");
        struct text *written = &command.book_receipt.receiving_number;
        *written = text_of(rows[i].text);
        EXPECT(command_seal(&command, text_of("1000"), sealer, &arena) == 0);
        EXPECT_MSG(sealed_key(*written) == (rows[i].is_sealed ? 3 : 0), "%zu", i);
        EXPECT(command_show(&command, 7, sealer, &arena) == 0);
        EXPECT_MSG(text_equals(*written, text_of(rows[i].shown)), "%zu: %.*s", i,
            (int)written->length, written->bytes);
    }
    /* Of no ledger it is nobody's number. */
    struct command command = receipt("Ada", "6222021001112345");
    command.book_receipt.receiving_number = text_of(rows[0].text);
    EXPECT(command_seal(&command, (struct text){0}, sealer, &arena) == 0);
    EXPECT(sealed_key(command.book_receipt.receiving_number) == 3);
    sealer_destroy(sealer);
    arena_finish(&arena);
}
END_TEST

/* The name of a ledger that opens is sealed before the ledger has a number. */
START_TEST(an_opened_ledgers_names_are_of_no_ledger)
{
    begin();
    struct sealer *sealer = make(LINE(3, "sm4-siv", "active"));
    struct command command = {.kind = COMMAND_OPEN_LEDGER,
        .open_ledger = {.platform_name = text_of("Shop"),
            .escrow_account_number = text_of("1001190029213456789")}};
    EXPECT(command_seal(&command, (struct text){0}, sealer, &arena) == 0);
    EXPECT(command_show(&command, 12, sealer, &arena) == 0);
    EXPECT(text_equals(command.open_ledger.platform_name, text_of("***p")));
    EXPECT(personal_ledger(COMMAND_OPEN_LEDGER, 12) == 0 && personal_ledger(COMMAND_PAY, 12) == 12);
    sealer_destroy(sealer);
    arena_finish(&arena);
}
END_TEST

/* A request that comes again: recorded under an older key, under another algorithm, in clear. */
START_TEST(what_is_the_same_takes_the_recorded_seal)
{
    static const char both[] = LINE(3, "aes-256-siv", "active") LINE(4, "sm4-siv", "active");
    static const char *const recorded_by[] = {LINE(3, "aes-256-siv", "active"),
        LINE(4, "sm4-siv", "active"), LINE(9, "sm4-siv", "retired")};
    for (int i = 0; i < 3; i++) {
        begin();
        struct sealer *old = make(recorded_by[i]);
        struct sealer *sealer = make(both);
        struct command first = receipt("Ada", "6222021001112345");
        struct command again = receipt("Ada", "6222021001112345");
        struct command other = receipt("Ida", "6222021001112345");
        EXPECT(command_seal(&first, (struct text){0}, old, &arena) == 0);
        EXPECT(command_seal(&again, (struct text){0}, sealer, &arena) == 0);
        EXPECT(command_seal(&other, (struct text){0}, sealer, &arena) == 0);
        struct text own = other.book_receipt.payer.name;
        command_take_seals(&again, &first, 7, sealer, &arena);
        command_take_seals(&other, &first, 7, sealer, &arena);
        EXPECT(text_equals(again.book_receipt.payer.name, first.book_receipt.payer.name));
        EXPECT(text_equals(
            again.book_receipt.payer.account_number, first.book_receipt.payer.account_number));
        EXPECT(text_equals(other.book_receipt.payer.name, own));
        sealer_destroy(old);
        sealer_destroy(sealer);
        arena_finish(&arena);
    }
}
END_TEST

/* A key that the ring has not, or another one under its number. */
START_TEST(a_lost_key_is_found)
{
    static const struct text any = {0};
    begin();
    struct sealer *sealer = make(LINE(3, "aes-256-siv", "active"));
    struct sealer *other = make(LINE(4, "aes-256-siv", "active"));
    struct command clear = receipt("Ada", "6222021001112345");
    struct command command = receipt("Ada", "6222021001112345");
    EXPECT(command_seal(&command, (struct text){0}, sealer, &arena) == 0);
    EXPECT(command_lost_key(&clear, 7, any, other) == 0);
    EXPECT(command_lost_key(&command, 7, any, sealer) == 0);
    EXPECT(command_lost_key(&command, 7, any, other) == 3);
    EXPECT(command_lost_key(&command, 7, any, NULL) == 3);
    EXPECT(command_lost_key(&command, 8, any, sealer) == 3);
    EXPECT(command_lost_key(&command, 7, text_of("payer.name"), other) == 3);
    EXPECT(command_lost_key(&command, 7, text_of("destination.name"), other) == 0);
    /* And of what is proposed. */
    static uint8_t bytes[PROPOSED_BYTES_MAX];
    struct command propose = {.kind = COMMAND_PROPOSE, .ledger_id = 7};
    propose.propose.command =
        (struct text){(const char *)bytes, (uint32_t)command_put_proposed(&command, bytes)};
    EXPECT(command_lost_key(&propose, 7, any, sealer) == 0);
    EXPECT(command_lost_key(&propose, 7, any, other) == 3);
    sealer_destroy(sealer);
    sealer_destroy(other);
    arena_finish(&arena);
}
END_TEST

START_TEST(what_cannot_be_opened_says_so)
{
    begin();
    struct sealer *sealer = make(LINE(3, "aes-256-siv", "active"));
    struct sealer *other = make(LINE(4, "aes-256-siv", "active"));
    struct command command = receipt("Ada", "6222021001112345");
    EXPECT(command_seal(&command, (struct text){0}, sealer, &arena) == 0);
    struct command lost = command;
    EXPECT(command_show(&lost, 7, other, &arena) == 0);
    EXPECT(text_equals(
        lost.book_receipt.payer.name, text_of("(sealed by key 3, which is not in the key ring)")));
    struct command moved = command;
    EXPECT(command_show(&moved, 8, sealer, &arena) == 0);
    EXPECT(text_equals(
        moved.book_receipt.payer.account_number, text_of("(sealed by key 3, and damaged)")));
    sealer_destroy(sealer);
    sealer_destroy(other);
    arena_finish(&arena);
}
END_TEST

/* As many characters of four bytes as each field takes. */
static struct text longest(uint32_t characters)
{
    char *bytes = arena_try_alloc(&arena, characters * 4);
    EXPECT(bytes != NULL);
    for (uint32_t i = 0; i < characters; i++)
        memcpy(bytes + 4 * i, "\xf0\xa0\xae\xb7", 4);
    return (struct text){bytes, characters * 4};
}

START_TEST(the_longest_commands_fit_into_a_body)
{
    begin();
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    struct sealer *sealer = make(LINE(3, "aes-256-siv", "active"));
    struct party party = {.name = longest(PARTY_NAME_CHARACTERS_MAX),
        .account_number = longest(ACCOUNT_NUMBER_CHARACTERS_MAX),
        .bank_code = longest(BANK_CODE_CHARACTERS_MAX)};
    struct command command = {.kind = COMMAND_BOOK_RECEIPT,
        .ledger_id = INT64_MAX,
        .caller_id = INT64_MAX,
        .book_receipt = {.receiving_number = longest(RECEIVING_TEXT_CHARACTERS_MAX),
            .amount_minor = INT64_MAX,
            .payer = party,
            .bank_reference = longest(BANK_REFERENCE_CHARACTERS_MAX),
            .value_date = 50000,
            .remark = longest(REMITTANCE_CHARACTERS_MAX)}};
    EXPECT(command_seal(&command, (struct text){0}, sealer, &arena) == 0);
    size_t length = command_body_encode(&command, body);
    /* With the numbers that may stand around the content. */
    EXPECT(length + 44 <= COMMAND_BODY_BYTES_MAX);
    struct command_elements elements;
    struct command read;
    EXPECT(command_body_decode(command.kind, body, length, &elements, &read) == 0);
    EXPECT(text_equals(read.book_receipt.payer.name, command.book_receipt.payer.name));
    sealer_destroy(sealer);
    arena_finish(&arena);
}
END_TEST

Suite *sealing_suite(void)
{
    Suite *suite = suite_create("sealing");
    TCase *test_case = tcase_create("sealing");
    tcase_add_test(test_case, personal_fields_only_are_sealed);
    tcase_add_test(test_case, without_a_key_they_stay);
    tcase_add_test(test_case, what_is_no_receiving_number_is_sealed);
    tcase_add_test(test_case, an_opened_ledgers_names_are_of_no_ledger);
    tcase_add_test(test_case, what_is_the_same_takes_the_recorded_seal);
    tcase_add_test(test_case, a_lost_key_is_found);
    tcase_add_test(test_case, what_cannot_be_opened_says_so);
    tcase_add_test(test_case, the_longest_commands_fit_into_a_body);
    suite_add_tcase(suite, test_case);
    return suite;
}
