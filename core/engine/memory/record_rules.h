/* record_rules.h: what memory asks the rules about a kind of record.
 *
 * One row a kind, which the engine has from rules/ when it is made: so memory runs through all
 * kinds alike and knows none of their rules. Which records of a kind are final stands beside its
 * columns, in model/record_table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_RECORD_RULES_H
#define VSL_ENGINE_MEMORY_RECORD_RULES_H

#include "engine/engine.h"

/* A command whose postings change records of a kind without an image: what a start needs of it. */
struct redone {
    int64_t sequence;
    int32_t date; /* the ledger's accounting date */
    enum command_kind kind;
};

struct record_rules {
    /* Whether the ledger and the accounts that the record names are there and belong together. */
    bool (*has_owners)(const struct engine *engine, const void *record);
    /* The record, which has its owners, was loaded, or is final and came back: builds what is
     * derived of it anew: fields, indexes, chains, counts. Loaded records come kind by kind, by id.
     * NULL: nothing is derived. */
    void (*index)(struct engine *engine, int64_t id);
    /* The record, which is final, leaves memory, and so what is derived of it. NULL: nothing is. */
    void (*unindex)(struct engine *engine, int64_t id);
    /* What must be more than 0 of a live record and 0 of a final one. NULL: nothing. */
    int64_t (*rest_minor)(const void *record);
    /* Where records have an end in time: the kind's part of Expire. NULL: they have none. */
    enum outcome (*expire)(struct engine *engine, const struct ledger *ledger, int64_t id);
    /* By which date what waits of the kind comes in its order, see waiting.h. NULL: by none. */
    int32_t (*waits_until)(const void *record);
    /* Whether the command's postings change records of the kind without an image, and doing it
     * again at a start; what it changes is resident and indexed, newer records stay. -1: a record
     * is missing. NULL: there are no such commands. */
    bool (*is_redone)(const struct engine *engine, const struct command_record *command);
    int (*redo)(struct engine *engine, const struct redone *command, const struct posting *postings,
        uint32_t posting_count);
};

#endif
