/* violations.c: the status of a request whose fields break rules.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "wire/wire.h"

#include <stdio.h>

void wire_fail_fields(struct wire_call *call, enum wire_status status, const char *reason,
    const struct wire_violation *violations, size_t violation_count)
{
    char message[512];
    CHECK(violation_count > 0);
    int n = snprintf(message, sizeof message, "%s%s%s", violations->field,
        violations->field[0] ? ": " : "", violations->description);
    CHECK(n > 0 && (size_t)n < sizeof message);
    struct wire_details details = {
        .reason = reason, .violations = violations, .violation_count = violation_count};
    wire_fail(call, status, message, &details);
}
