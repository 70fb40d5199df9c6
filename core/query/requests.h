/* requests.h: the requests of reads as plain structs, checked.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_REQUESTS_H
#define VSL_QUERY_REQUESTS_H

#include "base/arena.h"
#include "command/decode.h"
#include "model/request_key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_TOKEN_CHARS 56
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

struct stream_request {
    int64_t from_sequence;
    int64_t ledger_id; /* 0: every ledger */
    uint64_t kinds;    /* bit n: kind n is wanted; 0: every kind */
    bool accepted_only;
};

/* Each returns 0, or -1 with `ret_error`. The arena is used meanwhile; nothing in it is needed
 * afterwards. */
int lines_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct lines_request *ret_request, struct decode_error *ret_error);
int get_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct get_request *ret_request, struct decode_error *ret_error);
int stream_request_decode(const uint8_t *bytes, size_t length, struct arena *arena,
    struct stream_request *ret_request, struct decode_error *ret_error);

#endif
