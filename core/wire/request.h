/* request.h: the request half of a call: header rules, the message, dispatch.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_REQUEST_H
#define VSL_WIRE_REQUEST_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_call;

/* One header field of the request. Returns -1 when the list is beyond all measure. */
MUST_USE int request_on_header(struct wire_call *call, const uint8_t *name, size_t name_length,
    const uint8_t *value, size_t value_length);

/* The header list is complete: refuses the call or makes it ready for its message. */
void request_on_headers_end(struct wire_call *call);

/* Bytes of the body. */
void request_on_data(struct wire_call *call, const uint8_t *bytes, size_t length);

/* END_STREAM: hands the message to its owner, or refuses the call. */
void request_on_end(struct wire_call *call);

/* A step of the same for a compressed message, when its turn has come; call_end_inflation follows
 * the last one. */
void request_inflate(struct wire_call *call, bool is_begin);

#endif
