/* report.c: progress and the last figures of vslload.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "vslload/load.h"

#include <jansson.h>
#include <stdio.h>

static const struct {
    const char *name;
    const char *json_name;
    double share;
} percentiles[] = {
    {"p50", "p50_us", 0.50},
    {"p90", "p90_us", 0.90},
    {"p99", "p99_us", 0.99},
    {"p99.9", "p99_9_us", 0.999},
};
#define PERCENTILE_COUNT (sizeof percentiles / sizeof percentiles[0])

void report_progress(struct load *load, const char *what, uint64_t done, uint64_t total)
{
    if (!progress_is_due(&load->progress))
        return;
    int64_t now = clock_monotonic_us();
    double seconds = (double)(now - load->started_us) / 1e6;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    if (total > 0) {
        progress_show(&load->progress, "%s: %llu of %llu (%.0f %%), %.0f/s", what,
            (unsigned long long)done, (unsigned long long)total,
            100.0 * (double)done / (double)total, rate);
        return;
    }
    const struct load_counts *counts = driver_counts(load->driver);
    const struct measure *measure = driver_measure(load->driver);
    double left = (double)(load->stop_us - now) / 1e6;
    progress_show(&load->progress,
        "%s%s: %llu accepted, %llu refused, %llu sent again, %.0f/s, %.0f s left, p99 %.1f ms",
        what, now < measure->from_us ? " (warm-up)" : "", (unsigned long long)counts->accepted,
        (unsigned long long)counts->refused, (unsigned long long)counts->resent, rate,
        left > 0 ? left : 0, (double)histogram_percentile(&measure->latency, 0.99) / 1e3);
}

static double rate_of(const struct load *load)
{
    return (double)driver_measure(load->driver)->answered / load->options->seconds;
}

static void print_json(const struct load *load, const struct verify_result *verify)
{
    const struct load_options *options = load->options;
    const struct load_counts *counts = &load->payments;
    const struct measure *measure = driver_measure(load->driver);
    json_t *latency = json_object();
    CHECK(latency != NULL);
    for (size_t i = 0; i < PERCENTILE_COUNT; i++) {
        json_object_set_new(latency, percentiles[i].json_name,
            json_integer(histogram_percentile(&measure->latency, percentiles[i].share)));
    }
    json_object_set_new(latency, "max_us", json_integer(measure->latency.maximum));
    json_t *report =
        json_pack("{s:I, s:s, s:b, s:b, s:i, s:i, s:i, s:f, s:i, s:f, s:f, s:f, s:f, s:f}", "seed",
            (json_int_t)options->seed, "mode", options->rate > 0 ? "open" : "closed", "unary",
            options->is_unary, "mixed", options->is_mixed, "clients", (int)options->clients,
            "in_flight", (int)options->in_flight, "batch", (int)options->batch, "rate",
            options->rate, "accounts", (int)options->accounts, "hot_share", options->hot_share,
            "warm_up_seconds", options->warm_up_seconds, "seconds", options->seconds,
            "setup_seconds", load->setup_seconds, "payments_per_second", rate_of(load));
    CHECK(report != NULL);
    json_object_set_new(report, "latency", latency);
    json_object_set_new(report, "counts",
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "sent", (json_int_t)counts->sent,
            "accepted", (json_int_t)counts->accepted, "refused", (json_int_t)counts->refused,
            "failed", (json_int_t)counts->failed, "unknown", (json_int_t)counts->unknown,
            "requests", (json_int_t)counts->requests, "resent_requests", (json_int_t)counts->resent,
            "overloaded_requests", (json_int_t)counts->overloaded, "replayed",
            (json_int_t)counts->replayed));
    json_t *check = json_pack("{s:I, s:I, s:I, s:b, s:b}", "ledger_id", (json_int_t)load->ledger_id,
        "accounts", (json_int_t)verify->accounts, "server_differences",
        (json_int_t)verify->server_differences, "escrow_balanced", verify->is_balanced, "right",
        verify->is_right);
    CHECK(check != NULL);
    if (verify->has_database) {
        json_object_set_new(check, "database",
            json_pack("{s:I, s:I, s:I}", "differences", (json_int_t)verify->database_differences,
                "accepted", (json_int_t)verify->database_accepted, "refused",
                (json_int_t)verify->database_refused));
    }
    json_object_set_new(report, "verify", check);
    json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    printf("\n");
    json_decref(report);
}

static void print_text(const struct load *load, const struct verify_result *verify)
{
    const struct load_options *options = load->options;
    const struct load_counts *counts = &load->payments;
    const struct measure *measure = driver_measure(load->driver);
    printf("mode          %s, %s, %u connections x %u requests in flight\n",
        options->rate > 0 ? "open loop" : "closed loop",
        options->is_unary   ? "unary"
        : options->is_mixed ? "mixed batches"
                            : "batches",
        options->clients, options->in_flight);
    if (!options->is_unary)
        printf("batch         %u payments\n", options->batch);
    if (options->rate > 0)
        printf("rate          %.0f payments/s wanted\n", options->rate);
    printf("accounts      %u, hot share %.2f\n", options->accounts, options->hot_share);
    printf("seed          %llu\n", (unsigned long long)options->seed);
    printf("set-up        %.1f s\n", load->setup_seconds);
    printf("measured      %.1f s after %.1f s of warm-up\n", options->seconds,
        options->warm_up_seconds);
    printf("throughput    %.0f payments/s\n", rate_of(load));
    printf("latency (ms) ");
    for (size_t i = 0; i < PERCENTILE_COUNT; i++) {
        printf(" %s %.2f ", percentiles[i].name,
            (double)histogram_percentile(&measure->latency, percentiles[i].share) / 1e3);
    }
    printf(" max %.2f\n", (double)measure->latency.maximum / 1e3);
    printf("sent          %llu = %llu accepted + %llu refused + %llu failed + %llu unknown\n",
        (unsigned long long)counts->sent, (unsigned long long)counts->accepted,
        (unsigned long long)counts->refused, (unsigned long long)counts->failed,
        (unsigned long long)counts->unknown);
    printf(
        "sent again    %llu of %llu requests (%llu because of overload), %llu commands replayed\n",
        (unsigned long long)counts->resent, (unsigned long long)counts->requests,
        (unsigned long long)counts->overloaded, (unsigned long long)counts->replayed);
    printf("server        %llu accounts compared, %llu balances differ, escrow tie-out: %s\n",
        (unsigned long long)verify->accounts, (unsigned long long)verify->server_differences,
        verify->is_balanced ? "balanced" : "NOT BALANCED");
    if (verify->has_database) {
        printf("database      %llu balances differ, %lld payments accepted, %lld refused\n",
            (unsigned long long)verify->database_differences, (long long)verify->database_accepted,
            (long long)verify->database_refused);
    }
    printf("%s%s%s\n", terminal_colour(stdout, verify->is_right ? COLOUR_GREEN : COLOUR_RED),
        verify->is_right ? "everything agrees" : "BELIEF AND BOOKS DIFFER", terminal_plain(stdout));
}

void report_final(struct load *load, const struct verify_result *verify)
{
    if (load->options->is_json)
        print_json(load, verify);
    else
        print_text(load, verify);
    if (driver_first_fault(load->driver)[0])
        fprintf(stderr, "vslload: first fault: %s", driver_first_fault(load->driver));
}
