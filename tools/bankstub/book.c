/* book.c: the book of the stand-in's bank, in memory and as an append-only file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/book.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define HEAD "vsl bankstub book 1\n"
#define LINE_BYTES_MAX 128
#define LINES_FIRST 1024
#define LINES_MAX ((uint64_t)1 << 26)

struct book {
    int file; /* -1: in memory only */
    off_t written_bytes;
    struct buffer unwritten;
    struct book_line *lines;
    size_t count;
    size_t capacity;
    struct map index;
    struct hash_key key;
};

static uint64_t hash_of(const struct book *book, int64_t payout_id)
{
    return hash_bytes(book->key, &payout_id, sizeof payout_id);
}

const struct book_line *book_find(const struct book *book, int64_t payout_id)
{
    uint64_t cursor = 0;
    uint32_t slot;
    while ((slot = map_next(&book->index, hash_of(book, payout_id), &cursor)) != MAP_NONE) {
        if (book->lines[slot].payout_id == payout_id)
            return &book->lines[slot];
    }
    return NULL;
}

bool book_is_durable(const struct book *book)
{
    return book->file >= 0;
}

static void remember(struct book *book, const struct book_line *line)
{
    CHECK(book_find(book, line->payout_id) == NULL);
    CHECK(book->count < LINES_MAX);
    if (book->count == book->capacity) {
        book->capacity = book->capacity ? book->capacity * 2 : LINES_FIRST;
        book->lines = realloc(book->lines, book->capacity * sizeof *book->lines);
        CHECK(book->lines != NULL);
    }
    map_insert(&book->index, hash_of(book, line->payout_id), (uint32_t)book->count);
    book->lines[book->count++] = *line;
}

void book_execute(struct book *book, const struct book_line *line)
{
    char text[LINE_BYTES_MAX];
    remember(book, line);
    if (book->file < 0)
        return;
    int length = snprintf(text, sizeof text,
        "payout=%" PRId64 " ledger=%" PRId64 " amount=%" PRId64 " result=%s\n", line->payout_id,
        line->ledger_id, line->amount_minor, line->is_paid ? "paid" : "failed");
    CHECK(length > 0 && (size_t)length < sizeof text);
    buffer_append(&book->unwritten, text, (size_t)length);
}

int book_write(struct book *book)
{
    size_t done = 0;
    if (book->unwritten.length == 0)
        return 0;
    /* A write that broke off is written over by the next attempt. */
    while (done < book->unwritten.length) {
        ssize_t wrote = pwrite(book->file, book->unwritten.bytes + done,
            book->unwritten.length - done, book->written_bytes + (off_t)done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return -1;
        done += (size_t)wrote;
    }
    if (fdatasync(book->file) != 0)
        return -1;
    book->written_bytes += (off_t)done;
    buffer_clear(&book->unwritten);
    return 0;
}

/* ---- the file ---- */

static bool try_line(const char *text, struct book_line *ret_line)
{
    struct book_line line;
    char result[8];
    int used = 0;
    if (sscanf(text, "payout=%" SCNd64 " ledger=%" SCNd64 " amount=%" SCNd64 " result=%7[a-z]\n%n",
            &line.payout_id, &line.ledger_id, &line.amount_minor, result, &used) != 4 ||
        text[used] != '\0')
        return false;
    line.is_paid = strcmp(result, "paid") == 0;
    *ret_line = line;
    return line.payout_id > 0 && (line.is_paid || strcmp(result, "failed") == 0);
}

/* Reads the lines; what stands behind the last whole one was cut off by a crash before anybody was
 * told, and is dropped. False when it is no book. */
static bool load(struct book *book, FILE *in)
{
    char text[LINE_BYTES_MAX];
    struct book_line line;
    bool is_first = true;
    while (fgets(text, sizeof text, in)) {
        size_t length = strlen(text);
        if (text[length - 1] != '\n')
            return feof(in) && !is_first;
        if (is_first ? strcmp(text, HEAD) != 0 : !try_line(text, &line))
            return false;
        if (!is_first && book_find(book, line.payout_id))
            return false;
        if (!is_first)
            remember(book, &line);
        is_first = false;
        book->written_bytes += (off_t)length;
    }
    return !ferror(in);
}

static int read_file(struct book *book, const char *file, char *ret_error, size_t error_bytes)
{
    book->file = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    FILE *in = book->file >= 0 ? fopen(file, "r") : NULL;
    if (!in) {
        snprintf(ret_error, error_bytes, "could not open '%s': %s", file, strerror(errno));
        return -1;
    }
    bool is_locked = flock(book->file, LOCK_EX | LOCK_NB) == 0;
    bool is_right = is_locked && load(book, in);
    fclose(in);
    if (!is_locked) {
        snprintf(ret_error, error_bytes, "'%s' is in use: another bankstub runs with it", file);
        return -1;
    }
    if (!is_right) {
        snprintf(ret_error, error_bytes,
            "'%s' is not the book of a bankstub; name another state file, or mend it: a payout "
            "that "
            "is missing there counts as one that the bank never got",
            file);
        return -1;
    }
    if (book->written_bytes == 0)
        buffer_append(&book->unwritten, HEAD, strlen(HEAD));
    if (ftruncate(book->file, book->written_bytes) != 0 || book_write(book) != 0) {
        snprintf(ret_error, error_bytes, "could not write '%s': %s", file, strerror(errno));
        return -1;
    }
    return 0;
}

struct book *book_open(const char *file, char *ret_error, size_t error_bytes)
{
    struct book *book = calloc(1, sizeof *book);
    CHECK(book != NULL);
    book->file = -1;
    book->key = hash_key_random();
    map_init_growing(&book->index, LINES_FIRST, LINES_MAX);
    if (file && read_file(book, file, ret_error, error_bytes) != 0) {
        book_close(book);
        return NULL;
    }
    return book;
}

void book_close(struct book *book)
{
    if (!book)
        return;
    if (book->file >= 0)
        close(book->file);
    buffer_finish(&book->unwritten);
    map_finish(&book->index);
    free(book->lines);
    free(book);
}
