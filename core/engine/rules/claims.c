/* claims.c: claims are placed, continued, released, and end.
 *
 * Which organ may do what, and for how long, stands in model/claim_rule.c. How much a claim covers
 * is another file's, covers.c: here its limit and its time change, and then all claims of the
 * member are covered anew in the same command, so that the next in the queue takes over at once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/rules/claims.h"

#include "engine/memory/changes.h"
#include "engine/memory/dues.h"
#include "engine/memory/records.h"
#include "engine/rules/accounts.h"
#include "engine/rules/commands.h"
#include "engine/rules/covers.h"
#include "engine/rules/deductions.h"
#include "engine/rules/feedback.h"
#include "engine/rules/fingerprints.h"
#include "engine/rules/identities.h"
#include "engine/rules/refusals.h"
#include "engine/rules/settle.h"
#include "engine/rules/texts.h"
#include "model/claim_rule.h"
#include "model/identity.h"

#include <assert.h>

/* A claim that begins or ends dates all of its member, once, and then the member settles. */
static_assert(CLAIMS_PER_MEMBER_MAX + 2 + CLAIM_MEMBER_ACCOUNTS_MAX + SETTLE_IMAGES(1) <=
                      IMAGES_PER_COMMAND_MAX &&
                  2 * CLAIM_MEMBER_ACCOUNTS_MAX + SETTLE_POSTINGS(1) <= POSTINGS_PER_COMMAND_MAX,
    "the longest queue fits, and a deduction from each account");

#define HOUR_US (INT64_C(3600) * 1000000)

static struct claim *claim_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_CLAIM, id);
}

/* ---- where claims are found ---- */

/* Who says more of it must know in time that it ends (到期前提示). Nobody need be told again
 * what the paper just said. */
static bool ends_soon(const struct claim *claim, int64_t now_us)
{
    return claim->ends_at_us != 0 && claim->ends_at_us - now_us <= CLAIM_NOTICE_US;
}

/* When something happens of itself to one that has an end: it is told, or is over. */
static int64_t due_us_of(const struct claim *claim)
{
    return claim->is_noticed ? claim->ends_at_us : claim->ends_at_us - CLAIM_NOTICE_US;
}

void put_claim_due(struct engine *engine, const struct claim *claim)
{
    remove_due(engine, RECORD_CLAIM, claim->id);
    /* It ends when the last of its deductions is decided, not before. */
    if (claim->status == CLAIM_LIVE && claim->ends_at_us != 0 && claim->deducting_minor == 0)
        put_due(engine, RECORD_CLAIM, claim->id, due_us_of(claim));
}

void index_claim(struct engine *engine, int64_t claim_id)
{
    const struct claim *claim = claim_at(engine, claim_id);
    if (claim->status != CLAIM_LIVE)
        return;
    link_claim(engine, claim_id);
    put_claim_due(engine, claim);
    if (!engine->effects)
        find_covers(engine, claim->member_id);
}

void index_cover(struct engine *engine, int64_t cover_id)
{
    const struct cover *cover = record_at(engine, RECORD_COVER, cover_id);
    engine->covers[cover->account_id] = cover_id;
}

int64_t rest_of_claim(const void *record)
{
    const struct claim *claim = record;
    /* What was deducted may come back: for memory that is enough. */
    bool has_deducted = claim->status == CLAIM_DEDUCTED || claim->deducting_minor > 0;
    return claim->limit_minor == 0 && has_deducted ? 1 : claim->limit_minor;
}

bool has_claims(const struct engine *engine, int64_t member_id)
{
    return engine->first_claims[member_id] != 0;
}

static uint32_t accounts_of(const struct engine *engine, int64_t member_id)
{
    uint32_t count = 0;
    for (int64_t id = engine->newest_accounts[member_id]; id != 0; id = engine->older_accounts[id])
        count += engine->accounts[id].status == ACCOUNT_OPEN;
    return count;
}

bool claims_forbid_account(const struct engine *engine, int64_t member_id)
{
    bool is_of_all = false;
    for (int64_t id = engine->first_claims[member_id]; id != 0 && !is_of_all;
         id = engine_later_claim(engine, id))
        is_of_all = claim_at(engine, id)->account_id == 0;
    return is_of_all && accounts_of(engine, member_id) >= CLAIM_MEMBER_ACCOUNTS_MAX;
}

/* Whether what comes back of its deductions can be claimed again: what it reaches is there, its
 * time is not over, and the queue has room. */
bool can_claim_again(const struct engine *engine, const struct claim *claim)
{
    CHECK(claim->status == CLAIM_DEDUCTED);
    if (claim->ends_at_us != 0 && claim->ends_at_us <= engine->now_us)
        return false;
    int32_t count = 0;
    for (int64_t id = engine->first_claims[claim->member_id]; id != 0;
         id = engine_later_claim(engine, id))
        count++;
    if (count >= CLAIMS_PER_MEMBER_MAX)
        return false;
    return claim->account_id != 0
               ? engine->accounts[claim->account_id].status == ACCOUNT_OPEN
               : engine->members[claim->member_id].status == MEMBER_OPEN &&
                     accounts_of(engine, claim->member_id) <= CLAIM_MEMBER_ACCOUNTS_MAX;
}

/* ---- what a command says ---- */

const struct claim_rule *rule_of_claim(const struct claim *claim)
{
    return claim_rule_of(claim->authority, claim->ground);
}

/* The person and the number that the paper names are those of the member. */
static enum outcome check_subject(const struct engine *engine, const struct ledger *ledger,
    int64_t member_id, const struct place_claim *asked)
{
    const struct identity *identity = open_identity(engine, member_id);
    if (!identity)
        return asked->account_id != 0 ? OUTCOME_ACCEPTED : OUTCOME_CLAIM_SUBJECT_UNKNOWN;
    struct fingerprints names =
        fingerprints_of(engine, ledger->id, PERSONAL_NAME, asked->subject.name);
    struct fingerprints numbers =
        fingerprints_of(engine, ledger->id, PERSONAL_DOCUMENT_NUMBER, asked->subject.number);
    return has_fingerprint(&names, &identity->name) && has_fingerprint(&numbers, &identity->number)
               ? OUTCOME_ACCEPTED
               : OUTCOME_CLAIM_SUBJECT_DIFFERS;
}

/* The account, or the member, that the command names. */
static enum outcome find_subject(const struct engine *engine, const struct ledger *ledger,
    const struct place_claim *asked, int64_t *ret_member_id)
{
    const struct account *account = NULL;
    if (asked->account_id != 0) {
        enum outcome outcome = find_member_account(engine, ledger, asked->account_id, &account);
        if (outcome == OUTCOME_ACCEPTED)
            *ret_member_id = account->member_id;
        return outcome;
    }
    const struct member *member = engine_find_member(engine, asked->member_id);
    if (!member || member->ledger_id != ledger->id)
        return OUTCOME_MEMBER_NOT_FOUND;
    if (member->status != MEMBER_OPEN)
        return OUTCOME_MEMBER_CLOSED;
    *ret_member_id = member->id;
    return OUTCOME_ACCEPTED;
}

static int64_t end_of(const struct claim_rule *rule, int64_t now_us, int32_t ends_date)
{
    if (rule->hours != 0)
        return now_us + rule->hours * HOUR_US;
    return ends_date != 0 ? day_end_us(ends_date) : 0;
}

/* Whether the term that begins on a day and ends on another one is one of the law. */
static enum outcome check_term(
    const struct claim_rule *rule, int32_t begins, int32_t ends, int32_t months, int64_t now_us)
{
    bool has_term = rule->months != 0 || rule->days != 0;
    int32_t last = rule->days != 0 ? begins + rule->days : claim_months_later(begins, months);
    if (rule->hours != 0)
        return ends == 0 ? OUTCOME_ACCEPTED : OUTCOME_CLAIM_TERM_FIXED;
    if (ends == 0)
        return has_term ? OUTCOME_CLAIM_TERM_MISSING : OUTCOME_ACCEPTED;
    if (day_is_over(ends, now_us))
        return OUTCOME_EXPIRY_NOT_AHEAD;
    return has_term && ends > last ? OUTCOME_CLAIM_TERM_TOO_LONG : OUTCOME_ACCEPTED;
}

static bool is_organ(const struct claim *claim, struct text organ)
{
    struct text its = {claim->organ, claim->organ_length};
    return text_equals(its, organ);
}

/* What else is claimed already: who may not queue finds nothing of another organ and no measure
 * like his own, for an end is not put off by a second one; and there is room. */
static enum outcome check_queue(const struct engine *engine, const struct claim_rule *rule,
    int64_t member_id, const struct place_claim *asked)
{
    int32_t count = 0;
    enum outcome outcome = OUTCOME_ACCEPTED;
    for (int64_t id = engine->first_claims[member_id]; id != 0;
         id = engine_later_claim(engine, id)) {
        const struct claim *claim = claim_at(engine, id);
        bool meets = claim->account_id == 0 || asked->account_id == 0 ||
                     claim->account_id == asked->account_id;
        bool is_of_others =
            !is_organ(claim, asked->paper.authority_code) && claim->ground != GROUND_SECURED_RIGHT;
        if (meets && !rule->may_queue && (is_of_others || rule_of_claim(claim) == rule))
            outcome = earlier(outcome, refuse_at(engine, OUTCOME_CLAIM_MAY_NOT_QUEUE, id));
        count++;
    }
    return count < CLAIMS_PER_MEMBER_MAX ? outcome : earlier(outcome, OUTCOME_TOO_MANY_CLAIMS);
}

/* ---- stops of payments ---- */

/* 银发〔2016〕86号: twice an account, whoever asks, also when the first one is long over. */
#define STOPS_PER_ACCOUNT_MAX 2

/* The next open account of the member, the newest first, that the claim of account `account_id`, 0
 * all, reaches; NULL: that was the last one. */
static const struct account *next_reached(const struct engine *engine, int64_t member_id,
    int64_t account_id, const struct account *before)
{
    int64_t id = before ? engine->older_accounts[before->id] : engine->newest_accounts[member_id];
    while (id != 0 &&
           (engine->accounts[id].status != ACCOUNT_OPEN || (account_id != 0 && account_id != id)))
        id = engine->older_accounts[id];
    return id != 0 ? &engine->accounts[id] : NULL;
}

static enum outcome check_stops(
    const struct engine *engine, int64_t member_id, int64_t account_id, int32_t ground)
{
    const struct account *account = NULL;
    while (ground == GROUND_FRAUD_STOP &&
           (account = next_reached(engine, member_id, account_id, account)) != NULL) {
        const struct cover *cover = find_cover(engine, account->id);
        if (cover && cover->stops >= STOPS_PER_ACCOUNT_MAX)
            return OUTCOME_CLAIM_STOPPED_TOO_OFTEN;
    }
    return OUTCOME_ACCEPTED;
}

static void count_stop(struct engine *engine, const struct claim *claim)
{
    const struct account *account = NULL;
    while (claim->ground == GROUND_FRAUD_STOP &&
           (account = next_reached(engine, claim->member_id, claim->account_id, account)) != NULL) {
        struct cover *cover = change_cover(engine, account);
        cover->stops++;
        record_image(engine, RECORD_COVER, cover->id);
    }
}

/* ---- placing one ---- */

enum outcome execute_place_claim(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct place_claim *asked = &command->place_claim;
    const struct claim_rule *rule = claim_rule_of(asked->authority, asked->ground);
    int32_t today = day_in_china(engine->now_us);
    int64_t member_id = 0;
    enum outcome outcome = find_subject(engine, ledger, asked, &member_id);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (!rule)
        return OUTCOME_CLAIM_NOT_BY_LAW;
    outcome = check_subject(engine, ledger, member_id, asked);
    outcome =
        earlier(outcome, check_term(rule, today, asked->ends_date, rule->months, engine->now_us));
    outcome = earlier(outcome, check_queue(engine, rule, member_id, asked));
    outcome = earlier(outcome, check_stops(engine, member_id, asked->account_id, asked->ground));
    if (asked->payee.name.length > 0 && !rule->may_deduct)
        outcome = earlier(outcome, OUTCOME_CLAIM_MAY_NOT_DEDUCT);
    if (asked->payee.name.length > 0 && !has_room_for_deduction(engine))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_PAYOUTS);
    bool is_of_too_many =
        asked->account_id == 0 && accounts_of(engine, member_id) > CLAIM_MEMBER_ACCOUNTS_MAX;
    if (is_of_too_many || !has_room(engine, RECORD_CLAIM, 1))
        outcome = earlier(outcome, OUTCOME_TOO_MANY_CLAIMS);
    outcome = earlier(outcome, check_request(engine));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct claim *claim = add_record(engine, RECORD_CLAIM);
    claim->ledger_id = ledger->id;
    claim->member_id = member_id;
    claim->account_id = asked->account_id;
    claim->is_whole = asked->amount_minor == 0;
    claim->limit_minor = claim->is_whole ? INT64_MAX : asked->amount_minor;
    claim->ends_at_us = end_of(rule, engine->now_us, asked->ends_date);
    claim->is_noticed = ends_soon(claim, engine->now_us);
    claim->placed_sequence = engine->sequence;
    claim->told_sequence = engine->sequence;
    claim->placed_date = today;
    claim->authority = (uint8_t)asked->authority;
    claim->ground = (uint8_t)asked->ground;
    claim->status = CLAIM_LIVE;
    claim->has_fruits = asked->has_fruits;
    claim->is_secret = asked->is_secret;
    claim->organ_length = copy_text(claim->organ, sizeof claim->organ, asked->paper.authority_code);
    index_claim(engine, claim->id);
    record_image(engine, RECORD_CLAIM, claim->id);
    note_request(engine, claim, asked->answer_by_us);
    engine->effects->subject_id = claim->id;
    cover_claims(engine, member_id, CLAIMS_PER_MEMBER_MAX);
    count_stop(engine, claim);
    if (asked->payee.name.length > 0 && claim->cover_minor > 0)
        deduct(engine, claim, most_deducted_minor(claim));
    return OUTCOME_ACCEPTED;
}

/* ---- later words about one ---- */

static enum outcome find_claim(const struct engine *engine, const struct ledger *ledger,
    int64_t claim_id, const struct claim **ret_claim)
{
    const struct claim *claim = engine_find_record(engine, RECORD_CLAIM, claim_id);
    if (!claim || claim->ledger_id != ledger->id)
        return OUTCOME_CLAIM_NOT_FOUND;
    *ret_claim = claim;
    if (claim->status == CLAIM_RELEASED)
        return OUTCOME_CLAIM_RELEASED;
    if (claim->status == CLAIM_DEDUCTED)
        return OUTCOME_CLAIM_DEDUCTED;
    bool is_over = claim->ends_at_us != 0 && claim->ends_at_us <= engine->now_us;
    return claim->status == CLAIM_EXPIRED || is_over ? OUTCOME_CLAIM_EXPIRED : OUTCOME_ACCEPTED;
}

/* Only who ordered it says more of it. */
enum outcome find_claim_of(const struct engine *engine, const struct ledger *ledger,
    int64_t claim_id, struct text organ, const struct claim **ret_claim)
{
    enum outcome outcome = find_claim(engine, ledger, claim_id, ret_claim);
    if (*ret_claim && !is_organ(*ret_claim, organ))
        outcome = earlier(outcome, OUTCOME_CLAIM_OF_ANOTHER_ORGAN);
    return outcome;
}

enum outcome execute_continue_claim(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct continue_claim *asked = &command->continue_claim;
    const struct claim *claim = NULL;
    enum outcome outcome =
        find_claim_of(engine, ledger, asked->claim_id, asked->paper.authority_code, &claim);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    const struct claim_rule *rule = rule_of_claim(claim);
    /* A term goes on from its end: the day that is over by then. */
    int32_t from =
        claim->ends_at_us != 0 ? day_in_china(claim->ends_at_us - 1) : day_in_china(engine->now_us);
    outcome = check_term(rule, from, asked->ends_date, rule->next_months, engine->now_us);
    if (rule->times != CLAIM_TIMES_ANY && claim->continued >= rule->times)
        outcome = earlier(outcome, OUTCOME_CLAIM_CONTINUED_TOO_OFTEN);
    outcome =
        earlier(outcome, check_stops(engine, claim->member_id, claim->account_id, claim->ground));
    if (rule->total_months != 0 &&
        asked->ends_date > claim_months_later(claim->placed_date, rule->total_months))
        outcome = earlier(outcome, OUTCOME_CLAIM_TERM_TOO_LONG);
    if (asked->ends_date != 0 && asked->ends_date <= from && claim->ends_at_us != 0)
        outcome = earlier(outcome, OUTCOME_EXPIRY_NOT_AHEAD);
    outcome = earlier(outcome, check_request(engine));
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;

    struct claim *changed = change_record(engine, RECORD_CLAIM, claim->id);
    changed->ends_at_us = rule->hours != 0 ? claim->ends_at_us + rule->hours * HOUR_US
                                           : end_of(rule, engine->now_us, asked->ends_date);
    changed->is_noticed = ends_soon(changed, engine->now_us);
    if (changed->continued < UINT8_MAX)
        changed->continued++;
    changed->told_sequence = engine->sequence;
    count_stop(engine, changed);
    put_claim_due(engine, changed);
    record_image(engine, RECORD_CLAIM, changed->id);
    note_request(engine, changed, asked->answer_by_us);
    engine->effects->subject_id = changed->id;
    return OUTCOME_ACCEPTED;
}

void leave_queue(struct engine *engine, struct claim *claim, enum claim_status status)
{
    CHECK(claim->status == CLAIM_LIVE && claim->deducting_minor == 0);
    unlink_claim(engine, claim->id);
    claim->status = (uint8_t)status;
    claim->limit_minor = 0;
    put_claim_due(engine, claim);
    record_image(engine, RECORD_CLAIM, claim->id);
}

/* Who comes after it takes over. */
static void end_claim(struct engine *engine, struct claim *claim, enum claim_status status)
{
    leave_queue(engine, claim, status);
    engine->effects->subject_id = claim->id;
    cover_claims(engine, claim->member_id, CLAIMS_PER_MEMBER_MAX);
}

enum outcome execute_release_claim(
    struct engine *engine, const struct ledger *ledger, const struct command *command)
{
    const struct release_claim *asked = &command->release_claim;
    const struct claim *claim = NULL;
    enum outcome outcome =
        find_claim_of(engine, ledger, asked->claim_id, asked->paper.authority_code, &claim);
    if (outcome != OUTCOME_ACCEPTED)
        return outcome;
    if (claim->deducting_minor != 0)
        return OUTCOME_CLAIM_DEDUCTION_UNDER_WAY;
    if (claim->is_whole && asked->amount_minor != 0)
        return OUTCOME_CLAIM_IS_WHOLE;
    if (check_request(engine) != OUTCOME_ACCEPTED)
        return check_request(engine);
    if (asked->amount_minor > claim->limit_minor)
        return refuse_at(engine, OUTCOME_ABOVE_REST, claim->limit_minor);

    struct claim *changed = change_record(engine, RECORD_CLAIM, claim->id);
    bool is_all = asked->amount_minor == 0 || asked->amount_minor == claim->limit_minor;
    int64_t released_minor = is_all ? claim->limit_minor : asked->amount_minor;
    changed->told_sequence = engine->sequence;
    note_request(engine, changed, asked->answer_by_us);
    if (!changed->is_whole)
        changed->released_minor += released_minor;
    if (is_all) {
        /* What was deducted of a limit, and may come back, is the organ's still. */
        bool has_deducted = changed->deducted_minor > 0 && !changed->is_whole;
        end_claim(engine, changed, has_deducted ? CLAIM_DEDUCTED : CLAIM_RELEASED);
        return OUTCOME_ACCEPTED;
    }
    changed->limit_minor -= released_minor;
    record_image(engine, RECORD_CLAIM, changed->id);
    engine->effects->subject_id = changed->id;
    cover_claims(engine, changed->member_id, CLAIMS_PER_MEMBER_MAX);
    return OUTCOME_ACCEPTED;
}

enum outcome expire_claim(struct engine *engine, const struct ledger *ledger, int64_t claim_id)
{
    const struct claim *claim = engine_find_record(engine, RECORD_CLAIM, claim_id);
    if (!claim || claim->ledger_id != ledger->id)
        return OUTCOME_CLAIM_NOT_FOUND;
    if (claim->status == CLAIM_DEDUCTED)
        return OUTCOME_CLAIM_DEDUCTED;
    if (claim->status != CLAIM_LIVE)
        return OUTCOME_CLAIM_RELEASED;
    if (claim->deducting_minor != 0)
        return OUTCOME_CLAIM_DEDUCTION_UNDER_WAY;
    if (claim->ends_at_us == 0 || due_us_of(claim) > engine->now_us)
        return OUTCOME_NOT_YET_DUE;

    struct claim *changed = change_record(engine, RECORD_CLAIM, claim_id);
    if (claim->ends_at_us <= engine->now_us) {
        end_claim(engine, changed, CLAIM_EXPIRED);
        return OUTCOME_ACCEPTED;
    }
    changed->is_noticed = true;
    put_claim_due(engine, changed);
    record_image(engine, RECORD_CLAIM, claim_id);
    return OUTCOME_ACCEPTED;
}
