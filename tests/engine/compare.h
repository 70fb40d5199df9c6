/* compare.h: whether two engines, or an engine and the naive model, hold the same.
 *
 * Each function fails the test at the first difference and says where it is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_COMPARE_H
#define VSL_TESTS_ENGINE_COMPARE_H

#include "late_ids.h"
#include "naive_model.h"

/* The ledger's accounts and sums, and the invariants of the books. */
void expect_same_ledger_books(
    const struct engine *engine, const struct naive_model *model, int ledger);

/* pending_out of each account of the ledger is the sum of its payouts under way. */
void expect_pending_is_payouts(
    const struct engine *engine, const struct naive_model *model, int ledger);

/* frozen of each account of the ledger is the sum of its live holds and live freezes. */
void expect_frozen_is_holds_and_freezes(
    const struct engine *engine, const struct naive_model *model, int ledger);

/* Payouts, fee rules, holds, freezes, refunds, debts, proposals, with the chains between them. */
void expect_same_payments(const struct engine *engine, const struct naive_model *model);

/* Cards, and the chains of their members. */
void expect_same_claims(const struct engine *engine, const struct naive_model *model);
void expect_same_products(const struct engine *engine, const struct naive_model *model);
void expect_same_cards(const struct engine *engine, const struct naive_model *model);
void expect_same_card_flows(const struct engine *engine, const struct naive_model *model);

/* Approval and account policies, and what members used of their limits. */
void expect_same_policies(const struct engine *engine, const struct naive_model *model);
/* Deny lists and hits, and what the accounts know of them. */
void expect_same_screening(const struct engine *engine, const struct naive_model *model);

/* Every record, field by field, and engine_check. */
void expect_same_state(const struct engine *engine, const struct naive_model *model);

/* Every record of two engines, field by field, derived fields and sums included. */
void expect_same_engines(const struct engine *a, const struct engine *b);

#endif
