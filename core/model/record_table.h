/* record_table.h: what each kind of record consists of, so that memory, rows and SQL need no case
 * for each kind.
 *
 * Every record has an `id`, given by the server from 1 on, and the `changed_sequence` of the last
 * command that changed it; both are int64_t. Fields that are no column are derived: the engine
 * builds them anew when it loads.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORD_TABLE_H
#define VSL_MODEL_RECORD_TABLE_H

#include "base/fingerprint.h"
#include "model/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_type {
    COLUMN_INT64,     /* int64_t: bigint */
    COLUMN_INT32,     /* int32_t: integer */
    COLUMN_INT16,     /* uint8_t: smallint */
    COLUMN_BOOL,      /* bool: boolean */
    COLUMN_TEXT,      /* char[] and a uint8_t with its length in bytes: text */
    COLUMN_LONG_TEXT, /* the same with a uint16_t */
    COLUMN_CURRENCY,  /* char[4], three letters and a NUL: text */
    COLUMN_DATE,      /* int32_t days since 1970-01-01, 0 is null: date */
    COLUMN_DATES,     /* int32_t[] of such days and a uint8_t with their count, 1 at least: bytea */
    COLUMN_TIME,      /* int64_t microseconds since 1970-01-01 UTC, 0 is null: timestamptz */
    COLUMN_NUMBERS,   /* items of some int64_t each and a uint8_t with the items' count: bytea */
    /* struct fingerprint: bytea, the number of its key in 4 bytes, the most significant first, and
     * its 16 bytes; empty of no value. */
    COLUMN_FINGERPRINT,
};

struct record_column {
    const char *name; /* in SQL */
    enum column_type type;
    uint16_t offset;        /* in the record */
    uint16_t bytes;         /* of the field; for texts and dates the ceiling */
    uint16_t length_offset; /* where a text's length or the count of dates or items is */
    uint16_t item_bytes;    /* of one item of numbers */
};

/* Which records of a kind may still change; the others are final. The only place that says it: what
 * leaves memory, what a start loads, the answers' `final` and the filters of lists follow from it,
 * and a test holds the database's indexes to it. */
struct record_life {
    /* Sets of statuses, a bit for each number (RECORD_STATUS): in the first ones a record is live;
     * in the second ones until its ledger's accounting date is past a date of its own. */
    uint32_t live_statuses;
    uint32_t dated_statuses;
    uint16_t status_offset; /* of a uint8_t */
    uint16_t date_offset;   /* of that date, an int32_t */
    /* Without a status: live while memory has the command with this sequence number, an int64_t; 0:
     * the kind has statuses. */
    uint16_t sequence_offset;
    enum expiry_kind expiry; /* where live ones may have an end in time; 0: they have none */
};

#define RECORD_STATUS(number) (UINT32_C(1) << (number))
#define RECORD_STATUS_NONE UINT32_C(0)

struct record_table {
    const char *name;          /* of the state table, without its schema */
    const char *history_name;  /* of the history table */
    const char *id_name;       /* of the column with the id */
    const char *history_order; /* the order of the history's rows in the journal */
    uint32_t bytes;            /* of a record in memory */
    uint32_t id_offset;
    uint32_t changed_sequence_offset;
    uint32_t ledger_id_offset; /* of the ledger that it belongs to; a ledger's own id */
    int64_t id_max;            /* the ceiling */
    /* Final records leave memory and are found again in the state table by this column, which has
     * an index; NULL: all of the kind stay in memory. */
    const char *key_name;
    struct record_life life; /* where final records leave memory */
    /* In the order of sql/migrations, without the first column, `sequence`. */
    const struct record_column *columns;
    uint16_t column_count;
};

/* By kind; [0] is unused. */
extern const struct record_table record_tables[RECORD_KINDS + 1];

/* The name of the column in SQL that holds the field. */
const char *record_column_name(const struct record_table *table, uint32_t offset);

/* The kind that Expire calls so; there is one. */
enum record_kind record_kind_of_expiry(enum expiry_kind expiry);

/* The record that an image holds. */
static inline void *image_record(struct image *image)
{
    return (uint8_t *)image + offsetof(struct image, ledger);
}

static inline const void *image_record_const(const struct image *image)
{
    return (const uint8_t *)image + offsetof(struct image, ledger);
}

static inline int64_t record_id(const struct record_table *table, const void *record)
{
    return *(const int64_t *)(const void *)((const uint8_t *)record + table->id_offset);
}

static inline void record_set_id(const struct record_table *table, void *record, int64_t id)
{
    *(int64_t *)(void *)((uint8_t *)record + table->id_offset) = id;
}

static inline int64_t record_sequence(const struct record_table *table, const void *record)
{
    return *(
        const int64_t *)(const void *)((const uint8_t *)record + table->changed_sequence_offset);
}

static inline void record_set_sequence(
    const struct record_table *table, void *record, int64_t sequence)
{
    *(int64_t *)(void *)((uint8_t *)record + table->changed_sequence_offset) = sequence;
}

static inline int64_t record_ledger_id(const struct record_table *table, const void *record)
{
    return *(const int64_t *)(const void *)((const uint8_t *)record + table->ledger_id_offset);
}

/* The number of the command that the record is live with. */
static inline int64_t record_life_sequence(const struct record_table *table, const void *record)
{
    return *(const int64_t *)(const void *)((const uint8_t *)record + table->life.sequence_offset);
}

/* Whether the set has the status; 0 is none. */
static inline bool record_statuses_have(uint32_t statuses, uint32_t status)
{
    return status < 32 && (statuses & RECORD_STATUS(status)) != 0;
}

/* Whether a record with that status may change on every date; 0 is none. */
static inline bool record_status_is_live(const struct record_table *table, uint32_t status)
{
    return record_statuses_have(table->life.live_statuses, status);
}

/* Whether nothing can become of the record any more on that accounting date of its ledger and
 * later. Of a kind that has statuses; what has none, or one beyond the sets, is damaged and not
 * final. */
bool record_is_final(const struct record_table *table, const void *record, int32_t accounting_date);

#endif
