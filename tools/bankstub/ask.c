/* ask.c: what the stand-in has to ask the server.
 *
 * Where the journal ends when it begins: what was said up to there, an earlier run said. The
 * present date of a ledger, when a payout is older than the key window. How far payouts are that
 * were sent before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "bankstub/parts.h"

#include "base/check.h"

#include "vsl/v1/ledger.pb-c.h"

#include <event2/event.h>

#define PAGE_SIZE 1000

static void ask(struct stand_in *stand_in, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request, const struct client_handlers *handlers)
{
    char path[RPC_PATH_BYTES_MAX];
    rpc_path(service, method, path);
    rpc_pack(request, &stand_in->request);
    client_call_start(stand_in->client, path, stand_in->request.bytes, stand_in->request.length,
        CALL_TIMEOUT_US, handlers, stand_in);
}

/* The answer in the arena; NULL when there is none, which was told. */
static ProtobufCMessage *read_answer(struct stand_in *stand_in, const struct client_end *end,
    const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *answer = NULL;
    arena_reset(&stand_in->arena);
    if (end->status == GRPC_OK)
        answer = rpc_unpack(descriptor, end->answer, end->answer_length, &stand_in->arena);
    if (!answer)
        tell_trouble(stand_in, end->status == GRPC_OK ? "an answer cannot be read" : end->message);
    return answer;
}

/* ---- the journal's end ---- */

static void on_end_of_journal(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    Vsl__V1__ListLedgersResponse *answer = (Vsl__V1__ListLedgersResponse *)read_answer(
        stand_in, end, &vsl__v1__list_ledgers_response__descriptor);
    if (!answer) {
        set_timer(stand_in->start_timer,
            grpc_status_is_passing(end->status) ? RETRY_PAUSE_US : RETRY_PAUSE_US * 25);
        return;
    }
    stand_in->start_sequence = answer->as_of_sequence;
    stand_in->on_start(stand_in);
}

void ask_start(struct stand_in *stand_in)
{
    static const struct client_handlers handlers = {.on_end = on_end_of_journal};
    Vsl__V1__ListLedgersRequest request;
    vsl__v1__list_ledgers_request__init(&request);
    request.page_size = 1;
    ask(stand_in, &vsl__v1__ledger_service__descriptor, "ListLedgers", &request.base, &handlers);
}

/* ---- the present date of a ledger ---- */

static void on_ledger(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    stand_in->is_asking = false;
    Vsl__V1__GetLedgerResponse *answer = (Vsl__V1__GetLedgerResponse *)read_answer(
        stand_in, end, &vsl__v1__get_ledger_response__descriptor);
    for (size_t i = 0; answer && answer->ledger && i < stand_in->queue_count; i++) {
        struct queued_payout *payout = &stand_in->queue[i];
        if (payout->ledger_id == answer->ledger->ledger_id &&
            payout->business_date < answer->ledger->oldest_business_date)
            payout->business_date = answer->ledger->accounting_date;
    }
    set_timer(stand_in->gather_timer, answer ? GATHER_US : RETRY_PAUSE_US);
}

void ask_date(struct stand_in *stand_in, int64_t ledger_id)
{
    static const struct client_handlers handlers = {.on_end = on_ledger};
    Vsl__V1__GetLedgerRequest request;
    vsl__v1__get_ledger_request__init(&request);
    request.ledger_id = ledger_id;
    stand_in->is_asking = true;
    ask(stand_in, &vsl__v1__ledger_service__descriptor, "GetLedger", &request.base, &handlers);
}

/* ---- payouts that were sent before ---- */

static const Vsl__V1__Payout *find(const Vsl__V1__ListPayoutsResponse *answer, int64_t payout_id)
{
    size_t low = 0;
    size_t high = answer->n_payouts;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (answer->payouts[middle]->payout_id < payout_id)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < answer->n_payouts && answer->payouts[low]->payout_id == payout_id;
    return is_found ? answer->payouts[low] : NULL;
}

static void on_payouts(void *context, const struct client_end *end)
{
    struct stand_in *stand_in = context;
    stand_in->is_asking = false;
    Vsl__V1__ListPayoutsResponse *answer = (Vsl__V1__ListPayoutsResponse *)read_answer(
        stand_in, end, &vsl__v1__list_payouts_response__descriptor);
    for (size_t i = 0; answer && i < stand_in->queue_count; i++) {
        struct queued_payout *payout = &stand_in->queue[i];
        if (payout->step != STEP_LOOK || payout->ledger_id != stand_in->asked_ledger_id ||
            payout->payout_id <= stand_in->asked_after_id)
            continue;
        /* The page ends here; the rest is asked for next. */
        if (answer->next_after_id > 0 && payout->payout_id > answer->next_after_id)
            continue;
        const Vsl__V1__Payout *found = find(answer, payout->payout_id);
        if (found) {
            stand_in->on_found(stand_in, payout, found);
        } else {
            tell_trouble(stand_in, "the server does not list a payout that it told of");
            stand_in->counts.refused++;
            payout->step = STEP_DONE;
        }
    }
    set_timer(stand_in->gather_timer, answer ? 0 : RETRY_PAUSE_US);
}

void ask_payouts(struct stand_in *stand_in, const struct queued_payout *first)
{
    static const struct client_handlers handlers = {.on_end = on_payouts};
    Vsl__V1__ListPayoutsRequest request;
    vsl__v1__list_payouts_request__init(&request);
    request.ledger_id = first->ledger_id;
    /* By an id and not by a token: the page begins in the middle, at a payout that is known. */
    request.after_id = first->payout_id - 1;
    request.page_size = PAGE_SIZE;
    stand_in->asked_ledger_id = first->ledger_id;
    stand_in->asked_after_id = first->payout_id - 1;
    stand_in->is_asking = true;
    ask(stand_in, &vsl__v1__funds_service__descriptor, "ListPayouts", &request.base, &handlers);
}
