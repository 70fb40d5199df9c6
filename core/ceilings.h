/* ceilings.h: every ceiling of the service in one place, with its unit.
 *
 * Memory for the ceilings is address space only (base/reserve.h); pages are touched on use.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_CEILINGS_H
#define VSL_CEILINGS_H

/* Ids of records; they are given by the server, increasing. Those of the first group stay in
 * memory, so this is how many there can be. Final ones of the second group leave it: their
 * ids go on to 2^62, and what is live at a time must fit into memory. */
#define LEDGERS_MAX 65536
#define MEMBERS_MAX 33554432
#define ACCOUNTS_MAX 67108864
#define FEE_RULES_MAX 65536
#define RESTRICTIONS_MAX 536870912 /* so many places that each account has all of its own */
#define CALLERS_MAX 4096
#define PROOF_POLICIES_MAX LEDGERS_MAX    /* one each */
#define APPROVAL_POLICIES_MAX LEDGERS_MAX /* one each */
#define WATCHES_MAX LEDGERS_MAX           /* one each */
#define ACCOUNT_POLICIES_MAX LEDGERS_MAX  /* one each */
#define USAGES_MAX MEMBERS_MAX            /* one each */
#define ACQUIRERS_MAX 65536
#define PRODUCTS_MAX 65536
#define POSITIONS_MAX ACCOUNTS_MAX /* one account each */
#define DENIED_MAX 67108864
#define MANDATES_MAX 67108864
/* Uses of a mandate. */
#define MANDATE_USES_MAX 1000000
#define BANK_STATEMENTS_MAX 67108864
#define HITS_MAX 67108864
#define IDENTITIES_MAX 67108864  /* each member may get another one, twice on average */
#define CARD_FLOWS_MAX 134217728 /* two cards that each account was used with, on average */
#define COVERS_MAX ACCOUNTS_MAX  /* one each */

#define PAYOUTS_MAX 4611686018427387904
#define HOLDS_MAX 4611686018427387904
#define FREEZES_MAX 4611686018427387904
#define REFUNDED_MAX 4611686018427387904
#define DEBTS_MAX 4611686018427387904
#define ADJUSTMENTS_MAX 4611686018427387904
#define PROPOSALS_MAX 4611686018427387904
#define SUSPENSE_MAX 4611686018427387904
#define LUMPS_MAX 4611686018427387904
#define PROMISES_MAX 4611686018427387904
#define SETTLEMENTS_MAX 4611686018427387904
#define DIFFERENCES_MAX 4611686018427387904
#define CARDS_MAX 4611686018427387904
#define STATEMENT_LINES_EVER_MAX 4611686018427387904
#define STATEMENT_MATCHES_MAX 4611686018427387904
#define MATCHED_BOOKINGS_MAX 4611686018427387904
#define CLAIMS_MAX 4611686018427387904
#define FEEDBACKS_MAX 4611686018427387904
#define PRICES_MAX 4611686018427387904

/* Places in memory for records of one such kind, in blocks of 256 ids (engine/memory/blocks.h): so
 * many are live at a time when they are of one age, and 4 million whatever their ages. */
#define LIVE_PLACES_MAX 1073741824

/* Text fields of requests, bytes of UTF-8. What a ledger keeps in memory of its own names is
 * counted so, too. */
/* A ledger keeps its own names and numbers as they are recorded, sealed: see keys/seal.h. */
#define SEALED_NAME_BYTES_MAX 373
#define SEALED_NUMBER_BYTES_MAX 85
#define CHANNEL_BYTES_MAX 16
#define SERIAL_BYTES_MAX 32
#define PLATFORM_NAME_BYTES_MAX 255
#define PLATFORM_MEMBER_ID_BYTES_MAX 64
#define ACCOUNT_NUMBER_BYTES_MAX 40
#define OWN_NAME_BYTES_MAX 255
#define BANK_CODE_BYTES_MAX 35
#define ORDER_NUMBER_BYTES_MAX 64
#define FEE_RULE_NAME_BYTES_MAX 32
#define ACQUIRER_NAME_BYTES_MAX 32
#define PROMISE_REFERENCE_BYTES_MAX 64
#define PRODUCT_CODE_BYTES_MAX 32
#define PRODUCT_NAME_BYTES_MAX 96
#define PURPOSE_BYTES_MAX 32
#define CALLER_NAME_BYTES_MAX 200
/* What others wrote (payers, their banks, clerks), in characters, a character having up to four
 * bytes: as long as ISO 20022 has it or longer (Nm Max140Text, Id Max34Text, MmbId Max35Text,
 * AcctSvcrRef Max35Text, Ustrd Max140Text, AddtlTxInf Max500Text). All of one command fit into its
 * body. */
#define CHARACTER_BYTES_MAX 4
#define PARTY_NAME_CHARACTERS_MAX 140
#define ACCOUNT_NUMBER_CHARACTERS_MAX 40
#define BANK_CODE_CHARACTERS_MAX 35
#define BANK_REFERENCE_CHARACTERS_MAX 64
#define SOURCE_ORDER_BYTES_MAX 64
#define REFERENCE_BYTES_MAX (4 * BANK_REFERENCE_CHARACTERS_MAX)
#define END_TO_END_ID_BYTES_MAX 35 /* Max35Text of ISO 20022 */
#define UETR_BYTES 36              /* a UUID as text */
#define RECEIVING_TEXT_CHARACTERS_MAX 140
#define REMITTANCE_CHARACTERS_MAX 500
#define REMARK_CHARACTERS_MAX 256
/* Times of requests, microseconds since 1970-01-01 UTC: the end of 2199, as that of dates. */
#define TIME_US_MAX 7258118399999999
/* The channel of the service's own commands; no request may use it. */
#define OWN_CHANNEL "vsl"
#define RECEIVING_PREFIX_DIGITS_MIN 4
#define RECEIVING_PREFIX_DIGITS_MAX 8
#define RECEIVING_NUMBER_BYTES_MAX 32

/* Requests. */
#define BATCH_COMMANDS_MAX 8000
#define PAYEES_PER_COMMAND_MAX 100
#define LUMP_LINES_MAX 100000000
#define REVEALS_PER_COMMAND_MAX 100 /* commands that one Reveal names */
#define BALANCES_PER_QUERY_MAX 10000
#define STATEMENT_LINES_MAX 5000
#define KEY_WINDOW_DATES_MAX 7
#define KEY_WINDOW_DATES_DEFAULT 3

/* What one command can do. */
#define POSTINGS_PER_COMMAND_MAX 2048
#define IMAGES_PER_COMMAND_MAX 4096
#define COMMAND_BODY_BYTES_MAX 6144
/* Of those, for a command inside of another one, which has a reason and numbers besides. */
#define PROPOSED_BYTES_MAX 4608

/* A whole in parts per million. */
#define PPM 1000000
#define FEE_TIERS_MAX 8
#define FEE_SHARES_MAX 8
/* Live holds of one payer for one order. */
#define HOLDS_PER_ORDER_MAX 32
/* Debts that an account repays after one command, and accounts that repay after it; the rest waits
 * for the next. */
#define DEBTS_PER_SETTLE_MAX 8
#define SETTLE_ACCOUNTS_MAX (PAYEES_PER_COMMAND_MAX + 16)
/* Accounts of the debtors, the newest of each first, that are looked at when debts come into being,
 * by one command: what they have available repays at once. */
#define SETTLE_OTHERS_MAX 16

/* Ledgers and channels that a caller has by name. */
#define CALLER_LEDGERS_MAX 16
#define CALLER_CHANNELS_MAX 8
/* Kinds of commands of a ledger that need two persons. */
#define APPROVAL_RULES_MAX 32
#define MEMBER_LEVELS 3 /* of identity, 0 to 2 */
/* Kinds of commands of a ledger that need a proof of their customer's instruction. */
#define PROOF_RULES_MAX 8
/* Cards that a member has bound at a time. */
#define CARDS_PER_MEMBER_MAX 32
/* Accounts that one card is used with. */
#define CARD_FLOWS_PER_CARD_MAX 256
/* What locks a card until the next day cut: wrong results in a row, and checks on a date. */
#define CARD_WRONG_IN_ROW_MAX 3
#define CARD_CHECKS_PER_DATE_MAX 10
/* For how long a check of a card waits for its result, and what is paid for one at most. */
#define CARD_CHECK_S_MAX 172800
#define CARD_CHECK_AMOUNT_MINOR_MAX 50
/* Members that one entry of a deny list finds when it is listed. */
#define HITS_PER_ENTRY_MAX 3000
/* Claims of one member at a time; its open accounts when one of them reaches all, for money that
 * comes to one of them may move what is covered of the others. */
#define CLAIMS_PER_MEMBER_MAX 1000
/* So long before a claim's end it is told. */
#define CLAIM_NOTICE_US (INT64_C(7) * 24 * 3600 * 1000000)
#define CLAIM_MEMBER_ACCOUNTS_MAX 16
/* How long an organ waits for an answer unless its request says; and so long before it is told. */
#define FEEDBACK_US (INT64_C(24) * 3600 * 1000000)
#define FEEDBACK_NOTICE_US (INT64_C(15) * 60 * 1000000)
/* Of those that a credit covers for the first time, so many are dated by it; others by the next. */
#define CLAIM_DATES_PER_CREDIT_MAX 8
/* Courts and other organs. */
#define AUTHORITY_CODE_BYTES_MAX 32
#define AUTHORITY_NAME_CHARACTERS_MAX 70
#define OFFICER_NAME_CHARACTERS_MAX 40
#define PAPER_CHARACTERS_MAX 64
#define PAPER_DIGEST_BYTES 64 /* SHA-256 in hexadecimal */
/* Owners that restrict one account at a time. */
#define RESTRICTIONS_PER_ACCOUNT_MAX 8
#define PAYOUT_RETURN_DAYS_DEFAULT 30
#define PAYOUT_RETURN_DAYS_MAX 366
/* Terms: for how long money may wait in UNALLOCATED, a year of 366 days. */
#define SUSPENSE_AGE_S_MAX 31622400
#define SETTLEMENT_DAYS_MAX 366
/* Decimals of a product's unit; and what one costs at most, money times 10^8, so that units times
 * price stay within 128 bits. */
#define UNIT_SCALE_MAX 8
#define PRICE_E8_MAX 1000000000000000
/* The check of an identity. */
#define CHECKED_BY_BYTES_MAX 64
#define CHECK_RESULT_BYTES_MAX 32
#define CHECK_REFERENCE_BYTES_MAX 64
#define DOCUMENT_CHARACTERS_MAX 30
/* So long before an identity ends it is told. */
#define IDENTITY_NOTICE_DAYS 30
/* Other members of the same person that an answer names. */
#define OTHER_MEMBERS_MAX 100
/* Lines of one settlement. */
#define SETTLEMENT_LINES_MAX 10000000
/* Of the bank's statements. What the lines of one add up to stays within 10^18 minor units, so that
 * sums with both balances fit into 64 bits. */
#define BANK_STATEMENT_LINES_MAX 10000000
#define STATEMENTS_PER_FILE_MAX 1000000
#define STATEMENT_REFERENCE_BYTES_MAX 64
#define MATCH_RULE_BYTES_MAX 32
#define STATEMENT_NUMBER_MAX 1000000000000000000
#define STATEMENT_SUM_MINOR_MAX 1000000000000000000
#define FILE_SHA256_BYTES 64 /* in hexadecimal */
/* How far beyond the calendar a day cut by one person may lead, and so far a new ledger may begin;
 * and how far beyond the calendar and the present accounting date at all. */
#define CUT_DAYS_ALONE_MAX 10
#define CUT_DAYS_MAX 366
/* Records in a page of a list, and records that are looked at for it. */
#define LIST_PAGE_SIZE_DEFAULT 100
#define LIST_PAGE_SIZE_MAX 1000
#define PAGE_TOKEN_CHARS 88 /* see query/page_token.h */
#define LIST_EXAMINED_MAX 100000

/* A quiet event stream says after so many seconds, by default and at most, where it is; who hears
 * nothing for three times as long takes the way for dead. */
#define HEARTBEAT_SECONDS_MAX 10
#define STREAM_SILENCE_SECONDS (3 * HEARTBEAT_SECONDS_MAX)

/* Entries of an order that its sums are made of, at each call. */
#define ORDER_ENTRIES_MAX 10000

/* The journal. A segment is a range of sequence numbers; each journal table has one partition. */
#define SEGMENT_COMMANDS_MIN 1000
#define SEGMENT_COMMANDS_MAX 4000000
/* Segments whose rows are kept in memory because the database has not indexed them yet. The largest
 * request must fit into them whatever the size of segments and however full the first one is. */
#define RECENT_SEGMENTS_MAX 10
/* One batch holds at most so many commands; the rest waits for the next. */
#define BATCH_COMMANDS_IN_JOURNAL_MAX 16384
/* Nor does it take more commands once its rows have so many bytes, which one turn digests and
 * sends. */
#define BATCH_BYTES_IN_JOURNAL_MAX (16 * 1024 * 1024)
/* The same while several sources send calls: what one has sent, the others wait for, and PostgreSQL
 * commits some 30 MB a second. Items of SubmitBatch leave half of it to calls of one command. */
#define BATCH_BYTES_OF_MANY_MAX (512 * 1024)

#endif
