/* listen.h: listening sockets.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_LISTEN_H
#define VSL_WIRE_LISTEN_H

#include "base/must_use.h"
#include "wire/server.h"

#include <stddef.h>

/* Opens one address of config.listen into `listener`. One that is neither loopback nor a Unix
 * socket is refused unless clients must have certificates. Returns 0, or -1 and a sentence. */
MUST_USE int listen_open(struct wire_server *server, const char *address, struct listener *listener,
    char *ret_error, size_t error_bytes);

void listen_close(struct listener *listener);

#endif
