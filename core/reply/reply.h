/* reply.h: answers as protobuf bytes.
 *
 * Each function appends one serialized response message to `out`. The bytes are made when a command
 * is decided or a record read, and sent when the batch that they depend on is durable.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_REPLY_REPLY_H
#define VSL_REPLY_REPLY_H

#include "base/buffer.h"
#include "base/text.h"
#include "ceilings.h"
#include "command/command.h"
#include "model/outcome.h"
#include "model/records.h"

#include <stdbool.h>
#include <stdint.h>

/* The answer to one command. */
struct answer {
    uint16_t kind;    /* enum command_kind */
    uint16_t outcome; /* enum outcome */
    bool replayed;    /* the first answer again */
    bool dry_run;     /* nothing was changed; sequence is 0 */
    bool is_approved; /* an Approve whose proposed command was decided; of an atomic batch */
    int64_t sequence; /* 0 when not recorded (dry run, key conflict, closed window) */
    int64_t recorded_us;
    int32_t accounting_date;          /* days; 0: none */
    int64_t subject_id;               /* see command_record.subject_id */
    int64_t fee_minor;                /* what it charged */
    int32_t fee_rule_version;         /* of the rule that the request names; 0: none */
    int64_t suspense_id;              /* the item that it opened; 0: none */
    int64_t limit_minor;              /* what a refusal over an amount was decided by; 0 else */
    int64_t policy_limit_minor;       /* of a refusal by a limit of the account policy: the limit */
    char field[FIELD_PATH_BYTES_MAX]; /* key conflict: the field that differs; "" else */
    /* OPEN_LEDGER: id of the first control account; OPEN_ACCOUNT: the receiving number ("" else).
     */
    int64_t first_control_account_id;
    char receiving_number[RECEIVING_NUMBER_BYTES_MAX];
    /* The difference that a line of a settlement would open; amount 0: none. */
    struct {
        int64_t amount_minor;
        int64_t promise_id;
        uint8_t kind; /* enum difference_kind */
        bool is_missing;
    } difference;
};

/* Response of the unary call of answer->kind (PayResponse, ...). The language is this call's, also
 * when the answer is that of an earlier one. */
void reply_command(struct buffer *out, const struct answer *answer, enum text_language language);

/* A plain value of a command, and which field it is. */
struct revealed_value {
    int64_t sequence;
    const char *path;
    struct text value;
};
/* Puts them behind the answer to an accepted Reveal. */
void reply_revealed(struct buffer *out, const struct revealed_value *values, uint32_t count);

/* SubmitBatchResponse: one result per item, in order. */
void reply_batch(
    struct buffer *out, const struct answer *answers, uint32_t count, enum text_language language);

/* Reads of live state; `as_of` is the sequence number of the last command they contain. */
/* A ledger and what waits in its UNALLOCATED; 0: see the proto. */
struct shown_ledger {
    struct ledger ledger;
    int32_t suspense_age_s;
    bool one_membership;
    bool same_card;
    int64_t overdue_since_us;
    int64_t overdue_id;
    int64_t oldest_id;
    int64_t oldest_at_us;
};
void reply_ledger(struct buffer *out, const struct shown_ledger *shown, int64_t as_of);
/* How a list goes on: by a token, and in lists that were released before there were any by an id,
 * too. Empty and 0: it has ended. */
struct next_page {
    char token[PAGE_TOKEN_CHARS + 1];
    int64_t after_id;
};
void reply_ledgers(struct buffer *out, const struct shown_ledger *shown, uint32_t count,
    const struct next_page *next, int64_t as_of);
/* Who a member is, with what it comes to now and the command that has the evidence, masked. */
struct shown_identity {
    const struct identity *identity; /* NULL: nobody has checked; the rest means nothing then */
    enum identity_level level;
    const int64_t *other_member_ids; /* open ones of the same person, by id */
    uint32_t other_count;
    const struct identify_member *evidence;
};
/* What a member may do and did; not set: its ledger asks for nothing. */
struct member_allowance {
    bool is_set;
    enum identity_level level;
    struct account_level rules;
    struct usage used;
};
/* `account_ids`: the member's accounts, oldest first. */
void reply_member(struct buffer *out, const struct member *member, const int64_t *account_ids,
    uint32_t account_count, const struct shown_identity *shown,
    const struct member_allowance *allowance, int64_t as_of);
/* `account`: with what its member owes, as in every answer that shows one; `restrictions`: its live
 * ones; `assets`: what a member's account holds of products, of others nothing is shown. */
void reply_account(struct buffer *out, const struct account *account, const struct ledger *ledger,
    const struct restriction *restrictions, uint32_t restriction_count, const struct assets *assets,
    int64_t as_of);
/* `accounting_date`, days, is the ledger's: it decides what may be withdrawn already. */
void reply_balances(struct buffer *out, const struct account *const *accounts, uint32_t count,
    int32_t accounting_date, int64_t as_of);

/* One account, fee rule, payout, hold, freeze or adjustment of the ledger, whose accounting date
 * decides what may be withdrawn already and whether a payout is final. */
void reply_record(struct buffer *out, enum record_kind kind, const void *record,
    const struct ledger *ledger, int64_t as_of);
/* A page of them, of members or of debts, by id; of callers `ledger` is NULL. */
void reply_records(struct buffer *out, enum record_kind kind, const void *const *records,
    uint32_t count, const struct ledger *ledger, const struct next_page *next, int64_t as_of);

/* A method's roles, appended: an answer of ListRoles is these alone. */
void reply_method_roles(struct buffer *out, const char *method, int32_t roles);

/* What the commands say of a payout, see Payout.destination and the fields behind it. */
struct payout_facts {
    struct party destination;
    int64_t destination_sequence; /* the command that has it */
    int64_t card_id;              /* 0: it did not go by a card */
    int64_t requested_us;
    int64_t sent_us;   /* 0: not known */
    int64_t result_us; /* 0: none yet */
    struct text bank_reference;
    struct text end_to_end_id;
    struct text uetr;
};
/* The payouts of a withdrawal by card, appended to its answer; 0: it was a dry run. */
void reply_card_payouts(
    struct buffer *out, int64_t first_payout_id, const struct card_part *parts, uint32_t count);
void reply_payout(struct buffer *out, const struct payout *payout, const struct payout_facts *facts,
    const struct ledger *ledger, int64_t as_of);

/* What members of a ledger may do; NULL: it was never said. */
void reply_account_policy(struct buffer *out, const struct account_policy *policy, int64_t as_of);

/* Which commands of a ledger need two persons; NULL: none was ever set. */
void reply_approval_policy(struct buffer *out, const struct approval_policy *policy, int64_t as_of);

/* Which commands of a ledger need a proof; NULL: none was ever set. */
void reply_proof_policy(struct buffer *out, const struct proof_policy *policy, int64_t as_of);

/* What a fee would be, see FeeService.QuoteFee. */
struct quoted_fee {
    int64_t fee_minor;
    int32_t fee_rule_version;
    uint32_t leg_count;
    const int64_t *account_ids; /* leg_count of each */
    const int64_t *amounts_minor;
};
void reply_fee_quote(struct buffer *out, const struct quoted_fee *quote, int64_t as_of);

/* How much can be withdrawn, see FundsService.QuoteWithdraw. */
struct quoted_withdraw {
    int64_t amount_minor;
    int64_t fee_minor;
    int64_t arrives_minor;
    int64_t available_minor;
    int64_t withdrawable_minor;
    int32_t fee_rule_version;
    int32_t limit; /* as in the proto */
};
#define WITHDRAW_LIMIT_LAST 7
/* What may leave by a card, appended, see CardQuote. */
struct quoted_card {
    int64_t card_id;
    bool is_main;
    int64_t in_minor;
    int64_t out_minor;
    int64_t owed_minor;
    int64_t withdrawable_minor;
    int32_t limit; /* as above */
};
void reply_card_quote(struct buffer *out, const struct quoted_card *quote);
void reply_withdraw_quote(struct buffer *out, const struct quoted_withdraw *quote, int64_t as_of);

/* What an account's frozen balance is made of: the freezes by purpose, the rest is held. */
struct frozen_part {
    struct text purpose;
    int64_t frozen_minor;
    int32_t freeze_count;
};
void reply_frozen(struct buffer *out, int64_t frozen_minor, const struct frozen_part *parts,
    uint32_t count, int64_t as_of);

/* Sums of a ledger, see LedgerService.GetTieOut. */
struct tie_out {
    int64_t ledger_id;
    int64_t escrow_book_minor; /* what the escrow account must hold */
    int64_t available_minor;   /* over all accounts but ESCROW */
    int64_t frozen_minor;
    int64_t pending_out_minor;
    int64_t pending_in_minor;
    int64_t channel_receivables_minor; /* must equal pending_in */
};
void reply_tie_out(struct buffer *out, const struct tie_out *tie_out, int64_t as_of);

#endif
