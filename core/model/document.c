/* document.c: see document.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/document.h"

#include "base/check.h"
#include "base/fold.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define FINE ((struct wording){0})

/* A citizen's number: region, day of birth, sequence, check character. */
#define CITIZEN_LENGTH 18
#define BIRTH_AT 6
#define CREDIT_CODE_LENGTH 18
/* Of the organisation code (GB 11714) in a unified social credit code. */
#define ORGANISATION_AT 8
#define ORGANISATION_LENGTH 9

/* First two digits of a region by GB/T 2260; those of Taiwan, Hong Kong and Macau as well. */
static const uint8_t provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41,
    42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82};
/* Those of residence permits; the last one is of Taiwan's residents. */
static const uint8_t permit_provinces[] = {81, 82, 83};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_capital(char character)
{
    return character >= 'A' && character <= 'Z';
}

static bool are_digits(const char *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_digit(bytes[i]))
            return false;
    }
    return true;
}

static int32_t number_of(const char *digits, uint32_t count)
{
    int32_t number = 0;
    for (uint32_t i = 0; i < count; i++)
        number = number * 10 + (digits[i] - '0');
    return number;
}

char check_digit_mod_11_2(const char *digits, uint32_t length)
{
    uint32_t product = 0;
    for (uint32_t i = 0; i < length; i++) {
        CHECK(is_digit(digits[i]));
        product = (product + (uint32_t)(digits[i] - '0')) * 2 % 11;
    }
    return "0123456789X"[(12 - product) % 11];
}

bool card_number_is_luhn(struct text number)
{
    uint32_t sum = 0;
    if (number.length < 2 || !are_digits(number.bytes, number.length))
        return false;
    for (uint32_t i = 0; i < number.length; i++) {
        uint32_t digit = (uint32_t)(number.bytes[number.length - 1 - i] - '0') << (i % 2);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

/* ---- citizens, and what looks like their number ---- */

/* A day of the Gregorian calendar since 1800: of years that date.h does not reach as well. */
static bool is_day(int32_t yyyymmdd)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t year = yyyymmdd / 10000;
    int32_t month = yyyymmdd / 100 % 100;
    int32_t day = yyyymmdd % 100;
    if (year < 1800 || month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static struct wording citizen_fault(
    struct text number, const uint8_t *first, size_t first_count, int32_t today)
{
    if (number.length != CITIZEN_LENGTH)
        return WORDING("must have 18 characters", "须为 18 位");
    if (!are_digits(number.bytes, CITIZEN_LENGTH - 1))
        return WORDING("must be 17 digits and a check character", "须为 17 位数字和一位校验码");
    if (!memchr(first, number_of(number.bytes, 2), first_count))
        return WORDING("must begin with a region that there is", "开头须为存在的地区代码");
    int32_t birth = number_of(number.bytes + BIRTH_AT, 8);
    if (!is_day(birth))
        return WORDING("must have a day of birth that there was", "所含出生日期须为真实的日期");
    if (birth > today)
        return WORDING("must not have a day of birth in the future", "所含出生日期不得在将来");
    if (number.bytes[CITIZEN_LENGTH - 1] != check_digit_mod_11_2(number.bytes, CITIZEN_LENGTH - 1))
        return WORDING("must end with its check character (ISO 7064 MOD 11-2): is a digit wrong?",
            "末位须为正确的校验码 (ISO 7064 MOD 11-2)：是否有数字输错？");
    return FINE;
}

/* 9, province, nationality, day of birth, sequence, check digit; before 2023 three letters of the
 * nationality and twelve digits. */
static struct wording residence_fault(struct text number, int32_t today)
{
    if (number.length == 15) {
        for (int i = 0; i < 3; i++) {
            if (!is_capital(number.bytes[i]))
                return WORDING("must begin with 3 letters, or have 18 characters",
                    "须以 3 个字母开头，或为 18 位");
        }
        return are_digits(number.bytes + 3, 12)
                   ? FINE
                   : WORDING("must have 12 digits behind 3 letters", "3 个字母之后须为 12 位数字");
    }
    if (number.length != CITIZEN_LENGTH || number.bytes[0] != '9')
        return WORDING("must have 18 characters, the first of them 9, or 3 letters and 12 digits",
            "须为 18 位且首位为 9，或 3 个字母加 12 位数字");
    static const uint8_t nineties[] = {90, 91, 92, 93, 94, 95, 96, 97, 98, 99};
    return citizen_fault(number, nineties, sizeof nineties, today);
}

/* ---- companies ---- */

/* Value of a character of GB 32100: its place among the digits and the letters without I, O, S, V
 * and Z; -1: it is none of them. */
static int credit_value(char character)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const char *found = character != '\0' ? strchr(alphabet, character) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

/* The check character of an organisation code, GB 11714: digits and all letters. */
static char organisation_check(const char *code)
{
    static const int weights[ORGANISATION_LENGTH - 1] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < ORGANISATION_LENGTH - 1; i++)
        sum += weights[i] * (is_digit(code[i]) ? code[i] - '0' : code[i] - 'A' + 10);
    return "0X987654321"[sum % 11];
}

static struct wording credit_code_fault(struct text number)
{
    int sum = 0;
    int weight = 1;
    if (number.length != CREDIT_CODE_LENGTH)
        return WORDING("must have 18 characters", "须为 18 位");
    for (int i = 0; i < CREDIT_CODE_LENGTH; i++) {
        int value = credit_value(number.bytes[i]);
        if (value < 0)
            return WORDING("must be digits and capital letters without I, O, S, V and Z",
                "须由数字和大写字母组成，不含 I、O、S、V、Z");
        if (i == CREDIT_CODE_LENGTH - 1)
            break;
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if (!are_digits(number.bytes + 2, 6))
        return WORDING("must have a region of 6 digits behind the first two characters",
            "前两位之后须为 6 位数字的地区代码");
    const char *organisation = number.bytes + ORGANISATION_AT;
    if (organisation[ORGANISATION_LENGTH - 1] != organisation_check(organisation))
        return WORDING("must have a right check character in its 17th place (GB 11714)",
            "第 17 位须为正确的校验码 (GB 11714)");
    if (credit_value(number.bytes[CREDIT_CODE_LENGTH - 1]) != (31 - sum % 31) % 31)
        return WORDING("must end with its check character (GB 32100): is a character wrong?",
            "末位须为正确的校验码 (GB 32100)：是否有字符输错？");
    return FINE;
}

/* ---- permits and passports ---- */

/* `letters` capitals, then digits: as many as one of the counts. */
static bool is_lettered(struct text number, uint32_t letters, uint32_t digits, uint32_t or_digits)
{
    if (number.length != letters + digits && number.length != letters + or_digits)
        return false;
    for (uint32_t i = 0; i < letters; i++) {
        if (!is_capital(number.bytes[i]))
            return false;
    }
    return are_digits(number.bytes + letters, number.length - letters);
}

static struct wording chinese_passport_fault(struct text number)
{
    bool is_old = number.length == 9 &&
                  (memcmp(number.bytes, "14", 2) == 0 || memcmp(number.bytes, "15", 2) == 0);
    if (is_old && are_digits(number.bytes, 9))
        return FINE;
    if (number.length > 0 && strchr("EGDSPHM", number.bytes[0]) &&
        (is_lettered(number, 1, 7, 8) || is_lettered(number, 2, 7, 7)))
        return FINE;
    return WORDING(
        "must be a passport's: E and 8 digits, E, a letter and 7 digits, or an older form",
        "须为护照号码：E 加 8 位数字，E 加一个字母和 7 位数字，或旧版格式");
}

static struct wording foreign_passport_fault(struct text number)
{
    if (number.length < 5 || number.length > 17)
        return WORDING("must have 5 to 17 characters", "须为 5 至 17 个字符");
    for (uint32_t i = 0; i < number.length; i++) {
        if (!is_digit(number.bytes[i]) && !is_capital(number.bytes[i]))
            return WORDING("must be capital letters and digits", "须由大写字母和数字组成");
    }
    return FINE;
}

static struct wording military_fault(struct text number)
{
    uint32_t characters = text_characters(number);
    if (characters < 4 || characters > 30)
        return WORDING("must have 4 to 30 characters", "须为 4 至 30 个字符");
    for (size_t at = 0; at < number.length;) {
        uint32_t character;
        size_t bytes = utf8_take(number.bytes + at, number.length - at, &character);
        /* Han: the ideographs of planes 0, 2 and 3. */
        bool is_han = (character >= 0x3400 && character <= 0x9fff) ||
                      (character >= 0x20000 && character <= 0x3ffff);
        if (bytes == 0 || !(is_han || (character < 0x80 && (is_digit((char)character) ||
                                                               is_capital((char)character)))))
            return WORDING("must be letters, digits and Han", "须由字母、数字和汉字组成");
        at += bytes;
    }
    return FINE;
}

/* ---- all of them ---- */

static struct wording fault_of(enum document_kind kind, struct text number, int32_t today)
{
    switch (kind) {
    case DOCUMENT_CITIZEN_CARD:
    case DOCUMENT_HOUSEHOLD_REGISTER:
        return citizen_fault(number, provinces, sizeof provinces, today);
    case DOCUMENT_RESIDENCE_PERMIT:
        return citizen_fault(number, permit_provinces, sizeof permit_provinces, today);
    case DOCUMENT_MILITARY:
    case DOCUMENT_ARMED_POLICE:
        return military_fault(number);
    case DOCUMENT_HONG_KONG_MACAU_PERMIT:
        return is_lettered(number, 1, 8, 10) && strchr("HM", number.bytes[0])
                   ? FINE
                   : WORDING("must be H or M and 8 digits, or 10 with the count of reissues",
                         "须为 H 或 M 加 8 位数字，含换证次数时为 10 位");
    case DOCUMENT_TAIWAN_PERMIT:
        return is_lettered(number, 0, 8, 10)
                   ? FINE
                   : WORDING("must be 8 digits, or 10 with the count of reissues",
                         "须为 8 位数字，含换证次数时为 10 位");
    case DOCUMENT_CHINESE_PASSPORT:
        return chinese_passport_fault(number);
    case DOCUMENT_FOREIGN_PASSPORT:
        return foreign_passport_fault(number);
    case DOCUMENT_PERMANENT_RESIDENCE:
        return residence_fault(number, today);
    case DOCUMENT_SOCIAL_CREDIT_CODE:
        return credit_code_fault(number);
    }
    CHECK(false);
    return FINE;
}

/* The number without what may be written in several ways; returns its length. */
static uint32_t plain_of(enum document_kind kind, struct text number, char *ret_number)
{
    uint32_t length = 0;
    if (number.length > DOCUMENT_NUMBER_BYTES_MAX)
        return 0;
    if (kind == DOCUMENT_MILITARY || kind == DOCUMENT_ARMED_POLICE)
        length = fold_reference(number, ret_number);
    else
        length = fold_number(number, ret_number, DOCUMENT_NUMBER_BYTES_MAX);
    for (uint32_t i = 0; i < length; i++) {
        if (ret_number[i] >= 'a' && ret_number[i] <= 'z')
            ret_number[i] = (char)(ret_number[i] - 'a' + 'A');
    }
    return length;
}

uint32_t document_normalize(
    enum document_kind kind, struct text number, char ret_number[DOCUMENT_NUMBER_BYTES_MAX])
{
    uint32_t length = plain_of(kind, number, ret_number);
    if (kind == DOCUMENT_HONG_KONG_MACAU_PERMIT && length == 11)
        return 9;
    if (kind == DOCUMENT_TAIWAN_PERMIT && length == 10)
        return 8;
    return length;
}

struct wording document_fault(enum document_kind kind, struct text number, int32_t today)
{
    char plain[DOCUMENT_NUMBER_BYTES_MAX];
    CHECK(kind >= 1 && kind <= DOCUMENT_KINDS);
    uint32_t length = plain_of(kind, number, plain);
    if (length == 0)
        return WORDING("must be the document's number, in letters and digits",
            "须为证件号码，由字母和数字组成");
    return fault_of(kind, (struct text){plain, length}, today);
}

int32_t document_birth_date(enum document_kind kind, struct text number)
{
    char plain[DOCUMENT_NUMBER_BYTES_MAX];
    uint32_t length = plain_of(kind, number, plain);
    bool tells = kind == DOCUMENT_CITIZEN_CARD || kind == DOCUMENT_HOUSEHOLD_REGISTER ||
                 kind == DOCUMENT_RESIDENCE_PERMIT || kind == DOCUMENT_PERMANENT_RESIDENCE;
    return tells && length == CITIZEN_LENGTH ? number_of(plain + BIRTH_AT, 8) : 0;
}

enum document_kind document_class(enum document_kind kind)
{
    return kind == DOCUMENT_HOUSEHOLD_REGISTER ? DOCUMENT_CITIZEN_CARD : kind;
}
