/* guard.c: what a tool writes for people can show data, and never steer the terminal by it.
 *
 * Standard output and standard error become streams that look at every byte on its way: whatever
 * printed it (a table, an error of argp, a message of the server or of the database) is covered,
 * so no line of the tools can forget it. What the tools themselves want to say to the terminal
 * (colours, clearing a progress line) they say by marks, which data cannot guess.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/terminal.h"

#include "base/check.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MARK_BYTE '\xff' /* in no UTF-8 */
#define SECRET_BYTES 8
#define MARK_BYTES (1 + SECRET_BYTES + 1)
#define ESCAPE_BYTES_MAX 8

static const struct {
    char letter;
    const char *sequence;
} marks[] = {
    [COLOUR_BOLD] = {'b', "\033[1m"},
    [COLOUR_DIM] = {'d', "\033[2m"},
    [COLOUR_GREEN] = {'g', "\033[32m"},
    [COLOUR_YELLOW] = {'y', "\033[33m"},
    [COLOUR_RED] = {'r', "\033[31m"},
    [TERMINAL_PLAIN] = {'0', "\033[0m"},
    [TERMINAL_CLEAR_LINE] = {'k', "\r\033[K"},
};
#define MARK_COUNT (sizeof marks / sizeof marks[0])

struct guarded {
    int fd;
    FILE *stream;
    uint8_t held[MARK_BYTES]; /* the beginning of a character or a mark, whose rest is to come */
    size_t held_count;
};

static struct guarded guards[2] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};
static char mark_texts[MARK_COUNT][MARK_BYTES + 1];
static bool is_guarding;
static int lost_output_status;
static int write_error; /* of standard output; 0: none */

const char *terminal_mark(enum terminal_mark mark)
{
    CHECK((size_t)mark < MARK_COUNT);
    return is_guarding ? mark_texts[mark] : marks[mark].sequence;
}

int terminal_fd(FILE *stream)
{
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        if (stream == guards[i].stream)
            return guards[i].fd;
    }
    return fileno(stream);
}

/* ---- characters ---- */

/* Bytes of the character that begins here, by its first byte; 1 for what begins none. */
static size_t character_bytes(uint8_t first)
{
    return first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

/* Bytes in front that are printable ASCII or line feeds, as most are. */
static size_t plain_bytes(const uint8_t *bytes, size_t length)
{
    size_t count = 0;
    while (
        count < length && ((bytes[count] >= 0x20 && bytes[count] < 0x7f) || bytes[count] == '\n'))
        count++;
    return count;
}

/* Appends the character that begins the bytes; how many bytes it has. */
static size_t append_character(
    struct buffer *out, const uint8_t *bytes, size_t length, bool keeps_lines)
{
    char escape[ESCAPE_BYTES_MAX];
    uint32_t character;
    size_t count = utf8_take(bytes, length, &character);
    if (count == 0) {
        int written = snprintf(escape, sizeof escape, "\\x%02x", bytes[0]);
        buffer_append(out, escape, (size_t)written);
        return 1;
    }
    bool is_line = keeps_lines && (character == '\n' || character == '\t');
    if (is_line || !utf8_is_steering(character)) {
        buffer_append(out, bytes, count);
    } else {
        int written = snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(character & 0xffff));
        buffer_append(out, escape, (size_t)written);
    }
    return count;
}

void terminal_escape(const char *text, size_t length, struct buffer *out)
{
    for (size_t at = 0; at < length;)
        at += append_character(out, (const uint8_t *)text + at, length - at, false);
}

char *terminal_escaped(const char *text)
{
    struct buffer out = {0};
    terminal_escape(text, strlen(text), &out);
    buffer_append_u8(&out, 0);
    return (char *)out.bytes;
}

/* ---- streams ---- */

/* The mark that begins the bytes: its number; -1: none; MARK_COUNT: perhaps, more bytes must
 * tell. */
static int find_mark(const uint8_t *bytes, size_t length)
{
    if (bytes[0] != (uint8_t)MARK_BYTE)
        return -1;
    for (size_t i = 0; i < MARK_COUNT; i++) {
        size_t same = length < MARK_BYTES ? length : MARK_BYTES;
        if (memcmp(bytes, mark_texts[i], same) == 0)
            return length < MARK_BYTES ? (int)MARK_COUNT : (int)i;
    }
    return -1;
}

/* Appends what may go to the terminal; how many bytes were taken: the rest begins something that is
 * not complete. */
static size_t pass(struct buffer *out, const uint8_t *bytes, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t plain = plain_bytes(bytes + at, length - at);
        buffer_append(out, bytes + at, plain);
        at += plain;
        if (at == length)
            break;
        int mark = find_mark(bytes + at, length - at);
        if (mark == (int)MARK_COUNT)
            return at;
        if (mark >= 0) {
            buffer_append(out, marks[mark].sequence, strlen(marks[mark].sequence));
            at += MARK_BYTES;
            continue;
        }
        size_t wanted = character_bytes(bytes[at]);
        if (wanted > length - at && wanted < MARK_BYTES) {
            /* Cut between two writes, unless what is there is broken already. */
            size_t right = 1;
            while (right < length - at && (bytes[at + right] & 0xc0) == 0x80)
                right++;
            if (right == length - at)
                return at;
        }
        at += append_character(out, bytes + at, length - at, true);
    }
    return at;
}

static bool write_all(int fd, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static ssize_t on_write(void *cookie, const char *bytes, size_t length)
{
    struct guarded *guarded = cookie;
    struct buffer in = {0};
    struct buffer out = {0};
    buffer_append(&in, guarded->held, guarded->held_count);
    buffer_append(&in, bytes, length);
    size_t taken = pass(&out, in.bytes, in.length);
    CHECK(in.length - taken < sizeof guarded->held);
    guarded->held_count = in.length - taken;
    memcpy(guarded->held, in.bytes + taken, guarded->held_count);
    bool is_written = write_all(guarded->fd, out.bytes, out.length);
    if (!is_written && guarded->fd == STDOUT_FILENO)
        write_error = errno;
    buffer_finish(&in);
    buffer_finish(&out);
    return is_written ? (ssize_t)length : 0;
}

/* What was begun and not completed when the program ends. */
static void finish(void)
{
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        struct buffer out = {0};
        fflush(guards[i].stream);
        for (size_t at = 0; at < guards[i].held_count;)
            at += append_character(&out, guards[i].held + at, guards[i].held_count - at, true);
        guards[i].held_count = 0;
        (void)write_all(guards[i].fd, out.bytes, out.length);
        buffer_finish(&out);
    }
    if (write_error == 0)
        return;
    /* What was asked for did not get out, so the program must not end as if it had. */
    if (write_error != EPIPE)
        fprintf(stderr, "could not write the output: %s\n", strerror(write_error));
    _exit(lost_output_status);
}

void terminal_guard(int status)
{
    lost_output_status = status;
    CHECK(!is_guarding);
    static const char digits[] = "0123456789abcdef";
    uint8_t random[SECRET_BYTES];
    CHECK(getrandom(random, sizeof random, 0) == sizeof random);
    for (size_t i = 0; i < MARK_COUNT; i++) {
        mark_texts[i][0] = MARK_BYTE;
        for (size_t k = 0; k < SECRET_BYTES; k++)
            mark_texts[i][1 + k] = digits[random[k] % 16];
        mark_texts[i][1 + SECRET_BYTES] = marks[i].letter;
    }
    const cookie_io_functions_t functions = {.write = on_write};
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        guards[i].stream = fopencookie(&guards[i], "w", functions);
        CHECK(guards[i].stream != NULL);
    }
    setvbuf(guards[0].stream, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    setvbuf(guards[1].stream, NULL, _IONBF, 0);
    is_guarding = true;
    stdout = guards[0].stream;
    stderr = guards[1].stream;
    atexit(finish);
}
