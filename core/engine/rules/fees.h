/* fees.h: fee rules, and the legs of a fee.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_FEES_H
#define VSL_ENGINE_RULES_FEES_H

#include "engine/memory/memory.h"
#include "model/money.h"

/* Row of record_rules.c: puts a version into the index of names. SetFeeRule indexes its own. */
void index_fee_rule(struct engine *engine, int64_t fee_rule_id);
/* The version that is in force on the ledger's accounting date, or why there is none. */
enum outcome find_fee_rule_in_force(const struct engine *engine, const struct ledger *ledger,
    struct text name, const struct fee_rule **ret_rule);
/* NULL: there is no such version. */
const struct fee_rule *get_fee_rule(
    const struct engine *engine, int64_t ledger_id, struct text name, int32_t version);

/* The legs of a fee: accounts and amounts that add up to it; amounts of 0 are left out. */
struct fee_legs {
    uint32_t count;
    int64_t account_ids[FEE_SHARES_MAX];
    int64_t amounts[FEE_SHARES_MAX];
};

/* `rule` NULL: all to FEE. */
void split_fee(const struct engine *engine, const struct ledger *ledger,
    const struct fee_rule *rule, int64_t fee_minor, struct fee_legs *ret_legs);
/* The legs of what comes back of a fee that was split so: `before_minor` of it had come back,
 * `after_minor` has. */
void split_fee_back(const struct engine *engine, const struct ledger *ledger,
    const struct fee_rule *rule, int64_t fee_minor, int64_t before_minor, int64_t after_minor,
    struct fee_legs *ret_legs);
/* Of all legs; and takes so much out of them, the first ones first. */
int64_t fee_legs_sum(const struct fee_legs *legs);
void take_fee_legs(struct fee_legs *legs, int64_t amount_minor, struct fee_legs *ret_taken);
/* from -> the fee accounts. */
void book_fee(struct engine *engine, const struct fee_legs *legs, const struct account *from,
    enum bucket from_bucket);
/* PLATFORM_OWN -> the fee accounts, what they lack (fee_legs_lacking): what was collected. */
void fill_fee_legs(struct engine *engine, const struct ledger *ledger, const struct fee_legs *legs);
/* The fee accounts -> to's available. */
void book_fee_back(struct engine *engine, const struct fee_legs *legs, const struct account *to);

/* What a fee account with so much available lacks of what it is to give; what it is below zero
 * already does not count. */
static inline int64_t fee_lacking(int64_t available_minor, int64_t amount_minor)
{
    return below_zero(available_minor - amount_minor) - below_zero(available_minor);
}
/* The same of all legs. */
int64_t fee_legs_lacking(const struct engine *engine, const struct fee_legs *legs);

#endif
