/* rules_callers.c: who may ask, and who may see.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "ceilings.h"

static const struct caller_ledger some_ledgers[] = {{L_SHOP}, {L_PLAIN}};
static const struct caller_ledger no_ledgers[] = {{L_SHOP}, {L_NONE}};
static const struct caller_ledger closed_ledger = {L_CLOSED};

static struct command with_ledgers(
    struct command command, const struct caller_ledger *ledgers, uint32_t count)
{
    struct caller_rights *rights = command.kind == COMMAND_CREATE_CALLER
                                       ? &command.create_caller.rights
                                       : &command.update_caller.rights;
    rights->all_ledgers = false;
    rights->ledgers = ledgers;
    rights->ledger_count = count;
    return command;
}

/* Without the only role of an administrator. */
static struct command an_auditor(int64_t caller)
{
    struct command command = make_update_caller(caller, CALLER_ACTIVE);
    command.update_caller.rights.roles.administrator = false;
    command.update_caller.rights.roles.auditor = true;
    return command;
}

static struct command without_channels(struct command command)
{
    command.update_caller.rights.any_channel = false;
    return command;
}

void rules_callers(on_rule on, void *context)
{
    struct command undated = make_create_caller("new");
    undated.key.business_date = 1;
    const struct rule rules[] = {
        ACCEPTED("a name that nobody has", make_create_caller("new"), U_NONE),
        REFUSED("a name that an active one has", make_create_caller("chief"),
            OUTCOME_CALLER_NAME_TAKEN),
        REFUSED("a name that a suspended one has", make_create_caller("gone"),
            OUTCOME_CALLER_NAME_TAKEN),
        ACCEPTED("a name that differs in case", make_create_caller("Chief"), U_NONE),
        ACCEPTED("two ledgers", with_ledgers(make_create_caller("new"), some_ledgers, 2), U_NONE),
        ACCEPTED(
            "a closed ledger", with_ledgers(make_create_caller("new"), &closed_ledger, 1), U_NONE),
        ACCEPTED("no ledger at all", with_ledgers(make_create_caller("new"), NULL, 0), U_NONE),
        REFUSED("a ledger that is not there",
            with_ledgers(make_create_caller("new"), no_ledgers, 2), OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("no ledger comes before the name",
            with_ledgers(make_create_caller("chief"), no_ledgers, 2), OUTCOME_LEDGER_NOT_FOUND),
        ACCEPTED("whatever the business date: there is no window", undated, U_NONE),

        ACCEPTED("the last administrator stays one", make_update_caller(U_CHIEF, CALLER_ACTIVE),
            U_CHIEF),
        REFUSED("the last administrator is not suspended",
            make_update_caller(U_CHIEF, CALLER_SUSPENDED), OUTCOME_LAST_ADMINISTRATOR),
        REFUSED("the last administrator does not become less", an_auditor(U_CHIEF),
            OUTCOME_LAST_ADMINISTRATOR),
        REFUSED("the last administrator does not lose every channel",
            without_channels(make_update_caller(U_CHIEF, CALLER_ACTIVE)),
            OUTCOME_LAST_ADMINISTRATOR),
        ACCEPTED("a suspended administrator comes back", make_update_caller(U_GONE, CALLER_ACTIVE),
            U_GONE),
        ACCEPTED("a suspended administrator becomes less", an_auditor(U_GONE), U_GONE),
        ACCEPTED("another is suspended", make_update_caller(U_CLERK, CALLER_SUSPENDED), U_CLERK),
        ACCEPTED("another becomes an administrator", make_update_caller(U_CLERK, CALLER_ACTIVE),
            U_CLERK),
        REFUSED("nobody", make_update_caller(U_NONE, CALLER_ACTIVE), OUTCOME_CALLER_NOT_FOUND),
        REFUSED("a ledger that is not there, of nobody",
            with_ledgers(make_update_caller(U_NONE, CALLER_ACTIVE), no_ledgers, 2),
            OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("no ledger comes before the last administrator",
            with_ledgers(make_update_caller(U_CHIEF, CALLER_SUSPENDED), no_ledgers, 2),
            OUTCOME_LEDGER_NOT_FOUND),
        ACCEPTED("two ledgers from now on",
            with_ledgers(make_update_caller(U_CLERK, CALLER_ACTIVE), some_ledgers, 2), U_CLERK),
    };
    EACH_RULE(rules, on, context);
}

/* ---- plain values ---- */

#define REVEALS(ledger, field, ...)                                                                \
    make_reveal(ledger, (const int64_t[]){__VA_ARGS__},                                            \
        sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), field)

void rules_reveals(on_rule on, void *context)
{
    int64_t most[REVEALS_PER_COMMAND_MAX];
    for (int i = 0; i < REVEALS_PER_COMMAND_MAX; i++)
        most[i] = S_RECEIPT;
    int64_t last_is_none[REVEALS_PER_COMMAND_MAX];
    memcpy(last_is_none, most, sizeof most);
    last_is_none[REVEALS_PER_COMMAND_MAX - 1] = S_NONE;
    enum { FIRST_LEDGER = L_MAIN, CLOSED_LEDGER = L_CLOSED }; /* commands that opened them */
    const struct rule rules[] = {
        ACCEPTED("a payer", REVEALS(L_SHOP, "", S_RECEIPT), S_RECEIPT),
        ACCEPTED("a payer's name", REVEALS(L_SHOP, "payer.name", S_RECEIPT), S_RECEIPT),
        ACCEPTED("a destination", REVEALS(L_SHOP, "", S_WITHDRAW), S_WITHDRAW),
        ACCEPTED("a destination's number",
            REVEALS(L_SHOP, "destination.account_number", S_WITHDRAW), S_WITHDRAW),
        ACCEPTED("several, by the first", REVEALS(L_SHOP, "", S_WITHDRAW, S_RECEIPT), S_WITHDRAW),
        ACCEPTED("one twice", REVEALS(L_SHOP, "", S_RECEIPT, S_RECEIPT), S_RECEIPT),
        ACCEPTED("as many as there may be", make_reveal(L_SHOP, most, REVEALS_PER_COMMAND_MAX, ""),
            S_RECEIPT),
        ACCEPTED("of what opened the ledger", REVEALS(L_MAIN, "", FIRST_LEDGER), FIRST_LEDGER),
        ACCEPTED(
            "of a closed ledger", REVEALS(L_CLOSED, "platform_name", CLOSED_LEDGER), CLOSED_LEDGER),
        REFUSED("a field of another kind", REVEALS(L_SHOP, "destination.name", S_RECEIPT),
            OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a field that one of them has not",
            REVEALS(L_SHOP, "payer.name", S_RECEIPT, S_WITHDRAW), OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a field that is not personal", REVEALS(L_SHOP, "payer.bank_code", S_RECEIPT),
            OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a part of a field's name", REVEALS(L_SHOP, "payer", S_RECEIPT),
            OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a payment", REVEALS(L_SHOP, "", S_PAY_PARTLY), OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a refused payment", REVEALS(L_SHOP, "", S_REFUSED), OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("no command", REVEALS(L_SHOP, "", S_NONE), OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a command beyond all", REVEALS(L_SHOP, "", INT64_MAX), OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("one of many is not there",
            make_reveal(L_SHOP, last_is_none, REVEALS_PER_COMMAND_MAX, ""),
            OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("a command of another ledger", REVEALS(L_MAIN, "", S_RECEIPT),
            OUTCOME_NOTHING_TO_REVEAL),
        REFUSED("no ledger", REVEALS(L_NONE, "", S_RECEIPT), OUTCOME_LEDGER_NOT_FOUND),
        REFUSED("a business date that is over",
            command_on(TEST_DATE - 3, REVEALS(L_SHOP, "", S_RECEIPT)), OUTCOME_KEY_WINDOW_CLOSED),
    };
    EACH_RULE(rules, on, context);
}
