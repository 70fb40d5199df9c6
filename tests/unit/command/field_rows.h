/* field_rows.h: the rules of every field as rows: the limit, the value just past it, what is wrong.
 *
 * Limits are written out here as numbers, apart from the module's own tables.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_COMMAND_FIELD_ROWS_H
#define VSL_TESTS_COMMAND_FIELD_ROWS_H

#include "command/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_row_value { NUMBER, TEXT, FILL };

struct field_row {
    enum command_kind kind;
    const char *field; /* that is set, and that the error must name */
    enum field_row_value value;
    int64_t number;   /* NUMBER; FILL: that many bytes... */
    const char *text; /* TEXT; FILL: ...of this character, repeated */
    bool accepted;
};

/* The proof of a customer's instruction, of any command that may have one. */
#define PROOF_ROWS(kind)                                                                           \
    ENUM_ROWS(kind, "proof.kind", 3), NO_NUMBER(kind, "proof.kind", 0),                            \
        ENUM_ROWS(kind, "proof.result", 2), NO_NUMBER(kind, "proof.result", 0),                    \
        REQUIRED_ROWS(kind, "proof.reference"), OK_FILL(kind, "proof.reference", 64, "!"),         \
        NO_FILL(kind, "proof.reference", 65, "~"), NO_TEXT(kind, "proof.reference", "a b"),        \
        NO_TEXT(kind, "proof.reference", "\xc3\xa9"), FEE_ROWS(kind, "proof.amount_minor"),        \
        OPTIONAL_ID_ROWS(kind, "proof.account_id"), OPTIONAL_ID_ROWS(kind, "proof.member_id"),     \
        OPTIONAL_ID_ROWS(kind, "proof.payee_account_id"), OPTIONAL_ID_ROWS(kind, "proof.card_id"), \
        OK_TEXT(kind, "proof.payee_account_number", ""),                                           \
        NO_FILL(kind, "proof.payee_account_number", 41, "1"),                                      \
        TRIMMED_ROWS(kind, "proof.order_number", 64), OK_TEXT(kind, "proof.order_number", ""),     \
        NO_NUMBER(kind, "proof.issued_at_us", 0), NO_NUMBER(kind, "proof.issued_at_us", -1),       \
        OK_NUMBER(kind, "proof.issued_at_us", 7258118399999998),                                   \
        NO_NUMBER(kind, "proof.issued_at_us", 7258118400000000),                                   \
        NO_NUMBER(kind, "proof.expires_at_us", 0), NO_NUMBER(kind, "proof.expires_at_us", 1),      \
        OK_NUMBER(kind, "proof.expires_at_us", 2),                                                 \
        OK_NUMBER(kind, "proof.expires_at_us", 7258118399999999),                                  \
        NO_NUMBER(kind, "proof.expires_at_us", 7258118400000000)

/* One table per file; ended by a row without a field. */
extern const struct field_row field_rows[];
extern const struct field_row field_rows_payments[];
extern const struct field_row field_rows_callers[];
extern const struct field_row field_rows_cards[];
extern const struct field_row field_rows_claims[];
extern const struct field_row field_rows_products[];
extern const struct field_row field_rows_proposals[];
extern const struct field_row field_rows_screening[];
extern const struct field_row field_rows_statements[];

#define OK_NUMBER(kind, field, number)                                                             \
    {                                                                                              \
        kind, field, NUMBER, number, NULL, true                                                    \
    }
#define NO_NUMBER(kind, field, number)                                                             \
    {                                                                                              \
        kind, field, NUMBER, number, NULL, false                                                   \
    }
#define OK_TEXT(kind, field, text)                                                                 \
    {                                                                                              \
        kind, field, TEXT, 0, text, true                                                           \
    }
#define NO_TEXT(kind, field, text)                                                                 \
    {                                                                                              \
        kind, field, TEXT, 0, text, false                                                          \
    }
#define OK_FILL(kind, field, bytes, text)                                                          \
    {                                                                                              \
        kind, field, FILL, bytes, text, true                                                       \
    }
#define NO_FILL(kind, field, bytes, text)                                                          \
    {                                                                                              \
        kind, field, FILL, bytes, text, false                                                      \
    }

/* Required, 1 up to the largest. */
#define ID_ROWS(kind, field)                                                                       \
    NO_NUMBER(kind, field, 0), NO_NUMBER(kind, field, -1), NO_NUMBER(kind, field, INT64_MIN),      \
        OK_NUMBER(kind, field, 1), OK_NUMBER(kind, field, INT64_MAX)
#define AMOUNT_ROWS(kind, field)                                                                   \
    NO_NUMBER(kind, field, 0), NO_NUMBER(kind, field, -1), OK_NUMBER(kind, field, 1),              \
        OK_NUMBER(kind, field, 10000000000000000), NO_NUMBER(kind, field, 10000000000000001),      \
        NO_NUMBER(kind, field, INT64_MAX), NO_NUMBER(kind, field, INT64_MIN)
#define DATE_ROWS(kind, field)                                                                     \
    NO_NUMBER(kind, field, -20261101), NO_NUMBER(kind, field, 19700101),                           \
        OK_NUMBER(kind, field, 19700102), OK_NUMBER(kind, field, 21991231),                        \
        NO_NUMBER(kind, field, 22000101), NO_NUMBER(kind, field, 20261131),                        \
        NO_NUMBER(kind, field, 20260229), OK_NUMBER(kind, field, 20280229),                        \
        NO_NUMBER(kind, field, 20261300), NO_NUMBER(kind, field, 2026111)
/* At most so many bytes without control characters; 4-byte characters count as four. */
#define FREE_ROWS(kind, field, bytes)                                                              \
    OK_FILL(kind, field, bytes, "x"), NO_FILL(kind, field, (bytes) + 1, "x"),                      \
        OK_FILL(kind, field, (bytes) / 4 * 4, "\xf0\xa0\x80\x80"),                                 \
        NO_FILL(kind, field, (bytes) / 4 * 4 + 4, "\xf0\xa0\x80\x80"),                             \
        NO_TEXT(kind, field, "a\nb"), NO_TEXT(kind, field, "\x01"), NO_TEXT(kind, field, "\x1f"),  \
        NO_TEXT(kind, field, "a\x7f"), OK_TEXT(kind, field, "a b"),                                \
        OK_TEXT(kind, field, "\xe5\xbc\xa0\xe4\xb8\x89")
/* What somebody else wrote: so many characters, whatever their bytes and whatever they are. */
#define FACT_ROWS(kind, field, characters)                                                         \
    OK_FILL(kind, field, characters, "x"), NO_FILL(kind, field, (characters) + 1, "x"),            \
        OK_FILL(kind, field, 4 * (characters), "\xf0\xa0\x80\x80"),                                \
        NO_FILL(kind, field, 4 * (characters) + 4, "\xf0\xa0\x80\x80"),                            \
        OK_FILL(kind, field, 3 * (characters), "\xe5\xbc\xa0"),                                    \
        NO_FILL(kind, field, 3 * (characters) + 3, "\xe5\xbc\xa0"), OK_TEXT(kind, field, "a\nb"),  \
        OK_TEXT(kind, field, "a\x7f"), OK_TEXT(kind, field, "a\xc2\x85"),                          \
        OK_TEXT(kind, field, " a\t"), OK_TEXT(kind, field, "19-2000145399/0800"),                  \
        OK_TEXT(kind, field, "\xe2\x80\xae\xef\xbc\x88")
#define OPTIONAL_FACT_ROWS(kind, field, characters)                                                \
    FACT_ROWS(kind, field, characters), OK_TEXT(kind, field, ""), OK_TEXT(kind, field, "\n")
#define REQUIRED_FACT_ROWS(kind, field, characters)                                                \
    FACT_ROWS(kind, field, characters), REQUIRED_ROWS(kind, field), NO_TEXT(kind, field, " \n"),   \
        NO_TEXT(kind, field, " \xe3\x80\x80\xc2\xa0")
#define REMARK_ROWS(kind, field) OPTIONAL_FACT_ROWS(kind, field, 256)
#define TRIMMED_ROWS(kind, field, bytes)                                                           \
    FREE_ROWS(kind, field, bytes), NO_TEXT(kind, field, " a"), NO_TEXT(kind, field, "a "),         \
        NO_TEXT(kind, field, " "),                                                                 \
        NO_TEXT(kind, field,                                                                       \
            "\xc2\xa0"                                                                             \
            "a"),                                                                                  \
        NO_TEXT(kind, field, "a\xc2\xa0"),                                                         \
        NO_TEXT(kind, field,                                                                       \
            "\xe3\x80\x80"                                                                         \
            "a"),                                                                                  \
        NO_TEXT(kind, field, "a\xe3\x80\x80")
#define REQUIRED_ROWS(kind, field) NO_TEXT(kind, field, "")
#define NAME_ROWS(kind, field, bytes)                                                              \
    REQUIRED_ROWS(kind, field), FREE_ROWS(kind, field, bytes), NO_TEXT(kind, field, "  "),         \
        NO_TEXT(kind, field, " \xe3\x80\x80\xc2\xa0"), OK_TEXT(kind, field, " a ")
/* Of somebody with a document. */
#define PERSON_NAME_ROWS(kind, field)                                                              \
    OK_FILL(kind, field, 140, "a"), NO_FILL(kind, field, 141, "a"),                                \
        OK_FILL(kind, field, 560, "\xf0\xa0\xae\xb7"),                                             \
        NO_FILL(kind, field, 564, "\xf0\xa0\xae\xb7"), NO_TEXT(kind, field, " \xe3\x80\x80"),      \
        NO_TEXT(kind, field, "\xef\xbb\xbf"), OK_TEXT(kind, field, " a\n")
#define PARTY_ROWS(kind, party)                                                                    \
    REQUIRED_FACT_ROWS(kind, party ".name", 140),                                                  \
        REQUIRED_FACT_ROWS(kind, party ".account_number", 40),                                     \
        OPTIONAL_FACT_ROWS(kind, party ".bank_code", 35)
#define KNOWN_PARTY_ROWS(kind, party)                                                              \
    OPTIONAL_FACT_ROWS(kind, party ".name", 140),                                                  \
        OPTIONAL_FACT_ROWS(kind, party ".account_number", 40),                                     \
        OPTIONAL_FACT_ROWS(kind, party ".bank_code", 35)
/* What every command has; and that it may be tried. */
#define COMMON_ROWS(kind) KEY_ROWS(kind), OK_NUMBER(kind, "dry_run", 1)
#define KEY_ROWS(kind)                                                                             \
    NO_TEXT(kind, "key.channel", ""), OK_FILL(kind, "key.channel", 16, "a"),                       \
        NO_FILL(kind, "key.channel", 17, "a"), OK_TEXT(kind, "key.channel", "aZ0_.-"),             \
        NO_TEXT(kind, "key.channel", "a b"), NO_TEXT(kind, "key.channel", "a/b"),                  \
        NO_TEXT(kind, "key.channel", "\xc3\xa9"), NO_TEXT(kind, "key.serial", ""),                 \
        OK_FILL(kind, "key.serial", 32, "9"), NO_FILL(kind, "key.serial", 33, "9"),                \
        OK_TEXT(kind, "key.serial", "!~"), NO_TEXT(kind, "key.serial", "a b"),                     \
        NO_TEXT(kind, "key.serial", " a"), NO_TEXT(kind, "key.serial", "a\x7f"),                   \
        NO_TEXT(kind, "key.serial", "\xc3\xa9"), NO_NUMBER(kind, "key.business_date", 0),          \
        DATE_ROWS(kind, "key.business_date")
#define FEE_ROWS(kind, field)                                                                      \
    OK_NUMBER(kind, field, 0), OK_NUMBER(kind, field, 1),                                          \
        OK_NUMBER(kind, field, 10000000000000000), NO_NUMBER(kind, field, 10000000000000001),      \
        NO_NUMBER(kind, field, -1)
/* 0 leaves it out. */
#define OPTIONAL_ID_ROWS(kind, field)                                                              \
    OK_NUMBER(kind, field, 0), NO_NUMBER(kind, field, -1), OK_NUMBER(kind, field, 1),              \
        OK_NUMBER(kind, field, INT64_MAX), NO_NUMBER(kind, field, INT64_MIN)
/* 1 up to the last known value. */
#define ENUM_ROWS(kind, field, last)                                                               \
    NO_NUMBER(kind, field, -1), OK_NUMBER(kind, field, 1), OK_NUMBER(kind, field, last),           \
        NO_NUMBER(kind, field, (last) + 1), NO_NUMBER(kind, field, INT32_MAX)
/* Up to the last microsecond of 2199. */
#define TIME_ROWS(kind, field)                                                                     \
    NO_NUMBER(kind, field, -1), OK_NUMBER(kind, field, 1),                                         \
        OK_NUMBER(kind, field, 7258118399999999), NO_NUMBER(kind, field, 7258118400000000),        \
        NO_NUMBER(kind, field, INT64_MAX), NO_NUMBER(kind, field, INT64_MIN)
/* Letters, digits, _ . - */
#define PLAIN_NAME_ROWS(kind, field, bytes)                                                        \
    OK_FILL(kind, field, bytes, "a"), NO_FILL(kind, field, (bytes) + 1, "a"),                      \
        OK_TEXT(kind, field, "aZ0_.-"), NO_TEXT(kind, field, "a b"), NO_TEXT(kind, field, "a/b"),  \
        NO_TEXT(kind, field, "\xe8\xb4\xb9"), NO_TEXT(kind, field, "a\n")

#endif
