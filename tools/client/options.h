/* options.h: the options by which every tool finds its server, as a child of its own argp parser.
 *
 *     static const struct argp_child children[] = {{&client_argp, 0, "Server:", 1}, {0}};
 *     state->child_inputs[0] = &arguments->client;    (at ARGP_KEY_INIT)
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_OPTIONS_H
#define VSL_TOOLS_CLIENT_OPTIONS_H

#include "client/client.h"

#include <argp.h>

/* Its input is a struct client_config, zero or set by an earlier parse, which it fills with what
 * the options say; client_open adds what they leave out (client/profile.h). */
extern const struct argp client_argp;

#endif
