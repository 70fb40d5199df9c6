/* batch.c: builds SubmitBatch requests in an arena.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/batch.h"

#include "base/check.h"

#include <string.h>

#define BATCH_BLOCK_BYTES ((size_t)512 << 10)
#define BATCH_BYTES_MAX ((size_t)64 << 20)

static void *take(struct batch *batch, size_t bytes)
{
    void *memory = arena_try_alloc(&batch->arena, bytes);
    CHECK(memory != NULL);
    return memory;
}

void batch_init(struct batch *batch)
{
    arena_init(&batch->arena, BATCH_BLOCK_BYTES, BATCH_BYTES_MAX);
    batch_begin(batch);
}

void batch_finish(struct batch *batch)
{
    arena_finish(&batch->arena);
}

void batch_begin(struct batch *batch)
{
    arena_reset(&batch->arena);
    vsl__v1__submit_batch_request__init(&batch->message);
    batch->message.items = batch->items;
}

char *batch_text(struct batch *batch, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = take(batch, bytes);
    memcpy(copy, text, bytes);
    return copy;
}

Vsl__V1__Party *batch_party(
    struct batch *batch, const char *name, const char *account_number, const char *bank_code)
{
    Vsl__V1__Party *party = take(batch, sizeof *party);
    vsl__v1__party__init(party);
    party->name = batch_text(batch, name);
    party->account_number = batch_text(batch, account_number);
    party->bank_code = batch_text(batch, bank_code);
    return party;
}

Vsl__V1__Payee **batch_payees(struct batch *batch, size_t count)
{
    Vsl__V1__Payee **payees = take(batch, count * sizeof *payees);
    Vsl__V1__Payee *storage = take(batch, count * sizeof *storage);
    for (size_t i = 0; i < count; i++) {
        vsl__v1__payee__init(&storage[i]);
        payees[i] = &storage[i];
    }
    return payees;
}

void batch_set_payee(
    struct batch *batch, Vsl__V1__PayRequest *pay, int64_t account_id, int64_t amount_minor)
{
    pay->payees = batch_payees(batch, 1);
    pay->payees[0]->account_id = account_id;
    pay->payees[0]->amount_minor = amount_minor;
    pay->n_payees = 1;
}

static Vsl__V1__RequestKey *take_key(
    struct batch *batch, const char *channel, int32_t business_date, const char *serial)
{
    Vsl__V1__RequestKey *key = take(batch, sizeof *key);
    vsl__v1__request_key__init(key);
    key->channel = batch_text(batch, channel);
    key->business_date = business_date;
    key->serial = batch_text(batch, serial);
    return key;
}

static Vsl__V1__BatchItem *add_item(struct batch *batch)
{
    CHECK(batch->message.n_items < BATCH_COMMANDS_MAX);
    Vsl__V1__BatchItem *item = take(batch, sizeof *item);
    vsl__v1__batch_item__init(item);
    batch->items[batch->message.n_items++] = item;
    return item;
}

/* The functions differ in a type and two names only; written out they would hide that. */
#define DEFINE_ADD(type, name, CASE)                                                               \
    type *batch_add_##name(                                                                        \
        struct batch *batch, const char *channel, int32_t business_date, const char *serial)       \
    {                                                                                              \
        Vsl__V1__BatchItem *item = add_item(batch);                                                \
        type *request = take(batch, sizeof *request);                                              \
        vsl__v1__##name##_request__init(request);                                                  \
        request->key = take_key(batch, channel, business_date, serial);                            \
        item->command_case = VSL__V1__BATCH_ITEM__COMMAND_##CASE;                                  \
        item->name = request;                                                                      \
        return request;                                                                            \
    }

DEFINE_ADD(Vsl__V1__CutDayRequest, cut_day, CUT_DAY)
DEFINE_ADD(Vsl__V1__OpenMemberRequest, open_member, OPEN_MEMBER)
DEFINE_ADD(Vsl__V1__OpenAccountRequest, open_account, OPEN_ACCOUNT)
DEFINE_ADD(Vsl__V1__BookReceiptRequest, book_receipt, BOOK_RECEIPT)
DEFINE_ADD(Vsl__V1__BookInterestRequest, book_interest, BOOK_INTEREST)
DEFINE_ADD(Vsl__V1__ChargeFeeRequest, charge_fee, CHARGE_FEE)
DEFINE_ADD(Vsl__V1__OpenLumpRequest, open_lump, OPEN_LUMP)
DEFINE_ADD(Vsl__V1__AllocateLineRequest, allocate_line, ALLOCATE_LINE)
DEFINE_ADD(Vsl__V1__CloseLumpRequest, close_lump, CLOSE_LUMP)
DEFINE_ADD(Vsl__V1__OpenSettlementRequest, open_settlement, OPEN_SETTLEMENT)
DEFINE_ADD(Vsl__V1__SettleLineRequest, settle_line, SETTLE_LINE)
DEFINE_ADD(Vsl__V1__CloseSettlementRequest, close_settlement, CLOSE_SETTLEMENT)
DEFINE_ADD(Vsl__V1__OpenBankStatementRequest, open_bank_statement, OPEN_BANK_STATEMENT)
DEFINE_ADD(Vsl__V1__AddStatementLineRequest, add_statement_line, ADD_STATEMENT_LINE)
DEFINE_ADD(Vsl__V1__CloseBankStatementRequest, close_bank_statement, CLOSE_BANK_STATEMENT)
DEFINE_ADD(Vsl__V1__ProposeRequest, propose, PROPOSE)
DEFINE_ADD(Vsl__V1__MatchStatementLineRequest, match_statement_line, MATCH_STATEMENT_LINE)
DEFINE_ADD(Vsl__V1__PayRequest, pay, PAY)
DEFINE_ADD(Vsl__V1__RefundRequest, refund, REFUND)
DEFINE_ADD(Vsl__V1__PlaceHoldRequest, place_hold, PLACE_HOLD)
DEFINE_ADD(Vsl__V1__ConfirmHoldRequest, confirm_hold, CONFIRM_HOLD)
DEFINE_ADD(Vsl__V1__WithdrawRequest, withdraw, WITHDRAW)
DEFINE_ADD(Vsl__V1__ConfirmPayoutRequest, confirm_payout, CONFIRM_PAYOUT)
DEFINE_ADD(Vsl__V1__AddDeniedRequest, add_denied, ADD_DENIED)
DEFINE_ADD(Vsl__V1__ConfirmCardCheckRequest, confirm_card_check, CONFIRM_CARD_CHECK)

void batch_pack(const struct batch *batch, struct buffer *out)
{
    size_t length = vsl__v1__submit_batch_request__get_packed_size(&batch->message);
    buffer_clear(out);
    buffer_reserve(out, length + 1);
    out->length = vsl__v1__submit_batch_request__pack(&batch->message, out->bytes);
    CHECK(out->length == length);
}
