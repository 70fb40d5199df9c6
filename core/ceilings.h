/* ceilings.h: every ceiling of the service in one place, with its unit.
 *
 * Memory for the ceilings is address space only (base/reserve.h); pages are touched on use.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_CEILINGS_H
#define VSL_CEILINGS_H

/* Records in memory; ids are given by the server, increasing, so these are the largest ids too. */
#define LEDGERS_MAX 65536
#define MEMBERS_MAX 33554432
#define ACCOUNTS_MAX 67108864
#define PAYOUTS_MAX 33554432

/* Text fields of requests, bytes of UTF-8. */
#define CHANNEL_BYTES_MAX 16
#define SERIAL_BYTES_MAX 32
#define PLATFORM_NAME_BYTES_MAX 128
#define PLATFORM_MEMBER_ID_BYTES_MAX 64
#define ACCOUNT_NUMBER_BYTES_MAX 40
#define PARTY_NAME_BYTES_MAX 140
#define BANK_CODE_BYTES_MAX 16
#define BANK_REFERENCE_BYTES_MAX 64
#define ORDER_NUMBER_BYTES_MAX 64
#define REMARK_BYTES_MAX 256
#define RECEIVING_PREFIX_DIGITS_MIN 4
#define RECEIVING_PREFIX_DIGITS_MAX 8
#define RECEIVING_NUMBER_BYTES_MAX 32

/* Requests. */
#define BATCH_COMMANDS_MAX 8000
#define PAYEES_PER_COMMAND_MAX 100
#define BALANCES_PER_QUERY_MAX 10000
#define STATEMENT_LINES_MAX 5000
#define KEY_WINDOW_DATES_MAX 7
#define KEY_WINDOW_DATES_DEFAULT 3

/* What one command can do. */
#define POSTINGS_PER_COMMAND_MAX 256
#define IMAGES_PER_COMMAND_MAX 64
#define COMMAND_BODY_BYTES_MAX 4096

/* The journal. A segment is a range of sequence numbers; each journal table has one partition. */
#define SEGMENT_COMMANDS_MIN 1000
#define SEGMENT_COMMANDS_MAX 4000000
/* Segments whose rows are kept in memory because the database has not indexed them yet. The largest
 * request must fit into them whatever the size of segments and however full the first one is. */
#define RECENT_SEGMENTS_MAX 10
/* One batch holds at most so many commands; the rest waits for the next. */
#define BATCH_COMMANDS_IN_JOURNAL_MAX 16384

#endif
