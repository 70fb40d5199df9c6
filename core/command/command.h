/* command.h: a request as a plain struct.
 *
 * Made by command/decode (from protobuf) or command/body (from the journal), executed by the
 * engine. Texts and lists point into memory of whoever made the struct. Shapes are already right:
 * ids and amounts are in range, texts and lists within their limits, enums known. Whether the ids
 * exist is the engine's question.
 *
 * To add a command: its row in command_list.h, its struct and its field table in structs_*.h and
 * fields_*.c of its topic, its message in proto/, its function in engine/.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_COMMAND_H
#define VSL_COMMAND_COMMAND_H

#include "base/text.h"
#include "ceilings.h"
#include "command/structs_acquirer.h"
#include "command/structs_claim.h"
#include "command/structs_control.h"
#include "command/structs_funds.h"
#include "command/structs_ledger.h"
#include "command/structs_member.h"
#include "command/structs_product.h"
#include "command/structs_statement.h"
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
           kind == COMMAND_RELEASE_CLAIM || kind == COMMAND_DEDUCT_CLAIM ||
           kind == COMMAND_OPEN_FEEDBACK || kind == COMMAND_GIVE_FEEDBACK;
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
