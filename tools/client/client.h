/* client.h: a gRPC client over HTTP/2 that knows nothing about money.
 *
 * Runs on the caller's libevent loop; every callback comes from that loop, never from inside a
 * function of this header. Unary and server-streaming calls with deadlines; one connection, made on
 * the first call and again after a loss, with a growing pause. The client never repeats a call by
 * itself: whoever named the request knows whether it may be sent again.
 *
 * Who owns what: the client copies request bytes and owns every call; a call ends with exactly one
 * on_end, unless client_close forgets it. Memory of calls is reused, so that a load generator
 * allocates nothing per call once it runs.
 *
 * Sources: gRPC over HTTP/2 (grpc/grpc doc/PROTOCOL-HTTP2.md), RFC 9113.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_CLIENT_H
#define VSL_TOOLS_CLIENT_CLIENT_H

#include "client/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct client;
struct client_call;

struct client_config {
    const char *address; /* see address.h; NULL: as the profile says */
    const char *profile; /* of vslctl.conf; NULL: see profile.h, which adds what is NULL here */
    /* PEM files. With a CA the connection is TLS; the certificate and key are for servers that ask
     * for them. All NULL, and nothing in profile or environment: plaintext. */
    const char *tls_ca_file;
    const char *tls_certificate_file;
    const char *tls_key_file;
    const char *tls_server_name; /* name in the server's certificate; NULL: the address's host */
    int64_t connect_timeout_us;  /* 0: 10 s */
    int64_t reconnect_pause_us;  /* longest pause between attempts; 0: 1 s */
    size_t message_bytes_max;    /* longer answers end the call; 0: 64 MiB */
    /* Calls wait for a connection until their deadline (true), or end with UNAVAILABLE when an
     * attempt to connect fails (false). */
    bool wait_for_ready;
};

/* How a call ended. Valid only during on_end. */
struct client_end {
    enum grpc_status status;
    const char *message; /* for people; "" when there is none */
    /* Serialized google.rpc.Status, see status_details_decode; NULL when there is none. */
    const uint8_t *details;
    size_t details_length;
    /* The answer of a unary call that ended OK. */
    const uint8_t *answer;
    size_t answer_length;
    /* No byte of the call left this process, so nothing can have happened. */
    bool not_sent;
    /* The server said the status itself; else it was made here, because no answer came. */
    bool is_answered;
};

struct client_handlers {
    /* One message of a stream. NULL: the call is unary. */
    void (*on_message)(void *context, const uint8_t *bytes, size_t length);
    void (*on_end)(void *context, const struct client_end *end);
};

/* Starts a client; the first call connects. The config is copied, its texts must outlive the
 * client. Returns NULL with a sentence in `ret_error` when a setting is wrong. Ignores SIGPIPE for
 * the process. */
struct client *client_open(struct event_base *base, const struct client_config *config,
    char *ret_error, size_t error_bytes);

/* Forgets all calls and frees everything. Not from inside a callback. */
void client_close(struct client *client);
/* Frees the event loop when all its clients are closed. libevent keeps a stream until what it has
 * put off for it was run: so that is run before, and calls nobody. */
void client_free_base(struct event_base *base);

/* Starts a call of `path` ("/vsl.v1.FundsService/Pay") with one request message, which is copied.
 * timeout_us 0: no deadline. The handle stays valid until on_end. */
struct client_call *client_call_start(struct client *client, const char *path,
    const uint8_t *request, size_t length, int64_t timeout_us,
    const struct client_handlers *handlers, void *context);

/* Stops (true) or resumes (false) taking messages of a stream: the server may send on until the
 * stream's window (1 MiB) is full, and what arrives is still handed over. */
void client_call_pause(struct client_call *call, bool paused);

#endif
