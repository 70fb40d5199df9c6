/* day.h: the files of an accounting date that is over, for the bank and for the platform.
 *
 * Everything in them follows from the journal up to the end of the date: no time of making, no
 * version of a program, no key, and nothing that became of it later. So they are the same bytes
 * whenever, by whomever and from whichever copy of the database they are made.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_DAY_H
#define VSL_TOOLS_VSLCTL_DATABASE_DAY_H

#include "base/buffer.h"
#include "base/must_use.h"
#include "keys/keys.h"

#include <libpq-fe.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define DAY_FILES_MAX 16
#define DAY_TOTALS_MAX 16
#define DAY_NAME_BYTES 64
#define DAY_SHA256_BYTES 65 /* in hexadecimal digits, with a NUL */
#define DAY_MANIFEST "manifest.json"
#define DAY_SIGNATURE "manifest.json.sig"

struct day_total {
    char name[DAY_NAME_BYTES]; /* of the column, or of what is added up of it */
    int64_t minor;
};

struct day_file {
    char name[DAY_NAME_BYTES]; /* with .csv */
    int64_t lines;             /* behind the head */
    int64_t bytes;
    char sha256[DAY_SHA256_BYTES];
    struct day_total totals[DAY_TOTALS_MAX];
    int total_count;
};

struct day {
    int64_t ledger_id;
    int32_t date; /* YYYYMMDD */
    bool is_for_bank;
    int64_t before_sequence; /* the last command before the date */
    int64_t last_sequence;   /* the last one of the date: before it where there was none */
    char currency[8];
    char recorded_at[40]; /* of the last command */
    char journal[40];     /* identity of the journal's first life */
    char journal_life[40];
    char batch_number[24];
    char batch_first_sequence[24];
    char batch_last_sequence[24];
    char digest[65];
    char previous_digest[65];
    struct day_file files[DAY_FILES_MAX];
    int file_count;
};

/* "bank" or "platform". */
const char *day_reader(const struct day *day);

/* The total of a file, NULL where it has none. */
const struct day_total *day_total_of(const struct day_file *file, const char *name);

/* ---- day_csv.c ---- */

/* Runs the query and writes the file: a head of two rows, the columns, the rows. `body` is a file
 * that is empty and nobody else's. An exit status, with a message. */
MUST_USE int day_csv_write(const struct day *day, PGconn *connection, const char *sql, FILE *body,
    FILE *out, struct day_file *file);

/* ---- day_folder.c ---- */

/* A folder that comes into being as a whole: what is written goes to .NAME.partial beside it. */
struct day_folder {
    char into[PATH_MAX];
    char name[NAME_MAX + 1];
    char partial[NAME_MAX + 1];
    int parent; /* descriptors; -1: not open */
    int aside;
};

/* Takes over what a run left that was killed, and waits for one that is under way. An exit status,
 * with a message; day_folder_abandon ends it whatever it is. */
MUST_USE int day_folder_begin(struct day_folder *folder, const char *into, const char *name);
/* A file of it, to write and read; NULL with a message. */
FILE *day_folder_open(const struct day_folder *folder, const char *name);
/* One that has no name. */
FILE *day_folder_scratch(const struct day_folder *folder);
/* Ends writing to a file, so that it is on the disk. Closes it in any case. An exit status. */
MUST_USE int day_folder_close(const struct day_folder *folder, const char *name, FILE *file);
/* Whether the folder is there already. */
bool day_folder_is_there(const struct day_folder *folder);
/* Gives it its name. An exit status, with a message. */
MUST_USE int day_folder_commit(struct day_folder *folder);
/* Whether the folder that is there has the files of the one aside, and no others but the signature;
 * else says which one differs. */
bool day_folder_is_same(const struct day_folder *folder, const struct day *day);
void day_folder_abandon(struct day_folder *folder);

/* ---- day_manifest.c ---- */

/* What the manifest says of the day and its files: JSON, as in answers of the API. */
void day_manifest_make(const struct day *day, struct buffer *out);
/* Reads one from its file; -1 with a message. Of its files it fills name, bytes and digest. */
MUST_USE int day_manifest_read(const char *path, struct buffer *ret_text, struct day *ret_day);

/* The text of a detached signature over the manifest: three lines, the last one with the signature
 * in base64. */
void day_sign(const struct ring_key *key, EVP_PKEY *signer, const struct buffer *manifest,
    struct buffer *ret_text);
/* Whether the file has a signature over the manifest by this key. */
bool day_is_signed(const char *path, const struct buffer *manifest, EVP_PKEY *key);

/* Reads a file whole, up to a megabyte; -1 with a message. */
MUST_USE int day_read_file(const char *path, struct buffer *ret_bytes);

#endif
