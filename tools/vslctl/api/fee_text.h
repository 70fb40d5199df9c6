/* fee_text.h: payees, fee tiers, fee shares, approval rules and levels of account policies as
 * people write them on a command line.
 *
 *     9:12.50                                             a payee: account and amount
 *     from=1000,flat=1.00,rate=0.6%,min=0.10,max=25.00    a tier; parts in any order, none required
 *     12:70%                                              a share: account and part of the fee
 *     withdraw:10000.00                                   a kind of command, and above which amount
 *     level=0,receive,pay,date-out=10000.00               what a level may do, and its limits
 *     withdraw:10000.00=code,signature                    the same, and which proofs are taken
 *
 * Each reader returns false with a sentence that says what is wrong and how it is written.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_API_FEE_TEXT_H
#define VSL_TOOLS_VSLCTL_API_FEE_TEXT_H

#include "vsl/v1/account_policy.pb-c.h"
#include "vsl/v1/approval.pb-c.h"
#include "vsl/v1/common.pb-c.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/proof.pb-c.h"

#include <stdbool.h>
#include <stddef.h>

/* What amounts are written in. */
struct amount_unit {
    bool is_minor; /* whole minor units; else major units with so many decimals */
    int decimals;
};

bool read_unit_amount(const struct amount_unit *unit, const char *text, int64_t *ret_amount_minor);

bool read_payee(const struct amount_unit *unit, const char *text, Vsl__V1__Payee *ret_payee,
    char *ret_error, size_t error_bytes);
bool read_tier(const struct amount_unit *unit, const char *text, Vsl__V1__FeeTier *ret_tier,
    char *ret_error, size_t error_bytes);
bool read_rule(const struct amount_unit *unit, const char *text, Vsl__V1__ApprovalRule *ret_rule,
    char *ret_error, size_t error_bytes);
bool read_level(const struct amount_unit *unit, const char *text,
    Vsl__V1__AccountPolicyLevel *ret_level, char *ret_error, size_t error_bytes);
bool read_proof_rule(const struct amount_unit *unit, const char *text, Vsl__V1__ProofRule *ret_rule,
    char *ret_error, size_t error_bytes);
bool read_share(
    const char *text, Vsl__V1__FeeShare *ret_share, char *ret_error, size_t error_bytes);

#endif
