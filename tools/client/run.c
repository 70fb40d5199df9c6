/* run.c: see run.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/run.h"

#include "base/check.h"
#include "vsl/v1/ledger.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define PREFIX_ATTEMPTS 20
#define LETTERS_MAX 32
#define OUTCOME_FIRST_REFUSAL 100

void run_draw_letters(char *ret_text, size_t count)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint8_t random[LETTERS_MAX];
    CHECK(count <= sizeof random);
    CHECK(getrandom(random, count, 0) == (ssize_t)count);
    for (size_t i = 0; i < count; i++)
        ret_text[i] = digits[random[i] % 36];
    ret_text[count] = '\0';
}

/* A text for a message, which is declared as writable and never written to. */
static char *text_in(const char *text)
{
    return (char *)(uintptr_t)text;
}

static const Vsl__V1__OpenLedgerResponse *open_with(
    const struct run_ledger *wanted, const char *serial, const char *prefix)
{
    Vsl__V1__RequestKey key;
    Vsl__V1__OpenLedgerRequest request;
    vsl__v1__request_key__init(&key);
    key.channel = text_in(wanted->channel);
    key.business_date = wanted->date;
    key.serial = text_in(serial);
    vsl__v1__open_ledger_request__init(&request);
    request.key = &key;
    request.platform_name = text_in(wanted->platform);
    request.escrow_account_number = text_in("6200000000000001");
    request.currency = text_in(wanted->currency);
    request.receiving_prefix = text_in(prefix);
    request.first_accounting_date = wanted->date;
    request.policy = VSL__V1__ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_UNCHECKED;
    return (const Vsl__V1__OpenLedgerResponse *)wanted->call(
        wanted->context, &vsl__v1__ledger_service__descriptor, "OpenLedger", &request.base);
}

int run_open_ledger(const struct run_ledger *wanted, int64_t *ret_ledger_id, int64_t *ret_sequence)
{
    for (uint32_t attempt = 0; attempt < PREFIX_ATTEMPTS; attempt++) {
        char serial[64];
        char prefix[16];
        uint64_t number = strtoull(wanted->run_id, NULL, 36) + (uint64_t)attempt * 7919;
        snprintf(serial, sizeof serial, "%s-ledger-%u", wanted->run_id, attempt);
        snprintf(prefix, sizeof prefix, "%u", 10000000 + (uint32_t)(number % 90000000));
        const Vsl__V1__OpenLedgerResponse *answer = open_with(wanted, serial, prefix);
        if (!answer)
            return -1;
        if (!answer->result) {
            fprintf(stderr, "%s: the answer to OpenLedger is not complete\n", wanted->tool);
            return -1;
        }
        if ((int)answer->result->outcome < OUTCOME_FIRST_REFUSAL) {
            *ret_ledger_id = answer->ledger_id;
            *ret_sequence = answer->result->sequence;
            return 0;
        }
        if (answer->result->outcome != VSL__V1__OUTCOME__OUTCOME_RECEIVING_PREFIX_TAKEN) {
            fprintf(
                stderr, "%s: could not open a ledger: %s\n", wanted->tool, answer->result->text);
            return -1;
        }
    }
    fprintf(stderr, "%s: found no free receiving prefix for a ledger\n", wanted->tool);
    return -1;
}
