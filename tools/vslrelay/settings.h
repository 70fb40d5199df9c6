/* settings.h: what a relay is told, on the command line or in a file.
 *
 * The file has one section, [relay], with the long options as settings; what the command line says
 * comes before it:
 *
 *     [relay]
 *     server = vsl.bank.example:7450      # and tls-ca and so on, or the profile of a vslctl.conf
 *     broker = amqps://mq.bank.example
 *     broker-ca = /etc/vslrelay/mq-ca.pem
 *     credentials = /etc/vslrelay/credentials
 *     exchange = vsl
 *     position = /var/lib/vslrelay/position
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_SETTINGS_H
#define VSL_TOOLS_VSLRELAY_SETTINGS_H

#include "client/client.h"

#include "vsl/v1/common.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_ACCOUNTS_MAX 256
#define SETTINGS_KINDS_MAX 64
#define SETTINGS_KEPT_MAX 64

/* The exit status. Nothing but 0 means that all is published that was asked for. */
enum {
    EXIT_OTHER_JOURNAL = 1, /* the journal was restored: a person must say where to begin */
    EXIT_USAGE = 2,         /* settings, the position file, or what vsld says no to */
    EXIT_TRANSPORT = 3,     /* --once: vsld or the broker was out of reach; --from end: vsld */
    EXIT_POSITION = 4,      /* what was published is not noted: it will be published again */
};

struct settings {
    struct client_config client;
    /* The broker. */
    const char *host;
    int port;
    const char *vhost;
    bool is_tls;
    const char *ca_file; /* NULL: not given, as all texts here */
    const char *certificate_file;
    const char *key_file;
    const char *credentials_file;
    const char *exchange;    /* "": the default one, to a queue by its name */
    const char *routing_key; /* NULL: "LEDGER.KIND" */
    bool may_be_unrouted;
    int64_t window; /* messages that are sent and not confirmed, at most */
    bool is_json;
    /* The stream. */
    int64_t ledger_id;
    int64_t accounts[SETTINGS_ACCOUNTS_MAX];
    size_t account_count;
    Vsl__V1__CommandKind kinds[SETTINGS_KINDS_MAX];
    size_t kind_count;
    bool accepted_only;
    const char *position_file;
    int64_t from_sequence; /* 0: as the position file says */
    bool is_from_end;
    bool is_once;
    const char *metrics_file;
    /* Texts that are made here, until the process ends. */
    char *kept[SETTINGS_KEPT_MAX];
    size_t kept_count;
};

/* Reads command line and file; ends the process with EXIT_USAGE when something is wrong. */
void settings_read(struct settings *settings, int count, char **arguments);
void settings_finish(struct settings *settings);

/* User and password, each a line of the file, which nobody but its owner may read: read again for
 * each connection, so that a changed password needs no restart. */
struct credentials {
    char user[256];
    char password[1024];
};

/* 0, or -1 with a sentence, which says nothing of what is in the file. */
int settings_read_credentials(
    const char *file, struct credentials *ret_credentials, char *ret_error, size_t error_bytes);

#endif
