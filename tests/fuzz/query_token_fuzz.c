/* query_token_fuzz.c: page tokens. A token that is taken is the very one that is made of its
 * content.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "query/page_token.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hash_key key = {.k0 = 11, .k1 = 22};
    struct lines_request request = {.ledger_id = 1, .account_id = 2, .page_size = 1, .bucket = -1};
    if (size > PAGE_TOKEN_CHARS)
        size = PAGE_TOKEN_CHARS;
    if (size > 0)
        memcpy(request.page_token, data, size);
    struct page_token token;
    if (!page_token_try_decode(key, &request, &token))
        return 0;
    CHECK(token.place.sequence >= 1 && token.place.sequence <= token.as_of_sequence + 1);
    CHECK(token.place.line >= 0 && token.place.side >= 0 && token.place.side <= 1);
    char again[PAGE_TOKEN_CHARS + 1];
    page_token_encode(key, &request, &token, again);
    CHECK(strcmp(again, request.page_token) == 0);
    return 0;
}
