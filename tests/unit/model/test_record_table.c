/* test_record_table.c: the tables of columns fit the structs that they describe.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/record_table.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

static uint32_t bytes_of_type(const struct record_column *column)
{
    switch (column->type) {
    case COLUMN_INT64:
    case COLUMN_TIME:
        return sizeof(int64_t);
    case COLUMN_INT16:
        return sizeof(uint8_t);
    case COLUMN_BOOL:
        return sizeof(bool);
    case COLUMN_CURRENCY:
        return 4;
    case COLUMN_DATE:
    case COLUMN_INT32:
        return sizeof(int32_t);
    case COLUMN_FINGERPRINT:
        return sizeof(struct fingerprint);
    case COLUMN_TEXT:
    case COLUMN_LONG_TEXT:
    case COLUMN_DATES:
    case COLUMN_NUMBERS:
        return column->bytes;
    }
    return 0;
}

/* Of one of the items that a column has a count of; 0: it has none. */
static uint32_t item_bytes(const struct record_column *column)
{
    if (column->type == COLUMN_TEXT)
        return 1;
    if (column->type == COLUMN_DATES)
        return sizeof(int32_t);
    return column->type == COLUMN_NUMBERS ? column->item_bytes : 0;
}

/* Takes bytes of the record for one column; none may be taken twice. */
static void take(bool *taken, uint32_t offset, uint32_t bytes, const char *name)
{
    for (uint32_t i = offset; i < offset + bytes; i++) {
        EXPECT_MSG(!taken[i], "%s: byte %u is another column's", name, i);
        taken[i] = true;
    }
}

START_TEST(columns_lie_inside_the_record)
{
    static bool taken[65536];
    const struct record_table *table = &record_tables[_i];
    memset(taken, 0, sizeof taken);
    EXPECT(table->bytes < sizeof taken);
    EXPECT(table->changed_sequence_offset + sizeof(int64_t) <= table->bytes);
    take(taken, table->changed_sequence_offset, sizeof(int64_t), "changed_sequence");
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct record_column *column = &table->columns[i];
        const char *name = column->name;
        EXPECT_MSG(column->bytes > 0 && column->bytes == bytes_of_type(column), "%s", name);
        EXPECT_MSG(column->offset + column->bytes <= table->bytes, "%s", name);
        take(taken, column->offset, column->bytes, name);
        if (column->type == COLUMN_INT64 || column->type == COLUMN_TIME ||
            column->type == COLUMN_NUMBERS)
            EXPECT_MSG(column->offset % sizeof(int64_t) == 0, "%s", name);
        if (column->type == COLUMN_DATE || column->type == COLUMN_DATES ||
            column->type == COLUMN_INT32)
            EXPECT_MSG(column->offset % sizeof(int32_t) == 0, "%s", name);
        if (item_bytes(column) == 0)
            continue;
        EXPECT_MSG(column->length_offset < table->bytes, "%s", name);
        take(taken, column->length_offset, 1, name);
        uint32_t bytes = item_bytes(column);
        EXPECT_MSG(column->bytes % bytes == 0 && column->bytes / bytes <= UINT8_MAX, "%s", name);
        EXPECT_MSG(column->type != COLUMN_NUMBERS || bytes % sizeof(int64_t) == 0, "%s", name);
    }
}
END_TEST

START_TEST(names_are_unique)
{
    const struct record_table *table = &record_tables[_i];
    EXPECT_MSG(table->name != NULL && table->column_count > 0, "kind %d has no table", _i);
    EXPECT(table->id_max > 0);
    char name[64];
    snprintf(name, sizeof name, "%s_history", table->name);
    EXPECT(strcmp(table->history_name, name) == 0);
    snprintf(name, sizeof name, "sequence, %s_id", table->name);
    EXPECT(strcmp(table->history_order, name) == 0);
    for (int kind = 1; kind < _i; kind++)
        EXPECT_MSG(strcmp(record_tables[kind].name, table->name) != 0, "%s twice", table->name);

    int ids = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct record_column *column = &table->columns[i];
        bool is_id = column->offset == table->id_offset;
        EXPECT_MSG(is_id == (strcmp(column->name, table->id_name) == 0), "%s", column->name);
        EXPECT_MSG(!is_id || column->type == COLUMN_INT64, "%s", column->name);
        EXPECT_MSG(strcmp(column->name, "sequence") != 0, "%s", table->name);
        ids += is_id;
        for (uint32_t k = 0; k < i; k++)
            EXPECT_MSG(strcmp(table->columns[k].name, column->name) != 0, "%s twice", column->name);
    }
    EXPECT_MSG(ids == 1, "%s has %d ids", table->name, ids);
}
END_TEST

START_TEST(images_hold_any_record)
{
    struct image image;
    EXPECT(image_record(&image) == (void *)&image.ledger);
    EXPECT(image_record(&image) == (void *)&image.member);
    EXPECT(image_record(&image) == (void *)&image.account);
    EXPECT(image_record(&image) == (void *)&image.payout);
    EXPECT(image_record_const(&image) == (const void *)&image.payout);
    for (int kind = 1; kind <= RECORD_KINDS; kind++)
        EXPECT(record_tables[kind].bytes <= sizeof image - offsetof(struct image, ledger));
    image.member.id = 77;
    image.member.changed_sequence = 78;
    const struct record_table *members = &record_tables[RECORD_MEMBER];
    EXPECT(record_id(members, image_record_const(&image)) == 77);
    EXPECT(record_sequence(members, image_record_const(&image)) == 78);
    record_set_id(members, image_record(&image), 79);
    record_set_sequence(members, image_record(&image), 80);
    EXPECT(image.member.id == 79 && image.member.changed_sequence == 80);
}
END_TEST

Suite *record_table_suite(void)
{
    Suite *suite = suite_create("record_table");
    TCase *tests = tcase_create("record_table");
    tcase_add_loop_test(tests, columns_lie_inside_the_record, 1, RECORD_KINDS + 1);
    tcase_add_loop_test(tests, names_are_unique, 1, RECORD_KINDS + 1);
    tcase_add_test(tests, images_hold_any_record);
    suite_add_tcase(suite, tests);
    return suite;
}
