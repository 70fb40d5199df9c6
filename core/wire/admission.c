/* admission.c: counts of connections, and the log lines about refused ones.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/admission.h"

#include "base/check.h"
#include "base/log.h"
#include "wire/wire.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* A line about each kind of refusal at most so often. */
#define REFUSAL_LINE_US (INT64_C(10) * 1000000)
/* Descriptors for all but clients: databases, listening sockets, the loop, standard streams. */
#define OWN_DESCRIPTORS 64
#define PEER_TEXT_BYTES 64

/* Of the places of Unix sockets one user takes at most three quarters: the rest is there for the
 * operator when a program of another user leaks. */
static uint32_t user_places(const struct wire_config *config)
{
    uint32_t places = config->unix_connections_max;
    return places - places / 4;
}

static struct visitor identify(int fd, const struct sockaddr *address)
{
    struct visitor key = {.family = address->sa_family};
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        memcpy(key.address, &in->sin_addr, sizeof in->sin_addr);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;
        memcpy(key.address, &in6->sin6_addr, sizeof key.address);
    } else {
        struct ucred user = {.uid = (uid_t)-1};
        socklen_t length = sizeof user;
        /* Who cannot be told is a user like any other. */
        (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &length);
        memcpy(key.address, &user.uid, sizeof user.uid);
    }
    return key;
}

static void describe(const struct visitor *visitor, char text[PEER_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN];
    if (visitor->family == AF_INET) {
        inet_ntop(AF_INET, visitor->address, host, sizeof host);
        snprintf(text, PEER_TEXT_BYTES, "%s", host);
    } else if (visitor->family == AF_INET6) {
        struct in6_addr network = {0};
        memcpy(&network, visitor->address, sizeof visitor->address);
        inet_ntop(AF_INET6, &network, host, sizeof host);
        snprintf(text, PEER_TEXT_BYTES, "%s/64", host);
    } else {
        uid_t user;
        memcpy(&user, visitor->address, sizeof user);
        snprintf(text, PEER_TEXT_BYTES, "unix-user-%u", user);
    }
}

/* Peers choose where they come from only within their own network, and only those with connections
 * are here: no key is needed that they cannot guess. */
static struct visitor **find(struct admission *admission, const struct visitor *key)
{
    uint64_t bits;
    memcpy(&bits, key->address, sizeof bits);
    bits = (bits ^ key->family) * UINT64_C(0x9e3779b97f4a7c15);
    struct visitor **place = &admission->buckets[bits >> 32 & (ADMISSION_BUCKETS - 1)];
    while (*place && ((*place)->family != key->family ||
                         memcmp((*place)->address, key->address, sizeof key->address) != 0))
        place = &(*place)->next;
    return place;
}

/* Counts a refusal. Returns whether a line may be written now, and counts what is not said. */
static bool may_log(struct admission *admission, enum admission_refusal why, int64_t now_us)
{
    int64_t logged_us = admission->refusals[why].logged_us;
    admission->refusals[why].count++;
    if (logged_us != 0 && now_us - logged_us < REFUSAL_LINE_US) {
        admission->refusals[why].unsaid++;
        return false;
    }
    admission->refusals[why].logged_us = now_us;
    return true;
}

struct limit {
    const char *setting;
    uint32_t value;
};

static struct limit limit_of(const struct wire_config *config, enum admission_refusal why)
{
    switch (why) {
    case ADMISSION_TCP_FULL:
        return (struct limit){"listen.connections_max", config->connections_max};
    case ADMISSION_PEER_FULL:
        return (struct limit){"listen.connections_per_peer_max", config->connections_per_peer_max};
    case ADMISSION_UNIX_FULL:
        return (struct limit){"listen.unix_connections_max", config->unix_connections_max};
    case ADMISSION_USER_FULL:
        return (struct limit){"three quarters of listen.unix_connections_max", user_places(config)};
    case ADMISSION_ACCEPT_FAILED:
        break;
    }
    return (struct limit){"the limit of open files", 0};
}

static void log_refusal(struct admission *admission, const struct wire_config *config,
    enum admission_refusal why, const struct visitor *key, uint32_t open, int64_t now_us)
{
    char peer[PEER_TEXT_BYTES];
    if (!may_log(admission, why, now_us))
        return;
    struct limit limit = limit_of(config, why);
    describe(key, peer);
    log_warning("refused a connection peer=%s peer_open=%" PRIu32 " limit=%" PRIu32
                " setting=\"%s\" refused=%" PRIu64,
        peer, open, limit.value, limit.setting, admission->refusals[why].count);
}

struct visitor *admission_enter(struct admission *admission, const struct wire_config *config,
    int fd, const struct sockaddr *address, int64_t now_us)
{
    struct visitor key = identify(fd, address);
    struct visitor **place = find(admission, &key);
    bool is_unix = address->sa_family == AF_UNIX;
    uint32_t open = *place ? (*place)->open : 0;
    uint32_t *all = is_unix ? &admission->unix_open : &admission->tcp_open;
    int why = -1;

    /* The peer's own limit first: it tells the operator whom to look at. */
    if (open >= (is_unix ? user_places(config) : config->connections_per_peer_max))
        why = is_unix ? ADMISSION_USER_FULL : ADMISSION_PEER_FULL;
    else if (*all >= (is_unix ? config->unix_connections_max : config->connections_max))
        why = is_unix ? ADMISSION_UNIX_FULL : ADMISSION_TCP_FULL;
    if (why >= 0) {
        log_refusal(admission, config, (enum admission_refusal)why, &key, open, now_us);
        return NULL;
    }
    if (!*place) {
        *place = malloc(sizeof key);
        CHECK(*place != NULL);
        **place = key;
    }
    (*place)->open++;
    (*all)++;
    return *place;
}

void admission_leave(struct admission *admission, struct visitor *visitor)
{
    uint32_t *all = visitor->family == AF_UNIX ? &admission->unix_open : &admission->tcp_open;
    CHECK(visitor->open > 0);
    CHECK(*all > 0);
    (*all)--;
    if (--visitor->open > 0)
        return;
    struct visitor **place = find(admission, visitor);
    CHECK(*place == visitor);
    *place = visitor->next;
    free(visitor);
}

void admission_on_accept_error(struct admission *admission, int error, int64_t now_us)
{
    if (may_log(admission, ADMISSION_ACCEPT_FAILED, now_us))
        log_error("could not accept a connection: %s", strerror(error));
}

void admission_counters(const struct admission *admission, struct wire_counters *ret_counters)
{
    ret_counters->refused_full = admission->refusals[ADMISSION_TCP_FULL].count;
    ret_counters->refused_peer_full = admission->refusals[ADMISSION_PEER_FULL].count;
    ret_counters->refused_unix_full = admission->refusals[ADMISSION_UNIX_FULL].count;
    ret_counters->refused_user_full = admission->refusals[ADMISSION_USER_FULL].count;
    ret_counters->accept_failed = admission->refusals[ADMISSION_ACCEPT_FAILED].count;
}

void admission_tick(struct admission *admission, const struct wire_config *config, int64_t now_us)
{
    for (int why = 0; why < ADMISSION_REFUSALS; why++) {
        uint64_t unsaid = admission->refusals[why].unsaid;
        if (unsaid == 0 || now_us - admission->refusals[why].logged_us < REFUSAL_LINE_US)
            continue;
        struct limit limit = limit_of(config, (enum admission_refusal)why);
        admission->refusals[why].unsaid = 0;
        admission->refusals[why].logged_us = now_us;
        log_warning("refused more connections count=%" PRIu64 " setting=\"%s\" refused=%" PRIu64,
            unsaid, limit.setting, admission->refusals[why].count);
    }
}

int admission_check_descriptors(
    const struct wire_config *config, char *ret_error, size_t error_bytes)
{
    struct rlimit limit;
    rlim_t wanted =
        (rlim_t)config->connections_max + config->unix_connections_max + OWN_DESCRIPTORS;
    int rc = getrlimit(RLIMIT_NOFILE, &limit);
    CHECK(rc == 0);
    if (limit.rlim_cur >= wanted)
        return 0;
    if (limit.rlim_max >= wanted) {
        limit.rlim_cur = wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return 0;
    }
    snprintf(ret_error, error_bytes,
        "listen.connections_max and listen.unix_connections_max need %llu open files, and the "
        "process may have %llu: lower them, or raise the limit (LimitNOFILE of systemd, ulimit -n)",
        (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
    return -1;
}
