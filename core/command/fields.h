/* fields.h: the fields of each kind of command, as tables; internal to command.
 *
 * One row per field drives everything that is done with it: reading and checking it in a request,
 * writing it into a message, the canonical body, and finding the field in which two requests
 * differ. A list is a field whose elements have a table of their own; elements hold no lists.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_FIELDS_H
#define VSL_COMMAND_FIELDS_H

#include "command/command.h"
#include "model/personal.h"

#include <stdint.h>

enum field_type {
    FIELD_INT64, /* int64_t in the struct; ids, amounts, fees */
    FIELD_INT32, /* int32_t; small counts */
    FIELD_DATE,  /* int32_t days in the struct, YYYYMMDD in messages; 0: not given */
    FIELD_ENUM,  /* int32_t; `min`..`max` are the known values */
    FIELD_BOOL,  /* bool */
    FIELD_TEXT,  /* struct text; `max` is in bytes, where text_is_counted in characters */
    FIELD_LIST,  /* pointer to structs and their count; `min`..`max` elements when given */
};

/* What a text may consist of. Control characters are refused, in a fact they become blanks. */
enum text_rule {
    TEXT_FREE,          /* anything */
    TEXT_FACT,          /* anything, as somebody else wrote it; counted in characters */
    TEXT_NAME,          /* the same, kept as it is compared: see normalize_name */
    TEXT_DOCUMENT,      /* the same; whoever knows the document's kind normalizes it (decode.c) */
    TEXT_MOBILE,        /* of China; kept as 11 digits, see normalize_mobile */
    TEXT_CARD,          /* of a card or account; kept as digits, see normalize_card */
    TEXT_TRIMMED,       /* anything, but no blank at either end: an identifier of somebody else */
    TEXT_CHANNEL,       /* letters, digits, _ . - */
    TEXT_VISIBLE_ASCII, /* ! to ~ */
    TEXT_CURRENCY,      /* a currency of ISO 4217 */
    TEXT_PREFIX,        /* digits, the first not 0 */
    TEXT_RECEIVING,     /* digits with a right check digit */
    TEXT_UETR,          /* a UUID of version 4 in lower case */
    TEXT_COMMAND,       /* another command, a BatchItem in messages; see command_put_proposed */
};

/* What a field says beyond its shape, for whoever looks for that and not for the field. */
enum field_use {
    USE_NONE,
    USE_ORDER_NUMBER,    /* the customer's order */
    USE_REMARK,          /* what the lines of statements show */
    USE_COMMAND,         /* names an earlier command, by its sequence number */
    USE_RECORD,          /* names a record, of the kind `names` */
    USE_EXPIRING_RECORD, /* names a record, of the kind that `expire.kind` says */
    USE_REFERENCE,       /* another's number of it, which may be booked once in a ledger */
    USE_PARTY,           /* the name, and so the place, of who pays or is paid elsewhere */
    USE_PROOF,           /* the kind, and so the place, of a proof; its reference is booked */
    USE_AMOUNT,          /* a part of its amount; may be in the elements of a list */
};

struct list;

struct field {
    const char *name; /* as in the proto; "payer.name" is in the sub-message payer */
    uint8_t number;   /* in bodies: stored in the journal, never reuse one within a kind */
    uint8_t type;     /* enum field_type */
    uint8_t rule;     /* enum text_rule */
    bool required;    /* zero or empty is refused */
    uint16_t offset;  /* in struct command (or struct read_request, or the element of a list) */
    int64_t min;      /* numbers that are given; texts: bytes or characters; lists: elements */
    int64_t max;
    const struct list *list; /* of a FIELD_LIST; NULL else */
    uint8_t use;      /* enum field_use; one of each in a kind, but of USE_RECORD, USE_AMOUNT */
    uint8_t names;    /* enum record_kind, of a USE_RECORD; 0 else */
    uint8_t personal; /* enum personal_kind, of a text; PERSONAL_NONE else */
};

/* How a field inside a sub-message is numbered in bodies, see field_macros.h. Of a sub-message from
 * 17 on 16 is taken off first: 1 to 3 are what every command has, and in no body. */
#define OUTER_NUMBER_FACTOR 16

/* The most rows that a table has. */
#define FIELDS_PER_KIND_MAX 32

/* The rows of a proof, from that of USE_PROOF on: without a kind all are zero or empty. */
#define PROOF_FIELDS 12

struct field_table {
    const char *name; /* "pay": the kind's name as in BatchItem */
    const struct field *fields;
    uint32_t count;
};

/* How a list stands in struct command: the pointer to its elements at the field's offset, their
 * count, a uint32_t, elsewhere. */
struct list {
    struct field_table table; /* the fields of an element; offsets are in its struct */
    uint16_t element_size;    /* of that struct */
    uint16_t count_offset;
};

/* Whether the rule's texts are of somebody else's writing: their characters count, not bytes, and
 * control characters in them become blanks. */
static inline bool text_is_counted(uint8_t rule)
{
    return rule >= TEXT_FACT && rule <= TEXT_CARD;
}

/* The bytes that a text of the field can have in a body; of a personal one, sealed. */
int64_t field_bytes_max(const struct field *field);

/* Table of a kind; NULL for a number that is not a kind. */
const struct field_table *command_fields(int kind);

/* Of a kind that keeps what a request does not name: where in struct command the int32_t stands
 * whose bit i says that row i is named, to set it or, with zero or empty, to unset it. All rows of
 * a party are named or none. 0, in the place of it too: no row is kept, what is left out is
 * unset. */
uint16_t fields_named_offset(const struct field_table *table);
/* Which of them a body names that has no such field: one of before schema 3. */
int32_t fields_named_before(const struct field_table *table);

/* Fields of a request key; offsets are in struct key_texts. */
struct key_texts {
    struct text channel;
    int32_t business_date;
    struct text serial;
};
extern const struct field_table request_key_fields;

#endif
