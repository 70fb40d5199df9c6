/* day_manifest.c: what the files of an accounting date are, and a signature over it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "text/format.h"
#include "vslctl/database/day.h"
#include "vslctl/database/sign.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FORM "vsl day 1"
#define SIGNATURE_FORM "vsl day signature 1\n"
#define SIGNATURE_WORD "\nsignature "
#define FILE_BYTES_MAX (1 << 20)

const char *day_reader(const struct day *day)
{
    return day->is_for_bank ? "bank" : "platform";
}

const struct day_total *day_total_of(const struct day_file *file, const char *name)
{
    for (int i = 0; i < file->total_count; i++) {
        if (strcmp(file->totals[i].name, name) == 0)
            return &file->totals[i];
    }
    return NULL;
}

/* ---- writing ---- */

/* As in answers of the API: what may be beyond 53 bits is a text. */
static void put_number(json_t *object, const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    CHECK(json_object_set_new(object, name, json_string(text)) == 0);
}

static void put_text(json_t *object, const char *name, const char *text)
{
    CHECK(json_object_set_new(object, name, json_string(text)) == 0);
}

static json_t *file_object(const struct day_file *file)
{
    json_t *object = json_object();
    json_t *totals = json_object();
    put_text(object, "name", file->name);
    put_number(object, "bytes", file->bytes);
    put_number(object, "lines", file->lines);
    put_text(object, "sha256", file->sha256);
    for (int i = 0; i < file->total_count; i++)
        put_number(totals, file->totals[i].name, file->totals[i].minor);
    CHECK(json_object_set_new(object, "totals", totals) == 0);
    return object;
}

void day_manifest_make(const struct day *day, struct buffer *out)
{
    char date[FORMAT_BYTES_MAX];
    json_t *object = json_object();
    json_t *batch = json_object();
    json_t *files = json_array();
    format_date(day->date, date);
    put_text(object, "day", FORM);
    put_number(object, "ledger_id", day->ledger_id);
    put_text(object, "accounting_date", date);
    put_text(object, "for", day_reader(day));
    put_text(object, "currency", day->currency);
    put_number(object, "before_sequence", day->before_sequence);
    put_number(object, "last_sequence", day->last_sequence);
    put_text(object, "recorded_at", day->recorded_at);
    put_text(object, "journal", day->journal);
    put_text(object, "journal_life", day->journal_life);
    put_text(batch, "batch_number", day->batch_number);
    put_text(batch, "first_sequence", day->batch_first_sequence);
    put_text(batch, "last_sequence", day->batch_last_sequence);
    put_text(batch, "digest", day->digest);
    put_text(batch, "previous_digest", day->previous_digest);
    CHECK(json_object_set_new(object, "batch", batch) == 0);
    for (int i = 0; i < day->file_count; i++)
        CHECK(json_array_append_new(files, file_object(&day->files[i])) == 0);
    CHECK(json_object_set_new(object, "files", files) == 0);
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    CHECK(text != NULL);
    buffer_clear(out);
    buffer_append(out, text, strlen(text));
    buffer_append_u8(out, '\n');
    free(text);
    json_decref(object);
}

/* ---- reading ---- */

int day_read_file(const char *path, struct buffer *ret_bytes)
{
    char chunk[4096];
    size_t length;
    buffer_clear(ret_bytes);
    FILE *in = fopen(path, "re");
    if (!in) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", path, strerror(errno));
        return -1;
    }
    while ((length = fread(chunk, 1, sizeof chunk, in)) > 0 && ret_bytes->length < FILE_BYTES_MAX)
        buffer_append(ret_bytes, chunk, length);
    bool is_right = !ferror(in) && feof(in);
    fclose(in);
    if (!is_right)
        fprintf(stderr, "vslctl: could not read '%s'\n", path);
    return is_right ? 0 : -1;
}

static bool take_text(const json_t *object, const char *name, char *ret_text, size_t text_bytes)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (!text || strlen(text) >= text_bytes)
        return false;
    memcpy(ret_text, text, strlen(text) + 1);
    return true;
}

static bool take_number(const json_t *object, const char *name, int64_t *ret_number)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text && parse_integer(text, INT64_MIN, INT64_MAX, ret_number);
}

static bool take_file(const json_t *object, struct day_file *file)
{
    return take_text(object, "name", file->name, sizeof file->name) &&
           take_text(object, "sha256", file->sha256, sizeof file->sha256) &&
           strlen(file->sha256) == DAY_SHA256_BYTES - 1 &&
           take_number(object, "bytes", &file->bytes) &&
           take_number(object, "lines", &file->lines) && file->name[0] != '.' &&
           file->name[0] != '\0' && strchr(file->name, '/') == NULL;
}

static bool take_day(const json_t *object, struct day *day)
{
    char form[DAY_NAME_BYTES], date[FORMAT_BYTES_MAX], reader[16];
    const json_t *batch = json_object_get(object, "batch");
    const json_t *files = json_object_get(object, "files");
    size_t count = json_array_size(files);
    if (!take_text(object, "day", form, sizeof form) || strcmp(form, FORM) != 0 ||
        !take_text(object, "for", reader, sizeof reader) ||
        !take_text(object, "accounting_date", date, sizeof date) || !parse_date(date, &day->date) ||
        !take_number(object, "ledger_id", &day->ledger_id) ||
        !take_number(object, "last_sequence", &day->last_sequence) ||
        !take_text(object, "journal", day->journal, sizeof day->journal) ||
        !take_text(batch, "batch_number", day->batch_number, sizeof day->batch_number) ||
        !take_text(batch, "digest", day->digest, sizeof day->digest) || count == 0 ||
        count > DAY_FILES_MAX)
        return false;
    day->is_for_bank = strcmp(reader, "bank") == 0;
    day->file_count = (int)count;
    for (size_t i = 0; i < count; i++) {
        if (!take_file(json_array_get(files, i), &day->files[i]))
            return false;
    }
    return true;
}

int day_manifest_read(const char *path, struct buffer *ret_text, struct day *ret_day)
{
    *ret_day = (struct day){0};
    if (day_read_file(path, ret_text) != 0)
        return -1;
    json_t *object =
        json_loadb((const char *)ret_text->bytes, ret_text->length, JSON_REJECT_DUPLICATES, NULL);
    bool is_one = object && take_day(object, ret_day);
    json_decref(object);
    if (!is_one)
        fprintf(stderr, "vslctl: '%s' is no manifest of an accounting date's files\n", path);
    return is_one ? 0 : -1;
}

/* ---- signatures ---- */

void day_sign(const struct ring_key *key, EVP_PKEY *signer, const struct buffer *manifest,
    struct buffer *ret_text)
{
    uint8_t signature[SIGNATURE_BYTES_MAX];
    uint8_t base64[SIGNATURE_BYTES_MAX * 4 / 3 + 8];
    char text[512];
    size_t made = sign_make(signer, (const char *)manifest->bytes, manifest->length, signature);
    EVP_EncodeBlock(base64, signature, (int)made);
    int length = snprintf(text, sizeof text, SIGNATURE_FORM "key %d %s" SIGNATURE_WORD "%s\n",
        key->number, key->algorithm, (char *)base64);
    CHECK(length > 0 && (size_t)length < sizeof text);
    buffer_clear(ret_text);
    buffer_append(ret_text, text, (size_t)length);
}

bool day_is_signed(const char *path, const struct buffer *manifest, EVP_PKEY *key)
{
    struct buffer text = {0};
    bool is_right = day_read_file(path, &text) == 0;
    buffer_append_u8(&text, 0);
    const char *line = is_right ? strstr((const char *)text.bytes, SIGNATURE_WORD) : NULL;
    if (line) {
        const char *base64 = line + strlen(SIGNATURE_WORD);
        size_t length = strcspn(base64, "\n");
        is_right =
            strncmp((const char *)text.bytes, SIGNATURE_FORM, strlen(SIGNATURE_FORM)) == 0 &&
            strcmp(base64 + length, "\n") == 0 &&
            sign_is_base64(key, (const char *)manifest->bytes, manifest->length, base64, length);
    }
    buffer_finish(&text);
    return line && is_right;
}
