/* commands.h: commands as one line of a test each.
 *
 * Texts must outlive the command; string constants do. Every command has a key of its own date
 * TEST_DATE, see command_on for others.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_COMMANDS_H
#define VSL_TESTS_ENGINE_COMMANDS_H

#include "command/command.h"

/* 2026-11-22 in days. */
#define TEST_DATE 20779

struct command make_open_ledger(const char *receiving_prefix, int32_t first_date, int32_t window);
struct command make_close_ledger(int64_t ledger_id);
struct command make_cut_day(int64_t ledger_id, int32_t date);
struct command make_open_member(int64_t ledger_id, const char *platform_member_id);
struct command make_close_member(int64_t ledger_id, int64_t member_id);
struct command make_open_account(int64_t ledger_id, int64_t member_id);
struct command make_close_account(int64_t ledger_id, int64_t account_id);
struct command make_restrict(int64_t ledger_id, int64_t account_id, bool no_in, bool no_out);
struct command make_receipt(int64_t ledger_id, int64_t account_id, int64_t amount);
struct command make_receipt_by_number(int64_t ledger_id, const char *number, int64_t amount);
struct command make_interest(int64_t ledger_id, int64_t account_id, int64_t amount);
struct command make_fee(int64_t ledger_id, int64_t account_id, int64_t amount);
struct command make_pay(
    int64_t ledger_id, int64_t payer, int64_t payee, int64_t amount, int64_t fee);
/* One payer, many payees, which are copied. The copies, and the payee of make_pay, are valid until
 * some thousand more are made. */
struct command make_split(int64_t ledger_id, int64_t payer, const struct payee *payees,
    uint32_t payee_count, int64_t fee);
/* fee_mode: enum fee_mode, 0 without a fee. */
struct command make_withdraw(
    int64_t ledger_id, int64_t account_id, int64_t amount, int64_t fee, int32_t fee_mode);
/* result: enum payout_result. */
struct command make_confirm(int64_t ledger_id, int64_t payout_id, int32_t result);

/* The same command under a key of another business date. */
struct command command_on(int32_t business_date, struct command command);

#endif
