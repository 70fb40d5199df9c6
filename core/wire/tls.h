/* tls.h: the TLS context and what a handshake tells.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_TLS_H
#define VSL_WIRE_TLS_H

#include "wire/wire.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct peer;

/* Reads certificate, key and client CA. Returns NULL and a sentence in ret_error on a fault. */
SSL_CTX *tls_create(const struct wire_config *config, char *ret_error, size_t error_bytes);

/* Whether the finished handshake agreed on HTTP/2. */
bool tls_is_h2(const SSL *ssl);

/* Sends close_notify and does not wait for the peer's. Leaves no error behind, since the next
 * connection would take it for its own. */
void tls_say_goodbye(SSL *ssl);

/* The client certificate's common name; NULL without certificate or usable name. */
struct peer *tls_peer(const SSL *ssl);

#endif
