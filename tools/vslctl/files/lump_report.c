/* lump_report.c: what vslctl lump says before and after.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lump_parts.h"

#include "base/check.h"
#include "text/format.h"
#include "text/json.h"

#include "vsl/v1/lump.pb-c.h"

#include <inttypes.h>
#include <stdio.h>

static void say_keys(const struct context *context, const struct lump_run *run, int64_t begun)
{
    char total[FORMAT_BYTES_MAX];
    if (run->options->is_json) {
        json_t *json = json_pack("{s:I, s:o, s:s, s:i, s:s, s:o}", "lines", (json_int_t)run->count,
            "total_minor", json_sprintf("%" PRId64, run->total_minor), "channel", run->channel,
            "business_date", (int)run->business_date, "serial", run->serial, "begun_sequence",
            json_sprintf("%" PRId64, begun));
        CHECK(json != NULL);
        json_dumpf(json, stderr, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fprintf(stderr, "\n");
        json_decref(json);
        return;
    }
    format_amount(run->total_minor, context->ledger.decimals, total);
    fprintf(stderr,
        "%s: %zu lines, %s %s in all\n"
        "keys: channel %s, business date %d, serials %s-open, %s-<line>, %s-close%s\n",
        run->file_name, run->count, total, context->ledger.currency, run->channel,
        run->business_date, run->serial, run->serial, run->serial,
        begun > 0 ? "; goes on where an earlier run ended" : "");
}

int lump_say_before(const struct context *context, const struct lump_run *run, int64_t begun)
{
    clearerr(stderr);
    say_keys(context, run, begun);
    if (fflush(stderr) == 0 && !ferror(stderr))
        return 0;
    fprintf(stderr, "vslctl: the keys could not be told, so nothing was sent\n");
    return -1;
}

#define STATUS(NAME) VSL__V1__LUMP_STATUS__LUMP_STATUS_##NAME

void lump_count(struct lump_run *run, const struct lump_line *line)
{
    if (line->outcome < OUTCOME_FIRST_REFUSAL) {
        run->accepted++;
        run->replayed += line->is_replayed;
        return;
    }
    run->refused++;
    run->needs_approval |= line->outcome == VSL__V1__OUTCOME__OUTCOME_APPROVAL_NEEDED;
}

void lump_count_known(struct lump_run *run, const struct lump_line *line)
{
    char outcome[FORMAT_BYTES_MAX];
    lump_count(run, line);
    if (line->outcome < OUTCOME_FIRST_REFUSAL || run->refused > LUMP_REFUSALS_SHOWN_MAX)
        return;
    progress_clear(&run->progress);
    format_enum(&vsl__v1__outcome__descriptor, line->outcome, outcome);
    if (line->outcome == VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED)
        fprintf(stderr,
            "line %u: %s: command %" PRId64
            " has booked this source order otherwise: for another lump, payee or amount\n",
            line->line, outcome, line->sequence);
    else
        fprintf(
            stderr, "line %u: %s, in command %" PRId64 "\n", line->line, outcome, line->sequence);
}

void lump_say_anew(const struct lump_run *run)
{
    fprintf(stderr,
        "That is the answer of the first time, of %d: the same file has the same keys, and they "
        "have the same answer.\nTo begin anew, when its cause is gone: --serial TEXT "
        "--business-date YYYY-MM-DD, with a TEXT that was not used and the day of today.\n",
        run->business_date);
}

static void say_json(const struct lump_run *run, const char *result_name)
{
    const ProtobufCEnumValue *status =
        protobuf_c_enum_descriptor_get_value(&vsl__v1__lump_status__descriptor, run->status);
    json_t *json = json_pack("{s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:b, s:s, s:s, s:s}", "lump_id",
        json_sprintf("%" PRId64, run->lump_id), "suspense_id",
        json_sprintf("%" PRId64, run->suspense_id), "lines", (json_int_t)run->count, "total_minor",
        json_sprintf("%" PRId64, run->total_minor), "accepted", (json_int_t)run->accepted,
        "replayed", (json_int_t)run->replayed, "refused", (json_int_t)run->refused, "closed",
        run->is_closed, "status", status ? status->name : "", "serial", run->serial, "result_file",
        result_name);
    CHECK(json != NULL);
    json_dumpf(json, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    printf("\n");
    json_decref(json);
}

/* What is to be done about one that is open. */
static void advise(const struct lump_run *run)
{
    if (run->is_all_or_none) {
        printf("None of its lines is booked, and the same file is answered so again. Give the lump "
               "up with 'vslctl lump cancel\n--lump %" PRId64
               "', and send the file mended, or with "
               "--serial TEXT --business-date YYYY-MM-DD.\n",
            run->lump_id);
        return;
    }
    if (run->refused > 0)
        printf("What was refused stays refused under its key. Send it right with 'vslctl lump line "
               "--lump %" PRId64 "',\nthen 'vslctl lump close --lump %" PRId64 "'.\n",
            run->lump_id, run->lump_id);
    if (run->needs_approval)
        printf("What needs approval: the same 'vslctl lump line' or 'lump close' with --propose "
               "'why', then another person\napproves it with 'vslctl proposal approve'.\n");
    if (run->refused > 0)
        printf("A line that can never be booked: 'vslctl lump close --lump %" PRId64
               " --as-it-stands --propose 'why''\nends the lump with the lines that it has.\n",
            run->lump_id);
}

void lump_say_after(const struct lump_run *run, const char *result_name)
{
    char status[FORMAT_BYTES_MAX] = "how far it is could not be asked";
    if (run->options->is_json) {
        say_json(run, result_name);
        return;
    }
    if (run->status != STATUS(UNSPECIFIED))
        format_enum(&vsl__v1__lump_status__descriptor, run->status, status);
    printf("lump %" PRId64 ": %zu lines accepted, of them %zu before; %zu refused; %s\n"
           "result: %s\n",
        run->lump_id, run->accepted, run->replayed, run->refused, status, result_name);
    if (run->status == STATUS(OPEN))
        advise(run);
    if (run->status == STATUS(CANCELLED) && fflush(stdout) == 0)
        lump_say_anew(run);
}
