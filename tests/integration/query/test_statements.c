/* test_statements.c: every statement fits the schema, takes the index that its head names, and
 * never looks at a segment that is not indexed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "command/body.h"
#include "command/fields.h"
#include "fixture.h"
#include "model/record_table.h"
#include "query/internal.h"
#include "query/statements.h"
#include "support/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS 4
#define SEGMENT_COMMANDS 1000

static void start(void)
{
    fixture_start("statements", SEGMENTS, SEGMENT_COMMANDS);
    history_set_cut(fixture.history, SEGMENTS - 1);
    /* Statistics would only help: plans must be right without, as they are just after sealing. */
    history_run(fixture.history, "delete from pg_statistic where starelid in (select oid from "
                                 "pg_class where relnamespace = 'vsl'::regnamespace)");
    history_run(fixture.history, QUERY_SESSION_SETUP);
}

static void prepare(const struct pg_statement *statement)
{
    char sql[4000];
    int n = snprintf(sql, sizeof sql, "prepare %s as %s", statement->name, statement->sql);
    EXPECT(n > 0 && (size_t)n < sizeof sql);
    history_run(fixture.history, sql);
}

START_TEST(every_statement_fits_the_schema)
{
    int count = 0;
    for (; all_statements[count] != NULL; count++) {
        const struct pg_statement *statement = all_statements[count];
        prepare(statement);
        char path[300];
        snprintf(path, sizeof path, "%s/sql/statements/%s.sql", VSL_SOURCE_ROOT, statement->name);
        FILE *file = fopen(path, "r");
        EXPECT_MSG(file != NULL, "%s is not there", path);
        fclose(file);
    }
    EXPECT(count == 19);
}
END_TEST

/* The plan of a statement with these parameters, as text; the caller frees it. */
static char *plan_of(const struct pg_statement *statement, const char *parameters)
{
    char sql[400];
    prepare(statement);
    snprintf(sql, sizeof sql, "explain (costs off) execute %s%s", statement->name, parameters);
    return history_read(fixture.history, sql);
}

static const struct plan_row {
    const struct pg_statement *statement;
    const char *parameters;
    const char *indexes[3]; /* must be in the plan, of the newest indexed segment */
    const char *unwanted;   /* another index must not be; NULL: any may */
} PLANS[] = {
    {&statement_batch_of, "(2500, 1)", {"batch_all_first_sequence_idx"}, "Seq Scan"},
    {&statement_lines_newest_first, "(3, 1, 3001, 3001, 0, 0, -1, 101)",
        {"posting_2_debit_account_id_sequence_idx", "posting_2_credit_account_id_sequence_idx",
            "command_2_sequence_idx"},
        "posting_2_sequence_idx"},
    {&statement_lines_newest_first, "(3, 1, 3001, 2500, 3, 1, 2, 5001)",
        {"posting_2_debit_account_id_sequence_idx", "posting_2_credit_account_id_sequence_idx",
            "command_2_sequence_idx"},
        "posting_2_sequence_idx"},
    {&statement_lines_oldest_first, "(3, 1, 3001, 1, 0, 0, -1, 101)",
        {"posting_2_debit_account_id_sequence_idx", "posting_2_credit_account_id_sequence_idx",
            "command_2_sequence_idx"},
        "posting_2_sequence_idx"},
    {&statement_lines_oldest_first, "(3, 2100, 3001, 2100, 1, 0, 2, 5001)",
        {"posting_2_debit_account_id_sequence_idx", "posting_2_credit_account_id_sequence_idx",
            "command_2_sequence_idx"},
        "posting_2_sequence_idx"},
    {&statement_account_sequences, "(3, 1, 3001, 1000)",
        {"posting_2_debit_account_id_sequence_idx", "posting_2_credit_account_id_sequence_idx",
            "account_history_2_account_id_sequence_idx"},
        "posting_2_sequence_idx"},
    {&statement_account_commands_between, "(1, 3001, 1, '{40,50}', 100, 256, 3)",
        {"posting_2_debit_account_id_sequence_idx", "posting_2_credit_account_id_sequence_idx",
            "command_2_sequence_idx"},
        "posting_2_sequence_idx"},
    {&statement_ledger_dates, "(1, '2024-10-10', '2024-10-12', 3001)",
        {"ledger_history_2_ledger_id_sequence_idx"}, NULL},
    {&statement_search_commands,
        "(2100, 3001, null, 1, null, 0, 32767, null, null, null, null, 0, 0, 100, null, "
        "null, false)",
        {"command_2_sequence_idx"}, "posting"},
    {&statement_search_commands,
        "(2100, 3001, null, 1, '{40,50}', 100, 32767, 'R', '2024-10-10', '2024-10-12', "
        "'\\x422d31', 0, 0, 100, '{\"\\\\x414243\"}', '{\"\\\\x44\",\"\\\\x45\"}', true)",
        {"command_2_sequence_idx"}, "posting"},
    {&statement_search_commands,
        "(2100, 3001, null, 1, null, 0, 32767, null, null, null, null, 1, 1000, "
        "100, null, null, false)",
        {"command_2_sequence_idx", "posting_2_sequence_idx"}, NULL},
    {&statement_search_commands,
        "(1, 3001, '{1999,2001,2500}', 1, null, 0, 32767, null, null, null, null, 1, 1000, "
        "100, null, null, false)",
        {"command_2_sequence_idx", "posting_2_sequence_idx"}, NULL},
    {&statement_command_by_key, "('app', '2024-10-10', 'S000007', 1, 3001)",
        {"command_2_hashtextextended_idx"}, "command_2_sequence_idx"},
    {&statement_command_by_reference, "(1, 'B-1', 1, 3001, 4)", {"command_2_hashtextextended_idx2"},
        "command_2_sequence_idx"},
    {&statement_commands_between, "(100, 3001, 0, null, 100, 256)", {"command_2_sequence_idx"},
        NULL},
    {&statement_commands_between, "(100, 3001, 2, '{40,50}', 100, 256)", {"command_2_sequence_idx"},
        NULL},
    {&statement_commands_of, "('{2001,2500,3000}', 2001, 3001)", {"command_2_sequence_idx"}, NULL},
    {&statement_order_sequences, "(1, 'R', 1, 3001, 101)", {"command_2_hashtextextended_idx1"},
        "command_2_sequence_idx"},
    {&statement_segment_parts, "(1, '{1,1001}', '{3,5}')", {"segment_part_pkey"}, NULL},
    {&statement_postings_of, "('{2001,2500,3000}', 2001, 3001)", {"posting_2_sequence_idx"}, NULL},
};

START_TEST(every_plan_takes_its_index)
{
    const struct plan_row *row = &PLANS[_i];
    char *plan = plan_of(row->statement, row->parameters);
    for (size_t i = 0; i < 3 && row->indexes[i]; i++)
        EXPECT_MSG(strstr(plan, row->indexes[i]) != NULL, "%s without %s:\n%s",
            row->statement->name, row->indexes[i], plan);
    EXPECT_MSG(row->unwanted == NULL || strstr(plan, row->unwanted) == NULL, "%s with %s:\n%s",
        row->statement->name, row->unwanted, plan);
    /* Segment 3 is not indexed: it must not even be in the plan. Nothing is scanned. */
    EXPECT_MSG(strstr(plan, "command_3") == NULL && strstr(plan, "posting_3") == NULL,
        "%s looks at the unindexed segment:\n%s", row->statement->name, plan);
    EXPECT_MSG(strstr(plan, "Seq Scan") == NULL && strstr(plan, "Bitmap") == NULL, "%s scans:\n%s",
        row->statement->name, plan);
    free(plan);
}
END_TEST

START_TEST(the_last_ended_hold_is_read_first)
{
    char *plan = plan_of(&statement_ended_hold, "(5, 'R')");
    EXPECT_MSG(strstr(plan, "Index Scan Backward using hold_ended") != NULL, "%s", plan);
    free(plan);
}
END_TEST

/* A statement of a busy account stops early: rows are taken in the order of the index, and only
 * those of the page are sorted. A sort below would read all that the account has in the window. */
START_TEST(pages_are_read_in_order)
{
    const struct pg_statement *statement =
        _i == 0 ? &statement_lines_newest_first : &statement_lines_oldest_first;
    char *plan = plan_of(statement, "(3, 1, 3001, 3001, 0, 0, -1, 101)");
    EXPECT_MSG((strstr(plan, "Index Scan Backward") != NULL) == (_i == 0), "%s", plan);
    const char *of_page = strstr(plan, "Limit");
    EXPECT_MSG(of_page != NULL, "%s", plan);
    const char *of_side = strstr(of_page + 1, "Limit");
    EXPECT_MSG(of_side != NULL && strstr(of_side, "Sort") == NULL, "%s", plan);
    free(plan);
}
END_TEST

/* Rows of records are found by their keys, what was given back by the command. */
START_TEST(records_are_found_by_their_keys)
{
    struct query query = {0};
    int count = 0;
    record_statements_make(&query);
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct pg_statement *statement = record_statement(&query, (enum record_kind)kind);
        const struct record_table *table = &record_tables[kind];
        char wanted[100];
        char unwanted[100];
        EXPECT((statement != NULL) == (table->key_name != NULL));
        if (!statement)
            continue;
        char *plan = plan_of(statement, "(5, 100004, 1, 1000)");
        snprintf(wanted, sizeof wanted, "Index Cond: ((%s >= ", table->key_name);
        snprintf(unwanted, sizeof unwanted, "Seq Scan on %s", table->name);
        EXPECT_MSG(strstr(plan, wanted) != NULL, "%s:\n%s", statement->name, plan);
        EXPECT_MSG(strstr(plan, unwanted) == NULL, "%s:\n%s", statement->name, plan);
        free(plan);
        count++;
    }
    EXPECT(count == 19);
    free(query.record_statements);
}
END_TEST

/* All rows of some commands: of each table by its numbers, of their segment only. */
START_TEST(a_batch_is_read_by_index)
{
    const struct pg_statement *statement = proofs_rows_statement(fixture.query);
    static char sql[16000];
    int n = snprintf(sql, sizeof sql, "prepare %s as %s", statement->name, statement->sql);
    EXPECT(n > 0 && (size_t)n < sizeof sql);
    history_run(fixture.history, sql);
    snprintf(sql, sizeof sql, "explain (costs off) execute %s(2001, 2100)", statement->name);
    char *plan = history_read(fixture.history, sql);
    static const char *const indexes[] = {"command_2_sequence_idx", "posting_2_sequence_idx",
        "account_history_2_by_number", "ledger_history_2_by_number"};
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++)
        EXPECT_MSG(strstr(plan, indexes[i]) != NULL, "%s:\n%s", indexes[i], plan);
    EXPECT_MSG(strstr(plan, "Seq Scan") == NULL, "%s", plan);
    EXPECT_MSG(strstr(plan, "history_1") == NULL && strstr(plan, "history_3") == NULL, "%s", plan);
    free(plan);
}
END_TEST

/* Who reads the journal with SQL has the names that the API has. */
/* What the command has in vsl.booked_reference and here. */
static void append_command(struct buffer *sql, const struct command *command)
{
    uint8_t body[COMMAND_BODY_BYTES_MAX];
    char folded[REFERENCE_BYTES_MAX];
    char text[64];
    size_t body_length = command_body_encode(command, body);
    uint32_t folded_length = command_folded_reference(command, folded);
    buffer_append(sql, text,
        (size_t)snprintf(text, sizeof text, "%s (%d::smallint, '\\x",
            sql->length == 0 ? "values" : ",", (int)command->kind));
    for (size_t i = 0; i < body_length; i++)
        buffer_append(sql, text, (size_t)snprintf(text, sizeof text, "%02x", body[i]));
    buffer_append(sql, "'::bytea, '\\x", 13);
    for (uint32_t i = 0; i < folded_length; i++)
        buffer_append(sql, text, (size_t)snprintf(text, sizeof text, "%02x", (uint8_t)folded[i]));
    buffer_append(sql, "'::bytea)", 9);
}

static void append_both(struct buffer *sql, const char *written, size_t length)
{
    const struct command command = {.kind = COMMAND_BOOK_RECEIPT,
        .caller_id = (int64_t)(length * 977),
        .proposal_id = (int64_t)(length % 3),
        .book_receipt = {.account_id = (int64_t)length % 2 * 300,
            .receiving_number = text_of(length % 2 ? "" : "\x08\x08"),
            .amount_minor = 1 + (int64_t)length * 8888,
            .payer = {text_of("\x08"
                              "a"),
                text_of(length % 2 ? "1" : ""), text_of("\x08")},
            .bank_reference = {written, (uint32_t)length},
            .value_date = 20000,
            .remark = text_of("\x08\x03"
                              "abc")}};
    append_command(sql, &command);
}

/* A line of a lump with that source order. */
static void append_line(struct buffer *sql, const char *written, size_t length)
{
    const struct command command = {.kind = COMMAND_ALLOCATE_LINE,
        .caller_id = (int64_t)(length * 977),
        .proposal_id = (int64_t)(length % 3),
        .allocate_line = {.lump_id = 1 + (int64_t)length * 40,
            .source_order = {written, (uint32_t)length},
            .account_id = (int64_t)length % 2 * 300,
            .receiving_number = text_of(length % 2 ? "" : "8"),
            .amount_minor = 1 + (int64_t)length * 8888,
            .payer = {text_of("a"), text_of(length % 2 ? "1" : ""), text_of("")},
            .remark = text_of("abc")}};
    append_command(sql, &command);
}

/* Of every kind that may have a proof, with all that stands before it. */
static void append_proved(struct buffer *sql, const char *written, size_t length)
{
    for (int kind = 1; kind <= COMMAND_KIND_MAX; kind++) {
        if (!command_has_proof(kind))
            continue;
        struct command command = {.kind = (enum command_kind)kind,
            .caller_id = (int64_t)(length * 977),
            .proposal_id = (int64_t)(length % 3),
            .maker_caller_id = (int64_t)(length % 3) * 5,
            .proposed_at_us = 1700000000000000};
        struct instruction_proof *proof =
            (struct instruction_proof *)(uintptr_t)command_proof(&command);
        *proof = (struct instruction_proof){.kind = 1 + (int32_t)length % 3,
            .result = 1 + (int32_t)length % 2,
            .reference = {written, (uint32_t)length},
            .amount_minor = (int64_t)length * 8888,
            .account_id = 19,
            .payee_account_number = text_of(kind == COMMAND_WITHDRAW ? "19" : ""),
            .issued_at_us = 1,
            .expires_at_us = 2};
        append_command(sql, &command);
        proof->kind = 0;
        proof->reference = (struct text){0};
        append_command(sql, &command);
    }
}

static void expect_both_the_same(struct buffer *values)
{
    struct buffer sql = {0};
    static const char before[] = "select encode(v.folded, 'escape') || ' and not ' ||"
                                 " coalesce(vsl.booked_reference(v.kind, v.body), 'none') from (";
    static const char behind[] =
        ") v(kind, body, folded) where vsl.booked_reference(v.kind, v.body) is distinct "
        "from nullif(convert_from(v.folded, 'UTF8'), '')";
    buffer_append(&sql, before, sizeof before - 1);
    buffer_append(&sql, values->bytes, values->length);
    buffer_append(&sql, behind, sizeof behind);
    char *different = history_read(fixture.history, (const char *)sql.bytes);
    EXPECT_MSG(different[0] == '\0', "%s", different);
    free(different);
    buffer_finish(&sql);
    values->length = 0;
}

/* Every character of the plane that banks write, and some beyond: the index and the engine must
 * agree, or a movement is booked twice. */
START_TEST(references_are_folded_as_in_the_program)
{
    struct buffer values = {0};
    char written[REFERENCE_BYTES_MAX];
    size_t length = 0;
    append_both(&values, "", 0);
    append_both(&values, " \xe3\x80\x80", 4);
    /* Words for none, and what is near to them: dotless and dotted I are other letters. */
    static const char *const words[] = {"NOTPROVIDED", "notprovided", "Not Provided\t", "NONREF",
        "nonREF", "ＮＯＮＲＥＦ", "NONREF1", "NONRE", "XNONREF", "NON-REF",
        "ｎｏｔ　ｐｒｏｖｉｄｅｄ", "notprovıded", "NOTPROVİDED", "NOTPROVIDED/1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        append_both(&values, words[i], strlen(words[i]));
        if (strlen(words[i]) <= SOURCE_ORDER_BYTES_MAX && (words[i][0] & 0x80) == 0)
            append_line(&values, words[i], strlen(words[i]));
    }
    for (length = 1; length <= SOURCE_ORDER_BYTES_MAX; length++) {
        for (size_t i = 0; i < length; i++)
            written[i] = (char)('!' + (i * 7 + length) % ('~' - '!' + 1));
        append_line(&values, written, length);
        append_proved(&values, written, length);
    }
    length = 0;
    for (uint32_t c = 1; c < 0x11000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        if (c >= 0x10000) {
            written[length++] = (char)(0xf0 | c >> 18);
            written[length++] = (char)(0x80 | (c >> 12 & 0x3f));
        } else if (c >= 0x800) {
            written[length++] = (char)(0xe0 | c >> 12);
        }
        if (c >= 0x800)
            written[length++] = (char)(0x80 | (c >> 6 & 0x3f));
        else if (c >= 0x80)
            written[length++] = (char)(0xc0 | c >> 6);
        written[length++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
        if (length < sizeof written - 60 && c != 0x10fff)
            continue;
        append_both(&values, written, length);
        length = 0;
        if (values.length > 300000)
            expect_both_the_same(&values);
    }
    expect_both_the_same(&values);
    buffer_finish(&values);
    char *none =
        history_read(fixture.history, "select count(vsl.booked_reference(30::smallint, b)) from "
                                      "(values ('\\x'::bytea), ('\\xfc01'), ('\\x0c'))"
                                      " v(b)");
    EXPECT_MSG(strtoul(none, NULL, 10) == 0, "%s", none);
    free(none);
}
END_TEST

/* The statement takes the kinds whose rows say that they have a reference, and no other; and the
 * function finds it in the body by its row's number. */
START_TEST(references_are_those_of_the_rows)
{
    int found = 0;
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++) {
        char named[20], sql[200];
        const struct field_table *table = command_fields(kind);
        snprintf(named, sizeof named, "c.kind = %d", kind);
        const char *at = strstr(statement_command_by_reference.sql, named);
        bool is_asked = at != NULL && strchr(" )", at[strlen(named)]) != NULL;
        EXPECT_MSG(is_asked == command_has_reference(kind), "kind %d", kind);
        for (uint32_t i = 0; table && i < table->count; i++) {
            const struct field *field = &table->fields[i];
            if (field->use != USE_REFERENCE)
                continue;
            snprintf(sql, sizeof sql,
                "select vsl.booked_reference(%d::smallint, '\\x%02x0152') = %s'R'", kind,
                field->number,
                field->rule == TEXT_FACT             ? ""
                : command_has_proof(kind)            ? "chr(2) || "
                : kind == COMMAND_ADD_STATEMENT_LINE ? "chr(3) || "
                                                     : "chr(1) || ");
            char *is_same = history_read(fixture.history, sql);
            EXPECT_MSG(strcmp(is_same, "t\n") == 0, "%s", sql);
            free(is_same);
            found++;
        }
    }
    EXPECT(found >= 2);
}
END_TEST

START_TEST(kinds_of_commands_have_their_names)
{
    static const struct {
        int number;
        const char *name;
    } kinds[] = {
#define COMMAND(number, NAME, member, Service, Method, answer, roles) {number, #Method},
#include "command/command_list.h"
    };
    const size_t count = sizeof kinds / sizeof *kinds;
    char sql[200];
    for (size_t i = 0; i < count; i++) {
        snprintf(sql, sizeof sql,
            "select name from vsl.command_kind where number = %d and vsl.kind('%s') = %d",
            kinds[i].number, kinds[i].name, kinds[i].number);
        char *name = history_read(fixture.history, sql);
        EXPECT_MSG(strncmp(name, kinds[i].name, strlen(kinds[i].name)) == 0, "%d: '%s' and not %s",
            kinds[i].number, name, kinds[i].name);
        free(name);
    }
    char *counted = history_read(fixture.history, "select count(*) from vsl.command_kind");
    EXPECT_MSG(strtoul(counted, NULL, 10) == count, "%s kinds", counted);
    free(counted);
    /* The planner sees a number. */
    char *plan = history_read(fixture.history,
        "explain (costs off) select from vsl.command where kind = vsl.kind('Refund')");
    EXPECT_MSG(strstr(plan, "kind = '41'::smallint") != NULL, "%s", plan);
    free(plan);
}
END_TEST

Suite *statements_suite(void)
{
    Suite *suite = suite_create("query/statements");
    TCase *cases = tcase_create("statements");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, fixture_stop);
    tcase_add_test(cases, every_statement_fits_the_schema);
    tcase_add_test(cases, a_batch_is_read_by_index);
    tcase_add_loop_test(
        cases, every_plan_takes_its_index, 0, (int)(sizeof PLANS / sizeof PLANS[0]));
    tcase_add_test(cases, the_last_ended_hold_is_read_first);
    tcase_add_loop_test(cases, pages_are_read_in_order, 0, 2);
    tcase_add_test(cases, records_are_found_by_their_keys);
    tcase_add_test(cases, references_are_folded_as_in_the_program);
    tcase_add_test(cases, references_are_those_of_the_rows);
    tcase_add_test(cases, kinds_of_commands_have_their_names);
    suite_add_tcase(suite, cases);
    return suite;
}
