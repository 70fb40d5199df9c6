/* seal.c: see seal.h.
 *
 * The ring's secret is not the key of the cipher: SIV takes two keys, whose length the cipher says.
 * They are made of it by the counter mode of NIST SP 800-108 with HMAC-SHA-256, whose label is
 * "vsl seal" and whose context is the algorithm's name. libgcrypt keeps them in locked memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "keys/seal.h"

#include "base/check.h"
#include "keys/read.h"

#include <assert.h>
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK '\x01'
#define VERSION 1
#define SIV_BYTES 16
#define DERIVED_BYTES_MAX 64
#define RAW_BYTES_MAX (SEAL_HEAD_BYTES + SEAL_PLAIN_BYTES_MAX)
#define LOCKED_BYTES 65536

struct algorithm {
    uint8_t number;
    const char *name;
    int cipher;
    size_t key_bytes; /* both keys */
};

static const struct algorithm algorithms[] = {
    {1, "aes-256-siv", GCRY_CIPHER_AES256, 64},
    {2, "sm4-siv", GCRY_CIPHER_SM4, 32},
};

struct seal_key {
    int32_t number;
    const struct algorithm *algorithm;
    gcry_cipher_hd_t cipher;
};

struct sealer {
    uint32_t count;
    int32_t active; /* number; 0: none */
    struct seal_key keys[KEYS_MAX];
};

/* ---- base64 ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint32_t put_base64(const uint8_t *bytes, size_t count, char *ret_text)
{
    uint32_t length = 0;
    for (size_t i = 0; i < count; i += 3) {
        size_t left = count - i < 3 ? count - i : 3;
        uint32_t group = 0;
        for (size_t n = 0; n < 3; n++)
            group = group << 8 | (n < left ? bytes[i + n] : 0u);
        for (size_t n = 0; n <= left; n++)
            ret_text[length++] = digits[group >> (18 - 6 * n) & 63];
    }
    return length;
}

/* -1: it is none; the one spelling of each value counts only. */
static ssize_t take_base64(const char *text, size_t length, uint8_t *ret_bytes)
{
    static int8_t values[256];
    static bool is_ready;
    if (!is_ready) {
        memset(values, -1, sizeof values);
        for (int i = 0; i < 64; i++)
            values[(uint8_t)digits[i]] = (int8_t)i;
        is_ready = true;
    }
    uint32_t group = 0;
    int bits = 0;
    ssize_t count = 0;
    for (size_t i = 0; i < length; i++) {
        int value = values[(uint8_t)text[i]];
        if (value < 0)
            return -1;
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            ret_bytes[count++] = (uint8_t)(group >> bits);
        }
    }
    bool is_whole = bits < 6 && (group & ((1u << bits) - 1)) == 0;
    return is_whole ? count : -1;
}

/* ---- keys ---- */

void keys_prepare_library(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
        return;
    const char *version = gcry_check_version("1.10.0");
    CHECK(version != NULL);
    gcry_error_t rc = gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
    CHECK(rc == 0);
    rc = gcry_control(GCRYCTL_INIT_SECMEM, LOCKED_BYTES, 0);
    CHECK(rc == 0);
    rc = gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    CHECK(rc == 0);
}

static gcry_error_t derive(
    const struct algorithm *algorithm, const uint8_t *secret, uint8_t ret_bytes[DERIVED_BYTES_MAX])
{
    static const char label[] = "vsl seal";
    gcry_md_hd_t mac;
    gcry_error_t rc = gcry_md_open(&mac, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC | GCRY_MD_FLAG_SECURE);
    if (rc != 0)
        return rc;
    uint8_t bits[4] = {
        0, 0, (uint8_t)(algorithm->key_bytes * 8 >> 8), (uint8_t)(algorithm->key_bytes * 8)};
    for (uint8_t i = 0; rc == 0 && i * 32u < algorithm->key_bytes; i++) {
        uint8_t counter[4] = {0, 0, 0, (uint8_t)(i + 1)};
        gcry_md_reset(mac);
        rc = gcry_md_setkey(mac, secret, KEY_SECRET_BYTES);
        gcry_md_write(mac, counter, sizeof counter);
        gcry_md_write(mac, label, sizeof label); /* with the NUL between label and context */
        gcry_md_write(mac, algorithm->name, strlen(algorithm->name));
        gcry_md_write(mac, bits, sizeof bits);
        memcpy(ret_bytes + i * 32u, gcry_md_read(mac, GCRY_MD_SHA256), 32);
    }
    gcry_md_close(mac);
    return rc;
}

static gcry_error_t open_key(struct seal_key *key, const uint8_t *secret)
{
    uint8_t derived[DERIVED_BYTES_MAX];
    gcry_error_t rc = gcry_cipher_open(
        &key->cipher, key->algorithm->cipher, GCRY_CIPHER_MODE_SIV, GCRY_CIPHER_SECURE);
    if (rc == 0)
        rc = derive(key->algorithm, secret, derived);
    if (rc == 0)
        rc = gcry_cipher_setkey(key->cipher, derived, key->algorithm->key_bytes);
    explicit_bzero(derived, sizeof derived);
    return rc;
}

struct sealer *sealer_create(const struct key_ring *ring, char *ret_error, size_t error_bytes)
{
    keys_prepare_library();
    struct sealer *sealer = calloc(1, sizeof *sealer);
    CHECK(sealer != NULL);
    for (size_t i = 0; i < key_ring_count(ring); i++) {
        const struct ring_key *from = key_ring_at(ring, i);
        if (from->purpose != KEY_SEAL)
            continue;
        struct seal_key *key = &sealer->keys[sealer->count];
        key->number = from->number;
        for (size_t n = 0; n < sizeof algorithms / sizeof *algorithms; n++) {
            if (strcmp(algorithms[n].name, from->algorithm) == 0)
                key->algorithm = &algorithms[n];
        }
        CHECK(key->algorithm != NULL);
        sealer->count++;
        gcry_error_t rc = open_key(key, from->secret);
        if (rc != 0) {
            snprintf(ret_error, error_bytes, "key %d of the ring cannot be used to seal: %s",
                from->number, gcry_strerror(rc));
            sealer_destroy(sealer);
            return NULL;
        }
    }
    const struct ring_key *active = key_ring_active(ring, KEY_SEAL, NULL);
    sealer->active = active ? active->number : 0;
    return sealer;
}

void sealer_destroy(struct sealer *sealer)
{
    for (uint32_t i = 0; sealer && i < sealer->count; i++)
        gcry_cipher_close(sealer->keys[i].cipher);
    free(sealer);
}

int32_t sealer_key(const struct sealer *sealer)
{
    return sealer ? sealer->active : 0;
}

uint32_t sealer_key_count(const struct sealer *sealer)
{
    return sealer ? sealer->count : 0;
}

int32_t sealer_key_at(const struct sealer *sealer, uint32_t index)
{
    CHECK(index < sealer_key_count(sealer));
    return sealer->keys[index].number;
}

bool sealer_has_key(const struct sealer *sealer, int32_t number)
{
    for (uint32_t i = 0; i < sealer_key_count(sealer); i++) {
        if (sealer->keys[i].number == number)
            return true;
    }
    return false;
}

static struct seal_key *find_key(struct sealer *sealer, int32_t number)
{
    for (uint32_t i = 0; sealer && i < sealer->count; i++) {
        if (sealer->keys[i].number == number)
            return &sealer->keys[i];
    }
    return NULL;
}

/* ---- values ---- */

/* The cipher begins anew, for a value of that kind and ledger. */
static void begin(struct seal_key *key, uint8_t kind, int64_t ledger_id)
{
    uint8_t about[9] = {kind};
    for (int i = 0; i < 8; i++)
        about[1 + i] = (uint8_t)((uint64_t)ledger_id >> (56 - 8 * i));
    gcry_error_t rc = gcry_cipher_reset(key->cipher);
    CHECK(rc == 0);
    rc = gcry_cipher_authenticate(key->cipher, about, sizeof about);
    CHECK(rc == 0);
}

uint32_t sealer_seal(struct sealer *sealer, int32_t number, uint8_t kind, int64_t ledger_id,
    struct text plain, char *ret_sealed)
{
    uint8_t raw[RAW_BYTES_MAX];
    struct seal_key *key = find_key(sealer, number);
    CHECK(key != NULL);
    CHECK(plain.length <= SEAL_PLAIN_BYTES_MAX);
    if (plain.length == 0)
        return 0;
    raw[0] = VERSION;
    raw[1] = key->algorithm->number;
    for (int i = 0; i < 4; i++)
        raw[2 + i] = (uint8_t)((uint32_t)key->number >> (24 - 8 * i));
    begin(key, kind, ledger_id);
    gcry_error_t rc = gcry_cipher_encrypt(
        key->cipher, raw + SEAL_HEAD_BYTES, plain.length, plain.bytes, plain.length);
    CHECK(rc == 0);
    rc = gcry_cipher_gettag(key->cipher, raw + SEAL_HEAD_BYTES - SIV_BYTES, SIV_BYTES);
    CHECK(rc == 0);
    ret_sealed[0] = MARK;
    return 1 + put_base64(raw, SEAL_HEAD_BYTES + plain.length, ret_sealed + 1);
}

/* The bytes of a sealed value; 0: it is none. */
static size_t take_raw(struct text value, uint8_t ret_raw[RAW_BYTES_MAX + 3])
{
    if (value.length < 2 || value.bytes[0] != MARK ||
        value.length > SEALED_BYTES(SEAL_PLAIN_BYTES_MAX))
        return 0;
    ssize_t count = take_base64(value.bytes + 1, value.length - 1, ret_raw);
    bool is_sealed = count > SEAL_HEAD_BYTES && count <= RAW_BYTES_MAX && ret_raw[0] == VERSION;
    return is_sealed ? (size_t)count : 0;
}

static int32_t number_of(const uint8_t *raw)
{
    return (
        int32_t)((uint32_t)raw[2] << 24 | (uint32_t)raw[3] << 16 | (uint32_t)raw[4] << 8 | raw[5]);
}

int32_t sealed_key(struct text value)
{
    uint8_t raw[RAW_BYTES_MAX + 3];
    return take_raw(value, raw) == 0 ? 0 : number_of(raw);
}

enum opening sealer_open(struct sealer *sealer, uint8_t kind, int64_t ledger_id, struct text value,
    char *ret_plain, uint32_t *ret_length)
{
    uint8_t raw[RAW_BYTES_MAX + 3];
    size_t count = take_raw(value, raw);
    *ret_length = 0;
    if (count == 0) {
        if (value.length > 0)
            memmove(ret_plain, value.bytes, value.length);
        *ret_length = value.length;
        return OPENING_CLEAR;
    }
    struct seal_key *key = find_key(sealer, number_of(raw));
    if (!key)
        return OPENING_NO_KEY;
    if (raw[1] != key->algorithm->number)
        return OPENING_DAMAGED;
    size_t length = count - SEAL_HEAD_BYTES;
    begin(key, kind, ledger_id);
    gcry_error_t rc =
        gcry_cipher_set_decryption_tag(key->cipher, raw + SEAL_HEAD_BYTES - SIV_BYTES, SIV_BYTES);
    CHECK(rc == 0);
    rc = gcry_cipher_decrypt(key->cipher, ret_plain, length, raw + SEAL_HEAD_BYTES, length);
    if (rc != 0) {
        explicit_bzero(ret_plain, length);
        return OPENING_DAMAGED;
    }
    *ret_length = (uint32_t)length;
    return OPENING_DONE;
}

/* ---- fingerprints ---- */

static_assert(FINGERPRINTS_MAX == KEYS_MAX + 1, "one for each key of a ring, and one in clear");
static_assert(FINGERPRINT_BYTES == SIV_BYTES, "that of a sealed value is its SIV");

/* What is hashed is "vsl fingerprint 1", a NUL, kind and ledger as in begin(), and the value. */
static struct fingerprint clear_fingerprint(uint8_t kind, int64_t ledger_id, struct text plain)
{
    static const char label[] = "vsl fingerprint 1";
    uint8_t bytes[sizeof label + 9 + SEAL_PLAIN_BYTES_MAX];
    uint8_t digest[32];
    struct fingerprint result = {.key = 0};
    CHECK(plain.length <= SEAL_PLAIN_BYTES_MAX);
    CHECK(gcry_md_get_algo_dlen(GCRY_MD_SHA256) == sizeof digest);
    memcpy(bytes, label, sizeof label);
    bytes[sizeof label] = kind;
    for (uint32_t i = 0; i < 8; i++)
        bytes[sizeof label + 1 + i] = (uint8_t)((uint64_t)ledger_id >> (56 - 8 * i));
    memcpy(bytes + sizeof label + 9, plain.bytes, plain.length);
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, bytes, sizeof label + 9 + plain.length);
    memcpy(result.bytes, digest, sizeof result.bytes);
    explicit_bzero(bytes, sizeof bytes);
    return result;
}

struct fingerprint value_fingerprint(uint8_t kind, int64_t ledger_id, struct text value)
{
    uint8_t raw[RAW_BYTES_MAX + 3];
    if (value.length == 0)
        return (struct fingerprint){.key = 0};
    if (take_raw(value, raw) == 0)
        return clear_fingerprint(kind, ledger_id, value);
    struct fingerprint result = {.key = number_of(raw)};
    memcpy(result.bytes, raw + SEAL_HEAD_BYTES - SIV_BYTES, sizeof result.bytes);
    return result;
}

uint32_t sealer_fingerprints(struct sealer *sealer, uint8_t kind, int64_t ledger_id,
    struct text value, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX])
{
    char opened[SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)], sealed[SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)];
    uint32_t length;
    CHECK(value.length <= sizeof opened);
    if (value.length == 0)
        return 0;
    ret_fingerprints[0] = value_fingerprint(kind, ledger_id, value);
    uint32_t count = 1;
    enum opening end = sealer_open(sealer, kind, ledger_id, value, opened, &length);
    struct text plain = {opened, length};
    if (end != OPENING_CLEAR && end != OPENING_DONE)
        return count;
    for (uint32_t i = 0; i < sealer_key_count(sealer); i++) {
        int32_t key = sealer_key_at(sealer, i);
        if (end == OPENING_DONE && key == ret_fingerprints[0].key)
            continue;
        struct text again = {sealed, sealer_seal(sealer, key, kind, ledger_id, plain, sealed)};
        ret_fingerprints[count++] = value_fingerprint(kind, ledger_id, again);
    }
    if (end == OPENING_DONE)
        ret_fingerprints[count++] = clear_fingerprint(kind, ledger_id, plain);
    explicit_bzero(opened, sizeof opened);
    return count;
}
