/* internal.h: what the parts of the client share: client.c (calls), session.c (HTTP/2),
 * connection.c (socket, TLS, reconnecting).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_INTERNAL_H
#define VSL_TOOLS_CLIENT_INTERNAL_H

#include "base/buffer.h"
#include "client/address.h"
#include "client/client.h"
#include "client/profile.h"
#include "wire/framing.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

#define CLIENT_PATH_BYTES_MAX 128
#define CLIENT_MESSAGE_BYTES_MAX 1024

enum connection_state {
    /* No socket. Waits for a call, or for the pause before the next attempt (retry_timer) while
     * calls wait. Follows: CONNECTING. */
    CONNECTION_DOWN,
    /* TCP and TLS are being made. Ends by libevent's callback or by connect_timeout. Follows: UP or
     * DOWN. */
    CONNECTION_CONNECTING,
    /* Calls can be made. Ends by GOAWAY, error or end of file. Follows: DRAINING or DOWN. */
    CONNECTION_UP,
    /* The server takes no new calls on this connection. Ends when its last call has ended. Follows:
     * DOWN. */
    CONNECTION_DRAINING,
};

enum client_call_state {
    CALL_FREE,   /* in the pool */
    CALL_QUEUED, /* waits for a connection; its deadline runs */
    CALL_OPEN,   /* has a stream; ended by the server, its deadline, or loss of the connection */
    CALL_ENDING, /* its end is known; on_end follows from the loop */
};

/* Calls stand in one doubly linked list by state: queued and open ones in `calls`, free ones in
 * `free_calls` (singly). */
struct client_call {
    struct client *client;
    struct client_call *next;
    struct client_call *previous;
    enum client_call_state state;
    int32_t stream_id;
    bool is_paused;
    bool was_sent;
    size_t unconsumed; /* bytes of the stream's window kept back while paused */
    char path[CLIENT_PATH_BYTES_MAX];
    struct buffer request; /* with its five bytes of prefix */
    size_t request_sent;
    struct event *deadline_timer;
    int64_t timeout_us;
    int64_t started_us;
    struct client_handlers handlers;
    void *context;

    struct framing framing;
    struct buffer answer; /* the message that is arriving; of a unary call: the answer */
    uint32_t message_count;
    int http_status;
    bool has_status;
    bool is_answered; /* the status is the server's own */
    enum grpc_status status;
    struct buffer message; /* NUL-ended once the call ends */
    struct buffer details;
};

struct call_list {
    struct client_call *first;
    struct client_call *last;
    size_t count;
};

struct client {
    struct event_base *base;
    struct client_config config;
    struct profile profile; /* has texts of config */
    struct address address;
    SSL_CTX *tls; /* NULL: plaintext */

    enum connection_state state;
    struct bufferevent *stream;
    nghttp2_session *session;
    struct event *retry_timer;
    struct event *connect_timer;
    struct event
        *flush_event; /* activated by hand: sends what was submitted, ends what has ended */
    int64_t retry_pause_us;
    bool in_session; /* inside nghttp2: sending and closing wait for the flush event */
    bool is_lost;    /* to be torn down by the flush event */
    char lost_reason[256];

    struct call_list queued;
    struct call_list open;
    struct call_list ending;
    struct client_call *free_calls;
};

/* ---- client.c ---- */

/* Settles how a call ends; on_end follows from the loop. `message` may be NULL to keep the one the
 * server sent. */
void client_call_finish(struct client_call *call, enum grpc_status status, const char *message);
/* Moves a call to another state and list. */
void client_call_set_state(struct client_call *call, enum client_call_state state);
/* Sends and tidies up in the next round of the loop. */
void client_wake(struct client *client);

/* ---- session.c ---- */

/* Starts HTTP/2 on the client's stream; -1 when memory runs out. */
int client_session_open(struct client *client);
void client_session_close(struct client *client);
/* Gives queued calls to HTTP/2. */
void client_session_submit_queued(struct client *client);
/* Takes what has arrived and sends what is there; -1 when the connection is broken, with the reason
 * in client->lost_reason. */
int client_session_receive(struct client *client);
int client_session_send(struct client *client);
/* Gives the window of a stream that is no longer paused back. */
void client_session_resume(struct client_call *call);
void client_session_reset_stream(struct client_call *call);

/* ---- connection.c ---- */

/* Loads certificates; -1 with a sentence. */
int client_connection_init_tls(struct client *client, char *ret_error, size_t error_bytes);
/* Makes sure that an attempt is under way or planned when calls wait. */
void client_connection_want(struct client *client);
/* Tears the connection down; open calls end with UNAVAILABLE, and queued ones unless they wait for
 * a connection. */
void client_connection_lose(struct client *client, const char *reason);
void client_connection_finish(struct client *client);

#endif
