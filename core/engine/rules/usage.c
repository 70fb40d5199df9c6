/* usage.c: see usage.h.
 *
 * A command's own postings say what it moved, so that what it counts is derived from them, as
 * balances are: a record of usage changes without an image, it is written behind with the command
 * as of which it is, and a start counts again what came after that (redo_usage). Only the first
 * count of a member has an image, which gives the record its id, and so has what lowers a count:
 * there the postings do not say of which date and year the money was.
 *
 * Members of a kind are counted when the policy limits dates or years at some level of theirs: a
 * level can change between two commands, and what was done at another one counts all the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/usage.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "model/command_record.h"
#include "model/date.h"
#include "model/outcome.h"

/* ---- which commands ---- */

enum member_use use_of_kind(enum command_kind kind)
{
    switch ((int)kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_ALLOCATE_SUSPENSE:
    case COMMAND_ALLOCATE_LINE:
        return RECEIVES;
    case COMMAND_PAY:
    case COMMAND_CONFIRM_HOLD:
    case COMMAND_SUBSCRIBE:
    case COMMAND_REDEEM:
        return PAYS;
    case COMMAND_PLACE_HOLD:
        return HOLDS;
    case COMMAND_WITHDRAW:
        return WITHDRAWS;
    case COMMAND_REFUND:
    case COMMAND_REVERSE:
    case COMMAND_UNDO_ALLOCATION:
        return GIVES_BACK;
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_INTERCEPT_PAYOUT:
        return OF_PAYOUT;
    case COMMAND_SETTLE_LINE:
    case COMMAND_CLOSE_DIFFERENCE:
    case COMMAND_ADJUST:
    case COMMAND_APPROVE_ADJUSTMENT:
        return COUNTED;
    default:
        return NOT_ASKED;
    }
}

/* Whether its postings say all that it counts. */
static bool is_derived(enum member_use use)
{
    return use == RECEIVES || use == PAYS || use == WITHDRAWS || use == COUNTED;
}

struct began began_of(const struct account_policy *policy, int member_kind)
{
    return member_kind == MEMBER_MERCHANT
               ? (struct began){policy->merchant_date_began, policy->merchant_year_began}
               : (struct began){policy->user_date_began, policy->user_year_began};
}

void set_began(struct account_policy *policy, int member_kind, struct began began)
{
    CHECK(member_kind == MEMBER_MERCHANT || member_kind == MEMBER_USER);
    if (member_kind == MEMBER_MERCHANT) {
        policy->merchant_date_began = began.date_sequence;
        policy->merchant_year_began = began.year_sequence;
    } else {
        policy->user_date_began = began.date_sequence;
        policy->user_year_began = began.year_sequence;
    }
}

/* ---- what members did ---- */

static int32_t year_of(int32_t date)
{
    return date_to_yyyymmdd(date) / 10000;
}

static const struct usage *usage_of(const struct engine *engine, const struct member *member)
{
    const struct usage *usages = engine->records[RECORD_USAGE];
    return member->usage_id != 0 ? &usages[member->usage_id] : NULL;
}

/* What counts on the date: nothing of an earlier date or year, or of before counting began. */
static struct usage usage_on(const struct engine *engine, const struct account_policy *policy,
    const struct member *member, int32_t date)
{
    const struct usage *usage = usage_of(engine, member);
    struct began began = began_of(policy, member->kind);
    struct usage now = {.ledger_id = member->ledger_id, .member_id = member->id};
    if (!usage || began.date_sequence == 0)
        return now;
    if (usage->changed_sequence > began.date_sequence && usage->date == date) {
        now.date_in_minor = usage->date_in_minor;
        now.date_out_minor = usage->date_out_minor;
    }
    if (usage->changed_sequence > began.year_sequence && year_of(usage->date) == year_of(date)) {
        now.year_in_minor = usage->year_in_minor;
        now.year_out_minor = usage->year_out_minor;
    }
    return now;
}

const struct member *next_of_person(
    const struct engine *engine, const struct member *member, int64_t *cursor)
{
    if (member->identity_id == 0) {
        bool is_first = *cursor == 0;
        *cursor = -1;
        return is_first ? member : NULL;
    }
    const struct identity *identity = record_at(engine, RECORD_IDENTITY, member->identity_id);
    int64_t id = *cursor == 0 ? engine->newest_of_person[identity->person_id]
                              : engine->older_of_person[*cursor];
    for (; id != 0; id = engine->older_of_person[id]) {
        const struct identity *one = record_at(engine, RECORD_IDENTITY, id);
        /* Who was this person before another one became the member is passed over. */
        if (engine->members[one->member_id].identity_id == id) {
            *cursor = id;
            return &engine->members[one->member_id];
        }
    }
    return NULL;
}

bool are_one_person(
    const struct engine *engine, const struct member *one, const struct member *other)
{
    if (one == other || one->identity_id == 0 || other->identity_id == 0)
        return one == other;
    const struct identity *identity = record_at(engine, RECORD_IDENTITY, one->identity_id);
    const struct identity *its = record_at(engine, RECORD_IDENTITY, other->identity_id);
    return identity->person_id == its->person_id;
}

/* A sum that passes what an int64 holds is more than every limit. */
static int64_t add_used(int64_t used_minor, int64_t more_minor)
{
    int64_t sum;
    if (__builtin_add_overflow(used_minor, more_minor, &sum))
        return INT64_MAX;
    return sum > 0 ? sum : 0;
}

struct usage usage_of_person(const struct engine *engine, const struct account_policy *policy,
    const struct member *member, int32_t date)
{
    struct usage used = {.ledger_id = member->ledger_id, .member_id = member->id};
    int64_t cursor = 0;
    uint32_t count = 0;
    const struct member *one;
    for (; (one = next_of_person(engine, member, &cursor)); count++) {
        struct usage its = usage_on(engine, policy, one, date);
        used.date_in_minor = add_used(used.date_in_minor, its.date_in_minor);
        used.date_out_minor = add_used(used.date_out_minor, its.date_out_minor);
        used.year_in_minor = add_used(used.year_in_minor, its.year_in_minor);
        used.year_out_minor = add_used(used.year_out_minor, its.year_out_minor);
    }
    note_walk(engine, count);
    return used;
}

/* ---- what a command moves ---- */

static struct moved *moved_of(
    const struct engine *engine, struct moves *moves, const struct account *account)
{
    uint32_t i = 0;
    while (i < moves->count && moves->moved[i].member->id != account->member_id)
        i++;
    CHECK(i < 2 * POSTINGS_PER_COMMAND_MAX);
    if (i == moves->count)
        moves->moved[moves->count++] =
            (struct moved){.member = &engine->members[account->member_id]};
    return &moves->moved[i];
}

/* Fees are apart, and so is what the platform lends and gets back, and what is paid back and waits
 * for who is gone: whether it was counted at first nobody knows, if it was the same member's. */
static bool is_apart(const struct account *other, enum member_use use)
{
    return other->kind == ACCOUNT_FEE || other->kind == ACCOUNT_PLATFORM_OWN ||
           (other->kind == ACCOUNT_UNALLOCATED && use == PAYS_BACK);
}

/* By what each member's available and withdrawn money changed. */
static void add_of_payout(const struct engine *engine, const struct posting *posting,
    const struct account *debit, const struct account *credit, struct moves *moves)
{
    /* What claims cover of it stays the account's. */
    if (debit == credit &&
        (posting->debit_bucket == BUCKET_FROZEN || posting->credit_bucket == BUCKET_FROZEN))
        return;
    if (is_held(debit, posting->debit_bucket) && posting->debit_bucket == BUCKET_AVAILABLE &&
        !is_apart(credit, OF_PAYOUT))
        moved_of(engine, moves, debit)->out_minor += posting->amount_minor;
    if (is_held(credit, posting->credit_bucket) && posting->credit_bucket == BUCKET_AVAILABLE &&
        !is_apart(debit, OF_PAYOUT))
        moved_of(engine, moves, credit)->out_minor -= posting->amount_minor;
}

/* Between what two hold; what is given back is less that came in, and less that went out. */
static void add_moved(const struct engine *engine, const struct posting *posting,
    enum member_use use, const struct account *debit, const struct account *credit,
    struct moves *moves)
{
    bool gives_back = use == GIVES_BACK || use == PAYS_BACK;
    bool is_out = is_held(debit, posting->debit_bucket) && !is_apart(credit, use);
    bool is_in = is_held(credit, posting->credit_bucket) && !is_apart(debit, use);
    if (is_held(debit, posting->debit_bucket) && is_held(credit, posting->credit_bucket) &&
        debit->member_id == credit->member_id)
        return;
    if (is_out && gives_back)
        moved_of(engine, moves, debit)->in_minor -= posting->amount_minor;
    else if (is_out)
        moved_of(engine, moves, debit)->out_minor += posting->amount_minor;
    if (is_in && gives_back)
        moved_of(engine, moves, credit)->out_minor -= posting->amount_minor;
    else if (is_in)
        moved_of(engine, moves, credit)->in_minor += posting->amount_minor;
}

void add_up_moves(const struct engine *engine, enum member_use use, const struct posting *postings,
    uint32_t posting_count, struct moves *ret_moves)
{
    ret_moves->count = 0;
    for (uint32_t i = 0; i < posting_count; i++) {
        const struct posting *posting = &postings[i];
        const struct account *debit = &engine->accounts[posting->debit_account_id];
        const struct account *credit = &engine->accounts[posting->credit_account_id];
        if (use == OF_PAYOUT || use == WITHDRAWS)
            add_of_payout(engine, posting, debit, credit, ret_moves);
        else if (use == HOLDS && debit == credit)
            (void)moved_of(engine, ret_moves, debit);
        else
            add_moved(engine, posting, use, debit, credit, ret_moves);
    }
    /* Each is far away: so they come together. */
    for (uint32_t i = 0; i < ret_moves->count; i++) {
        const struct member *member = ret_moves->moved[i].member;
        __builtin_prefetch(usage_of(engine, member));
        __builtin_prefetch(&engine->marks[RECORD_USAGE][member->usage_id]);
    }
}

/* ---- counting ---- */

static struct usage *change_usage(
    struct engine *engine, int64_t ledger_id, const struct member *member)
{
    int64_t *its_id = &engine->members[member->id].usage_id;
    if (*its_id != 0)
        return change_record(engine, RECORD_USAGE, *its_id);
    CHECK(has_room(engine, RECORD_USAGE, 1)); /* one a member */
    struct usage *usage = add_record(engine, RECORD_USAGE);
    usage->ledger_id = ledger_id;
    usage->member_id = member->id;
    keep_for_undo(engine, its_id, sizeof *its_id);
    *its_id = usage->id;
    record_image(engine, RECORD_USAGE, usage->id);
    return usage;
}

/* Adds it to what counts on the date. */
static void add_to_usage(struct usage *usage, const struct usage *now, const struct moved *moved,
    int32_t date, bool is_of_date, bool is_of_year)
{
    usage->date = date;
    usage->date_in_minor = add_used(now->date_in_minor, is_of_date ? moved->in_minor : 0);
    usage->date_out_minor = add_used(now->date_out_minor, is_of_date ? moved->out_minor : 0);
    usage->year_in_minor = add_used(now->year_in_minor, is_of_year ? moved->in_minor : 0);
    usage->year_out_minor = add_used(now->year_out_minor, is_of_year ? moved->out_minor : 0);
}

void count_moved(struct engine *engine, const struct ledger *ledger,
    const struct account_policy *policy, enum member_use use, const struct moved *moved,
    int64_t sequence)
{
    struct began began = began_of(policy, moved->member->kind);
    if (began.date_sequence == 0 || (moved->in_minor == 0 && moved->out_minor == 0))
        return;
    bool is_of_date = sequence > began.date_sequence;
    bool is_of_year = sequence > began.year_sequence;
    if (!is_of_date && !is_of_year)
        return;
    int32_t date = ledger->accounting_dates[0];
    struct usage now = usage_on(engine, policy, moved->member, date);
    struct usage *usage = change_usage(engine, ledger->id, moved->member);
    add_to_usage(usage, &now, moved, date, is_of_date, is_of_year);
    if (!is_derived(use))
        record_image(engine, RECORD_USAGE, usage->id);
}

/* ---- counting again ---- */

bool usage_is_redone(const struct engine *engine, const struct command_record *command)
{
    if (!outcome_is_accepted(command->outcome) ||
        !is_derived(use_of_kind((enum command_kind)command->kind)) ||
        !engine_find_ledger(engine, command->ledger_id))
        return false;
    const struct account_policy *policy = checked_policy(engine, command->ledger_id);
    return policy && (policy->merchant_date_began != 0 || policy->user_date_began != 0);
}

/* By the policy of the end: what was counted before it began to count means nothing any more, and
 * of an earlier date of the same year only the year does. -1: the record was lost. */
static int redo_moved(
    struct engine *engine, const struct redone *command, const struct moved *moved)
{
    const struct member *member = moved->member;
    const struct account_policy *policy = checked_policy(engine, member->ledger_id);
    struct began began = began_of(policy, member->kind);
    bool is_of_date = command->sequence > began.date_sequence;
    bool is_of_year = command->sequence > began.year_sequence;
    if (began.date_sequence == 0 || !is_of_year || (moved->in_minor == 0 && moved->out_minor == 0))
        return 0;
    const struct usage *usage = usage_of(engine, member);
    if (!usage)
        return -1;
    if (usage->changed_sequence >= command->sequence)
        return 0;
    struct usage now = usage_on(engine, policy, member, command->date);
    add_to_usage(change_usage(engine, member->ledger_id, member), &now, moved, command->date,
        is_of_date, is_of_year);
    return 0;
}

int redo_usage(struct engine *engine, const struct redone *command, const struct posting *postings,
    uint32_t posting_count)
{
    int result = 0;
    struct moves *moves = engine->moves;
    add_up_moves(engine, use_of_kind(command->kind), postings, posting_count, moves);
    for (uint32_t i = 0; i < moves->count; i++) {
        if (redo_moved(engine, command, &moves->moved[i]) < 0)
            result = -1;
    }
    return result;
}

void index_usage(struct engine *engine, int64_t usage_id)
{
    const struct usage *usage = record_at(engine, RECORD_USAGE, usage_id);
    engine->members[usage->member_id].usage_id = usage_id;
}
