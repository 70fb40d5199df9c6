/* test_recent.c: the rows in memory against plain lists, over many segments that come and go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "journal/recent.h"
#include "sample.h"
#include "suites.h"
#include "support/expect.h"

#include "base/check.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMANDS_MAX = 20000, BODY_MAX = 40, LINES_MAX = 3, LEDGERS = 2, ORDERS = 12 };

/* Everything that was ever appended. Commands stand at their sequence number. */
struct listed_command {
    struct command_record record;
    uint8_t body[BODY_MAX];
    char order_number[8];
    char reference[8];
    uint64_t mark; /* 0: none */
    struct posting postings[LINES_MAX];
    uint32_t posting_count;
};

struct listed {
    struct random random;
    struct hash_key secret;
    struct recent *recent;
    struct listed_command *commands;
    int64_t first; /* oldest that is not dropped */
    int64_t last;
    int64_t room;
    int64_t segment_starts[RECENT_SEGMENTS_MAX]; /* of the segments held, oldest first */
    uint32_t segment_count;
    int64_t accounts;
};

static struct listed *create(const char *name, int64_t accounts)
{
    struct listed *l = calloc(1, sizeof *l);
    CHECK(l != NULL);
    l->commands = calloc(COMMANDS_MAX + 1, sizeof *l->commands);
    CHECK(l->commands != NULL);
    random_start(&l->random, name);
    l->secret = (struct hash_key){random_u64(&l->random), random_u64(&l->random)};
    l->recent = recent_create(l->secret, 1);
    l->first = 1;
    l->accounts = accounts;
    return l;
}

static void destroy(struct listed *l)
{
    recent_destroy(l->recent);
    free(l->commands);
    free(l);
}

static void add_segment(struct listed *l, int64_t commands)
{
    bool added = recent_try_add_segment(l->recent, l->room + 1, l->room + commands);
    EXPECT(added == (l->segment_count < RECENT_SEGMENTS_MAX));
    if (!added)
        return;
    l->segment_starts[l->segment_count++] = l->room + 1;
    l->room += commands;
    EXPECT(recent_last_room(l->recent) == l->room);
    EXPECT(recent_first_sequence(l->recent) == l->segment_starts[0]);
}

/* Mostly the first few accounts; the last ones seldom. */
static int64_t pick_account(struct listed *l)
{
    int64_t most = random_percent(&l->random, 70) ? 1 + l->accounts / 10 : l->accounts;
    return random_between(&l->random, 1, most);
}

/* The first order has many commands; the last one none. */
static struct text order_number(int64_t order, char buffer[8])
{
    snprintf(buffer, 8, "R-%d", (int)order);
    return text_of(buffer);
}

static struct text pick_order(struct listed *l, char buffer[8])
{
    if (random_percent(&l->random, 50))
        return (struct text){0};
    int64_t most = random_percent(&l->random, 50) ? 1 : ORDERS - 1;
    return order_number(random_between(&l->random, 1, most), buffer);
}

/* Few, so that some come often, and none for long at times. */
static struct text pick_reference(struct listed *l, char buffer[8])
{
    if (l->last / 300 % 3 == 1 || random_percent(&l->random, 60))
        return (struct text){0};
    snprintf(buffer, 8, "B-%d", (int)random_between(&l->random, 0, 30));
    return text_of(buffer);
}

static void append(struct listed *l)
{
    struct listed_command *command = &l->commands[++l->last];
    command->record = (struct command_record){
        .key = sample_key(&l->random),
        .sequence = l->last,
        .recorded_us = l->last,
        .ledger_id = random_between(&l->random, 1, LEDGERS),
        .order_number = pick_order(l, command->order_number),
        .reference = pick_reference(l, command->reference),
        .fee_minor = random_between(&l->random, 0, 3),
        .subject_id = sample_number(&l->random),
        .accounting_date = random_percent(&l->random, 10) ? 0 : 20000 + (int32_t)(l->last / 100),
        .kind = 40,
        .outcome = 1,
        .body = command->body,
        .body_length = (uint32_t)random_below(&l->random, BODY_MAX + 1),
    };
    command->record.key.business_date =
        20000 + (int32_t)(l->last / 100) + (int32_t)random_between(&l->random, -2, 1);
    random_fill(&l->random, command->body, command->record.body_length);
    /* What is given in is copied: the memory may be used again. */
    uint8_t body[BODY_MAX];
    char order[sizeof command->order_number];
    memcpy(body, command->body, sizeof body);
    memcpy(order, command->order_number, sizeof order);
    char reference[sizeof command->reference];
    memcpy(reference, command->reference, sizeof reference);
    struct command_record given = command->record;
    given.reference.bytes = reference;
    given.body = body;
    given.order_number.bytes = order;
    command->mark = random_percent(&l->random, 5) ? random_u64(&l->random) | 1 : 0;
    for (int i = 0; i < 2 && command->mark != 0; i++)
        recent_note_mark(l->recent, l->last, command->mark);
    recent_append_command(l->recent, &given);
    memset(body, 0xee, sizeof body);
    memset(order, 0xee, sizeof order);
    memset(reference, 0xee, sizeof reference);

    command->posting_count = (uint32_t)random_below(&l->random, LINES_MAX + 1);
    for (uint32_t i = 0; i < command->posting_count; i++) {
        struct posting *posting = &command->postings[i];
        *posting = sample_posting(&l->random);
        posting->debit_account_id = pick_account(l);
        posting->credit_account_id = pick_account(l); /* at times the same account */
        recent_append_posting(l->recent, l->last, (int16_t)i, posting);
    }
}

/* ---- compare ---- */

static void expect_command(const struct listed *l, int64_t sequence)
{
    const struct command_record *found = recent_find_sequence(l->recent, sequence);
    const struct posting *postings = NULL;
    uint32_t count = recent_postings(l->recent, sequence, &postings);
    if (sequence < l->first || sequence > l->last) {
        EXPECT_MSG(found == NULL, "%" PRId64 " is found", sequence);
        EXPECT_MSG(count == 0, "%" PRId64 " has postings", sequence);
        return;
    }
    const struct listed_command *command = &l->commands[sequence];
    EXPECT_MSG(found && same_command(found, &command->record), "%" PRId64, sequence);
    EXPECT_MSG(count == command->posting_count, "%" PRId64 ": %u postings", sequence, count);
    for (uint32_t i = 0; i < count; i++)
        EXPECT_MSG(
            same_posting(&postings[i], &command->postings[i]), "%" PRId64 ": %u", sequence, i);
}

static void expect_key(const struct listed *l, int64_t sequence)
{
    struct request_key key = l->commands[sequence].record.key;
    const struct command_record *found = recent_find_key(l->recent, &key);
    if (sequence < l->first)
        EXPECT_MSG(found == NULL, "the key of %" PRId64 " is found", sequence);
    else
        EXPECT_MSG(found && found->sequence == sequence, "the key of %" PRId64, sequence);
    key.serial[0] ^= 1;
    EXPECT(recent_find_key(l->recent, &key) == NULL);
}

/* One walk, compared line by line with the list. */
struct walk {
    const struct listed *listed;
    int64_t account;
    bool newest_first;
    int64_t sequence; /* where the list's walk is */
    int64_t line;
    uint32_t seen;
    uint32_t most; /* stops after so many */
};

/* Moves to the next posting of the account in the list; false when there is none. */
static bool next_in_list(struct walk *walk)
{
    const struct listed *l = walk->listed;
    for (;;) {
        walk->line += walk->newest_first ? -1 : 1;
        while (walk->line < 0 || walk->line >= l->commands[walk->sequence].posting_count) {
            walk->sequence += walk->newest_first ? -1 : 1;
            if (walk->sequence < l->first || walk->sequence > l->last)
                return false;
            walk->line =
                walk->newest_first ? (int64_t)l->commands[walk->sequence].posting_count - 1 : 0;
        }
        const struct posting *posting = &l->commands[walk->sequence].postings[walk->line];
        if (posting->debit_account_id == walk->account ||
            posting->credit_account_id == walk->account)
            return true;
    }
}

static bool on_posting(void *context, int64_t sequence, int16_t line, const struct posting *posting)
{
    struct walk *walk = context;
    EXPECT_MSG(next_in_list(walk), "one posting too many at %" PRId64, sequence);
    EXPECT_MSG(sequence == walk->sequence && line == walk->line,
        "walk of %" PRId64 " is at %" PRId64 "/%d and not %" PRId64 "/%" PRId64, walk->account,
        sequence, line, walk->sequence, walk->line);
    EXPECT(same_posting(posting, &walk->listed->commands[sequence].postings[line]));
    return ++walk->seen < walk->most;
}

static void expect_walk(
    const struct listed *l, int64_t account, int64_t from, bool newest_first, uint32_t most)
{
    struct walk walk = {
        .listed = l, .account = account, .newest_first = newest_first, .most = most};
    /* The list's walk starts outside of what there is, or just before `from`. */
    if (newest_first) {
        walk.sequence = from > l->last ? l->last : from;
        walk.line = walk.sequence >= l->first ? l->commands[walk.sequence].posting_count : 0;
    } else {
        walk.sequence = from < l->first ? l->first : from;
        walk.line = -1;
    }
    recent_walk_account(l->recent, account, from, newest_first, on_posting, &walk);
    if (walk.seen == most)
        return;
    if (walk.sequence >= l->first && walk.sequence <= l->last)
        EXPECT_MSG(!next_in_list(&walk), "the walk of %" PRId64 " ends too early", account);
}

/* A walk over an order, compared command by command with the list. */
struct order_walk {
    const struct listed *listed;
    int64_t ledger_id;
    struct text order_number;
    int64_t sequence; /* where the list's walk is */
    uint32_t seen;
    uint32_t most;
};

/* Moves to the next command of the order in the list; false when there is none. */
static bool next_of_order(struct order_walk *walk)
{
    const struct listed *l = walk->listed;
    if (walk->sequence < l->first - 1)
        walk->sequence = l->first - 1;
    while (walk->sequence < l->last) {
        const struct command_record *record = &l->commands[++walk->sequence].record;
        if (record->ledger_id == walk->ledger_id &&
            text_equals(record->order_number, walk->order_number))
            return true;
    }
    return false;
}

static bool on_order_command(void *context, const struct command_record *record)
{
    struct order_walk *walk = context;
    EXPECT_MSG(next_of_order(walk), "one command too many: %" PRId64, record->sequence);
    EXPECT_MSG(record->sequence == walk->sequence, "%" PRId64 " and not %" PRId64, record->sequence,
        walk->sequence);
    EXPECT(same_command(record, &walk->listed->commands[walk->sequence].record));
    return ++walk->seen < walk->most;
}

static void expect_order_walk(
    struct listed *l, int64_t ledger_id, int64_t order, int64_t after, uint32_t most)
{
    char buffer[8];
    struct order_walk walk = {.listed = l,
        .ledger_id = ledger_id,
        .order_number = order_number(order, buffer),
        .sequence = after,
        .most = most};
    recent_walk_order(l->recent, ledger_id, walk.order_number, after, on_order_command, &walk);
    if (walk.seen == most) { /* goes on where it ended */
        walk.most = UINT32_MAX;
        recent_walk_order(
            l->recent, ledger_id, walk.order_number, walk.sequence, on_order_command, &walk);
    }
    EXPECT_MSG(!next_of_order(&walk), "the walk of order %" PRId64 " ends too early", order);
}

struct seen_references {
    const struct listed *l;
    int64_t ledger_id;
    struct text reference;
    uint32_t count, most;
};

static bool on_reference(void *context, const struct command_record *record)
{
    struct seen_references *seen = context;
    const struct command_record *listed = &seen->l->commands[record->sequence].record;
    EXPECT(record->sequence >= seen->l->first && record->ledger_id == seen->ledger_id);
    EXPECT(text_equals(record->reference, seen->reference));
    EXPECT(text_equals(listed->reference, seen->reference));
    return ++seen->count < seen->most;
}

/* Each command with it is seen, once. */
static void expect_reference(const struct listed *l, int64_t ledger_id, const char *reference)
{
    struct seen_references seen = {
        .l = l, .ledger_id = ledger_id, .reference = text_of(reference), .most = UINT32_MAX};
    uint32_t count = 0;
    for (int64_t s = l->first; s <= l->last; s++)
        count += l->commands[s].record.ledger_id == ledger_id &&
                 text_equals(l->commands[s].record.reference, seen.reference);
    recent_walk_reference(l->recent, ledger_id, seen.reference, on_reference, &seen);
    EXPECT_MSG(seen.count == count, "%s: %u and not %u", reference, seen.count, count);
    seen.count = 0;
    seen.most = 1;
    recent_walk_reference(l->recent, ledger_id, seen.reference, on_reference, &seen);
    EXPECT(seen.count == (count > 0));
}

/* The next of the segment's references, or marks, is that of the command. */
static void expect_hash(const struct recent_segment *segment, size_t at, uint64_t hash, int64_t s)
{
    EXPECT(key_filter_may_have(segment->reference_filter, hash));
    EXPECT(at < segment->references.count && segment->references.hashes[at] == hash);
    EXPECT(segment->references.offsets[at] == s - segment->first_sequence);
}

static void expect_reference_filter(const struct listed *l, const struct recent_segment *segment)
{
    int64_t count = 0;
    for (int64_t s = segment->first_sequence; s <= segment->last_sequence; s++) {
        const struct command_record *record = &l->commands[s].record;
        if (l->commands[s].mark != 0)
            expect_hash(segment, (size_t)count++, l->commands[s].mark, s);
        if (record->reference.length > 0)
            expect_hash(segment, (size_t)count++,
                reference_hash(l->secret, record->ledger_id, record->reference), s);
    }
    EXPECT(segment->references.count == (size_t)count);
    EXPECT((segment->reference_filter->length == 0) == (count == 0));
    EXPECT(count == 0 || segment->reference_filter->length < 2 * key_filter_bytes(count) + 64);
}

static void expect_oldest_full(const struct listed *l)
{
    struct recent_segment segment;
    bool full = recent_oldest_full(l->recent, &segment);
    if (l->segment_count == 0) {
        EXPECT(!full);
        return;
    }
    int64_t end = l->segment_count > 1 ? l->segment_starts[1] - 1 : l->room;
    EXPECT(full == (l->last >= end));
    if (!full)
        return;
    EXPECT(segment.first_sequence == l->segment_starts[0] && segment.last_sequence == end);
    int32_t min_business = INT32_MAX, max_business = 0, min_accounting = 0, max_accounting = 0;
    for (int64_t s = segment.first_sequence; s <= end; s++) {
        const struct command_record *record = &l->commands[s].record;
        int32_t date = record->key.business_date;
        min_business = date < min_business ? date : min_business;
        max_business = date > max_business ? date : max_business;
        date = record->accounting_date;
        if (date != 0 && (min_accounting == 0 || date < min_accounting))
            min_accounting = date;
        max_accounting = date > max_accounting ? date : max_accounting;
        uint64_t hash = request_key_hash(l->secret, &record->key);
        EXPECT(key_filter_may_have(segment.filter, hash));
        EXPECT(segment.keys.hashes[s - segment.first_sequence] == hash);
    }
    EXPECT(segment.keys.count == (size_t)(end - segment.first_sequence + 1));
    EXPECT(segment.keys.offsets == NULL);
    expect_reference_filter(l, &segment);
    EXPECT(segment.min_business_date == min_business);
    EXPECT(segment.max_business_date == max_business);
    EXPECT(segment.min_accounting_date == min_accounting);
    EXPECT(segment.max_accounting_date == max_accounting);
}

static void try_drop(struct listed *l)
{
    struct recent_segment segment;
    if (!recent_oldest_full(l->recent, &segment))
        return;
    recent_drop_oldest(l->recent, segment.last_sequence);
    l->first = segment.last_sequence + 1;
    /* What is not here is in the database, also when nothing is here any more. */
    EXPECT(recent_first_sequence(l->recent) == l->first);
    EXPECT(recent_last_room(l->recent) == l->room);
    l->segment_count--;
    memmove(
        l->segment_starts, l->segment_starts + 1, l->segment_count * sizeof l->segment_starts[0]);
}

static void compare(struct listed *l)
{
    for (int64_t s = l->first - 3; s <= l->last + 3; s++)
        expect_command(l, s);
    for (int64_t s = 1; s <= l->last; s++)
        expect_key(l, s);
    for (int i = 0; i <= 31; i++) {
        char reference[8];
        snprintf(reference, sizeof reference, "B-%d", i);
        expect_reference(l, 1, reference);
        expect_reference(l, 2, reference);
        expect_reference(l, 3, reference);
    }
    for (int64_t account = 0; account <= l->accounts + 1; account++) {
        int64_t from = random_between(&l->random, l->first - 5, l->last + 5);
        uint32_t most = random_percent(&l->random, 30) ? 3 : UINT32_MAX;
        expect_walk(l, account, from, true, most);
        expect_walk(l, account, from, false, most);
        expect_walk(l, account, INT64_MAX, true, UINT32_MAX);
        expect_walk(l, account, 0, false, UINT32_MAX);
    }
    expect_walk(l, INT64_MAX, 0, false, UINT32_MAX);
    expect_walk(l, -1, 0, false, UINT32_MAX);
    for (int64_t order = 1; order <= ORDERS; order++) {
        for (int64_t ledger_id = 1; ledger_id <= LEDGERS + 1; ledger_id++) {
            expect_order_walk(l, ledger_id, order, 0, 3);
            int64_t after = random_between(&l->random, l->first - 5, l->last + 5);
            expect_order_walk(l, ledger_id, order, after, UINT32_MAX);
        }
    }
    expect_order_walk(l, 1, 1, INT64_MAX, UINT32_MAX);
    expect_oldest_full(l);
}

/* ---- the tests ---- */

START_TEST(empty)
{
    struct listed *l = create("recent_empty", 3);
    EXPECT(recent_first_sequence(l->recent) == 1);
    EXPECT(recent_last_room(l->recent) == 0);
    compare(l);
    add_segment(l, 10);
    compare(l);
    destroy(l);
    recent_destroy(NULL);
}
END_TEST

START_TEST(segments_come_and_go)
{
    struct listed *l = create("segments_come_and_go", 60);
    int compared = 0;
    while (l->last < 4000) {
        if (l->last == l->room || random_percent(&l->random, 1))
            add_segment(l, random_between(&l->random, 1, 300));
        /* The indexing is behind by a few segments, at times by as many as can be held. */
        if (l->segment_count == RECENT_SEGMENTS_MAX || random_below(&l->random, 400) == 0)
            try_drop(l);
        if (l->last < l->room)
            append(l);
        else
            try_drop(l);
        expect_oldest_full(l);
        if (random_below(&l->random, 150) == 0) {
            compare(l);
            compared++;
        }
    }
    compare(l);
    EXPECT(compared > 5);
    EXPECT(l->first > 1);
    destroy(l);
}
END_TEST

/* One large segment: a walk that starts far from the account's next posting. */
START_TEST(seldom_used_accounts_are_found)
{
    struct listed *l = create("seldom_used_accounts_are_found", 2000);
    add_segment(l, 100);
    add_segment(l, 12000);
    while (l->last < 12050)
        append(l);
    for (int round = 0; round < 3000; round++) {
        int64_t account = random_between(&l->random, 1, l->accounts);
        int64_t from = random_between(&l->random, 1, l->last);
        expect_walk(l, account, from, random_percent(&l->random, 50), 5);
    }
    destroy(l);
}
END_TEST

/* The first day of all is a day like any other. */
START_TEST(the_first_day_counts)
{
    struct listed *l = create("the_first_day_counts", 3);
    struct recent_segment segment;
    add_segment(l, 2);
    for (int64_t s = 1; s <= 2; s++) {
        struct command_record record = {.key = sample_key(&l->random), .sequence = s};
        record.key.business_date = s == 1 ? 0 : 20000;
        recent_append_command(l->recent, &record);
    }
    EXPECT(recent_oldest_full(l->recent, &segment));
    EXPECT_MSG(segment.min_business_date == 0, "%d", segment.min_business_date);
    EXPECT(segment.max_business_date == 20000);
    destroy(l);
}
END_TEST

static bool count_one(void *context, const struct command_record *record)
{
    (void)record;
    ++*(uint32_t *)context;
    return true;
}

struct seen {
    int64_t sequences[20];
    uint32_t count;
    uint32_t most;
};

static bool note_seen(void *context, const struct command_record *record)
{
    struct seen *seen = context;
    seen->sequences[seen->count++] = record->sequence;
    return seen->count < seen->most;
}

/* Every command of a large segment has the same order number: none takes long. */
START_TEST(one_order_for_everything)
{
    enum { COMMANDS = 200000 };
    struct recent *recent = recent_create((struct hash_key){1, 2}, 1);
    EXPECT(recent_try_add_segment(recent, 1, COMMANDS));
    for (int64_t s = 1; s <= COMMANDS; s++) {
        struct command_record record = {
            .sequence = s, .ledger_id = 1, .order_number = text_of("all")};
        memcpy(record.key.serial, &s, sizeof s);
        recent_append_command(recent, &record);
    }
    uint32_t count = 0;
    recent_walk_order(recent, 1, text_of("all"), 0, count_one, &count);
    EXPECT(count == COMMANDS);
    recent_walk_order(recent, 2, text_of("all"), 0, count_one, &count);
    recent_walk_order(recent, 1, text_of(""), 0, count_one, &count);
    EXPECT(count == COMMANDS);
    recent_destroy(recent);
}
END_TEST

/* Changes of an account are walked downwards, over segments, from any place, and end on request. */
START_TEST(changes_of_an_account)
{
    enum { SEGMENT = 5, COMMANDS = 20 };
    struct recent *recent = recent_create((struct hash_key){1, 2}, 1);
    for (int64_t s = 1; s <= COMMANDS; s++) {
        struct command_record record = {.sequence = s, .ledger_id = 1};
        memcpy(record.key.serial, &s, sizeof s);
        if (s % SEGMENT == 1)
            EXPECT(recent_try_add_segment(recent, s, s + SEGMENT - 1));
        recent_append_command(recent, &record);
        if (s % 3 == 0)
            recent_note_change(recent, s % 2 == 0 ? 7 : ACCOUNTS_MAX);
    }
    for (int64_t from = 0; from <= COMMANDS + 1; from++) {
        struct seen seen = {.most = UINT32_MAX};
        uint32_t wanted = 0;
        recent_walk_changes(recent, 7, from, note_seen, &seen);
        for (int64_t s = from < COMMANDS ? from : COMMANDS; s >= 1; s--)
            if (s % 6 == 0)
                EXPECT(wanted < seen.count && seen.sequences[wanted++] == s);
        EXPECT(seen.count == wanted);
    }
    struct seen seen = {.most = 1};
    recent_walk_changes(recent, ACCOUNTS_MAX, INT64_MAX, note_seen, &seen);
    EXPECT(seen.count == 1 && seen.sequences[0] == 15);
    recent_drop_oldest(recent, SEGMENT);
    seen = (struct seen){.most = UINT32_MAX};
    recent_walk_changes(recent, ACCOUNTS_MAX, INT64_MAX, note_seen, &seen);
    EXPECT(seen.count == 2 && seen.sequences[1] == 9);
    recent_walk_changes(recent, 8, INT64_MAX, note_seen, &seen);
    recent_walk_changes(recent, 0, INT64_MAX, note_seen, &seen);
    recent_walk_changes(recent, (int64_t)ACCOUNTS_MAX + 1, INT64_MAX, note_seen, &seen);
    EXPECT(seen.count == 2);
    recent_destroy(recent);
}
END_TEST

/* ---- bugs ---- */

static struct recent *with_segment(void)
{
    struct recent *recent = recent_create((struct hash_key){1, 2}, 1);
    EXPECT(recent_try_add_segment(recent, 1, 10));
    return recent;
}

START_TEST(a_gap_between_segments_is_a_bug)
{
    EXPECT(recent_try_add_segment(with_segment(), 12, 20));
}
END_TEST

START_TEST(a_gap_between_commands_is_a_bug)
{
    struct command_record record = {.sequence = 2};
    recent_append_command(with_segment(), &record);
}
END_TEST

START_TEST(a_command_without_room_is_a_bug)
{
    struct recent *recent = with_segment();
    for (int64_t s = 1; s <= 11; s++) {
        struct command_record record = {.sequence = s};
        record.key.serial[0] = (char)s;
        recent_append_command(recent, &record);
    }
}
END_TEST

START_TEST(a_posting_without_its_command_is_a_bug)
{
    struct posting posting = {.debit_account_id = 1, .credit_account_id = 2};
    recent_append_posting(with_segment(), 1, 0, &posting);
}
END_TEST

START_TEST(dropping_what_is_not_full_is_a_bug)
{
    recent_drop_oldest(with_segment(), 10);
}
END_TEST

Suite *recent_suite(void)
{
    Suite *suite = suite_create("recent");
    TCase *tests = tcase_create("recent");
    tcase_add_test(tests, empty);
    tcase_add_test(tests, segments_come_and_go);
    tcase_add_test(tests, seldom_used_accounts_are_found);
    tcase_add_test(tests, the_first_day_counts);
    tcase_add_test(tests, one_order_for_everything);
    tcase_add_test(tests, changes_of_an_account);
    tcase_add_test_raise_signal(tests, a_gap_between_segments_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, a_gap_between_commands_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, a_command_without_room_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, a_posting_without_its_command_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, dropping_what_is_not_full_is_a_bug, SIGABRT);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
