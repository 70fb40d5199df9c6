/* timers.c: what every part of the stand-in does: wait, complain, judge whether waiting helps.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/parts.h"

#include <event2/event.h>

void set_timer(struct event *timer, int64_t us)
{
    struct timeval wait = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    evtimer_add(timer, &wait);
}

void tell_trouble(const struct stand_in *stand_in, const char *message)
{
    if (stand_in->config.on_trouble)
        stand_in->config.on_trouble(stand_in->config.context, message);
}
