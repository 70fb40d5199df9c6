/* check.c: whether statements add up, follow each other, and are there once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/check.h"

#include "base/buffer.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/map.h"
#include "statement/figures.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MAX 32                      /* statements of one file at the same time */
#define SEEN_FIRST ((uint64_t)1 << 12)   /* fingerprints that there is room for at once */
#define SEEN_MAX ((uint64_t)1 << 20)     /* and at most */
#define ACCOUNTS_MAX ((uint32_t)1 << 16) /* of one file */

struct sums {
    int64_t count;
    int64_t sum_minor;
};

/* A statement that is open. */
struct tally {
    const struct statement *statement; /* NULL: free */
    int64_t booked_minor;              /* what its booked entries add up to */
    struct sums sums[STATEMENT_TOTALS];
    uint64_t content; /* fingerprint of its entries */
    bool is_faulty;
};

/* The last statement of an account. */
struct last {
    int64_t sequence;
    int64_t page;
    bool has_closing;
    int64_t closing_minor;
    bool closes_between;
};

struct checker {
    struct checker_events events;
    struct statement_sink sink;
    struct hash_key key;
    struct tally tallies[OPEN_MAX];
    struct map entries;    /* fingerprint to line */
    struct map statements; /* the same */
    struct map accounts;   /* to the index in lasts */
    struct last *lasts;
    uint32_t last_count;
    bool is_full; /* no more entries are remembered, and it was said */
    struct buffer content;
};

__attribute__((format(printf, 5, 6))) static void find(struct checker *checker,
    const struct statement *statement, enum statement_finding finding, uint32_t line,
    const char *format, ...)
{
    char text[STATEMENT_REASON_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    checker->events.find(checker->events.context, statement, finding, line, text);
}

static struct tally *tally_of(struct checker *checker, const struct statement *statement)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (checker->tallies[i].statement == statement)
            return &checker->tallies[i];
    }
    return NULL;
}

/* ---- fingerprints ---- */

static void content_text(struct checker *checker, const char *text)
{
    const char *known = text ? text : "";
    /* The NUL as well, so that texts do not run together. */
    buffer_append(&checker->content, known, strlen(known) + 1);
}

static void content_number(struct checker *checker, int64_t number)
{
    buffer_append_u64(&checker->content, (uint64_t)number);
}

static uint64_t content_hash(struct checker *checker)
{
    uint64_t hash = hash_bytes(checker->key, checker->content.bytes, checker->content.length);
    buffer_clear(&checker->content);
    return hash;
}

/* The line where the same was seen, 0: it was not; then it is remembered while there is room. */
static uint32_t seen(struct map *map, uint64_t hash, uint32_t line)
{
    uint64_t cursor = 0;
    uint32_t before = map_next(map, hash, &cursor);
    if (before != MAP_NONE)
        return before;
    if (map->count < SEEN_MAX)
        map_insert(map, hash, line);
    return 0;
}

static void look_for_twin(struct checker *checker, struct tally *tally,
    const struct statement *statement, const struct statement_entry *entry)
{
    content_text(checker, statement->account);
    content_text(checker, entry->currency);
    content_number(checker, entry->booking_date);
    content_number(checker, entry->value_date);
    content_number(checker, entry->time);
    content_number(checker, entry->status);
    content_number(checker, entry->is_reversal);
    content_number(checker, entry->amount_minor);
    content_number(checker, entry->has_balance ? entry->balance_minor : INT64_MIN);
    content_text(checker, entry->kind);
    content_text(checker, entry->bank_reference);
    content_text(checker, entry->reference);
    content_text(checker, entry->end_to_end);
    content_text(checker, entry->counterparty);
    content_text(checker, entry->counterparty_account);
    content_text(checker, entry->text);
    uint64_t hash = content_hash(checker);
    uint32_t before = seen(&checker->entries, hash, entry->line);
    if (before != 0)
        find(checker, statement, STATEMENT_NOTE, entry->line,
            "the entry has the same content as one before, in line %u: it may be there twice",
            before);
    if (checker->entries.count == SEEN_MAX && !checker->is_full) {
        checker->is_full = true;
        find(checker, statement, STATEMENT_NOTE, entry->line,
            "entries that are there twice are looked for up to here (%" PRIu64 " entries)",
            SEEN_MAX);
    }
    content_number(checker, (int64_t)tally->content);
    content_number(checker, (int64_t)hash);
    tally->content = content_hash(checker);
}

static void look_for_same_statement(
    struct checker *checker, const struct tally *tally, const struct statement *statement)
{
    content_text(checker, statement->account);
    content_text(checker, statement->currency);
    content_text(checker, statement->id);
    content_number(checker, statement->sequence);
    content_number(checker, statement->page);
    content_number(checker, statement->from_date);
    content_number(checker, statement->to_date);
    content_number(checker, statement->opening.is_given ? statement->opening.amount_minor : 0);
    content_number(checker, statement->closing.is_given ? statement->closing.amount_minor : 0);
    content_number(checker, (int64_t)statement->entry_count);
    content_number(checker, (int64_t)tally->content);
    uint32_t before = seen(&checker->statements, content_hash(checker), statement->line);
    if (before != 0)
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "the statement has the same content as one before, in line %u: it is there twice",
            before);
    if (statement->is_copy)
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "the statement says that it is a copy or duplicate of one sent before");
}

/* ---- what adds up ---- */

static bool take_sums(struct sums *sums, int64_t amount_minor)
{
    int64_t absolute = amount_minor < 0 ? -amount_minor : amount_minor;
    sums->count++;
    return !__builtin_add_overflow(sums->sum_minor, absolute, &sums->sum_minor);
}

static bool on_open(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct checker *checker = context;
    struct tally *tally = tally_of(checker, NULL);
    if (!tally) {
        snprintf(ret_reason, STATEMENT_REASON_BYTES,
            "more than %d statements are open at the same time", OPEN_MAX);
        return false;
    }
    *tally = (struct tally){.statement = statement};
    return true;
}

static bool on_entry(void *context, const struct statement *statement,
    const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct checker *checker = context;
    struct tally *tally = tally_of(checker, statement);
    CHECK(tally != NULL);
    bool fits = take_sums(&tally->sums[STATEMENT_OF_ALL], entry->amount_minor);
    /* A wallet's money that only changed pockets is counted as neither. */
    if (statement->format != STATEMENT_TABLE || entry->status != STATEMENT_INFO)
        fits =
            take_sums(
                &tally->sums[entry->amount_minor < 0 ? STATEMENT_OF_DEBITS : STATEMENT_OF_CREDITS],
                entry->amount_minor) &&
            fits;
    if (entry->status == STATEMENT_BOOKED)
        fits = !__builtin_add_overflow(
                   tally->booked_minor, entry->amount_minor, &tally->booked_minor) &&
               fits;
    if (!fits) {
        snprintf(ret_reason, STATEMENT_REASON_BYTES,
            "the entries add up to more than 64 bits of minor units hold");
        return false;
    }
    look_for_twin(checker, tally, statement, entry);
    return true;
}

/* Opening and entries against closing; says what is wrong. */
static bool check_balances(
    struct checker *checker, const struct tally *tally, const struct statement *statement)
{
    const struct statement_balance *opening = &statement->opening;
    const struct statement_balance *closing = &statement->closing;
    char texts[4][FIGURE_BYTES];
    int64_t expected;
    int64_t difference;
    if (!opening->is_given || !closing->is_given)
        return true;
    if (strcmp(opening->currency, closing->currency) != 0) {
        find(checker, statement, STATEMENT_FAULT, statement->line,
            "the opening balance is in %s and the closing balance in %s", opening->currency,
            closing->currency);
        return false;
    }
    if (__builtin_add_overflow(opening->amount_minor, tally->booked_minor, &expected) ||
        __builtin_sub_overflow(closing->amount_minor, expected, &difference)) {
        find(checker, statement, STATEMENT_FAULT, statement->line,
            "opening balance and entries add up to more than 64 bits of minor units hold");
        return false;
    }
    if (difference == 0)
        return true;
    figure_print(opening->amount_minor, statement->decimals, texts[0]);
    figure_print(tally->booked_minor, statement->decimals, texts[1]);
    figure_print(closing->amount_minor, statement->decimals, texts[2]);
    figure_print(difference, statement->decimals, texts[3]);
    find(checker, statement, STATEMENT_FAULT, statement->line,
        "opening %s and booked entries of %s do not make closing %s: off by %s", texts[0], texts[1],
        texts[2], texts[3]);
    return false;
}

static bool check_totals(
    struct checker *checker, const struct tally *tally, const struct statement *statement)
{
    static const char *const names[STATEMENT_TOTALS] = {"entries", "credits", "debits"};
    bool adds_up = true;
    for (int i = 0; i < STATEMENT_TOTALS; i++) {
        const struct statement_total *total = &statement->totals[i];
        const struct sums *sums = &tally->sums[i];
        char told[FIGURE_BYTES];
        char found[FIGURE_BYTES];
        if (total->has_count && total->count != sums->count) {
            find(checker, statement, STATEMENT_FAULT, total->line,
                "the file tells of %" PRId64 " %s and has %" PRId64, total->count, names[i],
                sums->count);
            adds_up = false;
        }
        if (total->has_sum && total->sum_minor != sums->sum_minor) {
            figure_print(total->sum_minor, statement->decimals, told);
            figure_print(sums->sum_minor, statement->decimals, found);
            find(checker, statement, STATEMENT_FAULT, total->line,
                "the file tells of %s as the sum of its %s, which add up to %s", told, names[i],
                found);
            adds_up = false;
        }
    }
    return adds_up;
}

/* ---- what follows what ---- */

static struct last *last_of(struct checker *checker, const struct statement *statement)
{
    uint64_t cursor = 0;
    content_text(checker, statement->account);
    content_text(checker, statement->currency);
    uint64_t hash = content_hash(checker);
    uint32_t index = map_next(&checker->accounts, hash, &cursor);
    if (index != MAP_NONE)
        return &checker->lasts[index];
    if (checker->last_count == ACCOUNTS_MAX)
        return NULL;
    map_insert(&checker->accounts, hash, checker->last_count);
    struct last *last = &checker->lasts[checker->last_count++];
    *last = (struct last){.sequence = -1};
    return last;
}

/* Whether the statement is the one, or the page, behind the last; says which are missing. */
static bool follows(
    struct checker *checker, const struct statement *statement, const struct last *last)
{
    if (statement->sequence > last->sequence + 1 && last->sequence > 0) {
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "statement %" PRId64 " follows %" PRId64 ": those between are missing",
            statement->sequence, last->sequence);
        return false;
    }
    if (statement->opens_between && !last->closes_between) {
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "the statement begins with a later page: the page before it is missing");
        return false;
    }
    if (last->closes_between && !statement->opens_between) {
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "the last page of the statement before is missing");
        return false;
    }
    if (statement->opens_between && statement->page > last->page + 1 &&
        statement->sequence == last->sequence) {
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "page %" PRId64 " follows %" PRId64 ": those between are missing", statement->page,
            last->page);
        return false;
    }
    return true;
}

static void check_order(struct checker *checker, const struct statement *statement)
{
    char texts[2][FIGURE_BYTES];
    struct last *last = last_of(checker, statement);
    if (!last)
        return;
    if (last->sequence < 0) {
        if (statement->opens_between)
            find(checker, statement, STATEMENT_NOTE, statement->line,
                "the statement begins with a later page: the page before it is missing");
    } else if (follows(checker, statement, last) && last->has_closing &&
               statement->opening.is_given &&
               statement->opening.amount_minor != last->closing_minor) {
        figure_print(statement->opening.amount_minor, statement->decimals, texts[0]);
        figure_print(last->closing_minor, statement->decimals, texts[1]);
        find(checker, statement, STATEMENT_NOTE, statement->line,
            "opening %s is not closing %s of the statement before it", texts[0], texts[1]);
    }
    *last = (struct last){.sequence = statement->sequence,
        .page = statement->page,
        .has_closing = statement->closing.is_given,
        .closing_minor = statement->closing.amount_minor,
        .closes_between = statement->closes_between};
}

/* ---- the sink ---- */

static bool on_close(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct checker *checker = context;
    struct tally *tally = tally_of(checker, statement);
    (void)ret_reason;
    CHECK(tally != NULL);
    bool adds_up = check_balances(checker, tally, statement);
    adds_up = check_totals(checker, tally, statement) && adds_up;
    check_order(checker, statement);
    look_for_same_statement(checker, tally, statement);
    checker->events.verdict(checker->events.context, statement, adds_up && !tally->is_faulty);
    tally->statement = NULL;
    return true;
}

static void on_find(void *context, const struct statement *statement,
    enum statement_finding finding, uint32_t line, const char *text)
{
    struct checker *checker = context;
    struct tally *tally = statement ? tally_of(checker, statement) : NULL;
    if (tally && finding == STATEMENT_FAULT)
        tally->is_faulty = true;
    checker->events.find(checker->events.context, statement, finding, line, text);
}

static void on_progress(void *context, int64_t bytes)
{
    const struct checker *checker = context;
    if (checker->events.progress)
        checker->events.progress(checker->events.context, bytes);
}

struct checker *checker_create(const struct checker_events *events)
{
    struct checker *checker = calloc(1, sizeof *checker);
    CHECK(checker != NULL);
    checker->events = *events;
    checker->key = hash_key_random();
    checker->sink = (struct statement_sink){.context = checker,
        .open = on_open,
        .entry = on_entry,
        .close = on_close,
        .find = on_find,
        .progress = on_progress};
    map_init_growing(&checker->entries, SEEN_FIRST, SEEN_MAX);
    map_init_growing(&checker->statements, SEEN_FIRST, SEEN_MAX);
    map_init_growing(&checker->accounts, SEEN_FIRST, ACCOUNTS_MAX);
    checker->lasts = calloc(ACCOUNTS_MAX, sizeof *checker->lasts);
    CHECK(checker->lasts != NULL);
    return checker;
}

void checker_destroy(struct checker *checker)
{
    map_finish(&checker->entries);
    map_finish(&checker->statements);
    map_finish(&checker->accounts);
    free(checker->lasts);
    buffer_finish(&checker->content);
    free(checker);
}

const struct statement_sink *checker_next_file(struct checker *checker)
{
    for (size_t i = 0; i < OPEN_MAX; i++)
        checker->tallies[i].statement = NULL;
    map_finish(&checker->accounts);
    map_init_growing(&checker->accounts, SEEN_FIRST, ACCOUNTS_MAX);
    checker->last_count = 0;
    return &checker->sink;
}
