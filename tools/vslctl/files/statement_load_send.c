/* statement_load_send.c: a statement and its lines as commands, and what is answered to them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/statement_load_parts.h"

#include "base/check.h"
#include "base/clock.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define LINES_PER_PAGE 1000
#define SERIAL_BASE_BYTES 20
#define REFUSALS_SHOWN_MAX 5
#define GAP_PROPOSED_US INT64_C(604800000000) /* a week */

static const Vsl__V1__SubmitBatchResponse *submit(struct loading *load)
{
    struct context *context = &load->context;
    size_t count = batch_count(&load->batch);
    rpc_reset(&context->rpc);
    context->is_command = true;
    const Vsl__V1__SubmitBatchResponse *answer =
        (const Vsl__V1__SubmitBatchResponse *)rpc_call(&context->rpc,
            &vsl__v1__funds_service__descriptor, "SubmitBatch", &load->batch.message.base);
    bool is_whole = answer && answer->n_results == count;
    for (size_t i = 0; is_whole && i < count; i++)
        is_whole = answer->results[i]->result != NULL;
    if (is_whole)
        return answer;
    progress_clear(&load->progress);
    if (answer)
        fprintf(stderr, "vslctl: the answer is not complete\n");
    else
        context_print_fault(context);
    fprintf(stderr, "Load the same file again: it goes on behind the last line that is there.\n");
    load_raise_status(load, answer ? EXIT_UNKNOWN : context_fault_status(context));
    return NULL;
}

static bool is_refusal(const Vsl__V1__CommandResult *result)
{
    return (int)result->outcome >= OUTCOME_FIRST_REFUSAL;
}

/* A key that no other command has. */
static void make_key(char ret_serial[SERIAL_TEXT_BYTES])
{
    static char base[SERIAL_BASE_BYTES];
    static uint64_t count;
    if (base[0] == '\0') {
        uint64_t random;
        CHECK(getrandom(&random, sizeof random, 0) == sizeof random);
        snprintf(base, sizeof base, "s%016" PRIx64, random);
    }
    snprintf(ret_serial, SERIAL_TEXT_BYTES, "%s-%" PRIx64, base, ++count & 0xffffffffffff);
}

static int32_t business_date(const struct loading *load)
{
    return load->key.business_date != 0 ? load->key.business_date
                                        : load->context.ledger.accounting_date;
}

static const Vsl__V1__BankStatement *ask_statement(struct loading *load)
{
    Vsl__V1__GetBankStatementRequest request;
    vsl__v1__get_bank_statement_request__init(&request);
    request.ledger_id = load->ledger_id;
    request.bank_statement_id = load->statement_id;
    rpc_reset(&load->context.rpc);
    const Vsl__V1__GetBankStatementResponse *answer =
        (const Vsl__V1__GetBankStatementResponse *)context_call(&load->context,
            &vsl__v1__bank_statement_service__descriptor, "GetBankStatement", &request.base);
    if (!answer)
        load_raise_status(load, context_fault_status(&load->context));
    return answer ? answer->bank_statement : NULL;
}

/* Which figure of the statement in the ledger is not that of the file; NULL: none. */
static const char *differing_figure(
    const Vsl__V1__BankStatement *statement, const struct found *found)
{
    if (statement->opening_minor != found->opening_minor)
        return "opening balance";
    if (statement->closing_minor != found->closing_minor)
        return "closing balance";
    if (statement->control_count != found->line_count)
        return "number of lines";
    if (statement->from_date != found->from_date || statement->to_date != found->to_date)
        return "days";
    return NULL;
}

/* Whether the lines of the statement in the ledger move what those of the file move, one after the
 * other: 1 they do, 0 they do not, -1 when the server could not be asked. */
static int compare_lines(struct loading *load, const struct found *found)
{
    uint8_t digest[LINES_DIGEST_BYTES] = {0};
    char *token = NULL; /* of the next page; the answer that gave it is gone by then */
    Vsl__V1__ListBankStatementLinesRequest request;
    vsl__v1__list_bank_statement_lines_request__init(&request);
    request.ledger_id = load->ledger_id;
    request.bank_statement_id = load->statement_id;
    request.page_size = LINES_PER_PAGE;
    int64_t count = 0;
    do {
        if (token)
            request.page_token = token;
        rpc_reset(&load->context.rpc);
        const Vsl__V1__ListBankStatementLinesResponse *answer =
            (const Vsl__V1__ListBankStatementLinesResponse *)context_call(&load->context,
                &vsl__v1__bank_statement_service__descriptor, "ListBankStatementLines",
                &request.base);
        if (!answer) {
            load_raise_status(load, context_fault_status(&load->context));
            free(token);
            return -1;
        }
        for (size_t i = 0; i < answer->n_lines; i++)
            load_add_digest(digest, answer->lines[i]->amount_minor, answer->lines[i]->booking_date);
        count += (int64_t)answer->n_lines;
        free(token);
        token = strdup(answer->next_page_token);
        CHECK(token != NULL);
        if (progress_is_due(&load->progress))
            progress_show(&load->progress, "statement %" PRId64 ": comparing %" PRId64 " lines",
                load->statement_id, count);
    } while (token[0] != '\0');
    free(token);
    return memcmp(digest, found->lines_digest, sizeof digest) == 0;
}

/* The ledger has it, or another one by its name: as load_send_open. */
static int take_known(struct loading *load, const struct found *found, size_t index,
    const Vsl__V1__BankStatement *statement)
{
    bool is_open = statement->status == VSL__V1__BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_OPEN;
    const char *differing = differing_figure(statement, found);
    char name[STATEMENT_REFERENCE_BYTES_MAX + 1];
    snprintf(name, sizeof name, "%s", statement->statement_reference);
    if (strcmp(statement->file_sha256, load->sha256) == 0 &&
        statement->file_position == (int32_t)index + 1) {
        load->last_ordinal = statement->last_ordinal;
        load->is_known = !is_open;
        return is_open;
    }
    /* By its name only. What differs would be lost, were it called known. */
    if (!differing && !is_open) {
        int is_same = compare_lines(load, found);
        if (is_same < 0)
            return -1;
        differing = is_same ? NULL : "line";
    }
    if (differing) {
        char text[160];
        snprintf(text, sizeof text,
            "the ledger has another statement of the name '%s', with another %s, of another file",
            name, differing);
        load_because(load, text, 0);
    } else if (is_open) {
        load_because(
            load, "another file began it, and not all of its lines are there: load that", 0);
    } else {
        load->is_known = true;
        load_because(load, "it came in another file", 0);
    }
    return 0;
}

/* Proposes the opening that was refused for its balance, with its gap; as load_send_open. */
static int propose_gap(struct loading *load, const Vsl__V1__OpenBankStatementRequest *refused)
{
    char serial[SERIAL_TEXT_BYTES], text[160];
    Vsl__V1__OpenBankStatementRequest open = *refused;
    Vsl__V1__BatchItem command;
    vsl__v1__batch_item__init(&command);
    command.command_case = VSL__V1__BATCH_ITEM__COMMAND_OPEN_BANK_STATEMENT;
    command.open_bank_statement = &open;
    open.key = NULL;
    open.ledger_id = 0;
    open.gap = true;
    make_key(serial);
    batch_begin(&load->batch);
    Vsl__V1__ProposeRequest *propose =
        batch_add_propose(&load->batch, load->key.channel, business_date(load), serial);
    propose->ledger_id = load->ledger_id;
    propose->command = &command;
    propose->reason = (char *)(uintptr_t)load->gap_reason;
    propose->expires_at_us = clock_wall_us() + GAP_PROPOSED_US;
    const Vsl__V1__SubmitBatchResponse *answer = submit(load);
    if (!answer)
        return -1;
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    if (is_refusal(result)) {
        load_because(load, result->text, result->limit_minor);
        return 0;
    }
    snprintf(text, sizeof text,
        "its gap is proposed: when another person has approved the proposal %" PRId64
        ", load the file again",
        answer->results[0]->subject_id);
    load_because(load, text, 0);
    return 0;
}

int load_send_open(struct loading *load, const struct found *found, size_t index)
{
    char serial[SERIAL_TEXT_BYTES];
    make_key(serial);
    batch_begin(&load->batch);
    Vsl__V1__OpenBankStatementRequest *open =
        batch_add_open_bank_statement(&load->batch, load->key.channel, business_date(load), serial);
    open->ledger_id = load->ledger_id;
    open->statement_reference = (char *)(uintptr_t)found->reference;
    if (!load->omits_account)
        open->account_number = (char *)(uintptr_t)found->account;
    open->currency = (char *)(uintptr_t)found->currency;
    open->from_date = found->from_date;
    open->to_date = found->to_date;
    open->number = found->number;
    open->opening_minor = found->opening_minor;
    open->closing_minor = found->closing_minor;
    open->control_count = (int32_t)found->line_count;
    open->file_sha256 = load->sha256;
    open->file_position = (int32_t)index + 1;
    const Vsl__V1__SubmitBatchResponse *answer = submit(load);
    if (!answer)
        return -1;
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    bool is_known = result->outcome == VSL__V1__OUTCOME__OUTCOME_BANK_STATEMENT_KNOWN;
    load->statement_id = is_known ? result->limit_minor : answer->results[0]->subject_id;
    if (!is_refusal(result))
        return 1;
    if (load->gap_reason &&
        result->outcome == VSL__V1__OUTCOME__OUTCOME_BANK_STATEMENT_OPENING_DIFFERS)
        return propose_gap(load, open);
    if (!is_known) {
        load_because(load, result->text, result->limit_minor);
        return 0;
    }
    const Vsl__V1__BankStatement *statement = ask_statement(load);
    return statement ? take_known(load, found, index, statement) : -1;
}

static void take_results(struct loading *load, const Vsl__V1__SubmitBatchResponse *answer)
{
    for (size_t i = 0; i < answer->n_results; i++) {
        const Vsl__V1__CommandResult *result = answer->results[i]->result;
        if (!is_refusal(result)) {
            load->added++;
        } else if (result->outcome != VSL__V1__OUTCOME__OUTCOME_STATEMENT_LINE_OUT_OF_ORDER &&
                   result->outcome != VSL__V1__OUTCOME__OUTCOME_BANK_STATEMENT_FINAL) {
            /* Those are what another run has added, or closed, meanwhile: it sends the same lines.
             */
            if (load->refused++ >= REFUSALS_SHOWN_MAX)
                continue;
            progress_clear(&load->progress);
            fprintf(stderr, "vslctl: %s: line %d of the statement: %s", load->file,
                load->batch.items[i]->add_statement_line->ordinal, result->text);
            if (result->limit_minor != 0)
                fprintf(stderr, " (%" PRId64 ")", result->limit_minor);
            fprintf(stderr, "\n");
        }
    }
}

bool load_send_lines(struct loading *load)
{
    if (batch_count(&load->batch) == 0)
        return true;
    const Vsl__V1__SubmitBatchResponse *answer = submit(load);
    if (!answer)
        return false;
    take_results(load, answer);
    batch_begin(&load->batch);
    load->batch_bytes = 0;
    if (progress_is_due(&load->progress)) {
        double seconds = (double)(clock_monotonic_us() - load->started_us) / 1e6;
        progress_show(&load->progress, "statement %" PRId64 ": %d of %" PRId64 " lines, %.0f/s",
            load->statement_id, load->ordinal, load->founds[load->current].line_count,
            seconds > 0 ? (double)load->added / seconds : 0);
    }
    return true;
}

void load_make_entry_key(
    struct loading *load, const struct statement_entry *entry, char ret_key[KEY_CHARACTERS + 1])
{
    char text[1024];
    unsigned char digest[32];
    const char *reference = entry->bank_reference;
    uint64_t cursor = 0, hash;
    int occurrence = 1;
    ret_key[0] = '\0';
    if (reference[0] == '\0' || strcasecmp(reference, "NONREF") == 0 ||
        strcasecmp(reference, "NOTPROVIDED") == 0)
        return;
    int length = snprintf(text, sizeof text, "%.700s|%" PRId64 "|%d", reference,
        entry->amount_minor, entry->booking_date);
    CHECK(length > 0 && (size_t)length + 16 < sizeof text);
    CHECK(EVP_Digest(text, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1);
    memcpy(&hash, digest, sizeof hash);
    while (map_next(&load->seen, hash, &cursor) != MAP_NONE)
        occurrence++;
    if (load->seen.count < load->seen.count_max)
        map_insert(&load->seen, hash, 1);
    length += snprintf(text + length, sizeof text - (size_t)length, "|%d", occurrence);
    CHECK(EVP_Digest(text, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < KEY_CHARACTERS / 2; i++)
        snprintf(ret_key + 2 * i, 3, "%02x", digest[i]);
}

void load_add_line(struct loading *load, const struct statement_entry *entry, const char *key)
{
    char serial[SERIAL_TEXT_BYTES];
    char name[4 * PARTY_NAME_CHARACTERS_MAX + 8], account[4 * ACCOUNT_NUMBER_CHARACTERS_MAX + 8];
    char text[4 * REMARK_CHARACTERS_MAX + 8], reference[REFERENCE_BYTES_MAX + 8];
    char end_to_end[REFERENCE_BYTES_MAX + 8];
    make_key(serial);
    load_copy_characters(entry->counterparty, PARTY_NAME_CHARACTERS_MAX, name, sizeof name);
    load_copy_characters(
        entry->counterparty_account, ACCOUNT_NUMBER_CHARACTERS_MAX, account, sizeof account);
    load_copy_characters(entry->text, REMARK_CHARACTERS_MAX, text, sizeof text);
    load_copy_characters(
        entry->bank_reference, BANK_REFERENCE_CHARACTERS_MAX, reference, sizeof reference);
    load_copy_characters(entry->end_to_end[0] ? entry->end_to_end : entry->reference,
        BANK_REFERENCE_CHARACTERS_MAX, end_to_end, sizeof end_to_end);
    Vsl__V1__AddStatementLineRequest *line =
        batch_add_add_statement_line(&load->batch, load->key.channel, business_date(load), serial);
    line->ledger_id = load->ledger_id;
    line->bank_statement_id = load->statement_id;
    line->entry_key = batch_text(&load->batch, key);
    line->ordinal = load->ordinal;
    line->amount_minor = entry->amount_minor;
    line->booking_date = entry->booking_date != 0 ? entry->booking_date : entry->value_date;
    line->value_date = entry->value_date;
    line->bank_reference = batch_text(&load->batch, reference);
    line->counterparty = batch_party(&load->batch, name, account, "");
    line->remark = batch_text(&load->batch, text);
    line->end_to_end_id = batch_text(&load->batch, end_to_end);
    load->batch_bytes += protobuf_c_message_get_packed_size(&line->base) + 16;
}

bool load_send_close(struct loading *load)
{
    char serial[SERIAL_TEXT_BYTES];
    make_key(serial);
    batch_begin(&load->batch);
    Vsl__V1__CloseBankStatementRequest *close = batch_add_close_bank_statement(
        &load->batch, load->key.channel, business_date(load), serial);
    close->ledger_id = load->ledger_id;
    close->bank_statement_id = load->statement_id;
    const Vsl__V1__SubmitBatchResponse *answer = submit(load);
    if (!answer)
        return false;
    const Vsl__V1__CommandResult *result = answer->results[0]->result;
    enum loaded end = is_refusal(result) ? LOADED_OPEN : LOADED_CLOSED;
    bool is_final = result->outcome == VSL__V1__OUTCOME__OUTCOME_BANK_STATEMENT_FINAL;
    if (is_refusal(result))
        load_because(load, result->text, result->limit_minor);
    if (is_final) {
        const Vsl__V1__BankStatement *statement = ask_statement(load);
        if (!statement)
            return false;
        if (statement->status == VSL__V1__BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_CLOSED) {
            load_because(load, "another run has closed it", 0);
            end = LOADED_KNOWN;
        }
    }
    load_say_end(load, load->current, end);
    return true;
}
