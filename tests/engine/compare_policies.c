/* compare_policies.c: policies of an engine and the naive model, and what members used of their
 * limits, see compare.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"
#include "naive.h"

#include "support/expect.h"

#include <inttypes.h>
#include <string.h>

#define SAME(engine_value, model_value)                                                            \
    EXPECT_MSG((engine_value) == (model_value),                                                    \
        "usage of member %d: %s: engine %" PRId64 ", model %" PRId64, id, #model_value,            \
        (int64_t)(engine_value), (int64_t)(model_value))

static void expect_same_mandate(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct mandate *a = engine_find_record(engine, RECORD_MANDATE, id);
    const struct naive_mandate *b = &model->mandates[id];
    EXPECT_MSG(a->ledger_id == b->ledger && a->account_id == b->account &&
                   a->payee_account_id == b->payee && a->each_minor == b->each &&
                   a->total_minor == b->total && a->count == b->count &&
                   a->starts_at_us == b->starts_us && a->expires_at_us == b->expires_us &&
                   a->granted_sequence == b->granted,
        "mandate %d", id);
    EXPECT_MSG(a->used_minor == b->used && a->used_count == b->used_count &&
                   a->status == b->status && a->ended_sequence == b->ended &&
                   a->changed_sequence == b->changed,
        "mandate %d: %d uses, %d by the model, status %d", id, a->used_count, b->used_count,
        a->status);
}

static void expect_same_proof_policy(
    const struct engine *engine, const struct naive_model *model, int ledger)
{
    const struct naive_ledger *b = &model->ledgers[ledger];
    const struct proof_policy *a = engine_find_proof_policy(engine, ledger);
    EXPECT_MSG((a ? a->id : 0) == b->proof_policy, "ledger %d: policy of proofs", ledger);
    if (!a)
        return;
    EXPECT_MSG(a->rule_count == b->proof_count && a->changed_sequence == b->proof_changed,
        "ledger %d: policy of proofs", ledger);
    for (int i = 0; i < b->proof_count; i++) {
        const struct proof_rule_asked *rule = &b->proof_rules[i];
        EXPECT_MSG(
            a->rules[i].kind == rule->kind &&
                a->rules[i].above_amount_minor == rule->above_amount_minor &&
                a->rules[i].takes == rule->sms_code * 2 + rule->password * 4 + rule->signature * 8,
            "ledger %d: rule %d of its proofs", ledger, i);
    }
}

static void expect_same_policy(
    const struct engine *engine, const struct naive_model *model, int ledger)
{
    const struct naive_ledger *b = &model->ledgers[ledger];
    const struct approval_policy *a = engine_find_approval_policy(engine, ledger);
    EXPECT_MSG((a ? a->id : 0) == b->policy, "ledger %d: policy", ledger);
    for (int i = 0; a && i < b->policy_count; i++)
        EXPECT_MSG(a->rules[i].kind == b->policy_kinds[i] &&
                       a->rules[i].above_amount_minor == b->policy_above[i],
            "ledger %d: rule %d of its policy", ledger, i);
    if (a)
        EXPECT_MSG(a->rule_count == b->policy_count && a->changed_sequence == b->policy_changed,
            "ledger %d: policy", ledger);
}

static void expect_same_account_policy(
    const struct engine *engine, const struct naive_model *model, int ledger)
{
    const struct naive_ledger *b = &model->ledgers[ledger];
    const struct account_policy *a = engine_find_account_policy(engine, ledger);
    EXPECT_MSG((a ? a->id : 0) == b->account_policy, "ledger %d: account policy", ledger);
    if (!a)
        return;
    EXPECT_MSG(a->preset == b->preset && (a->level_count != 0) == b->has_levels &&
                   memcmp(a->levels, b->levels, sizeof a->levels) == 0,
        "ledger %d: levels of its account policy", ledger);
    EXPECT_MSG(
        a->merchant_date_began == b->began_date[0] && a->merchant_year_began == b->began_year[0] &&
            a->user_date_began == b->began_date[1] && a->user_year_began == b->began_year[1] &&
            a->changed_sequence == b->account_policy_changed,
        "ledger %d: from when its account policy counts", ledger);
}

/* Of several members that a command counts which one comes first does not matter. What was counted
 * before the date began, or the year, means nothing any more: a start does not count it again. */
static void expect_same_usage(
    const struct engine *engine, const struct naive_model *model, int usage_id)
{
    const struct usage *a = engine_find_record(engine, RECORD_USAGE, usage_id);
    EXPECT_MSG(a && a->id == usage_id, "usage %d is missing", usage_id);
    int id = (int)a->member_id;
    const struct naive_member *b = &model->members[id];
    EXPECT_MSG(b->usage != 0, "usage of member %d", id);
    SAME(a->ledger_id, b->ledger);
    const struct naive_ledger *ledger = &model->ledgers[b->ledger];
    int64_t began = ledger->began_year[b->kind - 1];
    if (began == 0 || b->usage_changed < began)
        return;
    SAME(a->date, b->usage_date);
    SAME(a->year_in_minor, b->used[2]);
    SAME(a->year_out_minor, b->used[3]);
    SAME(a->changed_sequence, b->usage_changed);
    if (b->usage_changed < ledger->began_date[b->kind - 1])
        return;
    SAME(a->date_in_minor, b->used[0]);
    SAME(a->date_out_minor, b->used[1]);
}

static void expect_same_statement(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct bank_statement *a = engine_find_record(engine, RECORD_BANK_STATEMENT, id);
    const struct naive_statement *b = &model->statements[id];
    EXPECT_MSG(a && a->ledger_id == b->ledger && a->number == b->number &&
                   a->missing_before == b->missing && a->opening_minor == b->opening &&
                   a->closing_minor == b->closing && a->opened_sequence == b->opened &&
                   a->from_date == b->from && a->to_date == b->to && a->control_count == b->count &&
                   a->file_position == b->position && a->opened_date == b->date &&
                   a->has_gap == b->gap,
        "statement %d", id);
    EXPECT_MSG(naive_same_text(b->reference, (struct text){a->reference, a->reference_length}) &&
                   naive_same_text(b->sha256, (struct text){a->file_sha256, a->file_sha256_length}),
        "the names of statement %d", id);
    EXPECT_MSG(a->sum_minor == b->sum && a->line_count == b->lines && a->last_ordinal == b->last &&
                   a->first_line_id == b->first_line && a->last_line_id == b->last_line &&
                   a->status == b->status && a->closed_sequence == b->closed &&
                   a->changed_sequence == b->changed,
        "statement %d: %d lines, %d by the model, status %d", id, a->line_count, b->lines,
        a->status);
}

/* Of those that are in memory. */
static void expect_same_statement_line(
    const struct engine *engine, const struct naive_model *model, int id)
{
    const struct statement_line *a = engine_find_record(engine, RECORD_STATEMENT_LINE, id);
    const struct naive_statement_line *b = &model->statement_lines[id];
    if (!a)
        return;
    EXPECT_MSG(a->ledger_id == b->ledger && a->bank_statement_id == b->statement &&
                   a->amount_minor == b->amount && a->added_sequence == b->added &&
                   a->changed_sequence == b->changed && a->ordinal == b->ordinal &&
                   a->booking_date == b->booked && a->value_date == b->valued,
        "line %d of statement %d", id, b->statement);
    int64_t matched = b->amount < 0 ? -b->matched : b->matched;
    int status = matched == 0           ? STATEMENT_LINE_UNMATCHED
                 : matched == b->amount ? STATEMENT_LINE_MATCHED
                                        : STATEMENT_LINE_PARTLY;
    EXPECT_MSG(a->matched_minor == matched && a->status == status,
        "line %d: matched engine %" PRId64 ", model %" PRId64, id, a->matched_minor, matched);
}

/* Of those that are in memory, the match, and what is matched of its booking. */
static void expect_same_match(const struct engine *engine, const struct naive_model *model, int id)
{
    const struct statement_match *a = engine_find_record(engine, RECORD_STATEMENT_MATCH, id);
    const struct naive_match *b = &model->matches[id];
    int64_t changed = b->undone != 0 ? b->undone : b->made;
    if (a)
        EXPECT_MSG(a->ledger_id == b->ledger && a->statement_line_id == b->line &&
                       a->bank_statement_id == model->statement_lines[b->line].statement &&
                       a->booking_kind == b->of && a->booking_id == b->booking &&
                       a->amount_minor == b->amount && a->made_sequence == b->made &&
                       a->undone_sequence == b->undone && a->changed_sequence == changed &&
                       a->status == (b->undone ? STATEMENT_MATCH_UNDONE : STATEMENT_MATCH_MADE),
            "match %d", id);
    const struct matched_booking *booking =
        engine_find_matched_booking(engine, (uint8_t)b->of, b->booking);
    EXPECT_MSG(!booking || booking->matched_minor == naive_matched(model, b->of, b->booking),
        "what is matched of the booking of match %d", id);
}

static void expect_same_statements(const struct engine *engine, const struct naive_model *model)
{
    EXPECT(engine_last_id(engine, RECORD_BANK_STATEMENT) == model->statement_count);
    for (int id = 1; id <= model->statement_count; id++)
        expect_same_statement(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_STATEMENT_LINE) == model->statement_line_count);
    for (int id = 1; id <= model->statement_line_count; id++)
        expect_same_statement_line(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_STATEMENT_MATCH) == model->match_count);
    for (int id = 1; id <= model->match_count; id++)
        expect_same_match(engine, model, id);
}

void expect_same_policies(const struct engine *engine, const struct naive_model *model)
{
    expect_same_statements(engine, model);
    EXPECT(engine_last_id(engine, RECORD_APPROVAL_POLICY) == model->policy_count);
    EXPECT(engine_last_id(engine, RECORD_PROOF_POLICY) == model->proof_policy_count);
    EXPECT(engine_last_id(engine, RECORD_MANDATE) == model->mandate_count);
    for (int id = 1; id <= model->mandate_count; id++)
        expect_same_mandate(engine, model, id);
    EXPECT(engine_last_id(engine, RECORD_ACCOUNT_POLICY) == model->account_policy_count);
    EXPECT(engine_last_id(engine, RECORD_USAGE) == model->usage_count);
    for (int id = 1; id <= model->usage_count; id++)
        expect_same_usage(engine, model, id);
    for (int ledger = 1; ledger <= model->ledger_count; ledger++) {
        expect_same_proof_policy(engine, model, ledger);
        expect_same_policy(engine, model, ledger);
        expect_same_account_policy(engine, model, ledger);
    }
}
