/* test_uses.c: what a field says follows from its name, so that no row can be forgotten.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/fields.h"
#include "model/record_table.h"
#include "samples.h"
#include "suites.h"
#include "support/expect.h"

#include <string.h>

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name);
    return length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* The kind whose records leave memory and are found by a column of that name, or take the place of
 * one; 0: none. */
static int kind_of_key(const char *name)
{
    name += strncmp(name, "new_", 4) == 0 ? 4 : 0;
    name += strncmp(name, "corrects_", 9) == 0 ? 9 : 0;
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        if (table->key_name && strcmp(table->key_name, table->id_name) == 0 &&
            strcmp(table->key_name, name) == 0)
            return kind;
    }
    return 0;
}

static enum field_use expected_use(int kind, const char *name)
{
    if (strcmp(name, "order_number") == 0)
        return USE_ORDER_NUMBER;
    if (strcmp(name, "remark") == 0)
        return USE_REMARK;
    /* It is compared with the record, and not brought in; nor is an amount that is only said. */
    if (strcmp(name, "amount_minor") == 0 &&
        (kind == COMMAND_PLACE_CLAIM || kind == COMMAND_RELEASE_CLAIM ||
            kind == COMMAND_ADD_STATEMENT_LINE || kind == COMMAND_MATCH_STATEMENT_LINE))
        return USE_NONE;
    if (strcmp(name, "check_sequence") == 0 || kind == COMMAND_CONFIRM_CARD_AMOUNT)
        return strcmp(name, "card_id") == 0 ? USE_RECORD : USE_NONE;
    if (ends_with(name, "_sequence"))
        return USE_COMMAND;
    if (kind == COMMAND_EXPIRE && strcmp(name, "id") == 0)
        return USE_EXPIRING_RECORD;
    if (kind == COMMAND_BOOK_RECEIPT && strcmp(name, "bank_reference") == 0)
        return USE_REFERENCE;
    if (kind == COMMAND_ALLOCATE_LINE && strcmp(name, "source_order") == 0)
        return USE_REFERENCE;
    if (strcmp(name, "entry_key") == 0)
        return USE_REFERENCE;
    if (strcmp(name, "proof.reference") == 0)
        return USE_REFERENCE;
    if (strcmp(name, "proof.kind") == 0)
        return USE_PROOF;
    bool is_claim = (kind >= COMMAND_PLACE_CLAIM && kind <= COMMAND_DEDUCT_CLAIM) ||
                    kind == COMMAND_OPEN_FEEDBACK;
    bool is_party = kind != COMMAND_SET_TERMS && kind != COMMAND_IDENTIFY_MEMBER &&
                    kind != COMMAND_ADD_STATEMENT_LINE && !is_claim;
    if (is_party && ends_with(name, ".name"))
        return USE_PARTY;
    if (strcmp(name, "control_total_minor") == 0 || strcmp(name, "gross_minor") == 0 ||
        strcmp(name, "ceiling_total_minor") == 0)
        return USE_AMOUNT;
    if (strcmp(name, "amount_minor") == 0 || strcmp(name, "fee_minor") == 0)
        return USE_AMOUNT;
    return kind_of_key(name) != 0 ? USE_RECORD : USE_NONE;
}

START_TEST(the_use_of_a_field_follows_from_its_name)
{
    int counts[USE_AMOUNT + 1] = {0};
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++) {
        const struct field_table *table = command_fields(kind);
        for (uint32_t i = 0; table && i < table->count; i++) {
            const struct field *field = &table->fields[i];
            enum field_use use = expected_use(kind, field->name);
            EXPECT_MSG(field->use == use, "%s.%s: use %d", table->name, field->name, field->use);
            if (use == USE_RECORD)
                EXPECT_MSG(field->names == kind_of_key(field->name), "%s.%s names %d", table->name,
                    field->name, field->names);
            counts[use]++;
        }
    }
    ck_assert_int_ge(counts[USE_ORDER_NUMBER], 6);
    ck_assert_int_ge(counts[USE_REMARK], 10);
    ck_assert_int_eq(counts[USE_COMMAND], 6);
    ck_assert_int_ge(counts[USE_RECORD], 7);
    ck_assert_int_eq(counts[USE_EXPIRING_RECORD], 1);
    ck_assert_int_eq(counts[USE_REFERENCE], 10);
    ck_assert_int_eq(counts[USE_PROOF], 7);
    ck_assert_int_eq(counts[USE_PARTY], 3);
    ck_assert_int_ge(counts[USE_AMOUNT], 12);
}
END_TEST

/* Whether the command is told to name that record; `kind` 0: of any kind. */
static bool is_named(const struct command *command, enum record_kind kind, int64_t id)
{
    struct named_record named[NAMED_RECORDS_MAX];
    uint32_t count = command_named_records(command, named);
    for (uint32_t i = 0; i < count; i++)
        if (named[i].id == id && (kind == 0 || named[i].kind == kind))
            return true;
    return false;
}

/* Whether a function of command.h tells what stands in the field. */
static bool is_told(const struct command *command, const struct field *field)
{
    const void *place = (const char *)command + field->offset;
    struct text text;
    int64_t number;
    switch ((enum field_use)field->use) {
    case USE_ORDER_NUMBER:
        memcpy(&text, place, sizeof text);
        return text.length > 0 && text_equals(command_order_number(command), text);
    case USE_REMARK:
        memcpy(&text, place, sizeof text);
        return text.length > 0 && text_equals(command_remark(command), text);
    case USE_REFERENCE:
        memcpy(&text, place, sizeof text);
        return text.length > 0 && text_equals(command_reference(command), text);
    case USE_PROOF:
        return (const void *)command_proof(command) == place;
    case USE_PARTY:
        return command_party(command) == place;
    case USE_COMMAND:
        memcpy(&number, place, sizeof number);
        return number > 0 && command_earlier_sequence(command) == number;
    case USE_RECORD:
        memcpy(&number, place, sizeof number);
        return number > 0 && is_named(command, (enum record_kind)field->names, number);
    case USE_EXPIRING_RECORD:
        memcpy(&number, place, sizeof number);
        return number > 0 && is_named(command, 0, number);
    case USE_AMOUNT:
        memcpy(&number, place, sizeof number);
        return number > 0 && command_amount_minor(command) >= number;
    case USE_NONE:
        return true;
    }
    return false;
}

START_TEST(what_a_field_says_is_told)
{
    const int64_t named = 991;
    const struct text said = text_of("said");
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++) {
        const struct field_table *table = command_fields(kind);
        if (!table)
            continue;
        struct command command = sample_command((enum command_kind)kind);
        bool has_reference = false, has_party = false, has_proof = false;
        for (uint32_t i = 0; i < table->count; i++) {
            const struct field *field = &table->fields[i];
            if (field->use == USE_COMMAND || field->use == USE_RECORD || field->use == USE_AMOUNT)
                memcpy((char *)&command + field->offset, &named, sizeof named);
            if (field->use == USE_ORDER_NUMBER || field->use == USE_REMARK ||
                field->use == USE_REFERENCE)
                memcpy((char *)&command + field->offset, &said, sizeof said);
            EXPECT_MSG(is_told(&command, field), "%s.%s", table->name, field->name);
            has_reference |= field->use == USE_REFERENCE;
            has_party |= field->use == USE_PARTY;
            has_proof |= field->use == USE_PROOF;
        }
        EXPECT_MSG(command_has_reference(kind) == has_reference, "%s", table->name);
        EXPECT_MSG(command_has_party(kind) == has_party, "%s", table->name);
        EXPECT_MSG(command_has_proof(kind) == has_proof, "%s", table->name);
        EXPECT_MSG((command_proof(&command) != NULL) == has_proof, "%s", table->name);
    }
}
END_TEST

START_TEST(an_expiry_names_a_record_of_its_kind)
{
    static const struct {
        enum expiry_kind kind;
        enum record_kind names;
    } rows[] = {
        {EXPIRY_HOLD, RECORD_HOLD},
        {EXPIRY_FREEZE, RECORD_FREEZE},
        {EXPIRY_ADJUSTMENT, RECORD_ADJUSTMENT},
        {EXPIRY_PROPOSAL, RECORD_PROPOSAL},
        {EXPIRY_SUSPENSE, RECORD_SUSPENSE},
        {EXPIRY_PROMISE, RECORD_PROMISE},
        {EXPIRY_CARD, RECORD_CARD},
        {EXPIRY_CLAIM, RECORD_CLAIM},
        {EXPIRY_FEEDBACK, RECORD_FEEDBACK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct command command = {.kind = COMMAND_EXPIRE, .expire = {(int32_t)rows[i].kind, 17}};
        struct named_record named[NAMED_RECORDS_MAX];
        ck_assert_uint_eq(command_named_records(&command, named), 1);
        EXPECT(named[0].id == 17 && named[0].kind == rows[i].names);
    }
}
END_TEST

START_TEST(a_command_without_such_fields_says_nothing)
{
    struct command command = {.kind = COMMAND_CLOSE_LEDGER};
    struct named_record named[NAMED_RECORDS_MAX];
    ck_assert_uint_eq(command_order_number(&command).length, 0);
    ck_assert_uint_eq(command_remark(&command).length, 0);
    ck_assert_int_eq(command_earlier_sequence(&command), 0);
    EXPECT(command_party(&command) == NULL && !command_reference_fits(&command));
    EXPECT(!command_has_party(-1) && !command_has_party(COMMAND_KIND_MAX + 1));
    EXPECT(!command_has_reference(-1) && !command_has_reference(COMMAND_KIND_MAX + 1));
    ck_assert_uint_eq(command_named_records(&command, named), 0);
}
END_TEST

Suite *uses_suite(void)
{
    Suite *suite = suite_create("uses");
    TCase *tests = tcase_create("uses");
    tcase_add_test(tests, the_use_of_a_field_follows_from_its_name);
    tcase_add_test(tests, what_a_field_says_is_told);
    tcase_add_test(tests, an_expiry_names_a_record_of_its_kind);
    tcase_add_test(tests, a_command_without_such_fields_says_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
