/* admission.c: counts of what sources hold, and the log lines about what was refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/admission.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
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
/* Of the bytes that may be held, this part is for Unix sockets and health checks only. */
#define RESERVE_PART 16

/* Of the places of Unix sockets one user takes at most three quarters: the rest is there for the
 * operator when a program of another user leaks. */
static uint32_t user_places(const struct wire_config *config)
{
    uint32_t places = config->unix_connections_max;
    return places - places / 4;
}

static struct source identify(int fd, const struct sockaddr *address)
{
    struct source key = {.family = address->sa_family};
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

static void describe(const struct source *source, char text[PEER_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN];
    if (source->family == AF_INET) {
        inet_ntop(AF_INET, source->address, host, sizeof host);
        snprintf(text, PEER_TEXT_BYTES, "%s", host);
    } else if (source->family == AF_INET6) {
        struct in6_addr network = {0};
        memcpy(&network, source->address, sizeof source->address);
        inet_ntop(AF_INET6, &network, host, sizeof host);
        snprintf(text, PEER_TEXT_BYTES, "%s/64", host);
    } else if (source->family == SOURCE_BY_NAME) {
        snprintf(text, PEER_TEXT_BYTES, "a-certificate");
    } else {
        uid_t user;
        memcpy(&user, source->address, sizeof user);
        snprintf(text, PEER_TEXT_BYTES, "unix-user-%u", user);
    }
}

/* Peers choose where they come from only within their own network, names only those that an
 * authority gave them, and only those with connections are here: no key is needed that they cannot
 * guess. */
static struct source **find(const struct admission *admission, const struct source *key)
{
    uint64_t bits;
    memcpy(&bits, key->address, sizeof bits);
    bits = (bits ^ key->family) * UINT64_C(0x9e3779b97f4a7c15);
    /* The buckets are the admission's own, whoever looks. */
    struct source *const *place = &admission->buckets[bits >> 32 & (ADMISSION_BUCKETS - 1)];
    while (*place && ((*place)->family != key->family ||
                         memcmp((*place)->address, key->address, sizeof key->address) != 0))
        place = &(*place)->next;
    return (struct source **)(uintptr_t)place;
}

/* ---- sources ---- */

/* The source of that key, made if it is new, with one reference more. */
static struct source *take(struct admission *admission, const struct source *key)
{
    struct source **place = find(admission, key);
    if (!*place) {
        *place = malloc(sizeof *key);
        CHECK(*place != NULL);
        **place = *key;
        (*place)->number = admission->free_count > 0
                               ? admission->free_numbers[--admission->free_count]
                               : ++admission->last_number;
    }
    return source_retain(*place);
}

struct source *source_retain(struct source *source)
{
    if (source)
        source->references++;
    return source;
}

void source_release(struct admission *admission, struct source *source)
{
    if (!source)
        return;
    CHECK(source->references > 0);
    if (--source->references > 0)
        return;
    CHECK(source->bytes == 0);
    CHECK(source->open == 0);
    if (admission->free_count == admission->free_room) {
        admission->free_room = admission->free_room * 2 + 64;
        admission->free_numbers =
            realloc(admission->free_numbers, admission->free_room * sizeof(uint32_t));
        CHECK(admission->free_numbers != NULL);
    }
    admission->free_numbers[admission->free_count++] = source->number;
    struct source **place = find(admission, source);
    CHECK(*place == source);
    *place = source->next;
    free(source);
}

struct source *admission_named(struct admission *admission, const char *name)
{
    static const struct hash_key no_secret;
    struct source key = {.family = SOURCE_BY_NAME};
    uint64_t hash = hash_bytes(no_secret, name, strlen(name));
    memcpy(key.address, &hash, sizeof key.address);
    return take(admission, &key);
}

void admission_finish(struct admission *admission)
{
    free(admission->free_numbers);
}

/* ---- what is refused ---- */

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
    size_t value;
    const char *what;
};

static struct limit limit_of(const struct wire_config *config, enum admission_refusal why)
{
    static const char connection[] = "a connection";
    static const char call[] = "a call";
    switch (why) {
    case ADMISSION_TCP_FULL:
        return (struct limit){"listen.connections_max", config->connections_max, connection};
    case ADMISSION_PEER_FULL:
        return (struct limit){
            "listen.connections_per_peer_max", config->connections_per_peer_max, connection};
    case ADMISSION_UNIX_FULL:
        return (struct limit){
            "listen.unix_connections_max", config->unix_connections_max, connection};
    case ADMISSION_USER_FULL:
        return (struct limit){
            "three quarters of listen.unix_connections_max", user_places(config), connection};
    case ADMISSION_CALLER_FULL:
        return (struct limit){"listen.connections_per_caller_max",
            config->connections_per_caller_max, "a connection of a name that has many"};
    case ADMISSION_GAVE_WAY:
        return (struct limit){"listen.connections_max, listen.connections_per_peer_max",
            config->connections_max, "a silent connection, to make way for another one"};
    case ADMISSION_SUSPENDED:
        return (struct limit){"the status of its caller", 0, "a connection of a suspended caller"};
    case ADMISSION_BYTES_FULL:
        return (struct limit){"listen.pending_bytes_max", config->pending_bytes_max, call};
    case ADMISSION_BYTES_OF_SOURCE:
        return (struct limit){
            "a source's share of listen.pending_bytes_max", config->pending_bytes_max, call};
    case ADMISSION_SLOW_FULL:
        return (struct limit){
            "reads of history at a time", config->class_calls_max[WIRE_SLOW], call};
    case ADMISSION_SLOW_OF_SOURCE:
        return (struct limit){"a source's share of reads of history at a time",
            config->class_calls_max[WIRE_SLOW], call};
    case ADMISSION_ENDLESS_FULL:
        return (struct limit){
            "event streams at a time", config->class_calls_max[WIRE_ENDLESS], call};
    case ADMISSION_ENDLESS_OF_SOURCE:
        return (struct limit){"a source's share of event streams at a time",
            config->class_calls_max[WIRE_ENDLESS], call};
    case ADMISSION_ACCEPT_FAILED:
        break;
    }
    return (struct limit){"the limit of open files", 0, connection};
}

static void log_refusal(struct admission *admission, const struct wire_config *config,
    enum admission_refusal why, const struct source *key, size_t held, int64_t now_us)
{
    char peer[PEER_TEXT_BYTES];
    if (!may_log(admission, why, now_us))
        return;
    struct limit limit = limit_of(config, why);
    describe(key, peer);
    log_warning("refused %s peer=%s peer_open=%zu limit=%zu setting=\"%s\" refused=%" PRIu64,
        limit.what, peer, held, limit.value, limit.setting, admission->refusals[why].count);
}

/* ---- connections ---- */

/* Why a connection would be refused; -1: it would not. The peer's own limit first: it tells the
 * operator whom to look at. */
static int judge(const struct admission *admission, const struct wire_config *config,
    const struct source *key, struct source **ret_peer)
{
    bool is_unix = key->family == AF_UNIX;
    uint32_t all = is_unix ? admission->unix_open : admission->tcp_open;
    *ret_peer = *find(admission, key);
    uint32_t open = *ret_peer ? (*ret_peer)->open : 0;
    if (open >= (is_unix ? user_places(config) : config->connections_per_peer_max))
        return is_unix ? ADMISSION_USER_FULL : ADMISSION_PEER_FULL;
    if (all >= (is_unix ? config->unix_connections_max : config->connections_max))
        return is_unix ? ADMISSION_UNIX_FULL : ADMISSION_TCP_FULL;
    return -1;
}

bool admission_is_full(const struct admission *admission, const struct wire_config *config, int fd,
    const struct sockaddr *address, struct source **ret_peer)
{
    struct source key = identify(fd, address);
    int why = judge(admission, config, &key, ret_peer);
    if (why == ADMISSION_TCP_FULL || why == ADMISSION_UNIX_FULL)
        *ret_peer = NULL;
    return why >= 0;
}

struct source *admission_enter(struct admission *admission, const struct wire_config *config,
    int fd, const struct sockaddr *address, int64_t now_us)
{
    struct source key = identify(fd, address);
    struct source *peer;
    int why = judge(admission, config, &key, &peer);
    if (why >= 0) {
        uint32_t open = peer ? peer->open : 0;
        log_refusal(admission, config, (enum admission_refusal)why, &key, open, now_us);
        return NULL;
    }
    struct source *source = take(admission, &key);
    source->open++;
    *(key.family == AF_UNIX ? &admission->unix_open : &admission->tcp_open) += 1;
    return source;
}

void admission_leave(struct admission *admission, struct source *source)
{
    uint32_t *all = source->family == AF_UNIX ? &admission->unix_open : &admission->tcp_open;
    CHECK(source->open > 0);
    CHECK(*all > 0);
    (*all)--;
    source->open--;
    source_release(admission, source);
}

bool admission_enter_named(struct admission *admission, const struct wire_config *config,
    struct source *named, const struct source *source, int64_t now_us)
{
    CHECK(named->family == SOURCE_BY_NAME);
    if (named->open >= config->connections_per_caller_max) {
        log_refusal(admission, config, ADMISSION_CALLER_FULL, source, named->open, now_us);
        return false;
    }
    named->open++;
    return true;
}

void admission_leave_named(struct source *named)
{
    CHECK(named->family == SOURCE_BY_NAME);
    CHECK(named->open > 0);
    named->open--;
}

void admission_gave_way(struct admission *admission, const struct wire_config *config,
    const struct source *source, int64_t now_us)
{
    log_refusal(admission, config, ADMISSION_GAVE_WAY, source, source->open, now_us);
}

void admission_sent_away(struct admission *admission, const struct wire_config *config,
    const struct source *source, int64_t now_us)
{
    log_refusal(admission, config, ADMISSION_SUSPENDED, source, source->open, now_us);
}

/* ---- calls ---- */

/* Free for a source that holds nothing yet. */
static size_t free_bytes(const struct wire_config *config, const struct source *source, size_t held)
{
    size_t max = config->pending_bytes_max;
    if (source->family != AF_UNIX)
        max -= max / RESERVE_PART;
    return max > held ? max - held : 0;
}

bool source_has_bytes(
    const struct wire_config *config, const struct source *source, size_t held, size_t bytes)
{
    size_t left = config->pending_bytes_max > held ? config->pending_bytes_max - held : 0;
    if (source) {
        left = free_bytes(config, source, held);
        left = left > source->bytes ? left - source->bytes : 0;
        left -= left / 2; /* what comes is no longer free for others */
    }
    return held <= config->pending_bytes_max && bytes <= left && (left > 0 || !source);
}

bool admission_has_bytes(struct admission *admission, const struct wire_config *config,
    const struct source *source, size_t held, size_t bytes)
{
    if (source_has_bytes(config, source, held, bytes))
        return true;
    if (!source)
        return false;
    bool is_share = bytes <= free_bytes(config, source, held);
    log_refusal(admission, config, is_share ? ADMISSION_BYTES_OF_SOURCE : ADMISSION_BYTES_FULL,
        source, source->bytes, clock_monotonic_us());
    return false;
}

bool source_is_pressed(const struct wire_config *config, const struct source *source, size_t held)
{
    if (!source)
        return held > config->pending_bytes_max / 2;
    return source->bytes > free_bytes(config, source, held) / 2;
}

bool admission_begin_call(struct admission *admission, const struct wire_config *config,
    struct source *source, enum wire_class class)
{
    uint32_t max = config->class_calls_max[class];
    uint32_t all = admission->calls[class];
    if (max > 0 && source) {
        uint32_t left = max > all ? max - all : 0;
        if (source->calls[class] >= left) {
            enum admission_refusal why =
                class == WIRE_SLOW
                    ? (left == 0 ? ADMISSION_SLOW_FULL : ADMISSION_SLOW_OF_SOURCE)
                    : (left == 0 ? ADMISSION_ENDLESS_FULL : ADMISSION_ENDLESS_OF_SOURCE);
            log_refusal(admission, config, why, source, source->calls[class], clock_monotonic_us());
            return false;
        }
    }
    admission->calls[class]++;
    if (source)
        source->calls[class]++;
    return true;
}

void admission_end_call(struct admission *admission, struct source *source, enum wire_class class)
{
    CHECK(admission->calls[class] > 0);
    admission->calls[class]--;
    if (source)
        source->calls[class]--;
}

/* ---- telling ---- */

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
    ret_counters->refused_caller_full = admission->refusals[ADMISSION_CALLER_FULL].count;
    ret_counters->accept_failed = admission->refusals[ADMISSION_ACCEPT_FAILED].count;
    ret_counters->gave_way = admission->refusals[ADMISSION_GAVE_WAY].count;
    ret_counters->sent_away = admission->refusals[ADMISSION_SUSPENDED].count;
    ret_counters->refused_bytes = admission->refusals[ADMISSION_BYTES_FULL].count;
    ret_counters->refused_source_bytes = admission->refusals[ADMISSION_BYTES_OF_SOURCE].count;
    ret_counters->refused_calls = admission->refusals[ADMISSION_SLOW_FULL].count +
                                  admission->refusals[ADMISSION_ENDLESS_FULL].count;
    ret_counters->refused_source_calls = admission->refusals[ADMISSION_SLOW_OF_SOURCE].count +
                                         admission->refusals[ADMISSION_ENDLESS_OF_SOURCE].count;
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
        log_warning("refused more %s count=%" PRIu64 " setting=\"%s\" refused=%" PRIu64,
            why >= ADMISSION_BYTES_FULL ? "calls" : "connections", unsaid, limit.setting,
            admission->refusals[why].count);
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
