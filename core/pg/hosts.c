/* hosts.c: which host of a connection string is tried next, and for how long.
 *
 * libpq goes through the hosts of a string by itself, but without a deadline for each: its
 * connect_timeout counts in its blocking calls only. So a host that takes connections and never
 * answers, as a machine that hangs does, would hide all behind it. Here each try is for one host.
 * What counts for a connection is asked of libpq, since hosts may also come from a service file or
 * the environment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "pg/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Time to let us in and to set the session up; of several hosts the next one may be quicker. When
 * none was, all get more. A connect_timeout in the connection string counts instead. */
#define SOLE_HOST_TIMEOUT_US 10000000
#define HOST_TIMEOUT_US 3000000
/* libpq's own least value of connect_timeout. */
#define TIMEOUT_MIN_S 2

enum { OPTIONS_MAX = 80, ELEMENT_BYTES_MAX = 1024 };

struct options {
    const char *keywords[OPTIONS_MAX + 1];
    const char *values[OPTIONS_MAX + 1];
    size_t count;
};

static void add(struct options *options, const char *keyword, const char *value)
{
    CHECK(options->count < OPTIONS_MAX);
    options->keywords[options->count] = keyword;
    options->values[options->count] = value;
    options->count++;
}

static const char *option_of(const struct hosts *hosts, const char *keyword)
{
    for (PQconninfoOption *option = hosts->options; option && option->keyword; option++)
        if (strcmp(option->keyword, keyword) == 0 && option->val && option->val[0] != '\0')
            return option->val;
    return NULL;
}

static size_t element_count(const char *list)
{
    size_t count = 1;
    for (; list && *list; list++)
        count += *list == ',';
    return count;
}

/* The element of a list with commas; a list of one counts for all. */
static const char *element(const char *list, size_t index, char space[ELEMENT_BYTES_MAX])
{
    if (element_count(list) > 1)
        for (; index > 0; index--)
            list = strchr(list, ',') + 1;
    size_t length = strcspn(list, ",");
    snprintf(space, ELEMENT_BYTES_MAX, "%.*s", (int)length, list);
    return space;
}

/* The whole connection string: it overrides what stands before it and is overridden by what
 * follows. */
static PGconn *start_all(const struct pg_connection *connection)
{
    struct options options = {0};
    add(&options, "keepalives_idle", "3");
    add(&options, "keepalives_interval", "2");
    add(&options, "keepalives_count", "3");
    add(&options, "tcp_user_timeout", "9000");
    add(&options, "dbname", connection->conninfo);
    add(&options, "application_name", connection->name);
    add(&options, "client_encoding", "UTF8");
    return PQconnectStartParams(options.keywords, options.values, 1);
}

/* One host of it. */
static PGconn *start_one(const struct hosts *hosts)
{
    char elements[3][ELEMENT_BYTES_MAX];
    static const char *const lists[] = {"host", "hostaddr", "port"};
    struct options options = {0};
    size_t index = hosts->next % hosts->count;
    for (PQconninfoOption *option = hosts->options; option->keyword; option++) {
        const char *value = option->val;
        if (!value || value[0] == '\0' || strcmp(option->keyword, "service") == 0)
            continue;
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            if (strcmp(option->keyword, lists[i]) == 0)
                value = element(option->val, index, elements[i]);
        /* First a standby among all of them, then any. */
        if (hosts->prefers_standby && strcmp(option->keyword, "target_session_attrs") == 0)
            value = hosts->next < hosts->count ? "standby" : "any";
        add(&options, option->keyword, value);
    }
    return PQconnectStartParams(options.keywords, options.values, 0);
}

PGconn *hosts_connect(struct pg_connection *connection)
{
    struct hosts *hosts = &connection->hosts;
    if (hosts->next > 0)
        return start_one(hosts);
    PGconn *conn = start_all(connection);
    if (!conn || PQstatus(conn) == CONNECTION_BAD)
        return conn;
    hosts_finish(hosts);
    hosts->options = PQconninfo(conn);
    CHECK(hosts->options != NULL);
    /* Addresses count before names. */
    const char *addresses = option_of(hosts, "hostaddr");
    hosts->count = element_count(addresses ? addresses : option_of(hosts, "host"));
    if (hosts->count == 1)
        return conn;
    const char *wanted = option_of(hosts, "target_session_attrs");
    hosts->prefers_standby = wanted && strcmp(wanted, "prefer-standby") == 0;
    PQfinish(conn);
    return start_one(hosts);
}

int64_t hosts_timeout_us(const struct hosts *hosts)
{
    const char *timeout = option_of(hosts, "connect_timeout");
    long seconds = timeout ? strtol(timeout, NULL, 10) : 0;
    if (seconds > 0 && seconds < 3600)
        return (seconds > TIMEOUT_MIN_S ? seconds : TIMEOUT_MIN_S) * INT64_C(1000000);
    if (hosts->count <= 1)
        return SOLE_HOST_TIMEOUT_US;
    int64_t timeout_us = (int64_t)HOST_TIMEOUT_US << (hosts->rounds < 2 ? hosts->rounds : 2);
    return timeout_us < SOLE_HOST_TIMEOUT_US ? timeout_us : SOLE_HOST_TIMEOUT_US;
}

bool hosts_go_on(struct hosts *hosts)
{
    size_t tries = hosts->prefers_standby ? 2 * hosts->count : hosts->count;
    hosts->next++;
    if (hosts->next < tries)
        return true;
    hosts->next = 0;
    hosts->rounds++;
    return false;
}

void hosts_begin(struct hosts *hosts)
{
    hosts->next = 0;
    hosts->rounds = 0;
}

void hosts_finish(struct hosts *hosts)
{
    PQconninfoFree(hosts->options);
    hosts->options = NULL;
    hosts->count = 0;
    hosts->prefers_standby = false;
}
