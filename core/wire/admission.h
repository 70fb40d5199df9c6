/* admission.h: where calls come from, and how much of the server each source may hold.
 *
 * Whoever takes too much shuts out itself and nobody else. Connections have a limit in all, one for
 * each address, and one for each name that a certificate proves, wherever it comes from. Of what
 * calls hold (bytes, places of slow methods) a source may have as much as is still free for others:
 * one alone gets half, two a third each, and who comes new always finds some. Unix sockets have
 * places of their own, so that an operator on the host gets in whatever the network does. What is
 * refused is counted, and logged with the source and the setting that refused it, at a bounded
 * rate.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_ADMISSION_H
#define VSL_WIRE_ADMISSION_H

#include "base/must_use.h"
#include "wire/wire.h"

#include <stddef.h>
#include <stdint.h>

struct sockaddr;

#define ADMISSION_BUCKETS 1024

/* Why a connection was not taken. */
enum admission_refusal {
    ADMISSION_TCP_FULL,
    ADMISSION_PEER_FULL,
    ADMISSION_UNIX_FULL,
    ADMISSION_USER_FULL,
    ADMISSION_CALLER_FULL,
    ADMISSION_ACCEPT_FAILED,
    /* Or was cut, because it said nothing and others wanted its place. */
    ADMISSION_GAVE_WAY,
    /* Or sent away, because its caller is suspended. */
    ADMISSION_SUSPENDED,
    /* Why a call was not taken. */
    ADMISSION_BYTES_FULL,
    ADMISSION_BYTES_OF_SOURCE,
    ADMISSION_SLOW_FULL,
    ADMISSION_SLOW_OF_SOURCE,
    ADMISSION_ENDLESS_FULL,
    ADMISSION_ENDLESS_OF_SOURCE,
};
#define ADMISSION_REFUSALS 14

/* Family of a source that is known by the name in its certificate, whatever address it comes from.
 */
#define SOURCE_BY_NAME UINT32_MAX

/* One source of connections or calls: an IPv4 address, the first 64 bits of an IPv6 address (a host
 * has all that follow), the user behind a Unix socket, or the hash of a name. */
struct source {
    struct source *next;
    uint32_t family;
    uint8_t address[8];
    uint32_t number;     /* of no other one; 1 or more */
    uint32_t references; /* connections, sessions and calls */
    uint32_t open;       /* connections; of a name: that have proved it */
    size_t bytes;        /* of requests and answers */
    uint32_t calls[WIRE_CLASSES];
    int64_t round, spent_us; /* in the round of reading, see connection.c */
    int64_t inflated;        /* server->inflate_round in which it last had a message inflated */
};

struct admission {
    struct source *buckets[ADMISSION_BUCKETS];
    uint32_t *free_numbers; /* that were given once, and are free again */
    uint32_t free_count, free_room, last_number;
    uint32_t calls[WIRE_CLASSES];
    uint32_t tcp_open, unix_open;
    struct {
        int64_t logged_us; /* 0: never */
        uint64_t unsaid;   /* refused since then */
        uint64_t count;    /* refused since the start */
    } refusals[ADMISSION_REFUSALS];
};

/* Whether a connection from `address` on the socket `fd` would be refused. Then `ret_peer` is the
 * source whose own limit that is, NULL: it is one of all. */
bool admission_is_full(const struct admission *admission, const struct wire_config *config, int fd,
    const struct sockaddr *address, struct source **ret_peer);

/* Counts a connection. Returns its source, to be given back by admission_leave, or NULL when a
 * limit of `config` refuses it; that has been logged. */
struct source *admission_enter(struct admission *admission, const struct wire_config *config,
    int fd, const struct sockaddr *address, int64_t now_us);

/* The connection has ended. */
void admission_leave(struct admission *admission, struct source *source);

/* Counts a connection of whoever has proved the name of `named`, a source by name. False when he
 * has as many as he may; that is counted and logged, with the address `source` that it came from.
 */
MUST_USE bool admission_enter_named(struct admission *admission, const struct wire_config *config,
    struct source *named, const struct source *source, int64_t now_us);
/* One of those has ended. */
void admission_leave_named(struct source *named);

/* The source of whoever proves that name; to be given back by source_release. */
struct source *admission_named(struct admission *admission, const char *name);
struct source *source_retain(struct source *source);
/* Frees it with its last reference. */
void source_release(struct admission *admission, struct source *source);

/* A connection of the source was cut to make way. Counts and logs it. */
void admission_gave_way(struct admission *admission, const struct wire_config *config,
    const struct source *source, int64_t now_us);

/* A connection from `source` is sent away, because the caller of its name is suspended. Counts and
 * logs it. */
void admission_sent_away(struct admission *admission, const struct wire_config *config,
    const struct source *source, int64_t now_us);

/* Whether a call of the source may hold so many bytes more, of which `held` are in use by all. If
 * not that is counted and logged. NULL: a source that is not known, bound by the whole only. */
bool admission_has_bytes(struct admission *admission, const struct wire_config *config,
    const struct source *source, size_t held, size_t bytes);
/* The same without a word. */
bool source_has_bytes(
    const struct wire_config *config, const struct source *source, size_t held, size_t bytes);
/* Whether it holds so much that its calls are no longer waited for as long as those of others. */
bool source_is_pressed(const struct wire_config *config, const struct source *source, size_t held);

/* Counts a call of the class in; false when it may not come in, which is counted and logged. Health
 * checks belong to no class, and always come in. */
bool admission_begin_call(struct admission *admission, const struct wire_config *config,
    struct source *source, enum wire_class class);
void admission_end_call(struct admission *admission, struct source *source, enum wire_class class);

void admission_finish(struct admission *admission);

/* Accepting failed with `error` (errno): logs it at the same bounded rate. */
void admission_on_accept_error(struct admission *admission, int error, int64_t now_us);

/* How many were refused since the start, by limit. */
void admission_counters(const struct admission *admission, struct wire_counters *ret_counters);

/* Says how many were refused since the last line about it, once enough time has passed. */
void admission_tick(struct admission *admission, const struct wire_config *config, int64_t now_us);

/* Sees to it that the process may open a descriptor for each connection that the settings allow,
 * by raising its soft limit. Returns -1 and a sentence when the hard limit is too low. */
MUST_USE int admission_check_descriptors(
    const struct wire_config *config, char *ret_error, size_t error_bytes);

#endif
