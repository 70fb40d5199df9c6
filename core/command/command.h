/* command.h: a request as a plain struct.
 *
 * Made by command/decode (from protobuf) or command/body (from the journal), executed by the
 * engine. Texts and lists point into memory of whoever made the struct. Shapes are already right:
 * ids and amounts are in range, texts and lists within their limits, enums known. Whether the ids
 * exist is the engine's question.
 *
 * To add a command: its row in command_list.h, its struct here, its field table in fields_*.c, its
 * message in proto/, its function in engine/.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_COMMAND_H
#define VSL_COMMAND_COMMAND_H

#include "base/text.h"
#include "ceilings.h"
#include "model/records.h"
#include "model/request_key.h"

#include <stdbool.h>
#include <stdint.h>

enum command_kind {
#define COMMAND(number, NAME, name, Service, Method, answer, roles) COMMAND_##NAME = (number),
#include "command/command_list.h"
};

/* As long as the largest number, and one. */
union command_numbers {
#define COMMAND(number, NAME, name, Service, Method, answer, roles) char name[(number) + 1];
#include "command/command_list.h"
};
#define COMMAND_KIND_MAX ((int)sizeof(union command_numbers) - 1)

/* Whether a command of this kind opens, closes or restricts the account that is its subject. The
 * others that have an account as their subject move its money. */
static inline bool command_changes_account(int kind)
{
    return kind == COMMAND_OPEN_ACCOUNT || kind == COMMAND_CLOSE_ACCOUNT ||
           kind == COMMAND_RESTRICT_ACCOUNT || kind == COMMAND_OPEN_FEE_ACCOUNT;
}

/* Whether a command of this kind is the bank's own affair: what is discussed there, and that
 * somebody looks into a payment. */
static inline bool command_is_internal(int kind)
{
    return kind == COMMAND_REVEAL || kind == COMMAND_PROPOSE || kind == COMMAND_APPROVE ||
           kind == COMMAND_WITHDRAW_PROPOSAL || kind == COMMAND_SET_APPROVAL_POLICY;
}

/* Whether one of this kind is about deny lists, or about claims. */
static inline bool command_is_of_lists(int kind)
{
    return kind == COMMAND_ADD_DENIED || kind == COMMAND_END_DENIED || kind == COMMAND_DECIDE_HIT;
}

static inline bool command_is_of_claims(int kind)
{
    return kind == COMMAND_PLACE_CLAIM || kind == COMMAND_CONTINUE_CLAIM ||
           kind == COMMAND_RELEASE_CLAIM || kind == COMMAND_DEDUCT_CLAIM;
}

/* Whether each command of this kind is a try that counts, so that nothing may tell how it would end
 * but the command itself: it is no dry run, and in no batch or proposal. */
static inline bool command_is_a_try(int kind)
{
    return kind == COMMAND_CONFIRM_CARD_AMOUNT;
}

/* Whether a command of this kind is about a ledger that is there. */
static inline bool command_has_ledger(int kind)
{
    return kind != COMMAND_OPEN_LEDGER && kind != COMMAND_CREATE_CALLER &&
           kind != COMMAND_UPDATE_CALLER;
}

enum fee_mode {
    FEE_OUTSIDE = 1,          /* 外扣: the account pays amount + fee, the amount arrives */
    FEE_INSIDE = 2,           /* 内扣: the account pays the amount, amount - fee arrives */
    FEE_BORNE_BY_ANOTHER = 3, /* another account pays the fee, the amount arrives */
};

enum fee_bearer {
    FEE_BEARER_PAYER = 1, /* on top; one fee on the sum of the payees' amounts; also when it is 0 */
    FEE_BEARER_PAYEES = 2, /* out of each payee's amount, computed on it */
};

enum payout_result {
    PAYOUT_RESULT_PAID = 1,
    PAYOUT_RESULT_FAILED = 2,
    PAYOUT_RESULT_RETURNED = 3,
    PAYOUT_RESULT_SENT = 4,
    PAYOUT_RESULT_UNKNOWN = 5,
};

/* By what a customer showed that he wants a command. */
enum proof_kind {
    PROOF_SMS_CODE = 1,
    PROOF_PASSWORD = 2,
    PROOF_SIGNATURE = 3,
};

enum proof_result {
    PROOF_RIGHT = 1,
    PROOF_WRONG = 2,
};

/* That a customer wants exactly this command, as somebody else has checked it; kind 0: there is
 * none. What it is bound to is as the proto says; what it does not name is 0 or empty. */
struct instruction_proof {
    int32_t kind;          /* enum proof_kind */
    int32_t result;        /* enum proof_result */
    struct text reference; /* used once in a ledger */
    int64_t amount_minor;
    int64_t account_id;
    int64_t member_id;
    int64_t payee_account_id;
    struct text payee_account_number;
    int64_t card_id;
    struct text order_number;
    int64_t issued_at_us;
    int64_t expires_at_us;
};

/* The other side of a movement at a bank: a payer or a destination. */
struct party {
    struct text name;
    struct text account_number;
    struct text bank_code;
};

struct open_ledger {
    struct text platform_name;
    struct text escrow_account_number;
    struct text currency;          /* ISO 4217, with a minor unit */
    struct text receiving_prefix;  /* 4..8 digits, not starting with 0 */
    int32_t first_accounting_date; /* days */
    int32_t key_window_dates;      /* 1..7; 0: default */
    int32_t policy;                /* enum account_policy_preset but CUSTOM; 0: strict */
};

struct cut_day {
    int32_t accounting_date; /* days; the new one */
};

/* Terms that a request can name; of the own account its three parts together. */
enum {
    TERM_OWN_ACCOUNT = 7,
    TERM_ADVANCE_REFUNDS = 8,
    TERM_PAYOUT_RETURN_DAYS = 16,
    TERM_SUSPENSE_AGE = 32,
    TERM_ONE_MEMBERSHIP = 64,
    TERM_SAME_CARD = 128,
};
#define TERMS_NAMED_BEFORE (TERM_OWN_ACCOUNT | TERM_ADVANCE_REFUNDS | TERM_PAYOUT_RETURN_DAYS)

struct set_terms {
    /* TERM_...: what is not named stays. 0: TERMS_NAMED_BEFORE, as requests meant before schema
     * 3. */
    int32_t named;
    struct party own_account; /* empty: none */
    bool advance_refunds;
    int32_t payout_return_days; /* 1..366; 0: default */
    int32_t suspense_age_s;     /* 0: none */
    bool one_membership;
    bool same_card;
};

struct set_fee_rule {
    struct text name;
    int32_t effective_date;       /* days */
    int32_t rounding;             /* enum fee_rounding */
    int32_t refund;               /* enum fee_refund */
    int32_t on_payout_failed;     /* enum payout_fee */
    int32_t on_payout_returned;   /* enum payout_fee */
    const struct fee_tier *tiers; /* 1..FEE_TIERS_MAX, from 0 upwards */
    uint32_t tier_count;
    const struct fee_share *shares; /* 0..FEE_SHARES_MAX, together 1,000,000 ppm */
    uint32_t share_count;
};

struct open_member {
    int32_t kind; /* enum member_kind */
    struct text platform_member_id;
};

/* Who somebody is, and what proves it; all zero: nobody. */
struct identified {
    struct text name;      /* normal, see command/normalize.h */
    int32_t document_kind; /* enum document_kind */
    struct text number;    /* normal, see model/document.h */
    int32_t valid_from_date;
    int32_t valid_until_date; /* days; 0: without end */
};

struct identify_member {
    int64_t member_id;
    int32_t subject; /* enum subject_kind */
    struct identified holder;
    struct identified representative; /* or the owner */
    struct identified handler;
    struct {
        struct text checked_by;
        int64_t checked_at_us;
        struct text result_code;
        struct text reference;
    } check;
    int32_t recheck_date; /* days; 0: none */
};

struct close_member {
    int64_t member_id;
};

struct grant_mandate {
    struct instruction_proof proof;
    int64_t account_id;
    int64_t payee_account_id; /* one of the two is given */
    int64_t card_id;
    int64_t each_minor;
    int64_t total_minor;
    int32_t count;
    int64_t starts_at_us; /* 0: from now on */
    int64_t expires_at_us;
    struct text evidence;
};

struct end_mandate {
    int64_t mandate_id;
    struct text evidence;
};

struct bind_card {
    struct instruction_proof proof;
    int64_t member_id;
    int32_t kind;       /* enum card_kind */
    struct text number; /* digits */
    struct text bank_code;
    struct text holder;
    struct text mobile; /* empty: not given, of a corporate account */
};

struct check_card {
    int64_t card_id;
    int32_t way; /* enum card_check_way */
};

struct confirm_card_check {
    int64_t card_id;
    int64_t check_sequence; /* the CheckCard that it answers */
    int32_t result;         /* enum card_check_result */
    struct text result_code;
    struct text reference;
};

struct confirm_card_amount {
    int64_t card_id;
    int64_t amount_minor; /* that the member says */
};

struct unbind_card {
    struct instruction_proof proof;
    int64_t card_id;
    int32_t reason; /* enum card_end_reason */
    struct text evidence;
};

struct replace_card {
    struct instruction_proof proof;
    int64_t card_id;
    int64_t new_card_id;
    int32_t reason; /* enum card_end_reason */
    struct text evidence;
};

/* One of name, document and account number is given. */
struct add_denied {
    int32_t source; /* enum denied_source */
    struct text name;
    int32_t document_kind; /* enum document_kind, with a document number; 0 else */
    struct text document_number;
    struct text account_number; /* digits */
    struct text reason;
    int32_t from_date;     /* days; 0: not given */
    int64_t expires_at_us; /* 0: never */
};

struct end_denied {
    int64_t denied_id;
    struct text evidence;
};

enum hit_decision {
    HIT_DECISION_CLEARED = 1,
    HIT_DECISION_CONFIRMED = 2,
};

struct decide_hit {
    int64_t hit_id;
    int32_t decision; /* enum hit_decision */
    struct text reason;
    struct text evidence;
};

/* By which paper of which organ, and who brought it. */
struct officer {
    struct text name;
    struct text number;
};

struct paper {
    struct text authority_code;
    struct text authority_name;
    struct text case_number;
    struct text number;
    struct text request_number; /* of the request in the organ's own channel; may be empty */
    struct text digest;         /* of the paper as a file; may be empty */
    struct officer officer;
    struct officer second_officer;
};

struct place_claim {
    int64_t account_id; /* excludes member_id */
    int64_t member_id;
    int32_t authority;    /* enum claim_authority */
    int32_t ground;       /* enum claim_ground */
    int64_t amount_minor; /* 0: the account itself */
    int32_t ends_date;    /* days; 0: none is given */
    bool has_fruits;
    bool is_secret;
    struct identified subject; /* without dates; may be left out */
    struct paper paper;
    struct party payee; /* of what it covers, at once; without a name: of nothing */
};

struct continue_claim {
    int64_t claim_id;
    int32_t ends_date; /* days; 0: none is given */
    struct paper paper;
};

struct release_claim {
    int64_t claim_id;
    int64_t amount_minor; /* 0: all of it */
    struct paper paper;
};

struct deduct_claim {
    int64_t claim_id;
    int64_t amount_minor; /* 0: all that it covers */
    bool is_to_victim;
    struct paper paper;
    struct party payee;
};

struct open_account {
    int64_t member_id;
};

struct close_account {
    int64_t account_id;
};

struct restrict_account {
    int64_t account_id;
    bool no_in;
    bool no_out;
    struct text reason;
    struct text owner; /* whose it is; empty: the caller's own */
};

struct open_fee_account {
    struct text purpose;
};

struct book_receipt {
    int64_t account_id;           /* 0 when receiving_number is given; one of the two is */
    struct text receiving_number; /* as the payer wrote it */
    int64_t amount_minor;
    struct party payer;
    struct text bank_reference; /* the bank's number of the movement */
    int32_t value_date;         /* days; 0: not given */
    struct text remark;
};

struct book_interest {
    int64_t account_id;
    int64_t amount_minor;
    struct text remark;
};

struct charge_fee {
    int64_t account_id;
    int64_t amount_minor;
    struct text remark;
};

struct collect_fees {
    int64_t account_id; /* 0: the ledger's own FEE account */
    int64_t amount_minor;
    struct text fee_rule;
    struct text remark;
};

struct payee {
    int64_t account_id;   /* no two of one command have the same */
    int64_t amount_minor; /* arrives at the account */
};

struct pay {
    struct instruction_proof proof;
    int64_t payer_account_id;
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    int64_t fee_minor;    /* on top, from the payer to FEE; 0: none */
    struct text order_number;
    struct text remark;
    struct text fee_rule; /* excludes fee_minor */
    int32_t fee_bearer;   /* enum fee_bearer */
    bool withdrawable_next_date;
    int64_t mandate_id; /* in the place of a proof; 0: none */
};

struct refund {
    int64_t original_sequence;
    struct text order_number;
    const struct payee *payees; /* none: everything that is left */
    uint32_t payee_count;
    struct text remark;
};

struct allocate_suspense {
    int64_t suspense_id;
    const struct payee *payees;
    uint32_t payee_count; /* 1..PAYEES_PER_COMMAND_MAX */
    struct text order_number;
    struct text remark;
    struct text fee_rule; /* of the fee that each payee bears; empty: none */
};

struct undo_allocation {
    int64_t suspense_id;
    int64_t original_sequence;
    const struct payee *payees; /* none: everything that is left */
    uint32_t payee_count;
    struct text remark;
    int64_t lump_id;   /* of a line; 0 else */
    int64_t payout_id; /* of a return to the sender; 0 else */
};

struct return_suspense {
    int64_t suspense_id;
    int64_t original_sequence; /* the receipt */
    int64_t amount_minor;      /* 0: all that is open */
    struct text remark;
};

struct open_lump {
    int64_t suspense_id;
    int64_t control_count; /* 1..LUMP_LINES_MAX */
    int64_t control_minor;
    bool is_all_or_none;
};

struct allocate_line {
    int64_t lump_id;
    struct text source_order;
    int64_t account_id;           /* 0 when receiving_number is given; one of the two is */
    struct text receiving_number; /* as the payer wrote it */
    int64_t amount_minor;
    struct party payer;
    struct text order_number;
    struct text remark;
    struct text fee_rule; /* of the fee that the payee bears; empty: none */
};

struct close_lump {
    int64_t lump_id;
    bool is_cancelled;    /* given up, without a line */
    bool is_as_it_stands; /* its lines need not agree; not with is_cancelled */
};

struct adopt_suspense {
    int64_t amount_minor;
    int64_t original_sequence; /* 0: not known */
    struct text reason;
};

/* Terms of an acquirer, as a whole. */
struct acquirer_terms {
    int32_t settlement_days; /* 0..SETTLEMENT_DAYS_MAX */
    struct text fee_rule;    /* empty: no fee */
    bool keeps_fee;
    int64_t ceiling_minor;
    bool withdrawable_next_date;
};

struct open_acquirer {
    struct text name;
    struct acquirer_terms terms;
};

struct set_acquirer {
    int64_t acquirer_id;
    struct acquirer_terms terms;
    bool is_stopped;
};

struct book_promise {
    int64_t acquirer_id;
    int64_t account_id;
    int64_t amount_minor; /* that its payer gave */
    struct text reference;
    struct text order_number;
    struct text remark;
};

struct cancel_promise {
    int64_t promise_id;
    int64_t amount_minor; /* of what is owed; 0: all that is open */
    struct text remark;
};

struct open_settlement {
    int64_t acquirer_id;
    int64_t suspense_id;
    int32_t line_count;
    int64_t total_minor;
    struct text remark;
};

struct settle_line {
    int64_t settlement_id;
    int64_t promise_id; /* excludes reference */
    struct text reference;
    int64_t gross_minor;
    int64_t kept_minor; /* of it, by the acquirer */
    bool is_partial;    /* more will come for the same promise */
    struct text remark;
};

struct close_settlement {
    int64_t settlement_id;
    bool is_abandoned;
    int64_t suspense_id; /* of what is abandoned; 0 else */
    struct text remark;
};

struct close_difference {
    int64_t difference_id;
    int32_t ended_by;    /* enum difference_end */
    int64_t promise_id;  /* of DIFFERENCE_ASSIGNED; 0 else */
    int64_t suspense_id; /* of DIFFERENCE_RETURNED; 0 else */
    struct text remark;
};

struct open_bank_statement {
    struct text reference;      /* the bank's name for it; empty: none */
    struct text account_number; /* empty: the bank does not say */
    struct text currency;       /* ISO 4217 */
    int32_t from_date;          /* days */
    int32_t to_date;
    int64_t number; /* the bank's; 0: none */
    int64_t opening_minor;
    int64_t closing_minor;
    int32_t line_count;
    struct text file_sha256; /* 64 hexadecimal digits */
    int32_t file_position;   /* among the statements of this file, from 1 on */
    bool has_gap;            /* it need not begin as the last one ended */
};

struct add_statement_line {
    int64_t bank_statement_id;
    struct text entry_key; /* empty: nothing tells it from others */
    int32_t ordinal;
    int64_t amount_minor; /* signed */
    int32_t booking_date; /* days */
    int32_t value_date;   /* days; 0: not given */
    struct text bank_reference;
    struct party counterparty;
    struct text remark;
};

struct close_bank_statement {
    int64_t bank_statement_id;
    bool is_cancelled;
    bool is_as_it_stands; /* its lines need not add up; not with is_cancelled */
};

struct withdraw {
    struct instruction_proof proof;
    int64_t account_id;
    int64_t amount_minor;
    int64_t fee_minor;
    int32_t fee_mode; /* enum fee_mode; 0 when fee_minor is 0 */
    struct party destination;
    struct text remark;
    struct text fee_rule;   /* excludes fee_minor */
    int64_t fee_account_id; /* of FEE_BORNE_BY_ANOTHER; 0 else */
    struct text order_number;
    struct text end_to_end_id; /* for the bank; nothing is decided by it, nor by the next one */
    struct text uetr;
    int64_t card_id;    /* excludes a destination; both left out: the server chooses */
    int64_t mandate_id; /* in the place of a proof; 0: none */
};

struct confirm_payout {
    int64_t payout_id;
    int32_t result; /* enum payout_result */
    struct text bank_reference;
    struct text reason;
    int64_t amount_minor; /* of a return; 0: all that is left, or all in a correction */
    bool correction;      /* the bank's earlier word was wrong */
};

struct intercept_payout {
    int64_t payout_id;
    struct text reason;
};

struct place_hold {
    struct instruction_proof proof;
    int64_t payer_account_id;
    int64_t amount_minor;
    struct text order_number;
    int64_t expires_at_us;
    struct text remark;
};

struct confirm_hold {
    int64_t payer_account_id;
    struct text order_number;
    int64_t hold_id; /* 0: all live holds of the payer for the order */
    const struct payee *payees;
    uint32_t payee_count;
    int64_t fee_minor;
    struct text fee_rule; /* excludes fee_minor */
    int32_t fee_bearer;   /* enum fee_bearer */
    bool withdrawable_next_date;
    struct text remark;
};

struct cancel_hold {
    int64_t payer_account_id;
    struct text order_number;
    int64_t hold_id;      /* 0: all live holds of the payer for the order */
    int64_t amount_minor; /* 0: everything that is held */
    struct text remark;
};

struct place_freeze {
    int64_t account_id;
    int64_t amount_minor;
    struct text purpose;
    int64_t expires_at_us; /* 0: never */
    struct text reason;
};

struct lift_freeze {
    int64_t freeze_id;
    int64_t amount_minor; /* 0: everything that is frozen */
    struct text reason;
};

struct expire {
    int32_t kind; /* enum expiry_kind */
    int64_t id;
};

struct reverse {
    int64_t original_sequence;
    struct text reason;
};

/* Of journals of before 0.3.0, as the next two. */
struct propose_adjustment {
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t amount_minor;
    struct text reason;
    int64_t expires_at_us;
};

struct approve_adjustment {
    int64_t adjustment_id;
    struct text despite_restriction; /* what allows it though an account is restricted */
};

struct withdraw_adjustment {
    int64_t adjustment_id;
    struct text reason;
};

struct adjust {
    int64_t debit_account_id;
    int64_t credit_account_id;
    int64_t amount_minor;
    struct text reason;
    struct text despite_restriction; /* what allows it though an account is restricted */
};

/* A command inside of another: a byte with its kind, and its body without who sends it; see
 * command_put_proposed. A text, so that it is kept, compared and passed on as one. */
struct propose {
    struct text command;
    int32_t kind;         /* derived of it, enum command_kind; */
    int64_t amount_minor; /* and command_amount_minor */
    struct text reason;
    int64_t expires_at_us;
};

struct approve {
    int64_t proposal_id;
};

struct withdraw_proposal {
    int64_t proposal_id;
    struct text reason;
};

struct approval_rule_asked {
    int32_t kind; /* enum command_kind */
    int64_t above_amount_minor;
};

struct set_approval_policy {
    const struct approval_rule_asked *rules; /* 0..APPROVAL_RULES_MAX, no kind twice */
    uint32_t rule_count;
};

struct account_level_asked {
    int32_t level; /* enum member_level */
    bool may_receive;
    bool may_pay;
    bool may_withdraw;
    int64_t operation_in_minor; /* limits, 0: none */
    int64_t operation_out_minor;
    int64_t date_in_minor;
    int64_t date_out_minor;
    int64_t year_in_minor;
    int64_t year_out_minor;
    int64_t balance_minor;
};

/* Levels of a custom policy only, none twice; one that is not there may do nothing. */
struct set_account_policy {
    int32_t preset;                              /* enum account_policy_preset */
    const struct account_level_asked *merchants; /* 0..MEMBER_LEVELS */
    uint32_t merchant_count;
    const struct account_level_asked *users; /* 0..MEMBER_LEVELS */
    uint32_t user_count;
};

struct proof_rule_asked {
    int32_t kind; /* enum command_kind */
    int64_t above_amount_minor;
    bool sms_code; /* it takes that, and so on; one at least */
    bool password;
    bool signature;
};

struct set_proof_policy {
    const struct proof_rule_asked *rules; /* 0..PROOF_RULES_MAX, no kind twice */
    uint32_t rule_count;
};

struct caller_ledger {
    int64_t ledger_id;
};

struct caller_channel {
    struct text channel;
};

/* All that a caller may. */
struct caller_rights {
    struct caller_roles {
#define ROLE(number, NAME, name) bool name;
#include "model/role_list.h"
    } roles;
    bool all_ledgers;
    bool any_channel;
    const struct caller_ledger *ledgers; /* 0..CALLER_LEDGERS_MAX, none twice */
    uint32_t ledger_count;
    uint32_t channel_count;
    const struct caller_channel *channels; /* 0..CALLER_CHANNELS_MAX, none twice */
};

struct create_caller {
    struct text name;
    struct caller_rights rights;
};

struct update_caller {
    int64_t caller_id;
    struct caller_rights rights; /* as a whole: what is not named is taken away */
    int32_t status;              /* enum caller_status */
};

/* An earlier command whose personal fields are asked for. The request gives its sequence; what the
 * journal says of it is put there before the command is decided. */
struct revealed {
    int64_t sequence;
    int64_t ledger_id; /* 0: the journal has no such command, or it is of no ledger */
    int32_t kind;      /* enum command_kind */
};

struct reveal {
    const struct revealed *commands; /* 1..REVEALS_PER_COMMAND_MAX */
    uint32_t command_count;
    struct text field; /* the path of one; empty: all of each */
    struct text reason;
};

/* One payout of a withdrawal by card: the first is that of subject_id, the others follow it. */
struct card_part {
    int64_t card_id;
    int64_t bound_sequence; /* the BindCard that has its number */
    int64_t amount_minor;   /* what leaves the escrow account */
};

struct command;

/* The earlier command that a refund or a reversal names, as the journal has it. */
struct original {
    int64_t sequence;
    int64_t ledger_id;
    int64_t subject_id;
    int64_t fee_minor;
    int32_t fee_rule_version;
    int32_t accounting_date;       /* days */
    uint16_t outcome;              /* enum outcome */
    const struct command *command; /* its kind and content */
    const struct posting *postings;
    uint32_t posting_count;
};

/* The used_sequence of one that is no more than tried, too: it comes before in the same call. */
#define USED_IN_CALL INT64_C(-1)

/* The path of a request's field, such as "payees[3].amount_minor", with its end. */
#define FIELD_PATH_BYTES_MAX 64

struct command {
    enum command_kind kind;
    bool dry_run;
    bool is_atomic; /* decided in a batch of which all happens or nothing */
    struct request_key key;
    int64_t ledger_id; /* 0 of kinds that have none, see command_has_ledger */
    /* Who sends it: the id of its record, FIRST_ADMINISTRATOR_ID, or 0: the service itself, or
     * anybody, of a server that asks for no certificates. */
    int64_t caller_id;
    /* Of a body of the journal, see body.h: what its refusal was decided by, and the command that
     * told the payout's status before. */
    int64_t limit_minor;
    int64_t policy_limit_minor;
    int64_t told_before;
    int64_t suspense_id; /* likewise, the item of suspense that it opened */
    /* Likewise, and of a check that comes now, drawn for it: the small amount that is to be paid, 0
     * of four factors. */
    int64_t check_amount_minor;
    int64_t claim_payout_id; /* likewise, of a claim: the first payout that deducts; 0: none */
    /* Likewise, of a Withdraw: the payouts that it made by card, CARDS_PER_MEMBER_MAX at most. */
    const struct card_part *card_parts;
    uint32_t card_part_count;
    /* Of one that is decided because somebody approves it: the proposal, who made it, as caller_id,
     * and when; 0: it comes alone. The key and caller_id are the approver's. */
    int64_t proposal_id;
    int64_t maker_caller_id;
    int64_t proposed_at_us;
    /* Of a reference: the accepted command of the ledger that has it and stands, USED_IN_CALL; 0:
     * there is none. */
    int64_t used_sequence;
    /* What original_sequence names; NULL: the journal has no such command, or the kind names
     * none. */
    const struct original *original;
    /* Of a day cut: the ledger with its own names sealed under the present key; NULL: they are. */
    const struct ledger *resealed;
    union {
#define COMMAND(number, NAME, name, Service, Method, answer, roles) struct name name;
#define COMMAND_BARE(number, NAME, name, Service, Method, answer, roles)
#include "command/command_list.h"
    };
};

/* The order number that the request gives; empty when it gives none. */
struct text command_order_number(const struct command *command);

/* What the fields of the command say of its amount, minor units: all of a list's elements, and an
 * agreed fee. 0: nothing, or "everything". */
int64_t command_amount_minor(const struct command *command);

/* Whether commands of the kind have an amount, in their fields or of what they are about. */
bool command_has_amount(int kind);

/* Whether a command of this kind can be proposed to a second person, and so be in a policy: one of
 * a ledger that is there, not one about proposals, and none that is always refused. */
static inline bool command_is_proposable(int kind)
{
    return command_has_ledger(kind) && kind != COMMAND_PROPOSE && kind != COMMAND_APPROVE &&
           kind != COMMAND_WITHDRAW_PROPOSAL && kind != COMMAND_PROPOSE_ADJUSTMENT &&
           kind != COMMAND_APPROVE_ADJUSTMENT && kind != COMMAND_WITHDRAW_ADJUSTMENT &&
           kind != COMMAND_REVEAL && !command_is_a_try(kind);
}

/* The remark that the request gives, which lines of statements show; empty when it gives none. */
struct text command_remark(const struct command *command);

/* The earlier command that the request names; 0: it names none. */
int64_t command_earlier_sequence(const struct command *command);

/* The proof of its customer's instruction; NULL: commands of its kind have none. */
const struct instruction_proof *command_proof(const struct command *command);
/* The mandate that it names in the place of one; 0: none. */
int64_t command_mandate_id(const struct command *command);

/* Whether commands of the kind may have one; of a number that is no kind false. */
bool command_has_proof(int kind);

/* What may be booked once in its ledger: of a receipt the bank's number of the movement, of a line
 * of a lump the order number that it has at its source, of what a customer wants the number of its
 * proof; empty when the request gives none, or the kind has none. */
struct text command_reference(const struct command *command);
/* Whether commands of the kind have one; of a number that is no kind false. */
bool command_has_reference(int kind);
/* Whether it has one, not longer than a request may give: that of a damaged row may be. */
bool command_reference_fits(const struct command *command);
/* The same as it is compared and looked up: the bank's number folded (base/fold); before another's
 * a byte that no folded one has, and a proof's one of its own, so that none meet.
 * vsl.booked_reference in sql/migrations does the same, and a test compares them. Returns its
 * length, 0: there is none. */
uint32_t command_folded_reference(
    const struct command *command, char ret_bytes[REFERENCE_BYTES_MAX]);

/* Who pays or is paid outside of the books; NULL: commands of its kind say nobody. */
const struct party *command_party(const struct command *command);
/* Whether commands of the kind say one; of a number that is no kind false. */
bool command_has_party(int kind);

/* Whether commands of the kind have a personal field with that path; of the empty one: any. */
bool command_has_personal(int kind, struct text path);

/* The records that the command names, those that it leaves out not counted; how many there are. */
struct named_record {
    enum record_kind kind;
    int64_t id;
};
#define NAMED_RECORDS_MAX 4
uint32_t command_named_records(
    const struct command *command, struct named_record ret_records[NAMED_RECORDS_MAX]);

#endif
