/* command_filter.h: the filters of ListCommands, the one place that decides what is listed.
 *
 * Rows of the database were sieved by search_commands.sql before; they are looked at here all the
 * same, so that memory and database give the same by construction.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_COMMAND_FILTER_H
#define VSL_QUERY_COMMAND_FILTER_H

#include "command/decode.h"
#include "model/command_record.h"
#include "model/records.h"

#include <stdbool.h>
#include <stdint.h>

enum filtered { FILTERED_OUT, FILTERED_WANTED, FILTERED_DAMAGED };

/* A personal value as bodies may have it: sealed under each key, and clear, the last one. */
#define PERSONAL_FORMS_MAX 65
struct personal_forms {
    uint32_t count; /* 0: any value is wanted */
    struct text texts[PERSONAL_FORMS_MAX];
};

/* The payer or destination that is wanted. */
struct party_forms {
    struct personal_forms account_number;
    struct personal_forms name;
};

/* Whether the command passes the filters that need no postings. */
enum filtered filter_command(const struct read_request *request, const struct party_forms *party,
    const struct command_record *record);

/* Whether it passes those that need them, too. */
bool filter_postings(const struct read_request *request, const struct command_record *record,
    const struct posting *postings, uint32_t posting_count);

/* Whether the ledger's older commands are all of days before the wanted ones. */
bool filter_is_past(const struct read_request *request, const struct command_record *record);

/* How a command is shown to who has `kept` of the journal kept from him. A measure is a claim, or
 * to who is outside of the bank a business freeze, too, also that its time is over: of both he is
 * told alike that money moved, for else he would know which of them it is. */
enum showing { SHOWN_NOT, SHOWN_AS_MEASURE, SHOWN_WHOLE };
enum showing command_showing(const struct command_record *record, uint8_t kept);

/* Whether nothing is shown of it: nor is of a measure that moved no money, or he would hear of a
 * claim before the next paper comes. */
bool command_is_hidden(const struct command_record *record, uint32_t posting_count, uint8_t kept);

#endif
