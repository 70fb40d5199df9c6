/* body.h: the canonical content of a command, as stored in the journal.
 *
 * A body is a run of fields in the order of the kind's field table: one byte field number, then for
 * numbers a zigzag LEB128, for texts a LEB128 length and the bytes, for lists a LEB128 count and,
 * for each element, a LEB128 length and its own run of fields. Fields that are zero or empty are
 * left out, so that equal content is equal bytes. Where a kind keeps what is not named, the mask of
 * what is named follows as field 254: without it, before schema 3, a request named everything. The
 * body of a command that was refused over an amount has the number that decided it behind its
 * fields, as field 255, and before it, as field 246, the limit of an account policy that it is left
 * of: it belongs to the answer, which is the same for ever, and makes no
 * difference to the content. So does the body of an accepted command about a payout's status have
 * the number of the command that told it before, as field 253, and before it the body of one that
 * opened an item of suspense has its id, as field 248, and that of a CheckCard the small amount
 * that is to be paid, as field 247, that of a Withdraw by card its payouts, as field 245, and that
 * of a claim that deducted something its first payout, as field 244. Who sent the command stands
 * before all fields, as field 252, where SQL finds it without knowing the kind's fields
 * (vsl.caller_of); it makes no difference to the content either. Nor does what follows it when the
 * command is decided because somebody approves it: fields 251, the proposal (vsl.proposal_of), 250,
 * who made it, and 249, when. Request key, kind, ledger and dry_run are not in it: they have
 * columns of their own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_BODY_H
#define VSL_COMMAND_BODY_H

#include "base/must_use.h"
#include "ceilings.h"
#include "command/command.h"

#include <stddef.h>
#include <stdint.h>

/* Memory for the elements of all lists of one command. */
#define COMMAND_ELEMENTS_BYTES_MAX 4096
struct command_elements {
    _Alignas(16) unsigned char bytes[COMMAND_ELEMENTS_BYTES_MAX];
};

/* Writes the body, with the caller; returns its length, at most COMMAND_BODY_BYTES_MAX. */
size_t command_body_encode(const struct command *command, uint8_t ret_body[COMMAND_BODY_BYTES_MAX]);

/* Puts the number that a refusal was decided by behind a body, unless it is 0; returns the new
 * length. */
size_t command_body_put_limit(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t limit_minor);
/* The same with the limit of an account policy that it is left of; before all others. */
size_t command_body_put_policy_limit(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t limit_minor);
/* The same with the item of suspense that it opened; before all others. */
size_t command_body_put_suspense(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t suspense_id);
/* The same with the small amount that is to be paid for a card's check; before it. */
size_t command_body_put_check_amount(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t amount_minor);
/* The same with the payouts that it made by card, CARDS_PER_MEMBER_MAX at most; 0: none. */
size_t command_body_put_card_parts(uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length,
    const struct card_part *parts, uint32_t count);
/* The same with the first payout by which a claim deducted something; 0: none. */
size_t command_body_put_claim_payout(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t payout_id);
/* The same with the command that told a payout's status before; 0: none. */
size_t command_body_put_told_before(
    uint8_t body[COMMAND_BODY_BYTES_MAX], size_t length, int64_t sequence);
/* Whether the body of a kind that may have a proof of its customer's instruction has one: tells
 * without reading more of it, for most have none. */
bool command_body_has_proof(enum command_kind kind, const uint8_t *body, size_t length);
/* The proposal whose approval decided it; 0: it came alone. */
int64_t command_body_proposal(enum command_kind kind, const uint8_t *body, size_t length);
/* The item that an accepted command opened; 0: none. */
int64_t command_body_suspense(enum command_kind kind, const uint8_t *body, size_t length);
/* The number of a refusal; 0 when there is none. */
int64_t command_body_limit(enum command_kind kind, const uint8_t *body, size_t length);

/* The limit of the account policy that refused it; 0 when none did. */
int64_t command_body_policy_limit(enum command_kind kind, const uint8_t *body, size_t length);

/* Reads a body of that kind into `ret_command` (kind, caller and content; the rest is zero). Texts
 * point into `body`, lists into `ret_elements`. -1 when the bytes are not such a body;
 * `ret_elements` may have changed. */
MUST_USE int command_body_decode(enum command_kind kind, const uint8_t *body, size_t length,
    struct command_elements *ret_elements, struct command *ret_command);

/* A command as it stands in one that proposes it: one byte with its kind, and its body without who
 * sends it. Returns its length, at most PROPOSED_BYTES_MAX. */
size_t command_put_proposed(const struct command *command, uint8_t ret_bytes[PROPOSED_BYTES_MAX]);
/* Sets what is derived of the command that is proposed. */
void command_propose(struct propose *propose, const struct command *command);
/* Reads it back, as command_body_decode; -1 when it is no such thing, or not proposable. */
MUST_USE int command_take_proposed(
    struct text bytes, struct command_elements *ret_elements, struct command *ret_command);

/* Whether two bodies of one kind differ, and the path of the first request field in which they do,
 * as in the proto message ("fee_minor", "destination.account_number", "payees[3].amount_minor";
 * "payees" when there are more in one of them); "" when one of them cannot be read. */
bool command_body_differs(enum command_kind kind, const uint8_t *a, size_t a_length,
    const uint8_t *b, size_t b_length, char ret_field[FIELD_PATH_BYTES_MAX]);

/* "pay", "open_account": the kind's name as in SubmitBatch's oneof; NULL for an unknown number. */
const char *command_kind_name(int kind);

#endif
