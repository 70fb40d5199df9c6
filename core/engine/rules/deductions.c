/* deductions.c: see deductions.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/deductions.h"

#include "engine/memory/changes.h"
#include "engine/memory/records.h"
#include "engine/rules/book.h"
#include "engine/rules/claims.h"
#include "engine/rules/commands.h"
#include "engine/rules/feedback.h"
#include "engine/rules/payouts.h"
#include "engine/rules/refunds.h"
#include "engine/rules/refusals.h"
#include "model/claim_rule.h"
#include "model/money.h"
#include "model/payout.h"

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* ---- deducting ---- */

bool has_room_for_deduction(const struct engine *engine)
{
    return has_room(engine, RECORD_PAYOUT, CLAIM_MEMBER_ACCOUNTS_MAX);
}

int64_t most_deducted_minor(const struct claim *claim)
{
    return least(claim->cover_minor, AMOUNT_MINOR_MAX);
}

/* account.frozen -> account.pending_out */
static void deduct_from(struct engine *engine, const struct account *account, int64_t amount_minor)
{
    struct cover *cover = change_cover(engine, account);
    cover->cover_minor -= amount_minor;
    cover->deducting_minor += amount_minor;
    cover->deductions++;
    CHECK(cover->cover_minor >= 0);
    record_image(engine, RECORD_COVER, cover->id);
    book(engine, amount_minor, account, BUCKET_FROZEN, account, BUCKET_PENDING_OUT);
    struct payout *payout = add_payout(engine, account, amount_minor);
    if (engine->effects->claim_payout_id == 0)
        engine->effects->claim_payout_id = payout->id;
}

void deduct(struct engine *engine, struct claim *claim, int64_t amount_minor)
{
    struct cover_part parts[CLAIM_MEMBER_ACCOUNTS_MAX];
    uint32_t count = cover_parts(engine, claim->id, parts);
    int64_t rest_minor = amount_minor;
    CHECK(amount_minor > 0 && amount_minor <= claim->cover_minor);
    for (uint32_t i = 0; i < count && rest_minor > 0; i++) {
        int64_t part_minor = least(rest_minor, parts[i].amount_minor);
        deduct_from(engine, parts[i].account, part_minor);
        rest_minor -= part_minor;
    }
    CHECK(rest_minor == 0);
    if (!claim->is_whole)
        claim->limit_minor -= amount_minor;
    claim->deducted_minor += amount_minor;
    claim->deducting_minor += amount_minor;
    put_claim_due(engine, claim);
    record_image(engine, RECORD_CLAIM, claim->id);
    cover_claims(engine, claim->member_id, 0);
}

enum outcome execute_deduct_claim(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct deduct_claim *asked = &command->deduct_claim;
    const struct claim *claim = NULL;
    enum outcome outcome =
        find_claim_of(engine, ledger, asked->claim_id, asked->paper.authority_code, &claim);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    const struct claim_rule *rule = rule_of_claim(claim);
    if (!asked->is_to_victim && !rule->may_deduct)
        return OUTCOME_CLAIM_MAY_NOT_DEDUCT;
    if (asked->is_to_victim && !rule->may_return)
        return OUTCOME_CLAIM_MAY_NOT_RETURN;
    if (check_request(engine) != OUTCOME_ACCEPTED)
        return check_request(engine);
    if (!has_room_for_deduction(engine))
        return OUTCOME_TOO_MANY_PAYOUTS;
    int64_t amount_minor =
        asked->amount_minor != 0 ? asked->amount_minor : most_deducted_minor(claim);
    if (amount_minor == 0 || amount_minor > claim->cover_minor)
        return refuse_at(engine, OUTCOME_CLAIM_COVERS_LESS, claim->cover_minor);

    struct claim *changed = change_record(engine, RECORD_CLAIM, claim->id);
    changed->told_sequence = engine->sequence;
    note_request(engine, changed, asked->answer_by_us);
    deduct(engine, changed, amount_minor);
    engine->effects->subject_id = engine->effects->claim_payout_id;
    return OUTCOME_ACCEPTED;
}

/* ---- what became of it ---- */

int64_t deducting_minor(const struct engine *engine, int64_t account_id)
{
    const struct cover *cover = find_cover(engine, account_id);
    return cover ? cover->deducting_minor : 0;
}

int64_t claim_of_payout(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *payout)
{
    if (!has_deductions(engine, payout->account_id))
        return 0;
    const struct original *original = find_original(ledger, command);
    CHECK(original != NULL && original->sequence == payout->requested_sequence);
    if (original->command->kind == COMMAND_DEDUCT_CLAIM)
        return original->command->deduct_claim.claim_id;
    return original->command->kind == COMMAND_PLACE_CLAIM ? original->subject_id : 0;
}

/* Who ordered what the payout is of. */
static struct text organ_of(const struct ledger *ledger, const struct command *command)
{
    const struct command *ordered = find_original(ledger, command)->command;
    return ordered->kind == COMMAND_DEDUCT_CLAIM ? ordered->deduct_claim.paper.authority_code
                                                 : ordered->place_claim.paper.authority_code;
}

/* What of it has left, or is about to. */
static int64_t out_of(const struct payout *payout)
{
    CHECK(payout->status != PAYOUT_CANCELLED);
    return payout->status != PAYOUT_FAILED ? payout->amount_minor - payout->returned_minor : 0;
}

/* So much came back; below 0: left after all. Then what it covered gave it, as far as it did. */
static void raise_limit(struct engine *engine, struct claim *claim, int64_t back_minor)
{
    claim->deducted_minor -= back_minor;
    if (claim->is_whole || (claim->status == CLAIM_DEDUCTED && back_minor <= 0))
        return;
    if (claim->status == CLAIM_LIVE) {
        claim->limit_minor += back_minor > -claim->limit_minor ? back_minor : -claim->limit_minor;
    } else if (can_claim_again(engine, claim)) {
        claim->status = CLAIM_LIVE;
        claim->limit_minor = back_minor;
        link_claim(engine, claim->id);
    }
}

void note_deduction(struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *before, const struct payout *after)
{
    int64_t claim_id = claim_of_payout(engine, ledger, command, before);
    if (claim_id == 0)
        return;
    const struct account *account = &engine->accounts[before->account_id];
    int64_t ended_minor =
        payout_is_open(before) && !payout_is_open(after) ? before->amount_minor : 0;
    int64_t back_minor = out_of(before) - out_of(after);
    if (ended_minor != 0) {
        struct cover *cover = change_cover(engine, account);
        cover->deducting_minor -= ended_minor;
        CHECK(cover->deducting_minor >= 0);
        record_image(engine, RECORD_COVER, cover->id);
    }
    /* One that is over stays as it is, and may have left memory. */
    const struct claim *found = engine_find_record(engine, RECORD_CLAIM, claim_id);
    bool is_over = !found || found->status == CLAIM_RELEASED || found->status == CLAIM_EXPIRED;
    if (is_over && back_minor > 0)
        note_unclaimed(engine, ledger, claim_id, organ_of(ledger, command));
    if (is_over || (ended_minor == 0 && back_minor == 0))
        return;
    struct claim *claim = change_record(engine, RECORD_CLAIM, claim_id);
    claim->deducting_minor -= ended_minor;
    CHECK(claim->deducting_minor >= 0);
    raise_limit(engine, claim, back_minor);
    record_image(engine, RECORD_CLAIM, claim_id);
    if (claim->status != CLAIM_LIVE && back_minor > 0)
        note_unclaimed(engine, ledger, claim_id, organ_of(ledger, command));
    if (claim->status != CLAIM_LIVE)
        return;
    if (claim->limit_minor == 0 && claim->deducting_minor == 0)
        leave_queue(engine, claim, CLAIM_DEDUCTED);
    put_claim_due(engine, claim);
    cover_claims(engine, claim->member_id, CLAIM_DATES_PER_CREDIT_MAX);
}

/* ---- by two persons ---- */

int64_t deductible_minor(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, const struct payout *payout)
{
    int64_t claim_id = claim_of_payout(engine, ledger, command, payout);
    const struct claim *claim =
        claim_id != 0 ? engine_find_record(engine, RECORD_CLAIM, claim_id) : NULL;
    struct cover_part parts[CLAIM_MEMBER_ACCOUNTS_MAX];
    if (!claim || claim->status != CLAIM_LIVE)
        return 0;
    uint32_t count = cover_parts(engine, claim_id, parts);
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].account->id == payout->account_id)
            return parts[i].amount_minor;
    }
    return 0;
}

void uncover(struct engine *engine, const struct account *account, int64_t amount_minor)
{
    if (amount_minor == 0)
        return;
    struct cover *cover = change_cover(engine, account);
    CHECK(amount_minor > 0 && amount_minor <= cover->cover_minor);
    cover->cover_minor -= amount_minor;
    record_image(engine, RECORD_COVER, cover->id);
    book(engine, amount_minor, account, BUCKET_FROZEN, account, BUCKET_AVAILABLE);
}
