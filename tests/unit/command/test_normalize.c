/* test_normalize.c: names and numbers come into one form, whatever way they are written, and stay
 * in it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/normalize.h"

#include "base/utf8.h"
#include "suites.h"
#include "support/expect.h"
#include "support/random.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *normal; /* NULL: it is none */
} names[] = {
    {"张三", "张三"},
    {"  张三\u3000", "张三"},
    {"张 三", "张三"},
    {"欧阳\u3000娜娜", "欧阳娜娜"},
    /* Every way to write the separator, 民委发〔2016〕33号. */
    {"阿卜杜拉\u00b7买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉\u2022买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉\u2027买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉\u30fb买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉\uff65买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉\uff0e买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉.买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉 . 买买提", "阿卜杜拉\u00b7买买提"},
    {"阿卜杜拉 \u2022 买买提", "阿卜杜拉\u00b7买买提"},
    /* A full stop beside anything else is one. */
    {"J.R. Smith", "J.R. Smith"},
    {"张三.", "张三."},
    {"No.1张", "No.1张"},
    {"ＡＤＡ　Ｌｏｖｅｌａｃｅ", "ADA Lovelace"},
    {"Ada   \u00a0 Lovelace", "Ada Lovelace"},
    {"O\uff07Brien-Smith", "O'Brien-Smith"},
    {"示例商城（上海）有限公司", "示例商城(上海)有限公司"},
    {"示例商城(上海) 有限公司", "示例商城(上海)有限公司"},
    /* NFC: an accent by itself, and a compatibility ideograph. */
    {"Jose\u0301", "Jos\u00e9"},
    {"\uf9e1明", "\u674e明"},
    /* Beyond the BMP: 𠮷 U+20BB7, 𬭎 U+2CB4E, and 㐱 U+3431 of extension A. */
    {"\U00020bb7野", "\U00020bb7野"},
    {" \U0002cb4e \u3431 ", "\U0002cb4e\u3431"},
    {"\U0002cb4e.\U00020bb7", "\U0002cb4e\u00b7\U00020bb7"},
    {"\U00030000.〇", "\U00030000\u00b7〇"},
    /* What takes no place: a variation selector, a joiner, a byte order mark. */
    {"葛\U000e0100城", "葛城"},
    {"\ufeff张\u200d三", "张三"},
    {"", NULL},
    {" \u3000", NULL},
    {"\u200b", NULL},
    {"Li\xff", NULL},
};

static struct text normal_of(struct text name, char bytes[NORMAL_NAME_BYTES_MAX])
{
    return (struct text){bytes, normalize_name(name, bytes, NORMAL_NAME_BYTES_MAX)};
}

START_TEST(every_name)
{
    char bytes[NORMAL_NAME_BYTES_MAX];
    struct text normal = normal_of(text_of(names[_i].name), bytes);
    struct text expected = text_of(names[_i].normal ? names[_i].normal : "");
    EXPECT_MSG(text_equals(normal, expected), "%s became %.*s", names[_i].name, (int)normal.length,
        normal.bytes);
    /* To the byte as long as it is, and not one less. */
    if (expected.length > 0) {
        EXPECT(normalize_name(text_of(names[_i].name), bytes, expected.length) == expected.length);
        EXPECT(normalize_name(text_of(names[_i].name), bytes, expected.length - 1) == 0);
    }
}
END_TEST

/* Out of characters that rules look at, and any others. */
static uint32_t random_name(struct random *random, char bytes[NORMAL_NAME_BYTES_MAX])
{
    static const char *const parts[] = {"张", "三", "\U00020bb7", "\U0002cb4e", "A", "é", "e",
        "\u0301", "\u3099", "か", ".", "\uff0e", "\u00b7", "\u2022", "\u30fb", " ", "\u3000",
        "\uff08", ")", "\u200d", "\ufe00", "\u1100", "\u1161", "\u11a8", "\uf9e1", "\U0002f800",
        "Ａ", "-", "'", "ﬁ"};
    uint32_t length = 0;
    int64_t count = random_between(random, 1, 24);
    for (int64_t i = 0; i < count; i++) {
        const char *part = parts[random_below(random, sizeof parts / sizeof *parts)];
        memcpy(bytes + length, part, strlen(part));
        length += (uint32_t)strlen(part);
    }
    return length;
}

START_TEST(what_is_normal_stays)
{
    struct random random;
    random_start(&random, "what_is_normal_stays");
    for (int turn = 0; turn < 20000; turn++) {
        char name[NORMAL_NAME_BYTES_MAX], once[NORMAL_NAME_BYTES_MAX], twice[NORMAL_NAME_BYTES_MAX];
        struct text given = {name, random_name(&random, name)};
        struct text first = normal_of(given, once);
        if (first.length == 0)
            continue;
        struct text second = normal_of(first, twice);
        EXPECT_MSG(text_equals(first, second), "%.*s became %.*s and %.*s", (int)given.length,
            given.bytes, (int)first.length, first.bytes, (int)second.length, second.bytes);
        EXPECT(utf8_is_valid(first.bytes, first.length));
        EXPECT(first.bytes[0] != ' ' && first.bytes[first.length - 1] != ' ');
    }
}
END_TEST

/* The longest that a request may have, of characters that are longer in NFC. */
START_TEST(the_longest_name_has_room)
{
    char name[CHARACTER_BYTES_MAX * PARTY_NAME_CHARACTERS_MAX], normal[NORMAL_NAME_BYTES_MAX];
    static const char *const parts[] = {"\U00020bb7", "\u0958", "\U0001d160", "\ufb2c"};
    const char *part = parts[_i];
    uint32_t length = 0;
    for (int i = 0; i < PARTY_NAME_CHARACTERS_MAX; i++) {
        memcpy(name + length, part, strlen(part));
        length += (uint32_t)strlen(part);
    }
    EXPECT(normalize_name((struct text){name, length}, normal, sizeof normal) >= length);
}
END_TEST

static const struct {
    const char *text;
    const char *mobile;
    const char *card;
} numbers[] = {
    {"13552535506", "13552535506", "13552535506"},
    {"+86 135-5253-5506", "13552535506", NULL},
    {"0086 13552535506", "13552535506", "008613552535506"},
    {"１３５５２５３５５０６", "13552535506", "13552535506"},
    {"12552535506", NULL, "12552535506"},
    {"23552535506", NULL, "23552535506"},
    {"1355253550", NULL, "1355253550"},
    {"135525355060", NULL, "135525355060"},
    {"+85213552535506", NULL, NULL},
    {"8613552535506", NULL, "8613552535506"},
    {"19952535506", "19952535506", "19952535506"},
    {"6216 2610 0000 0000 018", NULL, "6216261000000000018"},
    {"６２１６２６１００００００００００１８", NULL, "6216261000000000018"},
    {"19-2000145399-0800", NULL, "1920001453990800"},
    {"12345678", NULL, "12345678"},
    {"1234567", NULL, NULL},
    {"12345678901234567890123456789012", NULL, "12345678901234567890123456789012"},
    {"123456789012345678901234567890123", NULL, NULL},
    {"621626100000000001X", NULL, NULL},
    {"六二一六二六一零零零", NULL, NULL},
    {"", NULL, NULL},
};

START_TEST(every_number)
{
    char digits[NORMAL_DIGITS_MAX];
    struct text text = text_of(numbers[_i].text);
    struct text mobile = text_of(numbers[_i].mobile ? numbers[_i].mobile : "");
    struct text card = text_of(numbers[_i].card ? numbers[_i].card : "");
    uint32_t length = normalize_mobile(text, digits);
    EXPECT_MSG(text_equals((struct text){digits, length}, mobile), "%s", numbers[_i].text);
    length = normalize_card(text, digits);
    EXPECT_MSG(text_equals((struct text){digits, length}, card), "%s", numbers[_i].text);
}
END_TEST

Suite *normalize_suite(void)
{
    Suite *suite = suite_create("normalize");
    TCase *test_case = tcase_create("normalize");
    tcase_add_loop_test(test_case, every_name, 0, (int)(sizeof names / sizeof *names));
    tcase_add_test(test_case, what_is_normal_stays);
    tcase_add_loop_test(test_case, the_longest_name_has_room, 0, 4);
    tcase_add_loop_test(test_case, every_number, 0, (int)(sizeof numbers / sizeof *numbers));
    suite_add_tcase(suite, test_case);
    return suite;
}
