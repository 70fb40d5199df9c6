/* admission.h: who may open a connection: limits in all, for each peer, and for Unix sockets.
 *
 * A client that leaks connections shuts out itself and nobody else. Unix sockets have places of
 * their own, so that an operator on the host gets in whatever the network does. What is refused is
 * logged with the peer's address and the setting that refused it, at a bounded rate.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_ADMISSION_H
#define VSL_WIRE_ADMISSION_H

#include "base/must_use.h"

#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct wire_config;

#define ADMISSION_BUCKETS 1024

/* Why a connection was not taken. */
enum admission_refusal {
    ADMISSION_TCP_FULL,
    ADMISSION_PEER_FULL,
    ADMISSION_UNIX_FULL,
    ADMISSION_USER_FULL,
    ADMISSION_ACCEPT_FAILED,
};
#define ADMISSION_REFUSALS 5

/* One peer with open connections: an IPv4 address, the first 64 bits of an IPv6 address (a host
 * has all that follow), or the user behind a Unix socket. */
struct visitor {
    struct visitor *next;
    uint32_t family;
    uint8_t address[8];
    uint32_t open;
};

struct admission {
    struct visitor *buckets[ADMISSION_BUCKETS];
    uint32_t tcp_open, unix_open;
    struct {
        int64_t logged_us; /* 0: never */
        uint64_t unsaid;   /* refused since then */
        uint64_t count;    /* refused since the start */
    } refusals[ADMISSION_REFUSALS];
};

/* Counts a connection from `address` on the socket `fd`. Returns its peer, to be given back by
 * admission_leave, or NULL when a limit of `config` refuses it; that has been logged. */
struct visitor *admission_enter(struct admission *admission, const struct wire_config *config,
    int fd, const struct sockaddr *address, int64_t now_us);

/* The connection has ended. Frees the peer with its last one. */
void admission_leave(struct admission *admission, struct visitor *visitor);

/* Accepting failed with `error` (errno): logs it at the same bounded rate. */
void admission_on_accept_error(struct admission *admission, int error, int64_t now_us);

/* How many were refused since the start, by limit. */
struct wire_counters;
void admission_counters(const struct admission *admission, struct wire_counters *ret_counters);

/* Says how many were refused since the last line about it, once enough time has passed. */
void admission_tick(struct admission *admission, const struct wire_config *config, int64_t now_us);

/* Sees to it that the process may open a descriptor for each connection that the settings allow,
 * by raising its soft limit. Returns -1 and a sentence when the hard limit is too low. */
MUST_USE int admission_check_descriptors(
    const struct wire_config *config, char *ret_error, size_t error_bytes);

#endif
