/* violations.c: the status of a request whose fields break rules.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "wire/wire.h"

#include <stdio.h>

#define MESSAGE_BYTES 512

static void print(char message[MESSAGE_BYTES], const char *field, const char *description)
{
    int n = snprintf(message, MESSAGE_BYTES, "%s%s%s", field, field[0] ? ": " : "", description);
    CHECK(n > 0 && n < MESSAGE_BYTES);
}

void wire_fail_fields(struct wire_call *call, enum wire_status status, const char *reason,
    const struct wire_violation *violations, size_t violation_count)
{
    char english[MESSAGE_BYTES], chinese[MESSAGE_BYTES];
    CHECK(violation_count > 0);
    print(english, violations->field, violations->description.english);
    print(chinese, violations->field, violations->description.chinese);
    struct wire_details details = {
        .reason = reason, .violations = violations, .violation_count = violation_count};
    wire_fail(call, status, WORDING(english, chinese), &details);
}
