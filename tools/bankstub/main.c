/* main.c: bankstub, a stand-in for the bank's core system, for demos and tests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/stand_in.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/durable_file.h"
#include "client/journal_end.h"
#include "client/options.h"
#include "client/terminal.h"
#include "client/text_file.h"

#include "vsl/v1/outcome.pb-c.h"

#include <argp.h>
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TROUBLE_INTERVAL_US (INT64_C(10) * 1000000)
#define TICK_US 20000
#define ASK_AFTER_US_DEFAULT 1000000
#define SECONDS_MAX 86400
#define STATE_NAME_BYTES_MAX 4096
/* With --once: when the stream says nothing for so long, its end is reached. */
#define SILENCE_TICKS (2000000 / TICK_US)

enum { EXIT_REFUSALS = 1, EXIT_USAGE = 2, EXIT_TRANSPORT = 3 };

const char *argp_program_version = "bankstub " VSL_VERSION;
error_t argp_err_exit_status = EXIT_USAGE;

enum {
    OPTION_RULE = 0x2000,
    OPTION_ONCE,
    OPTION_FROM,
    OPTION_LEDGER,
    OPTION_SEND_AFTER,
    OPTION_ASK_AFTER,
};

struct bankstub {
    struct stand_in_config config;
    const char *state_file;
    char book_file[STATE_NAME_BYTES_MAX + 8];
    bool is_once;
    int64_t stop_at;       /* --once: position behind which nothing is waited for */
    int64_t saved;         /* position in the state file */
    int64_t seen_position; /* to notice silence */
    unsigned silent_ticks;
    bool is_of_other_journal;
    struct event_base *base;
    struct stand_in *stand_in;
    char last_trouble[256]; /* told until quiet_until_us, monotonic */
    int64_t quiet_until_us;
};

static const struct argp_option options[] = {
    {"rule", OPTION_RULE, "RULE", 0,
        "What becomes of payouts (default paid): a list with commas of DECISION, "
        "every-nth-DECISION=N, amount-ends-with=DIGITS:DECISION, returned-after=SECONDS; the first "
        "that fits decides. A DECISION is " RULE_DECISIONS,
        1},
    {"ask-after", OPTION_ASK_AFTER, "SECONDS", 0,
        "Ask the bank so long after a payout became unknown (default 1)", 1},
    {"send-after", OPTION_SEND_AFTER, "SECONDS", 0,
        "Send a payout so long after it was requested; meanwhile it can be intercepted (default 0)",
        1},
    {"ledger", OPTION_LEDGER, "ID", 0, "Only payouts of this ledger", 1},
    {"state", 'f', "FILE", 0,
        "Keep the position here and the bank's book in FILE.book, and go on from there", 1},
    {"from", OPTION_FROM, "SEQUENCE", 0, "Begin here when there is no state file yet (default 1)",
        1},
    {"once", OPTION_ONCE, 0, 0, "Stop when everything up to now is dealt with", 1},
    {0},
};

static int64_t parse_id(struct argp_state *state, const char *name, const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < 1)
        argp_error(state, "--%s takes a whole number, 1 or more", name);
    return number;
}

static int64_t parse_seconds(struct argp_state *state, const char *name, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds >= 0) || seconds > SECONDS_MAX)
        argp_error(state, "--%s takes seconds, 0 to %d", name, SECONDS_MAX);
    return (int64_t)(seconds * 1e6);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct bankstub *stub = state->input;
    char error[512];
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &stub->config.client;
        return 0;
    case OPTION_RULE:
        if (!rule_parse(argument, &stub->config.rule, error, sizeof error))
            argp_error(state, "%s", error);
        return 0;
    case OPTION_LEDGER:
        stub->config.ledger_id = parse_id(state, "ledger", argument);
        return 0;
    case OPTION_FROM:
        stub->config.from_sequence = parse_id(state, "from", argument);
        return 0;
    case OPTION_SEND_AFTER:
        stub->config.send_after_us = parse_seconds(state, "send-after", argument);
        return 0;
    case OPTION_ASK_AFTER:
        stub->config.ask_after_us = parse_seconds(state, "ask-after", argument);
        return 0;
    case OPTION_ONCE:
        stub->is_once = true;
        return 0;
    case 'f':
        stub->state_file = argument;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the state file: lines "next_sequence N" and "journal_identity UUID", once known ---- */

static int load_position(struct bankstub *stub)
{
    FILE *in = fopen(stub->state_file, "r");
    if (!in && errno == ENOENT)
        return 0;
    /* Up to 18 digits, so that none wraps. */
    long long position = 0;
    int found = in ? fscanf(in, "next_sequence %18lld journal_identity %36s", &position,
                         stub->config.journal_identity)
                   : 0;
    if (in)
        fclose(in);
    if (found < 1 || position < 1) {
        fprintf(stderr, "bankstub: '%s' is not a state file; remove it to begin anew\n",
            stub->state_file);
        return -1;
    }
    stub->config.from_sequence = position;
    return 0;
}

static int write_position(
    const struct bankstub *stub, int64_t next_sequence, const char *journal_identity)
{
    struct durable_file out;
    if (durable_begin(&out, stub->state_file, 0644) != 0)
        return -1;
    fprintf(out.stream, "next_sequence %" PRId64 "\n", next_sequence);
    if (journal_identity[0] != '\0')
        fprintf(out.stream, "journal_identity %s\n", journal_identity);
    return durable_commit(&out);
}

static void save_position(void *context, int64_t next_sequence, const char *journal_identity)
{
    struct bankstub *stub = context;
    if (!stub->state_file || (next_sequence == stub->saved &&
                                 strcmp(journal_identity, stub->config.journal_identity) == 0))
        return;
    /* An older position is harmless: the same answers are given again under the same keys. */
    if (write_position(stub, next_sequence, journal_identity) == 0) {
        stub->saved = next_sequence;
        snprintf(stub->config.journal_identity, sizeof stub->config.journal_identity, "%s",
            journal_identity);
    } else {
        log_warning("could not write the state file: %s", durable_reason(errno));
    }
}

/* Reads the position and writes it back: a file that cannot be written is told before the first
 * answer, not after. */
static int open_state(struct bankstub *stub)
{
    if (!stub->state_file)
        return 0;
    if (load_position(stub) != 0)
        return -1;
    if (write_position(stub, stub->config.from_sequence, stub->config.journal_identity) != 0) {
        fprintf(stderr, "bankstub: could not write '%s': %s\n", stub->state_file,
            durable_reason(errno));
        return -1;
    }
    stub->saved = stub->config.from_sequence;
    snprintf(stub->book_file, sizeof stub->book_file, "%s.book", stub->state_file);
    stub->config.book_file = stub->book_file;
    return 0;
}

/* ---- what happens ---- */

static void on_answered(void *context, int64_t ledger_id, int64_t payout_id,
    Vsl__V1__PayoutResult said, int outcome, bool is_replayed)
{
    static const char *const names[] = {"", "paid", "failed", "returned", "sent", "unknown"};
    (void)context;
    CHECK((size_t)said < sizeof names / sizeof names[0]);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&vsl__v1__outcome__descriptor, outcome);
    log_info("payout=%" PRId64 " ledger=%" PRId64 " said=%s outcome=%s%s", payout_id, ledger_id,
        names[said], value ? value->name + strlen("OUTCOME_") : "unknown",
        is_replayed ? " replayed=1" : "");
}

/* A server that is away gives the same trouble several times a second; telling it now and then is
 * enough. */
static void on_trouble(void *context, const char *message)
{
    struct bankstub *stub = context;
    int64_t now = clock_monotonic_us();
    if (now < stub->quiet_until_us && strcmp(message, stub->last_trouble) == 0)
        return;
    stub->quiet_until_us = now + TROUBLE_INTERVAL_US;
    snprintf(stub->last_trouble, sizeof stub->last_trouble, "%s", message);
    /* Log lines pass the guard by. */
    char *shown = terminal_escaped(message);
    log_warning("waiting: %s; trying again", shown);
    free(shown);
}

static void tell_other_journal(const struct bankstub *stub, const char *message)
{
    fflush(stdout);
    char *shown = terminal_escaped(message);
    fprintf(stderr,
        "bankstub: %s\nbankstub: payouts may be others than those in the book of %s; compare them, "
        "then begin with another state file\n",
        shown, stub->state_file ? stub->state_file : "this run");
    free(shown);
}

static void on_other_journal(void *context, const char *message)
{
    struct bankstub *stub = context;
    tell_other_journal(stub, message);
    stub->is_of_other_journal = true;
    event_base_loopbreak(stub->base);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    (void)number;
    (void)what;
    struct bankstub *stub = context;
    event_base_loopbreak(stub->base);
}

static void on_tick(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct bankstub *stub = context;
    int64_t reached = stand_in_reached(stub->stand_in);
    stub->silent_ticks = reached == stub->seen_position ? stub->silent_ticks + 1 : 0;
    stub->seen_position = reached;
    bool is_at_end = reached > stub->stop_at || stub->silent_ticks > SILENCE_TICKS;
    if (is_at_end && stand_in_is_idle(stub->stand_in))
        event_base_loopbreak(stub->base);
}

static int run(struct bankstub *stub)
{
    char error[512];
    stub->base = event_base_new();
    CHECK(stub->base != NULL);
    stub->stand_in = stand_in_start(stub->base, &stub->config, error, sizeof error);
    if (!stub->stand_in) {
        fprintf(stderr, "bankstub: %s\n", error);
        event_base_free(stub->base);
        return EXIT_USAGE;
    }
    struct event *terminate = evsignal_new(stub->base, SIGTERM, on_signal, stub);
    struct event *interrupt = evsignal_new(stub->base, SIGINT, on_signal, stub);
    struct event *tick = event_new(stub->base, -1, EV_PERSIST, on_tick, stub);
    CHECK(terminate && interrupt && tick);
    evsignal_add(terminate, NULL);
    evsignal_add(interrupt, NULL);
    struct timeval interval = {.tv_usec = TICK_US};
    if (stub->is_once)
        evtimer_add(tick, &interval);
    log_info("started from=%" PRId64, stub->config.from_sequence);
    event_base_dispatch(stub->base);
    const struct stand_in_counts *counts = stand_in_counts(stub->stand_in);
    log_info("stopped withdrawals=%" PRIu64 " paid=%" PRIu64 " failed=%" PRIu64 " returned=%" PRIu64
             " sent=%" PRIu64 " unknown=%" PRIu64 " already=%" PRIu64 " refused=%" PRIu64
             " checked=%" PRIu64,
        counts->seen, counts->paid, counts->failed, counts->returned, counts->sent, counts->unknown,
        counts->already, counts->refused, counts->checked);
    int status = counts->refused > 0 ? EXIT_REFUSALS : EXIT_SUCCESS;
    if (stub->is_of_other_journal)
        status = EXIT_USAGE;
    event_free(terminate);
    event_free(interrupt);
    event_free(tick);
    stand_in_stop(stub->stand_in);
    client_free_base(stub->base);
    return status;
}

int main(int count, char **arguments)
{
    static const struct argp_child children[] = {{&client_argp, 0, "Server:", 2}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "A stand-in for the bank: reads the event stream, says of each payout that it is sent, "
            "executes it, and says by rule what became of it; and of each card whose four factors "
            "are "
            "checked, that they agree.\v"
            "Examples:\n"
            "  bankstub                                     pays everything, until it is stopped\n"
            "  bankstub --once                              pays what waits, then stops\n"
            "  bankstub --rule every-nth-failed=10 --state /var/tmp/bankstub.state\n"
            "  bankstub --rule amount-ends-with=99:failed,amount-ends-with=98:returned-twice\n"
            "  bankstub --rule every-nth-unknown=3 --ask-after 5\n"
            "\n"
            "What the decisions mean:\n"
            "  paid             the money leaves\n"
            "  failed           it never leaves\n"
            "  returned         it leaves and comes back; returned-after=SECONDS: so much later\n"
            "  partly-returned  it leaves and one half comes back\n"
            "  returned-twice   it leaves, one half comes back, then the rest\n"
            "  unknown          it leaves, but the bank's answer is lost: it is said to be "
            "unknown,\n"
            "                   asked for after a while, and found paid\n"
            "  unknown-failed   the same, but it never left, and is found failed\n"
            "\n"
            "One line of log for each answer. Safe to run again: what is executed stands in the "
            "book, FILE.book, before anybody is told, and a payout that was sent before is asked "
            "for there and never executed again; what the book does not know, the bank never got, "
            "and has failed. Without --state there is no such book: a payout that an earlier run "
            "sent and did not end is said to be unknown and left to people. One bankstub at a time "
            "works on a database, with a state file of its own. Exit status: 0, 1 when an answer "
            "was refused, 2 usage or a state file that cannot be used, also because the journal "
            "was "
            "restored since, 3 the server could not be "
            "asked."};
    static struct bankstub stub;
    stub.config.from_sequence = 1;
    stub.config.ask_after_us = ASK_AFTER_US_DEFAULT;
    stub.config.on_answered = on_answered;
    stub.config.on_position = save_position;
    stub.config.on_other_journal = on_other_journal;
    stub.config.on_trouble = on_trouble;
    stub.config.context = &stub;
    terminal_guard(EXIT_TRANSPORT);
    arguments_check("bankstub", count, arguments, EXIT_USAGE);
    /* The examples are wider than 79 columns, and must not be wrapped. */
    setenv("ARGP_HELP_FMT", "rmargin=100", 0);
    argp_parse(&argp, count, arguments, 0, NULL, &stub);
    if (open_state(&stub) != 0)
        return EXIT_USAGE;
    if (stub.is_once && journal_end(&stub.config.client, "bankstub", &stub.stop_at) != 0)
        return EXIT_TRANSPORT;
    /* Or it would be at its end before the server has said so. */
    if (stub.is_once && stub.config.from_sequence > stub.stop_at + 1) {
        char message[128];
        snprintf(message, sizeof message,
            "the journal ends with %" PRId64 ", before the position to go on from", stub.stop_at);
        tell_other_journal(&stub, message);
        return EXIT_USAGE;
    }
    return run(&stub);
}
