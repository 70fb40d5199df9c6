/* clock.c: reads the machine's clocks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

#ifdef VSL_FAULTS
#include <stdio.h>
#include <stdlib.h>

/* Tests set the wall clock wrong: so many microseconds as the file of VSL_CLOCK_FILE says, read
 * anew each time. */
static int64_t error_us(void)
{
    const char *path = getenv("VSL_CLOCK_FILE");
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    char line[32] = "";
    char *read = fgets(line, sizeof line, file);
    fclose(file);
    return read ? strtoll(line, NULL, 10) : 0;
}
#else
static int64_t error_us(void)
{
    return 0;
}
#endif

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
    return read_us(CLOCK_REALTIME) + error_us();
}

int64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}
