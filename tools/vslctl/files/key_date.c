/* key_date.c: see key_date.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/key_date.h"

#include "base/check.h"
#include "model/date.h"

#include "vsl/v1/journal.pb-c.h"

/* So many days back a run of the same file is looked for. */
#define DAYS_LOOKED_BACK 100

/* Asks for a command by its key: 0 with its sequence, or 0 when there is none; -2. */
static int ask_sequence(
    struct context *context, const Vsl__V1__RequestKey *key, int64_t *ret_sequence)
{
    Vsl__V1__GetCommandRequest request;
    Vsl__V1__RequestKey copy = *key;
    vsl__v1__get_command_request__init(&request);
    request.key = &copy;
    rpc_reset(&context->rpc);
    Vsl__V1__GetCommandResponse *answer = (Vsl__V1__GetCommandResponse *)rpc_call(
        &context->rpc, &vsl__v1__journal_service__descriptor, "GetCommand", &request.base);
    context->is_command = false;
    *ret_sequence = answer && answer->entry ? answer->entry->sequence : 0;
    if (answer || context->rpc.fault.status == GRPC_NOT_FOUND)
        return 0;
    context_print_fault(context);
    return -2;
}

int key_date_find(struct context *context, int64_t ledger_id, const Vsl__V1__RequestKey *key,
    int32_t *ret_date, int64_t *ret_sequence)
{
    int32_t days;
    Vsl__V1__RequestKey asked = *key;
    if (context_ask_ledger(context, ledger_id) != 0)
        return -2;
    *ret_date = context->ledger.accounting_date;
    CHECK(date_try_from_yyyymmdd(*ret_date, &days));
    for (int32_t back = 0; back <= DAYS_LOOKED_BACK && back <= days; back++) {
        asked.business_date = date_to_yyyymmdd(days - back);
        if (ask_sequence(context, &asked, ret_sequence) != 0)
            return -2;
        if (*ret_sequence > 0) {
            *ret_date = asked.business_date;
            break;
        }
    }
    return 0;
}
