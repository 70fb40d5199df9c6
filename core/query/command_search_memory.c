/* command_search_memory.c: the steps of ListCommands among the rows in memory.
 *
 * Each takes this turn's share of candidates, newest first, and looks at them at once: what memory
 * gives stays valid in this turn only.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "query/command_filter.h"
#include "query/command_search.h"

#include <string.h>

/* How many candidates this page may still take from an index. */
static uint32_t room_for_candidates(const struct search_call *search, uint32_t most)
{
    CHECK(search->candidates_left >= 1 && search->candidates_left <= SEARCH_CANDIDATES_MAX);
    return search->candidates_left < most ? search->candidates_left : most;
}

struct memory_walk {
    struct search_call *search;
    uint32_t most;     /* candidates wanted */
    uint32_t postings; /* that this turn may still look at */
    int64_t floor;     /* where the walk stopped, else it went to its end */
};

static bool on_recent_posting(void *context, const struct recent_posting *found)
{
    struct memory_walk *walk = context;
    struct search_call *search = walk->search;
    uint32_t count = search->candidate_count;
    bool is_new = count == 0 || search->candidates[count - 1] != found->sequence;
    if (is_new && count == walk->most)
        return false;
    if (is_new)
        search_add_candidate(search, found->sequence);
    walk->floor = found->sequence;
    walk->postings--;
    return walk->postings > 0;
}

struct changes_walk {
    int64_t sequences[SEARCH_CANDIDATES_MAX];
    uint32_t count;
    uint32_t most;
};

static bool on_recent_change(void *context, const struct command_record *record)
{
    struct changes_walk *walk = context;
    walk->sequences[walk->count++] = record->sequence;
    return walk->count < walk->most;
}

/* Puts the changes among the candidates, both in falling order, as many as wanted. */
static void merge_changes(
    struct search_call *search, const struct changes_walk *changes, uint32_t most)
{
    int64_t merged[SEARCH_CANDIDATES_MAX];
    uint32_t count = 0, a = 0, b = 0;
    while (count < most && (a < search->candidate_count || b < changes->count)) {
        int64_t left = a < search->candidate_count ? search->candidates[a] : 0;
        int64_t right = b < changes->count ? changes->sequences[b] : 0;
        int64_t newer = left > right ? left : right;
        if (newer < search->floor)
            break;
        a += left == newer;
        b += right == newer;
        merged[count++] = newer;
    }
    /* What does not fit is left for the next step. */
    if (count == most && merged[count - 1] > search->floor)
        search->floor = merged[count - 1];
    memcpy(search->candidates, merged, count * sizeof *merged);
    search->candidate_count = count;
}

static void name_account_in_memory(struct search_call *search, int64_t cut)
{
    const struct query_recent *recent = &search->query->recent;
    int64_t account_id = search->request.account_id;
    uint32_t most = room_for_candidates(search, search->query->steps.turn_commands);
    struct memory_walk walk = {
        .search = search, .most = most, .postings = search->query->steps.turn_postings};
    recent->walk_account(
        recent->context, account_id, search->position - 1, true, on_recent_posting, &walk);
    bool has_stopped = walk.postings == 0 || search->candidate_count == most;
    search->floor = has_stopped ? walk.floor : cut;
    struct changes_walk changes = {.most = most};
    recent->walk_changes(
        recent->context, account_id, search->position - 1, on_recent_change, &changes);
    if (changes.count == most && changes.sequences[most - 1] > search->floor)
        search->floor = changes.sequences[most - 1];
    merge_changes(search, &changes, most);
}

/* The newest commands of an order; the chain goes upwards. */
struct order_walk {
    int64_t ring[SEARCH_CANDIDATES_MAX];
    uint32_t most;
    uint32_t count;
    uint32_t count_max; /* more are too many to walk over at once */
    int64_t before;
};

static bool on_recent_command(void *context, const struct command_record *record)
{
    struct order_walk *walk = context;
    if (record->sequence >= walk->before)
        return false;
    walk->ring[walk->count % walk->most] = record->sequence;
    walk->count++;
    return walk->count < walk->count_max;
}

static void name_order_in_memory(struct search_call *search, int64_t cut)
{
    const struct query_recent *recent = &search->query->recent;
    struct order_walk walk = {
        .most = room_for_candidates(search, search->query->steps.turn_commands),
        .count_max = search->query->steps.order_entries_max,
        .before = search->position,
    };
    recent->walk_order(recent->context, search->request.ledger_id, search->request.order_number,
        cut - 1, on_recent_command, &walk);
    if (walk.count == walk.count_max) {
        search_leave_order(search);
        return;
    }
    uint32_t count = walk.count < walk.most ? walk.count : walk.most;
    for (uint32_t i = 1; i <= count; i++)
        search_add_candidate(search, walk.ring[(walk.count - i) % walk.most]);
    search->floor = walk.count > walk.most ? search->candidates[count - 1] : cut;
}

static void name_all_in_memory(struct search_call *search, int64_t cut)
{
    int64_t count = search->query->steps.turn_commands;
    if (count > search->positions_left)
        count = search->positions_left;
    if (count > search->position - cut)
        count = search->position - cut;
    for (int64_t i = 1; i <= count; i++)
        search_add_candidate(search, search->position - i);
    search->floor = search->position - count;
}

/* The first command of the ledger that has a date, in a range of sequences; NULL: none. */
static const struct command_record *find_dated(
    const struct search_call *search, int64_t sequence, int64_t end)
{
    const struct query_recent *recent = &search->query->recent;
    for (; sequence < end; sequence++) {
        const struct command_record *record = recent->find_sequence(recent->context, sequence);
        CHECK(record != NULL);
        if (record->ledger_id == search->request.ledger_id && record->accounting_date != 0)
            return record;
    }
    return NULL;
}

void search_seek_in_memory(struct search_call *search, int64_t cut)
{
    int64_t share = search->query->steps.turn_commands;
    int64_t low = cut, high = search->position;
    while (high - low > share) {
        int64_t middle = low + (high - low) / 2;
        int64_t end = high - middle > share ? middle + share : high;
        const struct command_record *found = find_dated(search, middle, end);
        if (!found && end < high)
            break; /* the ledger is quiet here: the rest is walked over */
        if (found && found->accounting_date <= search->request.to_date)
            low = found->sequence + 1;
        else
            high = middle;
    }
    search->position = high;
}

int search_step_in_memory(struct search_call *search, int64_t cut)
{
    const struct query_recent *recent = &search->query->recent;
    search->candidate_count = 0;
    if (search->way == SEARCH_BY_ORDER)
        name_order_in_memory(search, cut);
    if (search->way == SEARCH_BY_ACCOUNT)
        name_account_in_memory(search, cut);
    if (search->way == SEARCH_ALL)
        name_all_in_memory(search, cut);
    for (uint32_t i = 0; i < search->candidate_count; i++) {
        int64_t sequence = search->candidates[i];
        const struct command_record *record = recent->find_sequence(recent->context, sequence);
        CHECK(record != NULL);
        enum filtered filtered = filter_command(&search->request, &search->party, record);
        const struct posting *postings = NULL;
        uint32_t count = 0;
        if (filtered == FILTERED_WANTED)
            count = recent->postings(recent->context, sequence, &postings);
        if (filtered == FILTERED_DAMAGED ||
            (filtered == FILTERED_WANTED && search_show(search, record, postings, count) < 0))
            return -1;
        search->has_ended = filter_is_past(&search->request, record);
        if (search->is_full || search->has_ended) {
            search_end_step(search, sequence);
            return 0;
        }
    }
    search_end_step(search, search->floor);
    return 0;
}
