/* field_macros.h: how the rows of the tables in fields_*.c are written; internal to them.
 *
 * Body numbers are the numbers of the fields in their proto messages, and of a field inside a party
 * 16 times the party's number plus its own. The order of rows is the order of the message, but that
 * a proof comes first, so that SQL finds its reference. Elements of a list are numbered by
 * themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_FIELD_MACROS_H
#define VSL_COMMAND_FIELD_MACROS_H

#include "ceilings.h"
#include "command/body.h"
#include "command/fields.h"
#include "keys/seal.h"
#include "model/document.h"
#include "model/money.h"
#include "model/records.h"

#include <assert.h>
#include <stddef.h>

/* The table of each kind, name_table: beside its rows, name_fields. */
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    extern const struct field_table name##_table;
#define COMMAND_BARE(number, NAME, name, Service, Method, answer, roles)                           \
    extern const struct field_table name##_table;
#include "command/command_list.h"
#define TABLE(name)                                                                                \
    {                                                                                              \
#name, name##_fields, COUNT(name##_fields)                                                 \
    }

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) (uint16_t) offsetof(struct command, member)

#define ROW(number_, name_, type_, at, ...)                                                        \
    {                                                                                              \
        .name = (name_), .number = (number_), .type = (type_), .offset = (at), __VA_ARGS__         \
    }
#define REQUIRED .required = true, .min = 1
#define OPTIONAL .min = 1
#define ID(number, name, member)                                                                   \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = INT64_MAX)
#define OPTIONAL_ID(number, name, member)                                                          \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = INT64_MAX)
/* The record that the command is about. */
#define NAMED(kind, number, name, member)                                                          \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = INT64_MAX, .use = USE_RECORD,      \
        .names = (kind))
#define OPTIONAL_NAMED(kind, number, name, member)                                                 \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = INT64_MAX, .use = USE_RECORD,      \
        .names = (kind))
/* An earlier command. */
#define EARLIER(number, name, member)                                                              \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = INT64_MAX, .use = USE_COMMAND)
#define OPTIONAL_EARLIER(number, name, member)                                                     \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = INT64_MAX, .use = USE_COMMAND)
#define AMOUNT(number, name, member)                                                               \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = AMOUNT_MINOR_MAX, .use = USE_AMOUNT)
#define FEE(number, name, member)                                                                  \
    ROW(number, name, FIELD_INT64, AT(member), .max = AMOUNT_MINOR_MAX, .use = USE_AMOUNT)
#define OPTIONAL_AMOUNT(number, name, member) FEE(number, name, member)
#define DATE(number, name, member) ROW(number, name, FIELD_DATE, AT(member), .required = true)
#define OPTIONAL_DATE(number, name, member)                                                        \
    ROW(number, name, FIELD_DATE, AT(member), .required = false)
#define COUNT_OF(number, name, member, last)                                                       \
    ROW(number, name, FIELD_INT32, AT(member), .max = (last))
#define ENUM(number, name, member, last)                                                           \
    ROW(number, name, FIELD_ENUM, AT(member), REQUIRED, .max = (last))
#define OPTIONAL_ENUM(number, name, member, last)                                                  \
    ROW(number, name, FIELD_ENUM, AT(member), OPTIONAL, .max = (last))
#define BOOL(number, name, member) ROW(number, name, FIELD_BOOL, AT(member), .max = 1)
/* One that is personal data of that kind, or, PERSONAL_NONE, is not. */
#define PERSONAL(number, name, member, rule_, bytes_max, kind)                                     \
    ROW(number, name, FIELD_TEXT, AT(member), REQUIRED, .rule = (rule_), .max = (bytes_max),       \
        .personal = (kind))
#define OPTIONAL_PERSONAL(number, name, member, rule_, bytes_max, kind)                            \
    ROW(number, name, FIELD_TEXT, AT(member), .rule = (rule_), .max = (bytes_max),                 \
        .personal = (kind))
#define TEXT(number, name, member, rule, bytes_max)                                                \
    PERSONAL(number, name, member, rule, bytes_max, PERSONAL_NONE)
#define OPTIONAL_TEXT(number, name, member, rule, bytes_max)                                       \
    OPTIONAL_PERSONAL(number, name, member, rule, bytes_max, PERSONAL_NONE)
/* Microseconds since 1970-01-01 UTC, before the year 2200. */
#define TIME(number, name, member)                                                                 \
    ROW(number, name, FIELD_INT64, AT(member), REQUIRED, .max = TIME_US_MAX)
#define OPTIONAL_TIME(number, name, member)                                                        \
    ROW(number, name, FIELD_INT64, AT(member), OPTIONAL, .max = TIME_US_MAX)
#define OPTIONAL_LIST(number, name, member, elements_max, list_)                                   \
    ROW(number, name, FIELD_LIST, AT(member), OPTIONAL, .max = (elements_max), .list = (list_))
/* At least one of them. */
#define LIST(number, name, member, elements_max, list_)                                            \
    ROW(number, name, FIELD_LIST, AT(member), REQUIRED, .max = (elements_max), .list = (list_))
/* What the lines of statements show. */
#define REMARK_OF(number, member, characters_max)                                                  \
    ROW(number, "remark", FIELD_TEXT, AT(member), .rule = TEXT_FACT, .max = (characters_max),      \
        .use = USE_REMARK)
#define REMARK(number, member) REMARK_OF(number, member, REMARK_CHARACTERS_MAX)

/* What somebody else wrote, of so many characters. */
#define FACT(number, name, member, characters_max)                                                 \
    OPTIONAL_TEXT(number, name, member, TEXT_FACT, characters_max)

/* One of which as much is known as the bank says: of cash or interest, nothing. */
#define PARTY_AS_FAR_AS_KNOWN(number, outer, member)                                               \
    ROW((number)*16 + 1, outer ".name", FIELD_TEXT, AT(member.name), .rule = TEXT_FACT,            \
        .max = PARTY_NAME_CHARACTERS_MAX, .personal = PERSONAL_NAME, .use = USE_PARTY),            \
        OPTIONAL_PERSONAL((number)*16 + 2, outer ".account_number", member.account_number,         \
            TEXT_FACT, ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_ACCOUNT_NUMBER),                    \
        FACT((number)*16 + 3, outer ".bank_code", member.bank_code, BANK_CODE_CHARACTERS_MAX)

/* The ledger's own, which may be left out; it stays in memory, so its bytes are counted. */
#define OWN_PARTY(number, outer, member)                                                           \
    OPTIONAL_PERSONAL((number)*16 + 1, outer ".name", member.name, TEXT_FREE, OWN_NAME_BYTES_MAX,  \
        PERSONAL_NAME),                                                                            \
        OPTIONAL_PERSONAL((number)*16 + 2, outer ".account_number", member.account_number,         \
            TEXT_FREE, ACCOUNT_NUMBER_BYTES_MAX, PERSONAL_ACCOUNT_NUMBER),                         \
        OPTIONAL_TEXT(                                                                             \
            (number)*16 + 3, outer ".bank_code", member.bank_code, TEXT_FREE, BANK_CODE_BYTES_MAX)

#define OPTIONAL_ORDER_NUMBER(number, member)                                                      \
    ROW(number, "order_number", FIELD_TEXT, AT(member), .rule = TEXT_TRIMMED,                      \
        .max = ORDER_NUMBER_BYTES_MAX, .use = USE_ORDER_NUMBER)
#define ORDER_NUMBER(number, member)                                                               \
    ROW(number, "order_number", FIELD_TEXT, AT(member), REQUIRED, .rule = TEXT_TRIMMED,            \
        .max = ORDER_NUMBER_BYTES_MAX, .use = USE_ORDER_NUMBER)
#define OPTIONAL_FEE_RULE(number, member)                                                          \
    OPTIONAL_TEXT(number, "fee_rule", member, TEXT_CHANNEL, FEE_RULE_NAME_BYTES_MAX)

/* The proof of a customer's instruction; its kind, result and reference come first, and in this
 * order (vsl.booked_reference). A number is written as that which it is bound to; where the command
 * has none, the row takes none. */
#define PROOF_WITH(member, number_row)                                                             \
    ROW(17, "proof.kind", FIELD_ENUM, AT(member.kind), OPTIONAL, .max = PROOF_SIGNATURE,           \
        .use = USE_PROOF),                                                                         \
        OPTIONAL_ENUM(18, "proof.result", member.result, PROOF_WRONG),                             \
        ROW(19, "proof.reference", FIELD_TEXT, AT(member.reference), .rule = TEXT_VISIBLE_ASCII,   \
            .max = SOURCE_ORDER_BYTES_MAX, .use = USE_REFERENCE),                                  \
        ROW(20, "proof.amount_minor", FIELD_INT64, AT(member.amount_minor),                        \
            .max = AMOUNT_MINOR_MAX),                                                              \
        OPTIONAL_ID(21, "proof.account_id", member.account_id),                                    \
        OPTIONAL_ID(22, "proof.member_id", member.member_id),                                      \
        OPTIONAL_ID(23, "proof.payee_account_id", member.payee_account_id), number_row,            \
        OPTIONAL_ID(25, "proof.card_id", member.card_id),                                          \
        OPTIONAL_TEXT(                                                                             \
            26, "proof.order_number", member.order_number, TEXT_TRIMMED, ORDER_NUMBER_BYTES_MAX),  \
        OPTIONAL_TIME(27, "proof.issued_at_us", member.issued_at_us),                              \
        OPTIONAL_TIME(28, "proof.expires_at_us", member.expires_at_us)
#define PROOF_OF_NUMBER(member, number_rule)                                                       \
    PROOF_WITH(                                                                                    \
        member, OPTIONAL_PERSONAL(24, "proof.payee_account_number", member.payee_account_number,   \
                    number_rule, ACCOUNT_NUMBER_CHARACTERS_MAX, PERSONAL_ACCOUNT_NUMBER))
#define PROOF(member)                                                                              \
    PROOF_WITH(member, OPTIONAL_TEXT(24, "proof.payee_account_number",                             \
                           member.payee_account_number, TEXT_FACT, 0))

#endif
