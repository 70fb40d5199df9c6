/* broker.c: sends what is in the window to the broker, in a thread of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/broker.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "vslrelay/position.h"
#include "vslrelay/session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Between attempts to connect, and to a broker that says no. */
#define PAUSE_FIRST_US (INT64_C(500) * 1000)
#define PAUSE_MAX_US (INT64_C(30) * 1000000)
/* Before a message that was refused is sent again. */
#define REFUSED_FIRST_US (INT64_C(50) * 1000)
#define REFUSED_MAX_US (INT64_C(1) * 1000000)
#define REFUSED_SAID_US (INT64_C(30) * 1000000)
/* Heartbeats are sent when the library is asked for what has come. */
#define LOOK_MS 2000
#define ERROR_BYTES_MAX 512

struct broker {
    const struct settings *settings;
    struct window *window;
    int changed_fd;
    int wake_fd;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below up to the empty line */
    struct broker_figures figures;
    bool is_finishing;
    bool is_cut;
    int socket_fd; /* of the connection; -1: there is none */
    char journal_identity[POSITION_IDENTITY_CHARS + 1];

    /* The thread's own. */
    struct session *session;
    size_t sent_max;          /* as many messages may be under way: 1 after a refusal, then more */
    int64_t refused_pause_us; /* 0: nothing is refused */
    int64_t refused_until_us; /* nothing is sent before */
    int64_t refused_said_us;
};

static void take_lock(struct broker *broker)
{
    CHECK(pthread_mutex_lock(&broker->lock) == 0);
}

static void give_lock(struct broker *broker)
{
    CHECK(pthread_mutex_unlock(&broker->lock) == 0);
}

static void write_event(int fd)
{
    uint64_t one = 1;
    ssize_t wrote = write(fd, &one, sizeof one);
    /* EAGAIN: it is full, so it wakes already. */
    CHECK(wrote == (ssize_t)sizeof one || errno == EAGAIN);
}

static void read_event(int fd)
{
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count);
    CHECK(got == (ssize_t)sizeof count || errno == EAGAIN);
}

/* ---- from the other thread ---- */

void broker_set_journal(struct broker *broker, const char *journal_identity)
{
    take_lock(broker);
    snprintf(broker->journal_identity, sizeof broker->journal_identity, "%s", journal_identity);
    give_lock(broker);
}

void broker_wake(struct broker *broker)
{
    write_event(broker->wake_fd);
}

void broker_look(struct broker *broker, struct broker_figures *ret_figures)
{
    take_lock(broker);
    *ret_figures = broker->figures;
    give_lock(broker);
}

void broker_finish(struct broker *broker)
{
    take_lock(broker);
    broker->is_finishing = true;
    give_lock(broker);
    broker_wake(broker);
}

void broker_cut(struct broker *broker)
{
    take_lock(broker);
    broker->is_finishing = true;
    broker->is_cut = true;
    /* Wakes the thread from whatever call it waits in. */
    if (broker->socket_fd >= 0)
        shutdown(broker->socket_fd, SHUT_RDWR);
    give_lock(broker);
    broker_wake(broker);
}

/* ---- the thread ---- */

static bool is_finishing(struct broker *broker)
{
    take_lock(broker);
    bool is_so = broker->is_finishing;
    give_lock(broker);
    return is_so;
}

static bool is_cut(struct broker *broker)
{
    take_lock(broker);
    bool is_so = broker->is_cut;
    give_lock(broker);
    return is_so;
}

static void set_connected(struct broker *broker, bool is_connected, bool is_refused)
{
    take_lock(broker);
    broker->figures.is_connected = is_connected;
    broker->figures.is_refused = is_refused;
    broker->figures.is_blocked = false;
    broker->figures.connected_total += is_connected;
    broker->socket_fd = is_connected ? session_fd(broker->session) : -1;
    if (is_connected && broker->is_cut)
        shutdown(broker->socket_fd, SHUT_RDWR);
    give_lock(broker);
    write_event(broker->changed_fd);
}

static void set_blocked(struct broker *broker, bool is_blocked, const char *reason)
{
    take_lock(broker);
    broker->figures.is_blocked = is_blocked;
    give_lock(broker);
    if (is_blocked)
        log_warning("the broker takes nothing for now: %s; waiting", reason);
    else
        log_info("the broker takes messages again");
    write_event(broker->changed_fd);
}

/* Waits, until something is wanted of the thread at the latest. */
static void pause_for(struct broker *broker, int64_t pause_us)
{
    int64_t until = clock_monotonic_us() + pause_us;
    int64_t left;
    while (!is_finishing(broker) && (left = until - clock_monotonic_us()) > 0) {
        struct pollfd wait = {.fd = broker->wake_fd, .events = POLLIN};
        if (poll(&wait, 1, (int)(left / 1000) + 1) > 0)
            read_event(broker->wake_fd);
    }
}

static void on_refused(struct broker *broker, const char *reason)
{
    int64_t now = clock_monotonic_us();
    broker->sent_max = 1;
    broker->refused_pause_us =
        broker->refused_pause_us == 0 ? REFUSED_FIRST_US : broker->refused_pause_us * 2;
    if (broker->refused_pause_us > REFUSED_MAX_US)
        broker->refused_pause_us = REFUSED_MAX_US;
    broker->refused_until_us = now + broker->refused_pause_us;
    if (now >= broker->refused_said_us) {
        broker->refused_said_us = now + REFUSED_SAID_US;
        log_warning("%s; it is sent again until it is taken", reason);
    }
}

/* A queue that was full a moment ago may be so again: as with TCP, what was taken doubles what is
 * sent ahead. What is sent behind a message that is refused stands in the queue for nothing. */
static void on_accepted(struct broker *broker, uint64_t count)
{
    size_t most = (size_t)broker->settings->window;
    broker->sent_max = count > most - broker->sent_max ? most : broker->sent_max + (size_t)count;
    broker->refused_pause_us = 0;
    broker->refused_until_us = 0;
    if (broker->refused_said_us != 0 && broker->sent_max == most) {
        log_info("the broker takes again what it refused");
        broker->refused_said_us = 0;
    }
}

/* Takes everything that the broker has said. False: the connection is lost. */
static bool read_words(struct broker *broker)
{
    struct session_event event;
    struct window_figures before;
    struct window_figures after;
    bool has_answer = false;
    window_look(broker->window, &before);
    for (;;) {
        session_read(broker->session, &event);
        switch (event.word) {
        case SESSION_NOTHING:
            window_look(broker->window, &after);
            if (after.confirmed_total > before.confirmed_total)
                on_accepted(broker, after.confirmed_total - before.confirmed_total);
            if (has_answer)
                write_event(broker->changed_fd);
            return true;
        case SESSION_ACK:
        case SESSION_NACK:
            window_answer(broker->window, event.tag, event.is_multiple, event.word == SESSION_ACK);
            has_answer = true;
            break;
        case SESSION_RETURN:
            if (!window_return(broker->window, event.sequence))
                log_warning("a message came back that was not sent: id=%" PRId64, event.sequence);
            break;
        case SESSION_BLOCKED:
            set_blocked(broker, true, event.text);
            break;
        case SESSION_UNBLOCKED:
            set_blocked(broker, false, "");
            break;
        case SESSION_FAULT:
            log_warning("%s", event.text);
            write_event(broker->changed_fd);
            return false;
        }
    }
}

/* Begins again where something was refused, once all that was sent is answered. */
static void look_for_refused(struct broker *broker)
{
    struct window_figures figures;
    if (!window_is_refused(broker->window))
        return;
    window_look(broker->window, &figures);
    window_rewind(broker->window);
    char reason[128];
    snprintf(reason, sizeof reason,
        "the broker has not taken a message behind id=%" PRId64
        " (a queue that is full, or none that is bound)",
        figures.published);
    on_refused(broker, reason);
}

/* Sends what may be sent now. False: the connection is lost. */
static bool send_some(struct broker *broker)
{
    char error[ERROR_BYTES_MAX];
    struct broker_figures figures;
    broker_look(broker, &figures);
    if (is_finishing(broker) || figures.is_blocked ||
        clock_monotonic_us() < broker->refused_until_us)
        return true;
    /* Confirmations are looked at in between. */
    for (int count = 0; count < 64; count++) {
        const struct message *message =
            window_take(broker->window, broker->sent_max, session_next_tag(broker->session));
        if (!message)
            return true;
        if (session_publish(broker->session, broker->settings, message, broker->journal_identity,
                error, sizeof error) != 0) {
            log_warning("%s", error);
            return false;
        }
    }
    /* More may wait: the next look comes at once. */
    broker_wake(broker);
    return true;
}

/* How long nothing has to be done if nobody says anything. */
static int wait_ms(const struct broker *broker)
{
    int64_t left_ms = (broker->refused_until_us - clock_monotonic_us()) / 1000 + 1;
    return left_ms > 0 && left_ms < LOOK_MS ? (int)left_ms : LOOK_MS;
}

/* Serves one connection to its end. */
static void serve(struct broker *broker)
{
    struct window_figures figures;
    for (;;) {
        if (is_cut(broker) || !read_words(broker))
            return;
        look_for_refused(broker);
        if (!send_some(broker))
            return;
        window_look(broker->window, &figures);
        if (is_finishing(broker) && figures.sent_count == 0)
            return;
        struct pollfd waits[] = {{.fd = session_fd(broker->session), .events = POLLIN},
            {.fd = broker->wake_fd, .events = POLLIN}};
        if (poll(waits, 2, wait_ms(broker)) > 0 && waits[1].revents)
            read_event(broker->wake_fd);
    }
}

/* Connects and serves until the connection ends. Whether anything was confirmed meanwhile; if not,
 * `ret_error` says why. */
static bool connect_once(
    struct broker *broker, char *ret_error, size_t error_bytes, bool *ret_is_refused)
{
    struct window_figures before;
    struct window_figures after;
    broker->session = session_open(broker->settings, ret_is_refused, ret_error, error_bytes);
    if (!broker->session)
        return false;
    log_info("connected to the broker");
    window_look(broker->window, &before);
    set_connected(broker, true, false);
    serve(broker);
    window_look(broker->window, &after);
    set_connected(broker, false, false);
    session_close(broker->session);
    broker->session = NULL;
    window_rewind(broker->window);
    snprintf(ret_error, error_bytes, "nothing was confirmed on this connection");
    return after.confirmed_total > before.confirmed_total;
}

static void *run(void *context)
{
    struct broker *broker = context;
    int64_t pause_us = 0;
    while (!is_finishing(broker)) {
        char error[ERROR_BYTES_MAX];
        bool is_refused = false;
        bool has_gained = connect_once(broker, error, sizeof error, &is_refused);
        /* Who connects and gets nowhere waits longer and longer, too. */
        pause_us = has_gained ? 0 : pause_us * 2;
        if (pause_us < PAUSE_FIRST_US)
            pause_us = PAUSE_FIRST_US;
        if (pause_us > PAUSE_MAX_US)
            pause_us = PAUSE_MAX_US;
        if (is_finishing(broker))
            break;
        if (!has_gained)
            log_warning("%s; trying again in %.1f s", error, (double)pause_us / 1e6);
        /* Only when it was said: with --once it may be the end. */
        if (is_refused)
            set_connected(broker, false, true);
        pause_for(broker, pause_us);
    }
    take_lock(broker);
    broker->figures.is_done = true;
    give_lock(broker);
    write_event(broker->changed_fd);
    return NULL;
}

/* ---- life ---- */

struct broker *broker_start(const struct settings *settings, struct window *window, int changed_fd)
{
    sigset_t all;
    sigset_t before;
    struct broker *broker = calloc(1, sizeof *broker);
    CHECK(broker != NULL);
    broker->settings = settings;
    broker->window = window;
    broker->changed_fd = changed_fd;
    broker->socket_fd = -1;
    broker->sent_max = (size_t)settings->window;
    broker->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK(broker->wake_fd >= 0);
    CHECK(pthread_mutex_init(&broker->lock, NULL) == 0);
    /* Signals are the other thread's. */
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    CHECK(pthread_create(&broker->thread, NULL, run, broker) == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return broker;
}

void broker_stop(struct broker *broker)
{
    if (!broker)
        return;
    CHECK(pthread_join(broker->thread, NULL) == 0);
    pthread_mutex_destroy(&broker->lock);
    close(broker->wake_fd);
    free(broker);
}
