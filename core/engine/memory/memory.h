/* memory.h: what the engine's memory consists of: records, what is derived from them, and what the
 * command under way has done.
 *
 * For the engine's own files: everybody else has engine.h. memory/ is the machine, which keeps,
 * marks, undoes, loads and lets go; rules/ decides.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_MEMORY_H
#define VSL_ENGINE_MEMORY_MEMORY_H

#include "base/buffer.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/map.h"
#include "engine/engine.h"
#include "engine/memory/blocks.h"
#include "engine/memory/record_rules.h"
#include "model/record_table.h"

/* A record that changed since it was last written behind, in the order of first changes. */
struct change {
    int64_t first_sequence;
    uint32_t place;
    enum record_kind kind;
};

/* One step to undo: bytes as they were, or an entry that was put into a map or the dues or taken
 * out of them. */
struct undo_step {
    void *where;     /* record; NULL: an entry */
    struct map *map; /* NULL: an entry of the dues */
    uint64_t hash;
    uint32_t slot;
    uint32_t length;
    uint64_t bytes_offset; /* of the old bytes in undo_bytes */
    int64_t due_id;
    int64_t due_us;
    enum record_kind due_kind;
    bool was_removed; /* the entry */
};

/* A place in what a scope keeps, to which it can be undone. */
struct savepoint {
    uint64_t step_count;
    uint64_t byte_count;
    uint64_t change_count; /* in the ring of changes */
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
    int64_t expires_at_us;
    int64_t id;
    enum record_kind kind;
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

/* An open debt's neighbours: the next one of its account, and both ways in the chain of its member;
 * 0: none. */
struct debt_links {
    int64_t younger;
    int64_t older_of_member;
    int64_t younger_of_member;
};

/* The children of what waits in the tree of its ledger, see waiting.h; 0: none. */
struct waiting_links {
    int64_t younger;
    int64_t older;
};

/* A bound card's neighbours in the chain of its member; 0: none. */
struct card_links {
    int64_t older;
    int64_t younger;
};

/* An identity has a slot for each name and number of a document that it is found by, but for its
 * own number, which tells persons apart: see identities.c. */
#define NAMES_PER_IDENTITY 5

/* The neighbours of such a value in the chain of who has it: slots; 0: none. */
struct name_links {
    uint32_t older;
    uint32_t younger;
};

/* A live claim's neighbours in the queue of its member; 0: none. */
struct claim_links {
    int64_t earlier;
    int64_t later;
};

/* A live freeze's neighbours in the chain of its account; 0: none. */
struct freeze_links {
    int64_t older;
    int64_t younger;
};

/* Live holds, freezes, adjustments, proposals, claims and checks of cards are each in once, and no
 * kind uses its place 0; so is each valid identity and each listed entry of a deny list that ends;
 * of suspense the oldest item of each ledger whose terms say how old it may be, and of each ledger
 * the first promise that is late. Address space for all: memory is touched for as many as are live
 * at a time. */
#define DUES_MAX                                                                                   \
    ((uint64_t)6 * (LIVE_PLACES_MAX - 1) + 2 * LEDGERS_MAX + IDENTITIES_MAX + DENIED_MAX)

/* Places of the ring of dates on which payouts may return at the latest. */
#define RETURN_DATES 512

#define MARK_CHANGED 1 /* is in the ring of changes */
#define MARK_IMAGE 2   /* is in the notes of images of the command under way */
#define MARK_SETTLE 4  /* is in the notes of accounts to settle after it */

struct engine {
    const struct record_rules *rules; /* by kind of record; [0] is unused */
    engine_same_party *same_party;    /* NULL: values are as they were sent */
    engine_is_escrow_account *is_escrow_account;
    void *same_party_context;
    engine_fingerprints *fingerprints; /* NULL: likewise */
    void *fingerprints_context;
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
    struct ledger_sums *sums; /* by ledger id; see rules/sums.h */
    struct hash_key hash_secret;
    struct map prefixes;             /* receiving prefix -> ledger id */
    struct map platform_ids;         /* (ledger, platform member id) -> member id */
    struct map fee_rule_names;       /* (ledger, name) -> id of the newest version */
    struct map caller_names;         /* name -> id */
    struct map acquirer_names;       /* (ledger, name) -> id */
    struct map product_codes;        /* (ledger, code) -> id */
    struct map position_keys;        /* (owner account, product) -> id */
    struct map statement_references; /* (ledger, the bank's name) -> id, but of cancelled ones */
    struct map statement_files;      /* (ledger, SHA-256, position) -> id, likewise */
    int64_t *last_statements;        /* by ledger id: the last that is not cancelled; 0: none */
    int64_t *statements_before;      /* by bank statement id: the last one when it was opened */
    int64_t *policies;               /* by ledger id: its approval policy; 0: none was ever set */
    int64_t *proof_policies;         /* by ledger id: its policy of proofs; 0: none was ever set */
    int64_t *watches;                /* by ledger id: its watch; 0: none was ever set */
    int64_t *account_policies;       /* by ledger id: its account policy; 0: none was ever set */
    uint32_t *returnable_counts;     /* by ledger id and date: see returns.c */

    /* Chains of ids, beside the records so that these hold nothing but what is recorded; 0: none.
     * Accounts of a member and those of OpenFeeAccount, the newest first. */
    int64_t *newest_accounts;     /* by member id */
    int64_t *newest_fee_accounts; /* by ledger id */
    int64_t *older_accounts;      /* by account id */
    /* An account's live freezes, the newest first, both ways. */
    int64_t *newest_freezes;           /* by account id */
    struct freeze_links *freeze_links; /* by place */
    /* An account's open debts, the oldest first; and a member's, of all its accounts, both ways. */
    int64_t *oldest_debts;         /* by account id */
    int64_t *newest_debts;         /* by account id; means nothing when there is no oldest one */
    int64_t *oldest_member_debts;  /* by member id */
    int64_t *newest_member_debts;  /* by member id; likewise */
    struct debt_links *debt_links; /* by place */
    int64_t *owed_minor;           /* by member id: what is not recovered of all of them */
    /* All restrictions that an account ever had a place for, the newest first. */
    int64_t *newest_restrictions; /* by account id */
    int64_t *older_restrictions;  /* by restriction id */
    /* A member's cards that are bound, the newest first, both ways. */
    int64_t *newest_cards;         /* by member id */
    struct card_links *card_links; /* by place */
    /* What cards an account was used with, the newest first. */
    int64_t *newest_flows;        /* by account id */
    int32_t *card_mandate_counts; /* by account id: that were ever granted for cards */
    int32_t *open_product_counts; /* by account id: that pay through it */
    /* What an account holds of products, the newest position first; and what is held of a product
     * in all buckets of all positions. */
    int64_t *newest_positions; /* by account id, of money */
    int64_t *older_positions;  /* by position id */
    int64_t *held_units;       /* by product id */
    int64_t *older_flows;      /* by card flow id */

    /* A member's live claims in legal order; what claims cover of an account. */
    int64_t *first_claims;           /* by member id */
    int64_t *last_claims;            /* by member id */
    struct claim_links *claim_links; /* by place */
    int64_t *covers;                 /* by account id: its record; 0: nothing ever was */

    /* The identities of one person, the newest first. */
    int64_t *newest_of_person; /* by identity id, of the person */
    int64_t *older_of_person;  /* by identity id */
    struct map documents;      /* (ledger, fingerprint of the number) -> identity id */
    struct map names;          /* (ledger, fingerprint of such a value) -> the newest slot */
    struct name_links (*name_links)[NAMES_PER_IDENTITY]; /* by identity id: of its slots */

    /* Deny lists: how many entries of a ledger are listed; the hits of a member, the newest first,
     * and those of payers. */
    int64_t *denied_counts;   /* by ledger id */
    int64_t *newest_hits;     /* by member id */
    int64_t *older_hits;      /* by hit id */
    struct map denied_values; /* (ledger, fingerprint of the value) -> ids of listed entries */
    struct map payer_hits;    /* receipt's sequence -> ids of hits */

    /* What of a ledger waits, of the kinds of waiting.h; and which of it is among the dues, for
     * there is one at most. */
    int64_t *waiting_roots[RECORD_KINDS + 1];              /* by ledger id */
    struct waiting_links *waiting_links[RECORD_KINDS + 1]; /* by place */
    int64_t *waiting_dues[RECORD_KINDS + 1];               /* by ledger id; 0: none */

    struct map holds_of_orders;    /* (ledger, payer, order number) -> places of its live holds, and
                                 * of the one that ended last */
    struct map suspense_sources;   /* (command or payout) -> places of the items that it brought */
    struct map promise_references; /* (acquirer, its reference) -> place */
    struct map matched_bookings;   /* (kind of booking, its id) -> place */
    struct map card_numbers;       /* (ledger, number's fingerprint) -> places of its cards */
    struct map open_lumps;   /* item of suspense -> place of the open lump that it is kept for */
    int64_t torn_lump_count; /* open ones of all or nothing that have lines */
    struct map refunds;      /* (original sequence, payee's account or 0) -> place of refunded */
    /* What is live and has an end in time, a heap by time. */
    struct due_entry *dues; /* [0] is unused */
    uint64_t
        *due_places[RECORD_KINDS + 1]; /* of each place of the kinds that expire: in the heap */
    uint64_t due_count;

    /* Where engine_evict goes on, and how many kinds it has still to begin with until it has seen
     * all with the present bound. */
    enum record_kind evict_kind;
    uint32_t evict_slot;
    int evict_kinds_left;
    int64_t evict_before;

    /* Changed records, a ring in the order of first changes. Address space for all places; pages
     * are given back behind its head. */
    struct change *changes;
    uint64_t changes_max;
    uint64_t changes_head; /* where the oldest one is */
    uint64_t change_count;
    uint8_t *marks[RECORD_KINDS + 1]; /* MARK_ of each place */

    /* While loading: rows of the journal from here on are not in the state tables yet; 0 before.
     * Commands whose postings are counted again (struct redone, in order), which of them comes
     * next, and its postings that were loaded; then the first one that found no record. */
    int64_t redo_sequence;
    bool is_redoing; /* a command was loaded */
    struct buffer redone;
    size_t redone_next;
    struct posting redone_postings[POSTINGS_PER_COMMAND_MAX];
    uint32_t redone_posting_count;
    int64_t redo_failed_sequence;

    bool in_scope;
    struct undo_step *undo_steps;
    uint64_t undo_step_count;
    uint8_t *undo_bytes;
    uint64_t undo_byte_count;
    struct savepoint scope_began;

    /* The command under way. */
    bool is_unallocated;                  /* money of it went to UNALLOCATED instead of its owner */
    int64_t suspense_account_id;          /* that owner; 0: none yet, -1: several */
    enum suspense_reason suspense_reason; /* of a receipt or refund */
    int64_t unallocated_minor;            /* by which UNALLOCATED has more available than before */
    int64_t suspense_noted_minor;         /* by which items that it changed have more open */
    int64_t sequence;
    int64_t now_us;
    struct effects *effects;
    struct image_note image_notes[IMAGES_PER_COMMAND_MAX];
    uint32_t image_note_count;
    struct settle_note settle_notes[POSTINGS_PER_COMMAND_MAX + 1];
    uint32_t settle_note_count;
    struct moves *moves; /* between members, see rules/usage.h */
};

/* Counts what a command goes through without changing it, see effects; reads are not counted. */
static inline void note_walk(const struct engine *engine, uint32_t count)
{
    if (engine->effects)
        engine->effects->walked += count;
}

#endif
