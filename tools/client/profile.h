/* profile.h: where the server is and what a client shows it, so that no command line needs to say.
 *
 * vslctl.conf has a section for each server, and in it the long options of the same names:
 *
 *     [default]
 *     server = unix:/run/vsl/vsld.sock
 *     [bank]
 *     server = vsl.bank.example:7450
 *     tls-ca = ca.pem                    a file without / in front lies beside vslctl.conf
 *     tls-cert = chief.pem
 *     tls-key = chief.key
 *     tls-name = vsl.bank.example
 *
 * A profile is looked for in $XDG_CONFIG_HOME/vsl/vslctl.conf ($HOME/.config where that is not
 * set), then in /etc/vsl/vslctl.conf; the first file that has it counts. What holds:
 *
 *   1. --profile NAME: the profile; the environment is passed over.
 *   2. Else --server or $VSL_SERVER: it, with $VSL_TLS_CA, _CERT, _KEY and _NAME. No profile: an
 *      address that is named goes without the certificates of another one.
 *   3. Else the profile $VSL_PROFILE, or [default] where there is one; $VSL_TLS_... before it.
 *   4. Else CLIENT_DEFAULT_ADDRESS.
 *
 * Single options (--server beside --profile, --tls-...) come before all of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_PROFILE_H
#define VSL_TOOLS_CLIENT_PROFILE_H

#include "client/client.h"

#define CLIENT_DEFAULT_ADDRESS "127.0.0.1:7450"

enum profile_key {
    PROFILE_SERVER,
    PROFILE_TLS_CA,
    PROFILE_TLS_CERT,
    PROFILE_TLS_KEY,
    PROFILE_TLS_NAME,
    PROFILE_KEYS
};

/* All zero: nothing is known. profile_finish gives its memory back. */
struct profile {
    char *values[PROFILE_KEYS]; /* NULL: not set */
};

/* Fills in what the options left out of `config`, as above; what it takes from a file stays with
 * `ret_profile`. Returns 0, or -1 with a sentence in `ret_error` that names file, line and rule. */
int profile_complete(
    struct client_config *config, struct profile *ret_profile, char *ret_error, size_t error_bytes);
void profile_finish(struct profile *profile);

#endif
