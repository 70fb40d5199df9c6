/* rules_receipt_once.c: a movement at the bank is booked once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static struct command movement(const char *reference, int64_t account, int64_t amount)
{
    return with_reference(reference, make_receipt(L_SHOP, account, amount));
}

#define BOOKS_FOUR(name, reference)                                                                \
    BOOKS(name, movement(reference, B_ONE, 4), B_ONE, move(SHOP_ESCROW, B_ONE, 4))
#define IS_USED(name, command, by) REFUSED_AT(name, command, OUTCOME_BANK_REFERENCE_USED, by)

void rules_receipt_once(on_rule on, void *context)
{
    const struct command from_platform = with_party(movement("B-1", SHOP_OWN, 4), &own_party);
    const struct rule rules[] = {
        IS_USED("the same movement again", movement("B-1", B_ONE, 4), S_MOVEMENT),
        IS_USED("with another amount", movement("B-1", B_ONE, 5), S_MOVEMENT),
        IS_USED("to another account", movement("B-1", B_TWO, 4), S_MOVEMENT),
        IS_USED("to nobody", with_reference("B-1", make_receipt_by_number(L_SHOP, "who?", 4)),
            S_MOVEMENT),
        IS_USED("to the platform itself", from_platform, S_MOVEMENT),
        IS_USED(
            "what went to nobody, with its account", movement("B-2", B_ONE, 3), S_MOVEMENT_NOBODY),
        IS_USED("in full-width characters", movement("Ｂ－１", B_ONE, 4), S_MOVEMENT),
        IS_USED("with blanks", movement(" B -1\xe3\x80\x80", B_ONE, 4), S_MOVEMENT),
        IS_USED("with what nobody sees", movement("B\xe2\x80\x8b-1", B_ONE, 4), S_MOVEMENT),
        IS_USED("booked again after a reversal", movement("B-5", B_ONE, 2), S_MOVEMENT_STANDS),
        IS_USED("before anything about accounts: closed", movement("B-1", B_CLOSED, 4), S_MOVEMENT),
        IS_USED("before anything about accounts: none", movement("B-1", A_NONE, 4), S_MOVEMENT),
        BOOKS("after a reversal", movement("B-3", B_TWO, 9), B_TWO, move(SHOP_ESCROW, B_TWO, 9)),
        BOOKS_FOUR("what was refused has no movement", "B-4"),
        BOOKS_FOUR("a longer one", "B-10"),
        BOOKS_FOUR("a shorter one", "B-"),
        BOOKS_FOUR("in another case", "b-1"),
        BOOKS_FOUR("without the hyphen", "B1"),
        BOOKS_FOUR("none at all", ""),
        BOOKS_FOUR("nothing but blanks", " \xe3\x80\x80"),
        BOOKS("in another ledger", with_reference("B-1", make_receipt(L_PLAIN, B_PLAIN, 4)),
            B_PLAIN, move(PLAIN_ESCROW, B_PLAIN, 4)),
        REFUSED("in no ledger", with_reference("B-1", make_receipt(L_NONE, B_ONE, 4)),
            OUTCOME_LEDGER_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}
