/* identify.c: see identify.h.
 *
 * Here, since the engine has sealed numbers only: so a day of birth is held to the first day of the
 * document, and that one, by the engine, to the present day.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/identify.h"

#include "base/check.h"
#include "command/checks.h"
#include "model/date.h"
#include "model/document.h"

#include <stdio.h>
#include <string.h>

/* Below it a household register is a document. */
#define REGISTER_YEARS 16
/* Later than every day of birth. */
#define NO_DAY 99991231

static int refuse(struct decode_error *ret_error, const char *outer, const char *field,
    const char *english, const char *chinese)
{
    char path[FIELD_PATH_BYTES_MAX];
    int n = snprintf(path, sizeof path, "%s.%s", outer, field);
    CHECK(n > 0 && (size_t)n < sizeof path);
    return decode_refuse_as(ret_error, path, WORDING(english, chinese));
}

/* The day before the birthday; a leap day's is the first of March in a year without one. */
static int32_t last_register_date(int32_t birth)
{
    int32_t birthday = birth + REGISTER_YEARS * 10000;
    int32_t days;
    if (birthday < DATE_YYYYMMDD_MIN + 1)
        birthday = DATE_YYYYMMDD_MIN + 2;
    bool is_day = date_try_from_yyyymmdd(birthday, &days) ||
                  date_try_from_yyyymmdd(birthday - birthday % 10000 + 301, &days);
    CHECK(is_day);
    return days - 1;
}

/* The number as it is kept, over what came, which is never shorter. */
static void normalize(int32_t kind, struct text *number)
{
    char kept[DOCUMENT_NUMBER_BYTES_MAX];
    uint32_t length = document_normalize((enum document_kind)kind, *number, kept);
    CHECK(length > 0 && length <= number->length);
    memcpy((char *)(uintptr_t)number->bytes, kept, length);
    number->length = length;
}

int check_document_number(
    const char *path, int32_t kind, struct text *number, struct decode_error *ret_error)
{
    struct wording fault = document_fault((enum document_kind)kind, *number, NO_DAY);
    if (fault.english)
        return decode_refuse_as(ret_error, path, fault);
    normalize(kind, number);
    return 0;
}

static int check_named(
    const char *outer, const struct identified *person, struct decode_error *ret_error)
{
    if (person->name.length == 0)
        return refuse(ret_error, outer, "name", "is required: give the name that the document has",
            "必填：请填写证件上的姓名或名称");
    if (person->document_kind == 0)
        return refuse(ret_error, outer, "document_kind", "is required: say which document it is",
            "必填：请说明是哪种证件");
    if (person->number.length == 0)
        return refuse(ret_error, outer, "number", "is required: give the document's number",
            "必填：请填写证件号码");
    return 0;
}

/* A name with its document, in the sub-message of that name. */
static int check_identified(
    const char *outer, struct identified *person, struct decode_error *ret_error)
{
    enum document_kind kind = (enum document_kind)person->document_kind;
    if (check_named(outer, person, ret_error) < 0)
        return -1;
    if (person->valid_from_date == 0)
        return refuse(ret_error, outer, "valid_from_date",
            "is required: give the first day that the document is valid on, as YYYYMMDD",
            "必填：请填写证件有效期的起始日，格式 YYYYMMDD");
    struct wording fault = document_fault(kind, person->number, NO_DAY);
    if (fault.english)
        return refuse(ret_error, outer, "number", fault.english, fault.chinese);
    if (document_fault(kind, person->number, date_to_yyyymmdd(person->valid_from_date)).english)
        return refuse(ret_error, outer, "valid_from_date",
            "must not be before the day of birth that the number tells",
            "不得早于证件号码中的出生日期");
    if (person->valid_until_date != 0 && person->valid_until_date < person->valid_from_date)
        return refuse(ret_error, outer, "valid_until_date",
            "must not be before valid_from_date; leave it out for a document without end",
            "不得早于 valid_from_date；长期有效的证件请不填");
    normalize(person->document_kind, &person->number);
    if (kind == DOCUMENT_HOUSEHOLD_REGISTER) {
        int32_t last = last_register_date(document_birth_date(kind, person->number));
        if (person->valid_until_date == 0 || person->valid_until_date > last)
            person->valid_until_date = last;
    }
    return 0;
}

static bool is_given(const struct identified *person)
{
    return person->name.length > 0 || person->document_kind != 0 || person->number.length > 0 ||
           person->valid_from_date != 0 || person->valid_until_date != 0;
}

/* Somebody who acts for it: a person. */
static int check_actor(
    const char *outer, struct identified *person, bool is_required, struct decode_error *ret_error)
{
    if (!is_required && !is_given(person))
        return 0;
    if (check_identified(outer, person, ret_error) < 0)
        return -1;
    if (person->document_kind == DOCUMENT_SOCIAL_CREDIT_CODE)
        return refuse(ret_error, outer, "document_kind",
            "must be a person's document, not a company's code",
            "须为个人证件，不能是企业的统一社会信用代码");
    return 0;
}

int check_subject_named(
    const char *outer, struct identified *subject, struct decode_error *ret_error)
{
    if (!is_given(subject))
        return 0;
    if (check_named(outer, subject, ret_error) < 0)
        return -1;
    struct wording fault =
        document_fault((enum document_kind)subject->document_kind, subject->number, NO_DAY);
    if (fault.english)
        return refuse(ret_error, outer, "number", fault.english, fault.chinese);
    normalize(subject->document_kind, &subject->number);
    return 0;
}

int check_identify(struct identify_member *asked, struct decode_error *ret_error)
{
    struct identified *holder = &asked->holder;
    const struct identified *owner = &asked->representative;
    bool has_code = holder->document_kind == DOCUMENT_SOCIAL_CREDIT_CODE;
    if (check_identified("holder", holder, ret_error) < 0)
        return -1;
    if (asked->subject == SUBJECT_PERSON && has_code)
        return decode_refuse(ret_error, "holder.document_kind",
            "must be a person's document: a person has no social credit code",
            "须为个人证件：个人没有统一社会信用代码");
    if (asked->subject == SUBJECT_COMPANY && !has_code)
        return decode_refuse(ret_error, "holder.document_kind",
            "must be DOCUMENT_KIND_SOCIAL_CREDIT_CODE (%d) of a company",
            "企业须为 DOCUMENT_KIND_SOCIAL_CREDIT_CODE (%d)", DOCUMENT_SOCIAL_CREDIT_CODE);
    if (check_actor("legal_representative", &asked->representative,
            asked->subject != SUBJECT_PERSON, ret_error) < 0 ||
        check_actor("handler", &asked->handler, false, ret_error) < 0)
        return -1;
    if (asked->subject == SUBJECT_INDIVIDUAL_BUSINESS && !has_code &&
        (owner->document_kind != holder->document_kind ||
            !text_equals(owner->number, holder->number)))
        return decode_refuse(ret_error, "legal_representative.number",
            "must be the holder's: an individual business shows its owner's document, or its code",
            "须与 holder 的证件一致：个体工商户出示经营者的证件，或其统一社会信用代码");
    return 0;
}
