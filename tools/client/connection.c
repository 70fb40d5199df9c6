/* connection.c: the client's socket: connecting, TLS, losing and trying again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "client/internal.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY_PAUSE_FIRST_US 50000
/* A peer that has vanished is noticed within half a minute. */
#define KEEPALIVE_IDLE_S 15
#define KEEPALIVE_INTERVAL_S 5
#define KEEPALIVE_COUNT 3

static struct timeval timeval_of_us(int64_t us)
{
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

/* ---- TLS ---- */

static const char *tls_error(void)
{
    unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    return reason ? reason : "no reason given";
}

/* What is wrong with the file of a private key; NULL: nothing. A key that others may read proves
 * nobody. */
static const char *wrong_with_key(const char *file)
{
    struct stat about;
    if (stat(file, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "it is no regular file";
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "others than its owner may read or write the private key: chmod 600";
    return NULL;
}

int client_connection_init_tls(struct client *client, char *ret_error, size_t error_bytes)
{
    const struct client_config *config = &client->config;
    if (!config->tls_ca_file && !config->tls_certificate_file && !config->tls_key_file)
        return 0;
    if (!config->tls_ca_file) {
        snprintf(ret_error, error_bytes, "TLS needs the file of the CA that signed the server");
        return -1;
    }
    if (!config->tls_certificate_file != !config->tls_key_file) {
        snprintf(ret_error, error_bytes, "a client certificate and its key go together");
        return -1;
    }
    const char *wrong = config->tls_key_file ? wrong_with_key(config->tls_key_file) : NULL;
    if (wrong) {
        snprintf(ret_error, error_bytes, "could not use '%s': %s", config->tls_key_file, wrong);
        return -1;
    }
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    CHECK(tls != NULL);
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
    static const uint8_t protocols[] = {2, 'h', '2'};
    CHECK(SSL_CTX_set_alpn_protos(tls, protocols, sizeof protocols) == 0);
    const char *fault = NULL;
    if (SSL_CTX_load_verify_locations(tls, config->tls_ca_file, NULL) != 1)
        fault = config->tls_ca_file;
    else if (config->tls_certificate_file &&
             SSL_CTX_use_certificate_chain_file(tls, config->tls_certificate_file) != 1)
        fault = config->tls_certificate_file;
    else if (config->tls_key_file &&
             SSL_CTX_use_PrivateKey_file(tls, config->tls_key_file, SSL_FILETYPE_PEM) != 1)
        fault = config->tls_key_file;
    if (fault) {
        bool is_readable = access(fault, R_OK) == 0;
        snprintf(ret_error, error_bytes, "could not use '%s': %s", fault,
            is_readable ? tls_error() : strerror(errno));
        SSL_CTX_free(tls);
        return -1;
    }
    client->tls = tls;
    return 0;
}

static bool is_ip(const char *name)
{
    unsigned char bytes[16];
    return evutil_inet_pton(AF_INET, name, bytes) == 1 ||
           evutil_inet_pton(AF_INET6, name, bytes) == 1;
}

static struct bufferevent *open_stream(struct client *client)
{
    const int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
    if (!client->tls)
        return bufferevent_socket_new(client->base, -1, options);
    SSL *ssl = SSL_new(client->tls);
    CHECK(ssl != NULL);
    const char *name =
        client->config.tls_server_name ? client->config.tls_server_name : client->address.host;
    if (is_ip(name)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
    } else {
        SSL_set1_host(ssl, name);
        /* OpenSSL's macro casts the const away; it copies the name. */
        char name_copy[ADDRESS_HOST_BYTES_MAX];
        snprintf(name_copy, sizeof name_copy, "%s", name);
        SSL_set_tlsext_host_name(ssl, name_copy);
    }
    struct bufferevent *stream =
        bufferevent_openssl_socket_new(client->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, options);
    if (!stream)
        SSL_free(ssl);
    else
        bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    return stream;
}

/* ---- libevent's callbacks ---- */

static void on_readable(struct bufferevent *stream, void *context)
{
    (void)stream;
    struct client *client = context;
    if (client_session_receive(client) != 0)
        client_connection_lose(client, client->lost_reason);
    else
        client_wake(client);
}

static void on_writable(struct bufferevent *stream, void *context)
{
    (void)stream;
    client_wake(context);
}

static void on_connected(struct client *client)
{
    if (client->tls) {
        const unsigned char *protocol = NULL;
        unsigned length = 0;
        SSL_get0_alpn_selected(bufferevent_openssl_get_ssl(client->stream), &protocol, &length);
        if (length != 2 || memcmp(protocol, "h2", 2) != 0) {
            client_connection_lose(client, "the server does not offer HTTP/2 (ALPN h2)");
            return;
        }
    }
    if (!client->address.is_unix) {
        int on = 1;
        evutil_socket_t socket = bufferevent_getfd(client->stream);
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        /* A stream may be silent for long; a peer that vanished must be noticed all the same. */
        int idle_s = KEEPALIVE_IDLE_S;
        int interval_s = KEEPALIVE_INTERVAL_S;
        int count = KEEPALIVE_COUNT;
        unsigned dead_ms = 1000 * (KEEPALIVE_IDLE_S + KEEPALIVE_INTERVAL_S * KEEPALIVE_COUNT);
        setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
        setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
        setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
        setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
    }
    if (client_session_open(client) != 0) {
        client_connection_lose(client, "no memory for an HTTP/2 session");
        return;
    }
    evtimer_del(client->connect_timer);
    client->state = CONNECTION_UP;
    client->retry_pause_us = 0;
    client_wake(client);
}

static void on_stream_event(struct bufferevent *stream, short what, void *context)
{
    struct client *client = context;
    if (what & BEV_EVENT_CONNECTED) {
        on_connected(client);
        return;
    }
    char reason[256];
    unsigned long tls_code = client->tls ? bufferevent_get_openssl_error(stream) : 0;
    int socket_error = EVUTIL_SOCKET_ERROR();
    if (tls_code) {
        long verify = SSL_get_verify_result(bufferevent_openssl_get_ssl(stream));
        const char *text = verify != X509_V_OK ? X509_verify_cert_error_string(verify)
                                               : ERR_reason_error_string(tls_code);
        snprintf(reason, sizeof reason, "TLS failed: %s", text ? text : "unknown reason");
    } else if (what & BEV_EVENT_EOF) {
        snprintf(reason, sizeof reason, "the server closed the connection");
    } else {
        snprintf(reason, sizeof reason, "%s",
            socket_error ? evutil_socket_error_to_string(socket_error) : "the connection broke");
    }
    client_connection_lose(client, reason);
}

static void on_connect_timeout(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    client_connection_lose(context, "no connection within the time allowed");
}

/* ---- connecting ---- */

static void connect_now(struct client *client)
{
    CHECK(client->state == CONNECTION_DOWN && client->stream == NULL);
    client->stream = open_stream(client);
    if (!client->stream) {
        client_connection_lose(client, "no memory for a connection");
        return;
    }
    client->state = CONNECTION_CONNECTING;
    bufferevent_setcb(client->stream, on_readable, on_writable, on_stream_event, client);
    bufferevent_enable(client->stream, EV_READ | EV_WRITE);
    struct timeval timeout = timeval_of_us(client->config.connect_timeout_us);
    evtimer_add(client->connect_timer, &timeout);
    if (bufferevent_socket_connect(client->stream, (struct sockaddr *)&client->address.socket,
            (int)client->address.socket_length) != 0) {
        /* A Unix socket that is not there fails at once; libevent may have told already. */
        if (client->state == CONNECTION_CONNECTING)
            client_connection_lose(client, evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    }
}

static void on_retry(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct client *client = context;
    if (client->state == CONNECTION_DOWN && client->queued.count > 0)
        connect_now(client);
}

void client_connection_want(struct client *client)
{
    if (!client->retry_timer) {
        client->retry_timer = evtimer_new(client->base, on_retry, client);
        client->connect_timer = evtimer_new(client->base, on_connect_timeout, client);
        CHECK(client->retry_timer != NULL && client->connect_timer != NULL);
    }
    if (client->state != CONNECTION_DOWN || client->queued.count == 0 ||
        evtimer_pending(client->retry_timer, NULL))
        return;
    struct timeval pause = timeval_of_us(client->retry_pause_us);
    evtimer_add(client->retry_timer, &pause);
    int64_t next = client->retry_pause_us == 0 ? RETRY_PAUSE_FIRST_US : client->retry_pause_us * 2;
    client->retry_pause_us =
        next < client->config.reconnect_pause_us ? next : client->config.reconnect_pause_us;
}

void client_connection_lose(struct client *client, const char *reason)
{
    CHECK(!client->in_session);
    bool was_connecting = client->state != CONNECTION_UP && client->state != CONNECTION_DRAINING;
    char message[CLIENT_MESSAGE_BYTES_MAX];
    snprintf(message, sizeof message,
        was_connecting ? "could not connect to %s: %s" : "lost the connection to %s: %s",
        client->config.address, reason);
    client->state = CONNECTION_DOWN;
    client_session_close(client);
    if (client->stream)
        bufferevent_free(client->stream);
    client->stream = NULL;
    if (client->connect_timer)
        evtimer_del(client->connect_timer);
    while (client->open.first) {
        client->open.first->stream_id = -1;
        client_call_finish(client->open.first, GRPC_UNAVAILABLE, message);
    }
    if (was_connecting && !client->config.wait_for_ready) {
        while (client->queued.first)
            client_call_finish(client->queued.first, GRPC_UNAVAILABLE, message);
    }
    client_wake(client);
}

void client_free_base(struct event_base *base)
{
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
}

void client_connection_finish(struct client *client)
{
    client_session_close(client);
    if (client->stream)
        bufferevent_free(client->stream);
    client->stream = NULL;
    if (client->retry_timer)
        event_free(client->retry_timer);
    if (client->connect_timer)
        event_free(client->connect_timer);
}
