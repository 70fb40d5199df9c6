/* naive_account_policy.c: what members may do and how much, of the naive model: nothing is counted,
 * every earlier command of the ledger is looked at again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"

#include "base/check.h"
#include "model/date.h"

#include <string.h>

/* Places of a level's numbers. */
enum { MAY, OP_IN, OP_OUT, DATE_IN, DATE_OUT, YEAR_IN, YEAR_OUT, BALANCE };

static bool is_policed(const struct naive_model *model, int ledger)
{
    return ledger != 0 && model->ledgers[ledger].has_levels;
}

bool naive_may_be_forbidden(const struct naive_model *model, const struct command *command)
{
    static const enum command_kind kinds[] = {COMMAND_BOOK_RECEIPT, COMMAND_ALLOCATE_SUSPENSE,
        COMMAND_ALLOCATE_LINE, COMMAND_PAY, COMMAND_CONFIRM_HOLD, COMMAND_PLACE_HOLD,
        COMMAND_SUBSCRIBE, COMMAND_REDEEM, COMMAND_WITHDRAW};
    bool is_one = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        is_one |= command->kind == kinds[i];
    return is_one && command->ledger_id >= 1 && command->ledger_id <= model->ledger_count &&
           is_policed(model, (int)command->ledger_id);
}

/* ---- what came in and went out ---- */

/* The command whose date and year its money is of: itself, or the one that it takes back. */
int64_t naive_source_of(const struct decision *d)
{
    switch ((int)d->command->kind) {
    case COMMAND_REFUND:
        return d->command->refund.original_sequence;
    case COMMAND_REVERSE:
        return d->command->reverse.original_sequence;
    case COMMAND_UNDO_ALLOCATION:
        return d->command->undo_allocation.original_sequence;
    case COMMAND_CONFIRM_PAYOUT:
        return d->model->payouts[d->command->confirm_payout.payout_id].requested;
    case COMMAND_INTERCEPT_PAYOUT:
        return d->model->payouts[d->command->intercept_payout.payout_id].requested;
    default:
        return d->sequence;
    }
}

static bool is_apart(const struct naive_model *model, int account)
{
    return model->accounts[account].kind == ACCOUNT_FEE ||
           model->accounts[account].kind == ACCOUNT_PLATFORM_OWN;
}

struct flow {
    int64_t in, out;
};

/* What a posting of such a command is for the member; `of`: the kind of what it takes back. */
static struct flow flow_of(
    const struct naive_model *model, int kind, int of, const struct naive_move *move, int member)
{
    struct flow flow = {0, 0};
    bool gives =
        model->accounts[move->from].member == member && move->from_bucket != BUCKET_PENDING_IN;
    bool takes = model->accounts[move->to].member == member && move->to_bucket != BUCKET_PENDING_IN;
    bool gives_apart = is_apart(model, move->to);
    bool takes_apart = is_apart(model, move->from);
    bool of_claims = move->from == move->to &&
                     (move->from_bucket == BUCKET_FROZEN || move->to_bucket == BUCKET_FROZEN);
    if (of_claims)
        return flow;
    switch (kind) {
    case COMMAND_BOOK_RECEIPT:
    case COMMAND_ALLOCATE_SUSPENSE:
    case COMMAND_ALLOCATE_LINE:
    case COMMAND_PAY:
    case COMMAND_CONFIRM_HOLD:
    case COMMAND_SUBSCRIBE:
    case COMMAND_REDEEM:
    case COMMAND_SETTLE_LINE:
    case COMMAND_CLOSE_DIFFERENCE:
    case COMMAND_ADJUST:
        flow.out = gives && !takes && !gives_apart ? move->amount : 0;
        flow.in = takes && !gives && !takes_apart ? move->amount : 0;
        break;
    case COMMAND_WITHDRAW:
    case COMMAND_CONFIRM_PAYOUT:
    case COMMAND_INTERCEPT_PAYOUT:
        if (of == COMMAND_DEDUCT_CLAIM || of == COMMAND_PLACE_CLAIM)
            break; /* nobody's wish */
        if (gives && move->from_bucket == BUCKET_AVAILABLE && !gives_apart)
            flow.out += move->amount;
        if (takes && move->to_bucket == BUCKET_AVAILABLE && !takes_apart)
            flow.out -= move->amount;
        break;
    case COMMAND_REFUND:
    case COMMAND_REVERSE:
    case COMMAND_UNDO_ALLOCATION:
        if (of == COMMAND_BOOK_INTEREST || of == COMMAND_CHARGE_FEE || of == COMMAND_COLLECT_FEES)
            break;
        /* Who was paid is gone, or who paid. */
        if (of == COMMAND_PAY || of == COMMAND_CONFIRM_HOLD || of == COMMAND_ADJUST) {
            gives_apart |= model->accounts[move->to].kind == ACCOUNT_UNALLOCATED;
            takes_apart |= model->accounts[move->from].kind == ACCOUNT_UNALLOCATED;
        }
        flow.in = gives && !takes && !gives_apart ? -move->amount : 0;
        flow.out = takes && !gives && !takes_apart ? -move->amount : 0;
        break;
    default:
        break;
    }
    return flow;
}

static struct flow flow_of_past(
    const struct naive_model *model, const struct naive_past *past, int member)
{
    struct flow sum = {0, 0};
    int of = past->source > 0 ? model->past[past->source].kind : 0;
    for (int i = 0; i < past->move_count; i++) {
        struct flow flow =
            flow_of(model, past->kind, of, &model->moves[past->first_move + i], member);
        sum.in += flow.in;
        sum.out += flow.out;
    }
    return sum;
}

static int year_of(int32_t date)
{
    return date_to_yyyymmdd(date) / 10000;
}

static void use(const struct naive_model *model, int member, int64_t ret_used[4])
{
    int ledger = model->members[member].ledger;
    int64_t since = model->ledgers[ledger].counted_since[model->members[member].kind - 1];
    int32_t date = naive_date_of(model, ledger);
    memset(ret_used, 0, 4 * sizeof *ret_used);
    for (int s = (int)since + 1; since != 0 && s <= model->past_count; s++) {
        const struct naive_past *past = &model->past[s];
        if (past->kind == 0 || past->move_count == 0 || past->ledger != ledger ||
            past->source <= since || year_of(model->past[past->source].date) != year_of(date))
            continue;
        struct flow flow = flow_of_past(model, past, member);
        int32_t its_date = model->past[past->source].date;
        const int64_t moved[4] = {its_date == date ? flow.in : 0, its_date == date ? flow.out : 0,
            year_of(its_date) == year_of(date) ? flow.in : 0,
            year_of(its_date) == year_of(date) ? flow.out : 0};
        /* Who bore a fee gives back more than it got. */
        for (int i = 0; i < 4; i++)
            ret_used[i] = ret_used[i] + moved[i] > 0 ? ret_used[i] + moved[i] : 0;
    }
}

static int64_t held_on(const struct naive_model *model, int account)
{
    const int64_t *balance = model->accounts[account].balance;
    return balance[BUCKET_AVAILABLE] + balance[BUCKET_FROZEN] + balance[BUCKET_PENDING_OUT];
}

/* ---- who is one person ---- */

static int person_of(const struct naive_model *model, int member)
{
    int person = 0;
    for (int id = 1; id <= model->identity_count; id++) {
        if (model->identities[id].member == member)
            person = model->identities[id].person;
    }
    return person;
}

static bool is_one_person(const struct naive_model *model, int member, int other)
{
    int person = person_of(model, member);
    return member == other || (person != 0 && person == person_of(model, other));
}

static void use_of_person(const struct naive_model *model, int member, int64_t ret_used[4])
{
    memset(ret_used, 0, 4 * sizeof *ret_used);
    for (int other = 1; other <= model->member_count; other++) {
        int64_t used[4];
        if (!is_one_person(model, member, other))
            continue;
        use(model, other, used);
        for (int i = 0; i < 4; i++)
            ret_used[i] += used[i];
    }
}

/* ---- whether it may be ---- */

static const int64_t *level_of(const struct decision *d, int member, int *ret_which)
{
    const struct naive_model *model = d->model;
    *ret_which = naive_level_of(model, member, d->now_us);
    return model->ledgers[d->ledger].levels[model->members[member].kind - 1][*ret_which];
}

/* With so much more than there was. */
static void need_balance(struct decision *d, int account, int64_t was, int64_t more)
{
    int which;
    int64_t limit = level_of(d, d->model->accounts[account].member, &which)[BALANCE];
    if (limit != 0 && more > 0)
        naive_need_at(d, was + more <= limit, OUTCOME_OVER_BALANCE_LIMIT, limit - was);
}

/* Below 0: nothing comes in, or goes out. */
static void need_allowed(struct decision *d, int member, int64_t in, int64_t out, int64_t needs)
{
    const struct naive_model *model = d->model;
    int which;
    const int64_t *level = level_of(d, member, &which);
    int64_t used[4] = {0};
    bool is_counted = false;
    for (int i = DATE_IN; i <= YEAR_OUT; i++)
        is_counted |= level[i] != 0;
    if (is_counted)
        use_of_person(model, member, used);
    naive_need_at(d, (level[MAY] & needs) == needs, OUTCOME_ACCOUNT_POLICY_FORBIDS, which);
    const struct {
        enum outcome outcome;
        int64_t limit, used, amount;
    } limits[] = {
        {OUTCOME_OVER_OPERATION_LIMIT, level[OP_IN], 0, in},
        {OUTCOME_OVER_OPERATION_LIMIT, level[OP_OUT], 0, out},
        {OUTCOME_OVER_DATE_LIMIT, level[DATE_IN], used[0], in},
        {OUTCOME_OVER_DATE_LIMIT, level[DATE_OUT], used[1], out},
        {OUTCOME_OVER_YEAR_LIMIT, level[YEAR_IN], used[2], in},
        {OUTCOME_OVER_YEAR_LIMIT, level[YEAR_OUT], used[3], out},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].limit != 0 && limits[i].amount > 0)
            naive_need_at(d, limits[i].used + limits[i].amount <= limits[i].limit,
                limits[i].outcome, limits[i].limit - limits[i].used);
    }
}

bool naive_policy_takes(const struct decision *d, int account, int64_t amount)
{
    if (!is_policed(d->model, d->ledger))
        return true;
    int member = d->model->accounts[account].member;
    struct decision asked = {
        .model = d->model, .command = d->command, .ledger = d->ledger, .now_us = d->now_us};
    need_allowed(&asked, member, amount, 0, MAY_RECEIVE);
    need_balance(&asked, account, held_on(d->model, account), amount);
    return asked.worst == 0;
}

bool naive_policy_lets_go(const struct decision *d, int account, int64_t amount)
{
    struct decision asked = {
        .model = d->model, .command = d->command, .ledger = d->ledger, .now_us = d->now_us};
    if (is_policed(d->model, d->ledger) && d->model->accounts[account].kind == ACCOUNT_MEMBER)
        need_allowed(&asked, d->model->accounts[account].member, 0, amount, MAY_WITHDRAW);
    return asked.worst == 0;
}

bool naive_takes_back(const struct decision *d, int account, int64_t amount)
{
    struct decision asked = {
        .model = d->model, .command = d->command, .ledger = d->ledger, .now_us = d->now_us};
    if (is_policed(d->model, d->ledger) && d->model->accounts[account].kind == ACCOUNT_MEMBER)
        need_balance(&asked, account, held_on(d->model, account), amount);
    return asked.worst == 0;
}

/* What the command did, which is not remembered yet. */
static struct flow flow_now(const struct decision *d, int member)
{
    struct naive_past now = d->past;
    now.kind = (int)d->command->kind;
    now.source = naive_source_of(d);
    now.move_count = d->model->move_count - now.first_move;
    struct flow sum = {0, 0};
    int of = now.source < d->sequence ? d->model->past[now.source].kind : 0;
    for (int i = 0; i < now.move_count; i++) {
        struct flow flow =
            flow_of(d->model, now.kind, of, &d->model->moves[now.first_move + i], member);
        sum.in += flow.in;
        sum.out += flow.out;
    }
    return sum;
}

static struct flow flow_of_person(const struct decision *d, int member)
{
    struct flow sum = {0, 0};
    for (int other = 1; other <= d->model->member_count; other++) {
        struct flow flow =
            is_one_person(d->model, member, other) ? flow_now(d, other) : (struct flow){0, 0};
        sum.in += flow.in;
        sum.out += flow.out;
    }
    return sum;
}

void naive_need_policy(struct decision *d)
{
    if (!naive_may_be_forbidden(d->model, d->command))
        return;
    for (int member = 1; member <= d->model->member_count; member++) {
        if (d->model->members[member].ledger != d->ledger)
            continue;
        struct flow flow = flow_now(d, member);
        int64_t needs = flow.in > 0 ? MAY_RECEIVE : 0;
        if (flow.out > 0)
            needs |= d->command->kind == COMMAND_WITHDRAW ? MAY_WITHDRAW : MAY_PAY;
        if (d->command->kind == COMMAND_PLACE_HOLD &&
            d->model->accounts[d->command->place_hold.payer_account_id].member == member)
            needs |= MAY_PAY;
        if (needs == 0)
            continue;
        struct flow sum = flow_of_person(d, member);
        need_allowed(d, member, flow.in > 0 ? sum.in : 0, flow.out > 0 ? sum.out : 0, needs);
    }
    for (int id = 1; id <= d->model->account_count; id++) {
        int64_t came = 0;
        for (int i = d->past.first_move; i < d->model->move_count; i++) {
            const struct naive_move *move = &d->model->moves[i];
            if (move->to == id && move->from != id && move->to_bucket != BUCKET_PENDING_IN)
                came += move->amount;
        }
        if (d->model->accounts[id].kind == ACCOUNT_MEMBER)
            need_balance(d, id, held_on(d->model, id) - came, came);
    }
}

/* Behind what is remembered: what the members used by now. */
void naive_note_usage(struct decision *d)
{
    struct naive_model *model = d->model;
    if (!is_policed(model, d->ledger))
        return;
    int64_t source = naive_source_of(d);
    int32_t date = naive_date_of(model, d->ledger);
    for (int id = 1; id <= model->member_count; id++) {
        struct naive_member *member = &model->members[id];
        int64_t since = model->ledgers[d->ledger].counted_since[member->kind - 1];
        if (member->ledger != d->ledger || since == 0 || source <= since ||
            year_of(model->past[source].date) != year_of(date))
            continue;
        struct flow flow = flow_of_past(model, &model->past[d->sequence], id);
        if (flow.in == 0 && flow.out == 0)
            continue;
        if (member->usage == 0)
            member->usage = ++model->usage_count;
        member->usage_changed = d->sequence;
        member->usage_date = date;
        use(model, id, member->used);
    }
}

/* ---- setting it ---- */

static bool counts(const struct naive_ledger *ledger, int kind)
{
    bool is_any = false;
    for (int level = 0; ledger->has_levels && level < 3; level++) {
        for (int i = DATE_IN; i <= YEAR_OUT; i++)
            is_any |= ledger->levels[kind][level][i] != 0;
    }
    return is_any;
}

static void take_asked(
    int64_t levels[3][8], const struct account_level_asked *asked, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct account_level_asked *level = &asked[i];
        const int64_t numbers[8] = {
            level->may_receive + 2 * level->may_pay + 4 * level->may_withdraw,
            level->operation_in_minor, level->operation_out_minor, level->date_in_minor,
            level->date_out_minor, level->year_in_minor, level->year_out_minor,
            level->balance_minor};
        memcpy(levels[level->level], numbers, sizeof numbers);
    }
}

/* As the guide says: what each may, and the limits of users. */
static void take_preset(struct naive_ledger *ledger, int preset)
{
    static const int64_t limits[][8] = {
        [ACCOUNT_POLICY_STRICT] = {0},
        [ACCOUNT_POLICY_CLASS_II] = {0, 0, 0, 1000000, 1000000, 20000000, 20000000, 0},
        [ACCOUNT_POLICY_CLASS_III] = {0, 0, 0, 200000, 200000, 5000000, 5000000, 200000},
        [ACCOUNT_POLICY_PREPAID] = {0, 0, 0, 0, 0, 0, 0, 500000},
    };
    static const int64_t may[3] = {0, 3, 7};
    for (int level = 0; level < 3; level++) {
        memcpy(ledger->levels[MEMBER_USER - 1][level], limits[preset], sizeof limits[preset]);
        ledger->levels[MEMBER_USER - 1][level][MAY] = may[level];
        ledger->levels[MEMBER_MERCHANT - 1][level][MAY] = may[level];
    }
    if (preset == ACCOUNT_POLICY_PREPAID) {
        ledger->levels[MEMBER_USER - 1][0][MAY] = 3;
        ledger->levels[MEMBER_USER - 1][0][BALANCE] = 100000;
    }
}

static void set_policy(struct decision *d, const struct set_account_policy *wish)
{
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    if (ledger->account_policy == 0)
        ledger->account_policy = ++d->model->account_policy_count;
    memset(ledger->levels, 0, sizeof ledger->levels);
    ledger->preset = wish->preset;
    ledger->has_levels = wish->preset != ACCOUNT_POLICY_UNCHECKED;
    if (wish->preset == ACCOUNT_POLICY_CUSTOM) {
        take_asked(ledger->levels[MEMBER_MERCHANT - 1], wish->merchants, wish->merchant_count);
        take_asked(ledger->levels[MEMBER_USER - 1], wish->users, wish->user_count);
    } else if (ledger->has_levels) {
        take_preset(ledger, wish->preset);
    }
    for (int kind = 0; kind < 2; kind++) {
        if (!counts(ledger, kind))
            ledger->counted_since[kind] = ledger->began_date[kind] = ledger->began_year[kind] = 0;
        else if (ledger->counted_since[kind] == 0)
            ledger->counted_since[kind] = ledger->began_date[kind] = ledger->began_year[kind] =
                d->sequence;
    }
    ledger->account_policy_changed = d->sequence;
}

int64_t naive_set_account_policy(struct decision *d)
{
    if (d->worst != 0)
        return 0;
    set_policy(d, &d->command->set_account_policy);
    return d->ledger;
}

void naive_open_account_policy(struct decision *d)
{
    struct set_account_policy wish = {.preset = d->command->open_ledger.policy};
    if (wish.preset == 0)
        wish.preset = ACCOUNT_POLICY_STRICT;
    if (wish.preset != ACCOUNT_POLICY_UNCHECKED)
        set_policy(d, &wish);
}

void naive_begin_date(struct decision *d, int32_t from, int32_t to)
{
    struct naive_ledger *ledger = &d->model->ledgers[d->ledger];
    for (int kind = 0; kind < 2; kind++) {
        if (ledger->counted_since[kind] == 0)
            continue;
        ledger->began_date[kind] = d->sequence;
        if (year_of(from) != year_of(to))
            ledger->began_year[kind] = d->sequence;
        ledger->account_policy_changed = d->sequence;
    }
}
