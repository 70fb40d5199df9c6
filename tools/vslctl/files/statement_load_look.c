/* statement_load_look.c: the bank's file, looked at as a whole before anything of it is sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/statement_load_parts.h"

#include "base/check.h"
#include "statement/check.h"
#include "text/format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void load_copy_characters(const char *text, size_t characters, char *ret_text, size_t bytes)
{
    size_t length = 0, count = 0;
    while (text[length] != '\0' && length + 4 < bytes) {
        size_t next = length + 1;
        while (((unsigned char)text[next] & 0xc0) == 0x80)
            next++;
        if (count++ == characters || next >= bytes)
            break;
        length = next;
    }
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

size_t load_index_of(const struct loading *load, const struct statement *statement)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (load->open[i].statement == statement)
            return load->open[i].index;
    }
    CHECK(0 && "a statement is opened before its entries");
    return 0;
}

size_t load_note_open(struct loading *load, const struct statement *statement)
{
    size_t i = 0;
    while (i < OPEN_MAX && load->open[i].statement)
        i++;
    CHECK(i < OPEN_MAX);
    load->open[i].statement = statement;
    load->open[i].index = load->next_index++;
    return load->open[i].index;
}

void load_note_close(struct loading *load, const struct statement *statement)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (load->open[i].statement == statement)
            load->open[i].statement = NULL;
    }
}

bool load_moves_money(const struct statement_entry *entry)
{
    return entry->status == STATEMENT_BOOKED && entry->amount_minor != 0;
}

void load_add_digest(uint8_t digest[LINES_DIGEST_BYTES], int64_t amount_minor, int32_t date)
{
    uint8_t bytes[LINES_DIGEST_BYTES + sizeof amount_minor + sizeof date];
    memcpy(bytes, digest, LINES_DIGEST_BYTES);
    memcpy(bytes + LINES_DIGEST_BYTES, &amount_minor, sizeof amount_minor);
    memcpy(bytes + LINES_DIGEST_BYTES + sizeof amount_minor, &date, sizeof date);
    CHECK(EVP_Digest(bytes, sizeof bytes, digest, NULL, EVP_sha256(), NULL) == 1);
}

/* What tells the statement from all others: a bank writes one :20: each day. */
static void name_statement(const struct statement *statement, struct found *found)
{
    char name[512] = "";
    bool is_camt = statement->format <= STATEMENT_CAMT054;
    if (statement->id[0] == '\0')
        return;
    if (is_camt && statement->page == 0)
        snprintf(name, sizeof name, "%s", statement->id);
    else if (is_camt)
        snprintf(name, sizeof name, "%s/%" PRId64, statement->id, statement->page);
    else
        snprintf(name, sizeof name, "%s/%" PRId64 "/%" PRId64 "/%d", statement->id,
            statement->sequence, statement->page, found->to_date);
    size_t length = strlen(name);
    bool is_trimmed = name[0] != ' ' && name[length - 1] != ' ';
    if (length <= STATEMENT_REFERENCE_BYTES_MAX && is_trimmed)
        memcpy(found->reference, name, length + 1);
}

static bool look_open(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    size_t index = load_note_open(load, statement);
    if (index == STATEMENTS_PER_FILE_MAX) {
        snprintf(ret_reason, STATEMENT_REASON_BYTES, "more than %d statements; split the file",
            STATEMENTS_PER_FILE_MAX);
        return false;
    }
    if (index == load->found_room) {
        load->found_room = load->found_room ? 2 * load->found_room : 16;
        load->founds = realloc(load->founds, load->found_room * sizeof *load->founds);
        CHECK(load->founds != NULL);
    }
    load->founds[index] = (struct found){0};
    load->found_count = index + 1;
    return load->inner->open(load->inner->context, statement, ret_reason);
}

static bool look_entry(void *context, const struct statement *statement,
    const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    struct found *found = &load->founds[load_index_of(load, statement)];
    if (load_moves_money(entry)) {
        int32_t date = entry->booking_date != 0 ? entry->booking_date : entry->value_date;
        if (date == 0) {
            snprintf(ret_reason, STATEMENT_REASON_BYTES,
                "line %" PRIu32 ": an entry without a day cannot be loaded", entry->line);
            return false;
        }
        found->line_count++;
        load_add_digest(found->lines_digest, entry->amount_minor, date);
        if (found->from_date == 0 || date < found->from_date)
            found->from_date = date;
        if (date > found->to_date)
            found->to_date = date;
    }
    return load->inner->entry(load->inner->context, statement, entry, ret_reason);
}

static bool look_close(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    struct found *found = &load->founds[load_index_of(load, statement)];
    load_copy_characters(
        statement->account, ACCOUNT_NUMBER_CHARACTERS_MAX, found->account, sizeof found->account);
    snprintf(found->currency, sizeof found->currency, "%s", statement->currency);
    found->has_balances = statement->opening.is_given && statement->closing.is_given;
    found->opening_minor = statement->opening.amount_minor;
    found->closing_minor = statement->closing.amount_minor;
    found->number = statement->sequence <= STATEMENT_NUMBER_MAX ? statement->sequence : 0;
    if (statement->from_date != 0)
        found->from_date = statement->from_date;
    if (statement->to_date != 0)
        found->to_date = statement->to_date;
    if (found->to_date == 0)
        found->to_date = statement->closing.date;
    if (found->from_date == 0)
        found->from_date = statement->opening.date ? statement->opening.date : found->to_date;
    if (found->to_date < found->from_date)
        found->to_date = found->from_date;
    name_statement(statement, found);
    bool goes_on = load->inner->close(load->inner->context, statement, ret_reason);
    load_note_close(load, statement);
    return goes_on;
}

static void on_verdict(void *context, const struct statement *statement, bool adds_up)
{
    struct loading *load = context;
    load->founds[load_index_of(load, statement)].adds_up = adds_up;
}

static void on_find(void *context, const struct statement *statement,
    enum statement_finding finding, uint32_t line, const char *text)
{
    struct loading *load = context;
    (void)statement;
    if (finding != STATEMENT_FAULT)
        return;
    progress_clear(&load->progress);
    fprintf(stderr, "vslctl: %s, line %" PRIu32 ": does not add up: %s\n", load->file, line, text);
}

static void on_progress(void *context, int64_t bytes)
{
    struct loading *load = context;
    char read[FORMAT_BYTES_MAX];
    if (load->is_loading || !progress_is_due(&load->progress))
        return;
    format_count(bytes >> 20, read);
    progress_show(&load->progress, "%s: %s MiB read", load->file, read);
}

/* A file that has no name and goes with its last descriptor. */
static int make_nameless(char ret_reason[STATEMENT_REASON_BYTES])
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    if (!folder || folder[0] != '/')
        folder = "/var/tmp";
    snprintf(path, sizeof path, "%s/vslctl-XXXXXX", folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0 && unlink(path) == 0)
        return fd;
    snprintf(
        ret_reason, STATEMENT_REASON_BYTES, "cannot be copied to %s: %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool write_all(int fd, const unsigned char *bytes, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t written = write(fd, bytes + done, count - done);
        if (written < 0 && errno != EINTR)
            return false;
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}

int load_copy_file(struct loading *load, int fd, char ret_reason[STATEMENT_REASON_BYTES])
{
    static unsigned char bytes[65536];
    unsigned char digest[32];
    unsigned int length = 0;
    ssize_t count = 0;
    int copy = make_nameless(ret_reason);
    if (copy < 0)
        return -1;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    CHECK(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    bool is_written = true;
    while (is_written && (count = read(fd, bytes, sizeof bytes)) > 0) {
        CHECK(EVP_DigestUpdate(hash, bytes, (size_t)count) == 1);
        is_written = write_all(copy, bytes, (size_t)count);
    }
    CHECK(EVP_DigestFinal_ex(hash, digest, &length) == 1 && length == sizeof digest);
    EVP_MD_CTX_free(hash);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(load->sha256 + 2 * i, 3, "%02x", digest[i]);
    if (count >= 0 && is_written && lseek(copy, 0, SEEK_SET) == 0)
        return copy;
    snprintf(ret_reason, STATEMENT_REASON_BYTES, "%s: %s",
        is_written ? "cannot be read" : "cannot be copied, see TMPDIR", strerror(errno));
    close(copy);
    return -1;
}

int load_look_at_file(struct loading *load, int fd)
{
    struct checker_events events = {
        .context = load, .verdict = on_verdict, .find = on_find, .progress = on_progress};
    struct checker *checker = checker_create(&events);
    struct statement_options reading = {.profiles = load->profiles};
    struct statement_sink sink;
    load->inner = checker_next_file(checker);
    sink = *load->inner;
    sink.context = load;
    sink.detail = NULL;
    sink.open = look_open;
    sink.entry = look_entry;
    sink.close = look_close;
    sink.find = on_find;
    sink.progress = on_progress;
    load->found_count = load->next_index = 0;
    memset(load->open, 0, sizeof load->open);
    int result = statement_read(fd, &reading, &sink, &load->outcome);
    checker_destroy(checker);
    load->inner = NULL;
    if (result != 0)
        load_refuse_file(load, load->outcome.reason);
    else if (lseek(fd, 0, SEEK_SET) < 0)
        load_refuse_file(load, strerror(errno));
    else
        return 0;
    return -1;
}
