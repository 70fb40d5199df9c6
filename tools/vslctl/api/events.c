/* events.c: vslctl events: the event stream from any position.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "ceilings.h"
#include "text/format.h"
#include "vslctl/api/entry.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/event.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_MAX 64
#define RECONNECT_PAUSE_SECONDS 1
#define LINE_BYTES_MAX 1024
#define IDENTITY_CHARS 36

enum {
    OPTION_FROM = 0x5000,
    OPTION_IDENTITY,
    OPTION_FOLLOW,
    OPTION_LEDGER,
    OPTION_ACCOUNT,
    OPTION_KIND,
    OPTION_ACCEPTED,
};

struct events {
    struct common_options *options;
    struct context context;
    Vsl__V1__StreamEventsRequest request;
    Vsl__V1__CommandKind kinds[KINDS_MAX];
    char identity[IDENTITY_CHARS + 1]; /* of the journal; "": not known yet */
    bool is_following;
    int64_t last_sequence; /* the end when it was asked for; 0: there is none */
    struct event *silence_timer;
    struct arena arena; /* of the event that is being shown */
    bool has_ended;
    int status;
};

static const struct argp_option options[] = {
    {"from", OPTION_FROM, "SEQUENCE", 0, "First position wanted (default 1)", 1},
    {"identity", OPTION_IDENTITY, "UUID", 0,
        "The journal that --from is a position of: refused when it was restored since", 1},
    {"follow", OPTION_FOLLOW, 0, 0,
        "Wait for new events until interrupted, and connect again after a loss", 1},
    {"ledger", OPTION_LEDGER, "ID", 0, "Only events of this ledger", 1},
    {"account", OPTION_ACCOUNT, "ID", 0, "Only events of this account of the ledger", 1},
    {"kind", OPTION_KIND, "NAME", 0,
        "Only events of this kind, such as pay or withdraw; may be given more than once", 1},
    {"accepted", OPTION_ACCEPTED, 0, 0, "Only commands that were accepted", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct events *events = state->input;
    int32_t kind;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = events->options;
        return 0;
    case OPTION_FROM:
        if (!parse_integer(argument, 1, INT64_MAX, &events->request.from_sequence))
            argp_error(state, "--from takes a sequence number, 1 or more");
        return 0;
    case OPTION_IDENTITY:
        if (strlen(argument) != IDENTITY_CHARS)
            argp_error(state, "--identity takes a UUID, as vslctl identity show prints it");
        memcpy(events->identity, argument, IDENTITY_CHARS);
        return 0;
    case OPTION_FOLLOW:
        events->is_following = true;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &events->request.ledger_id))
            argp_error(state, "--ledger takes an id");
        return 0;
    case OPTION_ACCOUNT:
        if (!parse_integer(argument, 1, INT64_MAX, &events->request.account_id))
            argp_error(state, "--account takes an id");
        return 0;
    case OPTION_KIND:
        if (!parse_enum(&vsl__v1__command_kind__descriptor, argument, &kind) || kind == 0)
            argp_error(state, "'%s' is no kind of command", argument);
        if (events->request.n_kinds == KINDS_MAX)
            argp_error(state, "at most %d kinds", KINDS_MAX);
        events->kinds[events->request.n_kinds++] = (Vsl__V1__CommandKind)kind;
        return 0;
    case OPTION_ACCEPTED:
        events->request.accepted_only = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void show_entry(const Vsl__V1__JournalEntry *entry)
{
    char line[LINE_BYTES_MAX];
    entry_line(entry, line, sizeof line);
    printf("%s\n", line);
}

static void end_with(struct events *events, int status)
{
    events->has_ended = true;
    events->status = status;
}

/* Remembers whose journal it is; the request for the rest will name it. False when it is another
 * one than before: that was told. */
static bool is_same_journal(struct events *events, const char *identity)
{
    if (events->identity[0] == '\0')
        snprintf(events->identity, sizeof events->identity, "%s", identity);
    if (strcmp(events->identity, identity) == 0)
        return true;
    fprintf(stderr,
        "vslctl: the journal's identity is %s and was %s: it was restored, and sequence numbers "
        "may be other commands than before\n",
        identity, events->identity);
    return false;
}

/* Says where the next call begins, and in which journal. */
static void tell_position(const struct events *events)
{
    fflush(stdout);
    fprintf(stderr, "vslctl: go on with --from %" PRId64 " --identity %s\n",
        events->request.from_sequence, events->identity);
}

/* Heartbeats come while nothing happens, so silence is a way or a server that is dead. */
static void watch_silence(struct events *events)
{
    struct timeval silence = {.tv_sec = STREAM_SILENCE_SECONDS};
    evtimer_add(events->silence_timer, &silence);
}

static void on_message(void *context, const uint8_t *bytes, size_t length)
{
    struct events *events = context;
    if (events->has_ended)
        return;
    arena_reset(&events->arena);
    Vsl__V1__StreamEventsResponse *event = (Vsl__V1__StreamEventsResponse *)rpc_unpack(
        &vsl__v1__stream_events_response__descriptor, bytes, length, &events->arena);
    if (!event) {
        fprintf(stderr, "vslctl: an event cannot be read\n");
        end_with(events, EXIT_TRANSPORT);
        return;
    }
    if (!is_same_journal(events, event->journal_identity)) {
        end_with(events, EXIT_REFUSED);
        return;
    }
    int64_t reached = 0;
    if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_ENTRY) {
        reached = event->entry->sequence;
        if (events->options->is_json)
            show_json(&event->entry->base, false);
        else
            show_entry(event->entry);
    } else if (event->event_case == VSL__V1__STREAM_EVENTS_RESPONSE__EVENT_REACHED_SEQUENCE) {
        reached = event->reached_sequence;
    }
    if (reached >= events->request.from_sequence)
        events->request.from_sequence = reached + 1;
    if (events->is_following)
        fflush(stdout);
    /* Nobody reads on: `vslctl events --follow | head`. */
    if (ferror(stdout))
        end_with(events, EXIT_UNKNOWN);
    if (events->has_ended)
        return;
    watch_silence(events);
    if (events->is_following)
        return;
    /* Positions are told also of what was left out, so a filtered stream reaches the end too. */
    if (reached >= events->last_sequence) {
        end_with(events, EXIT_ACCEPTED);
        if (!events->options->is_json)
            tell_position(events);
    }
}

/* Says how far the stream has come, and how to go on. */
static void tell_break(const struct events *events)
{
    fflush(stdout);
    fprintf(stderr,
        "vslctl: shown up to %" PRId64 " of %" PRId64 "; go on with --from %" PRId64 "%s%s\n",
        events->request.from_sequence - 1, events->last_sequence, events->request.from_sequence,
        events->identity[0] ? " --identity " : "", events->identity);
}

static void start_stream(struct events *events);

/* Begins anew on another connection: this one may be dead. */
static void connect_again(struct events *events)
{
    char error[512];
    struct rpc *rpc = &events->context.rpc;
    client_close(rpc->client);
    rpc->client = client_open(rpc->base, &events->options->client, error, sizeof error);
    if (rpc->client) {
        start_stream(events);
        return;
    }
    fprintf(stderr, "vslctl: %s\n", error);
    tell_position(events);
    end_with(events, EXIT_TRANSPORT);
}

static void on_silence(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct events *events = context;
    fprintf(stderr, "vslctl: the server has sent nothing for %d s%s\n", STREAM_SILENCE_SECONDS,
        events->is_following ? "; connecting again" : "");
    if (events->is_following) {
        connect_again(events);
        return;
    }
    tell_break(events);
    end_with(events, EXIT_TRANSPORT);
}

static void on_reconnect(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    start_stream(context);
}

static void on_end(void *context, const struct client_end *end)
{
    struct events *events = context;
    if (events->has_ended)
        return;
    evtimer_del(events->silence_timer);
    if (events->is_following && (end->status == GRPC_OK || grpc_status_is_passing(end->status))) {
        fprintf(stderr, "vslctl: %s; trying again\n", end->message);
        struct timeval pause = {.tv_sec = RECONNECT_PAUSE_SECONDS};
        event_base_once(events->context.rpc.base, -1, EV_TIMEOUT, on_reconnect, events, &pause);
        return;
    }
    rpc_fault_set(&events->context.rpc.fault, end);
    context_print_fault(&events->context);
    int status = context_fault_status(&events->context);
    if (end->status == GRPC_OUT_OF_RANGE) {
        fprintf(stderr, "vslctl: nothing is shown: --from is mistyped, or the journal was restored "
                        "since it was told (vslctl identity show)\n");
        status = EXIT_REFUSED;
    } else if (!events->is_following) {
        tell_break(events);
    }
    if (end->status == GRPC_FAILED_PRECONDITION)
        status = EXIT_REFUSED; /* another journal */
    end_with(events, status == EXIT_ACCEPTED ? EXIT_TRANSPORT : status);
}

static void start_stream(struct events *events)
{
    static const struct client_handlers handlers = {.on_message = on_message, .on_end = on_end};
    char path[RPC_PATH_BYTES_MAX];
    rpc_path(&vsl__v1__event_service__descriptor, "StreamEvents", path);
    struct rpc *rpc = &events->context.rpc;
    rpc_pack(&events->request.base, &rpc->request);
    client_call_start(
        rpc->client, path, rpc->request.bytes, rpc->request.length, 0, &handlers, events);
    watch_silence(events);
}

/* The last sequence number there is now. */
static int find_end(struct events *events)
{
    Vsl__V1__ListLedgersRequest request;
    vsl__v1__list_ledgers_request__init(&request);
    request.page_size = 1;
    Vsl__V1__ListLedgersResponse *answer = (Vsl__V1__ListLedgersResponse *)context_call(
        &events->context, &vsl__v1__ledger_service__descriptor, "ListLedgers", &request.base);
    if (!answer)
        return -1;
    events->last_sequence = answer->as_of_sequence;
    return 0;
}

static int run(struct events *events)
{
    if (context_open(&events->context) != 0)
        return EXIT_USAGE;
    /* Also when nothing is behind --from: whether it is a position is the server's to say. */
    if (!events->is_following && find_end(events) != 0)
        return EXIT_TRANSPORT;
    struct event_base *base = events->context.rpc.base;
    events->silence_timer = evtimer_new(base, on_silence, events);
    CHECK(events->silence_timer != NULL);
    arena_init(&events->arena, (size_t)64 << 10, (size_t)64 << 20);
    events->context.is_command = false;
    start_stream(events);
    while (!events->has_ended)
        event_base_loop(base, EVLOOP_ONCE);
    event_free(events->silence_timer);
    arena_finish(&events->arena);
    return events->status;
}

int run_events(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Show the event stream: every command that was decided, in order, with what it made "
            "or changed, its order number and its fee in minor units. Ends with 0 when everything "
            "up to the moment of the call was shown, and only then; with 1 when the journal was "
            "restored meanwhile, is another one than that of --identity or has not come to --from, "
            "and when the ledger or account is not there.\v"
            "Examples:\n"
            "  vslctl events                                  everything up to now\n"
            "  vslctl events --follow --kind withdraw --accepted\n"
            "  vslctl events --from 1000 --ledger 1 --json    one object per line\n"};
    static struct events events;
    events = (struct events){.options = common, .context = {.options = common}};
    vsl__v1__stream_events_request__init(&events.request);
    events.request.from_sequence = 1;
    events.request.kinds = events.kinds;
    events.request.journal_identity = events.identity;
    parse_arguments(&argp, "vslctl events", count, arguments, &events);
    int status = run(&events);
    context_finish(&events.context);
    return status;
}
