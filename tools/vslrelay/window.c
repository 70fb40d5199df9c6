/* window.c: the messages between the event stream and the broker, in the stream's order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/window.h"

#include "base/check.h"

#include <pthread.h>
#include <stdlib.h>

struct window {
    pthread_mutex_t lock;
    struct message *first;
    struct message *last;
    struct message *unsent; /* the first that waits; NULL: none does */
    size_t refused_count;
    struct window_figures figures;
};

struct window *window_create(int64_t reached, int64_t published)
{
    struct window *window = calloc(1, sizeof *window);
    CHECK(window != NULL && published <= reached);
    CHECK(pthread_mutex_init(&window->lock, NULL) == 0);
    window->figures.reached = reached;
    window->figures.published = published;
    return window;
}

void window_destroy(struct window *window)
{
    if (!window)
        return;
    while (window->first) {
        struct message *message = window->first;
        window->first = message->next;
        free(message);
    }
    pthread_mutex_destroy(&window->lock);
    free(window);
}

struct message *message_create(size_t length)
{
    struct message *message = calloc(1, sizeof *message + length);
    CHECK(message != NULL);
    message->length = length;
    return message;
}

static size_t bytes_of(const struct message *message)
{
    return sizeof *message + message->length;
}

static void take_lock(struct window *window)
{
    CHECK(pthread_mutex_lock(&window->lock) == 0);
}

static void give_lock(struct window *window)
{
    CHECK(pthread_mutex_unlock(&window->lock) == 0);
}

/* Lets what is done with leave at the front. */
static void advance(struct window *window)
{
    struct message *message;
    while ((message = window->first) != NULL &&
           (message->is_mark || message->state == MESSAGE_CONFIRMED)) {
        CHECK(message->sequence >= window->figures.reached);
        window->figures.reached = message->sequence;
        if (!message->is_mark)
            window->figures.published = message->sequence;
        if (window->unsent == message)
            window->unsent = message->next;
        if (window->last == message)
            window->last = NULL;
        window->first = message->next;
        window->figures.count--;
        window->figures.bytes -= bytes_of(message);
        free(message);
    }
}

static void append(struct window *window, struct message *message)
{
    CHECK(message->next == NULL && message->state == MESSAGE_WAITING);
    if (window->last) {
        CHECK(message->sequence > window->last->sequence);
        window->last->next = message;
    } else {
        CHECK(message->sequence > window->figures.reached);
        window->first = message;
    }
    window->last = message;
    if (!window->unsent)
        window->unsent = message;
    window->figures.count++;
    window->figures.bytes += bytes_of(message);
}

void window_append(struct window *window, struct message *message)
{
    take_lock(window);
    CHECK(!message->is_mark);
    append(window, message);
    give_lock(window);
}

void window_append_mark(struct window *window, int64_t reached)
{
    take_lock(window);
    int64_t before = window->last ? window->last->sequence : window->figures.reached;
    if (window->last && window->last->is_mark && reached > before) {
        /* A stream of which little is wanted must not fill the window with marks. */
        window->last->sequence = reached;
    } else if (reached > before) {
        struct message *mark = message_create(0);
        mark->is_mark = true;
        mark->sequence = reached;
        append(window, mark);
    }
    advance(window);
    give_lock(window);
}

void window_look(struct window *window, struct window_figures *ret_figures)
{
    take_lock(window);
    *ret_figures = window->figures;
    give_lock(window);
}

const struct message *window_take(struct window *window, size_t sent_max, uint64_t tag)
{
    take_lock(window);
    struct message *message = window->unsent;
    while (message && message->is_mark)
        message = message->next;
    window->unsent = message;
    if (message && (window->refused_count > 0 || window->figures.sent_count >= sent_max))
        message = NULL;
    if (message) {
        CHECK(message->state == MESSAGE_WAITING);
        message->state = MESSAGE_SENT;
        message->tag = tag;
        window->unsent = message->next;
        window->figures.sent_count++;
    }
    give_lock(window);
    return message;
}

void window_answer(struct window *window, uint64_t tag, bool is_multiple, bool is_accepted)
{
    take_lock(window);
    for (struct message *message = window->first; message && message != window->unsent;
         message = message->next) {
        if (message->is_mark || message->state != MESSAGE_SENT ||
            (is_multiple ? tag != 0 && message->tag > tag : message->tag != tag))
            continue;
        bool is_taken = is_accepted && !message->is_returned;
        message->state = is_taken ? MESSAGE_CONFIRMED : MESSAGE_REFUSED;
        CHECK(window->figures.sent_count > 0);
        window->figures.sent_count--;
        if (is_taken) {
            window->figures.confirmed_total++;
        } else {
            window->refused_count++;
            window->figures.refused_total++;
        }
        if (!is_multiple)
            break;
    }
    advance(window);
    give_lock(window);
}

bool window_return(struct window *window, int64_t sequence)
{
    bool is_known = false;
    take_lock(window);
    for (struct message *message = window->first; message && !is_known; message = message->next) {
        is_known = message->sequence == sequence && message->state == MESSAGE_SENT;
        message->is_returned = message->is_returned || is_known;
    }
    give_lock(window);
    return is_known;
}

bool window_is_refused(struct window *window)
{
    take_lock(window);
    bool is_refused = window->refused_count > 0 && window->figures.sent_count == 0;
    give_lock(window);
    return is_refused;
}

void window_rewind(struct window *window)
{
    take_lock(window);
    for (struct message *message = window->first; message; message = message->next) {
        message->state = MESSAGE_WAITING;
        message->is_returned = false;
    }
    window->unsent = window->first;
    window->refused_count = 0;
    window->figures.sent_count = 0;
    advance(window);
    give_lock(window);
}
