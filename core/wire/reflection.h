/* reflection.h: grpc.reflection.v1 and v1alpha ServerReflection.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_REFLECTION_H
#define VSL_WIRE_REFLECTION_H

#include "base/buffer.h"
#include "base/must_use.h"
#include "wire/server.h"

#include <stddef.h>
#include <stdint.h>

/* Appends the ServerReflectionResponse to the request in `bytes`. Returns -1 when the request is no
 * protobuf; `out` is untouched then. */
MUST_USE int reflection_answer(
    const struct wire_server *server, const uint8_t *bytes, size_t length, struct buffer *out);

/* One request message of an open reflection stream. */
void reflection_on_message(struct wire_call *call, const uint8_t *bytes, size_t length);

/* The client has sent its last request. */
void reflection_on_end(struct wire_call *call);

#endif
