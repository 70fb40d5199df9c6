/* wire_testserver.c: a server of wire alone, for clients that were not written here.
 *
 * Methods of test.v1.TestService, all on raw bytes:
 *   Echo      unary; answers the request
 *   Slow      unary; the request is a decimal number of milliseconds; answers it after that time
 *   Fail      unary; the request is a decimal status code; fails with it, a message and all details
 *   Bulk      unary; the request is a decimal number of bytes; answers as many
 *   Peer      unary; answers the common name of the client's certificate
 *   Many      streaming; the request is "COUNT BYTES"; answers COUNT messages of BYTES, the first
 * eight being their number in decimal Forever   streaming; one message, then silence until the
 * client is gone Counters  unary; answers the server's counters and its own as "name=value" lines
 *   Control   unary; "pause MS", "serving 0|1": acts on the server and answers
 *
 * Settings are "--name value"; prints "port N" (one line for each address), then "ready". SIGTERM
 * stops it gracefully; the exit status is 0 when every call was ended.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "wire/wire.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum test_method { ECHO, SLOW, FAIL, BULK, PEER, MANY, FOREVER, COUNTERS, CONTROL };

static const struct wire_method methods[] = {
    {"/test.v1.TestService/Echo", WIRE_UNARY, ECHO, WIRE_QUICK},
    {"/test.v1.TestService/Slow", WIRE_UNARY, SLOW, WIRE_QUICK},
    {"/test.v1.TestService/Fail", WIRE_UNARY, FAIL, WIRE_QUICK},
    {"/test.v1.TestService/Bulk", WIRE_UNARY, BULK, WIRE_QUICK},
    {"/test.v1.TestService/Peer", WIRE_UNARY, PEER, WIRE_QUICK},
    {"/test.v1.TestService/Many", WIRE_SERVER_STREAMING, MANY, WIRE_QUICK},
    {"/test.v1.TestService/Forever", WIRE_SERVER_STREAMING, FOREVER, WIRE_QUICK},
    {"/test.v1.TestService/Counters", WIRE_UNARY, COUNTERS, WIRE_QUICK},
    {"/test.v1.TestService/Control", WIRE_UNARY, CONTROL, WIRE_QUICK},
};

struct test_server {
    struct event_base *base;
    struct wire_server *wire;
    struct event *resume;
    uint64_t echoed;    /* requests seen by Echo */
    uint64_t slow_done; /* Slow calls whose time came, gone or not */
    uint64_t slow_gone; /* of those, with nobody to answer */
    uint64_t streams_open;
    uint64_t held;
    bool is_stopped;
};

/* A call that waits: of Slow for its timer, of Many for room. */
struct job {
    struct test_server *server;
    struct wire_call *call;
    struct event *timer;
    uint32_t next;
    uint32_t count;
    size_t bytes;
    uint8_t *message;
};

static long number_of(const uint8_t *request, size_t length)
{
    char text[32] = {0};
    memcpy(text, request, length < sizeof text - 1 ? length : sizeof text - 1);
    return strtol(text, NULL, 10);
}

static struct job *job_create(struct test_server *server, struct wire_call *call)
{
    struct job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->server = server;
    job->call = call;
    wire_call_set_user(call, job);
    server->held++;
    return job;
}

static void job_destroy(struct job *job)
{
    job->server->held--;
    if (job->timer)
        event_free(job->timer);
    free(job->message);
    free(job);
}

static void on_slow_done(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct job *job = context;
    job->server->slow_done++;
    if (wire_call_is_gone(job->call))
        job->server->slow_gone++;
    wire_reply(job->call, job->message, job->bytes);
    job_destroy(job);
}

static void start_slow(
    struct test_server *server, struct wire_call *call, const uint8_t *request, size_t length)
{
    long ms = number_of(request, length);
    struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    struct job *job = job_create(server, call);
    job->bytes = length;
    job->message = malloc(length + 1);
    CHECK(job->message != NULL);
    memcpy(job->message, request, length);
    job->timer = evtimer_new(server->base, on_slow_done, job);
    CHECK(job->timer != NULL);
    evtimer_add(job->timer, &delay);
}

static void send_many(struct job *job)
{
    bool has_room = true;
    if (wire_call_is_gone(job->call))
        job->count = job->next;
    while (has_room && job->next < job->count) {
        char head[16];
        snprintf(head, sizeof head, "%08u", job->next);
        memcpy(job->message, head, job->bytes < 8 ? job->bytes : 8);
        job->next++;
        has_room = wire_stream_send(job->call, job->message, job->bytes);
    }
    if (job->next < job->count)
        return;
    job->server->streams_open--;
    wire_stream_end(job->call);
    job_destroy(job);
}

static void start_many(
    struct test_server *server, struct wire_call *call, const uint8_t *request, size_t length)
{
    char text[64] = {0};
    struct job *job = job_create(server, call);
    memcpy(text, request, length < sizeof text - 1 ? length : sizeof text - 1);
    unsigned long count = 0;
    unsigned long bytes = 0;
    if (sscanf(text, "%lu %lu", &count, &bytes) != 2)
        count = bytes = 0;
    job->count = (uint32_t)count;
    job->bytes = bytes;
    job->message = calloc(1, bytes + 8);
    CHECK(job->message != NULL);
    server->streams_open++;
    send_many(job);
}

static void on_stream_ready(void *context, struct wire_call *call)
{
    struct test_server *server = context;
    if (wire_call_tag(call) == MANY) {
        send_many(wire_call_user(call));
        return;
    }
    if (!wire_call_is_gone(call))
        return;
    server->streams_open--;
    server->held--;
    wire_stream_end(call);
}

static void fail(struct wire_call *call, const uint8_t *request, size_t length)
{
    static const struct wire_violation violations[] = {
        {"items[0].pay.amount_minor", {"must be positive", "须为正数"}},
        {"items[1].key.serial", {"must have 1 to 32 bytes", "须为 1 至 32 字节"}},
    };
    struct wire_details details = {.reason = "TEST_REASON",
        .violations = violations,
        .violation_count = 2,
        .retry_after_us = 1500000};
    long code = number_of(request, length);
    bool is_plain = length > 0 && request[length - 1] == 'p';
    if (code < 1 || code > 16)
        code = WIRE_INVALID_ARGUMENT;
    wire_fail(call, (enum wire_status)code, WORDING("no such service 中%", "没有这个服务"),
        is_plain ? NULL : &details);
}

static void bulk(struct wire_call *call, const uint8_t *request, size_t length)
{
    long bytes = number_of(request, length);
    uint8_t *answer = malloc((size_t)bytes + 1);
    CHECK(answer != NULL);
    memset(answer, 'b', (size_t)bytes);
    wire_reply(call, answer, (size_t)bytes);
    free(answer);
}

static void counters(struct test_server *server, struct wire_call *call)
{
    struct wire_counters c;
    char text[1024];
    wire_server_counters(server->wire, &c);
    int length = snprintf(text, sizeof text,
        "connections_accepted=%llu\nconnections_refused=%llu\nconnections_open=%llu\n"
        "calls_started=%llu\ncalls_open=%llu\ncalls_failed=%llu\nbytes_received=%llu\n"
        "bytes_sent=%llu\npending_bytes=%llu\nechoed=%llu\nslow_done=%llu\nslow_gone=%llu\n"
        "streams_open=%llu\nheld=%llu\nrefused_full=%llu\nrefused_peer_full=%llu\n",
        (unsigned long long)c.connections_accepted, (unsigned long long)c.connections_refused,
        (unsigned long long)c.connections_open, (unsigned long long)c.calls_started,
        (unsigned long long)c.calls_open, (unsigned long long)c.calls_failed,
        (unsigned long long)c.bytes_received, (unsigned long long)c.bytes_sent,
        (unsigned long long)c.pending_bytes, (unsigned long long)server->echoed,
        (unsigned long long)server->slow_done, (unsigned long long)server->slow_gone,
        (unsigned long long)server->streams_open, (unsigned long long)server->held,
        (unsigned long long)c.refused_full, (unsigned long long)c.refused_peer_full);
    wire_reply(call, text, (size_t)length);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct test_server *server = context;
    wire_server_pause(server->wire, false);
}

static void control(
    struct test_server *server, struct wire_call *call, const uint8_t *request, size_t length)
{
    if (length > 6 && memcmp(request, "pause ", 6) == 0) {
        long ms = number_of(request + 6, length - 6);
        struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
        wire_server_pause(server->wire, true);
        evtimer_add(server->resume, &delay);
    } else if (length > 8 && memcmp(request, "serving ", 8) == 0) {
        wire_server_set_serving(server->wire, request[8] == '1');
    }
    wire_reply(call, request, length);
}

static void on_call(void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    struct test_server *server = context;
    switch ((enum test_method)wire_call_tag(call)) {
    case ECHO:
        server->echoed++;
        wire_reply(call, request, length);
        break;
    case SLOW:
        start_slow(server, call, request, length);
        break;
    case FAIL:
        fail(call, request, length);
        break;
    case BULK:
        bulk(call, request, length);
        break;
    case PEER: {
        const char *name = wire_call_peer_name(call);
        wire_reply(call, name ? name : "", name ? strlen(name) : 0);
        break;
    }
    case MANY:
        start_many(server, call, request, length);
        break;
    case FOREVER:
        server->streams_open++;
        server->held++;
        (void)wire_stream_send(call, "first", 5);
        break;
    case COUNTERS:
        counters(server, call);
        break;
    case CONTROL:
        control(server, call, request, length);
        break;
    }
}

static void on_stopped(void *context)
{
    struct test_server *server = context;
    wire_server_close(server->wire);
    server->wire = NULL;
    server->is_stopped = true;
    event_base_loopexit(server->base, NULL);
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct test_server *server = context;
    if (server->wire)
        wire_server_stop(server->wire, on_stopped, server);
}

#define LISTEN_MAX 4
#define FILES_MAX 8

/* One serialized FileDescriptorProto for reflection: NAME,SYMBOL[;SYMBOL],[IMPORT;...],PATH */
static struct wire_descriptor_file files[FILES_MAX];
static size_t file_count;

static const char *const *split(char *list)
{
    static const char *parts[FILES_MAX][64];
    static size_t used;
    CHECK(used < FILES_MAX);
    const char **slot = parts[used++];
    size_t count = 0;
    for (char *part = strtok(list, ";"); part && count < 63; part = strtok(NULL, ";"))
        slot[count++] = part;
    slot[count] = NULL;
    return slot;
}

static void add_file(char *text)
{
    char *symbols = strchr(text, ',');
    char *imports = symbols ? strchr(symbols + 1, ',') : NULL;
    char *path = imports ? strchr(imports + 1, ',') : NULL;
    CHECK(path != NULL);
    CHECK(file_count < FILES_MAX);
    *symbols++ = *imports++ = *path++ = '\0';
    FILE *stream = fopen(path, "rb");
    CHECK(stream != NULL);
    uint8_t *bytes = malloc(65536);
    CHECK(bytes != NULL);
    size_t length = fread(bytes, 1, 65536, stream);
    fclose(stream);
    files[file_count++] = (struct wire_descriptor_file){.name = text,
        .symbols = split(symbols),
        .imports = split(imports),
        .bytes = bytes,
        .length = length};
}

static int64_t ms_of(const char *text)
{
    return strtoll(text, NULL, 10) * 1000;
}

static void set(struct wire_config *config, const char **listen, const char *name, char *value)
{
    if (strcmp(name, "--listen") == 0) {
        CHECK(config->listen_count < LISTEN_MAX);
        listen[config->listen_count++] = value;
    } else if (strcmp(name, "--cert") == 0) {
        config->tls_certificate_file = value;
    } else if (strcmp(name, "--key") == 0) {
        config->tls_key_file = value;
    } else if (strcmp(name, "--client-ca") == 0) {
        config->tls_client_ca_file = value;
    } else if (strcmp(name, "--client-optional") == 0) {
        config->tls_client_optional = value[0] == '1';
    } else if (strcmp(name, "--connections-max") == 0) {
        config->connections_max = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(name, "--streams-max") == 0) {
        config->streams_per_connection_max = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(name, "--pending-max") == 0) {
        config->pending_bytes_max = strtoul(value, NULL, 10);
    } else if (strcmp(name, "--idle-ms") == 0) {
        config->idle_timeout_us = ms_of(value);
    } else if (strcmp(name, "--keepalive-ms") == 0) {
        config->keepalive_interval_us = ms_of(value);
    } else if (strcmp(name, "--keepalive-timeout-ms") == 0) {
        config->keepalive_timeout_us = ms_of(value);
    } else if (strcmp(name, "--ping-min-ms") == 0) {
        config->ping_interval_min_us = ms_of(value);
    } else if (strcmp(name, "--drain-ms") == 0) {
        config->drain_timeout_us = ms_of(value);
    } else if (strcmp(name, "--request-ms") == 0) {
        config->request_timeout_us = ms_of(value);
    } else if (strcmp(name, "--stall-ms") == 0) {
        config->stall_timeout_us = ms_of(value);
    } else if (strcmp(name, "--file") == 0) {
        add_file(value);
    } else {
        fprintf(stderr, "unknown setting %s\n", name);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    const char *listen[LISTEN_MAX];
    char error[512];
    struct test_server server = {.echoed = 0};
    struct wire_config config = {.listen = listen,
        .methods = methods,
        .method_count = sizeof methods / sizeof *methods,
        .handlers = {.on_call = on_call, .on_stream_ready = on_stream_ready},
        .context = &server,
        .files = files};

    for (int i = 1; i + 1 < argc; i += 2)
        set(&config, listen, argv[i], argv[i + 1]);
    if (config.listen_count == 0)
        listen[config.listen_count++] = "127.0.0.1:0";
    config.file_count = file_count;
    server.base = event_base_new();
    CHECK(server.base != NULL);
    server.wire = wire_server_open(server.base, &config, error, sizeof error);
    if (!server.wire) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    wire_server_set_serving(server.wire, true);
    struct event *term = evsignal_new(server.base, SIGTERM, on_signal, &server);
    server.resume = evtimer_new(server.base, on_resume, &server);
    event_add(term, NULL);
    for (size_t i = 0; i < config.listen_count; i++)
        printf("port %d\n", wire_server_port(server.wire, i));
    printf("ready\n");
    fflush(stdout);
    event_base_dispatch(server.base);
    /* Calls that the drain cut are still ours; their timers end them. */
    event_free(term);
    event_free(server.resume);
    while (server.held > 0 && event_base_loop(server.base, EVLOOP_ONCE) == 0)
        continue;
    event_base_free(server.base);
    for (size_t i = 0; i < file_count; i++)
        free((void *)(uintptr_t)files[i].bytes);
    return server.is_stopped ? 0 : 1;
}
