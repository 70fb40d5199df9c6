/* queue.c: see queue.h. Places are chained by their numbers; nothing is allocated for a call, and a
 * source that is new costs memory once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "flow/queue.h"

#include "base/check.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct place {
    struct waiting_call waiting;
    uint32_t next; /* in its line, or of the free ones */
};

struct line {
    uint32_t first, last; /* places; NONE: it is empty, and not among the waiting lines */
    uint32_t count;
    uint32_t next; /* line that waits behind it */
};

struct queue {
    uint32_t calls_max;
    uint32_t count;
    struct place *places;
    uint32_t free_place;
    struct line *lines; /* by source */
    uint32_t line_count;
    uint32_t first_line, last_line; /* that wait; NONE: none does */
    uint32_t waiting_lines;
};

struct queue *queue_create(uint32_t calls_max)
{
    struct queue *queue = calloc(1, sizeof *queue);
    CHECK(queue != NULL);
    queue->calls_max = calls_max;
    queue->places = calloc(2 * (size_t)calls_max, sizeof *queue->places);
    CHECK(queue->places != NULL);
    for (uint32_t i = 0; i < 2 * calls_max; i++)
        queue->places[i].next = i + 1 < 2 * calls_max ? i + 1 : NONE;
    queue->first_line = queue->last_line = NONE;
    return queue;
}

void queue_destroy(struct queue *queue)
{
    if (!queue)
        return;
    free(queue->places);
    free(queue->lines);
    free(queue);
}

uint32_t queue_count(const struct queue *queue)
{
    return queue->count;
}

uint32_t queue_sources(const struct queue *queue)
{
    return queue->waiting_lines;
}

bool queue_has_others(const struct queue *queue, uint32_t source)
{
    bool is_own = source < queue->line_count && queue->lines[source].count > 0;
    return queue->waiting_lines > (is_own ? 1 : 0);
}

bool queue_has_room(const struct queue *queue, uint32_t source, bool *ret_is_share)
{
    uint32_t own = source < queue->line_count ? queue->lines[source].count : 0;
    uint32_t left = queue->count < queue->calls_max ? queue->calls_max - queue->count : 0;
    *ret_is_share = left > 0;
    return own < left;
}

static struct line *line_of(struct queue *queue, uint32_t source)
{
    if (source >= queue->line_count) {
        uint32_t count = source + 64;
        queue->lines = realloc(queue->lines, count * sizeof *queue->lines);
        CHECK(queue->lines != NULL);
        for (uint32_t i = queue->line_count; i < count; i++)
            queue->lines[i] = (struct line){.first = NONE, .last = NONE, .next = NONE};
        queue->line_count = count;
    }
    return &queue->lines[source];
}

static void append_line(struct queue *queue, uint32_t source)
{
    queue->lines[source].next = NONE;
    if (queue->first_line == NONE)
        queue->first_line = source;
    else
        queue->lines[queue->last_line].next = source;
    queue->last_line = source;
    queue->waiting_lines++;
}

static uint32_t take_first_line(struct queue *queue)
{
    uint32_t source = queue->first_line;
    CHECK(source != NONE);
    queue->first_line = queue->lines[source].next;
    if (queue->first_line == NONE)
        queue->last_line = NONE;
    queue->waiting_lines--;
    return source;
}

static uint32_t take_place(struct queue *queue, const struct waiting_call *waiting)
{
    /* Calls that come back were counted in before, so there is room beyond that for new ones. */
    uint32_t at = queue->free_place;
    CHECK(at != NONE);
    queue->free_place = queue->places[at].next;
    queue->places[at] = (struct place){.waiting = *waiting, .next = NONE};
    queue->count++;
    return at;
}

void queue_add(struct queue *queue, uint32_t source, const struct waiting_call *waiting)
{
    struct line *line = line_of(queue, source);
    uint32_t at = take_place(queue, waiting);
    if (line->count++ == 0) {
        line->first = at;
        append_line(queue, source);
    } else {
        queue->places[line->last].next = at;
    }
    line->last = at;
}

void queue_return(struct queue *queue, uint32_t source, const struct waiting_call *waiting)
{
    struct line *line = line_of(queue, source);
    uint32_t at = take_place(queue, waiting);
    queue->places[at].next = line->first;
    line->first = at;
    if (line->count++ == 0) {
        line->last = at;
        append_line(queue, source);
    }
}

struct waiting_call *queue_first(struct queue *queue)
{
    CHECK(queue->first_line != NONE);
    return &queue->places[queue->lines[queue->first_line].first].waiting;
}

/* Takes the first of the line, and gives its place back. */
static struct waiting_call drop_first(struct queue *queue, struct line *line)
{
    uint32_t at = line->first;
    CHECK(line->count > 0);
    line->first = queue->places[at].next;
    if (--line->count == 0)
        line->last = NONE;
    queue->places[at].next = queue->free_place;
    queue->free_place = at;
    queue->count--;
    return queue->places[at].waiting;
}

bool queue_drop_first(struct queue *queue)
{
    CHECK(queue->first_line != NONE);
    struct line *line = &queue->lines[queue->first_line];
    drop_first(queue, line);
    if (line->count > 0)
        return true;
    take_first_line(queue);
    return false;
}

void queue_next_source(struct queue *queue)
{
    if (queue->waiting_lines > 1)
        append_line(queue, take_first_line(queue));
}

void queue_filter(
    struct queue *queue, bool (*keeps)(void *context, struct waiting_call *waiting), void *context)
{
    for (uint32_t lines = queue->waiting_lines; lines > 0; lines--) {
        uint32_t source = take_first_line(queue);
        struct line *line = &queue->lines[source];
        struct line kept = {.first = NONE, .last = NONE};
        for (uint32_t calls = line->count; calls > 0; calls--) {
            struct waiting_call waiting = drop_first(queue, line);
            if (!keeps(context, &waiting))
                continue;
            uint32_t at = take_place(queue, &waiting);
            if (kept.count++ == 0)
                kept.first = at;
            else
                queue->places[kept.last].next = at;
            kept.last = at;
        }
        *line = kept;
        if (line->count > 0)
            append_line(queue, source);
    }
}
