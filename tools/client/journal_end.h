/* journal_end.h: where the journal ends now, for tools that read the event stream up to there.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_JOURNAL_END_H
#define VSL_TOOLS_CLIENT_JOURNAL_END_H

#include "base/must_use.h"
#include "client/client.h"

#include <stdint.h>

/* Asks the server, over a connection of its own, for the last sequence number there is. 0, or -1
 * when `tool` has said on standard error why there is no answer. */
int journal_end(
    const struct client_config *config, const char *tool, int64_t *ret_sequence) MUST_USE;

#endif
