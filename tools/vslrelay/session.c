/* session.c: one connection to the broker, with one channel whose messages are confirmed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/session.h"

#include "base/check.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHANNEL 1
#define FRAME_BYTES_MAX 131072
#define HEARTBEAT_SECONDS 10
#define CONNECT_SECONDS 10
#define ANSWER_SECONDS 10
#define CLOSE_SECONDS 2
#define PERSISTENT 2
#define ID_BYTES_MAX 24
#define KEY_BYTES_MAX 256
#define ACCESS_REFUSED 403
#define NOT_FOUND 404
#define NOT_ALLOWED 530

struct session {
    amqp_connection_state_t connection;
    bool is_lost;
    uint64_t next_tag;
};

static amqp_bytes_t bytes_of(const char *text)
{
    return amqp_cstring_bytes(text);
}

/* ---- faults ---- */

/* A sentence for what the broker or the library has said; the broker's text is cut. */
static void say_reply(amqp_rpc_reply_t reply, const char *what, bool *ret_is_refused,
    char *ret_error, size_t error_bytes)
{
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
        int code = 0;
        amqp_bytes_t text = amqp_empty_bytes;
        if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
            const amqp_connection_close_t *method = reply.reply.decoded;
            code = method->reply_code;
            text = method->reply_text;
        } else if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
            const amqp_channel_close_t *method = reply.reply.decoded;
            code = method->reply_code;
            text = method->reply_text;
        }
        *ret_is_refused = code == ACCESS_REFUSED || code == NOT_FOUND || code == NOT_ALLOWED;
        snprintf(ret_error, error_bytes, "%s: the broker says %d %.*s", what, code,
            text.len > 160 ? 160 : (int)text.len, text.bytes ? (const char *)text.bytes : "");
        return;
    }
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
        snprintf(ret_error, error_bytes, "%s: %s", what, amqp_error_string2(reply.library_error));
    else
        snprintf(ret_error, error_bytes, "%s: no answer", what);
}

/* Whether the last question was answered. */
static int check_reply(struct session *session, const char *what, bool *ret_is_refused,
    char *ret_error, size_t error_bytes)
{
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(session->connection);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return 0;
    session->is_lost = session->is_lost || reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION;
    say_reply(reply, what, ret_is_refused, ret_error, error_bytes);
    return -1;
}

/* ---- to connect ---- */

/* What is wrong with the file of a private key; NULL: nothing. */
static const char *wrong_with_key(const char *file)
{
    struct stat about;
    if (stat(file, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "it is no regular file";
    return (about.st_mode & (S_IRWXG | S_IRWXO)) != 0
               ? "others than its owner may read or write the private key: chmod 600"
               : NULL;
}

/* A TLS socket of the connection, which owns it; NULL with a sentence. */
static amqp_socket_t *make_tls(amqp_connection_state_t connection, const struct settings *settings,
    char *ret_error, size_t error_bytes)
{
    const char *file = settings->ca_file;
    const char *wrong = NULL;
    amqp_socket_t *socket = amqp_ssl_socket_new(connection);
    CHECK(socket != NULL);
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    CHECK(
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == AMQP_STATUS_OK);
    if (access(file, R_OK) != 0)
        wrong = strerror(errno);
    else if (amqp_ssl_socket_set_cacert(socket, file) != AMQP_STATUS_OK)
        wrong = "it holds no certificates of a CA (PEM)";
    if (!wrong && settings->key_file) {
        file = settings->key_file;
        wrong = wrong_with_key(file);
        if (!wrong &&
            amqp_ssl_socket_set_key(socket, settings->certificate_file, file) != AMQP_STATUS_OK)
            wrong = "it does not go with the certificate, or one of the two is no PEM";
    }
    if (!wrong)
        return socket;
    snprintf(ret_error, error_bytes, "could not use '%s': %s", file, wrong);
    return NULL;
}

static int connect_socket(struct session *session, const struct settings *settings,
    bool *ret_is_refused, char *ret_error, size_t error_bytes)
{
    struct timeval timeout = {.tv_sec = CONNECT_SECONDS};
    amqp_socket_t *socket = settings->is_tls
                                ? make_tls(session->connection, settings, ret_error, error_bytes)
                                : amqp_tcp_socket_new(session->connection);
    *ret_is_refused = socket == NULL;
    if (!socket)
        return -1;
    errno = 0;
    int status = amqp_socket_open_noblock(socket, settings->host, settings->port, &timeout);
    if (status == AMQP_STATUS_OK)
        return 0;
    const char *cause = amqp_error_string2(status);
    /* The library waits for the connection, and keeps what was said to itself. */
    if (status == AMQP_STATUS_SOCKET_ERROR && errno == EINPROGRESS)
        cause = "refused, or not reachable: does a broker listen there?";
    else if (status == AMQP_STATUS_SOCKET_ERROR && errno != 0)
        cause = strerror(errno);
    snprintf(ret_error, error_bytes, "could not connect to the broker: %s", cause);
    *ret_is_refused = status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED ||
                      status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED ||
                      status == AMQP_STATUS_SSL_CONNECTION_FAILED;
    return -1;
}

static int log_in(struct session *session, const struct settings *settings, bool *ret_is_refused,
    char *ret_error, size_t error_bytes)
{
    amqp_table_entry_t capability = {.key = bytes_of("connection.blocked"),
        .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}};
    amqp_table_entry_t entries[] = {
        {.key = bytes_of("product"),
            .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = bytes_of("vslrelay")}},
        {.key = bytes_of("capabilities"),
            .value = {.kind = AMQP_FIELD_KIND_TABLE,
                .value.table = {.num_entries = 1, .entries = &capability}}},
    };
    amqp_table_t properties = {
        .num_entries = sizeof entries / sizeof entries[0], .entries = entries};
    amqp_rpc_reply_t reply;
    if (settings->credentials_file) {
        struct credentials credentials;
        *ret_is_refused = true;
        if (settings_read_credentials(
                settings->credentials_file, &credentials, ret_error, error_bytes) != 0)
            return -1;
        *ret_is_refused = false;
        reply = amqp_login_with_properties(session->connection, settings->vhost, CHANNEL,
            FRAME_BYTES_MAX, HEARTBEAT_SECONDS, &properties, AMQP_SASL_METHOD_PLAIN,
            credentials.user, credentials.password);
        explicit_bzero(&credentials, sizeof credentials);
    } else {
        /* The certificate says who it is. RabbitMQ passes an identity over; the library cannot send
         * an empty one. */
        reply = amqp_login_with_properties(session->connection, settings->vhost, CHANNEL,
            FRAME_BYTES_MAX, HEARTBEAT_SECONDS, &properties, AMQP_SASL_METHOD_EXTERNAL, "vslrelay");
    }
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return 0;
    session->is_lost = true;
    say_reply(reply, "could not log in", ret_is_refused, ret_error, error_bytes);
    return -1;
}

/* Channel, confirmations, and whether there is something to publish to: a message to an exchange
 * that is not there would end the channel, one to such a queue come back. */
static int open_channel(struct session *session, const struct settings *settings,
    bool *ret_is_refused, char *ret_error, size_t error_bytes)
{
    amqp_channel_open(session->connection, CHANNEL);
    if (check_reply(session, "could not open a channel", ret_is_refused, ret_error, error_bytes) !=
        0)
        return -1;
    if (settings->exchange[0] != '\0') {
        amqp_exchange_declare(session->connection, CHANNEL, bytes_of(settings->exchange),
            bytes_of("topic"), 1, 1, 0, 0, amqp_empty_table);
        if (check_reply(
                session, "could not use the exchange", ret_is_refused, ret_error, error_bytes) != 0)
            return -1;
    } else {
        amqp_queue_declare(session->connection, CHANNEL, bytes_of(settings->routing_key), 1, 1, 0,
            0, amqp_empty_table);
        if (check_reply(
                session, "could not use the queue", ret_is_refused, ret_error, error_bytes) != 0)
            return -1;
    }
    amqp_confirm_select(session->connection, CHANNEL);
    return check_reply(
        session, "could not ask for confirmations", ret_is_refused, ret_error, error_bytes);
}

struct session *session_open(
    const struct settings *settings, bool *ret_is_refused, char *ret_error, size_t error_bytes)
{
    struct timeval handshake = {.tv_sec = CONNECT_SECONDS};
    struct timeval answer = {.tv_sec = ANSWER_SECONDS};
    struct session *session = calloc(1, sizeof *session);
    CHECK(session != NULL);
    session->connection = amqp_new_connection();
    session->next_tag = 1;
    CHECK(session->connection != NULL);
    CHECK(amqp_set_handshake_timeout(session->connection, &handshake) == AMQP_STATUS_OK);
    CHECK(amqp_set_rpc_timeout(session->connection, &answer) == AMQP_STATUS_OK);
    *ret_is_refused = false;
    if (connect_socket(session, settings, ret_is_refused, ret_error, error_bytes) == 0) {
        if (log_in(session, settings, ret_is_refused, ret_error, error_bytes) == 0 &&
            open_channel(session, settings, ret_is_refused, ret_error, error_bytes) == 0)
            return session;
    } else {
        session->is_lost = true;
    }
    session_close(session);
    return NULL;
}

void session_close(struct session *session)
{
    if (!session)
        return;
    struct timeval timeout = {.tv_sec = CLOSE_SECONDS};
    if (!session->is_lost && amqp_set_rpc_timeout(session->connection, &timeout) == AMQP_STATUS_OK)
        amqp_connection_close(session->connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(session->connection);
    free(session);
}

int session_fd(const struct session *session)
{
    return amqp_get_sockfd(session->connection);
}

uint64_t session_next_tag(const struct session *session)
{
    return session->next_tag;
}

/* ---- to publish ---- */

static amqp_table_entry_t header_of_number(const char *name, int64_t number)
{
    return (amqp_table_entry_t){
        .key = bytes_of(name), .value = {.kind = AMQP_FIELD_KIND_I64, .value.i64 = number}};
}

static amqp_table_entry_t header_of_text(const char *name, const char *text)
{
    return (amqp_table_entry_t){.key = bytes_of(name),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = bytes_of(text)}};
}

int session_publish(struct session *session, const struct settings *settings,
    const struct message *message, const char *journal_identity, char *ret_error,
    size_t error_bytes)
{
    char id[ID_BYTES_MAX];
    char key[KEY_BYTES_MAX];
    snprintf(id, sizeof id, "%" PRId64, message->sequence);
    snprintf(key, sizeof key, "%" PRId64 ".%s", message->ledger_id, message->kind);
    amqp_table_entry_t headers[] = {
        header_of_number("vsl-ledger", message->ledger_id),
        header_of_text("vsl-kind", message->kind),
        header_of_text("vsl-journal", journal_identity),
        header_of_number("vsl-previous", message->previous),
        header_of_number("vsl-ledger-previous", message->previous_of_ledger),
    };
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG |
                  AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG |
                  AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG,
        .content_type = bytes_of(settings->is_json ? "application/json" : "application/x-protobuf"),
        .headers = {.num_entries = sizeof headers / sizeof headers[0], .entries = headers},
        .delivery_mode = PERSISTENT,
        .message_id = bytes_of(id),
        .timestamp = (uint64_t)(message->recorded_at_us / 1000000),
        .type = bytes_of("vsl.v1.JournalEntry"),
        .app_id = bytes_of("vslrelay"),
    };
    /* The library does not change the body. */
    union {
        const void *bytes;
        void *taken;
    } body = {.bytes = message->body};
    int status = amqp_basic_publish(session->connection, CHANNEL, bytes_of(settings->exchange),
        bytes_of(settings->routing_key ? settings->routing_key : key), !settings->may_be_unrouted,
        0, &properties, (amqp_bytes_t){.len = message->length, .bytes = body.taken});
    if (status == AMQP_STATUS_OK) {
        session->next_tag++;
        return 0;
    }
    session->is_lost = true;
    snprintf(ret_error, error_bytes, "could not send: %s", amqp_error_string2(status));
    return -1;
}

/* ---- to read ---- */

static void set_fault(
    struct session *session, struct session_event *event, const char *what, const char *why)
{
    session->is_lost = true;
    event->word = SESSION_FAULT;
    snprintf(event->text, sizeof event->text, "%s: %s", what, why);
}

/* The header and the body of a message that came back; of it only the id is of use. */
static void read_returned(struct session *session, struct session_event *event)
{
    amqp_message_t message;
    struct timeval timeout = {.tv_sec = ANSWER_SECONDS};
    char id[ID_BYTES_MAX] = "";
    CHECK(amqp_set_rpc_timeout(session->connection, &timeout) == AMQP_STATUS_OK);
    amqp_rpc_reply_t reply = amqp_read_message(session->connection, CHANNEL, &message, 0);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        set_fault(session, event, "lost the broker", "a returned message broke off");
        return;
    }
    const amqp_bytes_t *found = &message.properties.message_id;
    if ((message.properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) && found->len < sizeof id)
        memcpy(id, found->bytes, found->len);
    event->word = SESSION_RETURN;
    event->sequence = strtoll(id, NULL, 10);
    amqp_destroy_message(&message);
}

static void read_close(struct session *session, struct session_event *event, amqp_method_t method)
{
    amqp_rpc_reply_t reply = {.reply_type = AMQP_RESPONSE_SERVER_EXCEPTION, .reply = method};
    bool is_refused;
    event->word = SESSION_FAULT;
    say_reply(reply, "the broker has ended it", &is_refused, event->text, sizeof event->text);
    session->is_lost = method.id == AMQP_CONNECTION_CLOSE_METHOD;
}

static void read_method(struct session *session, struct session_event *event, amqp_method_t method)
{
    switch (method.id) {
    case AMQP_BASIC_ACK_METHOD: {
        const amqp_basic_ack_t *ack = method.decoded;
        event->word = SESSION_ACK;
        event->tag = ack->delivery_tag;
        event->is_multiple = ack->multiple;
        break;
    }
    case AMQP_BASIC_NACK_METHOD: {
        const amqp_basic_nack_t *nack = method.decoded;
        event->word = SESSION_NACK;
        event->tag = nack->delivery_tag;
        event->is_multiple = nack->multiple;
        break;
    }
    case AMQP_BASIC_RETURN_METHOD:
        read_returned(session, event);
        break;
    case AMQP_CONNECTION_BLOCKED_METHOD: {
        const amqp_connection_blocked_t *blocked = method.decoded;
        event->word = SESSION_BLOCKED;
        snprintf(event->text, sizeof event->text, "%.*s",
            blocked->reason.len > 100 ? 100 : (int)blocked->reason.len,
            blocked->reason.bytes ? (const char *)blocked->reason.bytes : "");
        break;
    }
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
        event->word = SESSION_UNBLOCKED;
        break;
    case AMQP_CHANNEL_CLOSE_METHOD:
    case AMQP_CONNECTION_CLOSE_METHOD:
        read_close(session, event, method);
        break;
    default:
        set_fault(session, event, "lost the broker", "it says what was not asked for");
    }
}

void session_read(struct session *session, struct session_event *ret_event)
{
    const struct timeval none = {0};
    amqp_frame_t frame;
    struct session_event event = {.word = SESSION_NOTHING};
    /* What was decoded before is done with; librabbitmq gives no memory back by itself. */
    amqp_maybe_release_buffers(session->connection);
    int status = amqp_simple_wait_frame_noblock(session->connection, &frame, &none);
    if (status == AMQP_STATUS_OK && frame.frame_type == AMQP_FRAME_METHOD)
        read_method(session, &event, frame.payload.method);
    else if (status == AMQP_STATUS_OK)
        set_fault(session, &event, "lost the broker", "a frame that belongs to nothing");
    else if (status != AMQP_STATUS_TIMEOUT)
        set_fault(session, &event, "lost the broker", amqp_error_string2(status));
    *ret_event = event;
}
