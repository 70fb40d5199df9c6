/* health.h: grpc.health.v1.Health.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_HEALTH_H
#define VSL_WIRE_HEALTH_H

#include "base/buffer.h"
#include "base/must_use.h"
#include "base/text.h"
#include "wire/server.h"

#include <stddef.h>
#include <stdint.h>

/* Decodes a HealthCheckRequest; the name is a slice of the input. Returns -1 when it is broken. */
MUST_USE int health_decode_request(const uint8_t *bytes, size_t length, struct text *ret_service);

/* Answers Check, or starts a Watch. The call is dispatched and owned by wire. */
void health_on_call(struct wire_call *call);

/* A watch has room, or its client is gone. */
void health_on_ready(struct wire_call *call);

/* Takes a watch off the list of those to be told. */
void health_stop_watch(struct wire_call *call);

/* Tells all watchers what changed. */
void health_tell_watchers(struct wire_server *server);

#endif
