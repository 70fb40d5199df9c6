/* check.c: what happens when an assertion fails.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%sbug: CHECK(%s) failed at %s:%d\n", log_prefix(LOG_LEVEL_ERROR), condition,
        file, line);
    fflush(stderr);
    abort();
}
