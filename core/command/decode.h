/* decode.h: protobuf requests to plain structs; malformed input is refused here, at once.
 *
 * Before protobuf-c unpacks anything the raw bytes are walked along the message's descriptor:
 * UTF-8, NUL bytes in strings, depth and number of sub-messages, field numbers that this version
 * does not know (refused in commands: a rule for money that we do not know must not be dropped
 * silently).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_DECODE_H
#define VSL_COMMAND_DECODE_H

#include "base/arena.h"
#include "base/must_use.h"
#include "command/command.h"
#include "model/journal_life.h"

#include <stddef.h>
#include <stdint.h>

/* One rule that a request breaks: the path of the field in the request ("amount_minor",
 * "items[17].pay.key.serial"; "" for the whole message) and a sentence with the rule, what came
 * where that is a number, and what to do, in English and in Chinese. Never repeats text that the
 * client sent. */
#define DESCRIPTION_BYTES_MAX 256
struct decode_violation {
    char field[128];
    char description[DESCRIPTION_BYTES_MAX];
    char description_zh[DESCRIPTION_BYTES_MAX];
};

/* Why a request was refused: the rules that it breaks, fields first, then what ties them together,
 * so that who made it need not find them one by one. A tie of a field that is refused itself is not
 * judged, no more than so many are told, and what is no such message at all breaks one rule. */
#define DECODE_VIOLATIONS_MAX 8
struct decode_error {
    char field[128];
    char description[DESCRIPTION_BYTES_MAX];
    char description_zh[DESCRIPTION_BYTES_MAX];
    uint32_t count; /* the first one and those in `more` */
    struct decode_violation more[DECODE_VIOLATIONS_MAX - 1];
};

/* Ceiling for an arena that holds any request of the largest message size (4 MiB) that keeps the
 * rules; a request that does not fit is refused. The largest are batches of payments to a hundred:
 * six bytes in the message are about a hundred in memory. */
#define DECODE_ARENA_BYTES_MAX (128 * 1024 * 1024)

/* Decodes the request message of a unary command call (PayRequest, ...). `arena` holds what the
 * struct points to. Returns 0, or -1 with `ret_error`. */
MUST_USE int command_decode(enum command_kind kind, const uint8_t *bytes, size_t length,
    struct arena *arena, struct command *ret_command, struct decode_error *ret_error);

struct command_batch {
    struct command *commands; /* each with the batch's dry_run */
    uint32_t count;           /* 1..BATCH_COMMANDS_MAX */
    bool atomic;
    bool dry_run;
};

/* Decodes a SubmitBatchRequest. Two items with one request key are refused. */
MUST_USE int command_decode_batch(const uint8_t *bytes, size_t length, struct arena *arena,
    struct command_batch *ret_batch, struct decode_error *ret_error);

/* The same in parts, for the largest takes tens of milliseconds: a request under way. */
struct batch_decoding;

enum decode_progress { DECODE_REFUSED = -1, DECODE_DONE = 0, DECODE_GOES_ON = 1 };

/* Begins; what is decoded will be in the arena, and the bytes stay where they are. */
struct batch_decoding *batch_decoding_create(
    const uint8_t *bytes, size_t length, struct arena *arena);
/* What was decoded stays. */
void batch_decoding_destroy(struct batch_decoding *decoding);

/* Goes on for about so many bytes; each is looked at twice. What comes of it in the end is what
 * command_decode_batch says, whatever the parts. */
MUST_USE enum decode_progress batch_decode_on(struct batch_decoding *decoding, size_t bytes_max,
    struct command_batch *ret_batch, struct decode_error *ret_error);

/* ---- reads ---- */

enum read_kind {
    READ_NONE,
#define READ(KIND, Service, Method, roles) READ_##KIND,
#include "command/read_list.h"
};
#define READ_KIND_MAX READ_STREAM_EVENTS

#define STATEMENT_LINES_DEFAULT 100
#define EVERY_BUCKET (-1)

/* The members that a kind of read does not have are zero or empty. */
struct read_request {
    enum read_kind kind;
    int64_t ledger_id;
    int64_t id;                     /* of a READ_GET_; 0 when it is named by text */
    struct text platform_member_id; /* READ_GET_MEMBER by the platform's id */
    int64_t person_id;              /* READ_LIST_MEMBERS: this person's; 0: any */
    int32_t document_kind;          /* the same with this number, which is as it is kept; 0: any */
    struct text document_number;
    struct text card_number;      /* READ_LIST_CARDS: with this number, as written; empty: any */
    struct text receiving_number; /* READ_GET_ACCOUNT by receiving number */
    const int64_t *account_ids;   /* READ_GET_BALANCES: 1..BALANCES_PER_QUERY_MAX */
    uint32_t account_count;
    struct text fee_rule; /* name of a fee rule; READ_QUOTE_WITHDRAW: may be empty */
    int32_t version;      /* READ_GET_FEE_RULE; 0: the one in force */
    int64_t amount_minor; /* READ_QUOTE_FEE */

    /* READ_QUOTE_WITHDRAW, as in struct withdraw. */
    int64_t fee_minor;
    int32_t fee_mode; /* enum fee_mode */
    int64_t fee_account_id;

    /* Lists: at most page_size records, from where page_token says, and only those with ... */
    int32_t page_size;      /* 1..LIST_PAGE_SIZE_MAX */
    struct text page_token; /* empty: the first page */
    uint64_t page_scope;    /* what its token is bound to: a hash of the method and the filters */
    bool has_filters;       /* whether anything else than the ledger and the place is given */
    bool has_old_pages;     /* also by after_id, as released before page_token was there: */
    int64_t after_id;       /* from behind this id on; 0: from the first */
    int64_t account_id;     /* this account; 0: any. READ_QUOTE_WITHDRAW: the account */
    int64_t member_id;      /* this member; 0: any, or none */
    int32_t of_kind;        /* this kind of member or account; 0: any */
    int32_t status;         /* this status; 0: any */
    bool restricted_only;   /* accounts that are */
    bool callable_only;     /* READ_LIST_ROLES */
    struct text purpose;    /* this purpose; empty: any */
    int64_t expires_before_us; /* a time that is over before this; 0: any */
    int64_t origin_sequence;   /* READ_LIST_SUSPENSE: that this command brought; 0: any */
    int64_t suspense_id;       /* READ_LIST_LUMPS: of this item; 0: any */
    int64_t settlement_id;     /* 0: any */
    int64_t bank_statement_id; /* 0: any */
    int64_t statement_line_id; /* 0: any */
    int64_t claim_id;          /* READ_LIST_FEEDBACK: 0: any */
    int64_t product_id;        /* 0: any */
    int64_t payout_id;         /* READ_LIST_STATEMENT_MATCHES: of this payout; 0: any */
    int64_t receipt_sequence;  /* the same of this receipt or interest; 0: any */
    int64_t acquirer_id;       /* 0: any */
    struct text reference;     /* READ_LIST_PROMISES: the acquirer's; empty: any */
    bool late_only;

    /* History; account_id and page_size are above. */
    union {
        int64_t sequence;       /* READ_GET_COMMAND: of the command; 0: it is named by its key */
        int64_t after_sequence; /* READ_GET_ORDER: from behind it on */
        int64_t from_sequence;  /* READ_STREAM_EVENTS */
    };
    bool has_key;
    struct request_key key;
    struct text identity_text; /* empty: none; and what it says: */
    bool has_identity;
    struct journal_identity identity; /* of the journal that the place to go on from belongs to */
    bool has_kinds;                   /* else commands of every kind are wanted */
    bool kinds[COMMAND_KIND_MAX + 1];
    bool accepted_only;
    bool refused_only;
    int32_t from_date; /* days; 0: not given */
    int32_t to_date;   /* days; 0: not given */

    /* READ_LIST_STATEMENT_LINES */
    int32_t bucket;    /* enum bucket or EVERY_BUCKET */
    int32_t direction; /* as in the message; what follows from it: */
    bool newest_first;

    /* READ_LIST_COMMANDS; the order number of READ_GET_ORDER, too */
    int32_t outcome;      /* as in the message; what follows from it and the two flags: */
    uint16_t outcome_min; /* wanted are outcomes from this one on */
    uint16_t outcome_end; /* and before this one */
    bool has_amounts;     /* else any, and commands without postings */
    int64_t amount_from_minor;
    int64_t amount_to_minor;
    struct text order_number;         /* empty: any */
    struct text bank_reference;       /* empty: any */
    struct text party_account_number; /* of a payer or destination; empty: any */
    struct text party_name;           /* the same */

    /* What of the journal is left out for who asks: enum kept. */
    uint8_t kept;
};

/* Decodes the request message of a read; its texts and lists are in `arena`. Returns 0, or -1 with
 * `ret_error`. */
MUST_USE int read_request_decode(enum read_kind kind, const uint8_t *bytes, size_t length,
    struct arena *arena, struct read_request *ret_request, struct decode_error *ret_error);

#endif
