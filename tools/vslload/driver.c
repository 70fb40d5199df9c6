/* driver.c: requests in flight.
 *
 * Closed loop: a slot that was answered is filled and sent at once. Open loop: requests are due at
 * fixed instants; one that finds no free slot is sent late, and its latency still counts from the
 * instant it was due, so that a stall of the server is not hidden by the load generator's waiting.
 *
 * An answer that says nothing about the commands (connection lost, deadline, overload) is followed
 * by the same bytes with the same keys: the server books them once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "vslload/load.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_TIMEOUT_US (INT64_C(15) * 1000000)
#define RETRY_PAUSE_FIRST_US 10000
#define RETRY_PAUSE_LAST_US 500000
#define TICK_US 100000
#define ANSWER_BYTES_MAX ((size_t)64 << 20)
#define ANSWER_BLOCK_BYTES ((size_t)1 << 20)

struct driver {
    struct event_base *base;
    const struct load_options *options;
    struct client **clients;
    struct slot *slots;
    size_t slot_count;
    struct slot *free_slots;
    size_t busy_count;
    struct event *due_timer;
    struct event *tick_timer;
    struct arena arena; /* of the answer that is being read */

    const struct work *work;
    bool is_exhausted; /* the work has no more */
    double due_us;     /* open loop: instant of the next request */
    double interval_us;

    struct load_counts counts;
    struct measure measure;
    char first_fault[512];
    char batch_path[RPC_PATH_BYTES_MAX];
    char pay_path[RPC_PATH_BYTES_MAX];
};

static struct timeval timeval_of_us(int64_t us)
{
    return (struct timeval){.tv_sec = us / 1000000, .tv_usec = us % 1000000};
}

static void fill_free_slots(struct driver *driver);

/* ---- ends ---- */

static void release_slot(struct slot *slot)
{
    struct driver *driver = slot->driver;
    CHECK(driver->busy_count > 0);
    driver->busy_count--;
    slot->next_free = driver->free_slots;
    driver->free_slots = slot;
    fill_free_slots(driver);
}

static void measure_slot(struct slot *slot, int64_t now, uint32_t accepted)
{
    struct measure *measure = &slot->driver->measure;
    if (measure->from_us == 0)
        return;
    if (now >= measure->from_us && now < measure->to_us)
        measure->answered += accepted;
    if (slot->intended_us >= measure->from_us && slot->intended_us < measure->to_us)
        histogram_add(&measure->latency, now - slot->intended_us, slot->count);
}

static void take_result(struct slot *slot, uint32_t index, const Vsl__V1__CommandResult *result,
    const Vsl__V1__BatchItemResult *item, uint32_t *accepted)
{
    struct driver *driver = slot->driver;
    enum load_end end = LOAD_REFUSED;
    if (result->outcome > 0 && (int)result->outcome < 100) {
        end = LOAD_ACCEPTED;
        driver->counts.accepted++;
        (*accepted)++;
    } else {
        driver->counts.refused++;
    }
    if (result->replayed)
        driver->counts.replayed++;
    driver->work->take(driver->work->context, slot, index, end, result, item);
}

/* Reads the answer; false when it is not one for this request. */
static bool try_take_answer(struct slot *slot, const struct client_end *end)
{
    struct driver *driver = slot->driver;
    uint32_t accepted = 0;
    arena_reset(&driver->arena);
    if (driver->work->is_unary) {
        Vsl__V1__PayResponse *answer = (Vsl__V1__PayResponse *)rpc_unpack(
            &vsl__v1__pay_response__descriptor, end->answer, end->answer_length, &driver->arena);
        if (!answer || !answer->result)
            return false;
        take_result(slot, 0, answer->result, NULL, &accepted);
    } else {
        Vsl__V1__SubmitBatchResponse *answer =
            (Vsl__V1__SubmitBatchResponse *)rpc_unpack(&vsl__v1__submit_batch_response__descriptor,
                end->answer, end->answer_length, &driver->arena);
        if (!answer || answer->n_results != slot->count)
            return false;
        for (uint32_t i = 0; i < slot->count; i++) {
            if (!answer->results[i]->result)
                return false;
        }
        for (uint32_t i = 0; i < slot->count; i++)
            take_result(slot, i, answer->results[i]->result, answer->results[i], &accepted);
    }
    measure_slot(slot, clock_monotonic_us(), accepted);
    return true;
}

/* The request will not be answered any more. */
static void give_up(struct slot *slot, const struct client_end *end, bool is_known)
{
    struct driver *driver = slot->driver;
    if (is_known)
        driver->counts.failed += slot->count;
    else
        driver->counts.unknown += slot->count;
    if (driver->first_fault[0] == '\0') {
        struct rpc_fault fault = {0};
        rpc_fault_set(&fault, end);
        FILE *out = fmemopen(driver->first_fault, sizeof driver->first_fault, "w");
        CHECK(out != NULL);
        rpc_fault_print(out, &fault);
        fclose(out);
        rpc_fault_finish(&fault);
    }
    for (uint32_t i = 0; i < slot->count; i++) {
        driver->work->take(
            driver->work->context, slot, i, is_known ? LOAD_FAILED : LOAD_UNKNOWN, NULL, NULL);
    }
    measure_slot(slot, clock_monotonic_us(), 0);
}

/* ---- sending ---- */

static void on_answer(void *context, const struct client_end *end);

static void send_slot(struct slot *slot)
{
    static const struct client_handlers handlers = {.on_end = on_answer};
    struct driver *driver = slot->driver;
    client_call_start(slot->client, driver->work->is_unary ? driver->pay_path : driver->batch_path,
        slot->request.bytes, slot->request.length, REQUEST_TIMEOUT_US, &handlers, slot);
}

static void on_retry(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    send_slot(context);
}

static void on_answer(void *context, const struct client_end *end)
{
    struct slot *slot = context;
    struct driver *driver = slot->driver;
    if (end->status == GRPC_OK) {
        if (!try_take_answer(slot, end)) {
            struct client_end broken = {
                .status = GRPC_INTERNAL, .message = "the answer does not belong to the request"};
            give_up(slot, &broken, false);
        }
        release_slot(slot);
        return;
    }
    /* Overload is said before anything was decided; a call that was not sent did nothing. */
    if (!end->not_sent && end->status != GRPC_RESOURCE_EXHAUSTED)
        slot->was_sent = true;
    int64_t now = clock_monotonic_us();
    bool is_late = now - slot->first_sent_us > (int64_t)(driver->options->give_up_seconds * 1e6);
    if (!grpc_status_is_passing(end->status) || is_late) {
        give_up(slot, end, !slot->was_sent || !grpc_status_is_passing(end->status));
        release_slot(slot);
        return;
    }
    driver->counts.resent++;
    if (end->status == GRPC_RESOURCE_EXHAUSTED)
        driver->counts.overloaded++;
    int64_t pause = RETRY_PAUSE_FIRST_US << (slot->attempt < 6 ? slot->attempt : 6);
    slot->attempt++;
    struct timeval wait = timeval_of_us(pause < RETRY_PAUSE_LAST_US ? pause : RETRY_PAUSE_LAST_US);
    evtimer_add(slot->retry_timer, &wait);
}

/* Fills and sends one request that was due at `intended_us`; false when there is no more work. */
static bool start_request(struct driver *driver, int64_t intended_us)
{
    struct slot *slot = driver->free_slots;
    CHECK(slot != NULL);
    uint32_t count = driver->work->fill(driver->work->context, slot);
    if (count == 0) {
        driver->is_exhausted = true;
        return false;
    }
    driver->free_slots = slot->next_free;
    driver->busy_count++;
    slot->count = count;
    slot->intended_us = intended_us;
    slot->first_sent_us = clock_monotonic_us();
    slot->attempt = 0;
    slot->was_sent = false;
    driver->counts.sent += count;
    driver->counts.requests++;
    send_slot(slot);
    return true;
}

static void fill_open_loop(struct driver *driver)
{
    int64_t now = clock_monotonic_us();
    while (driver->free_slots && !driver->is_exhausted && driver->due_us <= (double)now) {
        if (!start_request(driver, (int64_t)driver->due_us))
            return;
        driver->due_us += driver->interval_us;
    }
    if (driver->is_exhausted || !driver->free_slots)
        return;
    double pause = driver->due_us - (double)clock_monotonic_us();
    struct timeval wait = timeval_of_us(pause > 1 ? (int64_t)pause : 1);
    evtimer_add(driver->due_timer, &wait);
}

static void fill_free_slots(struct driver *driver)
{
    if (driver->work->rate > 0) {
        fill_open_loop(driver);
        return;
    }
    while (driver->free_slots && !driver->is_exhausted) {
        if (!start_request(driver, clock_monotonic_us()))
            return;
    }
}

static void on_due(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    fill_free_slots(context);
}

static void on_tick(evutil_socket_t socket, short what, void *context)
{
    (void)socket;
    (void)what;
    struct driver *driver = context;
    if (driver->work->on_tick)
        driver->work->on_tick(driver->work->context);
}

/* ---- life ---- */

static void create_slots(struct driver *driver)
{
    const struct load_options *options = driver->options;
    driver->slot_count = (size_t)options->clients * options->in_flight;
    driver->slots = calloc(driver->slot_count, sizeof *driver->slots);
    CHECK(driver->slots != NULL);
    for (size_t i = 0; i < driver->slot_count; i++) {
        struct slot *slot = &driver->slots[i];
        slot->driver = driver;
        slot->client = driver->clients[i % options->clients];
        slot->retry_timer = evtimer_new(driver->base, on_retry, slot);
        slot->payments = calloc(options->batch, sizeof *slot->payments);
        CHECK(slot->retry_timer != NULL && slot->payments != NULL);
        slot->next_free = driver->free_slots;
        driver->free_slots = slot;
    }
}

struct driver *driver_create(struct event_base *base, const struct load_options *options,
    char *ret_error, size_t error_bytes)
{
    struct driver *driver = calloc(1, sizeof *driver);
    CHECK(driver != NULL);
    driver->base = base;
    driver->options = options;
    arena_init(&driver->arena, ANSWER_BLOCK_BYTES, ANSWER_BYTES_MAX);
    rpc_path(&vsl__v1__funds_service__descriptor, "SubmitBatch", driver->batch_path);
    rpc_path(&vsl__v1__funds_service__descriptor, "Pay", driver->pay_path);
    driver->due_timer = evtimer_new(base, on_due, driver);
    driver->tick_timer = event_new(base, -1, EV_PERSIST, on_tick, driver);
    driver->clients = calloc(options->clients, sizeof *driver->clients);
    CHECK(driver->due_timer && driver->tick_timer && driver->clients);
    struct client_config config = options->client;
    config.wait_for_ready = true;
    for (uint32_t i = 0; i < options->clients; i++) {
        driver->clients[i] = client_open(base, &config, ret_error, error_bytes);
        if (!driver->clients[i]) {
            driver_destroy(driver);
            return NULL;
        }
    }
    create_slots(driver);
    return driver;
}

void driver_destroy(struct driver *driver)
{
    for (uint32_t i = 0; i < driver->options->clients; i++)
        client_close(driver->clients[i]);
    free(driver->clients);
    for (size_t i = 0; i < driver->slot_count; i++) {
        event_free(driver->slots[i].retry_timer);
        buffer_finish(&driver->slots[i].request);
        free(driver->slots[i].payments);
        free(driver->slots[i].operations);
    }
    free(driver->slots);
    event_free(driver->due_timer);
    event_free(driver->tick_timer);
    arena_finish(&driver->arena);
    free(driver);
}

void driver_run(struct driver *driver, const struct work *work)
{
    CHECK(driver->busy_count == 0);
    driver->work = work;
    driver->is_exhausted = false;
    driver->due_us = (double)clock_monotonic_us();
    if (work->rate > 0)
        driver->interval_us = 1e6 * (work->is_unary ? 1 : work->batch) / work->rate;
    struct timeval tick = timeval_of_us(TICK_US);
    event_add(driver->tick_timer, &tick);
    fill_free_slots(driver);
    while (driver->busy_count > 0 || !driver->is_exhausted)
        event_base_loop(driver->base, EVLOOP_ONCE);
    event_del(driver->tick_timer);
    evtimer_del(driver->due_timer);
}

struct load_counts *driver_counts(struct driver *driver)
{
    return &driver->counts;
}

struct measure *driver_measure(struct driver *driver)
{
    return &driver->measure;
}

const char *driver_first_fault(const struct driver *driver)
{
    return driver->first_fault;
}
