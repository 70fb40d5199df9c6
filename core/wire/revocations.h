/* revocations.h: lists of revoked client certificates.
 *
 * OpenSSL believes a list only while its time has come and is not over, and only of the authority
 * that signed the client; one that it does not believe lets nobody in. So such a list is refused
 * when it is read, and its end is told of before it comes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_REVOCATIONS_H
#define VSL_WIRE_REVOCATIONS_H

#include "base/must_use.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When the lists of a context hold, microseconds since 1970-01-01 UTC; of several the one that ends
 * first. end_us 0: there is none, or it has no end. */
struct revocations {
    int64_t begin_us, end_us;
    int64_t told_us; /* wall clock; 0: never */
    int told_level;  /* how bad it was then */
};

/* Reads the lists of the PEM file into the context, which has its authorities already, and has
 * client certificates looked up in them. -1 with a sentence: it cannot be read, or a list is of
 * none of the authorities, of a time to come, or over, unless it may be. */
MUST_USE int revocations_load(SSL_CTX *tls, const char *file, bool may_be_over,
    struct revocations *ret_revocations, char *ret_error, size_t error_bytes);

/* Whether no authority's list of the context in use was made after all that the fresh one has of
 * it; of an authority without any nobody is let in, so that does no harm. -1 with a sentence. */
MUST_USE int revocations_check_newer(const SSL_CTX *used, const SSL_CTX *fresh, const char *file,
    char *ret_error, size_t error_bytes);

/* Whether the context's lists name the client's certificate. */
bool revocations_name(const SSL_CTX *tls, const SSL *ssl);

/* Tells once in a while for how long the lists still hold: a warning in their last quarter, an
 * error when that is over. */
void revocations_tick(struct revocations *revocations, int64_t wall_us);

#endif
