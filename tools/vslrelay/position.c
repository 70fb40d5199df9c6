/* position.c: the file that says up to where the stream was published.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/position.h"

#include "base/check.h"
#include "client/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#define TEXT_BYTES_MAX 256

/* Writes what a position looks like in the file; its length. */
static size_t format(const struct position *position, char ret_text[TEXT_BYTES_MAX])
{
    int length = snprintf(ret_text, TEXT_BYTES_MAX,
        "vslrelay position 1\nnext_sequence %" PRId64 "\npublished_sequence %" PRId64
        "\njournal_identity %s\n",
        position->next_sequence, position->published_sequence, position->journal_identity);
    CHECK(length > 0 && length < TEXT_BYTES_MAX);
    unsigned long sum = crc32(0, (const Bytef *)ret_text, (uInt)length);
    int more = snprintf(ret_text + length, TEXT_BYTES_MAX - (size_t)length, "crc32 %08lx\n", sum);
    CHECK(more > 0 && more < TEXT_BYTES_MAX - length);
    return (size_t)(length + more);
}

/* What it was made from is what it says, to the last byte: so no cut or changed file passes. */
static int parse(const char *text, struct position *ret_position)
{
    struct position position = {0};
    char again[TEXT_BYTES_MAX];
    /* Up to 18 digits, so that none wraps. */
    if (sscanf(text,
            "vslrelay position 1 next_sequence %18" SCNd64 " published_sequence %18" SCNd64
            " journal_identity %36[0-9a-f-]",
            &position.next_sequence, &position.published_sequence,
            position.journal_identity) != 3 ||
        position.next_sequence < 1 || position.published_sequence < 0 ||
        position.published_sequence >= position.next_sequence ||
        strlen(position.journal_identity) != POSITION_IDENTITY_CHARS)
        return -1;
    format(&position, again);
    if (strcmp(text, again) != 0)
        return -1;
    *ret_position = position;
    return 0;
}

enum position_status position_read(
    const char *file, struct position *ret_position, char *ret_error, size_t error_bytes)
{
    char text[TEXT_BYTES_MAX + 1];
    FILE *in = fopen(file, "re");
    if (!in && errno == ENOENT)
        return POSITION_IS_MISSING;
    if (!in) {
        snprintf(ret_error, error_bytes, "could not read '%s': %s", file, strerror(errno));
        return POSITION_IS_WRONG;
    }
    size_t length = fread(text, 1, sizeof text - 1, in);
    int failure = ferror(in) ? errno : 0;
    fclose(in);
    text[length] = '\0';
    if (failure) {
        snprintf(ret_error, error_bytes, "could not read '%s': %s", file, strerror(failure));
        return POSITION_IS_WRONG;
    }
    if (strlen(text) != length || parse(text, ret_position) != 0) {
        snprintf(ret_error, error_bytes, "'%s' %s", file,
            length == 0 ? "is empty, so the position is lost" : "is damaged, or no position");
        return POSITION_IS_WRONG;
    }
    return POSITION_IS_READ;
}

/* The name with something behind it; -1 when that is too long. */
static int name_beside(const char *file, const char *suffix, char ret_name[PATH_MAX])
{
    int length = snprintf(ret_name, PATH_MAX, "%s%s", file, suffix);
    if (length > 0 && length < PATH_MAX)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

int position_write(const char *file, const struct position *position)
{
    struct durable_file out;
    char text[TEXT_BYTES_MAX];
    CHECK(position->next_sequence > 0 && position->published_sequence < position->next_sequence);
    CHECK(strlen(position->journal_identity) == POSITION_IDENTITY_CHARS);
    size_t length = format(position, text);
    if (durable_begin(&out, file, 0644) != 0)
        return -1;
    fwrite(text, 1, length, out.stream); /* what fails is told by the commit */
    return durable_commit(&out);
}

int position_lock(const char *file, char *ret_error, size_t error_bytes)
{
    char name[PATH_MAX];
    int lock = -1;
    if (name_beside(file, ".lock", name) == 0)
        lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0) {
        snprintf(ret_error, error_bytes, "could not open '%s.lock': %s", file, strerror(errno));
        return -1;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) == 0)
        return 0; /* stays open: the lock ends with the process */
    snprintf(ret_error, error_bytes,
        "'%s' is in use: another vslrelay runs with it; give this one a position of its own", file);
    close(lock);
    return -1;
}
