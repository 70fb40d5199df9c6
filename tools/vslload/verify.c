/* verify.c: what vslload believes compared with what the server and the database say.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "ceilings.h"
#include "vslload/load.h"

#include "vsl/v1/account.pb-c.h"
#include "vsl/v1/ledger.pb-c.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the server ---- */

static int compare_page(
    struct load *load, uint64_t first, uint64_t count, struct verify_result *result)
{
    Vsl__V1__GetBalancesRequest request;
    vsl__v1__get_balances_request__init(&request);
    request.ledger_id = load->ledger_id;
    request.n_account_ids = count;
    request.account_ids = load->account_ids + first;
    rpc_reset(load->rpc);
    Vsl__V1__GetBalancesResponse *answer = (Vsl__V1__GetBalancesResponse *)rpc_call(
        load->rpc, &vsl__v1__account_service__descriptor, "GetBalances", &request.base);
    if (!answer || answer->n_accounts != count) {
        fprintf(stderr, "vslload: could not read balances: ");
        if (answer)
            fprintf(stderr, "the answer has %zu accounts instead of %llu\n", answer->n_accounts,
                (unsigned long long)count);
        else
            rpc_fault_print(stderr, &load->rpc->fault);
        return -1;
    }
    for (uint64_t i = 0; i < count; i++) {
        const Vsl__V1__Balances *balances = answer->accounts[i]->balances;
        if (answer->accounts[i]->account_id != load->account_ids[first + i] || !balances ||
            balances->available_minor != load->balances_minor[first + i] ||
            balances->pending_in_minor != 0 ||
            balances->pending_out_minor != load->pending_out_minor[first + i] ||
            balances->frozen_minor != load->frozen_minor[first + i])
            result->server_differences++;
        result->accounts++;
    }
    return 0;
}

static int compare_tie_out(struct load *load, struct verify_result *result)
{
    Vsl__V1__GetTieOutRequest request;
    vsl__v1__get_tie_out_request__init(&request);
    request.ledger_id = load->ledger_id;
    rpc_reset(load->rpc);
    Vsl__V1__GetTieOutResponse *answer = (Vsl__V1__GetTieOutResponse *)rpc_call(
        load->rpc, &vsl__v1__ledger_service__descriptor, "GetTieOut", &request.base);
    if (!answer) {
        fprintf(stderr, "vslload: could not read the tie-out: ");
        rpc_fault_print(stderr, &load->rpc->fault);
        return -1;
    }
    result->is_balanced =
        answer->balanced && answer->difference_minor == 0 &&
        answer->escrow_book_minor == load->funded_minor &&
        answer->available_minor + answer->frozen_minor + answer->pending_out_minor ==
            load->funded_minor;
    return 0;
}

/* ---- the database ---- */

static PGresult *query(PGconn *connection, const char *sql, int64_t ledger_id)
{
    char ledger[24];
    snprintf(ledger, sizeof ledger, "%lld", (long long)ledger_id);
    const char *values[] = {ledger};
    PGresult *result = PQexecParams(connection, sql, 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "vslload: could not ask the database: %s", PQerrorMessage(connection));
        PQclear(result);
        return NULL;
    }
    return result;
}

static int64_t int64_at(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static int compare_int64(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The accounts' available balances as the sum of their postings. */
static int compare_postings(struct load *load, PGconn *connection, struct verify_result *verify)
{
    static const char sql[] = "select account_id, sum(amount)::bigint from ("
                              "  select credit_account_id as account_id, amount from vsl.posting"
                              "   where ledger_id = $1::bigint and credit_bucket = 0"
                              "  union all"
                              "  select debit_account_id, -amount from vsl.posting"
                              "   where ledger_id = $1::bigint and debit_bucket = 0) as movement"
                              " group by account_id order by account_id";
    PGresult *result = query(connection, sql, load->ledger_id);
    if (!result)
        return -1;
    /* Ids were given in the order in which openings were executed, which need not be the order in
     * which they were sent. */
    struct {
        int64_t id;
        int64_t balance_minor;
    } *believed = calloc(load->options->accounts, sizeof *believed);
    CHECK(believed != NULL);
    for (uint32_t i = 0; i < load->options->accounts; i++) {
        believed[i].id = load->account_ids[i];
        believed[i].balance_minor = load->balances_minor[i];
    }
    qsort(believed, load->options->accounts, sizeof *believed, compare_int64);
    uint64_t matched = 0;
    uint32_t next = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t id = int64_at(result, row, 0);
        while (next < load->options->accounts && believed[next].id < id)
            next++;
        if (next < load->options->accounts && believed[next].id == id &&
            believed[next].balance_minor == int64_at(result, row, 1))
            matched++;
    }
    verify->database_differences = load->options->accounts - matched;
    free(believed);
    PQclear(result);
    return 0;
}

static int count_payments(struct load *load, PGconn *connection, struct verify_result *verify)
{
    /* The letter behind the run's id says which phase it was, see load_serial; outcomes below
     * 100 are accepted: proto/vsl/v1. */
    static const char sql[] =
        "select count(*) filter (where outcome < 100), count(*) filter (where outcome >= 100)"
        "  from vsl.command where ledger_id = $1::bigint and split_part(serial, '-', 2) like 'p%'";
    PGresult *result = query(connection, sql, load->ledger_id);
    if (!result)
        return -1;
    verify->database_accepted = int64_at(result, 0, 0);
    verify->database_refused = int64_at(result, 0, 1);
    PQclear(result);
    return 0;
}

static int compare_database(struct load *load, struct verify_result *verify)
{
    PGconn *connection = PQconnectdb(load->options->database);
    int fault = -1;
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(
            stderr, "vslload: could not connect to the database: %s", PQerrorMessage(connection));
    } else {
        fault = compare_postings(load, connection, verify);
        if (fault == 0)
            fault = count_payments(load, connection, verify);
    }
    PQfinish(connection);
    verify->has_database = fault == 0;
    return fault;
}

int verify_run(struct load *load, struct verify_result *ret_result)
{
    struct verify_result result = {0};
    for (uint64_t first = 0; first < load->options->accounts; first += BALANCES_PER_QUERY_MAX) {
        uint64_t left = load->options->accounts - first;
        if (compare_page(load, first, left < BALANCES_PER_QUERY_MAX ? left : BALANCES_PER_QUERY_MAX,
                &result) != 0)
            return -1;
        progress_show(&load->progress, "comparing balances: %llu of %u",
            (unsigned long long)result.accounts, load->options->accounts);
    }
    if (compare_tie_out(load, &result) != 0)
        return -1;
    const struct load_counts *counts = &load->payments;
    result.is_right = result.server_differences == 0 && result.is_balanced &&
                      counts->unknown == 0 && counts->failed == 0 &&
                      counts->sent == counts->accepted + counts->refused;
    if (load->options->database) {
        progress_show(&load->progress, "adding up the postings in the database");
        if (compare_database(load, &result) != 0)
            return -1;
        result.is_right = result.is_right && result.database_differences == 0 &&
                          result.database_accepted == (int64_t)counts->accepted &&
                          result.database_refused == (int64_t)counts->refused;
    }
    progress_clear(&load->progress);
    *ret_result = result;
    return 0;
}
