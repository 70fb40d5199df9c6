/* page_token.h: where a list goes on, as text that only we can make.
 *
 * A token carries the identity of the journal, the instant that the page before was as of, and a
 * place between two rows of the list. Under a key it is bound to the method and its filters
 * (read_request.page_scope): a token that was changed, or that was given for another request, is
 * refused and never reads anything else.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_PAGE_TOKEN_H
#define VSL_QUERY_PAGE_TOKEN_H

#include "base/hash.h"
#include "base/must_use.h"
#include "command/decode.h"

#include <stdbool.h>
#include <stdint.h>

/* A place just before the line (sequence, line, side); lines of an account are ordered by these
 * three. Newest first takes the lines before it, oldest first those behind it. */
struct line_place {
    int64_t sequence;
    int16_t line; /* posting of the command, from 0 on */
    int16_t side; /* 0: debited, 1: credited */
};

/* Of a list of records the sequence is the id of the last one shown, of entries that of the last
 * one shown or looked at; line and side are 0. */
struct page_token {
    struct journal_identity identity; /* of the journal that it was made of */
    int64_t as_of_sequence;
    struct line_place place;
};

/* The key of tokens out of the database's secret, so that tokens outlive a restart. */
struct hash_key page_token_key(struct hash_key secret);

/* Writes the token of a request, NUL-ended. */
void page_token_encode(struct hash_key key, const struct read_request *request,
    const struct page_token *token, char ret_text[PAGE_TOKEN_CHARS + 1]);

/* Reads request->page_token; false when it is not a token that was made for this request. Whether
 * it is of the present journal is for the caller to look at. */
MUST_USE bool page_token_try_decode(
    struct hash_key key, const struct read_request *request, struct page_token *ret_token);

#endif
