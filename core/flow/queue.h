/* queue.h: the calls that wait for a turn, in a line for each source; the sources take turns.
 *
 * Within a line the order is that of arrival, so who floods waits behind its own calls. A source
 * may have as many calls here as there is still room for others: one alone gets half of the places,
 * two a third each, and whoever comes new always finds some.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_QUEUE_H
#define VSL_FLOW_QUEUE_H

#include "flow/admission/admission.h"

struct queue;

/* With room for `calls_max` new calls, and as many again that come back. */
struct queue *queue_create(uint32_t calls_max);
void queue_destroy(struct queue *queue);

uint32_t queue_count(const struct queue *queue);
/* Calls that are in lines of so many sources. */
uint32_t queue_sources(const struct queue *queue);
/* Whether calls of another source than this one wait. */
bool queue_has_others(const struct queue *queue, uint32_t source);

/* Whether a new call of the source may come in; `ret_is_share`: if not, whether that is for its own
 * calls' sake. */
bool queue_has_room(const struct queue *queue, uint32_t source, bool *ret_is_share);

/* At the end of its source's line. */
void queue_add(struct queue *queue, uint32_t source, const struct waiting_call *waiting);
/* At the begin of it: a call that was here before. */
void queue_return(struct queue *queue, uint32_t source, const struct waiting_call *waiting);

/* The call whose turn it is; the queue must not be empty. Valid until the queue changes. */
struct waiting_call *queue_first(struct queue *queue);
/* Returns whether its source has more, and it is the turn of these now. */
bool queue_drop_first(struct queue *queue);
/* The next source's turn. */
void queue_next_source(struct queue *queue);

/* Looks at every call, source by source, and keeps those for which `keeps` says so. */
void queue_filter(
    struct queue *queue, bool (*keeps)(void *context, struct waiting_call *waiting), void *context);

#endif
