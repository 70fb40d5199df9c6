/* batch_keys.c: the request keys of a file's commands that have none.
 *
 * A run that was interrupted is repeated by giving the same file again, so its keys must come
 * out the same: channel and serial, and the business date, without which a serial is another
 * request's. The serials are made of what the file says (a digest of its commands as messages,
 * so that another layout of the same JSON is the same file) and the command's place in it. The
 * date cannot come from the file: it is the ledger's accounting date when the file was first
 * sent, which is kept beside the file. Where it is not, the service is asked on which of the past
 * dates it knows the key of the first command. Commands are decided in the order of the file, hence
 * when it knows any, it knows that one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/batch_parts.h"
#include "vslctl/files/key_date.h"

#include "base/check.h"
#include "client/rpc.h"
#include "text/fields.h"
#include "text/format.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stands for a date that is still to be found. */
#define SOME_DAY 20000101
/* 80 bits of the digest. */
#define DIGEST_CHARACTERS 20

/* ---- serials ---- */

/* "f" and the beginning of the digest of all commands. */
static void make_serial_of_file(const struct batch_run *run, char ret_serial[SERIAL_TEXT_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct buffer bytes = {0};
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    CHECK(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < run->count; i++) {
        rpc_pack(&run->lines[i].item->base, &bytes);
        uint64_t length = bytes.length;
        CHECK(EVP_DigestUpdate(hash, &length, sizeof length) == 1);
        CHECK(EVP_DigestUpdate(hash, bytes.bytes, bytes.length) == 1);
    }
    CHECK(EVP_DigestFinal_ex(hash, digest, NULL) == 1);
    EVP_MD_CTX_free(hash);
    buffer_finish(&bytes);
    ret_serial[0] = 'f';
    for (size_t i = 0; i < DIGEST_CHARACTERS / 2; i++)
        snprintf(ret_serial + 1 + 2 * i, 3, "%02x", digest[i]);
}

/* The first day of a ledger that the command opens; 0: it opens none. */
static int32_t first_day(const struct batch_line *line)
{
    const ProtobufCFieldDescriptor *first =
        field_find(line->command->descriptor, "first_accounting_date");
    return first ? (int32_t)field_integer(first, field_value(line->command, first, 0)) : 0;
}

static bool opens_ledger(const struct batch_line *line)
{
    return field_find(line->command->descriptor, "first_accounting_date") != NULL;
}

static int make_key(struct context *context, struct batch_run *run, size_t index)
{
    struct batch_line *line = &run->lines[index];
    char serial[64];
    int length = snprintf(serial, sizeof serial, "%.40s-%zu", run->key.serial, index + 1);
    if (length >= SERIAL_TEXT_BYTES) {
        fprintf(stderr,
            "vslctl: --serial is too long: with the command's number behind it, %s has "
            "more than 32 characters\n",
            serial);
        return -1;
    }
    line->key =
        (Vsl__V1__RequestKey *)message_new(&vsl__v1__request_key__descriptor, &context->arena);
    line->key->channel = arena_text(&context->arena, run->key.channel, strlen(run->key.channel));
    line->key->serial = arena_text(&context->arena, serial, (size_t)length);
    line->is_key_made = true;
    /* Until it is known: any day that there is, so that the rest of the key can be looked at.
     * That of a ledger that is opened is its first, if it has one. */
    int32_t first = first_day(line);
    line->key->business_date = run->key.business_date ? run->key.business_date
                               : first                ? first
                                                      : SOME_DAY;
    const ProtobufCFieldDescriptor *field = field_find(line->command->descriptor, "key");
    memcpy(field_slot(line->command, field), &line->key, sizeof line->key);
    run->made_key_count++;
    return 0;
}

int batch_make_serials(struct context *context, struct batch_run *run)
{
    if (!run->key.serial) {
        make_serial_of_file(run, run->made_serial);
        run->key.serial = run->made_serial;
    }
    for (size_t i = 0; i < run->count; i++) {
        struct batch_line *line = &run->lines[i];
        const ProtobufCFieldDescriptor *field = field_find(line->command->descriptor, "key");
        CHECK(field != NULL);
        if (field_is_set(line->command, field))
            memcpy(&line->key, field_value(line->command, field, 0), sizeof line->key);
        else if (make_key(context, run, i) != 0)
            return -1;
    }
    return 0;
}

/* ---- dates ---- */

/* The date of the keys of one ledger. */
struct ledger_date {
    int64_t ledger_id;
    int32_t date;
    int64_t begun_sequence; /* of its first command in an earlier run; 0: there was none */
};

static int find_date(struct context *context, const struct batch_run *run,
    const struct batch_line *line, struct ledger_date *ledger)
{
    if (run->key.business_date) {
        ledger->date = run->key.business_date;
        return 0;
    }
    return key_date_find(context, run->file_name, !run->is_dry_run, ledger->ledger_id, line->key,
        &ledger->date, &ledger->begun_sequence);
}

/* ---- saying them ---- */

static void say_json(const struct batch_run *run, const struct ledger_date *ledgers, size_t count)
{
    json_t *keys = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *key = json_pack("{s:o, s:s, s:i, s:s, s:o}", "ledger_id",
            json_sprintf("%" PRId64, ledgers[i].ledger_id), "channel", run->key.channel,
            "business_date", (int)ledgers[i].date, "serial", run->key.serial, "begun_sequence",
            json_sprintf("%" PRId64, ledgers[i].begun_sequence));
        CHECK(key != NULL && json_array_append_new(keys, key) == 0);
    }
    json_t *json = json_pack("{s:I, s:o}", "commands", (json_int_t)run->count, "keys", keys);
    CHECK(json != NULL);
    json_dumpf(json, stderr, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fprintf(stderr, "\n");
    json_decref(json);
}

/* Said before the first byte is sent, or nothing is: -1. */
static int say_keys(const struct batch_run *run, const struct ledger_date *ledgers, size_t count)
{
    clearerr(stderr);
    if (run->options->is_json)
        say_json(run, ledgers, count);
    for (size_t i = 0; i < count && !run->options->is_json; i++) {
        char date[FORMAT_BYTES_MAX];
        format_date(ledgers[i].date, date);
        fprintf(stderr,
            "keys of ledger %" PRId64
            ": --channel %s --business-date %s --serial %s (with the number of the "
            "command behind it)\n",
            ledgers[i].ledger_id, run->key.channel, date, run->key.serial);
        if (ledgers[i].begun_sequence > 0)
            fprintf(stderr,
                "this file was sent before, from sequence %" PRId64
                " on: what was carried out then is answered again and not booked "
                "twice. To book it a second time give --serial and --business-date.\n",
                ledgers[i].begun_sequence);
    }
    if (fflush(stderr) == 0 && !ferror(stderr))
        return 0;
    fprintf(stderr, "vslctl: the keys could not be told, so nothing was sent\n");
    return -1;
}

int batch_make_dates(struct context *context, struct batch_run *run)
{
    struct ledger_date *ledgers = NULL;
    size_t count = 0;
    int fault = 0;
    for (size_t i = 0; i < run->count && fault == 0; i++) {
        struct batch_line *line = &run->lines[i];
        if (!line->is_key_made || (opens_ledger(line) && !run->key.business_date))
            continue;
        const ProtobufCFieldDescriptor *field = field_find(line->command->descriptor, "ledger_id");
        int64_t ledger_id = field ? field_integer(field, field_value(line->command, field, 0)) : 0;
        size_t found = 0;
        while (found < count && ledgers[found].ledger_id != ledger_id)
            found++;
        if (found == count) {
            ledgers = realloc(ledgers, (count + 1) * sizeof *ledgers);
            CHECK(ledgers != NULL);
            ledgers[count] = (struct ledger_date){.ledger_id = ledger_id};
            fault = find_date(context, run, line, &ledgers[count++]);
        }
        line->key->business_date = ledgers[found].date;
    }
    if (fault == 0)
        fault = say_keys(run, ledgers, count);
    free(ledgers);
    return fault;
}
