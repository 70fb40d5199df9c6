/* broker.h: sends what is in the window to the broker, in a thread of its own.
 *
 * A thread, because librabbitmq's calls block: a broker that takes nothing for hours (a memory
 * alarm) must neither stop the event stream's heartbeats nor SIGTERM. The thread connects, sends up
 * to `window` messages ahead of the confirmations, and after a loss begins again behind the last
 * confirmed one, with growing pauses. What it refuses it is given again, one message at a time
 * until it takes one: so little stands in another order meanwhile, and what does is sent again in
 * order.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_BROKER_H
#define VSL_TOOLS_VSLRELAY_BROKER_H

#include "vslrelay/settings.h"
#include "vslrelay/window.h"

#include <stdbool.h>
#include <stdint.h>

struct broker;

/* A copy of what is known of the connection. */
struct broker_figures {
    bool is_connected;
    bool is_blocked;          /* the broker says that it takes nothing for now */
    bool is_refused;          /* it said no to the last attempt: login, exchange, certificate */
    bool is_done;             /* the thread has ended, or is about to */
    uint64_t connected_total; /* connections that came about */
};

/* Starts the thread. `changed_fd` is an eventfd that it writes to when confirmations came and when
 * the connection changed. Settings and window must outlive it. */
struct broker *broker_start(const struct settings *settings, struct window *window, int changed_fd);

/* The journal's identity, before the first message is appended. */
void broker_set_journal(struct broker *broker, const char *journal_identity);

/* There is something new in the window. */
void broker_wake(struct broker *broker);

void broker_look(struct broker *broker, struct broker_figures *ret_figures);

/* Sends nothing new from now on; the thread ends when everything that was sent is answered. */
void broker_finish(struct broker *broker);

/* Cuts the connection, whatever the thread does with it; the thread ends. */
void broker_cut(struct broker *broker);

/* Waits for the thread and frees everything; only when it is done. */
void broker_stop(struct broker *broker);

#endif
