/* query_token_fuzz.c: page tokens. A token that is taken is the very one that is made of its
 * content.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "query/page_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hash_key key = {.k0 = 11, .k1 = 22};
    struct read_request request = {.page_scope = 3,
        .page_size = 1,
        .page_token = {.bytes = (const char *)data, .length = (uint32_t)size}};
    if (size > PAGE_TOKEN_CHARS)
        request.page_token.length = PAGE_TOKEN_CHARS;
    struct page_token token;
    if (!page_token_try_decode(key, &request, &token))
        return 0;
    CHECK(token.place.sequence >= 1 && token.as_of_sequence >= 0);
    CHECK(token.place.line >= 0 && token.place.side >= 0 && token.place.side <= 1);
    char again[PAGE_TOKEN_CHARS + 1];
    page_token_encode(key, &request, &token, again);
    CHECK(text_equals(request.page_token, text_of(again)));
    return 0;
}
