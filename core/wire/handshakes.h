/* handshakes.h: how many TLS handshakes begin in a second, and whose come first.
 *
 * A handshake costs the server the most of all that a stranger can ask for: a signature, and the
 * check of a chain. So they begin at a bounded rate, and the sources that wait take turns: whoever
 * opens connections without end waits behind itself, and another one has its turn next. Nobody is
 * refused here; the time that a connection waits does not count against it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_HANDSHAKES_H
#define VSL_WIRE_HANDSHAKES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct source;

/* With an RSA key of 2,048 bits one takes about a millisecond. */
#define HANDSHAKES_PER_SECOND 250
/* So many more may begin at once after a time of few: the clients of a bank after a restart. */
#define HANDSHAKES_BURST 250

/* The part of a connection that waits. */
struct handshake {
    const struct source *source;
    bool is_waiting;
    TAILQ_ENTRY(handshake) link;
};
TAILQ_HEAD(handshake_list, handshake);

struct handshakes {
    struct handshake_list waiting; /* in the order in which they came */
    uint32_t last_number;          /* of the source whose began last */
    int64_t free_us;               /* the time that is saved up: a handshake costs its part of it */
    int64_t looked_us;
    uint64_t delayed; /* that had to wait, since the start */
    uint64_t said;    /* how many of them the log has told of */
    int64_t said_us;  /* when; 0: never */
    uint64_t failed;  /* by the certificate or the protocol, since the start */
    uint64_t failed_said;
    int64_t failed_said_us;
    const char *failed_reason; /* of the last one; a text that lives on */
};

void handshakes_start(struct handshakes *handshakes, int64_t now_us);

/* A connection of the source has come: whether its handshake may begin at once. Else it waits until
 * handshakes_next gives it, or handshakes_leave. */
bool handshakes_come(struct handshakes *handshakes, struct handshake *handshake,
    const struct source *source, int64_t now_us);

/* The next one that may begin now; NULL: none waits, or it is not time yet. */
struct handshake *handshakes_next(struct handshakes *handshakes, int64_t now_us);

/* The connection ends; it may be one that does not wait. */
void handshakes_leave(struct handshakes *handshakes, struct handshake *handshake);

/* One has failed, and why; no text of the client's. */
void handshakes_fail(struct handshakes *handshakes, const char *reason);

/* How long until the next one may begin. */
int64_t handshakes_pause_us(const struct handshakes *handshakes);

/* Says in the log how many had to wait, and how many failed, each at most every 10 s. */
void handshakes_tick(struct handshakes *handshakes, int64_t now_us);

#endif
