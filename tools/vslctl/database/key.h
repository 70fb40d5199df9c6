/* key.h: what the subcommands of keys share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_KEY_H
#define VSL_TOOLS_VSLCTL_DATABASE_KEY_H

#include "base/must_use.h"

/* Adds a line to the ring's file; -1 with a message. */
MUST_USE int key_append_line(const char *path, const char *line);

/* Now, as it stands in the ring. */
void key_time_now(char ret_text[32]);

#endif
