/* sign.h: signatures of anchors, by keys of the ring: Ed25519, or SM2 with SM3.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_SIGN_H
#define VSL_TOOLS_VSLCTL_DATABASE_SIGN_H

#include "keys/keys.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#define SIGNATURE_BYTES_MAX 128

/* The key as OpenSSL has it; NULL: the secret is none of this algorithm. */
EVP_PKEY *sign_key_open(const struct ring_key *key);

/* The public key of a PEM file; NULL with a message. */
EVP_PKEY *sign_public_open(const char *path);

/* Fills `ret_secret` with a new secret of the algorithm. */
void sign_new_secret(const char *algorithm, uint8_t ret_secret[KEY_SECRET_BYTES]);

/* Signs the text; gives the signature's length. */
size_t sign_make(
    EVP_PKEY *key, const char *text, size_t length, uint8_t ret_signature[SIGNATURE_BYTES_MAX]);
bool sign_is(EVP_PKEY *key, const char *text, size_t length, const uint8_t *signature,
    size_t signature_length);
/* The same of a signature in base64 of so many letters; what is none is wrong. */
bool sign_is_base64(
    EVP_PKEY *key, const char *text, size_t length, const char *base64, size_t base64_length);

#endif
