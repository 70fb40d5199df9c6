/* keys.c: see keys.h.
 *
 * The text is read straight into locked memory, and the secrets are made of it in place: so they
 * are never in a buffer of the C library.
 * SPDX-License-Identifier: Apache-2.0 */
#include "keys/keys.h"

#include "base/check.h"
#include "keys/read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct key_ring {
    uint8_t *locked; /* the text, then only secrets */
    struct ring_key keys[KEYS_MAX];
    size_t count;
    struct adoption adoptions[ADOPTIONS_MAX];
    size_t adoption_count;
};

static const char *const purposes[KEY_PURPOSES] = {
    [KEY_JOURNAL_MAC] = "journal-mac",
    [KEY_ANCHOR_SIGN] = "anchor-sign",
    [KEY_SEAL] = "seal",
};

static const struct {
    enum key_purpose purpose;
    const char *name;
} algorithms[] = {
    {KEY_JOURNAL_MAC, "hmac-sha256"},
    {KEY_ANCHOR_SIGN, "ed25519"},
    {KEY_ANCHOR_SIGN, "sm2"},
    {KEY_SEAL, "aes-256-siv"},
    {KEY_SEAL, "sm4-siv"},
};

const char *key_purpose_name(enum key_purpose purpose)
{
    CHECK(purpose < KEY_PURPOSES);
    return purposes[purpose];
}

bool key_purpose_of(const char *name, enum key_purpose *ret_purpose)
{
    for (size_t i = 0; i < KEY_PURPOSES; i++) {
        if (strcmp(purposes[i], name) == 0) {
            *ret_purpose = (enum key_purpose)i;
            return true;
        }
    }
    return false;
}

static int __attribute__((format(printf, 3, 4)))
refuse(char *ret_error, size_t error_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ret_error, error_bytes, format, arguments);
    va_end(arguments);
    return -1;
}

/* ---- lines ---- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Into the memory of the digits themselves, or elsewhere. */
static bool read_hex(const char *text, uint8_t *ret_bytes, size_t count)
{
    if (strlen(text) != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[i] = (uint8_t)(16 * high + low);
    }
    return true;
}

static bool read_number(const char *text, int64_t max, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *ret_number = number;
    return errno == 0 && end != text && *end == '\0' && number >= 0 && number <= max;
}

static bool takes_algorithm(enum key_purpose purpose, const char *name)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (algorithms[i].purpose == purpose && strcmp(algorithms[i].name, name) == 0)
            return true;
    }
    return false;
}

/* What is wrong with the words of a key's line; NULL: nothing. */
static const char *add_key(struct key_ring *ring, char *words[6])
{
    int64_t number;
    struct ring_key key = {0};
    if (!read_number(words[0], INT32_MAX, &number) || number == 0)
        return "a key's number must be from 1 to 2147483647";
    if (!key_purpose_of(words[1], &key.purpose))
        return "a key's purpose must be journal-mac, anchor-sign or seal";
    if (!takes_algorithm(key.purpose, words[2]))
        return "the algorithm is not one of this purpose";
    if (strcmp(words[3], "active") != 0 && strcmp(words[3], "retired") != 0)
        return "a key's status must be active or retired";
    if (strlen(words[4]) >= sizeof key.created)
        return "a key's time is too long";
    if (ring->count == KEYS_MAX)
        return "there are more than 64 keys";
    if (ring->count > 0 && ring->keys[ring->count - 1].number >= number)
        return "the numbers of keys must grow from line to line";
    key.number = (int32_t)number;
    key.is_active = strcmp(words[3], "active") == 0;
    snprintf(key.algorithm, sizeof key.algorithm, "%s", words[2]);
    snprintf(key.created, sizeof key.created, "%s", words[4]);
    uint8_t *secret = (uint8_t *)words[5];
    if (!read_hex(words[5], secret, KEY_SECRET_BYTES))
        return "a key's secret must be 64 hexadecimal digits";
    /* Half of the digits' memory is left over. */
    explicit_bzero(secret + KEY_SECRET_BYTES, KEY_SECRET_BYTES);
    key.secret = secret;
    ring->keys[ring->count++] = key;
    return NULL;
}

static const char *add_adoption(struct key_ring *ring, char *words[6])
{
    struct adoption adoption = {0};
    if (strlen(words[1]) != sizeof adoption.identity - 1)
        return "the identity of a journal that was adopted must be a UUID";
    if (!read_number(words[2], INT64_MAX, &adoption.batch_number))
        return "the batch of a journal that was adopted must be a number";
    if (!read_hex(words[3], adoption.digest, sizeof adoption.digest))
        return "the digest of a journal that was adopted must be 64 hexadecimal digits";
    if (ring->adoption_count == ADOPTIONS_MAX)
        return "there are more than 64 adoptions";
    snprintf(adoption.identity, sizeof adoption.identity, "%s", words[1]);
    ring->adoptions[ring->adoption_count++] = adoption;
    return NULL;
}

static const char *read_line(struct key_ring *ring, char *line)
{
    char *words[7] = {0};
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, " \t\r", &rest); word && count < 7;
         word = strtok_r(NULL, " \t\r", &rest))
        words[count++] = word;
    if (count == 0 || words[0][0] == '#')
        return NULL;
    if (strcmp(words[0], "adopted") == 0)
        return count == 5 ? add_adoption(ring, words) : "a line of an adoption has five words";
    return count == 6 ? add_key(ring, words) : "a line of a key has six words";
}

static int read_text(struct key_ring *ring, const char *name, char *ret_error, size_t error_bytes)
{
    char *line = (char *)ring->locked;
    int number = 0;
    while (*line != '\0') {
        char *end = strchrnul(line, '\n');
        bool is_last = *end == '\0';
        *end = '\0';
        number++;
        const char *wrong = read_line(ring, line);
        if (wrong)
            return refuse(ret_error, error_bytes, "%s, line %d: %s", name, number, wrong);
        line = is_last ? end : end + 1;
    }
    if (ring->count == 0)
        return refuse(ret_error, error_bytes, "%s has no key: make one by vslctl key new", name);
    return 0;
}

/* ---- public ---- */

struct key_ring *key_ring_open(
    const char *file, const char *command, char *ret_error, size_t error_bytes)
{
    CHECK((file == NULL) != (command == NULL));
    struct key_ring *ring = calloc(1, sizeof *ring);
    CHECK(ring != NULL);
    ring->locked =
        mmap(NULL, KEYS_TEXT_BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(ring->locked != MAP_FAILED);
    int fault = 0;
    if (mlock(ring->locked, KEYS_TEXT_BYTES_MAX) != 0 ||
        madvise(ring->locked, KEYS_TEXT_BYTES_MAX, MADV_DONTDUMP) != 0)
        fault = refuse(ret_error, error_bytes,
            "could not lock memory for the keys: %s; raise LimitMEMLOCK (64 kB are needed)",
            strerror(errno));
    if (fault == 0 && file)
        fault = keys_read_file(file, (char *)ring->locked, ret_error, error_bytes);
    else if (fault == 0)
        fault = keys_read_command(command, (char *)ring->locked, ret_error, error_bytes);
    if (fault == 0)
        fault = read_text(ring, file ? file : "what keys.command printed", ret_error, error_bytes);
    if (fault == 0)
        return ring;
    key_ring_close(ring);
    return NULL;
}

void key_ring_close(struct key_ring *ring)
{
    if (!ring)
        return;
    explicit_bzero(ring->locked, KEYS_TEXT_BYTES_MAX);
    munmap(ring->locked, KEYS_TEXT_BYTES_MAX);
    free(ring);
}

size_t key_ring_count(const struct key_ring *ring)
{
    return ring->count;
}

const struct ring_key *key_ring_at(const struct key_ring *ring, size_t index)
{
    CHECK(index < ring->count);
    return &ring->keys[index];
}

const struct ring_key *key_ring_active(
    const struct key_ring *ring, enum key_purpose purpose, const char *algorithm)
{
    for (size_t i = ring->count; i > 0; i--) {
        const struct ring_key *key = &ring->keys[i - 1];
        if (key->is_active && key->purpose == purpose &&
            (!algorithm || strcmp(key->algorithm, algorithm) == 0))
            return key;
    }
    return NULL;
}

const struct ring_key *key_ring_find(const struct key_ring *ring, int32_t number)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].number == number)
            return &ring->keys[i];
    }
    return NULL;
}

const struct adoption *key_ring_adoption(const struct key_ring *ring, const char *identity)
{
    for (size_t i = ring->adoption_count; i > 0; i--) {
        if (strcmp(ring->adoptions[i - 1].identity, identity) == 0)
            return &ring->adoptions[i - 1];
    }
    return NULL;
}
