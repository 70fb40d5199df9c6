/* test_fault.c: killed at each fault point; the next start finds each batch whole or not at all.
 * SPDX-License-Identifier: Apache-2.0 */
#include "server.h"
#include "suites.h"
#include "support/database.h"
#include "support/expect.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef VSL_FAULTS
/* Killed at the fifth batch: how many batches the next start must find. */
static const struct {
    const char *point;
    int64_t batches_min;
    int64_t batches_max;
} faults[] = {
    {"store.before_submit", 4, 4},
    {"store.between_copies", 4, 4},
    {"store.after_commit_sent", 5, 5},
    {"store.before_durable", 5, 5},
};

/* Never returns: writes until the fault point kills it. */
static void write_until_killed(const char *conninfo, const char *point)
{
    char fault[100];
    struct server server;
    snprintf(fault, sizeof fault, "%s:5", point);
    setenv("VSL_FAULT", fault, 1);
    struct event_base *base = event_base_new();
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 10);
    server_write(&server, 100);
    server_wait(&server, server_has_written, 10);
    _exit(0);
}

START_TEST(a_killed_server_leaves_whole_batches)
{
    char name[40];
    snprintf(name, sizeof name, "fault_%d", _i);
    const char *conninfo = database_create(name);
    fflush(NULL);
    pid_t child = fork();
    EXPECT(child >= 0);
    if (child == 0)
        write_until_killed(conninfo, faults[_i].point);
    int status;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT_MSG(
        WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s did not kill", faults[_i].point);

    struct event_base *base = event_base_new();
    struct server server;
    server_open(&server, base, conninfo, (struct server_options){0});
    server_wait(&server, server_is_ready, 20);
    int64_t batches = server.position.batch_number;
    EXPECT_MSG(batches >= faults[_i].batches_min && batches <= faults[_i].batches_max,
        "%s: %lld batches", faults[_i].point, (long long)batches);
    EXPECT(server.position.sequence == batches * 3);
    server_write(&server, 3);
    server_wait(&server, server_has_written, 10);
    EXPECT(database_number(conninfo, "select count(*) from vsl.batch") == batches + 3);
    EXPECT(database_number(conninfo, "select count(*) from vsl.command") == (batches + 3) * 3);
    EXPECT(database_number(conninfo, "select count(*) from vsl.posting") == (batches + 3) * 3);
    server_finish(&server);
    event_base_free(base);
}
END_TEST
#endif

Suite *fault_suite(void)
{
    Suite *suite = suite_create("store/fault");
    TCase *cases = tcase_create("fault");
#ifdef VSL_FAULTS
    tcase_add_loop_test(
        cases, a_killed_server_leaves_whole_batches, 0, sizeof faults / sizeof *faults);
#endif
    suite_add_tcase(suite, cases);
    return suite;
}
