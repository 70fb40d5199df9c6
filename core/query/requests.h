/* requests.h: the requests of reads as plain structs, checked.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_REQUESTS_H
#define VSL_QUERY_REQUESTS_H

#include "base/arena.h"
#include "ceilings.h"
#include "command/decode.h"
#include "model/journal_life.h"
#include "model/request_key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_TOKEN_CHARS 88
#define STATEMENT_LINES_DEFAULT 100
#define EVERY_BUCKET (-1)

struct lines_request {
    int64_t ledger_id;
    int64_t account_id;
    int32_t from_date;  /* days; 0: not given */
    int32_t to_date;    /* days; 0: not given */
    uint32_t page_size; /* 1..STATEMENT_LINES_MAX */
    int16_t bucket;     /* enum bucket or EVERY_BUCKET */
    bool newest_first;
    char page_token[PAGE_TOKEN_CHARS + 1]; /* "": the first page */
};

struct get_request {
    int64_t sequence; /* 0: by key */
    struct request_key key;
};

struct order_request {
    int64_t ledger_id;
    int64_t after_sequence;
    uint32_t page_size; /* 1..LIST_PAGE_SIZE_MAX */
    uint32_t order_number_length;
    char order_number[ORDER_NUMBER_BYTES_MAX];
    bool has_identity; /* of the journal that after_sequence is a place of */
    struct journal_identity identity;
};

struct stream_request {
    int64_t from_sequence;
    int64_t ledger_id; /* 0: every ledger */
    bool has_kinds;    /* else every kind is wanted */
    bool kinds[COMMAND_KIND_MAX + 1];
    bool accepted_only;
    bool has_identity; /* of the journal that from_sequence is a place of */
    struct journal_identity identity;
};

struct search_request {
    int64_t ledger_id;
    int64_t account_id; /* 0: any */
    bool has_kinds;     /* else every kind is wanted */
    bool kinds[COMMAND_KIND_MAX + 1];
    uint16_t outcome_min; /* wanted are outcomes from this one on */
    uint16_t outcome_end; /* and before this one */
    int32_t from_date;    /* days; 0: not given */
    int32_t to_date;      /* days; 0: not given */
    bool has_amounts;     /* else any, and commands without postings */
    int64_t amount_from_minor;
    int64_t amount_to_minor;
    uint32_t page_size;           /* 1..LIST_PAGE_SIZE_MAX */
    int64_t before_sequence;      /* 0: from the newest one */
    uint32_t order_number_length; /* 0: any */
    char order_number[ORDER_NUMBER_BYTES_MAX];
    uint32_t bank_reference_length; /* 0: any */
    char bank_reference[BANK_REFERENCE_CHARACTERS_MAX * 4];
    bool has_identity; /* of the journal that before_sequence is a place of */
    struct journal_identity identity;
};

/* Each returns 0, or -1 with `ret_error`. The arena is used meanwhile; nothing in it is needed
 * afterwards. */
int lines_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct lines_request *ret_request, struct decode_error *ret_error);
int get_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct get_request *ret_request, struct decode_error *ret_error);
int order_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct order_request *ret_request, struct decode_error *ret_error);
int search_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct search_request *ret_request, struct decode_error *ret_error);
int stream_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct stream_request *ret_request, struct decode_error *ret_error);

#endif
