/* response.h: the response half of a call: headers, messages, trailers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_RESPONSE_H
#define VSL_WIRE_RESPONSE_H

#include "wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the stream's answer with a status: trailers alone when nothing was sent, otherwise after
 * what is queued. Does not end the owner's obligation. The stream must be there. */
void response_fail(struct wire_call *call, enum wire_status status, struct wording message,
    const struct wire_details *details);

/* What wire itself refuses: a call that breaks the rules for calls, and one too many. */
extern const struct wire_details response_bad_call;
extern const struct wire_details response_overloaded;

/* response_fail for an encoding that the server has not: tells which ones it has. */
void response_refuse_encoding(struct wire_call *call);

/* Answers with a plain HTTP status for what is not gRPC: "405", "415", "431". */
void response_http_error(struct wire_call *call, const char *status);

/* Queues one message; the first one sends the headers. */
void response_send(struct wire_call *call, const void *message, size_t length);

/* Takes back the queued messages of which nothing has become a frame yet. */
void response_drop_queue(struct wire_call *call);

/* Ends with status OK after what is queued. */
void response_end(struct wire_call *call);

/* Resets the stream. */
void response_reset(struct wire_call *call, uint32_t error_code);

/* Bytes queued and not yet made into frames. */
size_t response_queued(const struct wire_call *call);

#endif
