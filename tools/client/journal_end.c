/* journal_end.c: any list says as of which sequence it is; the shortest one is asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/journal_end.h"

#include "client/rpc.h"

#include "vsl/v1/ledger.pb-c.h"

#include <stdio.h>

#define TIMEOUT_US (INT64_C(30) * 1000000)

int journal_end(const struct client_config *config, const char *tool, int64_t *ret_sequence)
{
    struct rpc rpc;
    char error[512];
    if (rpc_open(&rpc, config, TIMEOUT_US, error, sizeof error) != 0) {
        fprintf(stderr, "%s: %s\n", tool, error);
        return -1;
    }
    Vsl__V1__ListLedgersRequest request;
    vsl__v1__list_ledgers_request__init(&request);
    request.page_size = 1;
    Vsl__V1__ListLedgersResponse *answer = (Vsl__V1__ListLedgersResponse *)rpc_call(
        &rpc, &vsl__v1__ledger_service__descriptor, "ListLedgers", &request.base);
    if (answer) {
        *ret_sequence = answer->as_of_sequence;
    } else {
        fprintf(stderr, "%s: ", tool);
        rpc_fault_print(stderr, &rpc.fault);
    }
    rpc_close(&rpc);
    return answer ? 0 : -1;
}
