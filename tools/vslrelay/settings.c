/* settings.c: what a relay is told, on the command line or in a file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/settings.h"

#include "base/check.h"
#include "client/options.h"
#include "client/terminal.h"
#include "client/text_file.h"
#include "text/format.h"

#include <amqp.h>
#include <argp.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WINDOW_DEFAULT 512
#define WINDOW_MAX 65536
#define ERROR_BYTES_MAX 512

const char *argp_program_version = "vslrelay " VSL_VERSION;
error_t argp_err_exit_status = EXIT_USAGE;

enum {
    OPTION_CONFIG = 'c',
    OPTION_BROKER = 0x2000,
    OPTION_BROKER_CA,
    OPTION_BROKER_CERT,
    OPTION_BROKER_KEY,
    OPTION_CREDENTIALS,
    OPTION_EXCHANGE,
    OPTION_ROUTING_KEY,
    OPTION_QUEUE,
    OPTION_UNROUTED,
    OPTION_WINDOW,
    OPTION_FORMAT,
    OPTION_LEDGER,
    OPTION_ACCOUNT,
    OPTION_KIND,
    OPTION_ACCEPTED,
    OPTION_POSITION,
    OPTION_FROM,
    OPTION_ONCE,
    OPTION_METRICS,
    OPTIONS_END,
};
#define OPTION_COUNT (OPTIONS_END - OPTION_BROKER)

static const struct argp_option options[] = {
    {"config", OPTION_CONFIG, "FILE", 0,
        "Take what the command line does not say from the section [relay] of this file: the long "
        "options of here as settings",
        1},
    {"broker", OPTION_BROKER, "URL", 0,
        "amqp://HOST[:PORT][/VHOST], or amqps:// for TLS; no user and no password stand in it", 1},
    {"credentials", OPTION_CREDENTIALS, "FILE", 0,
        "User and password for the broker, a line each; chmod 600. Without it the client "
        "certificate must do (SASL EXTERNAL)",
        1},
    {"broker-ca", OPTION_BROKER_CA, "FILE", 0, "CA that signed the broker's certificate (PEM)", 1},
    {"broker-cert", OPTION_BROKER_CERT, "FILE", 0, "Client certificate for the broker (PEM)", 1},
    {"broker-key", OPTION_BROKER_KEY, "FILE", 0, "Its private key (PEM, no others may read it)", 1},
    {"exchange", OPTION_EXCHANGE, "NAME", 0, "Publish to this exchange, which is there already", 1},
    {"routing-key", OPTION_ROUTING_KEY, "KEY", 0,
        "Under this key instead of LEDGER.KIND, such as 1.pay or 1.book_receipt", 1},
    {"queue", OPTION_QUEUE, "NAME", 0,
        "Publish to this queue instead of an exchange; it is there already", 1},
    {"unrouted", OPTION_UNROUTED, 0, 0,
        "Let go what no queue is bound for. Otherwise it is waited for until one is, so that "
        "nothing "
        "is lost by a binding that is missing",
        1},
    {"window", OPTION_WINDOW, "COUNT", 0,
        "So many messages are sent without the broker's confirmation (default 512)", 1},
    {"format", OPTION_FORMAT, "NAME", 0, "Bodies as protobuf (default) or json", 1},
    {"ledger", OPTION_LEDGER, "ID", 0, "Only events of this ledger", 2},
    {"account", OPTION_ACCOUNT, "ID", 0,
        "Only events of this account of the ledger; several with commas, or given again", 2},
    {"kind", OPTION_KIND, "NAME", 0,
        "Only events of this kind, such as pay or withdraw; several with commas, or given again",
        2},
    {"accepted", OPTION_ACCEPTED, 0, 0, "Only commands that were accepted", 2},
    {"position", OPTION_POSITION, "FILE", 0, "Keep here what is published, and go on from there",
        3},
    {"from", OPTION_FROM, "SEQUENCE", 0,
        "Begin here whatever the position file says: 1, another number, or `end` for what comes "
        "from "
        "now on. Needed once at the beginning, and after a restore; not a setting of the file",
        3},
    {"once", OPTION_ONCE, 0, 0, "Stop when everything up to now is published", 3},
    {"metrics", OPTION_METRICS, "FILE", 0,
        "Write figures here every 10 s, for node_exporter's textfile collector", 3},
    {0},
};

struct reading {
    struct settings *settings;
    const char *config_file;
    const char *broker; /* as it was given */
    const char *queue;
    bool has_exchange;
    bool has_server;             /* the command line says where vsld is */
    bool is_given[OPTION_COUNT]; /* on the command line, so the file does not count */
    char error[ERROR_BYTES_MAX];
};

/* ---- values ---- */

static char *keep(struct settings *settings, const char *text)
{
    CHECK(settings->kept_count < SETTINGS_KEPT_MAX);
    char *copy = strdup(text);
    CHECK(copy != NULL);
    settings->kept[settings->kept_count++] = copy;
    return copy;
}

static bool try_accounts(struct settings *settings, const char *text)
{
    char *copy = strdup(text);
    char *rest = copy;
    char *item;
    bool is_right = copy != NULL;
    while (is_right && (item = strsep(&rest, ",")) != NULL) {
        is_right = settings->account_count < SETTINGS_ACCOUNTS_MAX &&
                   parse_integer(item, 1, INT64_MAX, &settings->accounts[settings->account_count]);
        settings->account_count++;
    }
    free(copy);
    return is_right;
}

static bool try_kinds(struct settings *settings, const char *text)
{
    char *copy = strdup(text);
    char *rest = copy;
    char *item;
    bool is_right = copy != NULL;
    while (is_right && (item = strsep(&rest, ",")) != NULL) {
        int32_t kind = 0;
        is_right = settings->kind_count < SETTINGS_KINDS_MAX &&
                   parse_enum(&vsl__v1__command_kind__descriptor, item, &kind) && kind != 0;
        if (is_right)
            settings->kinds[settings->kind_count++] = (Vsl__V1__CommandKind)kind;
    }
    free(copy);
    return is_right;
}

/* "yes", as in a file, or NULL, as an option without a value. */
static bool try_yes(const char *text, bool *ret_flag)
{
    *ret_flag = !text || strcmp(text, "yes") == 0;
    return *ret_flag || strcmp(text, "no") == 0;
}

/* Takes one value. NULL, or what it should have been. */
static const char *take(struct reading *reading, int option, const char *text)
{
    struct settings *settings = reading->settings;
    switch (option) {
    case OPTION_BROKER:
        reading->broker = text;
        return NULL;
    case OPTION_BROKER_CA:
        settings->ca_file = text;
        return NULL;
    case OPTION_BROKER_CERT:
        settings->certificate_file = text;
        return NULL;
    case OPTION_BROKER_KEY:
        settings->key_file = text;
        return NULL;
    case OPTION_CREDENTIALS:
        settings->credentials_file = text;
        return NULL;
    case OPTION_EXCHANGE:
        settings->exchange = text;
        reading->has_exchange = true;
        return NULL;
    case OPTION_ROUTING_KEY:
        settings->routing_key = text;
        return strlen(text) < 256 ? NULL : "takes at most 255 bytes";
    case OPTION_QUEUE:
        reading->queue = text;
        return strlen(text) < 256 && text[0] ? NULL : "takes the name of a queue";
    case OPTION_UNROUTED:
        return try_yes(text, &settings->may_be_unrouted) ? NULL : "takes yes or no";
    case OPTION_WINDOW:
        return parse_integer(text, 1, WINDOW_MAX, &settings->window) ? NULL
                                                                     : "takes 1 to 65536 messages";
    case OPTION_FORMAT:
        settings->is_json = strcmp(text, "json") == 0;
        return settings->is_json || strcmp(text, "protobuf") == 0 ? NULL : "takes protobuf or json";
    case OPTION_LEDGER:
        return parse_integer(text, 1, INT64_MAX, &settings->ledger_id) ? NULL : "takes an id";
    case OPTION_ACCOUNT:
        return try_accounts(settings, text) ? NULL : "takes ids of accounts, at most 256";
    case OPTION_KIND:
        return try_kinds(settings, text) ? NULL : "takes kinds of commands: vslctl events --help";
    case OPTION_ACCEPTED:
        return try_yes(text, &settings->accepted_only) ? NULL : "takes yes or no";
    case OPTION_POSITION:
        settings->position_file = text;
        return NULL;
    case OPTION_FROM:
        settings->is_from_end = strcmp(text, "end") == 0;
        return settings->is_from_end ||
                       parse_integer(text, 1, INT64_MAX / 2, &settings->from_sequence)
                   ? NULL
                   : "takes a sequence number, 1 or more, or end";
    case OPTION_METRICS:
        settings->metrics_file = text;
        return NULL;
    default:
        CHECK(option == OPTION_ONCE);
        settings->is_once = true;
        return NULL;
    }
}

/* ---- the file ---- */

/* The options of client/options.h as settings. */
static const struct {
    const char *name;
    size_t offset;
} server_settings[] = {
    {"server", offsetof(struct client_config, address)},
    {"profile", offsetof(struct client_config, profile)},
    {"tls-ca", offsetof(struct client_config, tls_ca_file)},
    {"tls-cert", offsetof(struct client_config, tls_certificate_file)},
    {"tls-key", offsetof(struct client_config, tls_key_file)},
    {"tls-name", offsetof(struct client_config, tls_server_name)},
};

static const char **server_place(struct client_config *config, size_t index)
{
    return (const char **)(void *)((char *)config + server_settings[index].offset);
}

/* What is wrong with an entry; NULL: nothing. */
static const char *take_entry(
    struct reading *reading, const char *section, const char *name, const char *text)
{
    struct settings *settings = reading->settings;
    if (strcmp(section, "relay") != 0)
        return "stands in a section other than [relay]";
    if (text[0] == '\0')
        return "has no value";
    CHECK(settings->kept_count < SETTINGS_KEPT_MAX - 1);
    for (size_t i = 0; i < sizeof server_settings / sizeof server_settings[0]; i++) {
        if (strcmp(name, server_settings[i].name) != 0)
            continue;
        /* Whoever names another server on the command line names all of it. */
        if (!reading->has_server)
            *server_place(&settings->client, i) = keep(settings, text);
        return NULL;
    }
    for (const struct argp_option *option = options; option->name; option++) {
        if (strcmp(name, option->name) != 0 || option->key < OPTION_BROKER ||
            option->key == OPTION_FROM || option->key == OPTION_ONCE)
            continue;
        if (reading->is_given[option->key - OPTION_BROKER])
            return NULL;
        return take(reading, option->key, keep(settings, text));
    }
    return "is no setting of a relay";
}

static int on_entry(void *user, const char *section, const char *name, const char *text)
{
    struct reading *reading = user;
    if (reading->error[0] != '\0')
        return 0;
    const char *wrong = reading->settings->kept_count < SETTINGS_KEPT_MAX - 2
                            ? take_entry(reading, section, name, text ? text : "")
                            : "is one too many";
    if (wrong)
        snprintf(reading->error, sizeof reading->error, "%.32s %s", name, wrong);
    return wrong == NULL;
}

/* NULL, or what is wrong with the file. */
static const char *read_config(struct reading *reading)
{
    static char error[ERROR_BYTES_MAX + 300];
    FILE *in = fopen(reading->config_file, "re");
    if (!in) {
        snprintf(error, sizeof error, "could not read '%.200s': %s", reading->config_file,
            strerror(errno));
        return error;
    }
    int line = ini_parse_file(in, on_entry, reading);
    fclose(in);
    if (line == 0)
        return NULL;
    snprintf(error, sizeof error, "'%.200s' line %d: %s", reading->config_file, line < 0 ? 0 : line,
        reading->error[0] ? reading->error : "neither [relay], setting = value nor a comment");
    return error;
}

/* ---- what belongs together ---- */

/* NULL, or what is wrong with the broker's address. */
static const char *take_broker(struct reading *reading)
{
    struct settings *settings = reading->settings;
    struct amqp_connection_info parsed;
    if (!reading->broker)
        return "--broker says where to publish: amqp://HOST[:PORT][/VHOST] or amqps://...";
    if (strchr(reading->broker, '@'))
        return "--broker has a user or a password in it, for all to see: put them into a file and "
               "name that with --credentials";
    amqp_default_connection_info(&parsed);
    if (amqp_parse_url(keep(settings, reading->broker), &parsed) != AMQP_STATUS_OK ||
        !parsed.host || parsed.host[0] == '\0')
        return "--broker takes amqp://HOST[:PORT][/VHOST] or amqps://HOST[:PORT][/VHOST]";
    settings->host = parsed.host;
    settings->port = parsed.port;
    settings->vhost = parsed.vhost;
    settings->is_tls = parsed.ssl;
    if (!settings->is_tls &&
        (settings->ca_file || settings->certificate_file || settings->key_file))
        return "--broker-ca, --broker-cert and --broker-key go with amqps://";
    if (settings->is_tls && !settings->ca_file)
        return "amqps:// needs --broker-ca, the CA that signed the broker's certificate";
    if (!settings->certificate_file != !settings->key_file)
        return "--broker-cert and --broker-key go together";
    if (!settings->credentials_file && !settings->certificate_file)
        return "--credentials names the file with user and password for the broker";
    return NULL;
}

/* NULL, or what is wrong with the whole. */
static const char *look(struct reading *reading)
{
    struct settings *settings = reading->settings;
    reading->has_server = settings->client.address || settings->client.profile;
    const char *wrong = reading->config_file ? read_config(reading) : NULL;
    if (!wrong)
        wrong = take_broker(reading);
    if (wrong)
        return wrong;
    if (!reading->queue == !reading->has_exchange)
        return "either --exchange or --queue says where to publish";
    if (reading->queue && settings->routing_key)
        return "--routing-key goes with --exchange";
    if (reading->queue) {
        settings->exchange = "";
        settings->routing_key = reading->queue;
    }
    if (strlen(settings->exchange) > 255)
        return "--exchange takes at most 255 bytes";
    if (!reading->queue && settings->exchange[0] == '\0')
        return "--exchange takes the name of an exchange; for the default one give --queue";
    if (settings->account_count > 0 && settings->ledger_id == 0)
        return "--account needs --ledger";
    if (!settings->position_file)
        return "--position names the file in which the position is kept";
    return NULL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct reading *reading = state->input;
    const char *wrong;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &reading->settings->client;
        return 0;
    case OPTION_CONFIG:
        reading->config_file = argument;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    case ARGP_KEY_END:
        wrong = look(reading);
        if (wrong)
            argp_error(state, "%s", wrong);
        return 0;
    default:
        if (key < OPTION_BROKER || key >= OPTIONS_END)
            return ARGP_ERR_UNKNOWN;
        reading->is_given[key - OPTION_BROKER] = true;
        wrong = take(reading, key, argument);
        if (!wrong)
            return 0;
        for (const struct argp_option *option = options; option->name; option++) {
            if (option->key == key)
                argp_error(state, "--%s %s", option->name, wrong);
        }
        return EINVAL;
    }
}

void settings_read(struct settings *settings, int count, char **arguments)
{
    static const struct argp_child children[] = {{&client_argp, 0, "Server:", 4}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Carries the event stream to a message broker: AMQP 0.9.1, as RabbitMQ speaks it. Each "
            "entry of the journal is one persistent message, in the journal's order; the position "
            "moves on when the broker has confirmed it.\v"
            "Examples:\n"
            "  vslrelay --broker amqp://127.0.0.1 --credentials relay.credentials --queue notices "
            "\\\n"
            "      --position relay.position --from 1\n"
            "  vslrelay --config /etc/vslrelay/vslrelay.conf\n"
            "  vslrelay --config /etc/vslrelay/vslrelay.conf --from end --once    begins with what "
            "comes\n"
            "\n"
            "A message: message_id is the entry's sequence number; headers are vsl-ledger, "
            "vsl-kind, vsl-journal (the journal's identity), vsl-previous, the message_id of the "
            "one before it (0: not known), and vsl-ledger-previous, of the one before it in the "
            "same ledger; the body is a vsl.v1.JournalEntry, as content_type says: "
            "application/x-protobuf or application/json. Names and account numbers are masked.\n"
            "\n"
            "A message may come again, after a break of a connection or when the broker refused "
            "one before it. A consumer keeps the last message_id that it has dealt with, and takes "
            "a message only when vsl-previous is not above and message_id is above that: then it "
            "has dealt with each once, in order, and notices what is missing, for a message that "
            "stands behind a missing one is sent again after it. Who reads one ledger of several "
            "takes vsl-ledger-previous for vsl-previous. vsl-previous of 0 hides a gap: the relay "
            "was begun by hand, with --from, and nobody knows what came before. A consumer that "
            "has dealt with messages and gets one with 0 and a message_id above takes it only "
            "when --from was not above the last message_id that it has dealt with, plus 1; else "
            "it stops, and the relay is begun again from there. (vsl-ledger-previous is 0 also "
            "for the first of a ledger behind each start of the relay, which misses nothing.)\n"
            "\n"
            "The position is in a file, and one relay at a time works with it. When it is missing, "
            "empty or damaged, and when the journal was restored since or has not come to it, the "
            "relay ends and says so: --from SEQUENCE tells it where to begin. It ends, too, and "
            "the position stays, when vsld does not give what is asked for: a ledger or account "
            "that is not there, or not the caller's (any more). SIGTERM: what is under way is "
            "confirmed and noted first. While vsld or the broker are away it tries again, after at "
            "most 30 s.\n"
            "\n"
            "Exit status: 0 stopped, or with --once everything is published; 1 the journal was "
            "restored; 2 usage, settings, the position, or a ledger or account that is not there; "
            "3 with --once, or --from end: vsld or the broker could not be reached; 4 the position "
            "could not be written, so that messages will come again."};
    struct reading reading = {.settings = settings};
    settings->window = WINDOW_DEFAULT;
    terminal_guard(EXIT_TRANSPORT);
    arguments_check("vslrelay", count, arguments, EXIT_USAGE);
    /* The examples are wider than 79 columns, and must not be wrapped. */
    setenv("ARGP_HELP_FMT", "rmargin=100", 0);
    argp_parse(&argp, count, arguments, 0, NULL, &reading);
}

void settings_finish(struct settings *settings)
{
    for (size_t i = 0; i < settings->kept_count; i++)
        free(settings->kept[i]);
    settings->kept_count = 0;
}

/* ---- the credentials ---- */

/* Reads a line into a text; false: there is none, or it is too long. */
static bool try_line(FILE *in, char *ret_text, size_t text_bytes)
{
    if (!fgets(ret_text, (int)text_bytes, in))
        return false;
    size_t length = strcspn(ret_text, "\r\n");
    bool is_whole = ret_text[length] != '\0' || feof(in);
    ret_text[length] = '\0';
    return is_whole && length > 0;
}

int settings_read_credentials(
    const char *file, struct credentials *ret_credentials, char *ret_error, size_t error_bytes)
{
    struct stat about;
    struct credentials credentials;
    const char *wrong = NULL;
    FILE *in = fopen(file, "re");
    if (!in || fstat(fileno(in), &about) != 0)
        wrong = strerror(errno);
    else if (!S_ISREG(about.st_mode))
        wrong = "it is no regular file";
    else if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        wrong = "others than its owner may read or write it: chmod 600";
    else if (!try_line(in, credentials.user, sizeof credentials.user) ||
             !try_line(in, credentials.password, sizeof credentials.password))
        wrong = "its first line is the user, its second the password";
    if (in)
        fclose(in);
    if (wrong) {
        explicit_bzero(&credentials, sizeof credentials);
        snprintf(ret_error, error_bytes, "could not use '%s': %s", file, wrong);
        return -1;
    }
    *ret_credentials = credentials;
    explicit_bzero(&credentials, sizeof credentials);
    return 0;
}
