/* wire_internal_fuzz.c: requests of health and reflection, the protobuf reader, and gzip.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "wire/gzip.h"
#include "wire/health.h"
#include "wire/proto_wire.h"
#include "wire/reflection.h"
#include "wire/server.h"

#include <event2/event.h>
#include <stdlib.h>

#define CONTENT_BYTES_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const symbols[] = {"t.Funds", "t.PayRequest", NULL};
static const char *const imports[] = {"t/user.proto", "not/there.proto", NULL};
static const uint8_t bytes[] = {'U', 'S', 'E', 'R'};
static const struct wire_descriptor_file files[] = {
    {"t/user.proto", symbols, imports, bytes, sizeof bytes}};
static const struct wire_method methods[] = {{"/t.Funds/Pay", WIRE_UNARY, 1, WIRE_QUICK}};

static void never_called(
    void *context, struct wire_call *call, const uint8_t *request, size_t length)
{
    (void)context;
    (void)call;
    (void)request;
    (void)length;
    abort();
}

/* One server for all inputs; only its tables are used. */
static struct wire_server *get_server(void)
{
    static struct wire_server *server;
    char error[256];
    if (server)
        return server;
    struct wire_config config = {.methods = methods,
        .method_count = 1,
        .files = files,
        .file_count = 1,
        .handlers.on_call = never_called};
    server = server_create(event_base_new(), &config, error, sizeof error);
    CHECK(server != NULL);
    return server;
}

static void try_proto(const uint8_t *data, size_t size)
{
    struct proto_reader reader = proto_reader_of(data, size);
    struct proto_field field;
    size_t fields = 0;
    while (proto_next(&reader, &field)) {
        fields++;
        CHECK(field.number > 0);
        if (field.type == PROTO_BYTES)
            CHECK(field.bytes >= data && field.length <= size);
    }
    CHECK(fields <= size / 2);
    CHECK(reader.failed || reader.position == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_server *server = get_server();
    struct text service;
    struct buffer out = {0};

    try_proto(data, size);
    if (health_decode_request(data, size, &service) == 0)
        CHECK(service.length <= size);
    if (reflection_answer(server, data, size, &out) == 0)
        try_proto(out.bytes, out.length);
    buffer_clear(&out);
    (void)gzip_inflate(server->gzip, data, size, CONTENT_BYTES_MAX, &out);
    CHECK(out.length <= CONTENT_BYTES_MAX + 1);
    buffer_finish(&out);
    return 0;
}
