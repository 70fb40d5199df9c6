/* rules_identities.c: who members are, and when that ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "model/document.h"

#define DAY (24 * HOUR_US)

/* Somebody else than everybody on the stage, or ZHANG again. */
#define OTHER "440524188001010014"
#define ZHANG "11010519491231002X"
#define LONG_NAME "\U00020bb7\u91ce\U0002cb4e\u00b7\u3431"

static struct command from(int32_t valid_from, struct command command)
{
    command.identify_member.holder.valid_from_date = valid_from;
    return command;
}

static struct command checked_at(int64_t at_us, struct command command)
{
    command.identify_member.check.checked_at_us = at_us;
    return command;
}

static struct command recheck(int32_t date, struct command command)
{
    command.identify_member.recheck_date = date;
    return command;
}

static struct command by(enum document_kind kind, struct command command)
{
    command.identify_member.holder.document_kind = (int32_t)kind;
    return command;
}

static struct command of(enum subject_kind subject, struct command command)
{
    command.identify_member.subject = (int32_t)subject;
    return command;
}

/* The same with somebody who acts for it, whose document is over. */
static struct command with_old(bool is_handler, struct command command)
{
    struct identified *actor =
        is_handler ? &command.identify_member.handler : &command.identify_member.representative;
    *actor = command.identify_member.holder;
    actor->document_kind = DOCUMENT_CITIZEN_CARD;
    actor->valid_until_date = TEST_DATE - 1;
    return command;
}

static struct command user(int64_t member)
{
    return make_identify(L_MAIN, member, LONG_NAME, OTHER, 0);
}

static struct command shop(int64_t member)
{
    return make_identify_company(L_MAIN, member, "\u793a\u4f8b", "91350100M000100Y43");
}

static struct command until(int32_t valid_until)
{
    return make_identify(L_MAIN, M_OWNER, LONG_NAME, OTHER, valid_until);
}

static void identify(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED("a document whose last day it is", until(TEST_DATE), M_OWNER),
        REFUSED("one whose last day was yesterday", until(TEST_DATE - 1), OUTCOME_DOCUMENT_EXPIRED),
        ACCEPTED("one without end", until(0), M_OWNER),
        ACCEPTED("one to the last of days", until(84005), M_OWNER),
        ACCEPTED("one whose first day it is", from(TEST_DATE, user(M_OWNER)), M_OWNER),
        REFUSED("one whose first day is tomorrow", from(TEST_DATE + 1, user(M_OWNER)),
            OUTCOME_DOCUMENT_NOT_YET_VALID),
        ACCEPTED("one whose first day was long ago", from(1, user(M_OWNER)), M_OWNER),
        ACCEPTED("checked just now", checked_at(STAGE_NOW_US, user(M_OWNER)), M_OWNER),
        REFUSED("checked in a microsecond", checked_at(STAGE_NOW_US + 1, user(M_OWNER)),
            OUTCOME_CHECK_AHEAD),
        ACCEPTED("to be checked again today", recheck(TEST_DATE, user(M_OWNER)), M_OWNER),
        REFUSED("to be checked again by yesterday", recheck(TEST_DATE - 1, user(M_OWNER)),
            OUTCOME_RECHECK_NOT_AHEAD),

        REFUSED("a user as a company", of(SUBJECT_COMPANY, user(M_OWNER)),
            OUTCOME_SUBJECT_NOT_OF_MEMBER),
        REFUSED("a merchant as a person", user(M_MERCHANT), OUTCOME_SUBJECT_NOT_OF_MEMBER),
        ACCEPTED("a merchant as a company", shop(M_MERCHANT), M_MERCHANT),
        ACCEPTED("a merchant as an individual business by its owner",
            of(SUBJECT_INDIVIDUAL_BUSINESS, user(M_MERCHANT)), M_MERCHANT),
        REFUSED("with an old document of its representative", with_old(false, shop(M_MERCHANT)),
            OUTCOME_DOCUMENT_EXPIRED),
        REFUSED("with an old document of who came", with_old(true, user(M_OWNER)),
            OUTCOME_DOCUMENT_EXPIRED),

        ACCEPTED(
            "who is another member, too", make_identify(L_MAIN, M_OWNER, "-", ZHANG, 0), M_OWNER),
        ACCEPTED("the same number on another paper",
            by(DOCUMENT_HOUSEHOLD_REGISTER, make_identify(L_MAIN, M_USER, "-", ZHANG, 0)), M_USER),
        ACCEPTED("again, with another name",
            make_identify(L_MAIN, M_USER, LONG_NAME, ZHANG, TEST_DATE + 1), M_USER),
        ACCEPTED(
            "again, after the end", make_identify(L_MAIN, M_OVER, "-", OVER_NUMBER, 0), M_OVER),
        ACCEPTED("again, before its end was recorded",
            make_identify(L_MAIN, M_DUE, "-", DUE_NUMBER, 0), M_DUE),
        REFUSED("another number", user(M_USER), OUTCOME_APPROVAL_NEEDED),
        REFUSED("the same number of another kind",
            by(DOCUMENT_FOREIGN_PASSPORT, make_identify(L_MAIN, M_USER, "-", ZHANG, 0)),
            OUTCOME_APPROVAL_NEEDED),
        REFUSED("another number after the end", user(M_OVER), OUTCOME_APPROVAL_NEEDED),
        BOOKS_WITH("another number, by two persons",
            by_approval(Q_MAIN, command_by("u", user(M_USER))), M_USER,
            .more = {[RECORD_IDENTITY] = 1, [RECORD_PROPOSAL] = 1}),

        REFUSED("another number, alone, of who has cards", user(M_CARDS), OUTCOME_APPROVAL_NEEDED),
        REFUSED("another number of who has cards",
            by_approval(Q_MAIN, command_by("u", user(M_CARDS))), OUTCOME_MEMBER_HAS_CARDS),
        ACCEPTED("the same one again of who has cards",
            make_identify(L_MAIN, M_CARDS, LONG_NAME, "110101199003070011", 0), M_CARDS),

        REFUSED_AT("a second user of a ledger that has one each",
            make_identify(L_OTHER, M_STRICT_TWO, "-", ZHANG, 0), OUTCOME_PERSON_HAS_MEMBERSHIP,
            M_STRICT),
        ACCEPTED("the same one again", make_identify(L_OTHER, M_STRICT, "-", ZHANG, 0), M_STRICT),
        ACCEPTED("a second user who is somebody else",
            make_identify(L_OTHER, M_STRICT_TWO, "-", OTHER, 0), M_STRICT_TWO),
        ACCEPTED("the same one as a merchant",
            of(SUBJECT_INDIVIDUAL_BUSINESS, make_identify(L_OTHER, M_STRICT_SHOP, "-", ZHANG, 0)),
            M_STRICT_SHOP),

        REFUSED("nobody", user(M_NONE), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("another ledger's", user(M_STRICT), OUTCOME_MEMBER_NOT_FOUND),
        REFUSED("who is closed", user(M_CLOSED), OUTCOME_MEMBER_CLOSED),
        REFUSED("in a closed ledger", make_identify(L_CLOSED, M_OWNER, "-", ZHANG, 0),
            OUTCOME_LEDGER_CLOSED),
        BOOKS_WITH("close who is identified", make_close_member(L_MAIN, M_USER), M_USER,
            .more = {[RECORD_IDENTITY] = 1}),
        BOOKS_WITH("close whose document is over", make_close_member(L_MAIN, M_OVER), M_OVER,
            .more = {[RECORD_IDENTITY] = 1}),
        BOOKS_WITH("that a person has one member", make_one_membership(L_MAIN, true), L_MAIN,
            .more = {[RECORD_WATCH] = 1}),
        BOOKS_WITH("that a person has several", make_one_membership(L_OTHER, false), L_OTHER,
            .more = {[RECORD_WATCH] = 1}),
    };
    EACH_RULE(rules, on, context);
}

static void end(on_rule on, void *context)
{
    const struct rule rules[] = {
        ACCEPTED(
            "the notice, 30 days before", make_expire(L_MAIN, EXPIRY_IDENTITY, I_SOON), I_SOON),
        REFUSED("the notice, an hour too early", make_expire(L_MAIN, EXPIRY_IDENTITY, I_COMPANY),
            OUTCOME_NOT_YET_DUE),
        REFUSED("the end, after the notice", make_expire(L_MAIN, EXPIRY_IDENTITY, I_NOTICED),
            OUTCOME_NOT_YET_DUE),
        ACCEPTED("the end", make_expire(L_MAIN, EXPIRY_IDENTITY, I_DUE), I_DUE),
        REFUSED(
            "the end, twice", make_expire(L_MAIN, EXPIRY_IDENTITY, I_OVER), OUTCOME_IDENTITY_ENDED),
        REFUSED("of one without end", make_expire(L_MAIN, EXPIRY_IDENTITY, I_TWICE),
            OUTCOME_NOT_YET_DUE),
        REFUSED(
            "of nobody", make_expire(L_MAIN, EXPIRY_IDENTITY, I_NONE), OUTCOME_IDENTITY_NOT_FOUND),
        REFUSED("of another ledger's", make_expire(L_MAIN, EXPIRY_IDENTITY, I_STRICT),
            OUTCOME_IDENTITY_NOT_FOUND),
    };
    EACH_RULE(rules, on, context);
}

void rules_identities(on_rule on, void *context)
{
    identify(on, context);
    end(on, context);
}
