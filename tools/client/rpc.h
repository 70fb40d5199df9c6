/* rpc.h: protobuf-c messages over the client, and a blocking call for tools that do one thing at a
 * time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_RPC_H
#define VSL_TOOLS_CLIENT_RPC_H

#include "base/arena.h"
#include "base/buffer.h"
#include "client/client.h"

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

#define RPC_PATH_BYTES_MAX 128

/* Writes "/vsl.v1.FundsService/Pay". The service must have the method. Returns the method's
 * descriptor, which names its request and its answer. */
const ProtobufCMethodDescriptor *rpc_path(const ProtobufCServiceDescriptor *service,
    const char *method, char ret_path[RPC_PATH_BYTES_MAX]);

/* Allocates from the arena and frees nothing; the arena is given back as a whole. */
ProtobufCAllocator rpc_arena_allocator(struct arena *arena);

/* Unpacks into the arena; NULL when the bytes are not such a message or the arena is full. */
ProtobufCMessage *rpc_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
    size_t length, struct arena *arena);

/* Replaces what `out` holds by the packed message. */
void rpc_pack(const ProtobufCMessage *message, struct buffer *out);

/* Why a call gave no answer. */
struct rpc_fault {
    enum grpc_status status;
    bool not_sent;
    bool is_answered; /* the server said so itself */
    char message[1024];
    struct buffer details; /* serialized google.rpc.Status, may be empty */
};

/* Copies the end of a call; rpc_fault_finish gives its memory back. An all-zero fault is empty. */
void rpc_fault_set(struct rpc_fault *fault, const struct client_end *end);
void rpc_fault_finish(struct rpc_fault *fault);

/* Whether a command whose call ended so may have been carried out. False only where it certainly
 * was not: it never left this process, or the server itself refused the request before deciding
 * it. Of a call that only reads there is nothing to ask. */
bool rpc_fault_may_have_effect(const struct rpc_fault *fault);

/* Prints the fault for people, with the fields that the server found wrong. */
void rpc_fault_print(FILE *out, const struct rpc_fault *fault);

/* ---- blocking ---- */

struct rpc {
    struct event_base *base;
    struct client *client;
    int64_t timeout_us;
    struct arena arena; /* answers; rpc_reset gives them back */
    struct buffer request;
    struct rpc_fault fault; /* of the last call that failed */
};

/* Opens a client with an event loop of its own; -1 with a sentence. */
int rpc_open(struct rpc *rpc, const struct client_config *config, int64_t timeout_us,
    char *ret_error, size_t error_bytes);
void rpc_close(struct rpc *rpc);

/* Forgets all answers. */
void rpc_reset(struct rpc *rpc);

/* Calls and waits. Returns the answer, which lives until rpc_reset, or NULL with rpc->fault. */
ProtobufCMessage *rpc_call(struct rpc *rpc, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request);

/* Lets the event loop run for so long: others on it go on meanwhile. */
void rpc_wait(struct rpc *rpc, int64_t duration_us);

#endif
