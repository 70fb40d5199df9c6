/* connection.h: one socket with its bufferevent and its session.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_CONNECTION_H
#define VSL_WIRE_CONNECTION_H

#include "base/must_use.h"
#include "wire/server.h"

#include <stdbool.h>
#include <stdint.h>

/* Takes over a connected, non-blocking socket, and the place of its peer. Returns -1 on a fault:
 * the socket is closed then, and the place still taken. */
MUST_USE int connection_open(struct wire_server *server, int fd, struct source *source);

/* Cuts the oldest connection that has said nothing for long, of `peer` or, NULL, of those on Unix
 * sockets or of those that are not, so that another one finds a place. */
struct source;
void connection_make_way(
    struct wire_server *server, const struct source *peer, bool is_unix, int64_t now_us);

/* Begins the TLS handshakes that wait and may begin now. */
void connection_begin_handshakes(struct wire_server *server, int64_t now_us);

/* Goes on reading where a source had had its part of the round before. */
void connection_read_all(struct wire_server *server);

/* Makes frames and writes them, for all connections that asked for it; frees the dead ones. */
void connection_flush_all(struct wire_server *server);

/* Deadlines. */
void connection_tick_all(struct wire_server *server, int64_t now_us);

/* Starts or stops reading on all connections. */
void connection_pause_all(struct wire_server *server, bool paused, int64_t now_us);

/* The two GOAWAYs of a graceful stop. */
void connection_announce_stop_all(struct wire_server *server);
void connection_stop_all(struct wire_server *server);

/* Cuts and frees every connection. Not from inside a callback of one. */
void connection_cut_revoked(struct wire_server *server);
void connection_close_all(struct wire_server *server);

#endif
