/* main.c: vslrelay: carries the event stream to a message broker.
 *
 * Two threads: this one reads the stream into the window and writes the position of what has left
 * it; broker.c sends. A window that is full pauses the stream, whose flow control stops the server.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/journal_end.h"
#include "vslrelay/broker.h"
#include "vslrelay/figures.h"
#include "vslrelay/ledgers.h"
#include "vslrelay/message.h"
#include "vslrelay/position.h"
#include "vslrelay/settings.h"
#include "vslrelay/stream.h"
#include "vslrelay/window.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define TICK_US 200000
#define FIGURES_US (INT64_C(10) * 1000000)
#define REPORT_US (INT64_C(60) * 1000000)
/* The window: it is full, and the stream goes on when so much has left. */
#define WINDOW_BYTES_MAX ((size_t)8 << 20)
#define WINDOW_BYTES_LOW ((size_t)4 << 20)
/* --once without any progress; what was sent and is not confirmed when the relay shall stop. */
#define PROGRESS_US (INT64_C(60) * 1000000)
#define STOP_US (INT64_C(10) * 1000000)
#define CUT_US (INT64_C(3) * 1000000)

enum relay_phase {
    RELAY_RUNNING,
    RELAY_FINISHING, /* waits for the broker's answers, or STOP_US */
    RELAY_CUT,       /* waits for the thread, or CUT_US */
};

struct relay {
    struct settings settings;
    struct event_base *base;
    struct window *window;
    struct broker *broker;
    struct stream *stream;
    int changed_fd;
    enum relay_phase phase;
    int64_t phase_ends_us;
    int status;
    struct position saved; /* as it stands in the file */
    int64_t published;     /* of the message that was appended last; 0: not known */
    struct ledgers ledgers;
    char journal_identity[POSITION_IDENTITY_CHARS + 1];
    int64_t end_sequence; /* --once */
    bool has_heard;       /* --once: the stream has begun */
    int64_t progress_us;  /* when the position moved last */
    int64_t progress_reached;
    bool is_save_failing;
    int64_t figures_due_us;
    int64_t report_due_us;
    uint64_t reported_total;
};

/* ---- the position ---- */

/* Notes what is confirmed, if that is new. */
static void save(struct relay *relay)
{
    struct window_figures figures;
    window_look(relay->window, &figures);
    if (relay->journal_identity[0] == '\0' || figures.reached < relay->saved.next_sequence - 1 ||
        (figures.reached == relay->saved.next_sequence - 1 &&
            strcmp(relay->saved.journal_identity, relay->journal_identity) == 0 &&
            figures.published == relay->saved.published_sequence))
        return;
    struct position position = {
        .next_sequence = figures.reached + 1, .published_sequence = figures.published};
    memcpy(position.journal_identity, relay->journal_identity, sizeof position.journal_identity);
    if (position_write(relay->settings.position_file, &position) == 0) {
        if (relay->is_save_failing)
            log_info("the position is written again");
        relay->is_save_failing = false;
        relay->saved = position;
        return;
    }
    /* Older than the truth is harmless; to stop would help nobody. */
    if (!relay->is_save_failing)
        log_error("could not write the position: %s; messages may come again", strerror(errno));
    relay->is_save_failing = true;
}

/* ---- phases ---- */

static void finish(struct relay *relay, int status)
{
    if (relay->phase != RELAY_RUNNING)
        return;
    relay->phase = RELAY_FINISHING;
    relay->phase_ends_us = clock_monotonic_us() + STOP_US;
    relay->status = status;
    stream_pause(relay->stream, true);
    broker_finish(relay->broker);
}

static void look_at_phase(struct relay *relay, int64_t now)
{
    struct broker_figures broker;
    broker_look(relay->broker, &broker);
    if (relay->phase == RELAY_RUNNING)
        return;
    if (broker.is_done) {
        event_base_loopbreak(relay->base);
    } else if (now >= relay->phase_ends_us && relay->phase == RELAY_FINISHING) {
        log_warning("the broker has not confirmed everything; messages will come again");
        relay->phase = RELAY_CUT;
        relay->phase_ends_us = now + CUT_US;
        broker_cut(relay->broker);
    } else if (now >= relay->phase_ends_us) {
        /* It hangs in a look-up of a name, say. There is nothing to lose. */
        save(relay);
        _exit(relay->is_save_failing ? EXIT_POSITION : relay->status);
    }
}

/* --once: whether all is done, or nothing comes of it. */
static void look_at_end(struct relay *relay, int64_t now)
{
    struct window_figures figures;
    struct broker_figures broker;
    if (!relay->settings.is_once || relay->phase != RELAY_RUNNING)
        return;
    window_look(relay->window, &figures);
    broker_look(relay->broker, &broker);
    if (figures.reached > relay->progress_reached) {
        relay->progress_reached = figures.reached;
        relay->progress_us = now;
    }
    relay->has_heard = relay->has_heard || stream_is_connected(relay->stream);
    /* A stream that has said nothing might yet say that the journal is another one. */
    if (figures.reached >= relay->end_sequence && relay->has_heard) {
        finish(relay, EXIT_SUCCESS);
    } else if (broker.is_refused) {
        log_error("the broker refuses; nothing more is tried");
        finish(relay, EXIT_TRANSPORT);
    } else if (now - relay->progress_us > PROGRESS_US) {
        log_error("no progress for %d s; nothing more is tried", (int)(PROGRESS_US / 1000000));
        finish(relay, EXIT_TRANSPORT);
    }
}

/* ---- the stream ---- */

static void look_at_window(struct relay *relay)
{
    struct window_figures figures;
    window_look(relay->window, &figures);
    if (relay->phase != RELAY_RUNNING || !relay->stream)
        return;
    if (figures.bytes >= WINDOW_BYTES_MAX)
        stream_pause(relay->stream, true);
    else if (figures.bytes < WINDOW_BYTES_LOW)
        stream_pause(relay->stream, false);
}

static void on_journal(void *context, const char *journal_identity)
{
    struct relay *relay = context;
    snprintf(relay->journal_identity, sizeof relay->journal_identity, "%s", journal_identity);
    broker_set_journal(relay->broker, journal_identity);
}

static void on_entry(void *context, const Vsl__V1__JournalEntry *entry)
{
    struct relay *relay = context;
    /* Of what comes while it stops the next run is told. */
    if (relay->phase != RELAY_RUNNING)
        return;
    /* With --once what has come since is left to the next run. */
    if (relay->settings.is_once && entry->sequence > relay->end_sequence) {
        window_append_mark(relay->window, relay->end_sequence);
        return;
    }
    if (!message_is_wanted(&relay->settings, entry)) {
        window_append_mark(relay->window, entry->sequence);
        return;
    }
    struct message *message = message_of_entry(&relay->settings, entry);
    message->previous = relay->published;
    message->previous_of_ledger = ledgers_note(&relay->ledgers, entry->ledger_id, entry->sequence);
    relay->published = entry->sequence;
    window_append(relay->window, message);
    broker_wake(relay->broker);
    look_at_window(relay);
}

static void on_reached(void *context, int64_t sequence)
{
    struct relay *relay = context;
    if (relay->phase != RELAY_RUNNING)
        return;
    if (relay->settings.is_once && sequence > relay->end_sequence)
        sequence = relay->end_sequence;
    window_append_mark(relay->window, sequence);
}

static void on_stream_end(void *context, enum stream_end end, const char *message)
{
    struct relay *relay = context;
    const char *file = relay->settings.position_file;
    log_error("vsld: %s", message);
    switch (end) {
    case STREAM_OF_OTHER_JOURNAL:
        fprintf(stderr,
            "vslrelay: the journal was restored since '%s' was written: sequence numbers may be "
            "other commands than those that were published. Have the consumers drop what they keep "
            "from the number on that is named above, then begin there: --from SEQUENCE\n",
            file);
        break;
    case STREAM_IS_AHEAD:
        fprintf(stderr,
            "vslrelay: the journal has not come to the position%s%s%s, and nothing is published. "
            "Either it is mistyped, or the journal was restored without a new identity (vslctl "
            "identity new): what was decided since has numbers that the consumers know as others. "
            "Say where to begin: --from with the last message_id that a consumer has got and the "
            "journal still has, plus 1\n",
            relay->settings.from_sequence > 0 ? "" : " in '",
            relay->settings.from_sequence > 0 ? "" : file,
            relay->settings.from_sequence > 0 ? "" : "'");
        break;
    case STREAM_IS_REFUSED:
        fprintf(stderr, "vslrelay: vsld does not give what is asked for: %s\n", message);
        break;
    }
    finish(relay, end == STREAM_OF_OTHER_JOURNAL ? EXIT_OTHER_JOURNAL : EXIT_USAGE);
}

/* ---- events of the loop ---- */

static void on_changed(evutil_socket_t socket, short what, void *context)
{
    struct relay *relay = context;
    uint64_t count;
    (void)what;
    ssize_t got = read(socket, &count, sizeof count);
    CHECK(got == (ssize_t)sizeof count || errno == EAGAIN);
    look_at_window(relay);
    int64_t now = clock_monotonic_us();
    look_at_end(relay, now);
    look_at_phase(relay, now);
}

static void tell_figures(struct relay *relay, int64_t now)
{
    struct figures figures = {.is_streaming = stream_is_connected(relay->stream),
        .saved_sequence = relay->saved.next_sequence - 1,
        .is_save_failing = relay->is_save_failing};
    window_look(relay->window, &figures.window);
    broker_look(relay->broker, &figures.broker);
    if (relay->settings.metrics_file && now >= relay->figures_due_us) {
        relay->figures_due_us = now + FIGURES_US;
        figures_write(relay->settings.metrics_file, &figures);
    }
    if (now < relay->report_due_us)
        return;
    relay->report_due_us = now + REPORT_US;
    if (figures.window.confirmed_total == relay->reported_total && figures.window.bytes == 0)
        return;
    relay->reported_total = figures.window.confirmed_total;
    figures_log(&figures);
}

static void on_tick(evutil_socket_t socket, short what, void *context)
{
    struct relay *relay = context;
    (void)socket;
    (void)what;
    int64_t now = clock_monotonic_us();
    save(relay);
    look_at_window(relay);
    look_at_end(relay, now);
    look_at_phase(relay, now);
    tell_figures(relay, now);
    sd_notify(0, "WATCHDOG=1");
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    struct relay *relay = context;
    (void)number;
    (void)what;
    log_info("stopping: what is under way is confirmed first");
    sd_notify(0, "STOPPING=1");
    finish(relay, EXIT_SUCCESS);
}

/* ---- the beginning ---- */

/* Where to begin: as the file says, or --from. An exit status; 0: begin. */
static int find_position(struct relay *relay, struct position *ret_position)
{
    struct settings *settings = &relay->settings;
    const char *file = settings->position_file;
    char error[512];
    if (position_lock(file, error, sizeof error) != 0) {
        fprintf(stderr, "vslrelay: %s\n", error);
        return EXIT_USAGE;
    }
    if (settings->is_from_end &&
        journal_end(&settings->client, "vslrelay", &settings->from_sequence) != 0)
        return EXIT_TRANSPORT;
    settings->from_sequence += settings->is_from_end;
    if (settings->from_sequence > 0) {
        *ret_position = (struct position){.next_sequence = settings->from_sequence};
        return 0;
    }
    switch (position_read(file, ret_position, error, sizeof error)) {
    case POSITION_IS_READ:
        relay->saved = *ret_position;
        break;
    case POSITION_IS_MISSING:
        fprintf(stderr,
            "vslrelay: there is no position '%s' yet: say once where to begin, --from 1 for the "
            "whole journal, --from end for what comes from now on\n",
            file);
        return EXIT_USAGE;
    case POSITION_IS_WRONG:
        fprintf(stderr,
            "vslrelay: %s. Say where to begin: --from with the last message_id that a consumer has "
            "got, plus 1; a smaller number is harmless, consumers leave out what they know\n",
            error);
        return EXIT_USAGE;
    }
    /* That it cannot be written is said before the first message, not after. */
    if (position_write(file, ret_position) != 0) {
        fprintf(stderr, "vslrelay: could not write '%s': %s\n", file, strerror(errno));
        return EXIT_USAGE;
    }
    return 0;
}

static void run(struct relay *relay)
{
    struct event *events[] = {evsignal_new(relay->base, SIGTERM, on_signal, relay),
        evsignal_new(relay->base, SIGINT, on_signal, relay),
        event_new(relay->base, relay->changed_fd, EV_READ | EV_PERSIST, on_changed, relay),
        event_new(relay->base, -1, EV_PERSIST, on_tick, relay)};
    size_t count = sizeof events / sizeof events[0];
    struct timeval interval = {.tv_usec = TICK_US};
    for (size_t i = 0; i < count; i++) {
        CHECK(events[i] != NULL);
        event_add(events[i], i + 1 == count ? &interval : NULL);
    }
    sd_notify(0, "READY=1");
    event_base_dispatch(relay->base);
    for (size_t i = 0; i < count; i++)
        event_free(events[i]);
}

static int relay_run(struct relay *relay)
{
    static const struct stream_handlers handlers = {.on_journal = on_journal,
        .on_entry = on_entry,
        .on_reached = on_reached,
        .on_end = on_stream_end};
    struct settings *settings = &relay->settings;
    struct position position = {0};
    struct credentials credentials;
    char error[512];
    if (settings->credentials_file) {
        if (settings_read_credentials(
                settings->credentials_file, &credentials, error, sizeof error) != 0) {
            fprintf(stderr, "vslrelay: %s\n", error);
            return EXIT_USAGE;
        }
        explicit_bzero(&credentials, sizeof credentials);
    }
    int status = find_position(relay, &position);
    if (status != 0)
        return status;
    if (settings->is_once && journal_end(&settings->client, "vslrelay", &relay->end_sequence) != 0)
        return EXIT_TRANSPORT;
    relay->base = event_base_new();
    relay->changed_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK(relay->base != NULL && relay->changed_fd >= 0);
    relay->progress_us = clock_monotonic_us();
    relay->report_due_us = relay->progress_us + REPORT_US;
    relay->published = position.published_sequence;
    relay->window = window_create(position.next_sequence - 1, position.published_sequence);
    settings->client.wait_for_ready = false;
    relay->stream = stream_start(relay->base, settings, position.next_sequence,
        position.journal_identity, &handlers, relay, error, sizeof error);
    if (relay->stream) {
        log_info("started at=%" PRId64, position.next_sequence);
        relay->broker = broker_start(settings, relay->window, relay->changed_fd);
        snprintf(relay->journal_identity, sizeof relay->journal_identity, "%s",
            position.journal_identity);
        broker_set_journal(relay->broker, relay->journal_identity);
        run(relay);
        broker_stop(relay->broker);
        stream_stop(relay->stream);
        save(relay);
        log_info("stopped at=%" PRId64, relay->saved.next_sequence);
        status = relay->is_save_failing ? EXIT_POSITION : relay->status;
    } else {
        fprintf(stderr, "vslrelay: %s\n", error);
        status = EXIT_USAGE;
    }
    window_destroy(relay->window);
    ledgers_finish(&relay->ledgers);
    client_free_base(relay->base);
    close(relay->changed_fd);
    return status;
}

int main(int count, char **arguments)
{
    static struct relay relay;
    signal(SIGPIPE, SIG_IGN);
    settings_read(&relay.settings, count, arguments);
    int status = relay_run(&relay);
    settings_finish(&relay.settings);
    return status;
}
