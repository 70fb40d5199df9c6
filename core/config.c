/* config.c: the table of settings and its reader (INI by inih).
 * SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/check.h"
#include "ceilings.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_FLAG };

struct setting {
    const char *section;
    const char *key;
    enum setting_type type;
    size_t offset;
    const char *default_text; /* as it would stand in the file; NULL: not set */
    int64_t min, max;         /* of a number */
    const char *meaning;
};

#define TEXT(section, key, text, meaning)                                                          \
    {                                                                                              \
#section, #key, SETTING_TEXT, offsetof(struct config, section##_##key), text, 0, 0,        \
            meaning                                                                                \
    }
#define FLAG(section, key, text, meaning)                                                          \
    {                                                                                              \
#section, #key, SETTING_FLAG, offsetof(struct config, section##_##key), text, 0, 0,        \
            meaning                                                                                \
    }
#define NUMBER(section, key, text, min, max, meaning)                                              \
    {                                                                                              \
#section, #key, SETTING_NUMBER, offsetof(struct config, section##_##key), text, min, max,  \
            meaning                                                                                \
    }

static const struct setting settings[] = {
    TEXT(listen, address, "127.0.0.1:7450",
        "addresses for gRPC, comma-separated: IP:PORT, [IPv6]:PORT or unix:/path (port 0: any free "
        "one, for trials)"),
    NUMBER(listen, connections_max, "1024", 1, 65535,
        "connections at a time on TCP; more are refused"),
    NUMBER(listen, connections_per_peer_max, "256", 1, 65535,
        "of those from one address (IPv6: one network of 64 bits)"),
    NUMBER(listen, connections_per_caller_max, "256", 1, 65535,
        "of those with certificates of one name, from whatever addresses"),
    NUMBER(listen, unix_connections_max, "64", 4, 65535,
        "connections at a time on Unix sockets, three quarters of them of one user"),
    NUMBER(
        listen, streams_per_connection_max, "1024", 1, 65535, "calls at a time on one connection"),
    NUMBER(listen, pending_bytes_max, "268435456", 16777216, INT64_C(17179869184),
        "bytes of requests and answers held; beyond it calls get RESOURCE_EXHAUSTED"),
    NUMBER(listen, idle_timeout_s, "300", 0, 86400,
        "a connection without a call is sent away after so many seconds; 0: never"),
    NUMBER(listen, heartbeat_s, "10", 1, HEARTBEAT_SECONDS_MAX,
        "a quiet event stream says after so many seconds where it is"),
    NUMBER(listen, ping_interval_min_s, "10", 1, 7200,
        "a client's keepalive may ping so often while it has a call, else every two hours"),
    TEXT(listen, reflection, "local",
        "whether the service describes itself to whoever asks: yes, no, or local: where all "
        "addresses are loopback or Unix sockets"),
    NUMBER(listen, drain_timeout_s, "10", 1, 600, "longest graceful stop, seconds"),
    TEXT(
        tls, certificate, NULL, "PEM file with the server's certificate chain; not set: plaintext"),
    TEXT(tls, key, NULL, "PEM file with its private key"),
    TEXT(tls, client_ca, NULL,
        "PEM file with the authorities of client certificates; set: required, and each client is a "
        "caller; not set: the server is run open, on loopback addresses and Unix sockets only"),
    TEXT(tls, client_crl, NULL,
        "PEM file with lists of revoked client certificates, one of each of their authorities"),
    TEXT(callers, first_administrator, NULL,
        "name of a client certificate that is an administrator's until the journal has one"),
    TEXT(database, url, NULL, "libpq connection string or URI of the journal's database; required"),
    TEXT(database, read_url, NULL, "the same for reads of history, e.g. a replica; default: url"),
    NUMBER(database, read_connections, "4", 1, 16, "connections for reads of history"),
    NUMBER(database, read_lag_max_ms, "500", 0, 9000,
        "what the replica does not give for so long is read from the primary"),
    NUMBER(database, answer_timeout_s, "5", 1, 600,
        "a database that gives no answer for so long: UNAVAILABLE and NOT_SERVING until it does"),
    FLAG(database, take_over, "no",
        "fence off the server that writes now, instead of waiting as its standby"),
    NUMBER(journal, segment_commands, "1000000", SEGMENT_COMMANDS_MIN, SEGMENT_COMMANDS_MAX,
        "commands in a segment made from now on"),
    NUMBER(journal, redo_commands_max, "4000000", 100000, INT64_C(1000000000),
        "commands that a start may have to redo; beyond it new ones wait for the state tables"),
    TEXT(keys, file, NULL,
        "the key ring, readable by its owner alone: keys of the journal's codes, and that seal "
        "personal data; not set: without"),
    TEXT(
        keys, command, NULL, "instead of a file: a command, without a shell, that prints the ring"),
    NUMBER(clock, difference_max_s, "60", 1, 3155760000,
        "nothing is decided while the server's clock differs from the database's by more seconds"),
    NUMBER(clock, recorded_ahead_max_s, "120", 1, 3155760000,
        "nor while the time last recorded is ahead of the database's clock by more seconds"),
    NUMBER(clock, recorded_behind_max_s, "2678400", 86400, 3155760000,
        "nor while it is behind by more seconds (31 days): both clocks may be wrong"),
    TEXT(admin, log_level, "info", "debug, info, warning or error"),
};
#define SETTING_COUNT (sizeof settings / sizeof settings[0])

static int __attribute__((format(printf, 3, 4)))
refuse(char *ret_error, size_t error_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ret_error, error_bytes, format, arguments);
    va_end(arguments);
    return -1;
}

static int set_flag(bool *flag, const char *value)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(value, yes[i]) == 0 || strcmp(value, no[i]) == 0) {
            *flag = strcmp(value, yes[i]) == 0;
            return 0;
        }
    }
    return -1;
}

static int set_number(const struct setting *setting, int64_t *number, const char *value)
{
    char *end;
    errno = 0;
    long long parsed = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || parsed < setting->min ||
        parsed > setting->max)
        return -1;
    *number = parsed;
    return 0;
}

static int apply(struct config *config, const struct setting *setting, const char *value,
    char *ret_error, size_t error_bytes)
{
    void *place = (char *)config + setting->offset;
    switch (setting->type) {
    case SETTING_TEXT: {
        char **text = place;
        free(*text);
        /* As --help shows it: nothing behind the sign leaves a setting not set. */
        *text = value[0] != '\0' ? strdup(value) : NULL;
        CHECK(value[0] == '\0' || *text);
        return 0;
    }
    case SETTING_FLAG:
        if (set_flag(place, value) < 0)
            return refuse(
                ret_error, error_bytes, "%s.%s must be yes or no", setting->section, setting->key);
        return 0;
    case SETTING_NUMBER:
        if (set_number(setting, place, value) < 0)
            return refuse(ret_error, error_bytes,
                "%s.%s must be a whole number from %" PRId64 " to %" PRId64, setting->section,
                setting->key, setting->min, setting->max);
        return 0;
    }
    CHECK(0 && "a known type of setting");
    return -1;
}

static const struct setting *find_setting(
    const char *section, size_t section_length, const char *key, size_t key_length)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings[i];
        if (strlen(s->section) == section_length && strlen(s->key) == key_length &&
            memcmp(s->section, section, section_length) == 0 &&
            memcmp(s->key, key, key_length) == 0)
            return s;
    }
    return NULL;
}

void config_init(struct config *config)
{
    char error[128];
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (!settings[i].default_text)
            continue;
        int rc = apply(config, &settings[i], settings[i].default_text, error, sizeof error);
        CHECK(rc == 0);
    }
}

void config_finish(struct config *config)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings[i].type == SETTING_TEXT)
            free(*(char **)(void *)((char *)config + settings[i].offset));
    }
    memset(config, 0, sizeof *config);
}

/* What inih's callback needs; the first error is kept. */
struct file_reader {
    struct config *config;
    char *error;
    size_t error_bytes;
    FILE *file;
    int line_number;              /* of the last one that was read */
    int failed_line;              /* that `error` is about; 0: none */
    int set_lines[SETTING_COUNT]; /* where each setting stands; 0: not yet */
    char *line;                   /* of getline */
    size_t line_room;
    bool is_cut; /* the last line was too long */
};

static int on_entry(void *user, const char *section, const char *key, const char *value)
{
    struct file_reader *reader = user;
    if (reader->failed_line != 0)
        return 0;
    const struct setting *setting = find_setting(section, strlen(section), key, strlen(key));
    if (!setting) {
        refuse(reader->error, reader->error_bytes,
            "there is no setting %.32s.%.32s; vsld --help lists all", section, key);
        reader->failed_line = reader->line_number;
    } else if (reader->set_lines[setting - settings] != 0) {
        /* Whoever reads the first of two and changes it would change nothing. */
        refuse(reader->error, reader->error_bytes,
            "%s.%s stands in line %d already; remove one of the two", section, key,
            reader->set_lines[setting - settings]);
        reader->failed_line = reader->line_number;
    } else if (apply(reader->config, setting, value ? value : "", reader->error,
                   reader->error_bytes) < 0) {
        reader->failed_line = reader->line_number;
    } else {
        reader->set_lines[setting - settings] = reader->line_number;
    }
    return reader->failed_line == 0;
}

/* Gives inih whole lines without the blanks before them. On its own it would take an indented line
 * for more of the value before, and the rest of a long line for a line: a value would be replaced
 * by its own tail, or shown in an error text. */
static char *read_line(char *out, int out_bytes, void *stream)
{
    struct file_reader *reader = stream;
    if (reader->is_cut || getline(&reader->line, &reader->line_room, reader->file) < 0)
        return NULL;
    reader->line_number++;
    const char *line = reader->line + strspn(reader->line, " \t");
    size_t length = strlen(line);
    reader->is_cut = length >= (size_t)out_bytes;
    if (reader->is_cut) {
        refuse(reader->error, reader->error_bytes,
            "longer than %d bytes; set the value by --set, or name a libpq service", out_bytes - 1);
        reader->failed_line = reader->line_number;
        /* Neither a section nor an entry, so that inih stops here. */
        line = "]";
        length = 1;
    }
    memcpy(out, line, length + 1);
    return out;
}

int config_read_file(struct config *config, const char *path, char *ret_error, size_t error_bytes)
{
    char error[256];
    struct file_reader reader = {.config = config, .error = error, .error_bytes = sizeof error};
    reader.file = fopen(path, "re");
    if (!reader.file)
        return refuse(ret_error, error_bytes, "could not read %s: %s", path, strerror(errno));
    int line = ini_parse_stream(read_line, &reader, on_entry, &reader);
    bool is_broken = ferror(reader.file);
    int read_errno = errno;
    fclose(reader.file);
    free(reader.line);
    if (is_broken)
        return refuse(ret_error, error_bytes, "could not read %s: %s", path, strerror(read_errno));
    if (line == 0)
        return 0;
    /* What inih refuses itself may come before what is wrong with a setting. */
    if (line != reader.failed_line)
        return refuse(ret_error, error_bytes,
            "%s line %d: neither [section], key = value nor a comment", path, line);
    return refuse(ret_error, error_bytes, "%s line %d: %s", path, line, error);
}

int config_set(struct config *config, const char *assignment, char *ret_error, size_t error_bytes)
{
    const char *equals = strchr(assignment, '=');
    const char *dot = strchr(assignment, '.');
    if (!equals || !dot || dot > equals)
        return refuse(ret_error, error_bytes, "--set takes section.key=value");
    const struct setting *setting =
        find_setting(assignment, (size_t)(dot - assignment), dot + 1, (size_t)(equals - dot - 1));
    if (!setting)
        return refuse(ret_error, error_bytes, "there is no setting %.*s; vsld --help lists all",
            (int)(equals - assignment > 64 ? 64 : equals - assignment), assignment);
    return apply(config, setting, equals + 1, ret_error, error_bytes);
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    bool is_one = false;
    for (size_t i = 0; i < count; i++)
        is_one = is_one || (text && strcmp(text, words[i]) == 0);
    return is_one;
}

int config_check(const struct config *config, char *ret_error, size_t error_bytes)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    static const char *const reflections[] = {"yes", "no", "local"};
    const char *addresses[CONFIG_LISTEN_MAX];
    char room[CONFIG_LISTEN_BYTES_MAX];

    if (!config->database_url || config->database_url[0] == '\0')
        return refuse(ret_error, error_bytes,
            "database.url is not set; give the libpq connection string of the journal's database");
    if (!config->listen_address || config_listen_addresses(config, room, addresses) == 0)
        return refuse(ret_error, error_bytes, "listen.address must name 1 to %d addresses",
            CONFIG_LISTEN_MAX);
    if (config->keys_file && config->keys_command)
        return refuse(ret_error, error_bytes, "keys.file and keys.command exclude each other");
    if (!config->tls_certificate != !config->tls_key)
        return refuse(ret_error, error_bytes, "tls.certificate and tls.key belong together");
    if (config->tls_client_ca && !config->tls_certificate)
        return refuse(ret_error, error_bytes, "tls.client_ca needs tls.certificate and tls.key");
    if (config->clock_recorded_ahead_max_s < config->clock_difference_max_s)
        return refuse(ret_error, error_bytes,
            "clock.recorded_ahead_max_s must not be below clock.difference_max_s: recorded time "
            "may "
            "be ahead by as much as a clock was");
    if (config->tls_client_crl && !config->tls_client_ca)
        return refuse(ret_error, error_bytes, "tls.client_crl needs tls.client_ca");
    if (config->callers_first_administrator && !config->tls_client_ca)
        return refuse(ret_error, error_bytes, "callers.first_administrator needs tls.client_ca");
    if (!is_one_of(config->listen_reflection, reflections, 3))
        return refuse(ret_error, error_bytes, "listen.reflection must be yes, no or local");
    if (!is_one_of(config->admin_log_level, levels, sizeof levels / sizeof levels[0]))
        return refuse(
            ret_error, error_bytes, "admin.log_level must be debug, info, warning or error");
    return 0;
}

size_t config_listen_addresses(const struct config *config, char room[CONFIG_LISTEN_BYTES_MAX],
    const char *ret_addresses[CONFIG_LISTEN_MAX])
{
    size_t count = 0;
    char *rest = room;
    char *address;
    if (strlen(config->listen_address) >= CONFIG_LISTEN_BYTES_MAX)
        return 0;
    snprintf(room, CONFIG_LISTEN_BYTES_MAX, "%s", config->listen_address);
    while ((address = strsep(&rest, ", ")) != NULL) {
        if (address[0] == '\0')
            continue;
        if (count == CONFIG_LISTEN_MAX)
            return 0;
        ret_addresses[count++] = address;
    }
    return count;
}

static void swap_text(char **a, char **b)
{
    char *text = *a;
    *a = *b;
    *b = text;
}

void config_take_over(struct config *config, struct config *fresh)
{
    swap_text(&config->tls_certificate, &fresh->tls_certificate);
    swap_text(&config->tls_key, &fresh->tls_key);
    swap_text(&config->tls_client_ca, &fresh->tls_client_ca);
    swap_text(&config->tls_client_crl, &fresh->tls_client_crl);
    swap_text(&config->admin_log_level, &fresh->admin_log_level);
}

/* Whether config_take_over changes it. */
static bool is_taken_over(const struct setting *setting)
{
    return setting->offset == offsetof(struct config, tls_certificate) ||
           setting->offset == offsetof(struct config, tls_key) ||
           setting->offset == offsetof(struct config, tls_client_ca) ||
           setting->offset == offsetof(struct config, tls_client_crl) ||
           setting->offset == offsetof(struct config, admin_log_level);
}

static bool differs(const struct setting *setting, const void *a, const void *b)
{
    switch (setting->type) {
    case SETTING_TEXT: {
        const char *const *x = a;
        const char *const *y = b;
        return *x && *y ? strcmp(*x, *y) != 0 : *x != *y;
    }
    case SETTING_FLAG:
        return *(const bool *)a != *(const bool *)b;
    case SETTING_NUMBER:
        return *(const int64_t *)a != *(const int64_t *)b;
    }
    CHECK(0 && "a known type of setting");
    return false;
}

bool config_next_difference(const struct config *config, const struct config *fresh, size_t *cursor,
    char *ret_name, size_t name_bytes)
{
    while (*cursor < SETTING_COUNT) {
        const struct setting *setting = &settings[(*cursor)++];
        if (is_taken_over(setting) || !differs(setting, (const char *)config + setting->offset,
                                          (const char *)fresh + setting->offset))
            continue;
        snprintf(ret_name, name_bytes, "%s.%s", setting->section, setting->key);
        return true;
    }
    return false;
}

void config_print_help(FILE *out)
{
    const char *section = "";
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *s = &settings[i];
        if (strcmp(section, s->section) != 0)
            fprintf(out, "\n[%s]\n", s->section);
        section = s->section;
        fprintf(out, "  %s = %s\n      %s\n", s->key, s->default_text ? s->default_text : "",
            s->meaning);
    }
}
