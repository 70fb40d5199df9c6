/* listen.c: addresses and listening sockets.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/listen.h"

#include "base/check.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define UNIX_PREFIX "unix:"

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return ntohl(in->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *in6 = (const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int length, void *context)
{
    (void)listener;
    (void)length;
    server_on_accept(context, fd, address);
}

/* Most likely there are no descriptors left. Waiting for the next tick keeps the loop from spinning
 * on the same error. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    struct wire_server *server = context;
    admission_on_accept_error(&server->admission, errno, clock_monotonic_us());
    evconnlistener_disable(listener);
    server->accept_again_us = 1;
}

/* A socket file that nobody listens on is left over from a killed server. */
static int remove_stale_socket(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : -1;
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int rc = connect(fd, (const void *)address, sizeof *address);
    int error = errno;
    close(fd);
    if (rc == 0 || error != ECONNREFUSED) {
        errno = EADDRINUSE;
        return -1;
    }
    return unlink(address->sun_path);
}

static int bind_listener(struct wire_server *server, const struct sockaddr *address, size_t length,
    struct listener *listener)
{
    unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    if (address->sa_family != AF_UNIX)
        flags |= LEV_OPT_REUSEABLE;
    if (address->sa_family == AF_INET6)
        flags |= LEV_OPT_BIND_IPV6ONLY;
    listener->listener = evconnlistener_new_bind(
        server->base, on_accept, server, flags, BACKLOG, address, (int)length);
    if (!listener->listener)
        return -1;
    evconnlistener_set_error_cb(listener->listener, on_accept_error);
    return 0;
}

static int open_unix(struct wire_server *server, const char *path, struct listener *listener,
    char *ret_error, size_t error_bytes)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) == 0 || strlen(path) >= sizeof address.sun_path) {
        errno = EINVAL;
        snprintf(ret_error, error_bytes,
            "listen.address: the path of a Unix socket must have 1 to %zu bytes",
            sizeof address.sun_path - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (remove_stale_socket(&address) < 0 ||
        bind_listener(server, (const void *)&address, sizeof address, listener) < 0) {
        snprintf(ret_error, error_bytes, "listen.address: could not listen on %s: %s", path,
            strerror(errno));
        return -1;
    }
    listener->is_unix = true;
    listener->is_local = true;
    listener->unix_path = strdup(path);
    CHECK(listener->unix_path != NULL);
    return 0;
}

/* "IPv4:port" or "[IPv6]:port"; port 0 is a free one. Returns the length of the socket address, 0
 * when the text has another form. */
static size_t parse_address(const char *text, struct sockaddr_storage *ret_address)
{
    char host[INET6_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    bool is_ipv6 = text[0] == '[' && colon && colon > text + 1 && colon[-1] == ']';
    const char *start = is_ipv6 ? text + 1 : text;
    size_t length = colon ? (size_t)(colon - start) - (is_ipv6 ? 1 : 0) : 0;
    char *end = NULL;

    if (length == 0 || length >= sizeof host || colon[1] < '0' || colon[1] > '9')
        return 0;
    memcpy(host, start, length);
    host[length] = '\0';
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || port > 65535)
        return 0;
    memset(ret_address, 0, sizeof *ret_address);
    if (is_ipv6) {
        struct sockaddr_in6 *in6 = (void *)ret_address;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? sizeof *in6 : 0;
    }
    struct sockaddr_in *in = (void *)ret_address;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? sizeof *in : 0;
}

int listen_open(struct wire_server *server, const char *address, struct listener *listener,
    char *ret_error, size_t error_bytes)
{
    struct sockaddr_storage storage;
    const struct sockaddr *socket_address = (const void *)&storage;

    *listener = (struct listener){.port = 0};
    if (strncmp(address, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return open_unix(server, address + strlen(UNIX_PREFIX), listener, ret_error, error_bytes);
    size_t length = parse_address(address, &storage);
    if (length == 0) {
        errno = EINVAL;
        snprintf(ret_error, error_bytes,
            "listen.address: %s must be IPv4:port, [IPv6]:port or unix:path, with a numeric "
            "address",
            address);
        return -1;
    }
    if (!server->config.tls_client_ca_file && !is_loopback(socket_address)) {
        errno = EINVAL;
        snprintf(ret_error, error_bytes,
            "listen.address: %s is not a loopback address, and without tls.certificate, tls.key "
            "and tls.client_ca whoever reaches it may do everything: set all three",
            address);
        return -1;
    }
    if (server->config.local_only && !is_loopback(socket_address)) {
        errno = EINVAL;
        snprintf(ret_error, error_bytes, "listen.address: %s is not a loopback address, and %s",
            address, server->config.local_only);
        return -1;
    }
    listener->is_local = is_loopback(socket_address);
    if (bind_listener(server, socket_address, length, listener) < 0) {
        snprintf(ret_error, error_bytes, "listen.address: could not listen on %s: %s", address,
            strerror(errno));
        return -1;
    }
    struct sockaddr_storage bound;
    socklen_t bound_length = sizeof bound;
    int rc = getsockname(evconnlistener_get_fd(listener->listener), (void *)&bound, &bound_length);
    CHECK(rc == 0);
    listener->port = bound.ss_family == AF_INET
                         ? ntohs(((const struct sockaddr_in *)(const void *)&bound)->sin_port)
                         : ntohs(((const struct sockaddr_in6 *)(const void *)&bound)->sin6_port);
    return 0;
}

void listen_close(struct listener *listener)
{
    if (listener->listener)
        evconnlistener_free(listener->listener);
    if (listener->unix_path) {
        unlink(listener->unix_path);
        free(listener->unix_path);
    }
    listener->listener = NULL;
    listener->unix_path = NULL;
}
