/* window.h: the messages between the event stream and the broker, in the stream's order.
 *
 * The reader's thread appends, the sender's thread takes, and what the broker has confirmed leaves
 * at the front: so the position is always what everything before it is confirmed of. A message
 * stays until then, for it may have to be sent again. Whoever appends stops when `bytes` are
 * enough; the window itself refuses nothing.
 *
 * Each function takes the window's lock. A message does not change while it is in the window, but
 * for what is said of its sending, which is the sender's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_WINDOW_H
#define VSL_TOOLS_VSLRELAY_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_KIND_BYTES_MAX 64

enum message_state {
    MESSAGE_WAITING,   /* to be sent; the sender ends it */
    MESSAGE_SENT,      /* the broker's word is waited for, or the end of the connection */
    MESSAGE_CONFIRMED, /* leaves as soon as everything before it has */
    MESSAGE_REFUSED,   /* sent again when the broker has answered everything that was sent */
};

struct message {
    struct message *next;
    int64_t sequence;           /* of a mark: how far the stream has come */
    int64_t previous;           /* the message published before; 0: nothing is known */
    int64_t previous_of_ledger; /* the same among those of its ledger */
    int64_t ledger_id;
    int64_t recorded_at_us;
    char kind[MESSAGE_KIND_BYTES_MAX]; /* "book_receipt" */
    bool is_mark;                      /* nothing to send: the position only */
    enum message_state state;
    bool is_returned; /* no queue took it: its confirmation says nothing */
    uint64_t tag;     /* the delivery tag of its last sending */
    size_t length;
    uint8_t body[];
};

/* What is known of the whole; a copy. */
struct window_figures {
    int64_t reached;   /* everything up to here is confirmed or was left out */
    int64_t published; /* the last message that is confirmed with everything before it */
    size_t count;      /* of messages in the window, marks included */
    size_t bytes;
    size_t sent_count; /* of those that the broker has not answered */
    uint64_t confirmed_total;
    uint64_t refused_total;
};

struct window;

/* An empty window behind a position. */
struct window *window_create(int64_t reached, int64_t published);
void window_destroy(struct window *window);

/* A message with room for so many bytes of body, all zero; malloc. */
struct message *message_create(size_t length);

/* Appends a message, which is the window's from now on. The sequence is beyond every one before. */
void window_append(struct window *window, struct message *message);

/* Notes that the stream has come so far without a message. */
void window_append_mark(struct window *window, int64_t reached);

void window_look(struct window *window, struct window_figures *ret_figures);

/* ---- of the sender ---- */

/* The next message to send, as sent under `tag`; NULL: there is none, `sent_max` are under way, or
 * a refusal must be dealt with first. It stays in the window at least until it is confirmed. */
const struct message *window_take(struct window *window, size_t sent_max, uint64_t tag);

/* The broker has taken, or not taken, what was sent under a tag, or up to it; up to 0 is all. */
void window_answer(struct window *window, uint64_t tag, bool is_multiple, bool is_accepted);

/* The broker says that no queue has taken a message that was sent; false: it is not known. */
bool window_return(struct window *window, int64_t sequence);

/* Whether something was refused and nothing is under way any more: time to rewind. */
bool window_is_refused(struct window *window);

/* Everything that is still here is sent again, in order: what stood behind a message that was lost
 * or refused, too. */
void window_rewind(struct window *window);

#endif
