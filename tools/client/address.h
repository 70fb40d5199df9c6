/* address.h: where a server listens, as an operator writes it.
 *
 * Forms: `127.0.0.1:7450`, `[::1]:7450`, `vsl.example:7450`, `unix:/run/vsl/vsld.sock`.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_ADDRESS_H
#define VSL_TOOLS_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define ADDRESS_HOST_BYTES_MAX 256

struct address {
    struct sockaddr_storage socket;
    socklen_t socket_length;
    bool is_unix;
    bool host_is_numeric;
    char host[ADDRESS_HOST_BYTES_MAX]; /* without brackets; "localhost" for a Unix socket */
    char authority[ADDRESS_HOST_BYTES_MAX + 16]; /* for the :authority header */
};

/* Reads the text; a host name is looked up, which may block for some seconds. Returns 0, or -1 with
 * a sentence in `ret_error`. */
int address_parse(
    const char *text, struct address *ret_address, char *ret_error, size_t error_bytes);

#endif
