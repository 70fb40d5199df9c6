/* card.h: what becomes of a card, by the state that it is in and what happens to it.
 *
 * The only place that says it: the engine decides by these rows, the comment of CardService in
 * proto/vsl/v1/card.proto prints them, and a test holds both to them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_CARD_H
#define VSL_MODEL_CARD_H

#include "model/outcome.h"
#include "model/records/cards.h"

#include <stdint.h>

enum card_event {
    CARD_EVENT_CHECK,   /* CheckCard */
    CARD_EVENT_RIGHT,   /* what somebody says of the check is right */
    CARD_EVENT_WRONG,   /* and wrong; a small amount takes some tries before */
    CARD_EVENT_ENDED,   /* the check ends without a result */
    CARD_EVENT_UNBIND,  /* UnbindCard, CloseMember */
    CARD_EVENT_REPLACE, /* ReplaceCard: another card takes its place */
    CARD_EVENT_NEW,     /* ReplaceCard: it takes the place of another card */
    CARD_EVENTS,
};

/* Where it goes; or why it does not, and then `next` is 0. */
struct card_step {
    enum card_status next;
    enum outcome outcome;
};

/* By status, CARD_LOCKED for what is bound and locked; [0] is unused. */
extern const struct card_step card_steps[CARD_LOCKED + 1][CARD_EVENTS];

#endif
