/* test_document.c: numbers of documents and cards against published ones, right and wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/document.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TODAY 20261129

#define CITIZEN DOCUMENT_CITIZEN_CARD
#define PERMIT DOCUMENT_RESIDENCE_PERMIT
#define STAY DOCUMENT_PERMANENT_RESIDENCE
#define CODE DOCUMENT_SOCIAL_CREDIT_CODE
#define HM DOCUMENT_HONG_KONG_MACAU_PERMIT
#define TW DOCUMENT_TAIWAN_PERMIT
#define PASS DOCUMENT_CHINESE_PASSPORT
#define ABROAD DOCUMENT_FOREIGN_PASSPORT
#define ARMY DOCUMENT_MILITARY

struct row {
    enum document_kind kind;
    const char *number;
    const char *fault; /* a word of it; NULL: none */
};

/* Numbers in the standards, public test numbers, and numbers made by their rules. */
static const struct row rows[] = {
    {CITIZEN, "11010519491231002X", NULL},
    {CITIZEN, "11010519491231002x", NULL},
    {CITIZEN, " １１０１０５ 19491231-002Ｘ", NULL},
    {CITIZEN, "440524188001010014", NULL},
    {CITIZEN, "360426199101010071", NULL},
    {CITIZEN, "44011320141005001X", NULL},
    {CITIZEN, "371001198010082394", NULL},
    {CITIZEN, "341126197709218366", NULL},
    {CITIZEN, "53010219200508011X", NULL},
    {CITIZEN, "110101200002290018", NULL},
    {CITIZEN, "110101200002290026", NULL},
    {CITIZEN, "710000199001010015", NULL},
    {DOCUMENT_HOUSEHOLD_REGISTER, "44011320141005001X", NULL},
    {CITIZEN, "110101190002290011", "birth"},
    {CITIZEN, "110101202302290019", "birth"},
    {CITIZEN, "110101202313010019", "birth"},
    {CITIZEN, "110101202306310013", "birth"},
    {CITIZEN, "110101209901010017", "future"},
    {CITIZEN, "990101199001010019", "region"},
    {CITIZEN, "00010119900101001X", "region"},
    {CITIZEN, "830000199201300022", "region"},
    {CITIZEN, "345955198706122245", "check"},
    {CITIZEN, "36042619910102009X", "check"},
    {CITIZEN, "130503670401001", "18"},
    {CITIZEN, "1101051949123100211", "18"},
    {CITIZEN, "1101051949123100 2", "18"},
    {CITIZEN, "1X010519491231002X", "17 digits"},
    {CITIZEN, "", "number"},
    {CITIZEN, "  ", "number"},
    {CITIZEN, "一二三四五六七八九十一二三四五六七八", "number"},
    {PERMIT, "810000199408230021", NULL},
    {PERMIT, "820000199408230023", NULL},
    {PERMIT, "830000199201300022", NULL},
    {PERMIT, "810000199905151017", NULL},
    {PERMIT, "820000200012310022", NULL},
    {PERMIT, "830000198802290013", NULL},
    {PERMIT, "830000198502290011", "birth"},
    {PERMIT, "11010519491231002X", "region"},
    {STAY, "911124198108030024", NULL},
    {STAY, "931156199001010014", NULL},
    {STAY, "999999199001010016", NULL},
    {STAY, "911124198108030025", "check"},
    {STAY, "USA110075010105", NULL},
    {STAY, "US1110075010105", "3 letters"},
    {STAY, "USA11007501010X", "12 digits"},
    {STAY, "811124198108030024", "first of them 9"},
    {CODE, "91110000600037341L", NULL},
    {CODE, "91110000600037341l", NULL},
    {CODE, "91350100M000100Y43", NULL},
    {CODE, "91440300708461136T", NULL},
    {CODE, "914403001922038216", NULL},
    {CODE, "91330100799655058B", NULL},
    {CODE, "91110108551385082Q", NULL},
    {CODE, "51420000MJH2003604", NULL},
    {CODE, "51420000MJH200395N", NULL},
    {CODE, "53420000MJH2448303", NULL},
    {CODE, "91620105L015101280", NULL},
    {CODE, "92340603MA2UK1TD00", NULL},
    {CODE, "N2330106MF00A00184", NULL},
    {CODE, "A1110000MD0000016A", NULL},
    {CODE, "1211000040000000XT", NULL},
    {CODE, "93110105MA00AB124R", NULL},
    {CODE, "Y1110000MC000A1B82", NULL},
    {CODE, "54110000MJ0100000F", NULL},
    {CODE, "52110000MJ0100019J", NULL},
    {CODE, "91350100M000100Y4Z", "letters without"},
    {CODE, "91350100M000100Y44", "check"},
    {CODE, "91110000600037341N", "check"},
    {CODE, "91310115MA1H8R7C6D", "check"},
    {CODE, "9111000060003IOZSV", "letters without"},
    {CODE, "9111000060003734L", "18"},
    {CODE, "911A0000600037341L", "region"},
    {HM, "H12345678", NULL},
    {HM, "m1234567801", NULL},
    {HM, "H1234567", "H or M"},
    {HM, "A12345678", "H or M"},
    {HM, "H123456789", "H or M"},
    {TW, "12345678", NULL},
    {TW, "1234567801", NULL},
    {TW, "123456789", "8 digits"},
    {TW, "1234567A", "8 digits"},
    {PASS, "E12345678", NULL},
    {PASS, "EA1234567", NULL},
    {PASS, "G12345678", NULL},
    {PASS, "D1234567", NULL},
    {PASS, "SE1234567", NULL},
    {PASS, "141234567", NULL},
    {PASS, "151234567", NULL},
    {PASS, "161234567", "passport"},
    {PASS, "E1234567X", "passport"},
    {PASS, "X12345678", "passport"},
    {ABROAD, "L898902C3", NULL},
    {ABROAD, "12345", NULL},
    {ABROAD, "1234", "5 to 17"},
    {ABROAD, "123456789012345678", "5 to 17"},
    {ABROAD, "L898902<3", "capital letters"},
    {ARMY, "军字第2001988号", NULL},
    {ARMY, "政字第 11234567 号", NULL},
    {ARMY, "𠮷字第1号", NULL},
    {ARMY, "军1号", "4 to 30"},
    {ARMY, "军字第*号1", "Han"},
    {DOCUMENT_ARMED_POLICE, "武字第20019号", NULL},
};

START_TEST(numbers_are_held_to_their_standard)
{
    const struct row *row = &rows[_i];
    struct text number = {row->number, (uint32_t)strlen(row->number)};
    const char *fault = document_fault(row->kind, number, TODAY).english;
    EXPECT_MSG(
        (fault == NULL) == (row->fault == NULL), "%s: %s", row->number, fault ? fault : "no fault");
    if (fault)
        EXPECT_MSG(strstr(fault, row->fault) != NULL, "%s: %s", row->number, fault);
}
END_TEST

/* What is kept is one text for each number, whatever way it was written. */
START_TEST(numbers_are_kept_in_one_form)
{
    static const struct {
        enum document_kind kind;
        const char *number, *kept;
    } forms[] = {{CITIZEN, "１１０１０５-19491231 002ｘ", "11010519491231002X"},
        {HM, "h1234567802", "H12345678"}, {HM, "H12345678", "H12345678"},
        {TW, "1234567801", "12345678"}, {ARMY, "军字第 2001988 号", "军字第2001988号"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char kept[DOCUMENT_NUMBER_BYTES_MAX];
        uint32_t length = document_normalize(
            forms[i].kind, (struct text){forms[i].number, (uint32_t)strlen(forms[i].number)}, kept);
        EXPECT_MSG(length == strlen(forms[i].kept) && memcmp(kept, forms[i].kept, length) == 0,
            "%s: %.*s", forms[i].number, (int)length, kept);
    }
    char long_number[DOCUMENT_NUMBER_BYTES_MAX + 1];
    memset(long_number, '1', sizeof long_number);
    struct text text = {long_number, sizeof long_number};
    char kept[DOCUMENT_NUMBER_BYTES_MAX];
    EXPECT(document_normalize(ABROAD, text, kept) == 0);
    EXPECT(document_fault(ABROAD, text, TODAY).english != NULL);
}
END_TEST

START_TEST(some_numbers_tell_the_day_of_birth)
{
    static const struct {
        enum document_kind kind;
        const char *number;
        int32_t birth;
    } tells[] = {{CITIZEN, "11010519491231002x", 19491231},
        {PERMIT, "830000199201300022", 19920130}, {STAY, "911124198108030024", 19810803},
        {STAY, "USA110075010105", 0}, {HM, "H12345678", 0}, {CODE, "91110000600037341L", 0}};
    for (size_t i = 0; i < sizeof tells / sizeof *tells; i++) {
        struct text number = {tells[i].number, (uint32_t)strlen(tells[i].number)};
        EXPECT(document_birth_date(tells[i].kind, number) == tells[i].birth);
    }
}
END_TEST

/* A day of birth is one up to and with today. */
START_TEST(nobody_is_born_tomorrow)
{
    char number[] = "110101202611290010";
    number[17] = check_digit_mod_11_2(number, 17);
    EXPECT(document_fault(CITIZEN, (struct text){number, 18}, TODAY).english == NULL);
    EXPECT(document_fault(CITIZEN, (struct text){number, 18}, TODAY - 1).english != NULL);
}
END_TEST

/* By the standard's weights, not by the recurrence of the code; each wrong character is noticed. */
START_TEST(one_check_character_fits)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    struct random random;
    random_start(&random, "document");
    for (int round = 0; round < 20000; round++) {
        char number[18];
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            number[i] = (char)('0' + random_below(&random, 10));
            sum += weights[i] * (number[i] - '0');
        }
        EXPECT(check_digit_mod_11_2(number, 17) == "10X98765432"[sum % 11]);
    }
}
END_TEST

START_TEST(luhn)
{
    static const char *const right[] = {"6216261000000000018", "5200831111111113",
        "6226090000000048", "6221260000000000", "6250947000000014", "8171999927660000",
        "6200000000000005", "6222021001123456789", "6228480123456789015", "4111111111111111",
        "79927398713", "00"};
    static const char *const wrong[] = {"6222021234567890123", "79927398710", "", "0", "1",
        "4111 1111 1111 1111", "411111111111111X"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        EXPECT_MSG(card_number_is_luhn((struct text){right[i], (uint32_t)strlen(right[i])}), "%s",
            right[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT_MSG(!card_number_is_luhn((struct text){wrong[i], (uint32_t)strlen(wrong[i])}), "%s",
            wrong[i]);
}
END_TEST

Suite *document_suite(void)
{
    TCase *cases = tcase_create("document");
    tcase_add_loop_test(
        cases, numbers_are_held_to_their_standard, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(cases, numbers_are_kept_in_one_form);
    tcase_add_test(cases, some_numbers_tell_the_day_of_birth);
    tcase_add_test(cases, nobody_is_born_tomorrow);
    tcase_add_test(cases, one_check_character_fits);
    tcase_add_test(cases, luhn);
    Suite *suite = suite_create("document");
    suite_add_tcase(suite, cases);
    return suite;
}
