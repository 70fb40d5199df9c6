/* account_policy.c: what members may do with their accounts, and how much (账户分级与限额).
 *
 * A ledger's policy says for each kind of member and level whether it may receive, pay and
 * withdraw, and how much may come in and go out with one command, on an accounting date and in a
 * calendar year, and how much may be there. It is asked when a command has booked everything, so
 * that no way in which money moves can be forgotten: the command's own postings say what moved
 * between what a member holds (available, frozen, pending out) and anybody else. The command is
 * then undone if it must not be, see engine_execute.
 *
 * What moved is counted a member (usage.c), if the policy has limits by date or year for its kind;
 * limits hold for all memberships of a person together. What is given back lowers the count of the
 * date and the year in which it was counted.
 *
 * A ledger without a policy, or with an unchecked one, pays one comparison.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/account_policy.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/memory/undo.h"
#include "engine/rules/account_levels.h"
#include "engine/rules/commands.h"
#include "engine/rules/deductions.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "engine/rules/usage.h"
#include "model/date.h"
#include "model/identity.h"

/* ---- the policy ---- */

/* What gives back something that was not counted is not either. */
static enum member_use use_of(const struct command *command)
{
    enum member_use use = use_of_kind(command->kind);
    if (use != GIVES_BACK)
        return use;
    CHECK(command->original != NULL);
    switch (use_of_kind(command->original->command->kind)) {
    case RECEIVES:
        return GIVES_BACK;
    case PAYS:
    case COUNTED:
        return PAYS_BACK;
    default:
        return NOT_ASKED;
    }
}

static bool may_refuse(enum member_use use)
{
    return use == RECEIVES || use == PAYS || use == HOLDS || use == WITHDRAWS;
}

static enum identity_level level_at(
    const struct engine *engine, int64_t now_us, const struct member *member)
{
    const struct identity *identity = engine_find_identity(engine, member->id);
    return identity ? identity_level_at(identity, now_us) : LEVEL_OPENED;
}

static const struct account_level *rules_at(
    const struct account_policy *policy, const struct member *member, enum identity_level level)
{
    CHECK(policy->level_count == ACCOUNT_LEVELS_MAX);
    return &policy->levels[ACCOUNT_LEVEL_INDEX(member->kind, level - LEVEL_OPENED)];
}

static const struct account_level *rules_of(
    const struct engine *engine, const struct account_policy *policy, const struct member *member)
{
    return rules_at(policy, member, level_at(engine, engine->now_us, member));
}

/* Whether some level of the kind has a limit that needs counts. */
static bool needs_counts(const struct account_policy *policy, int kind)
{
    for (int level = 0; policy->level_count > 0 && level < MEMBER_LEVELS; level++) {
        const struct account_level *rules = &policy->levels[ACCOUNT_LEVEL_INDEX(kind, level)];
        if (rules->date_in_minor != 0 || rules->date_out_minor != 0 || rules->year_in_minor != 0 ||
            rules->year_out_minor != 0)
            return true;
    }
    return false;
}

/* ---- what a policy says of it ---- */

/* The refusal that comes first, of several the one with the least left. */
struct verdict {
    enum outcome outcome; /* OUTCOME_ACCEPTED: nothing is against it */
    int64_t left_minor;
    int64_t limit_minor;
};

static void consider(
    struct verdict *verdict, enum outcome outcome, int64_t left_minor, int64_t limit_minor)
{
    bool is_first = verdict->outcome != outcome && earlier(verdict->outcome, outcome) == outcome;
    if (is_first || (verdict->outcome == outcome && left_minor < verdict->left_minor))
        *verdict = (struct verdict){outcome, left_minor, limit_minor};
}

static void consider_limit(struct verdict *verdict, enum outcome outcome, int64_t limit_minor,
    int64_t used_minor, int64_t amount_minor)
{
    if (limit_minor != 0 && amount_minor > limit_minor - used_minor)
        consider(verdict, outcome, limit_minor - used_minor, limit_minor);
}

static int64_t held_minor_of(const struct account *account)
{
    const int64_t *balance_minor = account->balance_minor;
    return balance_minor[BUCKET_AVAILABLE] + balance_minor[BUCKET_FROZEN] +
           balance_minor[BUCKET_PENDING_OUT];
}

/* What the command moves for all memberships of the person. */
static struct moved moved_of_person(
    const struct engine *engine, const struct moves *moves, const struct moved *moved)
{
    struct moved sum = {.member = moved->member};
    for (uint32_t i = 0; i < moves->count; i++) {
        if (are_one_person(engine, moves->moved[i].member, moved->member)) {
            sum.in_minor += moves->moved[i].in_minor;
            sum.out_minor += moves->moved[i].out_minor;
        }
    }
    return sum;
}

/* What the person of that place has used. Its memberships may be many, so those that the command
 * moves are asked together, by the first one. */
static struct usage used_at(struct engine *engine, const struct ledger *ledger,
    const struct account_policy *policy, struct moves *moves, uint32_t place)
{
    const struct member *member = moves->moved[place].member;
    uint32_t first = 0;
    while (!are_one_person(engine, moves->moved[first].member, member))
        first++;
    if (first == place)
        moves->used[place] = usage_of_person(engine, policy, member, ledger->accounting_dates[0]);
    return moves->used[first];
}

static void judge_in(const struct account_level *rules, const struct usage *used,
    int64_t amount_minor, struct verdict *verdict)
{
    consider_limit(
        verdict, OUTCOME_OVER_OPERATION_LIMIT, rules->operation_in_minor, 0, amount_minor);
    consider_limit(
        verdict, OUTCOME_OVER_DATE_LIMIT, rules->date_in_minor, used->date_in_minor, amount_minor);
    consider_limit(
        verdict, OUTCOME_OVER_YEAR_LIMIT, rules->year_in_minor, used->year_in_minor, amount_minor);
}

static void judge_out(const struct account_level *rules, const struct usage *used,
    int64_t amount_minor, struct verdict *verdict)
{
    consider_limit(
        verdict, OUTCOME_OVER_OPERATION_LIMIT, rules->operation_out_minor, 0, amount_minor);
    consider_limit(verdict, OUTCOME_OVER_DATE_LIMIT, rules->date_out_minor, used->date_out_minor,
        amount_minor);
    consider_limit(verdict, OUTCOME_OVER_YEAR_LIMIT, rules->year_out_minor, used->year_out_minor,
        amount_minor);
}

/* What the member may is asked of its own level; how much, of all that its person does. */
static void judge(struct engine *engine, const struct ledger *ledger,
    const struct account_policy *policy, enum member_use use, struct moves *moves, uint32_t place,
    struct verdict *verdict)
{
    const struct moved *moved = &moves->moved[place];
    const struct member *member = moved->member;
    const struct account_level *rules = rules_of(engine, policy, member);
    struct usage used = used_at(engine, ledger, policy, moves, place);
    struct moved sum = moved_of_person(engine, moves, moved);
    bool gives = moved->out_minor > 0 || use == HOLDS;
    int64_t needs = moved->in_minor > 0 ? MAY_RECEIVE : 0;
    if (gives)
        needs |= use == WITHDRAWS ? MAY_WITHDRAW : MAY_PAY;
    if (needs & ~rules->may)
        consider(verdict, OUTCOME_ACCOUNT_POLICY_FORBIDS,
            (int64_t)level_at(engine, engine->now_us, member) - LEVEL_OPENED, 0);
    if (moved->in_minor > 0)
        judge_in(rules, &used, sum.in_minor, verdict);
    if (moved->out_minor > 0)
        judge_out(rules, &used, sum.out_minor, verdict);
}

/* What each account has by now, if the postings brought something from another one. */
static void judge_balances(const struct engine *engine, const struct account_policy *policy,
    const struct posting *postings, uint32_t posting_count, struct verdict *verdict)
{
    for (uint32_t i = 0; i < posting_count; i++) {
        const struct account *account = &engine->accounts[postings[i].credit_account_id];
        int64_t limit_minor =
            is_held(account, postings[i].credit_bucket)
                ? rules_of(engine, policy, &engine->members[account->member_id])->balance_minor
                : 0;
        int64_t came_minor = 0;
        for (uint32_t j = 0; limit_minor != 0 && j < posting_count; j++) {
            const struct posting *posting = &postings[j];
            if (posting->credit_account_id == account->id &&
                posting->debit_account_id != account->id &&
                is_held(account, posting->credit_bucket))
                came_minor += posting->amount_minor;
        }
        if (came_minor > 0)
            consider_limit(verdict, OUTCOME_OVER_BALANCE_LIMIT, limit_minor,
                held_minor_of(account) - came_minor, came_minor);
    }
}

/* ---- counting ---- */

static const struct payout *payout_of(const struct engine *engine, const struct command *command)
{
    const struct payout *payout = engine_find_payout(
        engine, command->kind == COMMAND_CONFIRM_PAYOUT ? command->confirm_payout.payout_id
                                                        : command->intercept_payout.payout_id);
    CHECK(payout != NULL);
    return payout;
}

/* What a claim deducted was not counted, and is not given back. */
static bool is_of_deduction(
    const struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    return claim_of_payout(engine, ledger, command, payout_of(engine, command)) != 0;
}

/* The command whose count a command changes: itself, or what it gives back. */
static int64_t counted_sequence(
    const struct engine *engine, const struct command *command, enum member_use use)
{
    if (use == GIVES_BACK || use == PAYS_BACK)
        return command->original->sequence;
    return use == OF_PAYOUT ? payout_of(engine, command)->requested_sequence : engine->sequence;
}

/* ---- what the engine asks ---- */

bool may_be_forbidden(const struct engine *engine, const struct command *command)
{
    if (!command_has_ledger((int)command->kind) || !may_refuse(use_of_kind(command->kind)))
        return false;
    return engine_find_ledger(engine, command->ledger_id) != NULL &&
           checked_policy(engine, command->ledger_id) != NULL;
}

void fetch_for_policy(const struct engine *engine, const struct command *command)
{
    const struct pay *pay = &command->pay;
    if (command->kind != COMMAND_PAY)
        return;
    const struct account *account = engine_find_account(engine, pay->payer_account_id);
    if (account)
        __builtin_prefetch(&engine->members[account->member_id].kind);
    for (uint32_t i = 0; i < pay->payee_count; i++) {
        account = engine_find_account(engine, pay->payees[i].account_id);
        if (account)
            __builtin_prefetch(&engine->members[account->member_id].kind);
    }
}

enum outcome check_account_policy(struct engine *engine, const struct ledger *ledger,
    const struct command *command, uint32_t posting_count)
{
    const struct account_policy *policy = checked_policy(engine, ledger->id);
    enum member_use use = policy ? use_of(command) : NOT_ASKED;
    if (use == NOT_ASKED || posting_count == 0 ||
        (use == OF_PAYOUT && is_of_deduction(engine, ledger, command)))
        return OUTCOME_ACCEPTED;
    int64_t sequence = counted_sequence(engine, command, use);
    struct verdict verdict = {.outcome = OUTCOME_ACCEPTED};
    struct moves *moves = engine->moves;
    add_up_moves(engine, use, engine->effects->postings, posting_count, moves);
    for (uint32_t i = 0; may_refuse(use) && i < moves->count; i++)
        judge(engine, ledger, policy, use, moves, i, &verdict);
    if (may_refuse(use))
        judge_balances(engine, policy, engine->effects->postings, posting_count, &verdict);
    if (verdict.outcome != OUTCOME_ACCEPTED) {
        engine->effects->policy_limit_minor = verdict.limit_minor;
        return refuse_at(engine, verdict.outcome, verdict.left_minor);
    }
    for (uint32_t i = 0; i < moves->count; i++)
        count_moved(engine, ledger, policy, use, &moves->moved[i], sequence);
    return OUTCOME_ACCEPTED;
}

bool policy_takes_receipt(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t amount_minor)
{
    const struct account_policy *policy = checked_policy(engine, ledger->id);
    if (!policy)
        return true;
    CHECK(account->kind == ACCOUNT_MEMBER && account->ledger_id == ledger->id);
    const struct member *member = &engine->members[account->member_id];
    const struct account_level *rules = rules_of(engine, policy, member);
    struct usage used = usage_of_person(engine, policy, member, ledger->accounting_dates[0]);
    struct verdict verdict = {.outcome = OUTCOME_ACCEPTED};
    judge_in(rules, &used, amount_minor, &verdict);
    consider_limit(&verdict, OUTCOME_OVER_BALANCE_LIMIT, rules->balance_minor,
        held_minor_of(account), amount_minor);
    return (rules->may & MAY_RECEIVE) && verdict.outcome == OUTCOME_ACCEPTED;
}

bool policy_takes_back(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t amount_minor)
{
    const struct account_policy *policy = checked_policy(engine, ledger->id);
    if (!policy || account->kind != ACCOUNT_MEMBER)
        return true;
    const struct account_level *rules =
        rules_of(engine, policy, &engine->members[account->member_id]);
    return rules->balance_minor == 0 ||
           amount_minor <= rules->balance_minor - held_minor_of(account);
}

static int64_t least_left(int64_t left_minor, int64_t limit_minor, int64_t used_minor)
{
    return limit_minor != 0 && limit_minor - used_minor < left_minor ? limit_minor - used_minor
                                                                     : left_minor;
}

int64_t policy_withdrawable_minor(const struct engine *engine, int64_t now_us,
    const struct ledger *ledger, const struct account *account)
{
    const struct account_policy *policy = checked_policy(engine, ledger->id);
    if (!policy || account->kind != ACCOUNT_MEMBER)
        return INT64_MAX;
    const struct member *member = &engine->members[account->member_id];
    const struct account_level *rules = rules_at(policy, member, level_at(engine, now_us, member));
    struct usage used = usage_of_person(engine, policy, member, ledger->accounting_dates[0]);
    int64_t left_minor = (rules->may & MAY_WITHDRAW) ? INT64_MAX : 0;
    left_minor = least_left(left_minor, rules->operation_out_minor, 0);
    left_minor = least_left(left_minor, rules->date_out_minor, used.date_out_minor);
    left_minor = least_left(left_minor, rules->year_out_minor, used.year_out_minor);
    return left_minor > 0 ? left_minor : 0;
}

void begin_policy_date(struct engine *engine, int64_t ledger_id, int32_t from, int32_t to)
{
    const struct account_policy *policy = checked_policy(engine, ledger_id);
    if (!policy || (policy->merchant_date_began == 0 && policy->user_date_began == 0))
        return;
    struct account_policy *changed = change_record(engine, RECORD_ACCOUNT_POLICY, policy->id);
    for (int kind = MEMBER_MERCHANT; kind <= MEMBER_USER; kind++) {
        struct began began = began_of(changed, kind);
        if (began.date_sequence == 0)
            continue;
        began.date_sequence = engine->sequence;
        if (date_to_yyyymmdd(to) / 10000 != date_to_yyyymmdd(from) / 10000)
            began.year_sequence = engine->sequence;
        set_began(changed, kind, began);
    }
    record_image(engine, RECORD_ACCOUNT_POLICY, changed->id);
}

/* ---- setting one ---- */

static void set_policy(
    struct engine *engine, int64_t ledger_id, const struct set_account_policy *asked)
{
    int64_t *its_id = &engine->account_policies[ledger_id];
    struct account_policy *policy;
    if (*its_id == 0) {
        CHECK(has_room(engine, RECORD_ACCOUNT_POLICY, 1)); /* one a ledger */
        policy = add_record(engine, RECORD_ACCOUNT_POLICY);
        policy->ledger_id = ledger_id;
        keep_for_undo(engine, its_id, sizeof *its_id);
        *its_id = policy->id;
    } else {
        policy = change_record(engine, RECORD_ACCOUNT_POLICY, *its_id);
    }
    set_account_levels(policy, asked);
    /* What was counted stays counted, as long as somebody counts. */
    for (int kind = MEMBER_MERCHANT; kind <= MEMBER_USER; kind++) {
        bool is_counted = began_of(policy, kind).date_sequence != 0;
        if (!needs_counts(policy, kind))
            set_began(policy, kind, (struct began){0, 0});
        else if (!is_counted)
            set_began(policy, kind, (struct began){engine->sequence, engine->sequence});
    }
    record_image(engine, RECORD_ACCOUNT_POLICY, policy->id);
}

void open_account_policy(struct engine *engine, int64_t ledger_id, int32_t asked)
{
    /* Without a record it is unchecked, as all ledgers of before were. */
    if (asked != ACCOUNT_POLICY_UNCHECKED)
        set_policy(engine, ledger_id,
            &(struct set_account_policy){.preset = asked ? asked : ACCOUNT_POLICY_STRICT});
}

enum outcome execute_set_account_policy(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    set_policy(engine, ledger->id, &command->set_account_policy);
    engine->effects->subject_id = ledger->id;
    return OUTCOME_ACCEPTED;
}

/* ---- reading ---- */

const struct account_policy *engine_find_account_policy(
    const struct engine *engine, int64_t ledger_id)
{
    CHECK(engine_find_ledger(engine, ledger_id) != NULL);
    int64_t id = engine->account_policies[ledger_id];
    return id != 0 ? record_at(engine, RECORD_ACCOUNT_POLICY, id) : NULL;
}

bool engine_member_allowance(const struct engine *engine, int64_t now_us, int64_t member_id,
    enum identity_level *ret_level, struct account_level *ret_rules, struct usage *ret_used)
{
    const struct member *member = engine_find_member(engine, member_id);
    CHECK(member != NULL);
    const struct account_policy *policy = checked_policy(engine, member->ledger_id);
    *ret_level = level_at(engine, now_us, member);
    if (!policy)
        return false;
    *ret_rules = *rules_at(policy, member, *ret_level);
    *ret_used = usage_of_person(
        engine, policy, member, engine->ledgers[member->ledger_id].accounting_dates[0]);
    return true;
}

void index_account_policy(struct engine *engine, int64_t policy_id)
{
    const struct account_policy *policy = record_at(engine, RECORD_ACCOUNT_POLICY, policy_id);
    engine->account_policies[policy->ledger_id] = policy_id;
}
