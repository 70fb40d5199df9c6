/* mandates.h: what a customer allows beforehand.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_MANDATES_H
#define VSL_ENGINE_RULES_MANDATES_H

#include "engine/memory/memory.h"

/* Row of record_rules.c. */
void index_mandate(struct engine *engine, int64_t mandate_id);

/* Whether the command, by which the account loses so much, keeps to the mandate that it names. */
enum outcome check_mandate(const struct engine *engine, const struct ledger *ledger,
    const struct command *command, int64_t amount_minor);

/* The command is accepted and has booked: what it used is counted, or what it reverses is not any
 * more. */
void count_mandate(struct engine *engine, const struct command *command);

/* Whether payouts of the account may be by a mandate. */
bool has_card_mandates(const struct engine *engine, int64_t account_id);
/* The bank's word of a payout, or its interception: it counts as far as it has left. */
void note_mandate_payout(struct engine *engine, const struct command *command,
    const struct payout *before, const struct payout *after);

#endif
