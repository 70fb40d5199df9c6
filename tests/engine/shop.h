/* shop.h: commands of the ledger L_SHOP as one line of a table each.
 *
 * Each is a command of L_SHOP on channel "t"; in_ledger and command_by make it another's. Texts and
 * payees as in commands.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_SHOP_H
#define VSL_TESTS_ENGINE_SHOP_H

#include "commands.h"
#include "model/records.h"

/* A list of payees, each {account, amount}, and how many they are: two arguments. */
/* clang-format off */
#define TO(...)                                                                                    \
    (const struct payee[]){__VA_ARGS__},                                                           \
        sizeof((const struct payee[]){__VA_ARGS__}) / sizeof(struct payee)
/* clang-format on */
/* What is left of every payee. */
#define ALL_LEFT NULL, 0

/* The platform's own named account, and one that is not. */
extern const struct party own_party, other_party;

/* ---- of a command ---- */

struct command in_ledger(int64_t ledger_id, struct command command);
/* Of a receipt or a withdrawal: the other side at a bank. */
struct command with_party(struct command command, const struct party *party);
/* Of a payment, a confirm or a withdrawal. */
struct command with_fee(struct command command, int64_t fee_minor);
/* bearer: enum fee_bearer of a payment or a confirm, enum fee_mode of a withdrawal; of an
 * allocation it is the payees. */
struct command with_rule(struct command command, const char *rule, int32_t bearer);
/* Of a withdrawal: fee_account bears its fee. */
struct command borne_by(int64_t fee_account, struct command command);
/* Of a payment or a confirm: withdrawable from the next accounting date on. */
struct command next_date(struct command command);

/* Of a fee rule: who gets it. */
struct command shared(struct command rule, const struct fee_share *shares, uint32_t share_count);

/* ---- commands ---- */

struct command a_set_of_terms(const struct party *own, bool advance_refunds, int32_t return_days);
struct command a_collection(int64_t account, int64_t amount, const char *rule);
struct command a_payment(
    const char *order, int64_t payer, const struct payee *payees, uint32_t payee_count);
struct command a_refund(
    const char *order, int64_t sequence, const struct payee *payees, uint32_t payee_count);
struct command a_reversal(int64_t sequence);
struct command a_hold(const char *order, int64_t payer, int64_t amount, int64_t expires_at_us);
struct command a_confirm(const char *order, int64_t payer, int64_t hold, const struct payee *payees,
    uint32_t payee_count);
struct command a_cancel(const char *order, int64_t payer, int64_t hold, int64_t amount);
struct command a_freeze(int64_t account, int64_t amount, int64_t expires_at_us);
struct command a_lift(int64_t freeze, int64_t amount);
struct command an_expiry(enum expiry_kind kind, int64_t id);
/* By the approval of Q_SHOP, which it uses up. */
struct command an_adjustment(int64_t debit, int64_t credit, int64_t amount);
struct command a_withdrawal(const char *order, int64_t account, int64_t amount);
/* result: enum payout_result. */
struct command a_result(int64_t payout, int32_t result);
struct command a_return(int64_t payout, int64_t amount);
struct command an_interception(int64_t payout);

#endif
