/* tls.h: the TLS context and what a handshake tells.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_TLS_H
#define VSL_WIRE_TLS_H

#include "wire/revocations.h"
#include "wire/wire.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer;

/* Reads certificate, key, client CA and lists of revoked certificates, and tells when these hold.
 * Returns NULL and a sentence in ret_error on a fault. */
SSL_CTX *tls_create(const struct wire_config *config, struct revocations *ret_revocations,
    char *ret_error, size_t error_bytes);

/* Whether the finished handshake agreed on HTTP/2. */
bool tls_is_h2(const SSL *ssl);

/* Sends close_notify and does not wait for the peer's. Leaves no error behind, since the next
 * connection would take it for its own. */
void tls_say_goodbye(SSL *ssl);

/* Longer names are refused. */
#define TLS_NAME_BYTES_MAX 200
/* What stands before the user's number in the names of clients on Unix sockets; no certificate may
 * have such a name. */
#define UNIX_USER_PREFIX "unix-user-"

/* Why a handshake failed: what is wrong with the client's certificate, else what OpenSSL says of
 * its error. A text that lives on; NULL: the client only went away. */
const char *tls_failure(const SSL *ssl, unsigned long error);

/* The name that the client's certificate proves: of its alternative names the first URI, else the
 * first DNS name, else the subject's common name. `ret_peer` is NULL without a certificate. -1 with
 * a reason, a literal, when there is none of them, or it cannot be a name. */
MUST_USE int tls_peer(const SSL *ssl, struct peer **ret_peer, const char **ret_reason);

/* Until when that certificate is good, microseconds since 1970-01-01 UTC; 0: there is none. */
int64_t tls_peer_end_us(const SSL *ssl);

#endif
