/* options.c: the options by which every tool finds its server.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/options.h"

#include "client/profile.h"

enum { OPTION_TLS_CA = 0x1000, OPTION_TLS_CERT, OPTION_TLS_KEY, OPTION_TLS_NAME, OPTION_PROFILE };

static const struct argp_option options[] = {
    {"server", 's', "ADDR", 0,
        "Where vsld listens: HOST:PORT, [IPV6]:PORT or unix:PATH (default: $VSL_SERVER, else the "
        "profile's, else " CLIENT_DEFAULT_ADDRESS ")",
        0},
    {"profile", OPTION_PROFILE, "NAME", 0,
        "Take server, CA, certificate and key from this profile of ~/.config/vsl/vslctl.conf or "
        "/etc/vsl/vslctl.conf (default: $VSL_PROFILE, else [default]; none with --server alone)",
        0},
    {"tls-ca", OPTION_TLS_CA, "FILE", 0,
        "Speak TLS and trust servers signed by this CA (PEM; default: $VSL_TLS_CA)", 0},
    {"tls-cert", OPTION_TLS_CERT, "FILE", 0, "Client certificate (PEM; default: $VSL_TLS_CERT)", 0},
    {"tls-key", OPTION_TLS_KEY, "FILE", 0,
        "Its private key (PEM, no others may read it; default: $VSL_TLS_KEY)", 0},
    {"tls-name", OPTION_TLS_NAME, "NAME", 0,
        "Name that the server's certificate must have (default: $VSL_TLS_NAME, else the host of "
        "ADDR)",
        0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct client_config *config = state->input;
    switch (key) {
    case OPTION_PROFILE:
        config->profile = argument;
        return 0;
    case 's':
        config->address = argument;
        return 0;
    case OPTION_TLS_CA:
        config->tls_ca_file = argument;
        return 0;
    case OPTION_TLS_CERT:
        config->tls_certificate_file = argument;
        return 0;
    case OPTION_TLS_KEY:
        config->tls_key_file = argument;
        return 0;
    case OPTION_TLS_NAME:
        config->tls_server_name = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp client_argp = {.options = options, .parser = parse};
