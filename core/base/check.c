/* check.c: what happens when an assertion fails.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "bug: CHECK(%s) failed at %s:%d\n", condition, file, line);
    fflush(stderr);
    abort();
}
