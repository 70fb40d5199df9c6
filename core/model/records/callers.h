/* callers.h: who may ask, and for what.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_CALLERS_H
#define VSL_MODEL_RECORDS_CALLERS_H

#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

enum caller_role {
#define ROLE(number, NAME, name) ROLE_##NAME = 1 << ((number)-1),
#include "model/role_list.h"
};
/* The whole set. */
enum {
    ROLES_ALL = 0
#define ROLE(number, NAME, name) +ROLE_##NAME
#include "model/role_list.h"
};

enum caller_status { CALLER_ACTIVE = 1, CALLER_SUSPENDED = 2 };

/* What stands for a caller that has no record: the one that the settings name, while there is no
 * administrator. */
#define FIRST_ADMINISTRATOR_ID (-1)

/* Channels one behind the other, with a comma between two. */
#define CALLER_CHANNELS_BYTES_MAX (CALLER_CHANNELS_MAX * (CHANNEL_BYTES_MAX + 1))

struct caller {
    int64_t id;
    int64_t ledger_id; /* derived: 0, a caller is of no ledger */
    int64_t changed_sequence;
    int64_t ledgers[CALLER_LEDGERS_MAX]; /* ids, in the order of the request */
    int32_t roles;                       /* set of enum caller_role */
    bool all_ledgers;                    /* also those to come; `ledgers` is empty */
    bool any_channel;                    /* `channels` is empty */
    uint8_t status;                      /* enum caller_status */
    uint8_t ledger_count;
    char name[CALLER_NAME_BYTES_MAX]; /* as the client certificate has it */
    uint8_t name_length;
    char channels[CALLER_CHANNELS_BYTES_MAX];
    uint8_t channels_length;
};

#endif
