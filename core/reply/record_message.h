/* record_message.h: a record as a message; internal to reply.
 *
 * Whoever shows a record goes through here, wherever it came from: memory or the database.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_REPLY_RECORD_MESSAGE_H
#define VSL_REPLY_RECORD_MESSAGE_H

#include "model/records.h"
#include "reply/reply.h"
#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/acquirer.pb-c.h"
#include "vsl/v1/bank_statement.pb-c.h"
#include "vsl/v1/caller.pb-c.h"
#include "vsl/v1/card.pb-c.h"
#include "vsl/v1/claim.pb-c.h"
#include "vsl/v1/correction.pb-c.h"
#include "vsl/v1/fee.pb-c.h"
#include "vsl/v1/freeze.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/hold.pb-c.h"
#include "vsl/v1/lump.pb-c.h"
#include "vsl/v1/mandate.pb-c.h"
#include "vsl/v1/member.pb-c.h"
#include "vsl/v1/payout.pb-c.h"
#include "vsl/v1/product.pb-c.h"
#include "vsl/v1/proposal.pb-c.h"
#include "vsl/v1/screening.pb-c.h"
#include "vsl/v1/suspense.pb-c.h"

#include <stdint.h>

/* A message with what it points to. */
struct member_message {
    Vsl__V1__Member message;
    char platform_member_id[PLATFORM_MEMBER_ID_BYTES_MAX + 1];
};

struct account_message {
    Vsl__V1__Account message;
    Vsl__V1__Balances balances;
    char receiving_number[RECEIVING_NUMBER_BYTES_MAX];
};

struct fee_rule_message {
    Vsl__V1__FeeRule message;
    Vsl__V1__FeeTier tiers[FEE_TIERS_MAX];
    Vsl__V1__FeeTier *tier_pointers[FEE_TIERS_MAX];
    Vsl__V1__FeeShare shares[FEE_SHARES_MAX];
    Vsl__V1__FeeShare *share_pointers[FEE_SHARES_MAX];
    char name[FEE_RULE_NAME_BYTES_MAX + 1];
};

struct payout_message {
    Vsl__V1__Payout message;
    char order_number[ORDER_NUMBER_BYTES_MAX + 1];
};

struct hold_message {
    Vsl__V1__Hold message;
    char order_number[ORDER_NUMBER_BYTES_MAX + 1];
};

struct freeze_message {
    Vsl__V1__Freeze message;
    char purpose[PURPOSE_BYTES_MAX + 1];
    char owner[CHANNEL_BYTES_MAX + 1];
};

struct adjustment_message {
    Vsl__V1__Adjustment message;
    char maker[CHANNEL_BYTES_MAX + 1];
    char checker[CHANNEL_BYTES_MAX + 1];
};

struct proposal_message {
    Vsl__V1__Proposal message;
    char maker_channel[CHANNEL_BYTES_MAX + 1];
    char approver_channel[CHANNEL_BYTES_MAX + 1];
};

struct acquirer_message {
    Vsl__V1__Acquirer message;
    char name[ACQUIRER_NAME_BYTES_MAX + 1];
    char fee_rule[FEE_RULE_NAME_BYTES_MAX + 1];
};

struct promise_message {
    Vsl__V1__Promise message;
    char reference[PROMISE_REFERENCE_BYTES_MAX + 1];
    char order_number[ORDER_NUMBER_BYTES_MAX + 1];
};

struct bank_statement_message {
    Vsl__V1__BankStatement message;
    char reference[STATEMENT_REFERENCE_BYTES_MAX + 1];
    char file_sha256[FILE_SHA256_BYTES + 1];
};

struct difference_message {
    Vsl__V1__Difference message;
    char reference[PROMISE_REFERENCE_BYTES_MAX + 1];
    char order_number[ORDER_NUMBER_BYTES_MAX + 1];
};

struct card_message {
    Vsl__V1__Card message;
    char bank_code[BANK_CODE_BYTES_MAX + 1];
};

struct claim_message {
    Vsl__V1__Claim message;
    char organ[AUTHORITY_CODE_BYTES_MAX + 1];
};

struct product_message {
    Vsl__V1__Product message;
    char code[PRODUCT_CODE_BYTES_MAX + 1];
    char name[PRODUCT_NAME_BYTES_MAX + 1];
};

struct feedback_message {
    Vsl__V1__Feedback message;
    char organ[AUTHORITY_CODE_BYTES_MAX + 1];
};

struct caller_message {
    Vsl__V1__Caller message;
    Vsl__V1__CallerRoles roles;
    Vsl__V1__CallerLedger ledgers[CALLER_LEDGERS_MAX];
    Vsl__V1__CallerLedger *ledger_pointers[CALLER_LEDGERS_MAX];
    Vsl__V1__CallerChannel channels[CALLER_CHANNELS_MAX];
    Vsl__V1__CallerChannel *channel_pointers[CALLER_CHANNELS_MAX];
    char name[CALLER_NAME_BYTES_MAX + 1];
    char channel_names[CALLER_CHANNELS_BYTES_MAX + 1]; /* each with its end */
};

/* Masked values, or a word why not, see personal_show in command/sealing.h. */
#define SHOWN_NAME_BYTES_MAX (2 * CHARACTER_BYTES_MAX * PARTY_NAME_CHARACTERS_MAX)
#define SHOWN_NUMBER_BYTES_MAX 512

struct identification_message {
    Vsl__V1__Identification message;
    char name[SHOWN_NAME_BYTES_MAX + 1];
    char number[SHOWN_NUMBER_BYTES_MAX + 1];
};

struct identity_message {
    Vsl__V1__Identity message;
    struct identification_message holder, representative, handler;
    Vsl__V1__IdentityCheck check;
    char checked_by[CHECKED_BY_BYTES_MAX + 1];
    char result_code[CHECK_RESULT_BYTES_MAX + 1];
    char reference[CHECK_REFERENCE_BYTES_MAX + 1];
};

/* There is one. */
void fill_identity(struct identity_message *m, const struct shown_identity *shown);
/* Without the ids of its accounts, and who it is. */
void fill_member(struct member_message *m, const struct member *member);
void fill_balances(
    Vsl__V1__Balances *balances, const struct account *account, int32_t accounting_date);
void fill_account(
    struct account_message *m, const struct account *account, const struct ledger *ledger);
void fill_fee_rule(struct fee_rule_message *m, const struct fee_rule *rule);
/* `accounting_date`, days, is the ledger's: it decides whether a paid payout is final. */
void fill_payout(struct payout_message *m, const struct payout *payout, int32_t accounting_date);
void fill_hold(struct hold_message *m, const struct hold *hold);
void fill_freeze(struct freeze_message *m, const struct freeze *freeze);
void fill_debt(Vsl__V1__Debt *message, const struct debt *debt);
void fill_adjustment(struct adjustment_message *m, const struct adjustment *adjustment);

void fill_roles(Vsl__V1__CallerRoles *message, int32_t roles);
void fill_proposal(struct proposal_message *m, const struct proposal *proposal);
void fill_suspense(Vsl__V1__Suspense *message, const struct suspense *item);
void fill_lump(Vsl__V1__Lump *message, const struct lump *lump);
void fill_acquirer(struct acquirer_message *m, const struct acquirer *acquirer);
void fill_promise(
    struct promise_message *m, const struct promise *promise, int32_t accounting_date);
void fill_settlement(Vsl__V1__Settlement *message, const struct settlement *settlement);
void fill_difference(struct difference_message *m, const struct difference *difference);
void fill_bank_statement(struct bank_statement_message *m, const struct bank_statement *statement);
void fill_bank_statement_line(
    Vsl__V1__BankStatementLine *message, const struct statement_line *line);
void fill_statement_match(Vsl__V1__StatementMatch *message, const struct statement_match *match);
/* Its status is that on the ledger's accounting date. */
void fill_card(struct card_message *m, const struct card *card);
void fill_mandate(Vsl__V1__Mandate *message, const struct mandate *mandate);
void fill_denied(Vsl__V1__Denied *message, const struct denied *entry);
void fill_hit(Vsl__V1__Hit *message, const struct hit *hit);
/* With what it covers now. */
void fill_claim(struct claim_message *m, const struct claim *claim);
void fill_product(struct product_message *m, const struct product *product);
void fill_position(Vsl__V1__Position *message, const struct position *position);
void fill_price(Vsl__V1__Price *message, const struct price *price);
void fill_feedback(struct feedback_message *m, const struct feedback *feedback);
void fill_caller(struct caller_message *m, const struct caller *caller);

/* Memory for any of them. */
union record_message {
    ProtobufCMessage base;
    struct member_message member;
    struct account_message account;
    struct fee_rule_message fee_rule;
    struct payout_message payout;
    struct hold_message hold;
    struct freeze_message freeze;
    Vsl__V1__Debt debt;
    struct adjustment_message adjustment;
    struct proposal_message proposal;
    Vsl__V1__Suspense suspense;
    Vsl__V1__Lump lump;
    struct acquirer_message acquirer;
    struct promise_message promise;
    Vsl__V1__Settlement settlement;
    struct difference_message difference;
    struct bank_statement_message bank_statement;
    Vsl__V1__BankStatementLine statement_line;
    Vsl__V1__StatementMatch statement_match;
    struct card_message card;
    Vsl__V1__Denied denied;
    Vsl__V1__Mandate mandate;
    Vsl__V1__Hit hit;
    struct claim_message claim;
    struct feedback_message feedback;
    struct product_message product;
    Vsl__V1__Price price;
    Vsl__V1__Position position;
    struct caller_message caller;
};

/* The same by kind of record; &m->base is the message. `ledger` is NULL of a caller. */
void fill_record(union record_message *m, enum record_kind kind, const void *record,
    const struct ledger *ledger);

#endif
