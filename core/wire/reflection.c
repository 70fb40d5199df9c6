/* reflection.c: answers what services and messages there are.
 *
 * The descriptors come ready-made with the config. A request for a file or symbol is answered with
 * the file and everything that it imports, so that a client needs one round trip.
 * Source: grpc/grpc doc/server-reflection.md, reflection.proto.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/reflection.h"

#include "base/check.h"
#include "wire/call.h"
#include "wire/proto_wire.h"
#include "wire/response.h"

#include <stdlib.h>
#include <string.h>

/* ServerReflectionRequest */
#define REQUEST_HOST 1
#define REQUEST_FILE_BY_NAME 3
#define REQUEST_FILE_CONTAINING_SYMBOL 4
#define REQUEST_FILE_CONTAINING_EXTENSION 5
#define REQUEST_ALL_EXTENSION_NUMBERS 6
#define REQUEST_LIST_SERVICES 7
/* ServerReflectionResponse */
#define RESPONSE_HOST 1
#define RESPONSE_ORIGINAL 2
#define RESPONSE_FILES 4
#define RESPONSE_EXTENSION_NUMBERS 5
#define RESPONSE_SERVICES 6
#define RESPONSE_ERROR 7

/* A client that asks and does not read is cut off when so much waits for it. */
#define QUEUE_BYTES_MAX (1024 * 1024)

static const char *const own_services[] = {
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
};

static bool is_name(const char *name, const struct proto_field *field)
{
    return strlen(name) == field->length && memcmp(name, field->bytes, field->length) == 0;
}

static size_t find_file(const struct wire_config *config, const char *name)
{
    for (size_t i = 0; i < config->file_count; i++) {
        if (strcmp(config->files[i].name, name) == 0)
            return i;
    }
    return SIZE_MAX;
}

static size_t find_file_by_field(
    const struct wire_config *config, const struct proto_field *field, bool by_symbol)
{
    for (size_t i = 0; i < config->file_count; i++) {
        if (!by_symbol && is_name(config->files[i].name, field))
            return i;
        const char *const *symbol = by_symbol ? config->files[i].symbols : NULL;
        for (; symbol && *symbol; symbol++) {
            if (is_name(*symbol, field))
                return i;
        }
    }
    return SIZE_MAX;
}

/* A symbol that is not listed may be a part of one that is: a method, a field, an enum value. */
static size_t find_symbol(const struct wire_config *config, const struct proto_field *symbol)
{
    size_t file = find_file_by_field(config, symbol, true);
    struct proto_field parent = *symbol;
    const uint8_t *dot = symbol->length > 0 ? memrchr(symbol->bytes, '.', symbol->length) : NULL;
    if (file != SIZE_MAX || !dot)
        return file;
    parent.length = (size_t)(dot - symbol->bytes);
    return find_file_by_field(config, &parent, true);
}

static void append_error(struct buffer *out, enum wire_status status, const char *message)
{
    struct buffer error = {0};
    proto_append_varint(&error, 1, (uint64_t)status);
    proto_append_string(&error, 2, message);
    proto_append_bytes(out, RESPONSE_ERROR, error.bytes, error.length);
    buffer_finish(&error);
}

/* FileDescriptorResponse with `first` and all files it imports, directly or not. */
static void append_files(struct buffer *out, const struct wire_config *config, size_t first)
{
    bool *is_listed = calloc(config->file_count, sizeof *is_listed);
    size_t *list = calloc(config->file_count, sizeof *list);
    struct buffer files = {0};
    size_t count = 0;

    CHECK(is_listed != NULL);
    CHECK(list != NULL);
    list[count++] = first;
    is_listed[first] = true;
    for (size_t next = 0; next < count; next++) {
        const struct wire_descriptor_file *file = &config->files[list[next]];
        proto_append_bytes(&files, 1, file->bytes, file->length);
        for (const char *const *import = file->imports; import && *import; import++) {
            size_t imported = find_file(config, *import);
            if (imported == SIZE_MAX || is_listed[imported])
                continue;
            is_listed[imported] = true;
            list[count++] = imported;
        }
    }
    CHECK(count <= config->file_count);
    proto_append_bytes(out, RESPONSE_FILES, files.bytes, files.length);
    buffer_finish(&files);
    free(list);
    free(is_listed);
}

static void append_service(struct buffer *services, const char *name)
{
    proto_append_head(services, 1, proto_bytes_size(1, strlen(name)));
    proto_append_string(services, 1, name);
}

static void append_services(struct buffer *out, const struct wire_server *server)
{
    struct buffer services = {0};
    for (size_t i = 0; i < server->service_count; i++)
        append_service(&services, server->services[i]);
    for (size_t i = 0; i < sizeof own_services / sizeof *own_services; i++)
        append_service(&services, own_services[i]);
    proto_append_bytes(out, RESPONSE_SERVICES, services.bytes, services.length);
    buffer_finish(&services);
}

/* proto3 has no extensions, so a known type has none; an unknown one is an error. */
static void append_extension_numbers(
    struct buffer *out, const struct wire_config *config, const struct proto_field *type)
{
    struct buffer numbers = {0};
    if (find_file_by_field(config, type, true) == SIZE_MAX) {
        append_error(out, WIRE_NOT_FOUND, "there is no such type");
        return;
    }
    proto_append_bytes(&numbers, 1, type->bytes, type->length);
    proto_append_bytes(out, RESPONSE_EXTENSION_NUMBERS, numbers.bytes, numbers.length);
    buffer_finish(&numbers);
}

static void append_answer(
    struct buffer *out, const struct wire_server *server, const struct proto_field *query)
{
    const struct wire_config *config = &server->config;
    size_t file;

    switch (query->number) {
    case REQUEST_FILE_BY_NAME:
        file = find_file_by_field(config, query, false);
        if (file == SIZE_MAX)
            append_error(out, WIRE_NOT_FOUND, "there is no such file");
        else
            append_files(out, config, file);
        break;
    case REQUEST_FILE_CONTAINING_SYMBOL:
        file = find_symbol(config, query);
        if (file == SIZE_MAX)
            append_error(out, WIRE_NOT_FOUND, "there is no such symbol");
        else
            append_files(out, config, file);
        break;
    case REQUEST_FILE_CONTAINING_EXTENSION:
        append_error(out, WIRE_NOT_FOUND, "there is no such extension");
        break;
    case REQUEST_ALL_EXTENSION_NUMBERS:
        append_extension_numbers(out, config, query);
        break;
    case REQUEST_LIST_SERVICES:
        append_services(out, server);
        break;
    default:
        append_error(out, WIRE_INVALID_ARGUMENT, "the request asks for nothing that is known");
        break;
    }
}

int reflection_answer(
    const struct wire_server *server, const uint8_t *bytes, size_t length, struct buffer *out)
{
    struct proto_reader reader = proto_reader_of(bytes, length);
    struct proto_field field;
    struct proto_field host = {.number = 0};
    struct proto_field query = {.number = 0};

    while (proto_next(&reader, &field)) {
        if (field.type != PROTO_BYTES)
            continue;
        if (field.number == REQUEST_HOST)
            host = field;
        else if (field.number >= REQUEST_FILE_BY_NAME && field.number <= REQUEST_LIST_SERVICES)
            query = field; /* of a oneof the last one counts */
    }
    if (reader.failed)
        return -1;
    if (host.length > 0)
        proto_append_bytes(out, RESPONSE_HOST, host.bytes, host.length);
    proto_append_bytes(out, RESPONSE_ORIGINAL, bytes, length);
    append_answer(out, server, &query);
    return 0;
}

void reflection_on_message(struct wire_call *call, const uint8_t *bytes, size_t length)
{
    struct buffer answer = {0};

    CHECK(call->is_owned);
    if (response_queued(call) > QUEUE_BYTES_MAX) {
        wire_fail(call, WIRE_RESOURCE_EXHAUSTED,
            WORDING("too many answers wait to be read", "等待接收的应答过多"),
            &response_overloaded);
        return;
    }
    if (reflection_answer(call->server, bytes, length, &answer) < 0)
        wire_fail(call, WIRE_INTERNAL,
            WORDING(
                "the request is no ServerReflectionRequest", "请求不是 ServerReflectionRequest"),
            &response_bad_call);
    else
        response_send(call, answer.bytes, answer.length);
    buffer_finish(&answer);
}

void reflection_on_end(struct wire_call *call)
{
    wire_stream_end(call);
}
