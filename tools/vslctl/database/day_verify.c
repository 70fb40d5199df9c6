/* day_verify.c: vslctl day verify: files of an accounting date against their manifest, its
 * signature and the journal. Needs no server, and no database unless the journal is asked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "vslctl/database/database.h"
#include "vslctl/database/day.h"
#include "vslctl/database/sign.h"
#include "vslctl/vslctl.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_KEY = 0x6b00 };

static const struct argp_option options[] = {
    {"key", OPTION_KEY, "PEM", 0,
        "The public key of whoever signed (vslctl key public): without it the signature is not "
        "looked at",
        0},
    {0},
};

static const char no_database[] = "none";

struct arguments {
    struct common_options *common;
    struct database_options database;
    const char *folder;
    const char *key;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *given = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->database;
        state->child_inputs[1] = given->common;
        return 0;
    case OPTION_KEY:
        given->key = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (given->folder)
            argp_error(state, "one folder at a time");
        given->folder = argument;
        /* The journal is asked only where one is named; that none is, is no mistake. */
        if (!given->database.conninfo || given->database.conninfo[0] == '\0')
            given->database.conninfo = no_database;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which folder is to be verified?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Whether the file is what its line of the manifest says; else says what is wrong. */
static bool is_as_said(const char *folder, const struct day_file *said)
{
    char path[PATH_MAX], chunk[1 << 16], sha256[DAY_SHA256_BYTES];
    uint8_t digest[32];
    int64_t bytes = 0;
    size_t length;
    int written = snprintf(path, sizeof path, "%s/%s", folder, said->name);
    FILE *in = written < (int)sizeof path ? fopen(path, "re") : NULL;
    if (!in) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", path, strerror(errno));
        return false;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    while ((length = fread(chunk, 1, sizeof chunk, in)) > 0) {
        CHECK(EVP_DigestUpdate(context, chunk, length) == 1);
        bytes += (int64_t)length;
    }
    CHECK(EVP_DigestFinal_ex(context, digest, NULL) == 1);
    EVP_MD_CTX_free(context);
    bool is_read = !ferror(in);
    fclose(in);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(sha256 + 2 * i, 3, "%02x", digest[i]);
    if (is_read && bytes == said->bytes && strcmp(sha256, said->sha256) == 0)
        return true;
    fprintf(stderr, "vslctl: '%s' is not the file that the manifest names\n", path);
    return false;
}

static int look_at_files(const struct arguments *given, const struct day *day)
{
    bool is_right = true;
    for (int i = 0; i < day->file_count; i++)
        is_right &= is_as_said(given->folder, &day->files[i]);
    if (is_right)
        printf("files      %d, each as the manifest says\n", day->file_count);
    return is_right ? EXIT_ACCEPTED : EXIT_REFUSED;
}

static int look_at_signature(const struct arguments *given, const struct buffer *manifest)
{
    char path[PATH_MAX];
    if (!given->key) {
        printf("signature  not looked at (--key)\n");
        return EXIT_ACCEPTED;
    }
    EVP_PKEY *key = sign_public_open(given->key);
    int length = snprintf(path, sizeof path, "%s/" DAY_SIGNATURE, given->folder);
    if (!key || length >= (int)sizeof path)
        return EXIT_USAGE;
    bool is_right = day_is_signed(path, manifest, key);
    EVP_PKEY_free(key);
    if (is_right)
        printf("signature  by this key\n");
    else
        fprintf(stderr,
            "vslctl: '%s' is no signature of this manifest by this key: one of them was changed, "
            "or another key signed\n",
            path);
    return is_right ? EXIT_ACCEPTED : EXIT_REFUSED;
}

/* Whether the journal has the batch with this digest, and the last command in it. */
static int look_at_journal(const struct arguments *given, const struct day *day)
{
    char last[24];
    if (given->database.conninfo == no_database) {
        printf("journal    not asked (--database)\n");
        return EXIT_ACCEPTED;
    }
    snprintf(last, sizeof last, "%" PRId64, day->last_sequence);
    const char *values[] = {day->batch_number, day->digest, last, day->journal};
    PGconn *connection = database_connect(&given->database);
    PGresult *row =
        connection ? database_ask(connection,
                         "select exists (select from vsl.batch b where b.batch_number = $1::bigint"
                         " and encode(b.digest, 'hex') = $2::text"
                         " and $3::bigint between b.first_sequence and b.last_sequence),"
                         " exists (select from vsl.journal_identity i where i.life = 1"
                         " and i.identity::text = $4::text)",
                         4, values, "read the batch")
                   : NULL;
    int status = row ? EXIT_ACCEPTED : EXIT_TRANSPORT;
    if (row && PQgetvalue(row, 0, 1)[0] != 't') {
        fprintf(stderr, "vslctl: the database has another journal than the manifest names\n");
        status = EXIT_REFUSED;
    } else if (row && PQgetvalue(row, 0, 0)[0] != 't') {
        fprintf(stderr,
            "vslctl: the journal has no batch %s with this digest that has command %s\n",
            day->batch_number, last);
        status = EXIT_REFUSED;
    } else if (row) {
        printf("journal    has batch %s with this digest\n", day->batch_number);
    }
    PQclear(row);
    PQfinish(connection);
    return status;
}

int run_day_verify(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&database_argp, 0, NULL, 0}, {&report_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .args_doc = "FOLDER",
        .doc =
            "Prove files of an accounting date: that each is the one which the manifest names, "
            "with --key that the manifest was signed by that key, and with --database that the "
            "journal has the batch with that digest.\v"
            "That the rows of the journal are those of the digest proves vslctl verify; that the "
            "files say what the rows say proves vslctl day files, which compares a folder that is "
            "there with what it makes.\n"
            "\n"
            "Examples:\n"
            "  vslctl day verify day-1-2026-11-22-bank --key day.pem\n"
            "  vslctl day verify day-1-2026-11-22-bank --key day.pem --database ...\n"
            "\n"
            "Exit status: 0 all that was looked at is right; 1 something is not.\n"};
    struct arguments given = {.common = common};
    char path[PATH_MAX];
    static struct day day;
    struct buffer manifest = {0};
    parse_arguments(&argp, "vslctl day verify", count, arguments, &given);
    int length = snprintf(path, sizeof path, "%s/" DAY_MANIFEST, given.folder);
    int status = EXIT_REFUSED;
    if (length < (int)sizeof path && day_manifest_read(path, &manifest, &day) == 0)
        status = look_at_files(&given, &day);
    if (status == EXIT_ACCEPTED)
        status = look_at_signature(&given, &manifest);
    if (status == EXIT_ACCEPTED)
        status = look_at_journal(&given, &day);
    buffer_finish(&manifest);
    return status;
}
