/* key.c: vslctl key new, rotate, list, public, adopt: the key ring (core/keys/keys.h).
 *
 * No secret is ever shown. A new key is one more line of the file, which is replaced as a whole: an
 * interrupted run leaves the old ring. Who adds one has the ring for himself from before its number
 * is chosen.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/key.h"
#include "base/check.h"
#include "client/durable_file.h"
#include "text/table.h"
#include "vslctl/database/database.h"
#include "vslctl/database/ring.h"
#include "vslctl/database/sign.h"
#include "vslctl/vslctl.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES_MAX 65536 /* a greater one is not read */

enum { OPTION_PURPOSE = 0x6300, OPTION_ALGORITHM, OPTION_NUMBER, OPTION_DATABASE };

static const struct argp_option new_options[] = {
    {"purpose", OPTION_PURPOSE, "NAME", 0, "journal-mac (the default), anchor-sign or seal", 0},
    {"algorithm", OPTION_ALGORITHM, "NAME", 0,
        "of anchor-sign: ed25519 (the default) or sm2; of seal: aes-256-siv (the default) or "
        "sm4-siv",
        0},
    {0},
};

static const struct argp_option public_options[] = {
    {"number", OPTION_NUMBER, "N", 0, "The key (default: the newest of anchor-sign)", 0},
    {0},
};

struct arguments {
    struct common_options *common;
    struct ring_options ring;
    struct database_options database;
    const char *purpose;
    const char *algorithm;
    int32_t number;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->ring;
        return 0;
    case OPTION_DATABASE:
        given->database.conninfo = argument;
        return 0;
    case OPTION_PURPOSE:
        given->purpose = argument;
        return 0;
    case OPTION_ALGORITHM:
        given->algorithm = argument;
        return 0;
    case OPTION_NUMBER:
        given->number = (int32_t)strtol(argument, NULL, 10);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", argument);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child ring_children[] = {{&ring_argp, 0, NULL, 0}, {0}};
static const struct argp_option list_options[] = {
    {"database", OPTION_DATABASE, "CONNINFO", 0, "Count the ledgers by the keys of their names", 0},
    {0},
};

/* ---- the file ---- */

static int say_not_written(const char *path)
{
    fprintf(stderr, "vslctl: could not write the key ring '%s': %s\n", path, durable_reason(errno));
    return -1;
}

/* Takes the ring for this process alone: from now on nobody else adds to it. */
static int begin_ring(struct durable_file *file, const char *path)
{
    if (durable_begin(file, path, 0600) != 0)
        return say_not_written(path);
    /* No copy of a secret stays in a buffer. */
    setvbuf(file->stream, NULL, _IONBF, 0);
    return 0;
}

/* The old ring and the line in its place. Ends the file in any case. */
static int finish_ring(struct durable_file *file, const char *line)
{
    char *text =
        mmap(NULL, 2 * RING_BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(text != MAP_FAILED);
    size_t length = 0;
    int in = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool is_fine = in >= 0 || errno == ENOENT;
    while (in >= 0 && is_fine && length < RING_BYTES_MAX) {
        ssize_t taken = read(in, text + length, RING_BYTES_MAX - length);
        if (taken == 0)
            break;
        is_fine = taken > 0 || errno == EINTR;
        length += taken > 0 ? (size_t)taken : 0;
    }
    if (is_fine && length + strlen(line) + 2 >= RING_BYTES_MAX) {
        errno = EFBIG;
        is_fine = false;
    }
    if (is_fine && length > 0 && text[length - 1] != '\n')
        text[length++] = '\n';
    length += (size_t)snprintf(text + length, RING_BYTES_MAX, "%s\n", line);
    is_fine = is_fine && fwrite(text, 1, length, file->stream) == length;
    if (!is_fine || durable_commit(file) != 0)
        is_fine = say_not_written(file->path) == 0;
    if (in >= 0)
        close(in);
    durable_abandon(file);
    explicit_bzero(text, 2 * RING_BYTES_MAX);
    munmap(text, 2 * RING_BYTES_MAX);
    return is_fine ? 0 : -1;
}

int key_append_line(const char *path, const char *line)
{
    struct durable_file file;
    return begin_ring(&file, path) == 0 ? finish_ring(&file, line) : -1;
}

void key_time_now(char ret_text[32])
{
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
}

/* The number behind the greatest of the ring; -1 when the file is there and is no ring. */
static int32_t next_number(const char *path)
{
    char error[512];
    int32_t number = 1;
    if (access(path, F_OK) != 0)
        return 1;
    struct key_ring *ring = key_ring_open(path, NULL, error, sizeof error);
    if (!ring) {
        fprintf(stderr, "vslctl: %s\n", error);
        return -1;
    }
    for (size_t i = 0; i < key_ring_count(ring); i++)
        number = key_ring_at(ring, i)->number >= number ? key_ring_at(ring, i)->number + 1 : number;
    key_ring_close(ring);
    return number;
}

/* Makes a key and adds it to the ring; the exit status. */
static int add_key(const char *path, const char *purpose, const char *algorithm)
{
    struct durable_file file;
    if (begin_ring(&file, path) != 0)
        return EXIT_TRANSPORT;
    int32_t number = next_number(path);
    if (number < 0) {
        durable_abandon(&file);
        return EXIT_USAGE;
    }
    uint8_t secret[KEY_SECRET_BYTES];
    char line[256];
    char now[32];
    key_time_now(now);
    sign_new_secret(algorithm, secret);
    int length =
        snprintf(line, sizeof line, "%d %s %s active %s ", number, purpose, algorithm, now);
    for (size_t i = 0; i < sizeof secret; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, "%02x", secret[i]);
    int fault = finish_ring(&file, line);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(line, sizeof line);
    if (fault == 0)
        printf("key %d: %s, %s, in %s\n", number, purpose, algorithm, path);
    return fault == 0 ? EXIT_ACCEPTED : EXIT_TRANSPORT;
}

int run_key_new(struct common_options *common, int count, char **arguments)
{
    static const struct argp argp = {.options = new_options,
        .parser = parse,
        .children = ring_children,
        .doc = "Make a key and add it to the ring, which is made when there is none. The newest "
               "active key of a purpose makes what is new; the older ones prove what is old, so "
               "they stay in the ring. vsld reads the ring when it starts; at a reload (SIGHUP) it "
               "takes the keys that seal personal data anew. Keep a copy of the ring elsewhere: "
               "without it a journal that was made with it is not believed, and what it sealed "
               "is not seen again.\v"
               "Examples:\n"
               "  vslctl key new --keys /etc/vsl/keys/ring\n"
               "  vslctl key new --keys /etc/vsl/keys/ring --purpose seal --algorithm sm4-siv\n"
               "  vslctl key new --keys /etc/vsl/keys/anchor --purpose anchor-sign\n"};
    struct arguments given = {.common = common, .purpose = "journal-mac"};
    parse_arguments(&argp, "vslctl key new", count, arguments, &given);
    enum key_purpose purpose;
    if (!given.ring.file || !key_purpose_of(given.purpose, &purpose)) {
        fprintf(stderr, given.ring.file ? "vslctl: --purpose must be journal-mac, anchor-sign or "
                                          "seal\n"
                                        : "vslctl: --keys FILE is required\n");
        return EXIT_USAGE;
    }
    /* The usual one first. */
    static const char *const algorithms[][2] = {[KEY_JOURNAL_MAC] = {"hmac-sha256", "hmac-sha256"},
        [KEY_ANCHOR_SIGN] = {"ed25519", "sm2"},
        [KEY_SEAL] = {"aes-256-siv", "sm4-siv"}};
    const char *usual = algorithms[purpose][0];
    const char *other = algorithms[purpose][1];
    const char *algorithm = given.algorithm ? given.algorithm : usual;
    if (strcmp(algorithm, usual) != 0 && strcmp(algorithm, other) != 0) {
        fprintf(stderr, "vslctl: --algorithm of %s must be %s%s%s\n", given.purpose, usual,
            strcmp(usual, other) == 0 ? "" : " or ", strcmp(usual, other) == 0 ? "" : other);
        return EXIT_USAGE;
    }
    return add_key(given.ring.file, given.purpose, algorithm);
}

int run_key_rotate(struct common_options *common, int count, char **arguments)
{
    static const struct argp argp = {.parser = parse,
        .children = ring_children,
        .doc =
            "Make a newer key that seals personal data, of the algorithm of the present one. Then "
            "reload vsld (SIGHUP): what comes is sealed by the newer key, a ledger's own names "
            "with its next day cut. The older keys stay in the ring, for the journal is never "
            "rewritten.\v"
            "Examples:\n"
            "  vslctl key rotate --keys /etc/vsl/keys/ring\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl key rotate", count, arguments, &given);
    if (!given.ring.file) {
        fprintf(stderr, "vslctl: --keys FILE is required\n");
        return EXIT_USAGE;
    }
    struct key_ring *ring = ring_open(&given.ring);
    if (!ring)
        return EXIT_USAGE;
    char algorithm[KEY_WORD_BYTES] = "";
    const struct ring_key *present = key_ring_active(ring, KEY_SEAL, NULL);
    if (present)
        snprintf(algorithm, sizeof algorithm, "%s", present->algorithm);
    key_ring_close(ring);
    if (algorithm[0] == '\0') {
        fprintf(stderr,
            "vslctl: no key of %s seals yet: make one by vslctl key new --keys %s "
            "--purpose seal\n",
            given.ring.file, given.ring.file);
        return EXIT_USAGE;
    }
    return add_key(given.ring.file, "seal", algorithm);
}

/* By key of the ring: ledgers whose own names it seals; behind them those whose names stand in
 * clear. NULL: they could not be asked for, which has been said. */
static PGresult *ask_ledgers(const struct database_options *database)
{
    PGconn *connection = database_connect(database);
    if (!connection)
        return NULL;
    PGresult *result = database_run(connection,
        "select vsl.sealed_key(platform_name), count(*) from vsl.ledger group by 1",
        PGRES_TUPLES_OK, "count the ledgers by their keys");
    PQfinish(connection);
    return result;
}

static const char *count_of(const PGresult *ledgers, int32_t key)
{
    for (int row = 0; row < PQntuples(ledgers); row++) {
        if (atoi(PQgetvalue(ledgers, row, 0)) == key)
            return PQgetvalue(ledgers, row, 1);
    }
    return "0";
}

int run_key_list(struct common_options *common, int count, char **arguments)
{
    static const struct argp argp = {.options = list_options,
        .parser = parse,
        .children = ring_children,
        .doc = "List the keys of the ring, without their secrets. With --database also how many "
               "ledgers' own names each key seals, as the state tables have it.\v"
               "Examples:\n"
               "  vslctl key list --keys /etc/vsl/keys/ring\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl key list", count, arguments, &given);
    struct key_ring *ring = ring_open(&given.ring);
    PGresult *ledgers = NULL;
    if (!ring)
        return EXIT_USAGE;
    if (given.database.conninfo && !(ledgers = ask_ledgers(&given.database))) {
        key_ring_close(ring);
        return EXIT_TRANSPORT;
    }
    struct table table;
    table_begin(&table);
    table_column(&table, "number", TABLE_LEFT);
    table_column(&table, "purpose", TABLE_LEFT);
    table_column(&table, "algorithm", TABLE_LEFT);
    table_column(&table, "status", TABLE_LEFT);
    table_column(&table, "created", TABLE_LEFT);
    if (ledgers)
        table_column(&table, "ledgers", TABLE_LEFT);
    for (size_t i = 0; i < key_ring_count(ring); i++) {
        const struct ring_key *key = key_ring_at(ring, i);
        table_cell(&table, "%d", key->number);
        table_cell(&table, "%s", key_purpose_name(key->purpose));
        table_cell(&table, "%s", key->algorithm);
        table_cell(&table, "%s", key->is_active ? "active" : "retired");
        table_cell(&table, "%s", key->created);
        if (ledgers)
            table_cell(
                &table, "%s", key->purpose == KEY_SEAL ? count_of(ledgers, key->number) : "");
    }
    table_print(&table, stdout, true);
    if (ledgers && strcmp(count_of(ledgers, 0), "0") != 0)
        printf(
            "in clear: the names of %s ledgers, until their next day cut\n", count_of(ledgers, 0));
    PQclear(ledgers);
    table_finish(&table);
    key_ring_close(ring);
    return EXIT_ACCEPTED;
}

int run_key_public(struct common_options *common, int count, char **arguments)
{
    static const struct argp argp = {.options = public_options,
        .parser = parse,
        .children = ring_children,
        .doc = "Print the public key by which anchors are verified, in PEM: for whoever verifies.\v"
               "Examples:\n"
               "  vslctl key public --keys /etc/vsl/keys/anchor >anchor.pem\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl key public", count, arguments, &given);
    struct key_ring *ring = ring_open(&given.ring);
    if (!ring)
        return EXIT_USAGE;
    const struct ring_key *key = given.number != 0 ? key_ring_find(ring, given.number)
                                                   : key_ring_active(ring, KEY_ANCHOR_SIGN, NULL);
    EVP_PKEY *signer = key ? sign_key_open(key) : NULL;
    if (signer)
        PEM_write_PUBKEY(stdout, signer);
    else
        fprintf(stderr, "vslctl: the key ring has no such key for anchor-sign\n");
    EVP_PKEY_free(signer);
    key_ring_close(ring);
    return signer ? EXIT_ACCEPTED : EXIT_USAGE;
}
