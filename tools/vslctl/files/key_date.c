/* key_date.c: see key_date.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/key_date.h"

#include "base/check.h"
#include "client/durable_file.h"
#include "model/date.h"

#include "vsl/v1/journal.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* So many days back a run of the same file is looked for. */
#define DAYS_LOOKED_BACK 100

/* Asks for a command by its key: 0 with its sequence, or 0 when there is none; -2. */
static int ask_sequence(
    struct context *context, const Vsl__V1__RequestKey *key, int64_t *ret_sequence)
{
    Vsl__V1__GetCommandRequest request;
    Vsl__V1__RequestKey copy = *key;
    vsl__v1__get_command_request__init(&request);
    request.key = &copy;
    rpc_reset(&context->rpc);
    Vsl__V1__GetCommandResponse *answer = (Vsl__V1__GetCommandResponse *)rpc_call(
        &context->rpc, &vsl__v1__journal_service__descriptor, "GetCommand", &request.base);
    context->is_command = false;
    *ret_sequence = answer && answer->entry ? answer->entry->sequence : 0;
    if (answer || context->rpc.fault.status == GRPC_NOT_FOUND)
        return 0;
    context_print_fault(context);
    return -2;
}

/* On which of the past dates the service knows the key. */
static int look_back(struct context *context, const Vsl__V1__RequestKey *key, int32_t *ret_date,
    int64_t *ret_sequence)
{
    int32_t days;
    Vsl__V1__RequestKey asked = *key;
    *ret_date = context->ledger.accounting_date;
    CHECK(date_try_from_yyyymmdd(*ret_date, &days));
    for (int32_t back = 0; back <= DAYS_LOOKED_BACK && back <= days; back++) {
        asked.business_date = date_to_yyyymmdd(days - back);
        if (ask_sequence(context, &asked, ret_sequence) != 0)
            return -2;
        if (*ret_sequence > 0) {
            *ret_date = asked.business_date;
            break;
        }
    }
    return 0;
}

/* ---- what is kept beside the file: a line for each ledger and content that was sent ---- */

#define LINE "ledger=%" PRId64 " channel=%s serial=%s business_date="
#define LINE_BYTES_MAX 512

/* The date of a line that begins so; 0: there is none. Copies all lines to `copy`, if any. */
static int32_t read_kept(const char *path, const char *begin, FILE *copy)
{
    char line[LINE_BYTES_MAX];
    int32_t date = 0;
    int32_t days;
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in)) {
        if (strncmp(line, begin, strlen(begin)) == 0)
            date = (int32_t)strtol(line + strlen(begin), NULL, 10);
        if (copy)
            fputs(line, copy);
    }
    if (in)
        fclose(in);
    return date_try_from_yyyymmdd(date, &days) ? date : 0;
}

static int keep_fault(const char *path)
{
    fprintf(stderr,
        "vslctl: could not write '%s', which keeps the date of the keys for the next run: %s; "
        "nothing was sent. Give --business-date, by which each run makes the same keys.\n",
        path, durable_reason(errno));
    return -1;
}

/* Finds the date and keeps it, while no other run of the file does. */
static int find_and_keep(struct context *context, const char *path, const char *begin,
    Vsl__V1__RequestKey *key, int32_t *ret_date, int64_t *ret_sequence)
{
    struct durable_file file;
    if (durable_begin(&file, path, 0666) != 0)
        return keep_fault(path);
    int fault = 0;
    *ret_date = read_kept(path, begin, file.stream);
    if (*ret_date != 0) {
        key->business_date = *ret_date;
        fault = ask_sequence(context, key, ret_sequence);
    } else {
        fault = look_back(context, key, ret_date, ret_sequence);
        if (fault == 0) {
            fprintf(file.stream, "%s%d\n", begin, *ret_date);
            if (durable_commit(&file) != 0)
                fault = keep_fault(path);
        }
    }
    durable_abandon(&file);
    return fault;
}

int key_date_find(struct context *context, const char *file_name, bool is_kept, int64_t ledger_id,
    const Vsl__V1__RequestKey *key, int32_t *ret_date, int64_t *ret_sequence)
{
    char path[PATH_MAX];
    char begin[LINE_BYTES_MAX - 16];
    Vsl__V1__RequestKey asked = *key;
    *ret_sequence = 0;
    if (context_ask_ledger(context, ledger_id) != 0)
        return -2;
    if (strcmp(file_name, "-") == 0)
        return look_back(context, key, ret_date, ret_sequence);
    int length = snprintf(path, sizeof path, "%s.keys", file_name);
    int begins = snprintf(begin, sizeof begin, LINE, ledger_id, key->channel, key->serial);
    if (length < 0 || (size_t)length >= sizeof path || begins < 0 ||
        (size_t)begins >= sizeof begin) {
        errno = ENAMETOOLONG;
        return keep_fault(path);
    }
    if (is_kept)
        return find_and_keep(context, path, begin, &asked, ret_date, ret_sequence);
    asked.business_date = *ret_date = read_kept(path, begin, NULL);
    return *ret_date != 0 ? ask_sequence(context, &asked, ret_sequence)
                          : look_back(context, key, ret_date, ret_sequence);
}
