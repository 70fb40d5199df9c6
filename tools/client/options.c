/* options.c: the options by which every tool finds its server.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/options.h"

#include <stdlib.h>

enum { OPTION_TLS_CA = 0x1000, OPTION_TLS_CERT, OPTION_TLS_KEY, OPTION_TLS_NAME };

static const struct argp_option options[] = {
    {"server", 's', "ADDR", 0,
        "Where vsld listens: HOST:PORT, [IPV6]:PORT or unix:PATH (default: $VSL_SERVER, "
        "else " CLIENT_DEFAULT_ADDRESS ")",
        0},
    {"tls-ca", OPTION_TLS_CA, "FILE", 0,
        "Speak TLS and trust servers signed by this CA (PEM; default: $VSL_TLS_CA)", 0},
    {"tls-cert", OPTION_TLS_CERT, "FILE", 0, "Client certificate (PEM; default: $VSL_TLS_CERT)", 0},
    {"tls-key", OPTION_TLS_KEY, "FILE", 0, "Its private key (PEM; default: $VSL_TLS_KEY)", 0},
    {"tls-name", OPTION_TLS_NAME, "NAME", 0,
        "Name that the server's certificate must have (default: the host of ADDR)", 0},
    {0},
};

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct client_config *config = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        /* Set already when the options are read in two parts, before and behind a subcommand. */
        if (config->address)
            return 0;
        *config = (struct client_config){.address = environment("VSL_SERVER"),
            .tls_ca_file = environment("VSL_TLS_CA"),
            .tls_certificate_file = environment("VSL_TLS_CERT"),
            .tls_key_file = environment("VSL_TLS_KEY")};
        if (!config->address)
            config->address = CLIENT_DEFAULT_ADDRESS;
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
