/* workload.c: what vslload sends: opening members and accounts, funding them, paying.
 *
 * Every account is funded so that small random payments never empty it; should one do so all the
 * same, the refusal is counted. Belief changes only with answers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslload/workload.h"
#include "base/check.h"
#include "base/clock.h"
#include "client/run.h"
#include "model/date.h"
#include "model/money.h"
#include "vsl/v1/claim.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <stdio.h>
#include <stdlib.h>

#define SETUP_BATCH 1000
#define FUND_MINOR INT64_C(10000000)
#define FUND_HOT_MINOR INT64_C(1000000000000)
#define PAYMENT_MINOR_MAX 100
#define CLAIM_MINOR 1
#define US_PER_DAY (INT64_C(86400) * 1000000)

static uint32_t items_left(const struct load *load)
{
    uint64_t left = load->options->accounts - load->next;
    return left < SETUP_BATCH ? (uint32_t)left : SETUP_BATCH;
}

static void on_setup_tick(void *context)
{
    struct load *load = context;
    report_progress(load, load->phase, load->done, load->options->accounts);
}

/* ---- members ---- */

static uint32_t fill_members(void *context, struct slot *slot)
{
    struct load *load = context;
    uint32_t count = items_left(load);
    slot->first = load->next;
    batch_begin(&load->batch);
    for (uint32_t i = 0; i < count; i++) {
        char serial[SERIAL_BYTES];
        load_serial(load, 'm', load->next, serial);
        Vsl__V1__OpenMemberRequest *request =
            batch_add_open_member(&load->batch, LOAD_CHANNEL, load->business_date, serial);
        request->ledger_id = load->ledger_id;
        request->kind = load->next % 10 == 0 ? VSL__V1__MEMBER_KIND__MEMBER_KIND_MERCHANT
                                             : VSL__V1__MEMBER_KIND__MEMBER_KIND_USER;
        request->platform_member_id = batch_text(&load->batch, serial);
        load->next++;
    }
    if (count > 0)
        batch_pack(&load->batch, &slot->request);
    return count;
}

static void take_member(void *context, struct slot *slot, uint32_t index, enum load_end end,
    const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item)
{
    (void)result;
    struct load *load = context;
    if (end != LOAD_ACCEPTED)
        return;
    load->member_ids[slot->first + index] = item->subject_id;
    load->done++;
}

/* ---- accounts ---- */

static uint32_t fill_accounts(void *context, struct slot *slot)
{
    struct load *load = context;
    uint32_t count = items_left(load);
    slot->first = load->next;
    batch_begin(&load->batch);
    for (uint32_t i = 0; i < count; i++) {
        char serial[SERIAL_BYTES];
        load_serial(load, 'a', load->next, serial);
        Vsl__V1__OpenAccountRequest *request =
            batch_add_open_account(&load->batch, LOAD_CHANNEL, load->business_date, serial);
        request->ledger_id = load->ledger_id;
        request->member_id = load->member_ids[load->next];
        load->next++;
    }
    if (count > 0)
        batch_pack(&load->batch, &slot->request);
    return count;
}

static void take_account(void *context, struct slot *slot, uint32_t index, enum load_end end,
    const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item)
{
    (void)result;
    struct load *load = context;
    if (end != LOAD_ACCEPTED)
        return;
    load->account_ids[slot->first + index] = item->subject_id;
    load->done++;
}

/* ---- funds ---- */

static int64_t funds_of(uint64_t account)
{
    return account == 0 ? FUND_HOT_MINOR : FUND_MINOR;
}

static uint32_t fill_funds(void *context, struct slot *slot)
{
    struct load *load = context;
    uint32_t count = items_left(load);
    slot->first = load->next;
    batch_begin(&load->batch);
    for (uint32_t i = 0; i < count; i++) {
        char serial[SERIAL_BYTES];
        load_serial(load, 'f', load->next, serial);
        Vsl__V1__BookReceiptRequest *request =
            batch_add_book_receipt(&load->batch, LOAD_CHANNEL, load->business_date, serial);
        request->ledger_id = load->ledger_id;
        request->account_id = load->account_ids[load->next];
        request->amount_minor = funds_of(load->next);
        request->payer = batch_party(&load->batch, "Load Generator", "6222000000000000", "");
        load->next++;
    }
    if (count > 0)
        batch_pack(&load->batch, &slot->request);
    return count;
}

static void take_funds(void *context, struct slot *slot, uint32_t index, enum load_end end,
    const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item)
{
    (void)result;
    (void)item;
    struct load *load = context;
    if (end != LOAD_ACCEPTED)
        return;
    uint64_t account = slot->first + index;
    load->balances_minor[account] += funds_of(account);
    load->funded_minor += funds_of(account);
    load->done++;
}

/* ---- set-up ---- */

static int32_t today(void)
{
    return date_to_yyyymmdd((int32_t)(clock_wall_us() / US_PER_DAY));
}

static ProtobufCMessage *call(void *context, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request)
{
    struct load *load = context;
    rpc_reset(load->rpc);
    ProtobufCMessage *answer = rpc_call(load->rpc, service, method, request);
    if (!answer) {
        fprintf(stderr, "vslload: could not open a ledger: ");
        rpc_fault_print(stderr, &load->rpc->fault);
    }
    return answer;
}

static int open_ledger(struct load *load)
{
    const struct run_ledger ledger = {
        .tool = "vslload",
        .channel = LOAD_CHANNEL,
        .run_id = load->run_id,
        .platform = "vslload",
        .currency = "CNY",
        .date = load->business_date,
        .call = call,
        .context = load,
    };
    int64_t sequence;
    return run_open_ledger(&ledger, &load->ledger_id, &sequence);
}

/* Everybody may do everything up to limits that no load reaches: what it costs to count. */
static int set_limits(struct load *load)
{
    Vsl__V1__RequestKey key;
    Vsl__V1__AccountPolicyLevel level;
    Vsl__V1__AccountPolicyLevel *levels = &level;
    Vsl__V1__SetAccountPolicyRequest request;
    char serial[64];
    vsl__v1__request_key__init(&key);
    vsl__v1__account_policy_level__init(&level);
    vsl__v1__set_account_policy_request__init(&request);
    snprintf(serial, sizeof serial, "%s-limits", load->run_id);
    key.channel = (char *)(uintptr_t)LOAD_CHANNEL;
    key.business_date = load->business_date;
    key.serial = serial;
    level.may_receive = level.may_pay = level.may_withdraw = true;
    level.date_in_minor = level.date_out_minor = AMOUNT_MINOR_MAX;
    level.year_in_minor = level.year_out_minor = AMOUNT_MINOR_MAX;
    request.key = &key;
    request.ledger_id = load->ledger_id;
    request.preset = VSL__V1__ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_CUSTOM;
    request.n_merchants = request.n_users = 1;
    request.merchants = request.users = &levels;
    const Vsl__V1__SetAccountPolicyResponse *answer =
        (const Vsl__V1__SetAccountPolicyResponse *)call(
            load, &vsl__v1__ledger_service__descriptor, "SetAccountPolicy", &request.base);
    if (answer && answer->result && answer->result->outcome == VSL__V1__OUTCOME__OUTCOME_ACCEPTED)
        return 0;
    fprintf(stderr, "vslload: could not set limits\n");
    return -1;
}

/* A claim on one account, which it can cover: what it costs that each change of its money asks what
 * is covered. */
static int place_claim(struct load *load, uint32_t account)
{
    Vsl__V1__RequestKey key;
    Vsl__V1__ClaimPaper paper;
    Vsl__V1__PlaceClaimRequest request;
    char serial[64];
    vsl__v1__request_key__init(&key);
    vsl__v1__claim_paper__init(&paper);
    vsl__v1__place_claim_request__init(&request);
    snprintf(serial, sizeof serial, "%s-claim-%u", load->run_id, account);
    key.channel = (char *)(uintptr_t)LOAD_CHANNEL;
    key.business_date = load->business_date;
    key.serial = serial;
    paper.authority_code = paper.authority_name = paper.case_number = paper.number = serial;
    request.key = &key;
    request.ledger_id = load->ledger_id;
    request.account_id = load->account_ids[account];
    request.authority = VSL__V1__CLAIM_AUTHORITY__CLAIM_AUTHORITY_TAX;
    request.ground = VSL__V1__CLAIM_GROUND__CLAIM_GROUND_ORDINARY;
    request.amount_minor = CLAIM_MINOR;
    request.paper = &paper;
    const Vsl__V1__PlaceClaimResponse *answer = (const Vsl__V1__PlaceClaimResponse *)call(
        load, &vsl__v1__claim_service__descriptor, "PlaceClaim", &request.base);
    if (!answer || !answer->result || answer->result->outcome != VSL__V1__OUTCOME__OUTCOME_ACCEPTED)
        return -1;
    load->balances_minor[account] -= CLAIM_MINOR;
    load->frozen_minor[account] += CLAIM_MINOR;
    return 0;
}

static int place_claims(struct load *load)
{
    double share = load->options->claims_share;
    for (uint32_t i = 0; i < load->options->accounts; i++) {
        bool is_claimed = (uint64_t)((i + 1) * share) > (uint64_t)(i * share);
        if (is_claimed && place_claim(load, i) != 0) {
            fprintf(stderr, "vslload: could not place a claim\n");
            return -1;
        }
    }
    return 0;
}

static int run_setup_phase(struct load *load, const char *phase, const struct work *work)
{
    load->phase = phase;
    load->next = 0;
    load->done = 0;
    load->started_us = clock_monotonic_us();
    driver_run(load->driver, work);
    progress_clear(&load->progress);
    if (load->done == load->options->accounts)
        return 0;
    fprintf(stderr, "vslload: %s: only %llu of %u were accepted\n%s", phase,
        (unsigned long long)load->done, load->options->accounts, driver_first_fault(load->driver));
    return -1;
}

int workload_set_up(struct load *load)
{
    int64_t started_us = clock_monotonic_us();
    load->business_date = today();
    if (open_ledger(load) != 0 || (load->options->has_limits && set_limits(load) != 0))
        return -1;
    size_t count = load->options->accounts;
    load->member_ids = calloc(count, sizeof *load->member_ids);
    load->account_ids = calloc(count, sizeof *load->account_ids);
    load->balances_minor = calloc(count, sizeof *load->balances_minor);
    load->frozen_minor = calloc(count, sizeof *load->frozen_minor);
    load->pending_out_minor = calloc(count, sizeof *load->pending_out_minor);
    CHECK(load->member_ids && load->account_ids && load->balances_minor);
    CHECK(load->frozen_minor && load->pending_out_minor);
    struct work work = {.context = load, .on_tick = on_setup_tick};
    work.fill = fill_members;
    work.take = take_member;
    if (run_setup_phase(load, "opening members", &work) != 0)
        return -1;
    work.fill = fill_accounts;
    work.take = take_account;
    if (run_setup_phase(load, "opening accounts", &work) != 0)
        return -1;
    work.fill = fill_funds;
    work.take = take_funds;
    if (run_setup_phase(load, "funding accounts", &work) != 0 || place_claims(load) != 0)
        return -1;
    load->setup_seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    return 0;
}

/* ---- payments ---- */

static struct payment choose_payment(struct load *load)
{
    struct random *random = &load->random;
    uint32_t accounts = load->options->accounts;
    struct payment payment = {.amount_minor = 1 + random_below(random, PAYMENT_MINOR_MAX)};
    uint64_t dice = random_next(random);
    if ((double)(dice >> 11) * 0x1p-53 < load->options->hot_share) {
        uint32_t other = 1 + random_below(random, accounts - 1);
        payment.payer = dice & 1 ? 0 : other;
        payment.payee = dice & 1 ? other : 0;
        return payment;
    }
    payment.payer = random_below(random, accounts);
    payment.payee = random_below(random, accounts - 1);
    if (payment.payee >= payment.payer)
        payment.payee++;
    return payment;
}

static uint32_t fill_payments(void *context, struct slot *slot)
{
    struct load *load = context;
    if (clock_monotonic_us() >= load->stop_us)
        return 0;
    slot->first = load->next;
    batch_begin(&load->batch);
    for (uint32_t i = 0; i < load->options->batch; i++) {
        char serial[SERIAL_BYTES];
        load_serial(load, 'p', load->next++, serial);
        slot->payments[i] = choose_payment(load);
        const struct payment *payment = &slot->payments[i];
        Vsl__V1__PayRequest *request =
            batch_add_pay(&load->batch, LOAD_CHANNEL, load->business_date, serial);
        request->ledger_id = load->ledger_id;
        request->payer_account_id = load->account_ids[payment->payer];
        batch_set_payee(
            &load->batch, request, load->account_ids[payment->payee], payment->amount_minor);
    }
    batch_pack(&load->batch, &slot->request);
    return load->options->batch;
}

static uint32_t fill_payment(void *context, struct slot *slot)
{
    struct load *load = context;
    if (clock_monotonic_us() >= load->stop_us)
        return 0;
    char serial[SERIAL_BYTES];
    char channel[] = LOAD_CHANNEL;
    slot->first = load->next;
    load_serial(load, 'p', load->next++, serial);
    slot->payments[0] = choose_payment(load);
    const struct payment *payment = &slot->payments[0];
    Vsl__V1__RequestKey key;
    vsl__v1__request_key__init(&key);
    key.channel = channel;
    key.business_date = load->business_date;
    key.serial = serial;
    Vsl__V1__PayRequest request;
    vsl__v1__pay_request__init(&request);
    request.key = &key;
    request.ledger_id = load->ledger_id;
    request.payer_account_id = load->account_ids[payment->payer];
    Vsl__V1__Payee payee;
    Vsl__V1__Payee *payees[] = {&payee};
    vsl__v1__payee__init(&payee);
    payee.account_id = load->account_ids[payment->payee];
    payee.amount_minor = payment->amount_minor;
    request.payees = payees;
    request.n_payees = 1;
    rpc_pack(&request.base, &slot->request);
    return 1;
}

static void take_payment(void *context, struct slot *slot, uint32_t index, enum load_end end,
    const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item)
{
    (void)result;
    (void)item;
    struct load *load = context;
    if (end != LOAD_ACCEPTED)
        return;
    const struct payment *payment = &slot->payments[index];
    load->balances_minor[payment->payer] -= payment->amount_minor;
    load->balances_minor[payment->payee] += payment->amount_minor;
    load->turnover_minor += payment->amount_minor;
    load->done++;
}

static void on_pay_tick(void *context)
{
    struct load *load = context;
    report_progress(load, "paying", load->done, 0);
}

void workload_pay(struct load *load)
{
    const struct load_options *options = load->options;
    struct work work = {.context = load,
        .fill = options->is_unary ? fill_payment : fill_payments,
        .take = take_payment,
        .on_tick = on_pay_tick,
        .is_unary = options->is_unary,
        .rate = options->rate,
        .batch = options->batch};
    if (options->is_mixed) {
        work.fill = mixed_fill;
        work.take = mixed_take;
    }
    load->phase = "paying";
    load->next = 0;
    load->done = 0;
    *driver_counts(load->driver) = (struct load_counts){0};
    int64_t now = clock_monotonic_us();
    struct measure *measure = driver_measure(load->driver);
    *measure = (struct measure){.from_us = now + (int64_t)(options->warm_up_seconds * 1e6)};
    measure->to_us = measure->from_us + (int64_t)(options->seconds * 1e6);
    load->started_us = now;
    load->stop_us = measure->to_us;
    driver_run(load->driver, &work);
    progress_clear(&load->progress);
    load->payments = *driver_counts(load->driver);
}
