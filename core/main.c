/* main.c: vsld: boot, loop, end, on one page.
 *
 * Reads the settings, opens the event loop, hands it to flow, and leaves with flow's status. A flow
 * whose memory is over, since another server has taken over or the database went away while it
 * loaded, is closed and opened anew in the same process: nobody has to come for that. SIGHUP reads
 * the settings again and takes over those of them that need no new start.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/log.h"
#include "config.h"
#include "flow/flow.h"
#include "keys/keys.h"
#include "keys/seal.h"
#include "vsl_descriptors.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#define TICK_US 100000
/* Before a server that is opened anew asks for the lock: the one that has taken over may have lost
 * its connection just now, and a database that refuses to be read is not asked without a pause. */
#define FENCED_PAUSE_US 3000000
#define LOADS_ANEW_PAUSE_US 500000
/* After a look at files that are not right. */
#define FILES_PAUSE_S 5

/* See wire_config.local_only. */
#define NO_SEAL                                                                                    \
    "without a key that seals personal data names and account numbers would stand in the journal " \
    "in clear: set keys.file, and make one by vslctl key new --purpose seal"

/* By what the keys of a ring are known again. */
struct ring_keys {
    struct proof_check checks[KEYS_MAX];
    size_t count;
};

struct service {
    struct config config;
    int argc; /* of main, for the settings to be read again */
    char **argv;
    char listen_room[CONFIG_LISTEN_BYTES_MAX];
    const char *listen[CONFIG_LISTEN_MAX];
    struct event_base *base;
    struct event *turn;
    struct event *later; /* a turn that is wanted at its time */
    struct event *tick;
    struct event *watchdog; /* NULL: systemd does not ask for it */
    struct event *signals[2];
    struct event *reload;
    struct flow_config flow_config;
    struct key_ring *ring; /* NULL: none is set */
    struct sealer *sealer; /* likewise */
    struct proof_key proof_keys[KEYS_MAX];
    size_t proof_key_count;
    struct ring_keys keys; /* of the ring that is in use */
    /* Of a ring that was read again, with keys that the database has not noted yet; the sealer is
     * NULL when there is none. */
    struct {
        struct sealer *sealer;
        struct ring_keys keys;
    } fresh;
    struct flow *flow;
    enum flow_end end;
    bool has_served; /* since the process began, or stood by */
    bool is_asked_to_stop;
    const char *config_file; /* NULL: none was read */
};

static void print_help(void)
{
    printf("Usage: vsld [--config FILE] [--set SECTION.KEY=VALUE]...\n"
           "The virtual subledger service: gRPC in, a durable journal in PostgreSQL.\n"
           "\n"
           "  -c, --config FILE   read settings from an INI file\n"
           "  -s, --set S.K=V     set one setting, over the file; may be repeated\n"
           "  -h, --help          this text\n"
           "  -V, --version       the version\n"
           "\n"
           "SIGTERM and SIGINT stop it gracefully. SIGHUP reloads the files of [tls] and the log\n"
           "level; what is faulty is logged, and the old stays. Exit status: 0 stopped as asked, 1 "
           "could not\n"
           "start, 2 wrong usage or settings, 3 the database must not be used (the last log\n"
           "line says why). A server that another one pushes out becomes its standby.\n"
           "\n"
           "Settings, with their defaults:\n");
    config_print_help(stdout);
}

/* Says what is wrong with the settings, and in which file they stand; gives the exit status. */
static int refuse_settings(const char *file, const char *error)
{
    fprintf(stderr, "%svsld: %s%s%s\n", log_prefix(LOG_LEVEL_ERROR), file ? file : "",
        file ? ": " : "", error);
    return 2;
}

/* Returns -1 to go on, or an exit status. */
static int read_settings(struct service *service, struct config *config)
{
    int argc = service->argc;
    char **argv = service->argv;
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"set", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    char error[512];
    int option;
    optind = 0; /* from the first again, as glibc has it */
    while ((option = getopt_long(argc, argv, "c:s:hV", options, NULL)) != -1) {
        int rc = 0;
        if (option == 'h') {
            print_help();
            return 0;
        }
        if (option == 'V') {
            printf("vsld " VSL_VERSION "\n");
            return 0;
        }
        if (option == 'c')
            rc = config_read_file(config, service->config_file = optarg, error, sizeof error);
        else if (option == 's')
            rc = config_set(config, optarg, error, sizeof error);
        else
            return 2;
        if (rc < 0)
            return refuse_settings(NULL, error);
    }
    if (optind < argc)
        return refuse_settings(NULL, "takes options only; see vsld --help");
    if (config_check(config, error, sizeof error) < 0)
        return refuse_settings(service->config_file, error);
    return -1;
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
    struct service *service = context;
    (void)fd;
    (void)what;
    /* Not at once: active events go before those of sockets. */
    static const struct timeval none = {0};
    if (service->flow && flow_turn(service->flow)) {
        int rc = event_add(service->turn, &none);
        CHECK(rc == 0);
    }
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
    struct service *service = context;
    (void)fd;
    (void)what;
    log_info("stopping: asked by a signal");
    service->is_asked_to_stop = true;
    sd_notify(0, "STOPPING=1");
    if (service->flow)
        flow_stop(service->flow);
    else
        event_base_loopbreak(service->base);
}

static void set_log_level(const char *level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(level, names[i]) == 0)
            log_set_level((enum log_level)i);
    }
}

static bool find_adoption(void *context, const char *identity, int64_t *ret_batch_number,
    uint8_t ret_digest[DIGEST_BYTES])
{
    const struct adoption *adoption = key_ring_adoption(context, identity);
    if (!adoption)
        return false;
    *ret_batch_number = adoption->batch_number;
    memcpy(ret_digest, adoption->digest, DIGEST_BYTES);
    return true;
}

static void note_ring(const struct key_ring *ring, struct ring_keys *ret_keys)
{
    static_assert(KEY_CHECK_BYTES == PROOF_CHECK_BYTES, "a key is known again by as many bytes");
    ret_keys->count = 0;
    for (size_t i = 0; i < key_ring_count(ring); i++) {
        const struct ring_key *key = key_ring_at(ring, i);
        /* Anchors are proved by who has their public key. */
        if (key->purpose == KEY_ANCHOR_SIGN)
            continue;
        struct proof_check *check = &ret_keys->checks[ret_keys->count++];
        check->number = key->number;
        key_check(key, check->value);
    }
}

/* The keys of the journal's codes out of the ring, the one that makes what is new last. -1: there
 * is none, or no ring. */
static int open_ring(struct service *service, char *ret_error, size_t error_bytes)
{
    const struct config *config = &service->config;
    if (!config->keys_file && !config->keys_command)
        return 0;
    service->ring = key_ring_open(config->keys_file, config->keys_command, ret_error, error_bytes);
    if (!service->ring)
        return -1;
    const struct ring_key *active = key_ring_active(service->ring, KEY_JOURNAL_MAC, NULL);
    if (!active) {
        snprintf(ret_error, error_bytes,
            "the key ring has no active key for journal-mac: make one by vslctl key new");
        return -1;
    }
    for (size_t i = 0; i < key_ring_count(service->ring); i++) {
        const struct ring_key *key = key_ring_at(service->ring, i);
        if (key->purpose == KEY_JOURNAL_MAC && key != active)
            service->proof_keys[service->proof_key_count++] =
                (struct proof_key){.number = key->number, .bytes = key->secret};
    }
    service->proof_keys[service->proof_key_count++] =
        (struct proof_key){.number = active->number, .bytes = active->secret};
    note_ring(service->ring, &service->keys);
    service->sealer = sealer_create(service->ring, ret_error, error_bytes);
    return service->sealer ? 0 : -1;
}

static const struct proof_check *find_check(const struct ring_keys *keys, int32_t number)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->checks[i].number == number)
            return &keys->checks[i];
    }
    return NULL;
}

/* What is wrong with the keys of a ring that was read again, in view of those in use: one that is
 * not there any more, or another one. */
static int compare_keys(const struct service *service, const struct sealer *fresh,
    const struct ring_keys *fresh_keys, char *ret_error, size_t error_bytes)
{
    for (uint32_t i = 0; i < sealer_key_count(service->sealer); i++) {
        int32_t number = sealer_key_at(service->sealer, i);
        if (sealer_has_key(fresh, number))
            continue;
        snprintf(ret_error, error_bytes,
            "the key ring has not the key %" PRId32 " any more, and what it sealed must be opened",
            number);
        return -1;
    }
    for (size_t i = 0; i < service->keys.count; i++) {
        const struct proof_check *old = &service->keys.checks[i];
        const struct proof_check *now = find_check(fresh_keys, old->number);
        if (!now || memcmp(now->value, old->value, PROOF_CHECK_BYTES) == 0)
            continue;
        snprintf(ret_error, error_bytes,
            "key %" PRId32 " of the key ring is not the key that stood under this number: another "
            "secret stands there; put back the ring that it was",
            old->number);
        return -1;
    }
    return 0;
}

static bool has_new_key(const struct ring_keys *keys, const struct ring_keys *fresh)
{
    for (size_t i = 0; i < fresh->count; i++) {
        if (!find_check(keys, fresh->checks[i].number))
            return true;
    }
    return false;
}

/* The keys of the fresh ring are those that seal from now on. */
static void take_over_keys(struct service *service)
{
    struct sealer *old = service->sealer;
    service->sealer = service->fresh.sealer;
    service->keys = service->fresh.keys;
    service->fresh.sealer = NULL;
    service->flow_config.store.check_count = service->keys.count;
    if (service->flow)
        flow_set_sealer(service->flow, service->sealer);
    sealer_destroy(old);
}

/* Whoever sent the signal looks for this line, whatever the level was or will be. */
static void tell_reloaded(const struct service *service)
{
    const struct wire_config *wire = &service->flow_config.wire;
    set_log_level("info");
    log_info("reloaded log_level=%s certificate=%s client_ca=%s seal_key=%" PRId32,
        service->config.admin_log_level, wire->tls_certificate_file ? "yes" : "none",
        wire->tls_client_ca_file ? "yes" : "none", sealer_key(service->sealer));
    set_log_level(service->config.admin_log_level);
}

static void on_keys_noted(void *context, int32_t wrong_number)
{
    struct service *service = context;
    if (wrong_number != 0) {
        log_error("reload refused, but for the certificates: key %" PRId32
                  " of the key ring is not the key that vsl.ring_key has noted under this number: "
                  "another server has one of its own; give all the same ring",
            wrong_number);
        sealer_destroy(service->fresh.sealer);
        service->fresh.sealer = NULL;
        return;
    }
    take_over_keys(service);
    tell_reloaded(service);
}

/* Reads the ring as it is now into service->fresh; the journal's codes are made with the keys of
 * the start. -1: it cannot be read, or has not a key any more that it had, or another one under its
 * number; the old ones stay. */
static int read_fresh_keys(struct service *service, char *ret_error, size_t error_bytes)
{
    const struct config *config = &service->config;
    struct ring_keys keys;
    sealer_destroy(service->fresh.sealer);
    service->fresh.sealer = NULL;
    if (!service->ring)
        return 0;
    struct key_ring *ring =
        key_ring_open(config->keys_file, config->keys_command, ret_error, error_bytes);
    struct sealer *sealer = ring ? sealer_create(ring, ret_error, error_bytes) : NULL;
    if (sealer)
        note_ring(ring, &keys);
    key_ring_close(ring);
    if (sealer && compare_keys(service, sealer, &keys, ret_error, error_bytes) < 0) {
        sealer_destroy(sealer);
        sealer = NULL;
    }
    if (!sealer)
        return -1;
    service->fresh.sealer = sealer;
    service->fresh.keys = keys;
    return 0;
}

/* Whether the fresh keys are in use: new ones are when the database has noted them. */
static bool try_fresh_keys(struct service *service)
{
    const struct ring_keys *keys = &service->fresh.keys;
    if (!service->fresh.sealer)
        return true;
    if (has_new_key(&service->keys, keys) &&
        !flow_note_keys(service->flow, keys->checks, keys->count, on_keys_noted, service)) {
        log_info("new keys of the ring wait until the database has noted them");
        return false;
    }
    take_over_keys(service);
    return true;
}

/* Certificates first: when those are faulty nothing changes. */
static void take_over(struct service *service, struct config *fresh)
{
    char text[512];
    size_t cursor = 0;
    struct wire_config *wire = &service->flow_config.wire;
    const struct wire_tls_files files = {.certificate = fresh->tls_certificate,
        .key = fresh->tls_key,
        .client_ca = fresh->tls_client_ca,
        .client_crl = fresh->tls_client_crl};
    if (service->flow && flow_reload_tls(service->flow, &files, text, sizeof text) < 0) {
        log_error("reload refused, everything stays as it was: %s", text);
        return;
    }
    if (read_fresh_keys(service, text, sizeof text) < 0) {
        log_error("reload refused, but for the certificates: %s", text);
        return;
    }
    config_take_over(&service->config, fresh);
    wire->tls_certificate_file = service->config.tls_certificate;
    wire->tls_key_file = service->config.tls_key;
    wire->tls_client_ca_file = service->config.tls_client_ca;
    wire->tls_client_crl_file = service->config.tls_client_crl;
    if (!service->flow) {
        /* It begins anew with them, and is tried at once. */
        tell_reloaded(service);
        event_base_loopbreak(service->base);
    } else if (try_fresh_keys(service)) {
        tell_reloaded(service);
    }
    while (config_next_difference(&service->config, fresh, &cursor, text, sizeof text))
        log_warning("%s has changed: that needs a new start", text);
}

static void on_reload(evutil_socket_t fd, short what, void *context)
{
    struct service *service = context;
    struct config fresh;
    (void)fd;
    (void)what;
    if (service->is_asked_to_stop)
        return;
    config_init(&fresh);
    if (read_settings(service, &fresh) < 0)
        take_over(service, &fresh);
    else
        log_error("reload refused, everything stays as it was");
    config_finish(&fresh);
}

static void wake(void *context)
{
    struct service *service = context;
    /* A turn that had enough to do goes on after a look at the sockets. */
    if (!event_pending(service->turn, EV_TIMEOUT, NULL))
        event_active(service->turn, EV_TIMEOUT, 0);
}

static void wake_in(void *context, int64_t us)
{
    struct service *service = context;
    const struct timeval pause = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    int rc = event_add(service->later, &pause);
    CHECK(rc == 0);
}

static void on_end(void *context, enum flow_end end)
{
    struct service *service = context;
    service->end = end;
    event_base_loopbreak(service->base);
}

/* From the loop, so that it tells of a loop that turns. */
static void on_watchdog(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    sd_notify(0, "WATCHDOG=1");
}

static void open_watchdog(struct service *service)
{
    uint64_t timeout_us = 0;
    if (sd_watchdog_enabled(0, &timeout_us) <= 0)
        return;
    uint64_t pause_us = timeout_us / 3;
    struct timeval pause = {
        .tv_sec = (time_t)(pause_us / 1000000), .tv_usec = (suseconds_t)(pause_us % 1000000)};
    service->watchdog = event_new(service->base, -1, EV_PERSIST, on_watchdog, service);
    CHECK(service->watchdog != NULL);
    int rc = event_add(service->watchdog, &pause);
    CHECK(rc == 0);
}

static void open_events(struct service *service)
{
    static const struct timeval tick_interval = {.tv_usec = TICK_US};
    static const int numbers[2] = {SIGTERM, SIGINT};

    service->base = event_base_new();
    CHECK(service->base != NULL);
    service->turn = event_new(service->base, -1, 0, on_turn, service);
    service->later = event_new(service->base, -1, 0, on_turn, service);
    service->tick = event_new(service->base, -1, EV_PERSIST, on_turn, service);
    CHECK(service->turn && service->later && service->tick);
    for (int i = 0; i < 2; i++) {
        service->signals[i] = evsignal_new(service->base, numbers[i], on_signal, service);
        CHECK(service->signals[i] && event_add(service->signals[i], NULL) == 0);
    }
    service->reload = evsignal_new(service->base, SIGHUP, on_reload, service);
    CHECK(service->reload && event_add(service->reload, NULL) == 0);
    int rc = event_add(service->tick, &tick_interval);
    CHECK(rc == 0);
    open_watchdog(service);
}

/* From here on signals are left pending: without its handler one more of them would end the process
 * in the middle of closing, with the wrong status. */
static void hold_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    int rc = sigprocmask(SIG_BLOCK, &signals, NULL);
    CHECK(rc == 0);
}

static void close_events(struct service *service)
{
    event_free(service->turn);
    event_free(service->later);
    event_free(service->tick);
    if (service->watchdog)
        event_free(service->watchdog);
    for (int i = 0; i < 2; i++)
        event_free(service->signals[i]);
    event_free(service->reload);
    /* libevent keeps a connection's memory until what it has put off for it was run. */
    (void)event_base_loop(service->base, EVLOOP_NONBLOCK);
    event_base_free(service->base);
}

/* The generated descriptors of the protos, in the wire's own shape. */
static struct wire_descriptor_file *make_descriptor_files(void)
{
    struct wire_descriptor_file *files = calloc(vsl_descriptor_file_count, sizeof *files);
    CHECK(files != NULL);
    for (size_t i = 0; i < vsl_descriptor_file_count; i++) {
        const struct vsl_descriptor_file *file = &vsl_descriptor_files[i];
        files[i] = (struct wire_descriptor_file){.name = file->name,
            .symbols = file->symbols,
            .imports = file->imports,
            .bytes = file->bytes,
            .length = file->length};
    }
    return files;
}

static enum wire_reflection reflection_of(const struct config *config)
{
    if (strcmp(config->listen_reflection, "local") == 0)
        return WIRE_REFLECTION_LOCAL;
    return strcmp(config->listen_reflection, "yes") == 0 ? WIRE_REFLECTION_YES : WIRE_REFLECTION_NO;
}

static struct flow_config make_flow_config(
    struct service *service, const struct wire_descriptor_file *files)
{
    const struct config *config = &service->config;
    return (struct flow_config){
        .wire =
            {
                .listen = service->listen,
                .listen_count =
                    config_listen_addresses(config, service->listen_room, service->listen),
                .local_only = sealer_key(service->sealer) != 0 ? NULL : NO_SEAL,
                .tls_certificate_file = config->tls_certificate,
                .tls_key_file = config->tls_key,
                .tls_client_ca_file = config->tls_client_ca,
                .tls_client_crl_file = config->tls_client_crl,
                .connections_max = (uint32_t)config->listen_connections_max,
                .connections_per_peer_max = (uint32_t)config->listen_connections_per_peer_max,
                .connections_per_caller_max = (uint32_t)config->listen_connections_per_caller_max,
                .unix_connections_max = (uint32_t)config->listen_unix_connections_max,
                .streams_per_connection_max = (uint32_t)config->listen_streams_per_connection_max,
                .pending_bytes_max = (size_t)config->listen_pending_bytes_max,
                .idle_timeout_us = config->listen_idle_timeout_s * 1000000,
                .ping_interval_min_us = config->listen_ping_interval_min_s * 1000000,
                .drain_timeout_us = config->listen_drain_timeout_s * 1000000,
                .reflection = reflection_of(config),
                .files = files,
                .file_count = vsl_descriptor_file_count,
                .health_name = "vsl.v1.commands",
            },
        .store =
            {
                .conninfo = config->database_url,
                .segment_commands = config->journal_segment_commands,
                .take_over = config->database_take_over,
                .keys = service->proof_keys,
                .key_count = service->proof_key_count,
                .checks = service->keys.checks,
                .check_count = service->keys.count,
                .find_adoption = service->ring ? find_adoption : NULL,
                .adoption_context = service->ring,
            },
        .query =
            {
                .conninfo =
                    config->database_read_url ? config->database_read_url : config->database_url,
                .primary_conninfo = config->database_read_url ? config->database_url : NULL,
                .lag_max_us = config->database_read_lag_max_ms * 1000,
                .connections = (uint32_t)config->database_read_connections,
                .calls_waiting_max = 4096,
                .streams_max = 256,
                .heartbeat_us = config->listen_heartbeat_s * 1000000,
            },
        .redo_commands_max = config->journal_redo_commands_max,
        .database_timeout_us = config->database_answer_timeout_s * 1000000,
        .clock_difference_max_us = config->clock_difference_max_s * 1000000,
        .clock_recorded_ahead_max_us = config->clock_recorded_ahead_max_s * 1000000,
        .clock_recorded_behind_max_us = config->clock_recorded_behind_max_s * 1000000,
        .has_callers = config->tls_client_ca != NULL,
        .first_administrator = config->callers_first_administrator,
        .wake = wake,
        .wake_in = wake_in,
        .on_end = on_end,
        .context = service,
    };
}

/* The first start of the process refuses settings; a server that has served and begins anew waits
 * until their files are right again, lest a restart of the database cost it for good. */
static bool wait_for_files(struct service *service, const char *error)
{
    static const struct timeval pause = {.tv_sec = FILES_PAUSE_S};
    log_error("could not begin anew, and is tried again every %d s: %s", FILES_PAUSE_S, error);
    event_base_loopexit(service->base, &pause);
    event_base_dispatch(service->base);
    if (!service->is_asked_to_stop)
        return true;
    service->end = FLOW_STOPPED;
    hold_signals();
    return false;
}

/* Opens flow and runs it to its end; false when that is the end of the process. */
static bool run_flow(struct service *service)
{
    char error[512];
    /* The start compares them. */
    if (service->fresh.sealer)
        take_over_keys(service);
    service->flow = flow_open(service->base, &service->flow_config, error, sizeof error);
    if (!service->flow && errno == EINVAL && service->has_served)
        return wait_for_files(service, error);
    if (!service->flow) {
        service->end = FLOW_FAILED;
        if (errno == EINVAL)
            service->end = (enum flow_end)refuse_settings(service->config_file, error);
        else
            log_error("could not start: %s", error);
        return false;
    }
    service->has_served = true;
    flow_set_sealer(service->flow, service->sealer);
    log_info("listening address=%s", service->config.listen_address);
    /* A standby is ready, too: it does what it is there for. */
    sd_notify(0, "READY=1");
    event_base_dispatch(service->base);
    bool goes_on = service->end == FLOW_FENCED || service->end == FLOW_LOADS_ANEW;
    /* It may have been asked between that end and now. */
    if (goes_on && service->is_asked_to_stop) {
        service->end = FLOW_STOPPED;
        goes_on = false;
    }
    /* A signal that comes from now on stops the next one. */
    if (!goes_on)
        hold_signals();
    flow_close(service->flow);
    service->flow = NULL;
    return goes_on;
}

/* What was to push another server out was for the first time only: two servers that did so again
 * and again would push each other out for ever. */
static void begin_anew(struct flow_config *config, enum flow_end end)
{
    config->store.take_over = false;
    config->store.head_start_us = end == FLOW_FENCED ? FENCED_PAUSE_US : LOADS_ANEW_PAUSE_US;
    /* As it would have been had this server gone on. */
    config->wire.tls_crl_may_be_over = true;
}

/* Names, numbers and keys are in memory, and a dump would put them on a disk. */
static void forbid_dumps(void)
{
    static const struct rlimit none = {0};
    int rc = setrlimit(RLIMIT_CORE, &none);
    CHECK(rc == 0);
#ifndef __SANITIZE_ADDRESS__ /* which looks for leaks by ptrace */
    rc = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    CHECK(rc == 0);
#endif
}

int main(int argc, char **argv)
{
    struct service service = {.end = FLOW_FAILED, .argc = argc, .argv = argv};

    forbid_dumps();

    config_init(&service.config);
    /* From the first moment on: until there is a handler for it, it would end the process. */
    signal(SIGHUP, SIG_IGN);
    int status = read_settings(&service, &service.config);
    if (status >= 0) {
        config_finish(&service.config);
        return status;
    }
    char error[512];
    if (open_ring(&service, error, sizeof error) < 0) {
        status = refuse_settings(service.config_file, error);
        sealer_destroy(service.sealer);
        key_ring_close(service.ring);
        config_finish(&service.config);
        return status;
    }
    set_log_level(service.config.admin_log_level);
    signal(SIGPIPE, SIG_IGN);
    open_events(&service);
    if (!service.config.tls_client_ca)
        log_warning("run open: tls.client_ca is not set, so whoever connects may do everything");
    if (sealer_key(service.sealer) == 0)
        log_warning("no key seals personal data, so names and account numbers stand in the journal "
                    "in clear: make one by vslctl key new --purpose seal");

    struct wire_descriptor_file *files = make_descriptor_files();
    service.flow_config = make_flow_config(&service, files);
    while (run_flow(&service))
        begin_anew(&service.flow_config, service.end);
    free(files);
    close_events(&service);
    sealer_destroy(service.fresh.sealer);
    sealer_destroy(service.sealer);
    key_ring_close(service.ring);
    config_finish(&service.config);
    return (int)service.end;
}
