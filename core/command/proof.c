/* proof.c: see proof.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/proof.h"

#include "base/check.h"
#include "command/checks.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_given(const struct instruction_proof *proof)
{
    return proof->kind != 0 || proof->result != 0 || proof->reference.length > 0 ||
           proof->amount_minor != 0 || proof->account_id != 0 || proof->member_id != 0 ||
           proof->payee_account_id != 0 || proof->payee_account_number.length > 0 ||
           proof->card_id != 0 || proof->order_number.length > 0 || proof->issued_at_us != 0 ||
           proof->expires_at_us != 0;
}

void check_proof(const struct instruction_proof *proof, struct decode_error *all)
{
    if (!is_given(proof))
        return;
    if (proof->kind == 0)
        decode_add_tie(all, "", "proof.kind",
            "is required with a proof: PROOF_KIND_SMS_CODE (%d), PROOF_KIND_PASSWORD (%d) or "
            "PROOF_KIND_SIGNATURE (%d)",
            "附客户凭证时必填：PROOF_KIND_SMS_CODE (%d)、PROOF_KIND_PASSWORD (%d) 或 "
            "PROOF_KIND_SIGNATURE (%d)",
            PROOF_SMS_CODE, PROOF_PASSWORD, PROOF_SIGNATURE);
    if (proof->result == 0)
        decode_add_tie(all, "", "proof.result",
            "is required with a proof: PROOF_RESULT_RIGHT (%d) or PROOF_RESULT_WRONG (%d)",
            "附客户凭证时必填：PROOF_RESULT_RIGHT (%d) 或 PROOF_RESULT_WRONG (%d)", PROOF_RIGHT,
            PROOF_WRONG);
    if (proof->reference.length == 0)
        decode_add_tie(all, "", "proof.reference",
            "is required with a proof: give the number of the check, by which it is used once",
            "附客户凭证时必填：请填写核验编号，凭此只能使用一次");
    if (proof->issued_at_us == 0)
        decode_add_tie(all, "", "proof.issued_at_us",
            "is required with a proof: give when it was checked, microseconds since 1970 UTC",
            "附客户凭证时必填：请填写核验时间，自 1970 年 (UTC) 起的微秒数");
    if (proof->expires_at_us <= proof->issued_at_us)
        decode_add_tie(all, "proof.issued_at_us", "proof.expires_at_us",
            "is required with a proof, later than issued_at_us: it is good for some minutes",
            "附客户凭证时必填，且晚于 issued_at_us：凭证在数分钟内有效");
}

static void check_rule(const struct set_proof_policy *policy, uint32_t i, struct decode_error *all)
{
    const struct proof_rule_asked *rule = &policy->rules[i];
    char path[FIELD_PATH_BYTES_MAX];
    uint32_t j = 0;
    snprintf(path, sizeof path, "rules[%" PRIu32 "].kind", i);
    if (!command_has_proof(rule->kind)) {
        decode_add_tie(all, "", path,
            "must be a kind of command that may have a proof: Pay, Withdraw, PlaceHold, BindCard, "
            "UnbindCard, ReplaceCard or GrantMandate",
            "须为可附客户凭证的指令种类：Pay、Withdraw、PlaceHold、BindCard、UnbindCard、ReplaceCar"
            "d 或 GrantMandate");
        return;
    }
    while (j < i && policy->rules[j].kind != rule->kind)
        j++;
    if (j < i)
        decode_add_tie(all, "", path, "is the same as rules[%" PRIu32 "].kind; name each kind once",
            "与 rules[%" PRIu32 "].kind 相同；每个种类只填一次", j);
    snprintf(path, sizeof path, "rules[%" PRIu32 "].above_amount_minor", i);
    if (rule->above_amount_minor != 0 && !command_has_amount(rule->kind))
        decode_add_tie(all, "", path,
            "must be left out: commands of this kind have no amount, so all of them need a proof",
            "不得填写：此类指令没有金额，全部须附客户凭证");
    snprintf(path, sizeof path, "rules[%" PRIu32 "].sms_code", i);
    if (!rule->sms_code && !rule->password && !rule->signature)
        decode_add_tie(all, "", path,
            "or password or signature is required: say which proofs are taken",
            "与 password、signature 至少填写一项：请说明接受哪些凭证");
}

void check_proof_policy(const struct set_proof_policy *policy, struct decode_error *all)
{
    for (uint32_t i = 0; i < policy->rule_count; i++)
        check_rule(policy, i, all);
}

void check_grant_mandate(const struct grant_mandate *grant, struct decode_error *all)
{
    if (grant->payee_account_id == 0 && grant->card_id == 0)
        decode_add_tie(all, "card_id", "payee_account_id",
            "or card_id is required: say whom Pay may pay, or where Withdraw may send money",
            "与 card_id 须填写其一：请说明 Pay 可付给谁，或 Withdraw 可汇往何处");
    if (grant->payee_account_id != 0 && grant->card_id != 0)
        decode_add_tie(all, "payee_account_id", "card_id",
            "excludes payee_account_id: a mandate is for one of them",
            "不能与 payee_account_id 同时填写：一项扣款授权只针对其一");
    if (grant->each_minor > grant->total_minor)
        decode_add_tie(all, "ceiling_total_minor", "ceiling_each_minor",
            "must not be above ceiling_total_minor", "不得大于 ceiling_total_minor");
    if (grant->expires_at_us <= grant->starts_at_us)
        decode_add_tie(all, "starts_at_us", "expires_at_us", "must be later than starts_at_us",
            "须晚于 starts_at_us");
}
