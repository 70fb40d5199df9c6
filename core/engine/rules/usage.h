/* usage.h: what came in for members and went out on the present accounting date and in its year, as
 * far as the account policy of their ledger has limits for it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_USAGE_H
#define VSL_ENGINE_RULES_USAGE_H

#include "engine/memory/memory.h"

/* What a kind of command does to the members whose money it moves. */
enum member_use {
    NOT_ASKED = 0, /* moves nothing between members, or by the bank's or a court's word */
    RECEIVES,      /* in; may be refused */
    PAYS,          /* out of one, in for others; may be refused */
    HOLDS,         /* as if it paid, but nothing is counted before it does */
    WITHDRAWS,     /* out, when it is asked for; may be refused */
    GIVES_BACK,    /* lowers what the earlier receipt or allocation counted */
    PAYS_BACK,     /* likewise of what went from member to member */
    OF_PAYOUT,     /* likewise of a payout, by what is available then */
    COUNTED,       /* in and out, never refused: two persons want it, or it was promised */
};

enum member_use use_of_kind(enum command_kind kind);

/* The policy of the ledger; NULL: it is unchecked. */
static inline const struct account_policy *checked_policy(
    const struct engine *engine, int64_t ledger_id)
{
    int64_t id = engine->account_policies[ledger_id];
    if (id == 0)
        return NULL;
    const struct account_policy *policy =
        (const struct account_policy *)engine->records[RECORD_ACCOUNT_POLICY] + id;
    return policy->level_count > 0 ? policy : NULL;
}

/* Commands after which those on members of a kind are counted; 0: they are not. */
struct began {
    int64_t date_sequence;
    int64_t year_sequence;
};

struct began began_of(const struct account_policy *policy, int member_kind);
void set_began(struct account_policy *policy, int member_kind, struct began began);

/* ---- who is one person ---- */

/* Runs through the members of a ledger that are the same person as `member` by their identities,
 * itself among them; each once. `*cursor` is 0 at first; NULL: no more. */
const struct member *next_of_person(
    const struct engine *engine, const struct member *member, int64_t *cursor);

/* Whether both are the same person, or the same member. */
bool are_one_person(
    const struct engine *engine, const struct member *one, const struct member *other);

/* What the person did by now: nothing of an earlier date or year, or of before counting began. */
struct usage usage_of_person(const struct engine *engine, const struct account_policy *policy,
    const struct member *member, int32_t date);

/* ---- what a command moves ---- */

/* Into and out of what a member holds (available, frozen, pending out), from and to others. */
struct moved {
    const struct member *member;
    int64_t in_minor; /* below 0: given back */
    int64_t out_minor;
};

/* Whether the bucket is what a member holds. */
static inline bool is_held(const struct account *account, int bucket)
{
    return account->kind == ACCOUNT_MEMBER && bucket != BUCKET_PENDING_IN;
}

/* In the order of the postings, each member once. Too large for the stack, each page of which is
 * touched: the engine keeps one. */
struct moves {
    struct moved moved[2 * POSTINGS_PER_COMMAND_MAX];
    uint32_t count;
    struct usage used[2 * POSTINGS_PER_COMMAND_MAX]; /* of the person of that place, if asked */
};

void add_up_moves(const struct engine *engine, enum member_use use, const struct posting *postings,
    uint32_t posting_count, struct moves *ret_moves);

/* Counts it. `sequence`: of the command that moved it first. */
void count_moved(struct engine *engine, const struct ledger *ledger,
    const struct account_policy *policy, enum member_use use, const struct moved *moved,
    int64_t sequence);

/* ---- rows of record_rules.c ---- */

void index_usage(struct engine *engine, int64_t usage_id);
bool usage_is_redone(const struct engine *engine, const struct command_record *command);
MUST_USE int redo_usage(struct engine *engine, const struct redone *command,
    const struct posting *postings, uint32_t posting_count);

#endif
