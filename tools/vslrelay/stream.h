/* stream.h: the event stream of vsld, from a position on, whatever happens to the connection.
 *
 * On the caller's libevent loop; callbacks come from there. Entries come in order, each once in the
 * life of the stream: what the server sends again is left out, and a message that the server says
 * it has sent and that never came makes a new connection.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_STREAM_H
#define VSL_TOOLS_VSLRELAY_STREAM_H

#include "vslrelay/settings.h"

#include "vsl/v1/journal.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct stream;

/* Why a stream ended for good. */
enum stream_end {
    STREAM_IS_REFUSED,       /* the server does not give what the settings ask for */
    STREAM_IS_AHEAD,         /* the journal has not come to the position */
    STREAM_OF_OTHER_JOURNAL, /* the journal is another one */
};

struct stream_handlers {
    /* The journal's identity: with the first message, before anything else. */
    void (*on_journal)(void *context, const char *journal_identity);
    /* The next entry; its memory is the stream's, until the callback ends. */
    void (*on_entry)(void *context, const Vsl__V1__JournalEntry *entry);
    /* Everything up to here has come or was left out. */
    void (*on_reached)(void *context, int64_t sequence);
    /* It ends for good, with a sentence. */
    void (*on_end)(void *context, enum stream_end end, const char *message);
};

/* Starts behind a position of a journal; `journal_identity` "": of whichever there is. NULL with a
 * sentence when a setting is wrong. */
struct stream *stream_start(struct event_base *base, const struct settings *settings,
    int64_t next_sequence, const char *journal_identity, const struct stream_handlers *handlers,
    void *context, char *ret_error, size_t error_bytes);

/* Takes nothing more for now, or goes on. Up to 2 MiB that are under way may still come. */
void stream_pause(struct stream *stream, bool is_paused);

/* Whether messages come, so far as is known. */
bool stream_is_connected(const struct stream *stream);

/* Not from inside a callback. */
void stream_stop(struct stream *stream);

#endif
