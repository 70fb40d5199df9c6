/* session.h: one connection to the broker, with one channel whose messages are confirmed: the edge
 * to librabbitmq, whose calls block.
 *
 * Of one thread. After any fault the session is of no use but to be closed.
 * Sources: AMQP 0-9-1; rabbitmq.com, "Publisher Confirms", "Blocked Connections".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_SESSION_H
#define VSL_TOOLS_VSLRELAY_SESSION_H

#include "vslrelay/settings.h"
#include "vslrelay/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

enum session_word {
    SESSION_NOTHING,
    SESSION_ACK,     /* `tag`, `is_multiple` */
    SESSION_NACK,    /* the same */
    SESSION_RETURN,  /* `sequence` */
    SESSION_BLOCKED, /* the broker takes nothing for now; `text` says why */
    SESSION_UNBLOCKED,
    SESSION_FAULT, /* `text`: the session has ended */
};

/* What the broker has said. */
struct session_event {
    enum session_word word;
    uint64_t tag;
    bool is_multiple;
    int64_t sequence;
    char text[256];
};

/* Connects, logs in, opens the channel and looks whether exchange or queue are there. NULL with a
 * sentence; `ret_is_refused`: the broker has said no, so that coming again at once is no use. */
struct session *session_open(
    const struct settings *settings, bool *ret_is_refused, char *ret_error, size_t error_bytes);

/* Says goodbye where that is still possible, and frees everything. */
void session_close(struct session *session);

/* The socket, to be waited for. */
int session_fd(const struct session *session);

/* The delivery tag of the next message. */
uint64_t session_next_tag(const struct session *session);

/* Sends a message; blocks while the broker does not read. 0, or -1 with a sentence. */
int session_publish(struct session *session, const struct settings *settings,
    const struct message *message, const char *journal_identity, char *ret_error,
    size_t error_bytes);

/* Takes the next word of the broker without waiting. */
void session_read(struct session *session, struct session_event *ret_event);

#endif
