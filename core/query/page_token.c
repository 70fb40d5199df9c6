/* page_token.c: 36 bytes of content and 8 bytes of keyed hash, in hexadecimal.
 *
 * 64 bits suffice: whoever guesses a token right reads what the request asks for anyway, from
 * another place.
 * SPDX-License-Identifier: Apache-2.0 */
#include "query/page_token.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/reader.h"

#include <assert.h>
#include <string.h>

#define TOKEN_VERSION 3
#define CONTENT_BYTES 36 /* version 1, identity 16, as of 8, sequence 8, line 2, side 1 */
#define TOKEN_BYTES (CONTENT_BYTES + 8)
static_assert(PAGE_TOKEN_CHARS == 2 * TOKEN_BYTES, "two characters a byte");

struct hash_key page_token_key(struct hash_key secret)
{
    /* Two labels, so that the key differs from every other use of the secret. */
    static const char low[] = "vsl page token 0", high[] = "vsl page token 1";
    return (struct hash_key){
        .k0 = hash_bytes(secret, low, sizeof low), .k1 = hash_bytes(secret, high, sizeof high)};
}

/* The hash over the content and over what the token is bound to. */
static uint64_t token_hash(
    struct hash_key key, const struct read_request *request, const uint8_t content[CONTENT_BYTES])
{
    uint8_t bound[CONTENT_BYTES + sizeof request->page_scope];
    memcpy(bound, content, CONTENT_BYTES);
    memcpy(bound + CONTENT_BYTES, &request->page_scope, sizeof request->page_scope);
    return hash_bytes(key, bound, sizeof bound);
}

void page_token_encode(struct hash_key key, const struct read_request *request,
    const struct page_token *token, char ret_text[PAGE_TOKEN_CHARS + 1])
{
    static const char digits[] = "0123456789abcdef";
    CHECK(token->place.side == 0 || token->place.side == 1);
    CHECK(token->place.line >= 0);
    struct buffer bytes = {0};
    buffer_append_u8(&bytes, TOKEN_VERSION);
    buffer_append(&bytes, token->identity.bytes, IDENTITY_BYTES);
    buffer_append_u64(&bytes, (uint64_t)token->as_of_sequence);
    buffer_append_u64(&bytes, (uint64_t)token->place.sequence);
    buffer_append_u16(&bytes, (uint16_t)token->place.line);
    buffer_append_u8(&bytes, (uint8_t)token->place.side);
    CHECK(bytes.length == CONTENT_BYTES);
    buffer_append_u64(&bytes, token_hash(key, request, bytes.bytes));
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        ret_text[2 * i] = digits[bytes.bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[bytes.bytes[i] & 15];
    }
    ret_text[PAGE_TOKEN_CHARS] = '\0';
    buffer_finish(&bytes);
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool page_token_try_decode(
    struct hash_key key, const struct read_request *request, struct page_token *ret_token)
{
    uint8_t bytes[TOKEN_BYTES];
    const char *text = request->page_token.bytes;
    if (request->page_token.length != PAGE_TOKEN_CHARS)
        return false;
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    struct reader in = reader_of(bytes, sizeof bytes);
    uint8_t version = reader_u8(&in);
    struct page_token token;
    memcpy(token.identity.bytes, reader_take(&in, IDENTITY_BYTES), IDENTITY_BYTES);
    token.as_of_sequence = (int64_t)reader_u64(&in);
    token.place.sequence = (int64_t)reader_u64(&in);
    token.place.line = (int16_t)reader_u16(&in);
    token.place.side = reader_u8(&in);
    uint64_t hash = reader_u64(&in);
    CHECK(!in.failed);
    CHECK(reader_left(&in) == 0);
    if (version != TOKEN_VERSION || hash != token_hash(key, request, bytes))
        return false;
    if (token.as_of_sequence < 0 || token.place.line < 0 || token.place.side > 1)
        return false;
    if (token.place.sequence < 1)
        return false;
    *ret_token = token;
    return true;
}
