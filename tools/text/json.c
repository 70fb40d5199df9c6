/* json.c: protobuf-c messages as JSON and back.
 *
 * Both ways work through a list of messages still to be done instead of by recursion: a nested
 * message is put into its parent at once, and filled when its turn comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/json.h"

#include "base/buffer.h"
#include "base/check.h"
#include "client/status.h"
#include "text/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deeper nesting than any message of the API has. */
#define PATH_BYTES_MAX 256
#define UNSIGNED_64(type) ((type) == PROTOBUF_C_TYPE_UINT64 || (type) == PROTOBUF_C_TYPE_FIXED64)

struct job {
    ProtobufCMessage *message;
    json_t *json; /* borrowed */
    char path[PATH_BYTES_MAX];
};

struct jobs {
    struct job *items;
    size_t count;
    size_t capacity;
};

static struct job *push(struct jobs *jobs)
{
    if (jobs->count == jobs->capacity) {
        jobs->capacity = jobs->capacity ? jobs->capacity * 2 : 16;
        jobs->items = realloc(jobs->items, jobs->capacity * sizeof *jobs->items);
        CHECK(jobs->items != NULL);
    }
    struct job *job = &jobs->items[jobs->count++];
    *job = (struct job){0};
    return job;
}

/* ---- message to JSON ---- */

static json_t *json_of_bytes(const ProtobufCBinaryData *bytes)
{
    struct buffer text = {0};
    base64_encode(&text, bytes->data, bytes->len);
    json_t *json = json_stringn(text.bytes ? (const char *)text.bytes : "", text.length);
    buffer_finish(&text);
    return json;
}

static json_t *json_of_wide(const ProtobufCFieldDescriptor *field, const void *value)
{
    char text[24];
    int64_t number = field_integer(field, value);
    if (UNSIGNED_64(field->type))
        snprintf(text, sizeof text, "%" PRIu64, (uint64_t)number);
    else
        snprintf(text, sizeof text, "%" PRId64, number);
    return json_string(text);
}

static json_t *json_of_enum(const ProtobufCFieldDescriptor *field, const void *value)
{
    int64_t number = field_integer(field, value);
    const ProtobufCEnumValue *named =
        protobuf_c_enum_descriptor_get_value(field->descriptor, (int)number);
    return named ? json_string(named->name) : json_integer(number);
}

static json_t *json_of_value(
    struct jobs *jobs, const ProtobufCFieldDescriptor *field, const void *value)
{
    float narrow;
    double wide;
    const char *text;
    struct job *job;
    switch (field->type) {
    case PROTOBUF_C_TYPE_FLOAT:
        memcpy(&narrow, value, sizeof narrow);
        return json_real((double)narrow);
    case PROTOBUF_C_TYPE_DOUBLE:
        memcpy(&wide, value, sizeof wide);
        return json_real(wide);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(field_integer(field, value));
    case PROTOBUF_C_TYPE_ENUM:
        return json_of_enum(field, value);
    case PROTOBUF_C_TYPE_STRING:
        memcpy(&text, value, sizeof text);
        return json_string(text ? text : "");
    case PROTOBUF_C_TYPE_BYTES:
        return json_of_bytes(value);
    case PROTOBUF_C_TYPE_MESSAGE:
        job = push(jobs);
        memcpy(&job->message, value, sizeof job->message);
        job->json = json_object();
        return job->json;
    default:
        if (field_value_bytes(field) == 8)
            return json_of_wide(field, value);
        return json_integer(field_integer(field, value));
    }
}

static void fill_object(struct jobs *jobs, const ProtobufCMessage *message, json_t *object)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        size_t count = field_count(message, field);
        json_t *json = NULL;
        if (field_is_repeated(field)) {
            json = json_array();
            for (size_t k = 0; k < count; k++)
                json_array_append_new(
                    json, json_of_value(jobs, field, field_value(message, field, k)));
        } else if (count > 0) {
            json = json_of_value(jobs, field, field_value(message, field, 0));
        } else {
            continue;
        }
        /* A string that is not UTF-8 gives no JSON. */
        json_object_set_new(object, field->name, json ? json : json_null());
    }
}

json_t *json_of_message(const ProtobufCMessage *message)
{
    struct jobs jobs = {0};
    json_t *root = json_object();
    CHECK(root != NULL);
    fill_object(&jobs, message, root);
    while (jobs.count > 0) {
        struct job job = jobs.items[--jobs.count];
        fill_object(&jobs, job.message, job.json);
    }
    free(jobs.items);
    return root;
}

/* ---- JSON to message ---- */

struct reading {
    struct jobs jobs;
    struct arena *arena;
    char *error;
    size_t error_bytes;
};

static int refuse(struct reading *reading, const char *path, const char *rule)
{
    snprintf(reading->error, reading->error_bytes, "%s: %s", path[0] ? path : "the message", rule);
    return -1;
}

static int read_integer(struct reading *reading, const char *path, const json_t *json, int64_t low,
    int64_t high, int64_t *ret_number)
{
    int64_t number;
    if (json_is_integer(json)) {
        number = json_integer_value(json);
    } else if (json_is_string(json)) {
        const char *text = json_string_value(json);
        char *end;
        errno = 0;
        number = strtoll(text, &end, 10);
        if (errno || end == text || *end != '\0')
            return refuse(reading, path, "is not a whole number of 64 bits");
    } else {
        return refuse(reading, path, "must be a whole number");
    }
    if (number < low || number > high)
        return refuse(reading, path, "is out of range");
    *ret_number = number;
    return 0;
}

static int read_enum(struct reading *reading, const char *path, const json_t *json,
    const ProtobufCFieldDescriptor *field, void *slot)
{
    int32_t number;
    if (json_is_string(json)) {
        const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value_by_name(
            field->descriptor, json_string_value(json));
        if (!named)
            return refuse(reading, path, "is no name of this enum");
        number = named->value;
    } else {
        int64_t wide;
        if (read_integer(reading, path, json, INT32_MIN, INT32_MAX, &wide) != 0)
            return -1;
        number = (int32_t)wide;
    }
    memcpy(slot, &number, sizeof number);
    return 0;
}

static int read_text(struct reading *reading, const char *path, const json_t *json, void *slot)
{
    if (!json_is_string(json))
        return refuse(reading, path, "must be a string");
    size_t length = json_string_length(json);
    if (memchr(json_string_value(json), 0, length))
        return refuse(reading, path, "must not hold a NUL character");
    const char *text = arena_text(reading->arena, json_string_value(json), length);
    memcpy(slot, &text, sizeof text);
    return 0;
}

static int read_bytes(struct reading *reading, const char *path, const json_t *json, void *slot)
{
    struct buffer decoded = {0};
    bool is_right =
        json_is_string(json) && base64_try_decode((const uint8_t *)json_string_value(json),
                                    json_string_length(json), &decoded);
    ProtobufCBinaryData data = {.len = decoded.length};
    if (is_right)
        data.data = (uint8_t *)arena_text(
            reading->arena, decoded.bytes ? (const char *)decoded.bytes : "", decoded.length);
    buffer_finish(&decoded);
    if (!is_right)
        return refuse(reading, path, "must be base64");
    memcpy(slot, &data, sizeof data);
    return 0;
}

static int read_message(struct reading *reading, const char *path, const json_t *json,
    const ProtobufCFieldDescriptor *field, void *slot)
{
    if (!json_is_object(json))
        return refuse(reading, path, "must be an object");
    ProtobufCMessage *message = message_new(field->descriptor, reading->arena);
    memcpy(slot, &message, sizeof message);
    struct job *job = push(&reading->jobs);
    job->message = message;
    /* Only read from, though jansson's iterators want it without const. */
    memcpy(&job->json, &json, sizeof json);
    snprintf(job->path, sizeof job->path, "%s", path);
    return 0;
}

static int read_number(struct reading *reading, const char *path, const json_t *json,
    const ProtobufCFieldDescriptor *field, void *slot)
{
    int64_t number;
    bool is_wide = field_value_bytes(field) == 8;
    bool is_unsigned =
        field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_FIXED32;
    int64_t low = is_wide ? INT64_MIN : is_unsigned ? 0 : INT32_MIN;
    int64_t high = is_wide ? INT64_MAX : is_unsigned ? UINT32_MAX : INT32_MAX;
    if (UNSIGNED_64(field->type))
        low = 0;
    if (read_integer(reading, path, json, low, high, &number) != 0)
        return -1;
    int32_t narrow = (int32_t)(uint32_t)(uint64_t)number;
    if (is_wide)
        memcpy(slot, &number, sizeof number);
    else
        memcpy(slot, &narrow, sizeof narrow);
    return 0;
}

static int read_value(struct reading *reading, const char *path, const json_t *json,
    const ProtobufCFieldDescriptor *field, void *slot)
{
    float narrow;
    double wide;
    protobuf_c_boolean truth;
    switch (field->type) {
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        if (!json_is_number(json))
            return refuse(reading, path, "must be a number");
        wide = json_number_value(json);
        narrow = (float)wide;
        if (field->type == PROTOBUF_C_TYPE_DOUBLE)
            memcpy(slot, &wide, sizeof wide);
        else
            memcpy(slot, &narrow, sizeof narrow);
        return 0;
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(json))
            return refuse(reading, path, "must be true or false");
        truth = json_is_true(json);
        memcpy(slot, &truth, sizeof truth);
        return 0;
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(reading, path, json, field, slot);
    case PROTOBUF_C_TYPE_STRING:
        return read_text(reading, path, json, slot);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(reading, path, json, slot);
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(reading, path, json, field, slot);
    default:
        return read_number(reading, path, json, field, slot);
    }
}

static int read_repeated(struct reading *reading, const char *path, const json_t *json,
    const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
    if (!json_is_array(json))
        return refuse(reading, path, "must be an array");
    size_t count = json_array_size(json);
    uint8_t *slots = field_slots(message, field, count, reading->arena);
    for (size_t i = 0; i < count; i++) {
        char item_path[PATH_BYTES_MAX * 2 + 32];
        snprintf(item_path, sizeof item_path, "%s[%zu]", path, i);
        if (read_value(reading, item_path, json_array_get(json, i), field,
                slots + i * field_value_bytes(field)) != 0)
            return -1;
    }
    return 0;
}

static int read_object(struct reading *reading, const struct job *job)
{
    const char *name;
    json_t *json;
    json_object_foreach(job->json, name, json)
    {
        char path[PATH_BYTES_MAX * 2];
        snprintf(path, sizeof path, "%s%s%.128s", job->path, job->path[0] ? "." : "", name);
        const ProtobufCFieldDescriptor *field = field_find(job->message->descriptor, name);
        if (!field)
            return refuse(reading, path, "there is no such field");
        if (json_is_null(json))
            continue;
        if (field_has_rival(job->message, field))
            return refuse(reading, path, "only one field of this choice can be given");
        int fault = field_is_repeated(field)
                        ? read_repeated(reading, path, json, field, job->message)
                        : read_value(reading, path, json, field, field_slot(job->message, field));
        if (fault)
            return -1;
    }
    return 0;
}

ProtobufCMessage *json_to_message(const ProtobufCMessageDescriptor *descriptor, const json_t *json,
    struct arena *arena, char *ret_error, size_t error_bytes)
{
    struct reading reading = {.arena = arena, .error = ret_error, .error_bytes = error_bytes};
    if (!json_is_object(json)) {
        refuse(&reading, "", "must be an object");
        return NULL;
    }
    ProtobufCMessage *root = message_new(descriptor, arena);
    struct job *first = push(&reading.jobs);
    first->message = root;
    memcpy(&first->json, &json, sizeof json);
    while (reading.jobs.count > 0) {
        struct job job = reading.jobs.items[--reading.jobs.count];
        if (read_object(&reading, &job) != 0) {
            root = NULL;
            break;
        }
    }
    free(reading.jobs.items);
    return root;
}
