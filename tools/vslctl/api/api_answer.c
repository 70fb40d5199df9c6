/* api_answer.c: from the answers of a call, page by page, to text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api_parts.h"

#include "base/check.h"
#include "text/fields.h"
#include "text/format.h"

#include "vsl/v1/acquirer.pb-c.h"
#include "vsl/v1/common.pb-c.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- pages ---- */

static void set_integer(ProtobufCMessage *message, const char *name, int64_t number)
{
    const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
    int32_t narrow = (int32_t)number;
    CHECK(field != NULL && field_is_integer(field));
    if (field_value_bytes(field) == 8)
        memcpy(field_slot(message, field), &number, sizeof number);
    else
        memcpy(field_slot(message, field), &narrow, sizeof narrow);
}

/* The rows of many answers. */
struct rows {
    ProtobufCMessage **items;
    size_t count;
};

static void append_rows(
    struct rows *rows, const struct api_call *call, const ProtobufCMessage *answer)
{
    const ProtobufCFieldDescriptor *field = field_find(answer->descriptor, call->table_field);
    size_t more = field_count(answer, field);
    rows->items = realloc(rows->items, (rows->count + more + 1) * sizeof *rows->items);
    CHECK(rows->items != NULL);
    for (size_t i = 0; i < more; i++)
        memcpy(&rows->items[rows->count++], field_value(answer, field, i), sizeof *rows->items);
}

/* Puts the rows of all pages into the answer with the last one, which may be NULL. */
static void replace_rows(struct context *context, const struct api_call *call, struct rows *rows,
    ProtobufCMessage *answer)
{
    if (answer && rows->count > 0)
        memcpy(field_slots(answer, field_find(answer->descriptor, call->table_field), rows->count,
                   &context->arena),
            rows->items, rows->count * sizeof *rows->items);
    free(rows->items);
}

static const char *get_text(const ProtobufCMessage *message, const char *name)
{
    const char *text;
    const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
    CHECK(field != NULL && field->type == PROTOBUF_C_TYPE_STRING);
    memcpy(&text, field_value(message, field, 0), sizeof text);
    return text;
}

static void set_text(ProtobufCMessage *message, const char *name, const char *text)
{
    memcpy(field_slot(message, field_find(message->descriptor, name)), &text, sizeof text);
}

/* Follows the pages; the last one, with the rows of all of them. */
static ProtobufCMessage *ask_pages(
    struct context *context, const struct given *given, ProtobufCMessage *request)
{
    const struct api_call *call = given->call;
    struct rows rows = {0};
    ProtobufCMessage *answer;
    const char *token = given->page_token;
    do {
        /* The server cuts what is too large for one page. */
        int64_t wanted = given->limit - (int64_t)rows.count;
        set_integer(request, "page_size", wanted < INT32_MAX ? wanted : INT32_MAX);
        if (token)
            set_text(request, "page_token", token);
        answer = context_call(context, call->service, call->method, request);
        if (!answer)
            break;
        append_rows(&rows, call, answer);
        token = get_text(answer, "next_page_token");
    } while (token[0] && (int64_t)rows.count < given->limit);
    replace_rows(context, call, &rows, answer);
    return answer;
}

ProtobufCMessage *api_ask(
    struct context *context, const struct given *given, ProtobufCMessage *request)
{
    if (given->call->has_tokens)
        return ask_pages(context, given, request);
    return context_call(context, given->call->service, given->call->method, request);
}

/* ---- texts ---- */

/* A duration counts from now, and so does the time that a proposal has by default: the same words
 * would be another request when they are repeated. Calls `tell` with each such option. */
static size_t each_relative_time(const struct given *given,
    void (*tell)(void *target, const char *option, const char *time), void *target)
{
    char time[FORMAT_BYTES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < api_parameter_count(given->asked); i++) {
        const struct parameter *parameter = &given->asked->parameters[i];
        const char *text = given->values[i];
        int64_t time_us;
        if (parameter->kind != PARAMETER_TIME || !text || text[0] != '+' ||
            read_time(text, given->now_us, &time_us) != TIME_IS_RIGHT)
            continue;
        format_time(time_us, time);
        tell(target, parameter->name, time);
        count++;
    }
    if (given->propose && (!given->propose_until || given->propose_until[0] == '+')) {
        format_time(given->propose_until_us, time);
        tell(target, "propose-until", time);
        count++;
    }
    return count;
}

static void tell_option(void *target, const char *option, const char *time)
{
    fprintf(target, " --%s '%s'", option, time);
}

static void tell_member(void *target, const char *option, const char *time)
{
    CHECK(json_object_set_new(target, option, json_string(time)) == 0);
}

static void show_key(FILE *out, const struct given *given)
{
    char date[FORMAT_BYTES_MAX];
    format_date(given->key.business_date, date);
    fprintf(out, "key: --channel %s --business-date %s --serial %s", given->key.channel, date,
        given->key.serial);
    each_relative_time(given, tell_option, out);
    fprintf(out, "\n");
    fflush(out);
}

int api_tell_key(struct given *given)
{
    json_t *times = json_object();
    CHECK(times != NULL);
    if (each_relative_time(given, tell_member, times) == 0 && !given->is_serial_made) {
        json_decref(times);
        return 0;
    }
    clearerr(stderr);
    if (given->options->is_json) {
        json_t *json = json_pack("{s:{s:s, s:i, s:s, s:O}}", "key", "channel", given->key.channel,
            "business_date", (int)given->key.business_date, "serial", given->key.serial, "times",
            times);
        CHECK(json != NULL);
        json_dumpf(json, stderr, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fprintf(stderr, "\n");
        json_decref(json);
    } else {
        show_key(stderr, given);
    }
    json_decref(times);
    given->is_key_told = true;
    return fflush(stderr) == 0 && !ferror(stderr) ? 0 : -1;
}

/* What a line would open, in the ledger's currency. */
static void show_difference(struct context *context, const struct given *given,
    const ProtobufCMessage *answer, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCMessage *difference;
    if (!field_is_set(answer, field))
        return;
    if (given->ledger_id > 0)
        (void)context_ask_ledger(context, given->ledger_id);
    memcpy(&difference, field_value(answer, field, 0), sizeof difference);
    printf("difference that it would open:\n");
    show_message(context, difference);
}

/* Prints what a command made: every field of the answer but the result, when it was accepted. */
int api_show_command(
    struct context *context, const struct given *given, const ProtobufCMessage *answer)
{
    const ProtobufCMessageDescriptor *descriptor = answer->descriptor;
    const ProtobufCFieldDescriptor *field = field_find(descriptor, "result");
    if (!field || !field_is_set(answer, field)) {
        fprintf(stderr, "vslctl: the answer has no result\n");
        return EXIT_TRANSPORT;
    }
    const Vsl__V1__CommandResult *result;
    memcpy(&result, field_value(answer, field, 0), sizeof result);
    int status = (int)result->outcome >= OUTCOME_FIRST_REFUSAL ? EXIT_REFUSED : EXIT_ACCEPTED;
    if (context->options->is_json) {
        show_json(answer, true);
        return status;
    }
    /* Fee and limit are shown in the ledger's currency; if it cannot be asked, in minor units. */
    if ((result->fee_minor > 0 || show_has_limit(result)) && given->ledger_id > 0)
        (void)context_ask_ledger(context, given->ledger_id);
    show_result(context, result, strcmp(given->call->method, "CutDay") == 0);
    /* A dry run gives no ids and numbers out: they are 0 and empty. */
    for (unsigned i = 0; status == EXIT_ACCEPTED && i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &descriptor->fields[i];
        const char *text;
        if (other->type == PROTOBUF_C_TYPE_MESSAGE) {
            if (field_is_repeated(other))
                show_repeated(context, answer, other->name);
            else if (other->descriptor == &vsl__v1__line_difference__descriptor)
                show_difference(context, given, answer, other);
            continue;
        }
        char name[FORMAT_BYTES_MAX];
        bool is_text = other->type == PROTOBUF_C_TYPE_STRING;
        snprintf(name, sizeof name, "%s%s", other->name, is_text ? ": " : "");
        for (char *byte = name; *byte; byte++) {
            if (*byte == '_')
                *byte = ' ';
        }
        if (is_text) {
            memcpy(&text, field_value(answer, other, 0), sizeof text);
            show_text(name, text);
        } else {
            int64_t number = field_integer(other, field_value(answer, other, 0));
            if (number != 0)
                printf("%s: %" PRId64 "\n", name, number);
        }
    }
    show_key(stdout, given);
    return status;
}

int api_show_query(
    struct context *context, const struct given *given, const ProtobufCMessage *answer)
{
    if (context->options->is_json) {
        show_json(answer, true);
        return EXIT_ACCEPTED;
    }
    /* Amounts are written with the decimals of the ledger's currency. */
    int64_t ledger_id = given->ledger_id;
    const ProtobufCMessage *entry;
    const ProtobufCFieldDescriptor *field;
    if (field_follow(answer, "entry.ledger_id", &entry, &field))
        ledger_id = field_integer(field, field_value(entry, field, 0));
    if (ledger_id > 0 && context_ask_ledger(context, ledger_id) != 0)
        return context_fault_status(context);
    const struct api_screen *screen = api_screen_of(given->call);
    if (screen)
        screen->show(context, answer);
    else if (given->call->table_field)
        show_table(context, answer, given->call->table_field, given->call->columns);
    else
        show_message(context, answer);
    if (given->call->has_tokens && !api_is_whole(given->call))
        show_text("more: --page-token ", get_text(answer, "next_page_token"));
    return EXIT_ACCEPTED;
}
