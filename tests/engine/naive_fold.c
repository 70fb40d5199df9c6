/* naive_fold.c: what is the same name or number to the naive model: both are rewritten, spelling by
 * spelling, and compared.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"

#include <string.h>
#include <strings.h>

/* What is written, and what it counts as. */
static const char *const spellings[][2] = {{"０", "0"}, {"１", "1"}, {"２", "2"}, {"３", "3"},
    {"４", "4"}, {"５", "5"}, {"６", "6"}, {"７", "7"}, {"８", "8"}, {"９", "9"}, {"（", "("},
    {"）", ")"}, {"Ｐ", "P"}, {"Ｂ", "B"}, {"\xe2\x80\x8b", ""}, {"－", "-"}, {" ", ""},
    {"\xc2\xa0", ""}, {"\xe3\x80\x80", ""}};
#define SPELLINGS (sizeof spellings / sizeof spellings[0])

void naive_rewrite(struct text text, const char *left_out, char ret_plain[NAIVE_FACT_BYTES_MAX])
{
    size_t length = 0;
    CHECK(text.length < NAIVE_FACT_BYTES_MAX);
    for (uint32_t at = 0; at < text.length;) {
        char plain[2] = {text.bytes[at], '\0'};
        size_t size = 1;
        for (size_t i = 0; i < SPELLINGS; i++) {
            size_t spelling = strlen(spellings[i][0]);
            if (text.length - at < spelling ||
                memcmp(text.bytes + at, spellings[i][0], spelling) != 0)
                continue;
            plain[0] = spellings[i][1][0];
            size = spelling;
        }
        at += (uint32_t)size;
        if (plain[0] != '\0' && !strchr(left_out, plain[0]))
            ret_plain[length++] = plain[0];
    }
    ret_plain[length] = '\0';
}

bool naive_same_number(struct text a, struct text b)
{
    char one[NAIVE_FACT_BYTES_MAX];
    char other[NAIVE_FACT_BYTES_MAX];
    naive_rewrite(a, "-", one);
    naive_rewrite(b, "-", other);
    return strcmp(one, other) == 0 && one[0] != '\0';
}

bool naive_same_reference(const char *written, struct text other)
{
    char one[NAIVE_FACT_BYTES_MAX];
    char another[NAIVE_FACT_BYTES_MAX];
    naive_rewrite(text_of(written), "", one);
    naive_rewrite(other, "", another);
    bool is_none = strcasecmp(one, "NonRef") == 0 || strcasecmp(one, "NotProvided") == 0;
    return !is_none && strcmp(one, another) == 0 && one[0] != '\0';
}

bool naive_same_name(struct text a, struct text b)
{
    char one[NAIVE_FACT_BYTES_MAX];
    char other[NAIVE_FACT_BYTES_MAX];
    naive_rewrite(a, "", one);
    naive_rewrite(b, "", other);
    return strcasecmp(one, other) == 0 && one[0] != '\0';
}
