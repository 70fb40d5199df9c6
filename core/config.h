/* config.h: the settings of vsld, from an INI file and `--set section.key=value`.
 *
 * The list of settings, with default and meaning, is the table in config.c; `vsld --help` prints
 * it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_CONFIG_H
#define VSL_CONFIG_H

#include "base/must_use.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_LISTEN_MAX 8
#define CONFIG_LISTEN_BYTES_MAX 1024

struct config {
    char *listen_address; /* comma-separated */
    int64_t listen_connections_max;
    int64_t listen_connections_per_peer_max;
    int64_t listen_connections_per_caller_max;
    int64_t listen_unix_connections_max;
    int64_t listen_streams_per_connection_max;
    int64_t listen_pending_bytes_max;
    int64_t listen_idle_timeout_s;
    int64_t listen_heartbeat_s;
    int64_t listen_ping_interval_min_s;
    char *listen_reflection; /* yes, no or local */
    int64_t listen_drain_timeout_s;
    char *tls_certificate; /* NULL: plaintext */
    char *tls_key;
    char *tls_client_ca;
    char *tls_client_crl;              /* NULL: none */
    char *callers_first_administrator; /* NULL: none */
    char *database_url;
    char *database_read_url; /* NULL: database_url */
    int64_t database_read_connections;
    int64_t database_read_lag_max_ms;
    int64_t database_answer_timeout_s;
    bool database_take_over;
    int64_t journal_segment_commands;
    int64_t journal_redo_commands_max;
    char *keys_file;    /* NULL: none */
    char *keys_command; /* likewise; one of the two at most */
    int64_t clock_difference_max_s;
    int64_t clock_recorded_ahead_max_s;
    int64_t clock_recorded_behind_max_s;
    char *admin_log_level;
};

/* Sets every default. */
void config_init(struct config *config);
void config_finish(struct config *config);

/* Reads a file; -1 with a sentence that names file, line, setting and rule. */
MUST_USE int config_read_file(
    struct config *config, const char *path, char *ret_error, size_t error_bytes);

/* Applies "section.key=value". */
MUST_USE int config_set(
    struct config *config, const char *assignment, char *ret_error, size_t error_bytes);

/* Rules between settings. */
MUST_USE int config_check(const struct config *config, char *ret_error, size_t error_bytes);

/* The addresses of listen_address, cut at the commas in `room`, which they point into. Returns how
 * many; 0 when there is none, or too much. */
size_t config_listen_addresses(const struct config *config, char room[CONFIG_LISTEN_BYTES_MAX],
    const char *ret_addresses[CONFIG_LISTEN_MAX]);

/* What a running server takes over from settings that were read again: the names of the files of
 * [tls] and the log level. Those of `config` go to `fresh`, whose owner frees them. */
void config_take_over(struct config *config, struct config *fresh);

/* Names, as "section.key", a setting from *cursor on that config_take_over left different, and
 * moves the cursor behind it; false when there is none. The cursor begins at 0. */
bool config_next_difference(const struct config *config, const struct config *fresh, size_t *cursor,
    char *ret_name, size_t name_bytes);

/* Prints every setting with its default and meaning. */
void config_print_help(FILE *out);

#endif
