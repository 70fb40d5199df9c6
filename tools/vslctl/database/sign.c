/* sign.c: see sign.h.
 *
 * SM2 by GB/T 32918.2 with the usual identity of the signer, 1234567812345678 (GM/T 0009).
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/sign.h"

#include "base/check.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define SM2_IDENTITY "1234567812345678"

/* The point that belongs to the secret, and both as a key. */
static EVP_PKEY *open_sm2(const uint8_t *secret)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BIGNUM *number = BN_secure_new();
    EC_POINT *point = EC_POINT_new(group);
    OSSL_PARAM_BLD *built = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    uint8_t public[65];
    EVP_PKEY *key = NULL;
    CHECK(group && number && point && built && context);
    CHECK(BN_bin2bn(secret, KEY_SECRET_BYTES, number) != NULL);
    bool is_secret = !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0;
    if (is_secret) {
        CHECK(EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1);
        CHECK(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public, sizeof public,
                  NULL) == sizeof public);
        CHECK(OSSL_PARAM_BLD_push_utf8_string(built, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) == 1);
        CHECK(OSSL_PARAM_BLD_push_octet_string(
                  built, OSSL_PKEY_PARAM_PUB_KEY, public, sizeof public) == 1);
        CHECK(OSSL_PARAM_BLD_push_BN(built, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1);
        OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(built);
        CHECK(parameters != NULL);
        CHECK(EVP_PKEY_fromdata_init(context) == 1);
        CHECK(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
        OSSL_PARAM_free(parameters);
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_BLD_free(built);
    EC_POINT_free(point);
    BN_clear_free(number);
    EC_GROUP_free(group);
    return key;
}

EVP_PKEY *sign_key_open(const struct ring_key *key)
{
    if (strcmp(key->algorithm, "sm2") == 0)
        return open_sm2(key->secret);
    if (strcmp(key->algorithm, "ed25519") == 0)
        return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->secret, KEY_SECRET_BYTES);
    return NULL;
}

EVP_PKEY *sign_public_open(const char *path)
{
    FILE *in = fopen(path, "re");
    if (!in) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", path, strerror(errno));
        return NULL;
    }
    EVP_PKEY *key = PEM_read_PUBKEY(in, NULL, NULL, NULL);
    fclose(in);
    if (!key)
        fprintf(stderr, "vslctl: '%s' is no public key in PEM\n", path);
    return key;
}

void sign_new_secret(const char *algorithm, uint8_t ret_secret[KEY_SECRET_BYTES])
{
    EVP_PKEY *key = NULL;
    do {
        EVP_PKEY_free(key);
        CHECK(RAND_priv_bytes(ret_secret, KEY_SECRET_BYTES) == 1);
        key = strcmp(algorithm, "sm2") == 0 ? open_sm2(ret_secret) : NULL;
    } while (!key && strcmp(algorithm, "sm2") == 0);
    EVP_PKEY_free(key);
}

static EVP_MD_CTX *begin(EVP_PKEY *key, const EVP_MD **ret_digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *of_key = EVP_PKEY_CTX_new(key, NULL);
    CHECK(context && of_key);
    bool is_sm2 = EVP_PKEY_is_a(key, "SM2");
    if (is_sm2)
        CHECK(EVP_PKEY_CTX_set1_id(of_key, SM2_IDENTITY, sizeof SM2_IDENTITY - 1) == 1);
    EVP_MD_CTX_set_pkey_ctx(context, of_key);
    *ret_digest = is_sm2 ? EVP_sm3() : NULL;
    return context;
}

static void finish(EVP_MD_CTX *context)
{
    EVP_PKEY_CTX *of_key = EVP_MD_CTX_get_pkey_ctx(context);
    EVP_MD_CTX_set_pkey_ctx(context, NULL);
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(of_key);
}

size_t sign_make(
    EVP_PKEY *key, const char *text, size_t length, uint8_t ret_signature[SIGNATURE_BYTES_MAX])
{
    const EVP_MD *digest;
    size_t made = SIGNATURE_BYTES_MAX;
    EVP_MD_CTX *context = begin(key, &digest);
    CHECK(EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1);
    CHECK(EVP_DigestSign(context, ret_signature, &made, (const uint8_t *)text, length) == 1);
    finish(context);
    return made;
}

bool sign_is(EVP_PKEY *key, const char *text, size_t length, const uint8_t *signature,
    size_t signature_length)
{
    const EVP_MD *digest;
    EVP_MD_CTX *context = begin(key, &digest);
    bool is_right =
        EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
        EVP_DigestVerify(context, signature, signature_length, (const uint8_t *)text, length) == 1;
    finish(context);
    return is_right;
}

bool sign_is_base64(
    EVP_PKEY *key, const char *text, size_t length, const char *base64, size_t base64_length)
{
    uint8_t signature[SIGNATURE_BYTES_MAX + 8];
    if (base64_length == 0 || base64_length % 4 != 0 ||
        base64_length > SIGNATURE_BYTES_MAX * 4 / 3 + 4)
        return false;
    int made = EVP_DecodeBlock(signature, (const uint8_t *)base64, (int)base64_length);
    if (made < 0)
        return false;
    made -= base64[base64_length - 1] == '=' ? 1 : 0;
    made -= base64[base64_length - 2] == '=' ? 1 : 0;
    return sign_is(key, text, length, signature, (size_t)made);
}
