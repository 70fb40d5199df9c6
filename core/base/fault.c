/* fault.c: counts visits of the armed fault point.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef VSL_FAULTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void fault_visit(const char *name)
{
    static const char *armed;
    static size_t name_length;
    static long visits_left = -1;

    if (visits_left < 0) {
        const char *setting = getenv("VSL_FAULT");
        const char *colon = setting ? strrchr(setting, ':') : NULL;
        armed = setting;
        name_length = colon ? (size_t)(colon - setting) : 0;
        visits_left = colon ? strtol(colon + 1, NULL, 10) : 0;
    }
    if (visits_left == 0 || strlen(name) != name_length || strncmp(armed, name, name_length) != 0)
        return;
    if (--visits_left == 0)
        raise(SIGKILL);
}
#else
typedef int fault_points_are_off;
#endif
