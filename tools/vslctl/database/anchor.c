/* anchor.c: vslctl anchor: signs the last durable batch.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/anchor.h"

#include "base/check.h"
#include "client/durable_file.h"
#include "client/terminal.h"
#include "journal/proof.h"
#include "vslctl/database/database.h"
#include "vslctl/database/ring.h"
#include "vslctl/database/sign.h"
#include "vslctl/vslctl.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANCHOR_BYTES_MAX 2048
#define ANCHOR_NAME "anchor-"
#define SIGNATURE_WORD "signature "

enum { OPTION_FOLDER = 0x6100, OPTION_ALGORITHM };

static const struct argp_option options[] = {
    {"folder", OPTION_FOLDER, "DIR", 0,
        "Write to the file anchor-BATCH-LIFE-keyN in this folder, where it is not there yet "
        "(default: "
        "to standard output)",
        0},
    {"algorithm", OPTION_ALGORITHM, "NAME", 0,
        "Sign by the key of this algorithm, ed25519 or sm2 (default: by the newest key)", 0},
    {0},
};

struct arguments {
    struct common_options *common;
    struct database_options database;
    struct ring_options ring;
    const char *folder;
    const char *algorithm;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->database;
        state->child_inputs[1] = &given->ring;
        return 0;
    case OPTION_FOLDER:
        given->folder = argument;
        return 0;
    case OPTION_ALGORITHM:
        given->algorithm = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- reading ---- */

/* The rest of the line that begins with the word; NULL: there is none. */
static const char *value_of(const char *text, const char *word)
{
    const char *line = text;
    size_t length = strlen(word);
    while (line && *line != '\0') {
        if (strncmp(line, word, length) == 0)
            return line + length;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return NULL;
}

static bool read_fields(const char *text, struct anchor *anchor)
{
    const char *journal = value_of(text, "journal ");
    const char *batch = value_of(text, "batch ");
    const char *digest = value_of(text, "digest ");
    const char *key = value_of(text, "key ");
    if (strncmp(text, "vsl anchor 1\n", 13) != 0 || !journal || !batch || !digest || !key ||
        strcspn(journal, "\n") != 36 || strcspn(digest, "\n") != 64)
        return false;
    snprintf(anchor->journal, sizeof anchor->journal, "%.36s", journal);
    anchor->batch_number = strtoll(batch, NULL, 10);
    anchor->key_number = (int)strtol(key, NULL, 10);
    for (size_t i = 0; i < 32; i++) {
        unsigned byte;
        if (sscanf(digest + 2 * i, "%2x", &byte) != 1)
            return false;
        anchor->digest[i] = (uint8_t)byte;
    }
    return anchor->batch_number > 0;
}

static bool has_signature(const char *text, EVP_PKEY *key)
{
    const char *line = strstr(text, "\n" SIGNATURE_WORD);
    if (!line)
        return false;
    size_t signed_bytes = (size_t)(line - text) + 1;
    const char *base64 = line + sizeof SIGNATURE_WORD;
    size_t length = strcspn(base64, "\n");
    return base64[length] == '\n' && base64[length + 1] == '\0' &&
           sign_is_base64(key, text, signed_bytes, base64, length);
}

int anchor_read(const char *path, EVP_PKEY *key, struct anchor *ret_anchor)
{
    char text[ANCHOR_BYTES_MAX];
    FILE *in = fopen(path, "re");
    if (!in) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", path, strerror(errno));
        return -1;
    }
    size_t length = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[length] = '\0';
    ret_anchor->path = path;
    if (strlen(text) != length || !read_fields(text, ret_anchor)) {
        fprintf(stderr, "vslctl: '%s' is no anchor\n", path);
        return -1;
    }
    if (has_signature(text, key))
        return 0;
    fprintf(stderr,
        "vslctl: '%s' has a wrong signature: it was changed, or signed by another key\n", path);
    return -1;
}

/* ---- writing ---- */

/* Whether the text, up to when it was signed, is that of the file, which this key has signed. */
static bool is_same(const char *path, const char *text, EVP_PKEY *key)
{
    char there[ANCHOR_BYTES_MAX];
    size_t length = 0;
    FILE *in = fopen(path, "re");
    const char *end = strstr(text, "\nsigned-at ");
    CHECK(end != NULL);
    if (in) {
        length = fread(there, 1, sizeof there - 1, in);
        fclose(in);
    }
    there[length] = '\0';
    return strlen(there) == length && strncmp(there, text, (size_t)(end - text) + 1) == 0 &&
           has_signature(there, key);
}

/* A name has one anchor for ever: its batch, life and key are in it. */
static int write_file(const char *folder, const char *name, const char *text, EVP_PKEY *key)
{
    char path[PATH_MAX];
    struct durable_file file;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    bool is_named = length > 0 && (size_t)length < sizeof path;
    errno = ENAMETOOLONG;
    if (!is_named || durable_begin(&file, path, 0666) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", path, durable_reason(errno));
        return EXIT_TRANSPORT;
    }
    int status = EXIT_ACCEPTED;
    struct stat about;
    if (lstat(path, &about) == 0 && !is_same(path, text, key)) {
        fprintf(stderr,
            "vslctl: '%s' is there already and is another anchor, or was changed: it is left as it "
            "is, and nothing was signed. Find out by vslctl verify --anchor whether the journal "
            "was rewritten; then give another --folder\n",
            path);
        status = EXIT_REFUSED;
    } else if (access(path, F_OK) != 0) {
        fputs(text, file.stream); /* what fails is told by the commit */
        if (durable_commit(&file) != 0) {
            fprintf(stderr, "vslctl: could not write '%s': %s\n", path, durable_reason(errno));
            status = EXIT_TRANSPORT;
        }
    }
    durable_abandon(&file);
    if (status == EXIT_ACCEPTED)
        printf("%s\n", path);
    return status;
}

/* The last batch as the database shows it: identity, life, batch, sequence, digest, time, code. */
static PGresult *ask(PGconn *connection)
{
    return database_run(connection,
        "select (select identity from vsl.journal_identity where life = 1),"
        " (select identity from vsl.journal_identity order by life desc limit 1), b.batch_number,"
        " b.last_sequence, encode(b.digest, 'hex'),"
        " to_char(b.recorded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
        " coalesce(b.key_number, 0), encode(b.code, 'hex')"
        " from vsl.batch b order by b.first_sequence desc limit 1",
        PGRES_TUPLES_OK, "read the last batch");
}

static int make(
    const struct arguments *given, const struct ring_key *key, EVP_PKEY *signer, PGresult *row)
{
    char text[ANCHOR_BYTES_MAX];
    char now[32];
    uint8_t signature[SIGNATURE_BYTES_MAX];
    uint8_t base64[SIGNATURE_BYTES_MAX * 4 / 3 + 8];
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    const char *batch = PQgetvalue(row, 0, 2);
    int length = snprintf(text, sizeof text,
        "vsl anchor 1\njournal %s\nlife %s\nbatch %s\nlast-sequence %s\ndigest %s\n"
        "recorded-at %s\nsigned-at %s\nkey %d %s\n",
        PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 1), batch, PQgetvalue(row, 0, 3),
        PQgetvalue(row, 0, 4), PQgetvalue(row, 0, 5), now, key->number, key->algorithm);
    CHECK(length > 0 && (size_t)length < sizeof text - 300);
    size_t made = sign_make(signer, text, (size_t)length, signature);
    EVP_EncodeBlock(base64, signature, (int)made);
    snprintf(text + length, sizeof text - (size_t)length, SIGNATURE_WORD "%s\n", (char *)base64);
    if (given->folder) {
        /* After a restore batches are numbered again: the life tells them apart. */
        char name[128];
        snprintf(name, sizeof name, ANCHOR_NAME "%012lld-%.8s-key%d", strtoll(batch, NULL, 10),
            PQgetvalue(row, 0, 1), key->number);
        return write_file(given->folder, name, text, signer);
    }
    fputs(text, stdout);
    return EXIT_ACCEPTED;
}

/* Whether the folder has an anchor; below 0 with a message when it cannot be read. */
static int find_anchor(const char *folder)
{
    DIR *names = opendir(folder);
    const struct dirent *name;
    int found = 0;
    if (!names) {
        fprintf(stderr, "vslctl: could not read '%s': %s\n", folder, strerror(errno));
        return -1;
    }
    while (found == 0 && (name = readdir(names)) != NULL)
        found = strncmp(name->d_name, ANCHOR_NAME, strlen(ANCHOR_NAME)) == 0;
    closedir(names);
    return found;
}

/* A journal that is empty is new; but where it was signed before it was taken away. */
static int sign_nothing(const struct arguments *given)
{
    int found = given->folder ? find_anchor(given->folder) : 1;
    if (found < 0)
        return EXIT_TRANSPORT;
    fprintf(stderr, "vslctl: the journal has no batch yet: there is nothing to sign\n");
    if (found > 0 && given->folder)
        fprintf(stderr,
            "vslctl: but '%s' has anchors: batches are missing, or it is the folder of another "
            "journal. Find out by vslctl verify --anchor before anybody goes on\n",
            given->folder);
    return found > 0 ? EXIT_REFUSED : EXIT_ACCEPTED;
}

static int sign_last(const struct arguments *given, const struct key_ring *ring)
{
    const struct ring_key *key = key_ring_active(ring, KEY_ANCHOR_SIGN, given->algorithm);
    EVP_PKEY *signer = key ? sign_key_open(key) : NULL;
    if (!signer) {
        fprintf(stderr,
            "vslctl: the key ring has no active key for anchor-sign%s%s: make one by "
            "vslctl key new --purpose anchor-sign\n",
            given->algorithm ? " of " : "", given->algorithm ? given->algorithm : "");
        return EXIT_USAGE;
    }
    int status = EXIT_TRANSPORT;
    PGconn *connection = database_connect(&given->database);
    PGresult *row = connection ? ask(connection) : NULL;
    if (row && PQntuples(row) != 1) {
        status = sign_nothing(given);
    } else if (row && !ring_proves(ring, PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 2),
                          PQgetvalue(row, 0, 4), PQgetvalue(row, 0, 6), PQgetvalue(row, 0, 7))) {
        fprintf(stderr, "vslctl: the last batch has a wrong code: it is not what the server wrote, "
                        "so it is not signed; run vslctl verify --keys\n");
        status = EXIT_REFUSED;
    } else if (row) {
        status = make(given, key, signer, row);
    }
    PQclear(row);
    PQfinish(connection);
    EVP_PKEY_free(signer);
    return status;
}

int run_anchor(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&database_argp, 0, NULL, 0}, {&ring_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Sign the last durable batch of the journal: its number, digest and time. Keep the "
            "file where nobody who writes the database writes: vslctl verify --anchor proves by it "
            "that the journal up to there is the one that was signed. A file that is there is "
            "never replaced: its name tells batch, life of the journal (the first 8 digits of "
            "its identity) and key, and when no batch came since, it is left as it is. Of a "
            "journal "
            "without any batch there is nothing to sign; where the folder has anchors already that "
            "is refused.\v"
            "Examples:\n"
            "  vslctl anchor --database ... --keys /etc/vsl/keys/anchor --folder "
            "/var/lib/anchors\n"};
    struct arguments given = {.common = common};
    parse_arguments(&argp, "vslctl anchor", count, arguments, &given);
    struct key_ring *ring = ring_open(&given.ring);
    int status = ring ? sign_last(&given, ring) : EXIT_USAGE;
    key_ring_close(ring);
    return status;
}
