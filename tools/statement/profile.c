/* profile.c: reads profiles of tables (INI by inih), and finds words and patterns in a text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/profile.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/utf8.h"
#include "model/currency.h"
#include "statement/profiles_text.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
/* What inih reads of a line at most, less its end; the rest would be taken for another line. */
#define LINE_BYTES_MAX 198
#define VALUE_BYTES_MAX 128 /* of a pattern: so that no line takes long */

struct loading {
    struct profile_set *set;
    const char *rule; /* that a line breaks; NULL: none */
};

/* ---- keys ---- */

#define TEXT_KEY(key, member)                                                                      \
    {                                                                                              \
        key, offsetof(struct profile, member), sizeof(((struct profile *)0)->member)               \
    }
#define COLUMN_KEY(key, column) TEXT_KEY(key, columns[column])

static const struct {
    const char *key;
    size_t offset;
    size_t bytes;
} text_keys[] = {
    TEXT_KEY("title", title),
    TEXT_KEY("encoding", encoding),
    TEXT_KEY("head", head),
    TEXT_KEY("date-format", date_format),
    TEXT_KEY("year-pattern", year),
    TEXT_KEY("account-pattern", account),
    TEXT_KEY("credit-words", credit),
    TEXT_KEY("debit-words", debit),
    TEXT_KEY("neutral-words", neutral),
    TEXT_KEY("void-words", void_status),
    TEXT_KEY("pending-words", pending_status),
    TEXT_KEY("total-row", total),
    TEXT_KEY("end-row", end),
    TEXT_KEY("count-pattern", count),
    TEXT_KEY("credit-count-pattern", credit_count),
    TEXT_KEY("debit-count-pattern", debit_count),
    TEXT_KEY("credit-sum-pattern", credit_sum),
    TEXT_KEY("debit-sum-pattern", debit_sum),
    COLUMN_KEY("date", COLUMN_DATE),
    COLUMN_KEY("time", COLUMN_TIME),
    COLUMN_KEY("value-date", COLUMN_VALUE_DATE),
    COLUMN_KEY("amount", COLUMN_AMOUNT),
    COLUMN_KEY("in", COLUMN_IN),
    COLUMN_KEY("out", COLUMN_OUT),
    COLUMN_KEY("direction", COLUMN_DIRECTION),
    COLUMN_KEY("status", COLUMN_STATUS),
    COLUMN_KEY("currency-column", COLUMN_CURRENCY),
    COLUMN_KEY("balance", COLUMN_BALANCE),
    COLUMN_KEY("account", COLUMN_ACCOUNT),
    COLUMN_KEY("kind", COLUMN_KIND),
    COLUMN_KEY("bank-reference", COLUMN_BANK_REFERENCE),
    COLUMN_KEY("reference", COLUMN_REFERENCE),
    COLUMN_KEY("end-to-end", COLUMN_END_TO_END),
    COLUMN_KEY("counterparty", COLUMN_COUNTERPARTY),
    COLUMN_KEY("counterparty-account", COLUMN_COUNTERPARTY_ACCOUNT),
    COLUMN_KEY("text", COLUMN_TEXT),
};
#define TEXT_KEY_COUNT (sizeof text_keys / sizeof *text_keys)

/* Keys whose value is one of a few words. */
static const struct {
    const char *key;
    const char *value;
    size_t offset;
    char set_to;
} word_keys[] = {
    {"delimiter", "comma", offsetof(struct profile, delimiter), ','},
    {"delimiter", "tab", offsetof(struct profile, delimiter), '\t'},
    {"delimiter", "semicolon", offsetof(struct profile, delimiter), ';'},
    {"delimiter", "bar", offsetof(struct profile, delimiter), '|'},
    {"decimal-point", ".", offsetof(struct profile, decimal_point), '.'},
    {"decimal-point", ",", offsetof(struct profile, decimal_point), ','},
    {"thousands", ",", offsetof(struct profile, thousands), ','},
    {"thousands", ".", offsetof(struct profile, thousands), '.'},
    {"thousands", "none", offsetof(struct profile, thousands), '\0'},
    {"sign", "as-written", offsetof(struct profile, is_inverted), false},
    {"sign", "inverted", offsetof(struct profile, is_inverted), true},
    {"out-sign", "none", offsetof(struct profile, has_signed_out), false},
    {"out-sign", "as-written", offsetof(struct profile, has_signed_out), true},
    {"brackets", "refuse", offsetof(struct profile, ignores_brackets), false},
    {"brackets", "ignore", offsetof(struct profile, ignores_brackets), true},
};
#define WORD_KEY_COUNT (sizeof word_keys / sizeof *word_keys)

static const char *set_key(struct profile *profile, const char *key, const char *value)
{
    bool is_known = false;
    for (size_t i = 0; i < TEXT_KEY_COUNT; i++) {
        char *member = (char *)profile + text_keys[i].offset;
        if (strcmp(key, text_keys[i].key) != 0)
            continue;
        if (member[0] != '\0')
            return "gives a key twice";
        if (strlen(value) >= text_keys[i].bytes)
            return "has a value that is too long";
        strcpy(member, value);
        return NULL;
    }
    for (size_t i = 0; i < WORD_KEY_COUNT; i++) {
        if (strcmp(key, word_keys[i].key) != 0)
            continue;
        is_known = true;
        if (strcmp(value, word_keys[i].value) != 0)
            continue;
        ((char *)profile)[word_keys[i].offset] = word_keys[i].set_to;
        return NULL;
    }
    if (strcmp(key, "currency") == 0) {
        if (currency_digits(text_of(value)) < 0)
            return "has a currency that is not of ISO 4217";
        memcpy(profile->currency, value, sizeof profile->currency);
        return NULL;
    }
    return is_known ? "has a value that its key does not take" : "has a key that there is not";
}

/* ---- sections ---- */

/* What a profile cannot do without. NULL: nothing is missing. */
static const char *missing(const struct profile *profile)
{
    bool has_amount = profile->columns[COLUMN_AMOUNT][0] != '\0';
    bool has_in_and_out =
        profile->columns[COLUMN_IN][0] != '\0' && profile->columns[COLUMN_OUT][0] != '\0';
    if (profile->head[0] == '\0')
        return "a profile has no head";
    if (profile->columns[COLUMN_DATE][0] == '\0' || profile->date_format[0] == '\0')
        return "a profile has no date with date-format";
    if (has_amount == has_in_and_out)
        return "a profile has amount, or in and out: one of the two";
    if (profile->columns[COLUMN_DIRECTION][0] != '\0' &&
        (profile->credit[0] == '\0' || profile->debit[0] == '\0'))
        return "a profile with a direction has credit-words and debit-words";
    if (profile->currency[0] == '\0' && profile->columns[COLUMN_CURRENCY][0] == '\0')
        return "a profile has neither currency nor currency-column";
    if (profile->thousands == profile->decimal_point)
        return "a profile has one character for decimal-point and thousands";
    return NULL;
}

static struct profile *section_of(struct loading *loading, const char *name)
{
    struct profile_set *set = loading->set;
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->profiles[i].name, name) == 0)
            return &set->profiles[i];
    }
    if (name[0] == '\0' || strlen(name) >= PROFILE_NAME_BYTES || set->count == PROFILES_MAX) {
        loading->rule = "stands outside of a section, has too long a name, or is one too many";
        return NULL;
    }
    struct profile *profile = &set->profiles[set->count++];
    *profile = (struct profile){.decimal_point = '.', .thousands = ','};
    strcpy(profile->name, name);
    return profile;
}

static int on_key(void *context, const char *section, const char *key, const char *value)
{
    struct loading *loading = context;
    struct profile *profile = section_of(loading, section);
    if (profile && !loading->rule)
        loading->rule = set_key(profile, key, value);
    return loading->rule == NULL;
}

/* The number of the first line that inih would take for two; 0: none. */
static int long_line(const char *text)
{
    int line = 1;
    for (const char *at = text; *at != '\0'; line++) {
        size_t length = strcspn(at, "\n");
        if (length > LINE_BYTES_MAX)
            return line;
        at += length + (at[length] == '\n');
    }
    return 0;
}

static bool load(const char *text, struct profile_set *set, char *ret_error, size_t error_bytes)
{
    struct loading loading = {.set = set};
    int line = long_line(text);
    if (line != 0) {
        snprintf(ret_error, error_bytes, "line %d: has more than %d bytes", line, LINE_BYTES_MAX);
        return false;
    }
    line = ini_parse_string(text, on_key, &loading);
    if (line != 0) {
        snprintf(ret_error, error_bytes, "line %d: %s", line,
            loading.rule ? loading.rule : "is neither [name] nor key = value");
        return false;
    }
    for (size_t i = 0; i < set->count; i++) {
        const char *rule = missing(&set->profiles[i]);
        if (!rule)
            continue;
        snprintf(ret_error, error_bytes, "[%s]: %s", set->profiles[i].name, rule);
        return false;
    }
    if (set->count == 0)
        snprintf(ret_error, error_bytes, "there is no profile in it");
    return set->count > 0;
}

const struct profile_set *profiles_built_in(void)
{
    static struct profile_set set;
    char error[128] = "";
    if (set.count == 0 && !load(statement_profiles_text, &set, error, sizeof error)) {
        fprintf(stderr, "profiles.ini: %s\n", error);
        CHECK(set.count > 0 && error[0] == '\0');
    }
    return &set;
}

/* Reads a file, as a string. */
static bool read_file(const char *file, struct buffer *out, char *ret_error, size_t error_bytes)
{
    FILE *in = fopen(file, "r");
    if (!in) {
        snprintf(ret_error, error_bytes, "could not be opened: %s", strerror(errno));
        return false;
    }
    buffer_reserve(out, FILE_BYTES_MAX + 1);
    out->length = fread(out->bytes, 1, FILE_BYTES_MAX, in);
    bool is_wrong = ferror(in) != 0 || out->length == FILE_BYTES_MAX ||
                    memchr(out->bytes, '\0', out->length) != NULL ||
                    !utf8_is_valid(out->bytes, out->length);
    fclose(in);
    buffer_append_u8(out, 0);
    if (is_wrong)
        snprintf(ret_error, error_bytes, "is no text in UTF-8 of less than 1 MiB");
    return !is_wrong;
}

struct profile_set *profiles_find(const char *name_or_file, char *ret_error, size_t error_bytes)
{
    struct profile_set *set = calloc(1, sizeof *set);
    struct buffer text = {0};
    CHECK(set != NULL);
    if (strpbrk(name_or_file, "/.") != NULL) {
        bool is_loaded = read_file(name_or_file, &text, ret_error, error_bytes) &&
                         load((const char *)text.bytes, set, ret_error, error_bytes);
        buffer_finish(&text);
        if (is_loaded)
            return set;
        free(set);
        return NULL;
    }
    const struct profile_set *all = profiles_built_in();
    int length = snprintf(ret_error, error_bytes, "is no profile; there are");
    for (size_t i = 0; i < all->count; i++) {
        if (length > 0 && (size_t)length < error_bytes)
            length += snprintf(ret_error + length, error_bytes - (size_t)length, "%s %s",
                i > 0 ? "," : "", all->profiles[i].name);
        if (strcmp(all->profiles[i].name, name_or_file) == 0)
            set->profiles[set->count++] = all->profiles[i];
    }
    if (set->count == 1)
        return set;
    free(set);
    return NULL;
}

/* ---- words and patterns ---- */

/* Takes the next word of a list, without the blanks around it. */
static bool next_word(const char **words, struct text *ret_word)
{
    const char *at = *words + strspn(*words, ", ");
    size_t length = strcspn(at, ",");
    *words = at + length;
    while (length > 0 && at[length - 1] == ' ')
        length--;
    *ret_word = (struct text){.bytes = at, .length = (uint32_t)length};
    return length > 0;
}

bool profile_has_word(const char *words, struct text word)
{
    struct text one;
    while (next_word(&words, &one)) {
        if (text_equals(one, word))
            return true;
    }
    return false;
}

bool profile_begins(const char *words, struct text text)
{
    struct text one;
    while (next_word(&words, &one)) {
        if (text.length >= one.length && memcmp(text.bytes, one.bytes, one.length) == 0)
            return true;
    }
    return false;
}

/* Whether a byte belongs to what a placeholder of this kind stands for; `stop` ends a word. */
static bool is_part(char kind, char byte, char stop)
{
    bool is_digit = byte >= '0' && byte <= '9';
    switch (kind) {
    case '}':
        return is_digit;
    case '#':
        return is_digit || byte == '.' || byte == ',' || byte == '-' || byte == '+';
    default:
        return byte != ',' && byte != '"' && byte != '\t' && byte != stop;
    }
}

/* Matches the pattern where the text begins; how many values there are, -1: it does not. */
static int match_here(
    const char *pattern, struct text text, struct text ret_values[PROFILE_VALUES_MAX])
{
    const char *at = text.bytes;
    const char *end = at + text.length;
    int values = 0;
    while (*pattern != '\0') {
        bool is_number = strncmp(pattern, "{}", 2) == 0;
        bool is_other = strncmp(pattern, "{*}", 3) == 0 || strncmp(pattern, "{#}", 3) == 0;
        if ((!is_number && !is_other) || values == PROFILE_VALUES_MAX) {
            if (at == end || *at != *pattern)
                return -1;
            at++;
            pattern++;
            continue;
        }
        const char *start = at;
        char kind = pattern[1];
        pattern += is_number ? 2 : 3;
        while (at < end && at - start < VALUE_BYTES_MAX && is_part(kind, *at, *pattern))
            at++;
        if (at == start)
            return -1;
        ret_values[values++] = (struct text){.bytes = start, .length = (uint32_t)(at - start)};
    }
    return values;
}

int profile_match(const char *pattern, struct text text, struct text ret_values[PROFILE_VALUES_MAX])
{
    for (uint32_t i = 0; pattern[0] != '\0' && i < text.length; i++) {
        struct text rest = {.bytes = text.bytes + i, .length = text.length - i};
        int values = match_here(pattern, rest, ret_values);
        if (values > 0)
            return values;
    }
    return 0;
}
