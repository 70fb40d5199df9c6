/* internal.h: the engine's memory, shared by its own files only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_INTERNAL_H
#define VSL_ENGINE_INTERNAL_H

#include "base/check.h"
#include "base/hash.h"
#include "base/map.h"
#include "engine/blocks.h"
#include "engine/engine.h"
#include "model/receiving_number.h"
#include "model/record_table.h"

#include <stddef.h>
#include <string.h>

/* A record that changed since it was last written behind, in the order of first changes. */
struct change {
    int64_t first_sequence;
    uint32_t place;
    enum record_kind kind;
};

/* One step to undo: bytes as they were, or an entry that was put into a map or taken out of it. */
struct undo_step {
    void *where; /* record; NULL: a map entry */
    struct map *map;
    uint64_t hash;
    uint32_t slot;
    uint32_t length;
    uint64_t bytes_offset; /* of the old bytes in undo_bytes */
    bool was_removed;      /* the map entry */
};

/* A record whose image goes out with the command under way. */
struct image_note {
    int64_t id;
    uint32_t place;
    enum record_kind kind;
};

/* An account that is settled when the command under way ends, and what of its available was not to
 * be withdrawn before the next date when it was noted. */
struct settle_note {
    int64_t account_id;
    int64_t next_date_minor;
};

/* What is live and has an end in time, and the place of its record. */
struct due_entry {
    struct due due;
    uint32_t place;
};

/* A scope of BATCH_COMMANDS_MAX commands that each touch every record they may: three steps for
 * each posting, a few for each image. */
#define UNDO_STEPS_MAX                                                                             \
    ((uint64_t)BATCH_COMMANDS_MAX * (4 * POSTINGS_PER_COMMAND_MAX + 4 * IMAGES_PER_COMMAND_MAX))
#define UNDO_BYTES_MAX                                                                             \
    ((uint64_t)BATCH_COMMANDS_MAX * 4 *                                                            \
        (POSTINGS_PER_COMMAND_MAX * sizeof(struct account) +                                       \
            IMAGES_PER_COMMAND_MAX * sizeof(struct image)))

/* Every live record that has an end in time is in once; a record knows its place there in 32 bits.
 * Address space for all: memory is touched for as many as are live at a time. */
#define DUES_MAX ((uint64_t)3 * LIVE_PLACES_MAX)
static_assert(DUES_MAX <= UINT32_MAX, "a place among the dues has 32 bits");

/* Places of the ring of dates on which payouts may return at the latest. */
#define RETURN_DATES 512

#define MARK_CHANGED 1 /* is in the ring of changes */
#define MARK_IMAGE 2   /* is in the notes of images of the command under way */
#define MARK_SETTLE 4  /* is in the notes of accounts to settle after it */

struct engine {
    /* By kind: the records by place, the last id given, and which block of places is whose; kinds
     * that stay in memory have no blocks, their place is the id. A record is resident when its
     * place has its id; others, final ones, have no block, or a place that is zero. */
    void *records[RECORD_KINDS + 1];
    int64_t last_id[RECORD_KINDS + 1];
    struct blocks blocks[RECORD_KINDS + 1];
    /* The arrays of kinds that stay in memory, with their types; the others have record_at. */
    struct ledger *ledgers;
    struct member *members;
    struct account *accounts;
    struct fee_rule *fee_rules;
    struct ledger_sums *sums; /* by ledger id */
    struct hash_key hash_secret;
    struct map prefixes;          /* receiving prefix -> ledger id */
    struct map platform_ids;      /* (ledger, platform member id) -> member id */
    struct map fee_rule_names;    /* (ledger, name) -> id of the newest version */
    int64_t *newest_fee_accounts; /* by ledger id: of OpenFeeAccount, chained by
                                     next_account_of_member; 0: none */
    uint32_t *returnable_counts;  /* by ledger id and date: see returns.c */
    int64_t *newest_debts; /* by account id: the end of its chain of open debts, if there is one */

    int64_t *newest_restrictions; /* by account id: of all that it ever had a place for, chained by
                                     next_restriction_of_account; 0: none */

    struct map holds_of_orders; /* (ledger, payer, order number) -> places of its live holds, and
                                 * of the one that ended last */
    struct map refunds;         /* (original sequence, payee's account or 0) -> place of refunded */
    /* What is live and has an end in time, a heap by time; the records know their places. In a
     * scope nothing is put in or taken out: a scope is undone. */
    struct due_entry *dues; /* [0] is unused */
    uint64_t due_count;

    /* Where engine_release goes on, and how many kinds it has still to begin with until it has seen
     * all with the present bound. */
    enum record_kind release_kind;
    uint32_t release_slot;
    int release_kinds_left;
    int64_t release_before;

    /* Changed records, a ring in the order of first changes. Address space for all places; pages
     * are given back behind its head. */
    struct change *changes;
    uint64_t changes_max;
    uint64_t changes_head; /* where the oldest one is */
    uint64_t change_count;
    uint8_t *marks[RECORD_KINDS + 1]; /* MARK_ of each place */

    /* While loading: rows of the journal from here on are not in the state tables yet; 0 before. */
    int64_t redo_sequence;

    bool in_scope;
    struct undo_step *undo_steps;
    uint64_t undo_step_count;
    uint8_t *undo_bytes;
    uint64_t undo_byte_count;
    uint64_t scope_change_count; /* of changes before the scope */

    /* The command under way. */
    bool is_unallocated; /* money of it went to UNALLOCATED because its owner is gone */
    int64_t sequence;
    int64_t now_us;
    struct effects *effects;
    struct image_note image_notes[IMAGES_PER_COMMAND_MAX];
    uint32_t image_note_count;
    struct settle_note settle_notes[POSTINGS_PER_COMMAND_MAX + 1];
    uint32_t settle_note_count;
};

/* ---- changes.c: every change of memory goes through these ---- */

/* Announces that the record is about to change: keeps its bytes for an undo, marks it as changed.
 */
void *change_record(struct engine *engine, enum record_kind kind, int64_t id);

static inline struct ledger *change_ledger(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_LEDGER, id);
}

static inline struct member *change_member(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_MEMBER, id);
}

static inline struct account *change_account(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_ACCOUNT, id);
}

static inline struct payout *change_payout(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_PAYOUT, id);
}

static inline struct hold *change_hold(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_HOLD, id);
}

static inline struct freeze *change_freeze(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_FREEZE, id);
}

static inline struct refunded *change_refunded(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_REFUNDED, id);
}

static inline struct debt *change_debt(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_DEBT, id);
}

static inline struct adjustment *change_adjustment(struct engine *engine, int64_t id)
{
    return change_record(engine, RECORD_ADJUSTMENT, id);
}

/* Gives the next id and announces the change; the record has its id and is zero otherwise. The
 * caller has checked that there is room. */
void *add_record(struct engine *engine, enum record_kind kind);

/* The place of a record that was not resident and is from now on; a block without a slot gets one:
 * there must be room. The caller puts the record there, whose id was given. */
uint32_t open_place(struct engine *engine, enum record_kind kind, int64_t id);
/* The record there is gone; the slot of a block without any is free for another. Not in a scope. */
void close_place(struct engine *engine, enum record_kind kind, uint32_t place);
/* Puts the record into the ring of changes, unless it is in. */
void mark_changed(struct engine *engine, enum record_kind kind, uint32_t place, int64_t sequence);
/* For derived fields: kept for an undo, but not a change of the record. */
void keep_for_undo(struct engine *engine, void *where, uint32_t length);
void insert_into_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot);
void remove_from_map(struct engine *engine, struct map *map, uint64_t hash, uint32_t slot);

/* Notes that an image of the record goes into the command's effects, as it is when the command
 * ends. To note a record twice does no harm. */
void record_image(struct engine *engine, enum record_kind kind, int64_t id);
/* Ends the command: puts the images that were noted into its effects, by kind and id, which is the
 * order of the history's rows. */
void fill_images(struct engine *engine);

/* Books amount > 0 from one bucket to another; the caller has checked that it can. */
void book(struct engine *engine, int64_t amount_minor, const struct account *debit,
    enum bucket debit_bucket, const struct account *credit, enum bucket credit_bucket);

/* ---- records.c: look-ups ---- */

/* Where the record is, or would be if it were resident; NO_PLACE: its block has no resident record.
 * `id` is one that was given. */
static inline uint32_t place_of(const struct engine *engine, enum record_kind kind, int64_t id)
{
    const struct blocks *blocks = &engine->blocks[kind];
    return blocks->slots_max == 0 ? (uint32_t)id : blocks_find(blocks, id);
}

static inline void *record_in(const struct engine *engine, enum record_kind kind, uint32_t place)
{
    return (uint8_t *)engine->records[kind] + (size_t)place * record_tables[kind].bytes;
}

/* The resident record; NULL: it is not. */
static inline void *find_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    if (id < 1 || id > engine->last_id[kind])
        return NULL;
    uint32_t place = place_of(engine, kind, id);
    void *record = place != NO_PLACE ? record_in(engine, kind, place) : NULL;
    return record && record_id(&record_tables[kind], record) == id ? record : NULL;
}

/* The resident record, which must be there. */
static inline void *record_at(const struct engine *engine, enum record_kind kind, int64_t id)
{
    void *record = find_record(engine, kind, id);
    CHECK(record != NULL);
    return record;
}

/* The same with their types, for kinds whose final records leave memory. */

static inline struct payout *payout_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_PAYOUT, id);
}

static inline struct hold *hold_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_HOLD, id);
}

static inline struct freeze *freeze_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_FREEZE, id);
}

static inline struct refunded *refunded_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_REFUNDED, id);
}

static inline struct debt *debt_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_DEBT, id);
}

static inline struct adjustment *adjustment_at(const struct engine *engine, int64_t id)
{
    return record_at(engine, RECORD_ADJUSTMENT, id);
}

/* Whether the record is resident. */
static inline bool has_record(const struct engine *engine, enum record_kind kind, int64_t id)
{
    return find_record(engine, kind, id) != NULL;
}

#define FOR_EACH_RECORD(engine, kind, id)                                                          \
    for (int64_t id = engine_next_record(engine, kind, 0); id != 0;                                \
         id = engine_next_record(engine, kind, id))

/* Whether so many more records of the kind fit: there are ids for them, and memory beside what is
 * live. */
static inline bool has_room(const struct engine *engine, enum record_kind kind, int64_t count)
{
    const struct blocks *blocks = &engine->blocks[kind];
    return engine->last_id[kind] <= record_tables[kind].id_max - count &&
           (blocks->slots_max == 0 || blocks_have_room(blocks, count));
}

/* How much a balance is below zero. */
static inline int64_t below_zero(int64_t balance_minor)
{
    return balance_minor < 0 ? -balance_minor : 0;
}

static inline int64_t control_account_id(const struct ledger *ledger, enum account_kind kind)
{
    CHECK(kind >= ACCOUNT_ESCROW && kind <= ACCOUNT_ENFORCEMENT);
    return ledger->first_control_account_id + (kind - ACCOUNT_ESCROW);
}

static inline const struct account *control_account(
    const struct engine *engine, const struct ledger *ledger, enum account_kind kind)
{
    return &engine->accounts[control_account_id(ledger, kind)];
}

/* Who gets money that goes back to the account: the account, restricted or not, for it is its
 * owner's; UNALLOCATED when it was closed since. To be asked by whoever books, for the answer
 * then says that the money waits there. */
const struct account *owner_now(
    struct engine *engine, const struct ledger *ledger, int64_t account_id);

/* OUTCOME_ACCEPTED with the open member account of the ledger, or why not. */
enum outcome find_member_account(const struct engine *engine, const struct ledger *ledger,
    int64_t account_id, const struct account **ret_account);

uint64_t prefix_hash(const struct engine *engine, struct text prefix);
uint64_t platform_id_hash(const struct engine *engine, int64_t ledger_id, struct text id);
const struct ledger *find_ledger_by_prefix(const struct engine *engine, struct text prefix);

/* Whether the ledger and the accounts that a record names are there and belong together. */
bool has_owners(const struct engine *engine, enum record_kind kind, const void *record);

/* ---- small helpers ---- */

/* The refusal of the two that stands first in the list of outcomes, so that code need not look in
 * the order of the list; OUTCOME_ACCEPTED when neither is one. */
static inline enum outcome earlier(enum outcome one, enum outcome other)
{
    if (one == OUTCOME_ACCEPTED)
        return other;
    if (other == OUTCOME_ACCEPTED)
        return one;
    return outcome_precedence((int)other) < outcome_precedence((int)one) ? other : one;
}

/* The command under way changes something of this order: told unless the request has an order
 * number of its own. The bytes are a record's. */
static inline void note_order_number(struct engine *engine, const char *bytes, uint8_t length)
{
    if (engine->effects->order_number.length == 0)
        engine->effects->order_number = (struct text){.bytes = bytes, .length = length};
}

/* Copies a text of the request into a record; returns its length. */
static inline uint8_t copy_text(char *memory, size_t bytes_max, struct text text)
{
    CHECK(text.length <= bytes_max);
    if (text.length > 0)
        memcpy(memory, text.bytes, text.length);
    memset(memory + text.length, 0, bytes_max - text.length);
    return (uint8_t)text.length;
}

/* Notes the number over which a rule is broken: what is available, what is left, what the fee is.
 * It is answered when no rule that comes first is broken, too; of several for one outcome the
 * least. Gives the outcome. A quote keeps none. */
static inline enum outcome refuse_at(
    const struct engine *engine, enum outcome outcome, int64_t limit_minor)
{
    struct effects *effects = engine->effects;
    CHECK(!outcome_is_accepted((int)outcome));
    if (!effects)
        return outcome;
    uint32_t i = 0;
    while (i < effects->limit_count && effects->limits[i].outcome != outcome)
        i++;
    CHECK(i < REFUSAL_LIMITS_MAX);
    if (i == effects->limit_count)
        effects->limits[effects->limit_count++] = (struct refusal_limit){outcome, limit_minor};
    else if (limit_minor < effects->limits[i].limit_minor)
        effects->limits[i].limit_minor = limit_minor;
    return outcome;
}

/* ---- members.c ---- */

/* The next account; the caller has checked that there is room. */
struct account *add_account(struct engine *engine, int64_t ledger_id, enum account_kind kind);

/* ---- receipts.c ---- */

/* Whether so much more can be held: no bucket of the ledger can pass the book balance, so it is
 * enough that the book balance stays within int64. */
bool can_take(const struct engine *engine, const struct ledger *ledger, int64_t amount_minor);
/* How much that could be at most. */
int64_t room_minor(const struct engine *engine, const struct ledger *ledger);

/* PLATFORM_OWN takes from and gives to the platform's own named account only. */
enum outcome check_platform_party(const struct ledger *ledger, const struct party *party);

/* ---- fees.c ---- */

/* Puts a version into the index of names; versions come in the order of their ids. */
void index_fee_rule(struct engine *engine, int64_t fee_rule_id);
/* Puts an account of kind FEE that is not the control account into its ledger's chain. */
void chain_fee_account(struct engine *engine, int64_t account_id);

/* The version that is in force on the ledger's accounting date, or why there is none. */
enum outcome find_fee_rule_in_force(const struct engine *engine, const struct ledger *ledger,
    struct text name, const struct fee_rule **ret_rule);
/* NULL: there is no such version. */
const struct fee_rule *get_fee_rule(
    const struct engine *engine, int64_t ledger_id, struct text name, int32_t version);

/* The legs of a fee: accounts and amounts that add up to it; amounts of 0 are left out. */
struct fee_legs {
    uint32_t count;
    int64_t account_ids[FEE_SHARES_MAX];
    int64_t amounts[FEE_SHARES_MAX];
};

/* `rule` NULL: all to FEE. */
void split_fee(const struct engine *engine, const struct ledger *ledger,
    const struct fee_rule *rule, int64_t fee_minor, struct fee_legs *ret_legs);
/* The legs of what comes back of a fee that was split so: `before_minor` of it had come back,
 * `after_minor` has. */
void split_fee_back(const struct engine *engine, const struct ledger *ledger,
    const struct fee_rule *rule, int64_t fee_minor, int64_t before_minor, int64_t after_minor,
    struct fee_legs *ret_legs);
/* from -> the fee accounts. */
void book_fee(struct engine *engine, const struct fee_legs *legs, const struct account *from,
    enum bucket from_bucket);
/* The fee accounts -> to's available. */
void book_fee_back(struct engine *engine, const struct fee_legs *legs, const struct account *to);
/* Whether every fee account has its leg available. */
bool fee_legs_are_covered(const struct engine *engine, const struct fee_legs *legs);

/* ---- returns.c ---- */

/* The payout is one that may return, from now on (1), or is no longer as it is (-1). */
void count_returnable(struct engine *engine, const struct payout *payout, int change);
/* The ledger goes to a later date: what could return up to the day before cannot any more. */
void drop_past_returns(struct engine *engine, const struct ledger *ledger, int32_t new_date);
/* How many payouts the bank may still send back on the ledger's date or later. */
int64_t returnable_count(const struct engine *engine, const struct ledger *ledger);

/* ---- restrictions.c ---- */

/* Puts a restriction at the head of its account's chain. */
void index_restriction(struct engine *engine, int64_t restriction_id);

/* ---- second_person.c ---- */

/* For a command that is right in all else but must be sent by two: OUTCOME_ACCEPTED when
 * `first_sequence` names the first one's request, and what it is about was not changed since; else
 * why not. 0: this is the first one's. */
enum outcome check_second_person(const struct ledger *ledger, const struct command *command,
    int64_t first_sequence, int64_t changed_sequence);

/* ---- debts.c ---- */

/* Puts an open debt at the end of its account's chain. */
void append_debt(struct engine *engine, int64_t debt_id);
/* Repays the account's oldest debts out of at most so much. Returns what was repaid. */
int64_t recover_debts(struct engine *engine, const struct ledger *ledger,
    const struct account *account, int64_t most_minor);

/* ---- settle.c ---- */

/* What settling one account can add to a command. */
#define SETTLE_POSTINGS 1
#define SETTLE_IMAGES (1 + DEBTS_PER_SETTLE_MAX)

/* Something of the account's available became its own to give, by whichever way: it is settled when
 * the command ends, if it owes. To note it twice does no harm. */
void note_to_settle(struct engine *engine, const struct account *account);
/* Ends an accepted command: who was noted and owes repays out of what is available. */
void settle_accounts(struct engine *engine, const struct ledger *ledger);

/* ---- next_date.c ---- */

/* So much of what the account has just got cannot be withdrawn until the next accounting date. */
void keep_for_next_date(struct engine *engine, const struct account *account, int64_t amount_minor);
/* What is kept so with `from`, at most so much, is kept with `to` instead. */
void pass_on_next_date(struct engine *engine, const struct account *from, const struct account *to,
    int64_t most_minor);
/* `from` has just given so much to another account: what of it is kept for the next date stays so
 * with an owner. */
void carry_next_date(struct engine *engine, const struct account *from, enum bucket from_bucket,
    const struct account *to, int64_t amount_minor);

/* ---- payments.c ---- */

/* What Pay and ConfirmHold have in common. */
struct payment_request {
    int64_t payer_account_id;
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    int32_t fee_bearer;   /* enum fee_bearer, 0 is the payer */
    int64_t fee_minor;
    struct text fee_rule; /* excludes fee_minor; empty: none */
    bool withdrawable_next_date;
};

/* What a payment or a confirm would book. */
struct payment_plan {
    const struct fee_rule *rule; /* NULL: none */
    int64_t payees_minor;        /* the sum of the asked amounts */
    int64_t fee_minor;           /* the whole fee, whoever bears it */
    bool payees_bear;
    int64_t payee_fee_minor[PAYEES_PER_COMMAND_MAX]; /* only where the payees bear it */
};

/* Checks payees and fee and computes it: the first broken rule about them. The payer's own rules
 * are the caller's. The plan is whole only when it is accepted. */
enum outcome plan_payment(const struct engine *engine, const struct ledger *ledger,
    const struct payment_request *request, struct payment_plan *ret_plan);

/* What the payer gives. */
static inline int64_t plan_total_minor(const struct payment_plan *plan)
{
    return plan->payees_bear ? plan->payees_minor : plan->payees_minor + plan->fee_minor;
}

/* Books the plan and tells its fee in the effects; the caller has checked that the payer has it. */
void book_payment(struct engine *engine, const struct ledger *ledger,
    const struct payment_plan *plan, const struct payment_request *request,
    const struct account *payer, enum bucket payer_bucket);

/* What of the account's available may be withdrawn on the present accounting date. */
int64_t withdrawable_minor(const struct ledger *ledger, const struct account *account);

/* ---- holds.c, freezes.c, refunds.c, corrections.c, expiry.c ---- */

/* The channel of a request, which is who asks. */
static inline struct text channel_of(const struct request_key *key)
{
    return (struct text){key->channel, key->channel_length};
}

/* Puts a live hold, freeze or proposal into the engine's indexes; also when it is loaded. */
void index_hold(struct engine *engine, int64_t hold_id);
/* The same for an ended hold that is the last of its order, of those that are in memory. */
void index_ended_hold(struct engine *engine, int64_t hold_id);
/* Whether it is known as such. */
bool is_ended_of_order(const struct engine *engine, int64_t hold_id);
/* It leaves memory. */
void unindex_ended_hold(struct engine *engine, int64_t hold_id);
void index_freeze(struct engine *engine, int64_t freeze_id);
void index_adjustment(struct engine *engine, int64_t adjustment_id);
void index_refunded(struct engine *engine, int64_t refunded_id);
void unindex_refunded(struct engine *engine, int64_t refunded_id);
/* Puts it into the heap of what has an end in time; each record once. Does nothing in a scope. */
void put_due(struct engine *engine, enum expiry_kind kind, int64_t ledger_id, int64_t id,
    int64_t expires_at_us);
/* It is not live any more. Does nothing in a scope, and when it is not in. */
void remove_due(struct engine *engine, enum expiry_kind kind, int64_t id);
/* The parts of Expire. */
enum outcome expire_hold(struct engine *engine, const struct ledger *ledger, int64_t hold_id);
enum outcome expire_freeze(struct engine *engine, const struct ledger *ledger, int64_t freeze_id);
enum outcome expire_adjustment(
    struct engine *engine, const struct ledger *ledger, int64_t adjustment_id);

/* What a later command names is there: an accepted command of the ledger; NULL: it is not. */
const struct original *find_original(const struct ledger *ledger, const struct command *command);
/* Adds to what was given back of a command, of the whole (account 0) or of a payee. The caller has
 * checked that there is room. */
struct refunded *add_refunded(struct engine *engine, const struct ledger *ledger,
    int64_t original_sequence, int64_t account_id, int64_t amount_minor, int64_t fee_minor);

/* ---- the commands: check, then change; the outcome is the answer ---- */

/* OpenLedger's `ledger` is NULL: there is none yet. */
#define COMMAND(number, NAME, name, Service, Method, answer)                                       \
    enum outcome execute_##name(                                                                   \
        struct engine *engine, const struct ledger *ledger, const struct command *command);
#include "command/command_list.h"

#endif
