/* timeout.h: the grpc-timeout header.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_WIRE_TIMEOUT_H
#define VSL_WIRE_TIMEOUT_H

#include "base/must_use.h"

#include <stddef.h>
#include <stdint.h>

/* Reads "1 to 8 digits and one of H M S m u n" (gRPC over HTTP/2, "Timeout") into microseconds.
 * Nanoseconds are rounded up, so that a positive time never becomes zero. The largest value,
 * 99999999H, is 3.6e17 us and fits. Returns 0, or -1 when the text has another form. */
MUST_USE int timeout_decode(const uint8_t *text, size_t length, int64_t *ret_timeout_us);

#endif
