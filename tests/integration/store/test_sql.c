/* test_sql.c: the checks find what they are for, and the roles may do what they need and no more.
 *
 * A small true journal is made by hand: every check finds nothing. Then one thing after the other
 * is broken: the check that is for it finds it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One ledger with ESCROW (1), FEE (3) and a member's account (7): a receipt of 100, a withdrawal of
 * 40 with a fee of 1 that waits for the bank, and a refused payment. */
static const char small_day[] =
    "select vsl.make_segment(1, 1000);"
    "update vsl.writer set epoch = 1, batch_number = 2;"
    "insert into vsl.batch values (1, 1, 1, 2, 'epoch', sha256('')),"
    " (2, 1, 3, 5, '1970-01-02Z', sha256(''));"
    "insert into vsl.command values"
    " (1, 'epoch', 0, 1, 1, '2026-01-01', 1, 'APP', '2026-01-01', 'a', ''),"
    " (2, 'epoch', 1, 20, 1, '2026-01-01', 7, 'APP', '2026-01-01', 'b', ''),"
    " (3, 'epoch', 1, 30, 1, '2026-01-01', 7, 'APP', '2026-01-01', 'c', ''),"
    " (4, '1970-01-02Z', 1, 40, 1, '2026-01-01', 1, 'APP', '2026-01-01', 'd', ''),"
    " (5, '1970-01-02Z', 1, 33, 117, '2026-01-01', 0, 'APP', '2026-01-01', 'e', '');"
    "insert into vsl.ledger_history values"
    " (1, 1, 1, 'CNY', 'p', '1', '6220', 1, 3, '\\x00005000');"
    "insert into vsl.member_history values (2, 1, 1, 1, 1, 'm');"
    "insert into vsl.account_history values"
    " (1, 1, 1, 0, 2, 1, false, false, 0, 0, 0, 0), (1, 1, 3, 0, 4, 1, false, false, 0, 0, 0, 0),"
    " (2, 1, 7, 1, 1, 1, false, false, 0, 0, 0, 0);"
    "insert into vsl.posting values (3, 0, 1, 100, 1, 0, -100, 7, 0, 100),"
    " (4, 0, 1, 40, 7, 0, 60, 7, 2, 40), (4, 1, 1, 1, 7, 0, 59, 3, 0, 1);"
    "insert into vsl.payout_history values (4, 1, 1, 7, 40, 1, 4, 1);"
    "insert into vsl.ledger select * from vsl.ledger_history;"
    "insert into vsl.member select * from vsl.member_history;"
    "insert into vsl.account values (3, 1, 1, 0, 2, 1, false, false, -100, 0, 0, 0),"
    " (1, 1, 3, 0, 4, 1, false, false, 0, 0, 0, 0), (3, 1, 7, 1, 1, 1, false, false, 100, 0, 0, 0);"
    "update vsl.state_progress set redo_sequence = 4";

/* The constraints and triggers are out of the way for the test: they are other nets. */
#define UNGUARDED "set session_replication_role = replica;"

static const struct {
    const char *check;
    const char *damage;
} damages[] = {
    {"running_balance", "update vsl.posting set credit_balance = 2 where line = 1"},
    {"running_balance", "update vsl.posting set amount = 41 where amount = 40"},
    {"ledger_sum", "update vsl.posting set credit_balance = 2 where line = 1"},
    {"ledger_sum", "update vsl.posting set debit_balance = -99 where sequence = 3"},
    {"escrow_tie_out", "update vsl.posting set debit_balance = -101 where sequence = 3"},
    {"escrow_tie_out", "update vsl.posting set credit_bucket = 1 where line = 1"},
    {"member_not_negative", "update vsl.posting set debit_balance = -1 where line = 1"},
    {"frozen_without_reason", "update vsl.posting set credit_bucket = 3 where line = 1"},
    {"payouts_pending", "update vsl.payout_history set status = 2"},
    {"payouts_pending", "update vsl.payout_history set amount = 39"},
    {"payouts_pending", "delete from vsl.payout_history"},
    {"state_accounts", "update vsl.account set available = 99 where account_id = 7"},
    {"state_accounts", "update vsl.account set sequence = 4 where account_id = 7"},
    {"state_accounts", "update vsl.account set no_out = true where account_id = 3"},
    {"state_records", "update vsl.ledger set currency = 'USD'"},
    {"state_records", "update vsl.member set status = 2"},
    {"state_records", "insert into vsl.payout values (4, 1, 1, 7, 41, 1, 4, 1)"},
    {"state_progress", "delete from vsl.member"},
    {"state_progress", "update vsl.account set sequence = 2 where account_id = 7"},
    {"state_progress", "update vsl.account set sequence = 6 where account_id = 7"},
    {"state_progress", "update vsl.state_progress set redo_sequence = 7"},
    {"command_sequence", "delete from vsl.command where sequence = 2"},
    {"command_sequence", "delete from vsl.command where sequence = 5"},
    {"command_sequence", "insert into vsl.command select * from vsl.command where sequence = 2"},
    {"command_sequence", "update vsl.command set recorded_at = '1970-01-03Z' where sequence = 3"},
    {"batch_sequence", "update vsl.batch set batch_number = 3 where batch_number = 2"},
    {"batch_sequence", "update vsl.batch set first_sequence = 4 where batch_number = 2"},
    {"batch_sequence", "update vsl.batch set recorded_at = '1970-01-03Z' where batch_number = 2"},
    {"batch_sequence", "delete from vsl.batch where batch_number = 2"},
    {"request_keys", "update vsl.command set serial = 'a' where sequence = 5"},
    {"refused_without_effect", "update vsl.command set outcome = 100 where sequence = 4"},
    {"refused_without_effect", "update vsl.command set outcome = 0 where sequence = 2"},
    {"refused_without_effect", "update vsl.posting set line = 2 where line = 1"},
    {"refused_without_effect", "delete from vsl.command where sequence = 1"},
    {"posting_ledger", "update vsl.posting set ledger_id = 2 where sequence = 3"},
    {"posting_ledger", "update vsl.command set ledger_id = 2 where sequence = 3"},
    {"posting_ledger", "update vsl.account_history set ledger_id = 2 where account_id = 3"},
    {"posting_ledger", "update vsl.account_history set sequence = 4 where account_id = 7"},
    {"segments", "update vsl.segment set state = 3"},
    {"segments", "update vsl.segment set first_sequence = 2"},
    {"segments", "update vsl.segment set last_sequence = 4"},
};

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

START_TEST(every_check_finds_its_damage)
{
    const char *conninfo = database_create("checks");
    PGconn *conn = PQconnectdb(conninfo);
    run(conn, small_day);

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
        for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
            is_tried |= strcmp(damages[i].check, name) == 0;
        EXPECT_MSG(is_tried, "no damage is tried for %s", name);
    }
    closedir(folder);
    EXPECT(checks >= 15);

    run(conn, UNGUARDED);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        run(conn, "begin");
        PGresult *result = PQexec(conn, damages[i].damage);
        EXPECT_MSG(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", damages[i].damage,
            PQerrorMessage(conn));
        EXPECT_MSG(atoi(PQcmdTuples(result)) > 0, "%s: damages nothing", damages[i].damage);
        PQclear(result);
        EXPECT_MSG(count_findings(conn, damages[i].check) > 0, "%s does not find: %s",
            damages[i].check, damages[i].damage);
        run(conn, "rollback");
    }
    PQfinish(conn);
}
END_TEST

/* An empty database is right, too. */
START_TEST(an_empty_journal_is_right)
{
    PGconn *conn = PQconnectdb(database_create("checks_empty"));
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        EXPECT_MSG(count_findings(conn, damages[i].check) == 0, "%s", damages[i].check);
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
    run(conn, small_day);
    static const char *const tables[] = {"batch", "command", "posting", "ledger_history",
        "member_history", "account_history", "payout_history"};
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
    tcase_add_test(cases, an_empty_journal_is_right);
    tcase_add_test(cases, the_journal_is_never_changed);
    tcase_add_test(cases, the_writer_role_suffices_and_no_more);
    suite_add_tcase(suite, cases);
    return suite;
}
