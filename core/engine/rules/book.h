/* book.h: the only way in which money moves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_BOOK_H
#define VSL_ENGINE_RULES_BOOK_H

#include "engine/memory/memory.h"

/* Books amount > 0 from one bucket to another; the caller has checked that it can. */
void book(struct engine *engine, int64_t amount_minor, const struct account *debit,
    enum bucket debit_bucket, const struct account *credit, enum bucket credit_bucket);

/* The same of units, from one account of a product to another. Nothing of what goes with money goes
 * with them. */
void book_units(struct engine *engine, int64_t units, const struct account *debit,
    enum bucket debit_bucket, const struct account *credit, enum bucket credit_bucket);

/* Something of the account's available became its own to give, by whichever way: it is settled when
 * the command ends, if it owes. To note it twice does no harm. */
void note_to_settle(struct engine *engine, const struct account *account);
/* The same of a member that will owe when the command has booked: before anything is booked, so
 * that what the command brings for the next date is known. */
void note_who_will_owe(struct engine *engine, const struct account *account);

#endif
