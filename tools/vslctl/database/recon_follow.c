/* recon_follow.c: vslctl recon follow: makes the searches of reconciliation whenever there is
 * something new to find, as a service.
 *
 * Nothing is remembered between two runs of the program: it searches when it starts, and again when
 * the event stream tells that a statement was closed or a day cut, or that time is over and
 * anything was recorded meanwhile. Each search can be cut at any moment, so a stop is just one, and
 * a server or database that is away is asked again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "ceilings.h"
#include "client/journal_end.h"
#include "text/format.h"

#include "vsl/v1/event.pb-c.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DAYS_DEFAULT 3
#define MINUTES_DEFAULT 10
#define PAUSE_SECONDS_MIN 1
#define PAUSE_SECONDS_MAX 60

enum {
    OPTION_CONFIRM = 0x6f00,
    OPTION_BOOK,
    OPTION_DAYS,
    OPTION_EVERY,
    OPTION_ONCE,
};

struct following {
    struct recon recon; /* as it was given */
    struct key_options key;
    bool is_confirming, is_booking, is_once;
    int64_t days, minutes;

    /* ---- while it waits ---- */
    struct context context;
    struct arena arena; /* of the event that is read */
    int64_t position;   /* up to which everything was recorded before the last search */
    bool is_awake;      /* something to search for */
    bool has_ended;     /* the stream */
    bool is_changed;    /* anything was recorded since */
};

static const struct argp_option options[] = {
    {"confirm", OPTION_CONFIRM, 0, 0, "Also do what 'vslctl recon confirm' does", 1},
    {"book", OPTION_BOOK, 0, 0, "Also do what 'vslctl recon book' does", 1},
    {"days", OPTION_DAYS, "N", 0,
        "Of --book: lines are booked after so many days, 0 to 366 (default: 3)", 1},
    {"every", OPTION_EVERY, "MINUTES", 0,
        "Search after so long, too, if anything was recorded, 1 to 1440 (default: 10)", 1},
    {"once", OPTION_ONCE, 0, 0, "Search once, and end", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct following *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->recon;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_CONFIRM:
        given->is_confirming = true;
        return 0;
    case OPTION_BOOK:
        given->is_booking = true;
        return 0;
    case OPTION_DAYS:
        if (!parse_integer(argument, 0, 366, &given->days))
            argp_error(state, "--days takes a whole number, 0 to 366");
        return 0;
    case OPTION_EVERY:
        if (!parse_integer(argument, 1, 1440, &given->minutes))
            argp_error(state, "--every takes a whole number of minutes, 1 to 1440");
        return 0;
    case OPTION_ONCE:
        given->is_once = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- searches ---- */

static void tell(const struct following *following, const struct recon_done *matched,
    const struct recon_done *confirmed, const struct recon_done *booked)
{
    int64_t refused = matched->refused + confirmed->refused + booked->refused;
    if (following->recon.common->is_json)
        printf("{\"ledger_id\": \"%" PRId64 "\", \"as_of_sequence\": \"%" PRId64
               "\", \"matched\": %" PRId64 ", \"confirmed\": %" PRId64 ", \"booked\": %" PRId64
               ", \"refused\": %" PRId64 "}\n",
            following->recon.ledger_id, following->position, matched->done, confirmed->done,
            booked->done, refused);
    else
        printf("ledger %" PRId64 " as of %" PRId64 ": matches %" PRId64 ", payouts confirmed "
               "%" PRId64 ", receipts booked %" PRId64 ", refused %" PRId64 "\n",
            following->recon.ledger_id, following->position, matched->done, confirmed->done,
            booked->done, refused);
    fflush(stdout);
}

/* Each of the searches that are wanted, in their order. An exit status: what one of them was
 * refused does not keep the next ones from being made. */
static int search(struct following *following)
{
    struct recon_done matched = {0}, confirmed = {0}, booked = {0};
    if (journal_end(&following->recon.common->client, "vslctl", &following->position) != 0)
        return EXIT_TRANSPORT;
    int status = recon_match(&following->recon, &following->key, &matched);
    if (status <= EXIT_REFUSED && following->is_confirming)
        status = recon_confirm(&following->recon, &following->key, &confirmed);
    if (status <= EXIT_REFUSED && following->is_booking)
        status = recon_book(&following->recon, &following->key, following->days, &booked);
    tell(following, &matched, &confirmed, &booked);
    if (status <= EXIT_REFUSED && matched.refused + confirmed.refused > 0)
        status = EXIT_REFUSED;
    return status;
}

/* ---- until there is something new ---- */

static void on_message(void *context, const uint8_t *bytes, size_t length)
{
    struct following *following = context;
    arena_reset(&following->arena);
    const Vsl__V1__StreamEventsResponse *event = (const Vsl__V1__StreamEventsResponse *)rpc_unpack(
        &vsl__v1__stream_events_response__descriptor, bytes, length, &following->arena);
    if (!event) {
        following->has_ended = true;
        return;
    }
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY)
        following->is_awake = true;
    else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE)
        following->is_changed |= event->reached_sequence > following->position;
}

static void on_end(void *context, const struct client_end *end)
{
    struct following *following = context;
    if (!following->is_awake)
        fprintf(stderr, "vslctl: %s; searching again\n", end->message);
    following->has_ended = true;
}

static void on_time(evutil_socket_t socket, short what, void *context)
{
    struct following *following = context;
    (void)socket;
    (void)what;
    following->is_awake |= following->is_changed;
}

/* A server that hangs sends no heartbeats. */
static void on_silence(evutil_socket_t socket, short what, void *context)
{
    struct following *following = context;
    (void)socket;
    (void)what;
    fprintf(stderr, "vslctl: the server has sent nothing for %d s\n", STREAM_SILENCE_SECONDS);
    following->has_ended = true;
}

static void start_stream(struct following *following)
{
    static const struct client_handlers handlers = {.on_message = on_message, .on_end = on_end};
    static Vsl__V1__CommandKind kinds[] = {VSL__V1__COMMAND_KIND__COMMAND_KIND_CLOSE_BANK_STATEMENT,
        VSL__V1__COMMAND_KIND__COMMAND_KIND_CUT_DAY};
    Vsl__V1__StreamEventsRequest request;
    struct rpc *rpc = &following->context.rpc;
    char path[RPC_PATH_BYTES_MAX];
    vsl__v1__stream_events_request__init(&request);
    request.from_sequence = following->position + 1;
    request.ledger_id = following->recon.ledger_id;
    request.kinds = kinds;
    request.n_kinds = sizeof kinds / sizeof *kinds;
    request.accepted_only = true;
    rpc_path(&vsl__v1__event_service__descriptor, "StreamEvents", path);
    rpc_pack(&request.base, &rpc->request);
    client_call_start(
        rpc->client, path, rpc->request.bytes, rpc->request.length, 0, &handlers, following);
}

/* Waits for what is worth a search; an exit status, EXIT_ACCEPTED also where the stream ended. */
static int wait_for_news(struct following *following)
{
    struct timeval every = {.tv_sec = following->minutes * 60};
    struct timeval silence = {.tv_sec = STREAM_SILENCE_SECONDS};
    following->context = (struct context){.options = following->recon.common};
    following->is_awake = following->has_ended = following->is_changed = false;
    if (context_open(&following->context) != 0)
        return EXIT_USAGE;
    struct event_base *base = following->context.rpc.base;
    struct event *clock = event_new(base, -1, EV_PERSIST, on_time, following);
    struct event *silent = evtimer_new(base, on_silence, following);
    CHECK(clock != NULL && silent != NULL);
    arena_init(&following->arena, (size_t)64 << 10, (size_t)64 << 20);
    event_add(clock, &every);
    start_stream(following);
    while (!following->is_awake && !following->has_ended) {
        evtimer_add(silent, &silence);
        event_base_loop(base, EVLOOP_ONCE);
    }
    following->is_awake = true; /* what ends now is not told */
    event_free(clock);
    event_free(silent);
    context_finish(&following->context);
    arena_finish(&following->arena);
    return EXIT_ACCEPTED;
}

static int follow(struct following *following)
{
    unsigned pause = PAUSE_SECONDS_MIN;
    while (true) {
        int status = search(following);
        if (status == EXIT_USAGE || following->is_once)
            return status;
        if (status <= EXIT_REFUSED) {
            pause = PAUSE_SECONDS_MIN;
            status = wait_for_news(following);
            if (status != EXIT_ACCEPTED)
                return status;
        } else {
            fprintf(stderr, "vslctl: searching again in %u s\n", pause);
            sleep(pause);
            pause = pause * 2 < PAUSE_SECONDS_MAX ? pause * 2 : PAUSE_SECONDS_MAX;
        }
    }
}

int run_recon_follow(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&recon_argp, 0, NULL, 0}, {&key_argp, 0, "Keys:", 80}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc = "Make 'vslctl recon match' now, and again whenever a statement of the bank is "
               "closed, a "
               "day is cut, or time is over and anything was recorded. Runs until it is ended.\v"
               "A line is printed of each search: as of which command of the journal, how many "
               "matches,\n"
               "payouts and receipts. A server or database that is away is asked again, less and "
               "less\n"
               "often, once a minute at last. It may be ended and begun at any time.\n"
               "\n"
               "Needs the roles of what it does: see the help of match, confirm and book.\n"
               "\n"
               "Examples:\n"
               "  vslctl recon follow --ledger 1\n"
               "  vslctl recon follow --ledger 1 --confirm --book --days 5\n"
               "  vslctl recon follow --ledger 1 --confirm --once\n"
               "\n"
               "Exit status with --once: that of the search; else it ends when it is told to.\n"};
    static struct following given;
    given = (struct following){.recon.common = common,
        .key = KEY_OPTIONS_DEFAULT,
        .days = DAYS_DEFAULT,
        .minutes = MINUTES_DEFAULT};
    parse_arguments(&argp, "vslctl recon follow", count, arguments, &given);
    if (!recon_makes_keys(&given.key, "line and booking"))
        return EXIT_USAGE;
    given.recon.database.is_quiet = true;
    return follow(&given);
}
