/* address.c: where a server listens, as an operator writes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/address.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define UNIX_PREFIX "unix:"

static int parse_unix(
    const char *path, struct address *ret_address, char *ret_error, size_t error_bytes)
{
    struct sockaddr_un unix_socket = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof unix_socket.sun_path) {
        snprintf(ret_error, error_bytes, "the path of a Unix socket takes 1 to %zu bytes",
            sizeof unix_socket.sun_path - 1);
        return -1;
    }
    memcpy(unix_socket.sun_path, path, length);
    struct address address = {.is_unix = true, .socket_length = sizeof unix_socket};
    memcpy(&address.socket, &unix_socket, sizeof unix_socket);
    snprintf(address.host, sizeof address.host, "localhost");
    snprintf(address.authority, sizeof address.authority, "localhost");
    *ret_address = address;
    return 0;
}

/* Splits `host:port` and `[host]:port`. */
static bool try_split(const char *text, char ret_host[ADDRESS_HOST_BYTES_MAX], char ret_port[8])
{
    const char *host = text;
    const char *host_end;
    const char *colon;
    if (text[0] == '[') {
        host = text + 1;
        host_end = strchr(host, ']');
        if (!host_end || host_end[1] != ':')
            return false;
        colon = host_end + 1;
    } else {
        colon = strchr(text, ':');
        if (!colon || strchr(colon + 1, ':'))
            return false;
        host_end = colon;
    }
    size_t host_length = (size_t)(host_end - host);
    size_t port_length = strlen(colon + 1);
    if (host_length == 0 || host_length >= ADDRESS_HOST_BYTES_MAX || port_length == 0 ||
        port_length > 5 || strspn(colon + 1, "0123456789") != port_length)
        return false;
    long port = strtol(colon + 1, NULL, 10);
    if (port < 1 || port > 65535)
        return false;
    memcpy(ret_host, host, host_length);
    ret_host[host_length] = '\0';
    memcpy(ret_port, colon + 1, port_length + 1);
    return true;
}

int address_parse(
    const char *text, struct address *ret_address, char *ret_error, size_t error_bytes)
{
    if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return parse_unix(text + strlen(UNIX_PREFIX), ret_address, ret_error, error_bytes);

    struct address address = {0};
    char port[8];
    if (!try_split(text, address.host, port)) {
        snprintf(ret_error, error_bytes,
            "'%s' is not an address: write HOST:PORT, [IPV6]:PORT or unix:PATH", text);
        return -1;
    }
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    address.host_is_numeric = getaddrinfo(address.host, port, &hints, &found) == 0;
    if (!address.host_is_numeric) {
        hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
        int fault = getaddrinfo(address.host, port, &hints, &found);
        if (fault) {
            snprintf(ret_error, error_bytes, "could not look up the host '%s': %s", address.host,
                gai_strerror(fault));
            return -1;
        }
    }
    memcpy(&address.socket, found->ai_addr, found->ai_addrlen);
    address.socket_length = found->ai_addrlen;
    freeaddrinfo(found);
    snprintf(address.authority, sizeof address.authority, "%s", text);
    *ret_address = address;
    return 0;
}
