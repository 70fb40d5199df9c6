/* replay_call.c: how the replay asks the server, and tells what is wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/replay/replay.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define GIVE_UP_US (INT64_C(60) * 1000000)
#define RETRY_PAUSE_US 250000
void replay_trouble(struct replay *replay, const struct step *step, const char *what)
{
    if (replay->troubles++ >= TROUBLES_SHOWN_MAX)
        return;
    progress_clear(&replay->progress);
    fprintf(stderr, "line %u, account %" PRId64 ": %s\n", step->transaction->line,
        step->transaction->account_id, what);
}

/* Calls until there is an answer; the same keys make a repeat harmless. NULL with a message. */
ProtobufCMessage *replay_call(struct replay *replay, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request)
{
    int64_t give_up_us = clock_monotonic_us() + GIVE_UP_US;
    struct rpc *rpc = &replay->context.rpc;
    for (;;) {
        ProtobufCMessage *answer = rpc_call(rpc, service, method, request);
        if (answer)
            return answer;
        /* A server that was never reached is no server that will come back. */
        bool may_come_back = replay->ledger_id > 0 && grpc_status_is_passing(rpc->fault.status);
        if (!may_come_back || clock_monotonic_us() > give_up_us) {
            progress_clear(&replay->progress);
            context_print_fault(&replay->context);
            return NULL;
        }
        progress_show(&replay->progress, "waiting for the server: %s", rpc->fault.message);
        rpc_wait(rpc, RETRY_PAUSE_US);
    }
}
