/* checks.c: the rules for single values.
 *
 * A description names the rule and numbers, never the text that the client sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/checks.h"

#include "base/check.h"
#include "base/fold.h"
#include "ceilings.h"
#include "command/normalize.h"
#include "model/currency.h"
#include "model/date.h"
#include "model/receiving_number.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Both take the same values in the same order. */
__attribute__((format(printf, 3, 0), format(printf, 4, 0))) static void describe(
    char description[DESCRIPTION_BYTES_MAX], char description_zh[DESCRIPTION_BYTES_MAX],
    const char *english, const char *chinese, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(description, DESCRIPTION_BYTES_MAX, english, arguments);
    CHECK(n > 0 && n < DESCRIPTION_BYTES_MAX);
    n = vsnprintf(description_zh, DESCRIPTION_BYTES_MAX, chinese, again);
    CHECK(n > 0 && n < DESCRIPTION_BYTES_MAX);
    va_end(again);
}

void decode_error_describe(
    struct decode_error *error, const char *english, const char *chinese, ...)
{
    va_list arguments;
    va_start(arguments, chinese);
    describe(error->description, error->description_zh, english, chinese, arguments);
    va_end(arguments);
    error->count = 1;
}

void decode_error_state(struct decode_error *error, struct wording wording)
{
    CHECK(strlen(wording.english) < sizeof error->description);
    CHECK(strlen(wording.chinese) < sizeof error->description_zh);
    strcpy(error->description, wording.english);
    strcpy(error->description_zh, wording.chinese);
    error->count = 1;
}

static void name(struct decode_error *error, const char *field)
{
    CHECK(strlen(field) < sizeof error->field);
    strcpy(error->field, field);
}

int decode_refuse(
    struct decode_error *error, const char *field, const char *english, const char *chinese, ...)
{
    va_list arguments;
    va_start(arguments, chinese);
    describe(error->description, error->description_zh, english, chinese, arguments);
    va_end(arguments);
    name(error, field);
    error->count = 1;
    return -1;
}

int decode_refuse_as(struct decode_error *error, const char *field, struct wording wording)
{
    decode_error_state(error, wording);
    name(error, field);
    return -1;
}

static void put(struct decode_error *all, const char *field, const char *description,
    const char *description_zh)
{
    if (all->count == DECODE_VIOLATIONS_MAX)
        return;
    bool is_first = all->count == 0;
    struct decode_violation *next = is_first ? NULL : &all->more[all->count - 1];
    strcpy(is_first ? all->field : next->field, field);
    strcpy(is_first ? all->description : next->description, description);
    strcpy(is_first ? all->description_zh : next->description_zh, description_zh);
    all->count++;
}

void decode_error_add(struct decode_error *all, const struct decode_error *one)
{
    CHECK(one->count > 0 && one->count <= DECODE_VIOLATIONS_MAX);
    put(all, one->field, one->description, one->description_zh);
    for (uint32_t i = 0; i + 1 < one->count; i++)
        put(all, one->more[i].field, one->more[i].description, one->more[i].description_zh);
}

/* Whether the refused path is the field of this name, a part of it, or the whole message. */
static bool is_of(const char *refused, const char *name, size_t length)
{
    bool begins = strncmp(refused, name, length) == 0;
    return refused[0] == '\0' || (begins && strchr(".[", refused[length]) != NULL);
}

static bool has_refused(const struct decode_error *all, const char *name, size_t length)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (is_of(i == 0 ? all->field : all->more[i - 1].field, name, length))
            return true;
    }
    return false;
}

void decode_add_tie(struct decode_error *all, const char *judged_by, const char *field,
    const char *english, const char *chinese, ...)
{
    struct decode_error one;
    va_list arguments;
    va_start(arguments, chinese);
    describe(one.description, one.description_zh, english, chinese, arguments);
    va_end(arguments);
    bool is_known = !has_refused(all, field, strlen(field));
    while (is_known && *judged_by) {
        size_t length = strcspn(judged_by, " ");
        is_known = !has_refused(all, judged_by, length);
        judged_by += length + strspn(judged_by + length, " ");
    }
    if (is_known)
        put(all, field, one.description, one.description_zh);
}

/* Longest path of a field within one command: "fee_account.destination.account_number". */
#define INNER_PATH_BYTES_MAX 64

static void prefix(char *field, size_t field_bytes, const char *path)
{
    char whole[sizeof((struct decode_violation *)0)->field];
    int n = snprintf(whole, sizeof whole, "%s%.*s", path, INNER_PATH_BYTES_MAX, field);
    CHECK(n > 0 && (size_t)n < sizeof whole && sizeof whole == field_bytes);
    memcpy(field, whole, (size_t)n + 1);
}

void decode_error_prefix(struct decode_error *error, const char *format, ...)
{
    char path[64];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    CHECK(n > 0 && (size_t)n < sizeof path);
    CHECK(error->count > 0 && error->count <= DECODE_VIOLATIONS_MAX);
    prefix(error->field, sizeof error->field, path);
    for (uint32_t i = 0; i + 1 < error->count; i++)
        prefix(error->more[i].field, sizeof error->more[i].field, path);
}

/* ---- numbers ---- */

static int check_date(
    const struct field *field, int64_t value, int64_t *ret_value, struct decode_error *ret_error)
{
    int32_t days;
    if (value == 0 && !field->required) {
        *ret_value = 0;
        return 0;
    }
    CHECK(value >= INT32_MIN && value <= INT32_MAX);
    /* The first day of all is day 0, which means "not given" inside. */
    if (!date_try_from_yyyymmdd((int32_t)value, &days) || days == 0) {
        if (value == 0)
            decode_error_describe(ret_error,
                "is required: give a day of the calendar as YYYYMMDD, from %d to %d; it was 0",
                "必填：请填写日历上的一天，格式 YYYYMMDD，%d 至 %d；收到的是 0",
                DATE_YYYYMMDD_MIN + 1, DATE_YYYYMMDD_MAX);
        else
            decode_error_describe(ret_error,
                "must be a day of the calendar as YYYYMMDD, from %d to %d; it was %" PRId64,
                "须为日历上的一天，格式 YYYYMMDD，%d 至 %d；收到的是 %" PRId64,
                DATE_YYYYMMDD_MIN + 1, DATE_YYYYMMDD_MAX, value);
        return -1;
    }
    *ret_value = days;
    return 0;
}

static int check_enum(const struct field *field, int64_t value, struct decode_error *ret_error)
{
    if (value == 0 && !field->required)
        return 0;
    if (value == 0) {
        decode_error_describe(
            ret_error, "is required: give one of the enum's values", "必填：请填写该枚举的一个值");
        return -1;
    }
    if (value < field->min || value > field->max) {
        decode_error_describe(ret_error,
            "must be a value that this version knows, %" PRId64 " to %" PRId64 "; it was %" PRId64,
            "须为本版本认识的值，%" PRId64 " 至 %" PRId64 "；收到的是 %" PRId64, field->min,
            field->max, value);
        return -1;
    }
    return 0;
}

int field_check_number(
    const struct field *field, int64_t value, int64_t *ret_value, struct decode_error *ret_error)
{
    CHECK(field->type != FIELD_TEXT);
    if (field->type == FIELD_DATE)
        return check_date(field, value, ret_value, ret_error);
    if (field->type == FIELD_ENUM) {
        if (check_enum(field, value, ret_error) < 0)
            return -1;
    } else if (value == 0 && field->required) {
        decode_error_describe(ret_error, "is required: give a number from %" PRId64 " to %" PRId64,
            "必填：请填写 %" PRId64 " 至 %" PRId64 " 的数", field->min, field->max);
        return -1;
    } else if (value != 0 && (value < field->min || value > field->max)) {
        if (!field->required && field->min > 0)
            decode_error_describe(ret_error,
                "must be a number from %" PRId64 " to %" PRId64
                ", or 0 when not given; it was %" PRId64,
                "须为 %" PRId64 " 至 %" PRId64 " 的数，不填时为 0；收到的是 %" PRId64, field->min,
                field->max, value);
        else
            decode_error_describe(ret_error,
                "must be a number from %" PRId64 " to %" PRId64 "; it was %" PRId64,
                "须为 %" PRId64 " 至 %" PRId64 " 的数；收到的是 %" PRId64, field->min, field->max,
                value);
        return -1;
    }
    *ret_value = value;
    return 0;
}

/* ---- texts ---- */

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(unsigned char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of the blank that the text begins with: space, no-break space or ideographic space. */
static uint32_t blank_at(const char *bytes, uint32_t left)
{
    if (left >= 1 && bytes[0] == ' ')
        return 1;
    if (left >= 2 && memcmp(bytes, "\xc2\xa0", 2) == 0)
        return 2;
    if (left >= 3 && memcmp(bytes, "\xe3\x80\x80", 3) == 0)
        return 3;
    return 0;
}

static bool has_blank_end(struct text text)
{
    if (blank_at(text.bytes, text.length) > 0)
        return true;
    for (uint32_t size = 1; size <= 3 && size <= text.length; size++) {
        if (blank_at(text.bytes + text.length - size, size) == size)
            return true;
    }
    return false;
}

bool text_is_only_blanks(struct text text)
{
    uint32_t i = 0;
    while (i < text.length) {
        uint32_t blank = blank_at(text.bytes + i, text.length - i);
        if (blank == 0)
            return false;
        i += blank;
    }
    return true;
}

static bool has_control_character(struct text text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

static bool is_channel(struct text text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (!is_letter_or_digit(c) && c != '_' && c != '.' && c != '-')
            return false;
    }
    return true;
}

static bool is_visible_ascii(struct text text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c < 0x21 || c > 0x7e)
            return false;
    }
    return true;
}

static bool is_prefix(struct text text)
{
    for (uint32_t i = 0; i < text.length; i++) {
        if (!is_digit((unsigned char)text.bytes[i]))
            return false;
    }
    return text.length >= RECEIVING_PREFIX_DIGITS_MIN && text.bytes[0] != '0';
}

/* RFC 4122: xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx, y one of 8 9 a b. */
static bool is_uetr(struct text text)
{
    if (text.length != UETR_BYTES)
        return false;
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? c != '-' : !is_digit(c) && (c < 'a' || c > 'f'))
            return false;
    }
    return text.bytes[14] == '4' && strchr("89ab", text.bytes[19]) != NULL;
}

static bool text_fits_rule(struct text text, enum text_rule rule)
{
    char name[NORMAL_NAME_BYTES_MAX];
    char digits[NORMAL_DIGITS_MAX];
    switch (rule) {
    case TEXT_FREE:
    case TEXT_FACT:
    case TEXT_DOCUMENT:
        return !has_control_character(text);
    case TEXT_NAME:
        return !has_control_character(text) && normalize_name(text, name, sizeof name) > 0;
    case TEXT_MOBILE:
        return normalize_mobile(text, digits) > 0;
    case TEXT_CARD:
        return normalize_card(text, digits) > 0;
    case TEXT_TRIMMED:
        return !has_control_character(text) && !has_blank_end(text);
    case TEXT_CHANNEL:
        return is_channel(text);
    case TEXT_VISIBLE_ASCII:
        return is_visible_ascii(text);
    case TEXT_CURRENCY:
        return currency_digits(text) >= 0;
    case TEXT_PREFIX:
        return is_prefix(text);
    case TEXT_RECEIVING:
        return receiving_number_is_valid(text);
    case TEXT_UETR:
        return is_uetr(text);
    case TEXT_COMMAND:
        break;
    }
    CHECK(false);
    return false;
}

static struct wording rule_wording(enum text_rule rule)
{
    switch (rule) {
    case TEXT_FACT:
        return WORDING("text", "文本");
    case TEXT_NAME:
        return WORDING("a name", "姓名或名称");
    case TEXT_DOCUMENT:
        return WORDING("the number of a document", "证件号码");
    case TEXT_MOBILE:
        return WORDING("a mobile number of China: 11 digits, the first 1, the second 3 to 9",
            "中国手机号码：11 位数字，首位 1，第二位 3 至 9");
    case TEXT_CARD:
        return WORDING(
            "the number of a card or account: 8 to 32 digits", "卡号或账号：8 至 32 位数字");
    case TEXT_FREE:
        return WORDING("text without control characters", "不含控制字符的文本");
    case TEXT_TRIMMED:
        return WORDING("text without control characters and without a blank at either end",
            "不含控制字符、首尾没有空格的文本");
    case TEXT_CHANNEL:
        return WORDING("characters out of A-Z a-z 0-9 _ . -", "由 A-Z a-z 0-9 _ . - 组成的字符");
    case TEXT_VISIBLE_ASCII:
        return WORDING("visible ASCII characters without blanks", "不含空格的可见 ASCII 字符");
    case TEXT_CURRENCY:
        return WORDING("a currency of ISO 4217 with a minor unit, such as CNY",
            "ISO 4217 中有辅币单位的币种，如 CNY");
    case TEXT_PREFIX:
        return WORDING("4 to 8 digits, the first not 0", "4 至 8 位数字，首位不为 0");
    case TEXT_RECEIVING:
        return WORDING(
            "the digits of a receiving number, its check digit right", "校验位正确的收款账号数字");
    case TEXT_UETR:
        return WORDING(
            "a UUID of version 4 in lower case, such as eb6305c9-1f7f-49de-aed0-16487c27b42d",
            "小写的第 4 版 UUID，如 eb6305c9-1f7f-49de-aed0-16487c27b42d");
    case TEXT_COMMAND:
        break;
    }
    CHECK(false);
    return (struct wording){0};
}

/* What the text must be, and how long at most. */
static int refuse_text(struct decode_error *ret_error, const struct field *field,
    struct wording begin, struct wording rule)
{
    struct wording unit =
        text_is_counted(field->rule) ? WORDING("characters", "个字符") : WORDING("bytes", "字节");
    snprintf(ret_error->description, DESCRIPTION_BYTES_MAX, "%s%s, at most %" PRId64 " %s",
        begin.english, rule.english, field->max, unit.english);
    snprintf(ret_error->description_zh, DESCRIPTION_BYTES_MAX, "%s%s，至多 %" PRId64 " %s",
        begin.chinese, rule.chinese, field->max, unit.chinese);
    ret_error->count = 1;
    return -1;
}

int field_check_text(const struct field *field, struct text text, struct decode_error *ret_error)
{
    CHECK(field->type == FIELD_TEXT);
    enum text_rule rule = (enum text_rule)field->rule;
    bool is_fact = text_is_counted(field->rule);
    if (text.length == 0 && !field->required)
        return 0;
    bool can_be_blank = rule != TEXT_FREE && !is_fact;
    if (text.length == 0 || (field->required && !can_be_blank && text_is_only_blanks(text)))
        return refuse_text(
            ret_error, field, WORDING("is required: give ", "必填：请填写"), rule_wording(rule));
    uint32_t length = is_fact ? text_characters(text) : text.length;
    if (length > field->max) {
        if (is_fact)
            decode_error_describe(ret_error,
                "must be at most %" PRId64 " characters long; it was %" PRIu32,
                "至多 %" PRId64 " 个字符；收到 %" PRIu32 " 个", field->max, length);
        else
            decode_error_describe(ret_error,
                "must be at most %" PRId64 " bytes long; it was %" PRIu32,
                "至多 %" PRId64 " 字节；收到 %" PRIu32 " 字节", field->max, length);
        return -1;
    }
    if (!text_fits_rule(text, rule))
        return refuse_text(ret_error, field, WORDING("must be ", "须为"), rule_wording(rule));
    return 0;
}
