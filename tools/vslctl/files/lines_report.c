/* lines_report.c: what is said of a file of lines before and after.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

#include "base/check.h"
#include "text/format.h"
#include "text/json.h"

#include <inttypes.h>
#include <stdio.h>

static const char *go_on_text(const struct lines_run *run)
{
    return run->begun_sequence > 0 ? "; goes on where an earlier run ended" : "";
}

static void say_keys(const struct context *context, const struct lines_run *run)
{
    char total[FORMAT_BYTES_MAX];
    if (run->options->is_json) {
        json_t *json = json_pack("{s:I, s:o, s:s, s:i, s:s, s:o}", "lines", (json_int_t)run->count,
            "total_minor", json_sprintf("%" PRId64, run->total_minor), "channel", run->key.channel,
            "business_date", (int)run->key.business_date, "serial", run->key.serial,
            "begun_sequence", json_sprintf("%" PRId64, run->begun_sequence));
        CHECK(json != NULL);
        if (!lines_have_whole(run))
            CHECK(json_object_del(json, "total_minor") == 0);
        json_dumpf(json, stderr, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fprintf(stderr, "\n");
        json_decref(json);
        return;
    }
    if (!lines_have_whole(run)) {
        fprintf(stderr,
            "%s: %zu lines\n"
            "keys: channel %s, business date %d, serials %s-<line>%s\n",
            run->file_name, run->count, run->key.channel, run->key.business_date, run->key.serial,
            go_on_text(run));
        return;
    }
    format_amount(run->total_minor, context->ledger.decimals, total);
    fprintf(stderr,
        "%s: %zu lines, %s %s in all\n"
        "keys: channel %s, business date %d, serials %s-open, %s-<line>, %s-close%s\n",
        run->file_name, run->count, total, context->ledger.currency, run->key.channel,
        run->key.business_date, run->key.serial, run->key.serial, run->key.serial, go_on_text(run));
}

int lines_say_before(const struct context *context, const struct lines_run *run)
{
    clearerr(stderr);
    say_keys(context, run);
    if (fflush(stderr) == 0 && !ferror(stderr))
        return 0;
    fprintf(stderr, "vslctl: the keys could not be told, so nothing was sent\n");
    return -1;
}

void lines_count(struct lines_run *run, const struct lines_row *line)
{
    if (line->outcome < OUTCOME_FIRST_REFUSAL) {
        run->accepted++;
        run->replayed += line->is_replayed;
        run->made += line->subject_id != 0;
        return;
    }
    run->refused++;
    run->needs_approval |= line->outcome == VSL__V1__OUTCOME__OUTCOME_APPROVAL_NEEDED;
}

void lines_count_known(struct lines_run *run, const struct lines_row *line)
{
    char outcome[FORMAT_BYTES_MAX];
    lines_count(run, line);
    if (line->outcome < OUTCOME_FIRST_REFUSAL || run->refused > LINES_REFUSALS_SHOWN_MAX)
        return;
    progress_clear(&run->progress);
    format_enum(&vsl__v1__outcome__descriptor, line->outcome, outcome);
    if (line->outcome == VSL__V1__OUTCOME__OUTCOME_SOURCE_ORDER_USED)
        fprintf(stderr,
            "line %u: %s: command %" PRId64
            " has booked this source order otherwise: for another lump, payee or amount\n",
            line->line, outcome, line->sequence);
    else if (line->outcome == VSL__V1__OUTCOME__OUTCOME_VALUE_DENIED)
        fprintf(stderr,
            "line %u: %s: entry %" PRId64 " lists it, but not as long, or has ended since: end it "
            "with\n'vslctl denied end', then list it anew with 'vslctl denied add'\n",
            line->line, outcome, line->subject_id);
    else
        fprintf(
            stderr, "line %u: %s, in command %" PRId64 "\n", line->line, outcome, line->sequence);
}

void lines_say_anew(const struct lines_run *run)
{
    fprintf(stderr,
        "That is the answer of the first time, of %d: the same file has the same keys, and they "
        "have the same answer.\nTo begin anew, when its cause is gone: --serial TEXT "
        "--business-date YYYY-MM-DD, with a TEXT that was not used and the day of today.\n",
        run->key.business_date);
}

/* The same without a whole. */
static void say_plain(const struct lines_run *run, const char *result_name)
{
    if (run->options->is_json) {
        json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:s, s:s}", "lines", (json_int_t)run->count,
            "accepted", (json_int_t)run->accepted, "replayed", (json_int_t)run->replayed, "refused",
            (json_int_t)run->refused, "serial", run->key.serial, "result_file", result_name);
        CHECK(json != NULL);
        json_dumpf(json, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        printf("\n");
        json_decref(json);
        return;
    }
    printf("%s: %zu lines accepted, of them %zu before; %zu refused\nresult: %s\n", run->kind->noun,
        run->accepted, run->replayed, run->refused, result_name);
    run->kind->advise(run);
}

static void say_json(const struct lines_run *run, const char *result_name)
{
    const ProtobufCEnumValue *status =
        protobuf_c_enum_descriptor_get_value(run->kind->statuses, run->status);
    char whole_name[64];
    snprintf(whole_name, sizeof whole_name, "%s_id", run->kind->noun);
    json_t *json = json_pack("{s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:b, s:s, s:s, s:s}", whole_name,
        json_sprintf("%" PRId64, run->whole_id), "suspense_id",
        json_sprintf("%" PRId64, run->suspense_id), "lines", (json_int_t)run->count, "total_minor",
        json_sprintf("%" PRId64, run->total_minor), "accepted", (json_int_t)run->accepted,
        "replayed", (json_int_t)run->replayed, "refused", (json_int_t)run->refused, "closed",
        run->is_closed, "status", status ? status->name : "", "serial", run->key.serial,
        "result_file", result_name);
    CHECK(json != NULL);
    if (run->kind->subject_noun) {
        snprintf(whole_name, sizeof whole_name, "%ss", run->kind->subject_noun);
        CHECK(json_object_set_new(json, whole_name, json_integer((json_int_t)run->made)) == 0);
    }
    json_dumpf(json, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    printf("\n");
    json_decref(json);
}

void lines_say_after(const struct lines_run *run, const char *result_name)
{
    char status[FORMAT_BYTES_MAX] = "how far it is could not be asked";
    if (!lines_have_whole(run)) {
        say_plain(run, result_name);
        return;
    }
    if (run->options->is_json) {
        say_json(run, result_name);
        return;
    }
    if (run->status != 0)
        format_enum(run->kind->statuses, run->status, status);
    printf("%s %" PRId64 ": %zu lines accepted, of them %zu before; %zu refused; %s\n",
        run->kind->noun, run->whole_id, run->accepted, run->replayed, run->refused, status);
    if (run->made > 0 && run->kind->subject_noun)
        printf("%zu of them with a %s: 'vslctl %s list --%s %" PRId64 "'\n", run->made,
            run->kind->subject_noun, run->kind->subject_noun, run->kind->noun, run->whole_id);
    printf("result: %s\n", result_name);
    if (run->status == LINES_OPEN || run->status == LINES_GIVEN_UP)
        run->kind->advise(run);
}
