/* test_sql.c: the checks find what they are for, and the roles may do what they need and no more.
 *
 * A small true journal is made by hand: every check finds nothing. Then one thing after the other
 * is broken: the check that is for it finds it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/payout.h"
#include "model/record_table.h"
#include "server.h"
#include "small_day.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The constraints and triggers are out of the way for the test: they are other nets. */
#define UNGUARDED "set session_replication_role = replica;"

/* The date on which payouts are looked at. */
#define ON_DATE 20779

/* The text of a check; the caller frees it. */
static char *read_check(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/sql/checks/%s.sql", VSL_SOURCE_ROOT, name);
    FILE *file = fopen(path, "r");
    EXPECT_MSG(file != NULL, "cannot open %s", path);
    char *text = calloc(1, 65536);
    EXPECT(text != NULL && fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static int count_findings(PGconn *conn, const char *name)
{
    char *sql = read_check(name);
    PGresult *result = PQexecParams(conn, sql, 0, NULL, NULL, NULL, NULL, 0);
    EXPECT_MSG(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", name, PQerrorMessage(conn));
    int rows = PQntuples(result);
    PQclear(result);
    free(sql);
    return rows;
}

static void run(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    EXPECT_MSG(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", sql,
        PQerrorMessage(conn));
    PQclear(result);
}

static void make_small_day(PGconn *conn)
{
    for (int i = 0; small_day[i]; i++)
        run(conn, small_day[i]);
}

static int damages_in_all(void)
{
    return damage_count + statement_damage_count + feedback_damage_count + product_damage_count;
}

static const struct damage *damage_at(int i)
{
    if (i < damage_count)
        return &damages[i];
    i -= damage_count;
    if (i < statement_damage_count)
        return &statement_damages[i];
    i -= statement_damage_count;
    return i < feedback_damage_count ? &feedback_damages[i]
                                     : &product_damages[i - feedback_damage_count];
}

START_TEST(every_check_finds_its_damage)
{
    const char *conninfo = database_create("checks");
    PGconn *conn = PQconnectdb(conninfo);
    make_small_day(conn);

    DIR *folder = opendir(VSL_SOURCE_ROOT "/sql/checks");
    EXPECT(folder != NULL);
    int checks = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char name[256];
        snprintf(name, sizeof name, "%s", entry->d_name);
        char *end = strstr(name, ".sql");
        if (!end)
            continue;
        *end = 0;
        checks++;
        EXPECT_MSG(count_findings(conn, name) == 0, "%s finds something in true books", name);
        bool is_tried = false;
        for (int i = 0; i < damages_in_all(); i++)
            is_tried |= strcmp(damage_at(i)->check, name) == 0;
        EXPECT_MSG(is_tried, "no damage is tried for %s", name);
    }
    closedir(folder);
    EXPECT(checks >= 25);

    run(conn, UNGUARDED);
    for (int i = 0; i < damages_in_all(); i++) {
        run(conn, "begin");
        PGresult *result = PQexec(conn, damage_at(i)->sql);
        EXPECT_MSG(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", damage_at(i)->sql,
            PQerrorMessage(conn));
        EXPECT_MSG(atoi(PQcmdTuples(result)) > 0, "%s: damages nothing", damage_at(i)->sql);
        PQclear(result);
        EXPECT_MSG(count_findings(conn, damage_at(i)->check) > 0, "%s does not find: %s",
            damage_at(i)->check, damage_at(i)->sql);
        run(conn, "rollback");
    }
    run(conn, UNITS_TRADE);
    EXPECT(count_findings(conn, "units") == 0);
    PQfinish(conn);
}
END_TEST

/* The payment 9 cost 103, with its fee: that is what it uses of a mandate, no less and no more. */
START_TEST(a_use_is_what_the_account_lost)
{
    PGconn *conn = PQconnectdb(database_create("mandate_use"));
    make_small_day(conn);
    run(conn, UNGUARDED);
    run(conn, "update vsl.command set kind = vsl.kind('GrantMandate') where sequence = 8");
    run(conn, "update vsl.mandate_history set ceiling_each = 200, ceiling_total = 200, "
              "granted_sequence = 8, starts_at = '1970-01-01'");
    run(conn, "update vsl.mandate_history set sequence = 8 where sequence = 73");
    run(conn, "update vsl.mandate_history set sequence = 9, status = 1, ended_sequence = 0, "
              "used_count = 1 where sequence = 74");
    for (int used = 102; used <= 104; used++) {
        char sql[80];
        snprintf(
            sql, sizeof sql, "update vsl.mandate_history set used = %d where sequence = 9", used);
        run(conn, sql);
        EXPECT_MSG(count_findings(conn, "mandates") == (used != 103), "used %d", used);
    }
    PQfinish(conn);
}
END_TEST

/* The payout 2 leaves by 16, and by 19 a part of it comes back, or all, with or without its fee. */
START_TEST(a_use_is_given_back_as_it_came)
{
    static const struct {
        int returned, fee, used, count;
        bool is_right;
    } rows[] = {{40, 0, 200, 1, true}, {40, 0, 199, 1, false}, {40, 0, 201, 1, false},
        {40, 0, 200, 0, false}, {240, 0, 0, 0, true}, {240, 0, 0, 1, false}, {240, 5, 0, 1, true},
        {240, 5, 0, 0, false}};
    PGconn *conn = PQconnectdb(database_create("mandate_back"));
    make_small_day(conn);
    run(conn, UNGUARDED);
    run(conn, "update vsl.command set kind = vsl.kind('GrantMandate') where sequence = 8");
    run(conn, "update vsl.mandate_history set account_id = 8, payee_account_id = 0, card_id = 1, "
              "ceiling_each = 300, ceiling_total = 300, granted_sequence = 8, "
              "starts_at = '1970-01-01'");
    run(conn, "update vsl.mandate_history set sequence = 16, status = 1, ended_sequence = 0, "
              "used = 240, used_count = 1 where sequence = 74");
    run(conn, "update vsl.mandate_history set sequence = 8 where sequence = 73");
    run(conn, "create temp table one as select * from vsl.mandate_history where sequence = 16; "
              "update one set sequence = 19; insert into vsl.mandate_history select * from one");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sql[300];
        snprintf(sql, sizeof sql,
            "update vsl.payout_history set fee = %d, fee_account_id = 8 where payout_id = 2; "
            "update vsl.payout_history set returned = %d where sequence = 19; "
            "update vsl.mandate_history set used = %d, used_count = %d where sequence = 19",
            rows[i].fee, rows[i].returned, rows[i].used, rows[i].count);
        run(conn, sql);
        EXPECT_MSG((count_findings(conn, "mandates") == 0) == rows[i].is_right, "row %zu", i);
    }
    PQfinish(conn);
}
END_TEST

/* What a start loads and what memory calls not final are the same payouts. */
START_TEST(a_start_loads_what_is_not_final)
{
    PGconn *conn = PQconnectdb(database_create("final"));
    make_small_day(conn);
    run(conn, UNGUARDED);
    run(conn, "create temp table one as select * from vsl.payout_history limit 1");
    run(conn, "delete from vsl.payout");
    struct payout payouts[64];
    int count = 0;
    for (int status = PAYOUT_REQUESTED; status <= PAYOUT_CANCELLED; status++) {
        for (int32_t date = ON_DATE - 1; date <= ON_DATE + 1; date++) {
            char sql[300];
            struct payout *payout = &payouts[count++];
            *payout = (struct payout){.id = count, .status = (uint8_t)status, .return_until = date};
            snprintf(sql, sizeof sql,
                "update one set payout_id = %d, status = %d, return_until = date '1970-01-01' + %d",
                count, status, date);
            run(conn, sql);
            run(conn, "insert into vsl.payout select * from one");
        }
    }
    char text[1000];
    state_query_of_payouts(ON_DATE, text, sizeof text);
    PGresult *rows = PQexec(conn, text);
    EXPECT_MSG(PQresultStatus(rows) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    int row = 0;
    for (int i = 0; i < count; i++) {
        /* The one with the last id is loaded whatever it is. */
        if (payout_is_final(&payouts[i], ON_DATE) && i < count - 1)
            continue;
        EXPECT_MSG(row < PQntuples(rows) &&
                       atoi(PQgetvalue(rows, row, PQfnumber(rows, "payout_id"))) == i + 1,
            "status %d, %d", payouts[i].status, payouts[i].return_until - ON_DATE);
        row++;
    }
    EXPECT(row == PQntuples(rows) && row > 9);
    PQclear(rows);
    PQfinish(conn);
}
END_TEST

/* The statuses that the predicate of an index takes, as a set. */
static uint32_t statuses_of(PGconn *conn, const char *predicate)
{
    char sql[600];
    snprintf(sql, sizeof sql,
        "select coalesce(sum(1::bigint << status), 0) from generate_series(1, 30) as t(status)"
        " where %s",
        predicate);
    PGresult *result = PQexec(conn, sql);
    EXPECT_MSG(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(conn));
    uint32_t statuses = (uint32_t)strtoul(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return statuses;
}

/* The partial indexes of the state tables are for what is live, for what is live until a date, or
 * for what is neither, as model/record_table.c says it; there is one for each that is asked for. */
START_TEST(indexes_are_of_what_is_live)
{
    PGconn *conn = PQconnectdb(database_create("live"));
    int tables_with_statuses = 0;
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        /* All of a kind that stays in memory are loaded, whatever is live of them. */
        static const struct record_life none;
        const struct record_life *life = table->key_name ? &table->life : &none;
        uint32_t seen_live = 0;
        uint32_t seen_dated = 0;
        char sql[400];
        snprintf(sql, sizeof sql,
            "select pg_get_expr(indpred, indrelid), indexrelid::regclass from pg_index"
            " where indrelid = 'vsl.%s'::regclass and indpred is not null",
            table->name);
        PGresult *rows = PQexec(conn, sql);
        EXPECT_MSG(PQresultStatus(rows) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
        EXPECT_MSG(life->live_statuses != 0 || PQntuples(rows) == 0, "%s", table->name);
        for (int row = 0; row < PQntuples(rows); row++) {
            uint32_t found = statuses_of(conn, PQgetvalue(rows, row, 0));
            uint32_t final = ~(life->live_statuses | life->dated_statuses) & 0x7ffffffe;
            EXPECT_MSG(
                found == life->live_statuses || found == life->dated_statuses || found == final,
                "%s: %s", PQgetvalue(rows, row, 1), PQgetvalue(rows, row, 0));
            seen_live |= found == life->live_statuses ? found : 0;
            seen_dated |= found == life->dated_statuses ? found : 0;
        }
        EXPECT_MSG(
            seen_live == life->live_statuses, "%s has no index of its live rows", table->name);
        EXPECT_MSG(
            seen_dated == life->dated_statuses, "%s has none of its dated rows", table->name);
        tables_with_statuses += life->live_statuses != 0;
        PQclear(rows);
    }
    EXPECT(tables_with_statuses == 14);
    PQfinish(conn);
}
END_TEST

/* No check loops over one table for the rows of another, whatever the planner believes of them:
 * here without any statistics, as of fresh partitions, and with those of so small a day. The
 * settings are those of vslctl check. */
START_TEST(no_check_can_loop)
{
    PGconn *conn = PQconnectdb(database_create("checks_plans"));
    make_small_day(conn);
    run(conn, "set enable_nestloop = off; set enable_indexscan = off; set enable_bitmapscan = off;"
              "set enable_indexonlyscan = off; set max_parallel_workers_per_gather = 0");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < damages_in_all(); i++) {
            if (i > 0 && strcmp(damage_at(i)->check, damage_at(i - 1)->check) == 0)
                continue;
            char *check = read_check(damage_at(i)->check);
            char *sql = calloc(1, strlen(check) + 32);
            EXPECT(sql != NULL);
            strcat(strcpy(sql, "explain\n"), check);
            PGresult *plan = PQexec(conn, sql);
            EXPECT_MSG(PQresultStatus(plan) == PGRES_TUPLES_OK, "%s: %s", damage_at(i)->check,
                PQerrorMessage(conn));
            for (int row = 0; row < PQntuples(plan); row++)
                EXPECT_MSG(strstr(PQgetvalue(plan, row, 0), "Nested Loop") == NULL, "%s: %s",
                    damage_at(i)->check, PQgetvalue(plan, row, 0));
            PQclear(plan);
            free(sql);
            free(check);
        }
        run(conn, "analyze");
    }
    PQfinish(conn);
}
END_TEST

/* An empty database is right, too. */
START_TEST(an_empty_journal_is_right)
{
    PGconn *conn = PQconnectdb(database_create("checks_empty"));
    for (int i = 0; i < damages_in_all(); i++)
        EXPECT_MSG(count_findings(conn, damage_at(i)->check) == 0, "%s", damage_at(i)->check);
    PQfinish(conn);
}
END_TEST

static const char *sqlstate_of(PGconn *conn, const char *sql)
{
    static char sqlstate[6];
    PGresult *result = PQexec(conn, sql);
    const char *field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    snprintf(sqlstate, sizeof sqlstate, "%s", field ? field : "");
    PQclear(result);
    return sqlstate;
}

/* What is in the journal stays, whoever asks. */
START_TEST(the_journal_is_never_changed)
{
    PGconn *conn = PQconnectdb(database_create("unchanged"));
    make_small_day(conn);
    static const char *const tables[] = {"batch", "command", "posting", "ledger_history",
        "member_history", "account_history", "payout_history", "fee_rule_history", "hold_history",
        "freeze_history", "refunded_history", "debt_history", "adjustment_history",
        "restriction_history", "proposal_history", "approval_policy_history", "suspense_history",
        "lump_history", "acquirer_history", "promise_history", "settlement_history",
        "difference_history", "watch_history", "identity_history", "card_history",
        "account_policy_history", "usage_history", "card_flow_history", "proof_policy_history",
        "denied_history", "hit_history", "cover_history", "claim_history", "mandate_history",
        "bank_statement_history", "statement_line_history", "statement_match_history",
        "matched_booking_history", "feedback_history", "product_history", "price_history",
        "position_history"};
    /* The day has none. */
    run(conn, "insert into vsl.position_history values (81, 1, 1, 21, 7, 1, 81)");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "delete from vsl.%s", tables[i]);
        EXPECT_MSG(strcmp(sqlstate_of(conn, sql), "VS002") == 0, "%s", sql);
        snprintf(sql, sizeof sql, "delete from vsl.%s_s0000000000000000001", tables[i]);
        EXPECT_MSG(strcmp(sqlstate_of(conn, sql), "VS002") == 0, "%s", sql);
    }
    EXPECT(strcmp(sqlstate_of(conn, "update vsl.posting set amount = 1"), "VS002") == 0);
    PQfinish(conn);
}
END_TEST

static bool has_indexed_1000(const struct server *server)
{
    return server->indexed_until >= 1000;
}

static bool has_written_state(const struct server *server)
{
    return server->state_writes == 1;
}

/* The server does all its work with the writer's role only; that role can do no harm to the
 * journal. */
START_TEST(the_writer_role_suffices_and_no_more)
{
    char owner[400];
    char writer[500];
    snprintf(owner, sizeof owner, "%s", database_create("roles"));
    char line[1200];
    /* Twice: it may be run again. */
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof line, "psql -X -q -v ON_ERROR_STOP=1 '%s' -f '%s/sql/roles.sql'",
            owner, VSL_SOURCE_ROOT);
        EXPECT(system(line) == 0);
    }
    database_run(owner, "do $$ begin create role test_vsld login; exception when duplicate_object"
                        " then null; end $$; grant vsl_writer to test_vsld");
    snprintf(writer, sizeof writer, "%s user=test_vsld", owner);

    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, writer, (struct server_options){.segment_commands = 1000});
    server_wait(&server, server_is_ready, 10);
    server.is_indexing = true;
    server.batch_commands = 100;
    server_write(&server, 12);
    server_wait(&server, server_has_written, 10);
    server_wait(&server, has_indexed_1000, 10);
    struct image image = server_account_image(1, 5);
    int64_t sequence = 3;
    store_write_state(server.store, &image, &sequence, 1, 4);
    server_wait(&server, has_written_state, 10);
    /* Its old session may be ended by its new one. */
    database_run(owner, "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where application_name = 'vsld writer' and datname = 'roles'");
    server_write(&server, 2);
    server_wait(&server, server_has_written, 10);
    server_finish(&server);
    struct server second;
    server_open(&second, base, writer, (struct server_options){.segment_commands = 1000});
    server_wait(&second, server_is_ready, 10);
    server_finish(&second);
    event_base_free(base);

    static const char *const forbidden[] = {"update vsl.posting set amount = 1",
        "delete from vsl.command", "truncate vsl.batch", "drop table vsl.command",
        "create table vsl.mine (a int)", "delete from vsl.account", "delete from vsl.writer",
        "update vsl.segment set state = 1", "delete from vsl.command_s0000000000000000001",
        "insert into vsl.schema_version values (2)", "alter table vsl.posting disable trigger all"};
    PGconn *conn = PQconnectdb(writer);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        EXPECT_MSG(strcmp(sqlstate_of(conn, forbidden[i]), "42501") == 0, "%s", forbidden[i]);
    PQfinish(conn);
}
END_TEST

Suite *sql_suite(void)
{
    Suite *suite = suite_create("store/sql");
    TCase *cases = tcase_create("sql");
    tcase_add_test(cases, every_check_finds_its_damage);
    tcase_add_test(cases, a_use_is_what_the_account_lost);
    tcase_add_test(cases, a_use_is_given_back_as_it_came);
    tcase_add_test(cases, a_start_loads_what_is_not_final);
    tcase_add_test(cases, indexes_are_of_what_is_live);
    tcase_add_test(cases, no_check_can_loop);
    tcase_add_test(cases, an_empty_journal_is_right);
    tcase_add_test(cases, the_journal_is_never_changed);
    tcase_add_test(cases, the_writer_role_suffices_and_no_more);
    suite_add_tcase(suite, cases);
    return suite;
}
