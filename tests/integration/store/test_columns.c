/* test_columns.c: the columns of model/record_table.h are those of the migrations, in their order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/record_table.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <libpq-fe.h>

static const char *sql_type(const struct record_column *column)
{
    switch (column->type) {
    case COLUMN_INT64:
        return "bigint";
    case COLUMN_INT32:
        return "integer";
    case COLUMN_INT16:
        return "smallint";
    case COLUMN_BOOL:
        return "boolean";
    case COLUMN_TEXT:
    case COLUMN_LONG_TEXT:
    case COLUMN_CURRENCY:
        return "text";
    case COLUMN_DATE:
        return "date";
    case COLUMN_DATES:
    case COLUMN_NUMBERS:
    case COLUMN_FINGERPRINT:
        return "bytea";
    case COLUMN_TIME:
        return "timestamp with time zone";
    }
    return "";
}

static void expect_columns(PGconn *conn, const char *name, const struct record_table *table)
{
    const char *values[] = {name};
    PGresult *result = PQexecParams(conn,
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'vsl' and table_name = $1 order by ordinal_position",
        1, NULL, values, NULL, NULL, 0);
    EXPECT_MSG(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    EXPECT_MSG(PQntuples(result) == table->column_count + 1, "vsl.%s has %d columns", name,
        PQntuples(result));
    EXPECT_MSG(strcmp(PQgetvalue(result, 0, 0), "sequence") == 0, "vsl.%s", name);
    EXPECT_MSG(strcmp(PQgetvalue(result, 0, 1), "bigint") == 0, "vsl.%s", name);
    for (int i = 0; i < table->column_count; i++) {
        const struct record_column *column = &table->columns[i];
        EXPECT_MSG(strcmp(PQgetvalue(result, i + 1, 0), column->name) == 0, "vsl.%s: %s and not %s",
            name, PQgetvalue(result, i + 1, 0), column->name);
        EXPECT_MSG(strcmp(PQgetvalue(result, i + 1, 1), sql_type(column)) == 0, "vsl.%s.%s is %s",
            name, column->name, PQgetvalue(result, i + 1, 1));
        /* Only a date or a time can be null, and the engine must be able to write it so. */
        bool may_be_null = column->type == COLUMN_DATE || column->type == COLUMN_TIME;
        bool is_nullable = strcmp(PQgetvalue(result, i + 1, 2), "YES") == 0;
        EXPECT_MSG(is_nullable == may_be_null, "vsl.%s.%s: null", name, column->name);
    }
    PQclear(result);
}

START_TEST(columns_are_those_of_the_database)
{
    PGconn *conn = PQconnectdb(database_create("columns"));
    EXPECT_MSG(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        expect_columns(conn, table->name, table);
        expect_columns(conn, table->history_name, table);
    }
    PQfinish(conn);
}
END_TEST

Suite *columns_suite(void)
{
    Suite *suite = suite_create("store/columns");
    TCase *cases = tcase_create("columns");
    tcase_add_test(cases, columns_are_those_of_the_database);
    suite_add_tcase(suite, cases);
    return suite;
}
