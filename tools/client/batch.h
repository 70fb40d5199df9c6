/* batch.h: builds SubmitBatch requests in an arena, without an allocation per item.
 *
 *     struct batch batch;
 *     batch_init(&batch);
 *     batch_begin(&batch);
 *     Vsl__V1__PayRequest *pay = batch_add_pay(&batch, channel, business_date, serial);
 *     pay->ledger_id = ...;
 *     batch_pack(&batch, &bytes);
 *
 * Texts are copied into the arena by batch_text, or must outlive batch_pack.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_BATCH_H
#define VSL_TOOLS_CLIENT_BATCH_H

#include "base/arena.h"
#include "base/buffer.h"
#include "ceilings.h"

#include "vsl/v1/funds.pb-c.h"

struct batch {
    struct arena arena;
    Vsl__V1__SubmitBatchRequest message;
    Vsl__V1__BatchItem *items[BATCH_COMMANDS_MAX];
};

void batch_init(struct batch *batch);
void batch_finish(struct batch *batch);

/* Forgets all items. */
void batch_begin(struct batch *batch);

/* How many items there are. */
static inline size_t batch_count(const struct batch *batch)
{
    return batch->message.n_items;
}

/* A copy of the text that lives as long as the items. */
char *batch_text(struct batch *batch, const char *text);

/* A party whose texts are copied. */
Vsl__V1__Party *batch_party(
    struct batch *batch, const char *name, const char *account_number, const char *bank_code);

/* Makes the account the only payee. */
void batch_set_payee(
    struct batch *batch, Vsl__V1__PayRequest *pay, int64_t account_id, int64_t amount_minor);

/* So many payees, each zero; the array that a request's `payees` takes. */
Vsl__V1__Payee **batch_payees(struct batch *batch, size_t count);

/* Each adds one command with its key set (the texts are copied) and the rest zero. There must be
 * room for it. */
Vsl__V1__CutDayRequest *batch_add_cut_day(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__OpenMemberRequest *batch_add_open_member(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__OpenAccountRequest *batch_add_open_account(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__BookReceiptRequest *batch_add_book_receipt(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__BookInterestRequest *batch_add_book_interest(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__ChargeFeeRequest *batch_add_charge_fee(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__OpenLumpRequest *batch_add_open_lump(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__AllocateLineRequest *batch_add_allocate_line(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__CloseLumpRequest *batch_add_close_lump(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__OpenSettlementRequest *batch_add_open_settlement(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__SettleLineRequest *batch_add_settle_line(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__CloseSettlementRequest *batch_add_close_settlement(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__OpenBankStatementRequest *batch_add_open_bank_statement(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__AddStatementLineRequest *batch_add_add_statement_line(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__CloseBankStatementRequest *batch_add_close_bank_statement(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__ProposeRequest *batch_add_propose(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__MatchStatementLineRequest *batch_add_match_statement_line(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__PayRequest *batch_add_pay(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__RefundRequest *batch_add_refund(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__PlaceHoldRequest *batch_add_place_hold(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__ConfirmHoldRequest *batch_add_confirm_hold(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__WithdrawRequest *batch_add_withdraw(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__ConfirmPayoutRequest *batch_add_confirm_payout(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__AddDeniedRequest *batch_add_add_denied(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);
Vsl__V1__ConfirmCardCheckRequest *batch_add_confirm_card_check(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial);

/* Replaces what `out` holds by the packed request. */
void batch_pack(const struct batch *batch, struct buffer *out);

#endif
