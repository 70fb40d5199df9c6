/* server.c: opening, the turn, the tick, stopping and closing.
 *
 * The turn runs once at the end of each round of the loop in which there was work: it tells owners
 * of streams that have room, makes frames, writes, and frees what died. The tick looks at the
 * deadlines that need no precision.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/server.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "wire/call.h"
#include "wire/connection.h"
#include "wire/gzip.h"
#include "wire/health.h"
#include "wire/listen.h"
#include "wire/session.h"
#include "wire/tls.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND_US INT64_C(1000000)
#define CONNECTIONS_MAX_DEFAULT 1024
#define UNIX_CONNECTIONS_MAX_DEFAULT 256
#define STREAMS_MAX_DEFAULT 1024
#define PENDING_BYTES_MAX_DEFAULT ((size_t)256 * 1024 * 1024)
/* How long clients have between the two GOAWAYs, when they do not answer the ping. */
#define STOP_NOTICE_US SECOND_US
#define ACCEPT_PAUSE_US (SECOND_US / 10)
/* Between two looks at all sockets messages are inflated for so long, and a step more: an answer
 * takes several of them. */
#define INFLATE_US_PER_ROUND 500
/* After calls have held so much memory is given back, not oftener than that. */
#define PEAK_BYTES_MIN (16 * 1024 * 1024)
#define TRIM_PAUSE_US (10 * SECOND_US)
#define TICK_US_MIN 10000
#define TICK_US_MAX SECOND_US
#define TICK_US_STOPPING 50000 /* somebody waits for the end */

static const struct method own_methods[] = {
    {.path = "/grpc.health.v1.Health/Check", .kind = WIRE_UNARY, .owner = METHOD_HEALTH_CHECK},
    {.path = "/grpc.health.v1.Health/Watch",
        .kind = WIRE_SERVER_STREAMING,
        .owner = METHOD_HEALTH_WATCH},
    {.path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        .kind = WIRE_SERVER_STREAMING,
        .owner = METHOD_REFLECTION},
    {.path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        .kind = WIRE_SERVER_STREAMING,
        .owner = METHOD_REFLECTION},
};
#define OWN_METHOD_COUNT (sizeof own_methods / sizeof *own_methods)

/* ---- accounting ---- */

void server_charge(struct wire_server *server, size_t bytes)
{
    server->pending_bytes += bytes;
    if (server->pending_bytes > server->peak_bytes)
        server->peak_bytes = server->pending_bytes;
}

void server_discharge(struct wire_server *server, size_t bytes)
{
    CHECK(server->pending_bytes >= bytes);
    server->pending_bytes -= bytes;
}

bool server_takes_calls(const struct wire_server *server)
{
    return server->is_serving;
}

/* ---- methods and services ---- */

static bool is_local(const struct wire_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        if (!server->listeners[i].is_local)
            return false;
    }
    return true;
}

bool server_answers_reflection(const struct wire_server *server)
{
    return server->config.reflection == WIRE_REFLECTION_YES ||
           (server->config.reflection == WIRE_REFLECTION_LOCAL && is_local(server));
}

const struct method *server_find_method(
    const struct wire_server *server, const uint8_t *path, size_t length)
{
    uint64_t cursor = 0;
    uint64_t hash = hash_bytes(server->hash_key, path, length);
    for (;;) {
        uint32_t slot = map_next(&server->method_map, hash, &cursor);
        if (slot == MAP_NONE)
            return NULL;
        const struct method *method = &server->methods[slot];
        if (method->path_length == length && memcmp(method->path, path, length) == 0)
            return method;
    }
}

bool server_has_service(const struct wire_server *server, const void *name, size_t length)
{
    for (size_t i = 0; i < server->service_count; i++) {
        const char *service = server->services[i];
        if (strlen(service) == length && memcmp(service, name, length) == 0)
            return true;
    }
    return false;
}

/* Returns -1 when the path is not "/service/method" or is there already. */
static int add_method(struct wire_server *server, const struct method *method)
{
    size_t length = strlen(method->path);
    const char *slash = strrchr(method->path, '/');
    if (method->path[0] != '/' || slash <= method->path + 1 || slash[1] == '\0' ||
        server_find_method(server, (const uint8_t *)method->path, length))
        return -1;
    struct method *slot = &server->methods[server->method_count];
    *slot = *method;
    slot->path_length = length;
    map_insert(&server->method_map, hash_bytes(server->hash_key, method->path, length),
        (uint32_t)server->method_count);
    server->method_count++;
    if (method->owner != METHOD_OF_HANDLER)
        return 0;
    size_t service_length = (size_t)(slash - method->path - 1);
    if (!server_has_service(server, method->path + 1, service_length)) {
        char *service = strndup(method->path + 1, service_length);
        CHECK(service != NULL);
        server->services[server->service_count++] = service;
    }
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_methods(struct wire_server *server, char *ret_error, size_t error_bytes)
{
    const struct wire_config *config = &server->config;
    size_t count = config->method_count + OWN_METHOD_COUNT;

    server->methods = calloc(count, sizeof *server->methods);
    server->services = calloc(count, sizeof *server->services);
    CHECK(server->methods != NULL);
    CHECK(server->services != NULL);
    server->hash_key = hash_key_random();
    map_init(&server->method_map, count);
    for (size_t i = 0; i < count; i++) {
        struct method method;
        if (i < OWN_METHOD_COUNT) {
            method = own_methods[i];
        } else {
            const struct wire_method *given = &config->methods[i - OWN_METHOD_COUNT];
            method = (struct method){
                .path = given->path, .kind = given->kind, .tag = given->tag, .class = given->class};
        }
        if (add_method(server, &method) < 0) {
            snprintf(ret_error, error_bytes, "methods: %s must be /service/method and stand once",
                method.path);
            return -1;
        }
    }
    qsort(server->services, server->service_count, sizeof *server->services, compare_names);
    return 0;
}

/* ---- turn and tick ---- */

void server_wake(struct wire_server *server)
{
    if (server->is_in_turn)
        return;
    event_active(server->turn_event, EV_TIMEOUT, 0);
}

void server_read_on(struct wire_server *server)
{
    /* Not an active event: those go round without a look at the sockets. */
    static const struct timeval none = {0};
    if (event_pending(server->read_event, EV_TIMEOUT, NULL))
        return;
    int rc = event_add(server->read_event, &none);
    CHECK(rc == 0);
}

/* Last thing in a turn or tick: `on_stopped` may close the server. */
static void check_stopped(struct wire_server *server)
{
    bool is_stopping = server->state == SERVER_NOTICE || server->state == SERVER_DRAINING;
    if (!is_stopping || !TAILQ_EMPTY(&server->connections))
        return;
    server->state = SERVER_STOPPED;
    event_del(server->tick_event);
    /* What no line has told yet. */
    admission_tick(&server->admission, &server->config, INT64_MAX);
    handshakes_tick(&server->handshakes, INT64_MAX);
    server->on_stopped(server->on_stopped_context);
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct wire_server *server = context;

    server->is_in_turn = true;
    call_tell_ready(server);
    connection_flush_all(server);
    server->is_in_turn = false;
    if (server->ready_call_count > 0)
        server_wake(server);
    check_stopped(server);
}

static void on_read(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct wire_server *server = context;
    call_inflate(server, INFLATE_US_PER_ROUND);
    server->round++;
    connection_read_all(server);
    if (!TAILQ_EMPTY(&server->inflations) || (!TAILQ_EMPTY(&server->to_read) && !server->is_paused))
        server_read_on(server);
}

void server_begin_handshakes(struct wire_server *server)
{
    int64_t pause_us = handshakes_pause_us(&server->handshakes);
    struct timeval pause = {.tv_usec = (suseconds_t)pause_us};
    if (event_pending(server->handshake_event, EV_TIMEOUT, NULL))
        return;
    int rc = event_add(server->handshake_event, &pause);
    CHECK(rc == 0);
}

static void on_handshakes(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct wire_server *server = context;
    connection_begin_handshakes(server, clock_monotonic_us());
    if (!TAILQ_EMPTY(&server->handshakes.waiting))
        server_begin_handshakes(server);
}

static void accept_again(struct wire_server *server, int64_t now_us)
{
    if (server->accept_again_us == 0 || server->state != SERVER_RUNNING)
        return;
    if (server->accept_again_us == 1)
        server->accept_again_us = now_us + ACCEPT_PAUSE_US;
    if (now_us < server->accept_again_us)
        return;
    server->accept_again_us = 0;
    for (size_t i = 0; i < server->listener_count; i++)
        evconnlistener_enable(server->listeners[i].listener);
}

/* After a peak glibc keeps what was freed below what is still in use. */
static void give_memory_back(struct wire_server *server, int64_t now_us)
{
    if (server->peak_bytes < PEAK_BYTES_MIN || server->pending_bytes > server->peak_bytes / 4 ||
        now_us - server->trimmed_us < TRIM_PAUSE_US)
        return;
    call_empty_pool(server);
    malloc_trim(0);
    server->trimmed_us = now_us;
    server->peak_bytes = server->pending_bytes;
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct wire_server *server = context;
    int64_t now_us = clock_monotonic_us();
    int64_t stopping_us = now_us - server->stop_started_us;

    accept_again(server, now_us);
    admission_tick(&server->admission, &server->config, now_us);
    handshakes_tick(&server->handshakes, now_us);
    revocations_tick(&server->revocations, clock_wall_us());
    connection_tick_all(server, now_us);
    give_memory_back(server, now_us);
    if (server->state == SERVER_NOTICE && stopping_us > STOP_NOTICE_US) {
        server->state = SERVER_DRAINING;
        connection_stop_all(server);
    }
    if ((server->state == SERVER_NOTICE || server->state == SERVER_DRAINING) &&
        stopping_us > server->config.drain_timeout_us)
        connection_close_all(server);
    check_stopped(server);
}

static int64_t min_us(int64_t a, int64_t b)
{
    return b > 0 && b < a ? b : a;
}

static void set_tick(struct wire_server *server, int64_t tick_us)
{
    struct timeval interval = {
        .tv_sec = (time_t)(tick_us / SECOND_US), .tv_usec = (suseconds_t)(tick_us % SECOND_US)};
    int rc = event_add(server->tick_event, &interval);
    CHECK(rc == 0);
}

/* A quarter of the shortest deadline, so that none is missed by much. */
static void start_tick(struct wire_server *server)
{
    const struct wire_config *config = &server->config;
    int64_t shortest_us = min_us(config->request_timeout_us, config->stall_timeout_us);
    shortest_us = min_us(shortest_us, config->keepalive_timeout_us);
    shortest_us = min_us(shortest_us, config->keepalive_interval_us);
    shortest_us = min_us(shortest_us, config->idle_timeout_us);
    shortest_us = min_us(shortest_us, config->drain_timeout_us);
    int64_t tick_us = shortest_us / 4;
    if (tick_us < TICK_US_MIN)
        tick_us = TICK_US_MIN;
    if (tick_us > TICK_US_MAX)
        tick_us = TICK_US_MAX;
    set_tick(server, tick_us);
}

/* ---- opening ---- */

static void set_defaults(struct wire_config *config)
{
    if (config->connections_max == 0)
        config->connections_max = CONNECTIONS_MAX_DEFAULT;
    if (config->connections_per_peer_max == 0)
        config->connections_per_peer_max = config->connections_max;
    if (config->connections_per_caller_max == 0)
        config->connections_per_caller_max = config->connections_max;
    if (config->unix_connections_max == 0)
        config->unix_connections_max = UNIX_CONNECTIONS_MAX_DEFAULT;
    if (config->streams_per_connection_max == 0)
        config->streams_per_connection_max = STREAMS_MAX_DEFAULT;
    if (config->pending_bytes_max == 0)
        config->pending_bytes_max = PENDING_BYTES_MAX_DEFAULT;
    if (config->keepalive_interval_us == 0)
        config->keepalive_interval_us = 7200 * SECOND_US;
    if (config->keepalive_timeout_us == 0)
        config->keepalive_timeout_us = 20 * SECOND_US;
    if (config->ping_interval_min_us == 0)
        config->ping_interval_min_us = 300 * SECOND_US;
    if (config->drain_timeout_us == 0)
        config->drain_timeout_us = 10 * SECOND_US;
    if (config->request_timeout_us == 0)
        config->request_timeout_us = 30 * SECOND_US;
    if (config->stall_timeout_us == 0)
        config->stall_timeout_us = 60 * SECOND_US;
}

static int check_config(const struct wire_config *config, char *ret_error, size_t error_bytes)
{
    bool has_certificate = config->tls_certificate_file != NULL;
    bool has_key = config->tls_key_file != NULL;
    if (has_certificate != has_key || (config->tls_client_ca_file && !has_certificate) ||
        (config->tls_client_crl_file && !config->tls_client_ca_file)) {
        snprintf(ret_error, error_bytes,
            "set tls.certificate and tls.key both, or none of the tls files");
        return -1;
    }
    if (config->connections_max > 65535 || config->streams_per_connection_max > 65535) {
        snprintf(ret_error, error_bytes,
            "connections_max and streams_per_connection_max must be at most 65535");
        return -1;
    }
    return 0;
}

struct wire_server *server_create(
    struct event_base *base, const struct wire_config *config, char *ret_error, size_t error_bytes)
{
    struct wire_server *server = calloc(1, sizeof *server);
    CHECK(server != NULL);
    CHECK(config->method_count == 0 || config->handlers.on_call != NULL);
    server->base = base;
    server->config = *config;
    set_defaults(&server->config);
    TAILQ_INIT(&server->connections);
    TAILQ_INIT(&server->to_flush);
    TAILQ_INIT(&server->silent);
    TAILQ_INIT(&server->to_read);
    TAILQ_INIT(&server->open_calls);
    TAILQ_INIT(&server->ready_calls);
    TAILQ_INIT(&server->inflations);
    TAILQ_INIT(&server->free_calls);
    TAILQ_INIT(&server->watchers);
    handshakes_start(&server->handshakes, clock_monotonic_us());
    server->turn_event = event_new(base, -1, 0, on_turn, server);
    server->read_event = event_new(base, -1, 0, on_read, server);
    server->handshake_event = event_new(base, -1, 0, on_handshakes, server);
    server->tick_event = event_new(base, -1, EV_PERSIST, on_tick, server);
    CHECK(server->turn_event != NULL);
    CHECK(server->handshake_event != NULL);
    CHECK(server->tick_event != NULL);
    CHECK(server->read_event != NULL);
    server->scratch = malloc(SCRATCH_BYTES);
    CHECK(server->scratch != NULL);
    server->gzip = gzip_create();
    session_prepare_library(&server->h2_options, &server->h2_callbacks);
    bool is_sound = check_config(&server->config, ret_error, error_bytes) == 0 &&
                    add_methods(server, ret_error, error_bytes) == 0;
    if (is_sound && config->tls_certificate_file) {
        server->tls = tls_create(config, &server->revocations, ret_error, error_bytes);
        is_sound = server->tls != NULL;
    }
    if (!is_sound) {
        wire_server_close(server);
        return NULL;
    }
    start_tick(server);
    return server;
}

struct wire_server *wire_server_open(
    struct event_base *base, const struct wire_config *config, char *ret_error, size_t error_bytes)
{
    if (config->listen_count == 0) {
        errno = EINVAL;
        snprintf(ret_error, error_bytes, "listen.address: give at least one address");
        return NULL;
    }
    struct wire_server *server = server_create(base, config, ret_error, error_bytes);
    if (server && admission_check_descriptors(&server->config, ret_error, error_bytes) < 0) {
        wire_server_close(server);
        server = NULL;
    }
    if (!server) {
        errno = EINVAL;
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    server->listeners = calloc(config->listen_count, sizeof *server->listeners);
    CHECK(server->listeners != NULL);
    for (size_t i = 0; i < config->listen_count; i++) {
        if (listen_open(server, config->listen[i], &server->listeners[i], ret_error, error_bytes) <
            0) {
            int listen_errno = errno;
            wire_server_close(server);
            errno = listen_errno;
            return NULL;
        }
        server->listener_count++;
    }
    return server;
}

static int check_reload(const struct wire_server *server, const struct wire_config *config,
    char *ret_error, size_t error_bytes)
{
    if (check_config(config, ret_error, error_bytes) < 0)
        return -1;
    if (!config->tls_certificate_file != !server->tls) {
        snprintf(ret_error, error_bytes,
            "to begin or end TLS (tls.certificate) the server must be started anew");
        return -1;
    }
    if (!config->tls_client_ca_file != !server->config.tls_client_ca_file) {
        snprintf(ret_error, error_bytes,
            "to begin or end asking for client certificates (tls.client_ca) the server must be "
            "started anew");
        return -1;
    }
    return 0;
}

int wire_server_reload_tls(struct wire_server *server, const struct wire_tls_files *files,
    char *ret_error, size_t error_bytes)
{
    struct wire_config config = server->config;
    config.tls_certificate_file = files->certificate;
    config.tls_key_file = files->key;
    config.tls_client_ca_file = files->client_ca;
    config.tls_client_crl_file = files->client_crl;
    config.tls_crl_may_be_over = false;
    if (check_reload(server, &config, ret_error, error_bytes) < 0)
        return -1;
    if (config.tls_certificate_file) {
        struct revocations revocations;
        SSL_CTX *tls = tls_create(&config, &revocations, ret_error, error_bytes);
        if (!tls)
            return -1;
        if (config.tls_client_crl_file &&
            revocations_check_newer(
                server->tls, tls, config.tls_client_crl_file, ret_error, error_bytes) < 0) {
            SSL_CTX_free(tls);
            return -1;
        }
        server->revocations = revocations;
        /* Connections hold the old one for as long as they are open. */
        SSL_CTX_free(server->tls);
        server->tls = tls;
        connection_cut_revoked(server);
    }
    server->config = config;
    return 0;
}

void server_on_accept(struct wire_server *server, int fd, const struct sockaddr *address)
{
    struct source *source = NULL;
    struct source *peer;
    int64_t now_us = clock_monotonic_us();
    if (server->state == SERVER_RUNNING) {
        if (admission_is_full(&server->admission, &server->config, fd, address, &peer))
            connection_make_way(server, peer, address->sa_family == AF_UNIX, now_us);
        source = admission_enter(&server->admission, &server->config, fd, address, now_us);
    }
    if (!source) {
        server->counters.connections_refused++;
        close(fd);
        return;
    }
    if (connection_open(server, fd, source) < 0) {
        admission_leave(&server->admission, source);
        server->counters.connections_refused++;
        log_error("could not open a connection: out of memory");
    }
}

int wire_server_port(const struct wire_server *server, size_t index)
{
    CHECK(index < server->listener_count);
    return server->listeners[index].port;
}

void wire_server_set_serving(struct wire_server *server, bool serving)
{
    server->is_serving = serving;
    health_tell_watchers(server);
}

void wire_server_set_health(struct wire_server *server, bool is_healthy, bool is_name_healthy)
{
    if (server->is_unhealthy == !is_healthy && server->is_name_unhealthy == !is_name_healthy)
        return;
    server->is_unhealthy = !is_healthy;
    server->is_name_unhealthy = !is_name_healthy;
    health_tell_watchers(server);
}

void wire_server_pause(struct wire_server *server, bool paused)
{
    if (server->is_paused == paused)
        return;
    server->is_paused = paused;
    connection_pause_all(server, paused, clock_monotonic_us());
}

/* ---- the end ---- */

static void close_listeners(struct wire_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        listen_close(&server->listeners[i]);
}

void wire_server_stop(struct wire_server *server, void (*on_stopped)(void *context), void *context)
{
    CHECK(server->state == SERVER_RUNNING);
    CHECK(on_stopped != NULL);
    server->on_stopped = on_stopped;
    server->on_stopped_context = context;
    server->stop_started_us = clock_monotonic_us();
    server->state = SERVER_NOTICE;
    set_tick(server, TICK_US_STOPPING);
    close_listeners(server);
    health_tell_watchers(server);
    connection_announce_stop_all(server);
    server_wake(server);
}

void wire_server_close(struct wire_server *server)
{
    struct wire_call *call;
    struct wire_call *next;

    CHECK(!server->is_in_turn);
    close_listeners(server);
    connection_close_all(server);
    for (call = TAILQ_FIRST(&server->open_calls); call; call = next) {
        next = TAILQ_NEXT(call, open_link);
        call_detach_server(call);
    }
    CHECK(server->pending_bytes == 0);
    call_empty_pool(server);
    admission_finish(&server->admission);
    event_free(server->turn_event);
    event_free(server->read_event);
    event_free(server->handshake_event);
    event_free(server->tick_event);
    nghttp2_option_del(server->h2_options);
    nghttp2_session_callbacks_del(server->h2_callbacks);
    gzip_destroy(server->gzip);
    buffer_finish(&server->inflated);
    SSL_CTX_free(server->tls);
    for (size_t i = 0; i < server->service_count; i++)
        free(server->services[i]);
    free(server->services);
    if (server->methods) /* the map is made together with them */
        map_finish(&server->method_map);
    free(server->methods);
    free(server->listeners);
    free(server->scratch);
    free(server);
}

void wire_server_counters(const struct wire_server *server, struct wire_counters *ret_counters)
{
    *ret_counters = server->counters;
    ret_counters->pending_bytes = server->pending_bytes;
    admission_counters(&server->admission, ret_counters);
}
