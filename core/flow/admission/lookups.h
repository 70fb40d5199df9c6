/* lookups.h: what a call is missing, as questions to query with their answers; internal to
 * admission.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_FLOW_ADMISSION_LOOKUPS_H
#define VSL_FLOW_ADMISSION_LOOKUPS_H

#include "flow/admission/admission.h"
#include "flow/admission/wanted.h"

struct lookup {
    struct lookups *owner;
    uint32_t index; /* of the command in its call */
    struct wanted wanted;
    bool is_found;
    struct command_record record;
    const struct posting *postings;
    uint32_t posting_count;
    uint32_t record_count;
    int64_t redo_sequence; /* of the database that gave the records */
    int64_t receipts[RECEIPTS_OF_REFERENCE_MAX];
    uint32_t receipt_count;
    void *memory; /* of the command's texts and postings, or the records; NULL: none */
};

struct lookups {
    struct flow *flow;
    struct waiting_call waiting; /* the call, in ADMISSION_ASKED */
    void (*on_answered)(struct lookups *lookups);
    uint64_t generation; /* of the filters when it was asked */
    uint32_t weight;
    uint32_t count;
    uint32_t entries_max;
    uint32_t asked; /* entries that query was asked for, in their order */
    uint32_t pending;
    bool has_failed;
    bool is_damaged;         /* with has_failed: an answer came, and is not believed */
    struct lookup entries[]; /* by index */
};

struct lookups *lookups_create(struct flow *flow, uint32_t entries_max);
void lookups_destroy(struct lookups *lookups);

/* Adds what command number `index` wants; in the order of the commands. */
void lookups_add(struct lookups *lookups, uint32_t index, const struct wanted *wanted);

/* Asks; `on_answered` is called once, later: when all have answers, or `has_failed`. */
void lookups_ask(struct lookups *lookups, void (*on_answered)(struct lookups *lookups));

/* Whether that wish of the command was asked for. */
bool lookups_have(const struct lookups *lookups, uint32_t index, const struct wanted *wanted);

/* Puts the records that were found back into the engine. False: they are too old; or, with
 * `has_failed`, they cannot be put back. */
bool lookups_revive(struct lookups *lookups);

#endif
