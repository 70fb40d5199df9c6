/* engine.h: the only code that decides about money and changes balances.
 *
 * No I/O, no clock, no malloc after engine_create: time and numbers come in with the command. First
 * everything is checked, then changed; from the first change on a command cannot fail. After every
 * command the sums of its ledger hold (see engine_check), or the process aborts.
 *
 * Request keys are not its business: whether a command was seen before is the journal's question.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_ENGINE_H
#define VSL_ENGINE_ENGINE_H

#include "base/fingerprint.h"
#include "base/must_use.h"
#include "command/command.h"
#include "model/command_record.h"
#include "model/document.h"
#include "model/outcome.h"
#include "model/personal.h"
#include "model/records.h"

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* Kinds of refusals over an amount, see CommandResult.limit_minor. */
#define REFUSAL_LIMITS_MAX 8

/* What one command did. The owner provides the memory and reuses it. */
struct effects {
    enum outcome outcome;
    int64_t subject_id;       /* see command_record.subject_id; 0 when refused */
    int32_t accounting_date;  /* of the ledger, days; 0 when there is no such ledger */
    int32_t fee_rule_version; /* of the rule that the request names; 0: none, or refused */
    int64_t fee_minor;        /* what it charged; 0 when refused */
    int64_t limit_minor;      /* of a refusal over an amount: the number that decided it; 0 else */
    int64_t policy_limit_minor; /* of a refusal by a limit of the account policy: the limit */
    int64_t told_before;        /* the command that told the payout's status before; 0: none */
    int64_t suspense_id;        /* the item that it opened in UNALLOCATED; 0: none */
    int64_t check_amount_minor; /* to be paid for the check that it asks for; 0: nothing */
    int64_t claim_payout_id;    /* the first payout by which a claim deducts; 0: none */
    /* The payouts that it made by card, the first one of subject_id; 0: none. */
    struct card_part card_parts[CARDS_PER_MEMBER_MAX];
    uint32_t card_part_count;
    /* The engine's own: the limits of the broken rules that were found, by outcome. */
    struct refusal_limit {
        enum outcome outcome;
        int64_t limit_minor;
    } limits[REFUSAL_LIMITS_MAX];
    uint32_t limit_count;
    /* The request's own, whatever the outcome; else that of what an accepted command changed. Valid
     * until the next command, and as long as the request. */
    struct text order_number;
    /* Members and accounts of one member or person, and its claims, that it went through one after
     * the other: what it cost beside postings and images. */
    uint32_t walked;
    uint32_t posting_count;
    uint32_t image_count;
    struct posting postings[POSTINGS_PER_COMMAND_MAX];
    struct image images[IMAGES_PER_COMMAND_MAX];
};

struct engine *engine_create(void);

/* Whether a party of a command of the ledger is the one with that name and number, however both are
 * written. Where values are sealed before the engine gets them, it has to be told how they are
 * compared; else they are compared as they are, folded (base/fold.h). */
typedef bool engine_same_party(void *context, int64_t ledger_id, const struct party *party,
    struct text name, struct text number);
/* The same of the account that a bank's statement is of, and the ledger's escrow account. */
typedef bool engine_is_escrow_account(
    void *context, int64_t ledger_id, struct text number, struct text own);
void engine_set_same_party(struct engine *engine, engine_same_party *same_party,
    engine_is_escrow_account *is_escrow_account, void *context);

/* All fingerprints that a personal value of a command of the ledger can be recorded by, its own
 * first; how many, 0 of an empty value. `is_written`: as somebody wrote it, of a party; it is
 * brought into the form in which such values are kept before. Where values are sealed before the
 * engine gets them, it has to be told, as above; else it makes one of the value as it is. */
typedef uint32_t engine_fingerprints(void *context, int64_t ledger_id, enum personal_kind kind,
    struct text value, bool is_written, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX]);
void engine_set_fingerprints(
    struct engine *engine, engine_fingerprints *fingerprints, void *context);
void engine_destroy(struct engine *engine);

/* Decides a command and carries it out. `now_us` is when, microseconds since 1970-01-01 UTC.
 * `sequence` is the number that it will have in the journal; changed records carry it. A refusal
 * changes nothing and has no postings and images. */
void engine_execute(struct engine *engine, int64_t now_us, int64_t sequence,
    const struct command *command, struct effects *ret_effects);

/* Whether the proposal that an Approve names can be decided now: then its command is executed, with
 * proposal_id and the approver's key and caller, and the Approve itself is not. Else the Approve
 * is, and refused. */
enum outcome engine_check_approval(
    const struct engine *engine, int64_t now_us, const struct command *approve);

/* A scope keeps what is needed to undo every command since, and always ends with the undo: for dry
 * runs, and to see whether an atomic batch would be accepted. Scopes do not nest. A scope holds up
 * to BATCH_COMMANDS_MAX commands. */
/* Whether a lump of all or nothing has some of its lines only: an atomic batch must not end so. */
bool engine_is_torn(const struct engine *engine);
void engine_begin(struct engine *engine);
void engine_rollback(struct engine *engine);

/* ---- live state; records stay where they are, their content changes ---- */

const struct ledger *engine_find_ledger(const struct engine *engine, int64_t ledger_id);
const struct member *engine_find_member(const struct engine *engine, int64_t member_id);
const struct member *engine_find_member_by_platform_id(
    const struct engine *engine, int64_t ledger_id, struct text platform_member_id);
/* The position with its balances, its product's last price, and what they are worth. */
struct position engine_shown_position(
    const struct engine *engine, const struct ledger *ledger, const struct position *position);
/* What the account of money holds of products. */
void engine_assets(const struct engine *engine, const struct ledger *ledger,
    const struct account *account, struct assets *ret_assets);
const struct account *engine_find_account(const struct engine *engine, int64_t account_id);
/* NULL when it is no receiving number of the ledger or there is no such account. */
const struct account *engine_find_account_by_receiving_number(
    const struct engine *engine, int64_t ledger_id, struct text receiving_number);
/* Who the member is: the last one of it, be it over; NULL: nobody has checked. What it comes to:
 * model/identity.h. */
const struct identity *engine_find_identity(const struct engine *engine, int64_t member_id);
/* The first identity of the ledger with that number, whose person_id is everybody's who has it; all
 * fingerprints that the number can have been recorded by are given. NULL: nobody has it. */
const struct identity *engine_find_person(const struct engine *engine, int64_t ledger_id,
    enum document_kind kind, const struct fingerprint *fingerprints, uint32_t count);
/* The newest identity of a person, and the next older one of the same; 0: none. Several may be of
 * one member. */
int64_t engine_newest_identity(const struct engine *engine, int64_t person_id);
int64_t engine_older_identity(const struct engine *engine, int64_t identity_id);
const struct payout *engine_find_payout(const struct engine *engine, int64_t payout_id);
/* The member's first live claim in legal order, and the next one; 0: none. */
int64_t engine_first_claim(const struct engine *engine, int64_t member_id);
int64_t engine_later_claim(const struct engine *engine, int64_t claim_id);
/* What all claims cover of the account, a part of frozen. */
int64_t engine_cover_minor(const struct engine *engine, int64_t account_id);
/* The card's status on the ledger's accounting date, CARD_LOCKED too. */
enum card_status engine_card_status(const struct engine *engine, const struct card *card);
/* What cards the account was used with, the newest first; 0: there is no other one. */
int64_t engine_newest_card_flow(const struct engine *engine, int64_t account_id);
int64_t engine_older_card_flow(const struct engine *engine, int64_t flow_id);
/* Whether what the bank says of the payout needs the command that asked for it, as its original: it
 * tells by which card and mandate it went, or which claim it deducts. */
bool engine_needs_withdrawal(const struct engine *engine, const struct payout *payout);
/* The member's newest account, and the next older one of the same member; 0: none. */
int64_t engine_newest_account(const struct engine *engine, int64_t member_id);
int64_t engine_older_account(const struct engine *engine, int64_t account_id);
/* A version of a fee rule; `version` 0: the one in force on the ledger's accounting date. NULL when
 * there is none. */
const struct fee_rule *engine_find_fee_rule(
    const struct engine *engine, int64_t ledger_id, struct text name, int32_t version);
/* Whether memory can say if the ledger's acquirer ever promised something with the reference: it
 * has the promise, or there never was one. */
bool engine_knows_promise(
    const struct engine *engine, int64_t ledger_id, int64_t acquirer_id, struct text reference);
/* How much of a booking at the escrow account (enum booking_kind) is matched; NULL: memory has no
 * match of it. */
const struct matched_booking *engine_find_matched_booking(
    const struct engine *engine, uint8_t booking_kind, int64_t booking_id);
/* The booking that the command is about, as far as memory can say: that a match settles or settled,
 * or that a reversal takes back. False: there is none. */
bool engine_booking_of(const struct engine *engine, const struct command *command,
    uint8_t *ret_booking_kind, int64_t *ret_booking_id);
/* By the name that its certificates have. */
const struct caller *engine_find_caller(const struct engine *engine, struct text name);
/* Whether an active caller has the role. */
bool engine_has_administrator(const struct engine *engine);
/* A record of any kind. */
const void *engine_find_record(const struct engine *engine, enum record_kind kind, int64_t id);
int64_t engine_last_ledger_id(const struct engine *engine);

/* Sums of a ledger over all its accounts, kept up with every posting. */
struct ledger_sums {
    int64_t total_minor[BUCKET_COUNT]; /* but ESCROW, and what acquirers owe */
    int64_t escrow_minor;              /* ESCROW.available: minus the book balance */
    int64_t suspense_minor; /* open of all items; what UNALLOCATED has, but for old money */
    int64_t open_lump_count;
    int64_t receivables_minor;  /* what acquirers owe: pending in at others */
    int64_t missing_fees_minor; /* what FEE accounts are below zero, all together; 0 or more */
};
const struct ledger_sums *engine_ledger_sums(const struct engine *engine, int64_t ledger_id);

/* ---- quotes: what a command would say ---- */

struct fee_quote {
    const struct fee_rule *rule; /* in force */
    int64_t fee_minor;
    uint32_t leg_count; /* 1 at least; legs may be 0 */
    int64_t account_ids[FEE_SHARES_MAX];
    int64_t amounts_minor[FEE_SHARES_MAX];
};

/* OUTCOME_ACCEPTED with the fee of an amount, LEDGER_NOT_FOUND, or FEE_RULE_ outcomes. */
enum outcome engine_quote_fee(const struct engine *engine, int64_t ledger_id, struct text name,
    int64_t amount_minor, struct fee_quote *ret_quote);

/* Why not more can be withdrawn; numbers as in the proto. */
enum withdraw_limit {
    WITHDRAW_LIMIT_NONE = 0,
    WITHDRAW_LIMIT_ACCOUNT = 1,
    WITHDRAW_LIMIT_NOT_YET_WITHDRAWABLE = 2,
    WITHDRAW_LIMIT_FEE = 3,
    WITHDRAW_LIMIT_FEE_ACCOUNT = 4,
    WITHDRAW_LIMIT_FEE_NOT_BELOW_AMOUNT = 5,
    WITHDRAW_LIMIT_CARD = 6,
    WITHDRAW_LIMIT_POLICY = 7,
};

/* What may leave by a card, see CardQuote in the proto. */
struct card_quote {
    int64_t card_id;
    bool is_main;
    int64_t in_minor;
    int64_t out_minor;
    int64_t owed_minor;
    int64_t withdrawable_minor;
    enum withdraw_limit limit;
};

struct withdraw_quote {
    int64_t amount_minor; /* the largest that Withdraw takes; 0: none */
    int64_t fee_minor;    /* of it */
    int64_t arrives_minor;
    int64_t available_minor;
    int64_t withdrawable_minor;
    int32_t fee_rule_version; /* 0: no rule */
    enum withdraw_limit limit;
    /* The checked cards of the member, where money leaves by the card that it came by. */
    struct card_quote cards[CARDS_PER_MEMBER_MAX];
    uint32_t card_count;
};

/* How much a withdrawal with these fee fields can take at that time; amount, destination and texts
 * do not matter. OUTCOME_ACCEPTED with the quote; LEDGER_NOT_FOUND, ACCOUNT_NOT_FOUND,
 * NOT_A_MEMBER_ACCOUNT (of either account), SAME_ACCOUNT or FEE_RULE_ outcomes. */
enum outcome engine_quote_withdraw(const struct engine *engine, int64_t now_us, int64_t ledger_id,
    const struct withdraw *asked, struct withdraw_quote *ret_quote);

/* Recomputes every sum from the accounts and payouts and compares; -1 with a sentence on the first
 * difference. Looks at every record: for start-up and tests. */
MUST_USE int engine_check(const struct engine *engine, char *ret_error, size_t error_bytes);

/* ---- loading: physical redo, in the order of core/store/store.h ---- */

/* Sets a record to an image that is as of `sequence`, unless a newer one is there. */
void engine_load_image(struct engine *engine, int64_t sequence, const struct image *image);
/* An accepted or refused command of the journal, behind all images and before all postings. */
void engine_load_command(struct engine *engine, const struct command_record *command);
/* Sets the two buckets to the balances after the posting, unless newer ones are there, and counts
 * again what its command counted. Postings come in order. -1 when an account does not exist: the
 * journal is broken. */
MUST_USE int engine_load_posting(
    struct engine *engine, int64_t sequence, const struct posting *posting);
/* The state rows are loaded, rows of the journal follow: records that they change from
 * `redo_sequence` on will be written behind again. */
void engine_load_redo(struct engine *engine, int64_t redo_sequence);
/* Ends loading: builds sums and indexes. */
void engine_load_done(struct engine *engine);

/* The oldest business date that an open ledger takes, days; the last day of date.h when no ledger
 * is open. */
int32_t engine_oldest_business_date(const struct engine *engine);

/* ---- writing behind ---- */

/* Records changed since they were last taken, in the order of their first such change. Takes up to
 * `max` images, each with the sequence as of which it is, whose first change is at or before
 * `until_sequence`. `ret_redo_sequence`: redo starts here once these are written (`next_sequence`
 * when nothing changed stays). */
uint32_t engine_take_changed(struct engine *engine, int64_t until_sequence, uint32_t max,
    int64_t next_sequence, struct image *ret_images, int64_t *ret_sequences,
    int64_t *ret_redo_sequence);
/* First change of the oldest record not taken; 0 when there is none. */
int64_t engine_oldest_change(const struct engine *engine);

/* ---- final records leave memory ----
 *
 * Finished and expired holds and freezes, recovered debts, decided proposals, payouts that cannot
 * come back any more, and what was given back of old commands. They are not found any more, and
 * whoever names one is refused as if it had never been: so the owner puts back what a command names
 * before the command is decided. Ids up to engine_last_id that are not resident are final. */

/* Whether final records of the kind leave memory. */
bool engine_is_evictable(enum record_kind kind);
/* Whether the record is in memory. */
bool engine_is_resident(const struct engine *engine, enum record_kind kind, int64_t id);
/* Goes on through the records of these kinds, in steps of some thousand ids, until `budget` ids
 * were looked at, or all once since `before_sequence` is another. Takes out of memory what is final
 * and was last changed before `before_sequence`: all changes before it must be written behind. What
 * was given back of a command leaves when the command itself is before it, too. Returns how many
 * left. Not in a scope. */
uint32_t engine_evict(struct engine *engine, int64_t budget, int64_t before_sequence);
/* Puts a final record back, from its state row; no change, so no mark. Nothing when it is resident.
 * -1 when the image is no such record: the database is damaged. Not in a scope. */
MUST_USE int engine_revive(struct engine *engine, const struct image *image);

/* ---- what has an end in time, and records of payments ---- */

/* A hold, freeze or proposal whose time is over, or an item of suspense that is older than the
 * terms allow. */
struct due {
    int64_t expires_at_us;
    int64_t ledger_id;
    int64_t id;
    enum expiry_kind kind;
};

/* What is live of an open ledger and whose time is over by `now_us`, the one with
 * the least time, kind and id first; false when there is none. It stays the answer until an Expire
 * command carried it out, or another one ended it. Not in a scope. */
bool engine_next_due(struct engine *engine, int64_t now_us, struct due *ret_due);

const struct hold *engine_find_hold(const struct engine *engine, int64_t hold_id);
/* Whether memory can say what became of the payer's holds of an order when everything that has left
 * it was last changed before `evicted_before`: one is live, or one ended later than that. Else the
 * one that ended last is to be put back (engine_revive), if there is one. */
bool engine_knows_holds(const struct engine *engine, int64_t ledger_id, int64_t payer_id,
    struct text order_number, int64_t evicted_before);
const struct freeze *engine_find_freeze(const struct engine *engine, int64_t freeze_id);
/* What the member of the account owes PLATFORM_OWN, at whichever of its accounts, in minor units; 0
 * of an account that no member has. */
int64_t engine_owed_minor(const struct engine *engine, const struct account *account);
const struct debt *engine_find_debt(const struct engine *engine, int64_t debt_id);
const struct adjustment *engine_find_adjustment(const struct engine *engine, int64_t adjustment_id);
/* Which commands of the ledger need two persons; NULL: none was ever set. */
const struct approval_policy *engine_find_approval_policy(
    const struct engine *engine, int64_t ledger_id);
/* What members of the ledger may do, by level; NULL: none was ever set. */
const struct account_policy *engine_find_account_policy(
    const struct engine *engine, int64_t ledger_id);
/* The level of a member that is there and, when its ledger has a policy that asks for something,
 * what it may do and what it did of it until now; false: the ledger is unchecked, no more is
 * set. */
bool engine_member_allowance(const struct engine *engine, int64_t now_us, int64_t member_id,
    enum identity_level *ret_level, struct account_level *ret_rules, struct usage *ret_used);
/* Which commands of the ledger need a proof; NULL: it has no policy, or there is no such ledger. */
const struct proof_policy *engine_find_proof_policy(const struct engine *engine, int64_t ledger_id);
/* For how long money of the ledger may wait in UNALLOCATED, and whether some waits for longer;
 * NULL: there was never such a term. */
const struct watch *engine_find_watch(const struct engine *engine, int64_t ledger_id);
/* The oldest item of suspense that has something open; NULL: there is none. */
const struct suspense *engine_oldest_suspense(const struct engine *engine, int64_t ledger_id);
/* How much of a command was given back: of the whole (account 0) or of a payee; NULL: nothing. */
const struct refunded *engine_find_refunded(
    const struct engine *engine, int64_t original_sequence, int64_t account_id);
/* Whether what was given back of the payees adds up to what was given back of the whole, also when
 * some of it has come back into memory; true of commands of which only the whole is given back. */
bool engine_given_back_adds_up(const struct engine *engine, const struct original *original);
/* Ids of a kind are 1 to this; 0: there is none yet. */
int64_t engine_last_id(const struct engine *engine, enum record_kind kind);
/* The first resident record behind `id` (0 at least); 0: there is none. Takes the time of the
 * records that it finds, not that of the ids between them. */
int64_t engine_next_record(const struct engine *engine, enum record_kind kind, int64_t id);

/* The live business freezes of an account for one purpose. */
/* What restricts the account now, owner by owner, newest first; flags of before there were owners
 * are those of the service's own channel, with no id. Returns how many. */
uint32_t engine_restrictions(const struct engine *engine, int64_t account_id,
    struct restriction ret_restrictions[RESTRICTIONS_PER_ACCOUNT_MAX]);

struct frozen_purpose {
    struct text purpose; /* in a freeze's memory */
    int64_t frozen_minor;
    int32_t freeze_count;
};

/* Purposes that are told apart, and freezes that are looked at; with more, the answer is -1. */
#define FROZEN_PURPOSES_MAX 256
#define FROZEN_EXAMINED_MAX LIST_EXAMINED_MAX

/* Sums the account's live freezes by purpose, in the order of the purposes' names; returns how many
 * purposes there are, -1 when there are more than the ceilings allow. */
int32_t engine_frozen_by_purpose(const struct engine *engine, int64_t account_id,
    struct frozen_purpose ret_purposes[FROZEN_PURPOSES_MAX]);

#endif
