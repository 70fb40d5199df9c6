/* language.c: accept-language, which is hostile input like every header: nothing of it is kept but
 * a few numbers, and whatever it says is some language.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/language.h"

#include "base/check.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* What a range may begin with, by enum wire_language. */
static const char *const tags[WIRE_LANGUAGES] = {[WIRE_ENGLISH] = "en", [WIRE_CHINESE] = "zh"};

#define WEIGHT_WHOLE 1000

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* Cuts blanks off both ends. */
static void trim(const uint8_t **bytes, size_t *length)
{
    while (*length > 0 && is_blank(**bytes)) {
        (*bytes)++;
        (*length)--;
    }
    while (*length > 0 && is_blank((*bytes)[*length - 1]))
        (*length)--;
}

/* "q=0.85" in thousandths; -1 when it is no weight: "q=" and 0 or 1 with at most three decimals. */
static int weight_of(const uint8_t *bytes, size_t length)
{
    trim(&bytes, &length);
    if (length < 3 || length > 7 || (bytes[0] != 'q' && bytes[0] != 'Q') || bytes[1] != '=')
        return -1;
    if (bytes[2] != '0' && bytes[2] != '1')
        return -1;
    int weight = (bytes[2] - '0') * WEIGHT_WHOLE;
    if (length > 3 && bytes[3] != '.')
        return -1;
    int place = WEIGHT_WHOLE;
    for (size_t i = 4; i < length; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return -1;
        place /= 10;
        weight += (bytes[i] - '0') * place;
    }
    return weight <= WEIGHT_WHOLE ? weight : -1;
}

/* Whether a range is the tag or begins with it and '-'. */
static bool is_of(const uint8_t *range, size_t length, const char *tag)
{
    size_t tag_length = strlen(tag);
    return length >= tag_length && strncasecmp((const char *)range, tag, tag_length) == 0 &&
           (length == tag_length || range[tag_length] == '-');
}

static void take_range(struct language_wish *wish, const uint8_t *range, size_t length, int weight)
{
    if (length == 1 && *range == '*') {
        wish->weight_any = (uint16_t)weight;
        return;
    }
    for (int i = 0; i < WIRE_LANGUAGES; i++) {
        if (!is_of(range, length, tags[i]))
            continue;
        wish->is_named[i] = 1;
        if (weight > wish->weight[i])
            wish->weight[i] = (uint16_t)weight;
        if (wish->first == 0)
            wish->first = (uint8_t)(i + 1);
    }
}

void language_take(struct language_wish *wish, const uint8_t *value, size_t length)
{
    size_t start = 0;
    while (start < length) {
        const uint8_t *comma = memchr(value + start, ',', length - start);
        size_t end = comma ? (size_t)(comma - value) : length;
        const uint8_t *range = value + start;
        const uint8_t *semicolon = memchr(range, ';', end - start);
        size_t range_length = semicolon ? (size_t)(semicolon - range) : end - start;
        int weight = WEIGHT_WHOLE;
        if (semicolon)
            weight = weight_of(semicolon + 1, end - start - range_length - 1);
        trim(&range, &range_length);
        if (weight >= 0)
            take_range(wish, range, range_length, weight);
        start = end + 1;
    }
}

enum wire_language language_of(const struct language_wish *wish)
{
    int best = wish->first > 0 ? wish->first - 1 : WIRE_ENGLISH;
    int weights[WIRE_LANGUAGES];
    for (int i = 0; i < WIRE_LANGUAGES; i++)
        weights[i] = wish->is_named[i] ? wish->weight[i] : wish->weight_any;
    CHECK(best < WIRE_LANGUAGES);
    for (int i = 0; i < WIRE_LANGUAGES; i++) {
        if (weights[i] > weights[best])
            best = i;
    }
    return weights[best] > 0 ? (enum wire_language)best : WIRE_ENGLISH;
}
