/* statement_load.c: vslctl statement load: the statements of the bank's files become records.
 *
 * A file is read twice. First as a whole, so that nothing of a file that is refused, or does not
 * add up, is sent; what a statement ends with is known then. Then its lines are sent, as they are
 * read: so a file of any size is loaded in bounded memory.
 *
 * A run that was cut goes on: the service knows a statement by the digest of its file and its place
 * there, and says up to which line it has it. Nothing hangs on the keys of the commands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/clock.h"
#include "base/map.h"
#include "ceilings.h"
#include "client/batch.h"
#include "client/terminal.h"
#include "statement/check.h"
#include "statement/figures.h"
#include "statement/profile.h"
#include "statement/statement.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/bank_statement.pb-c.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)
#define OPEN_MAX 32 /* statements of one file at the same time */
#define SERIAL_BASE_BYTES 20
#define KEY_CHARACTERS 40 /* of an entry's key: 160 bits of a digest */
#define REFUSALS_SHOWN_MAX 5

/* A statement of the file, as the first reading found it. */
struct found {
    char account[4 * ACCOUNT_NUMBER_CHARACTERS_MAX + 1];
    char reference[STATEMENT_REFERENCE_BYTES_MAX + 1];
    char currency[4];
    int64_t number;
    int64_t opening_minor, closing_minor;
    int32_t from_date, to_date; /* YYYYMMDD; 0: nothing says */
    int64_t line_count;         /* booked entries that move money */
    bool has_balances;
    bool adds_up;
};

/* What became of it. */
enum loaded { LOADED_NOT, LOADED_CLOSED, LOADED_KNOWN, LOADED_OPEN };

struct loading {
    struct common_options *common;
    const char *profile;
    struct profile_set *profiles;
    char **files;
    struct key_options key;
    int64_t ledger_id;
    bool takes_all;     /* also statements that do not add up */
    bool omits_account; /* the file writes it otherwise than the ledger */

    struct context context;
    struct batch batch;
    struct progress progress;
    size_t batch_lines_max;
    int status; /* the exit status: the greatest of all */

    /* The file. */
    const char *file;
    char sha256[2 * 32 + 1];
    struct statement_outcome outcome;
    struct found *founds;
    size_t found_count, found_room;

    /* Reading it: which of its statements are open, and which is the next. */
    struct {
        const struct statement *statement; /* NULL: free */
        size_t index;
    } open[OPEN_MAX];
    size_t next_index;
    const struct statement_sink *inner; /* of the checker, while it is looked at */

    /* The statement that is loaded now; `current` is its index. */
    bool is_loading;
    size_t current;
    int64_t statement_id;
    bool is_known;        /* it is there and final */
    int32_t ordinal;      /* of the entry that was read last */
    int32_t last_ordinal; /* that the service has */
    int64_t added, refused;
    int64_t started_us;
    size_t batch_bytes;
    struct map seen;  /* digest of an entry's reference, amount and day, as often as it was there */
    char reason[512]; /* why it is not loaded, or not closed */
};

/* ---- what is printed ---- */

static void raise_status(struct loading *load, int status)
{
    if (status > load->status)
        load->status = status;
}

static void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    CHECK(text != NULL);
    puts(text);
    free(text);
    json_decref(object);
}

static void say_file_refused(struct loading *load, const char *reason)
{
    progress_clear(&load->progress);
    if (load->common->is_json)
        print_json(json_pack("{s:s, s:s}", "file", load->file, "refused", reason));
    else
        printf("%s refused: %s\n", load->file, reason);
    raise_status(load, EXIT_USAGE);
}

/* The line of a statement at its end. */
static void say_end(struct loading *load, size_t index, enum loaded end)
{
    static const char *const words[] = {[LOADED_NOT] = "refused",
        [LOADED_CLOSED] = "closed",
        [LOADED_KNOWN] = "known",
        [LOADED_OPEN] = "open"};
    const struct found *found = &load->founds[index];
    int64_t before = load->ordinal - load->added - load->refused;
    progress_clear(&load->progress);
    if (load->common->is_json) {
        print_json(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "file", load->file,
            "position", (json_int_t)index + 1, "statement_id", (json_int_t)load->statement_id,
            "lines", (json_int_t)found->line_count, "added", (json_int_t)load->added, "before",
            (json_int_t)(before > 0 ? before : 0), "refused_lines", (json_int_t)load->refused,
            "end", words[end], "reason", load->reason));
    } else {
        char opening[FIGURE_BYTES], closing[FIGURE_BYTES];
        figure_print(found->opening_minor, load->context.ledger.decimals, opening);
        figure_print(found->closing_minor, load->context.ledger.decimals, closing);
        printf("%s statement=%" PRId64 " opening=%s closing=%s lines=%" PRId64 " added=%" PRId64
               " before=%" PRId64 " %s%s%s\n",
            load->file, load->statement_id, opening, closing, found->line_count, load->added,
            before > 0 ? before : 0, words[end], load->reason[0] ? ": " : "", load->reason);
    }
    fflush(stdout);
    if (end == LOADED_NOT || end == LOADED_OPEN)
        raise_status(load, EXIT_REFUSED);
}

static void because(struct loading *load, const char *text, int64_t number)
{
    if (number != 0)
        snprintf(load->reason, sizeof load->reason, "%s (%" PRId64 ")", text, number);
    else
        snprintf(load->reason, sizeof load->reason, "%s", text);
}

/* ---- looking at the file ---- */

/* Both copies end with NUL; of a text as many whole characters as are wanted. */
static void copy_characters(const char *text, size_t characters, char *ret_text, size_t bytes)
{
    size_t length = 0, count = 0;
    while (text[length] != '\0' && length + 4 < bytes) {
        size_t next = length + 1;
        while (((unsigned char)text[next] & 0xc0) == 0x80)
            next++;
        if (count++ == characters || next >= bytes)
            break;
        length = next;
    }
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

/* The statement's place among those of the file; it is closed when it is forgotten. */
static size_t index_of(const struct loading *load, const struct statement *statement)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (load->open[i].statement == statement)
            return load->open[i].index;
    }
    CHECK(0 && "a statement is opened before its entries");
    return 0;
}

static size_t note_open(struct loading *load, const struct statement *statement)
{
    size_t i = 0;
    while (i < OPEN_MAX && load->open[i].statement)
        i++;
    CHECK(i < OPEN_MAX);
    load->open[i].statement = statement;
    load->open[i].index = load->next_index++;
    return load->open[i].index;
}

static void note_close(struct loading *load, const struct statement *statement)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (load->open[i].statement == statement)
            load->open[i].statement = NULL;
    }
}

static bool moves_money(const struct statement_entry *entry)
{
    return entry->status == STATEMENT_BOOKED && entry->amount_minor != 0;
}

/* What tells the statement from all others: a bank writes one :20: each day. */
static void name_statement(const struct statement *statement, struct found *found)
{
    char name[512] = "";
    bool is_camt = statement->format <= STATEMENT_CAMT054;
    if (statement->id[0] == '\0')
        return;
    if (is_camt && statement->page == 0)
        snprintf(name, sizeof name, "%s", statement->id);
    else if (is_camt)
        snprintf(name, sizeof name, "%s/%" PRId64, statement->id, statement->page);
    else
        snprintf(name, sizeof name, "%s/%" PRId64 "/%" PRId64 "/%d", statement->id,
            statement->sequence, statement->page, found->to_date);
    size_t length = strlen(name);
    bool is_trimmed = name[0] != ' ' && name[length - 1] != ' ';
    if (length <= STATEMENT_REFERENCE_BYTES_MAX && is_trimmed)
        memcpy(found->reference, name, length + 1);
}

static bool look_open(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    size_t index = note_open(load, statement);
    if (index == STATEMENTS_PER_FILE_MAX) {
        snprintf(ret_reason, STATEMENT_REASON_BYTES, "more than %d statements; split the file",
            STATEMENTS_PER_FILE_MAX);
        return false;
    }
    if (index == load->found_room) {
        load->found_room = load->found_room ? 2 * load->found_room : 16;
        load->founds = realloc(load->founds, load->found_room * sizeof *load->founds);
        CHECK(load->founds != NULL);
    }
    load->founds[index] = (struct found){0};
    load->found_count = index + 1;
    return load->inner->open(load->inner->context, statement, ret_reason);
}

static bool look_entry(void *context, const struct statement *statement,
    const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    struct found *found = &load->founds[index_of(load, statement)];
    if (moves_money(entry)) {
        int32_t date = entry->booking_date != 0 ? entry->booking_date : entry->value_date;
        if (date == 0) {
            snprintf(ret_reason, STATEMENT_REASON_BYTES,
                "line %" PRIu32 ": an entry without a day cannot be loaded", entry->line);
            return false;
        }
        found->line_count++;
        if (found->from_date == 0 || date < found->from_date)
            found->from_date = date;
        if (date > found->to_date)
            found->to_date = date;
    }
    return load->inner->entry(load->inner->context, statement, entry, ret_reason);
}

static bool look_close(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    struct found *found = &load->founds[index_of(load, statement)];
    copy_characters(
        statement->account, ACCOUNT_NUMBER_CHARACTERS_MAX, found->account, sizeof found->account);
    snprintf(found->currency, sizeof found->currency, "%s", statement->currency);
    found->has_balances = statement->opening.is_given && statement->closing.is_given;
    found->opening_minor = statement->opening.amount_minor;
    found->closing_minor = statement->closing.amount_minor;
    found->number = statement->sequence <= STATEMENT_NUMBER_MAX ? statement->sequence : 0;
    if (statement->from_date != 0)
        found->from_date = statement->from_date;
    if (statement->to_date != 0)
        found->to_date = statement->to_date;
    if (found->to_date == 0)
        found->to_date = statement->closing.date;
    if (found->from_date == 0)
        found->from_date = statement->opening.date ? statement->opening.date : found->to_date;
    if (found->to_date < found->from_date)
        found->to_date = found->from_date;
    name_statement(statement, found);
    bool goes_on = load->inner->close(load->inner->context, statement, ret_reason);
    note_close(load, statement);
    return goes_on;
}

static void on_verdict(void *context, const struct statement *statement, bool adds_up)
{
    struct loading *load = context;
    load->founds[index_of(load, statement)].adds_up = adds_up;
}

static void on_find(void *context, const struct statement *statement,
    enum statement_finding finding, uint32_t line, const char *text)
{
    struct loading *load = context;
    (void)statement;
    if (finding != STATEMENT_FAULT)
        return;
    progress_clear(&load->progress);
    fprintf(stderr, "vslctl: %s, line %" PRIu32 ": does not add up: %s\n", load->file, line, text);
}

static void on_progress(void *context, int64_t bytes)
{
    struct loading *load = context;
    char read[FORMAT_BYTES_MAX];
    if (load->is_loading || !progress_is_due(&load->progress))
        return;
    format_count(bytes >> 20, read);
    progress_show(&load->progress, "%s: %s MiB read", load->file, read);
}

static int digest_file(struct loading *load, int fd)
{
    static unsigned char bytes[65536];
    unsigned char digest[32];
    unsigned int length = 0;
    ssize_t count;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    CHECK(hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    while ((count = read(fd, bytes, sizeof bytes)) > 0)
        CHECK(EVP_DigestUpdate(hash, bytes, (size_t)count) == 1);
    CHECK(EVP_DigestFinal_ex(hash, digest, &length) == 1 && length == sizeof digest);
    EVP_MD_CTX_free(hash);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(load->sha256 + 2 * i, 3, "%02x", digest[i]);
    return count < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -1 : 0;
}

static int look_at_file(struct loading *load, int fd)
{
    struct checker_events events = {
        .context = load, .verdict = on_verdict, .find = on_find, .progress = on_progress};
    struct checker *checker = checker_create(&events);
    struct statement_options reading = {.profiles = load->profiles};
    struct statement_sink sink;
    load->inner = checker_next_file(checker);
    sink = *load->inner;
    sink.context = load;
    sink.detail = NULL;
    sink.open = look_open;
    sink.entry = look_entry;
    sink.close = look_close;
    sink.find = on_find;
    sink.progress = on_progress;
    load->found_count = load->next_index = 0;
    memset(load->open, 0, sizeof load->open);
    int result = statement_read(fd, &reading, &sink, &load->outcome);
    checker_destroy(checker);
    load->inner = NULL;
    if (result != 0)
        say_file_refused(load, load->outcome.reason);
    else if (lseek(fd, 0, SEEK_SET) < 0)
        say_file_refused(load, strerror(errno));
    else
        return 0;
    return -1;
}

/* ---- sending ---- */

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
    raise_status(load, answer ? EXIT_UNKNOWN : context_fault_status(context));
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
        raise_status(load, context_fault_status(&load->context));
    return answer ? answer->bank_statement : NULL;
}

/* Sends the statement's opening: 1 when it takes lines, 0 when it does not, with the reason, -1
 * when the server could not be asked. */
static int send_open(struct loading *load, const struct found *found, size_t index)
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
    if (!is_known) {
        because(load, result->text, result->limit_minor);
        return 0;
    }
    const Vsl__V1__BankStatement *statement = ask_statement(load);
    if (!statement)
        return -1;
    bool is_same = strcmp(statement->file_sha256, load->sha256) == 0 &&
                   statement->file_position == (int32_t)index + 1;
    if (is_same &&
        statement->status == VSL__V1__BANK_STATEMENT_STATUS__BANK_STATEMENT_STATUS_OPEN) {
        load->last_ordinal = statement->last_ordinal;
        return 1;
    }
    load->is_known = true;
    if (!is_same)
        because(load, "it came in another file", 0);
    return 0;
}

static void take_results(struct loading *load, const Vsl__V1__SubmitBatchResponse *answer)
{
    for (size_t i = 0; i < answer->n_results; i++) {
        const Vsl__V1__CommandResult *result = answer->results[i]->result;
        if (!is_refusal(result)) {
            load->added++;
        } else if (result->outcome != VSL__V1__OUTCOME__OUTCOME_STATEMENT_LINE_OUT_OF_ORDER) {
            /* Out of order is what another run has added meanwhile: it sends the same lines. */
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

static bool send_lines(struct loading *load)
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

/* What tells the movement from others in whichever statement: nothing without the bank's number. */
static void make_entry_key(
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

static void add_line(struct loading *load, const struct statement_entry *entry, const char *key)
{
    char serial[SERIAL_TEXT_BYTES];
    char name[4 * PARTY_NAME_CHARACTERS_MAX + 8], account[4 * ACCOUNT_NUMBER_CHARACTERS_MAX + 8];
    char text[4 * REMARK_CHARACTERS_MAX + 8], reference[REFERENCE_BYTES_MAX + 8];
    make_key(serial);
    copy_characters(entry->counterparty, PARTY_NAME_CHARACTERS_MAX, name, sizeof name);
    copy_characters(
        entry->counterparty_account, ACCOUNT_NUMBER_CHARACTERS_MAX, account, sizeof account);
    copy_characters(entry->text, REMARK_CHARACTERS_MAX, text, sizeof text);
    copy_characters(
        entry->bank_reference, BANK_REFERENCE_CHARACTERS_MAX, reference, sizeof reference);
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
    load->batch_bytes += protobuf_c_message_get_packed_size(&line->base) + 16;
}

/* ---- loading, while the file is read again ---- */

static bool stop(char ret_reason[STATEMENT_REASON_BYTES])
{
    snprintf(ret_reason, STATEMENT_REASON_BYTES, "%s", "");
    return false;
}

/* Whether nothing has to be asked of the service to see that it is not loaded. */
static bool is_refused(struct loading *load, const struct found *found)
{
    if (!found->has_balances)
        because(
            load, "it has no opening or no closing balance, so nothing shows that all is there", 0);
    else if (!found->adds_up && !load->takes_all)
        because(load, "it does not add up; --anyway loads it for two persons to decide", 0);
    else if (found->line_count > BANK_STATEMENT_LINES_MAX)
        because(load, "it has more than 10,000,000 lines", 0);
    else if (strcmp(found->currency, load->context.ledger.currency) != 0)
        because(load, "it is in another currency than the ledger", 0);
    return load->reason[0] != '\0';
}

static bool load_open(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    size_t index = note_open(load, statement);
    const struct found *found = load->founds + index;
    if (index >= load->found_count) {
        snprintf(ret_reason, STATEMENT_REASON_BYTES,
            "it was changed while it was read; load it again when it is whole");
        return false;
    }
    if (load->is_loading) {
        /* Only a table has two at a time: of another account, or in another currency. */
        fprintf(stderr,
            "vslctl: %s: statement %zu stands among the lines of another one and is not loaded: "
            "split the file by account and currency\n",
            load->file, index + 1);
        raise_status(load, EXIT_REFUSED);
        return true;
    }
    load->statement_id = load->added = load->refused = 0;
    load->ordinal = load->last_ordinal = 0;
    load->is_known = false;
    load->reason[0] = '\0';
    load->started_us = clock_monotonic_us();
    if (is_refused(load, found)) {
        say_end(load, index, LOADED_NOT);
        return true;
    }
    int result = send_open(load, found, index);
    if (result < 0)
        return stop(ret_reason);
    if (result == 0) {
        say_end(load, index, load->is_known ? LOADED_KNOWN : LOADED_NOT);
        return true;
    }
    load->is_loading = true;
    load->current = index;
    map_init_growing(&load->seen, 4096, 2 * (uint64_t)BANK_STATEMENT_LINES_MAX);
    batch_begin(&load->batch);
    load->batch_bytes = 0;
    return true;
}

static bool load_entry(void *context, const struct statement *statement,
    const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    char key[KEY_CHARACTERS + 1];
    if (!load->is_loading || index_of(load, statement) != load->current || !moves_money(entry))
        return true;
    load->ordinal++;
    make_entry_key(load, entry, key); /* also of what is there: it counts those alike */
    if (load->ordinal <= load->last_ordinal)
        return true;
    add_line(load, entry, key);
    bool is_full = batch_count(&load->batch) == load->batch_lines_max ||
                   load->batch_bytes >= REQUEST_BYTES_MAX;
    return !is_full || send_lines(load) || stop(ret_reason);
}

static bool send_close(struct loading *load)
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
    if (is_refusal(result))
        because(load, result->text, result->limit_minor);
    say_end(load, load->current, is_refusal(result) ? LOADED_OPEN : LOADED_CLOSED);
    return true;
}

static bool load_close(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    bool is_its = load->is_loading && index_of(load, statement) == load->current;
    note_close(load, statement);
    if (!is_its)
        return true;
    bool is_sent = send_lines(load) && send_close(load);
    map_finish(&load->seen);
    load->is_loading = false;
    return is_sent || stop(ret_reason);
}

/* -1 when the server could not be asked: the other files wait, too. */
static int load_file(struct loading *load, const char *file)
{
    struct stat facts;
    struct statement_options reading = {.profiles = load->profiles};
    const struct statement_sink sink = {
        .context = load, .open = load_open, .entry = load_entry, .close = load_close};
    int result = 0;
    load->file = file;
    load->is_loading = false;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) {
        say_file_refused(load, strerror(errno));
    } else if (!S_ISREG(facts.st_mode)) {
        say_file_refused(load, "is no file: it is read twice, so standard input cannot be");
    } else if (digest_file(load, fd) != 0) {
        say_file_refused(load, strerror(errno));
    } else if (look_at_file(load, fd) == 0) {
        load->next_index = 0;
        memset(load->open, 0, sizeof load->open);
        result = statement_read(fd, &reading, &sink, &load->outcome);
        if (load->is_loading)
            map_finish(&load->seen);
        if (result != 0 && load->outcome.reason[0] != '\0' && load->status == EXIT_ACCEPTED)
            say_file_refused(load, load->outcome.reason);
    }
    progress_clear(&load->progress);
    if (fd >= 0)
        close(fd);
    return result;
}

static int load_files(struct loading *load)
{
    struct context *context = &load->context;
    context->options = load->common;
    if (context_open(context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(context, load->ledger_id) != 0)
        return context_fault_status(context);
    progress_start(&load->progress, load->common->is_json);
    for (char **file = load->files; *file; file++) {
        if (load_file(load, *file) != 0)
            break;
    }
    free(load->founds);
    return load->status;
}

/* ---- options ---- */

enum { OPTION_PROFILE = 0x4300, OPTION_LEDGER, OPTION_ANYWAY, OPTION_ANY_ACCOUNT, OPTION_BATCH };

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"profile", OPTION_PROFILE, "NAME", 0,
        "How a CSV or XLS reads, see 'vslctl statement check' (default: found by the head)", 1},
    {"anyway", OPTION_ANYWAY, 0, 0,
        "Load also what does not add up: it stays open, for two persons to take as it stands", 1},
    {"any-account", OPTION_ANY_ACCOUNT, 0, 0,
        "Do not hold the file's account to the ledger's escrow account: banks write one otherwise",
        1},
    {"batch-size", OPTION_BATCH, "N", 0, "Send so many lines at a time, 1 to 8000 (default: 8000)",
        1},
    {0},
};

static error_t end_of_arguments(struct loading *given, struct argp_state *state)
{
    const char *ledger = getenv("VSL_LEDGER");
    if (given->ledger_id == 0 && ledger && !parse_integer(ledger, 1, INT64_MAX, &given->ledger_id))
        argp_error(state, "$VSL_LEDGER must be a ledger's id");
    if (given->ledger_id == 0)
        argp_error(state, "--ledger is missing");
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct loading *given = state->input;
    int64_t number;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = given->common;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_PROFILE:
        given->profile = argument;
        return 0;
    case OPTION_ANYWAY:
        given->takes_all = true;
        return 0;
    case OPTION_ANY_ACCOUNT:
        given->omits_account = true;
        return 0;
    case OPTION_BATCH:
        if (!parse_integer(argument, 1, BATCH_COMMANDS_MAX, &number))
            argp_error(state, "--batch-size takes a whole number, 1 to %d", BATCH_COMMANDS_MAX);
        given->batch_lines_max = (size_t)number;
        return 0;
    case ARGP_KEY_ARGS:
        given->files = state->argv + state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "FILE is missing");
        return 0;
    case ARGP_KEY_END:
        return end_of_arguments(given, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_statement_load(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&common_argp, 0, "Output:", 90}, {&key_argp, 0, "Keys:", 80}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .args_doc = "FILE...",
        .children = children,
        .doc =
            "Load the bank's statements of the escrow account into the ledger, line by line, and "
            "close each that adds up. Nothing is booked by them. Formats are found as by 'vslctl "
            "statement check'. A file is looked at as a whole before anything of it is sent.\v"
            "Examples:\n"
            "  vslctl statement load --ledger 1 statement.sta\n"
            "  vslctl statement load --ledger 1 november/*.xml\n"
            "  vslctl bank-statement list --ledger 1 --status open\n"
            "  vslctl bank-statement close --ledger 1 --bank-statement 7 --as-it-stands \\\n"
            "    --propose 'the bank confirms the difference'\n"
            "\n"
            "Prints a line for each statement: its id, its lines, how many of them were added now\n"
            "and before, and its end:\n"
            "\n"
            "  closed    all lines are there, and add up\n"
            "  known     it was there before: by its file, or by the bank's name for it\n"
            "  open      a line was refused (a movement that another statement has), or it does\n"
            "            not add up; --json and the text tell why\n"
            "  refused   nothing of it was recorded\n"
            "\n"
            "Statements of a ledger follow each other: each begins with the balance that the last\n"
            "one ended with. Files are loaded in the order in which they are given. What has no\n"
            "opening or closing balance (camt.054, MT942, wallets) is not loaded.\n"
            "\n"
            "A run that was cut goes on when the same file is loaded again: the service says up "
            "to\n"
            "which line it has a statement, and nothing is loaded twice.\n"
            "\n"
            "Exit status: 0 all are closed or known; 1 one is open or refused; 2 a file is "
            "refused,\n"
            "or the options are wrong; 3 the server could not be asked; 4 it is not known what "
            "became\n"
            "of some lines: load the file again.\n"};
    static struct loading given;
    given = (struct loading){
        .common = common, .key = KEY_OPTIONS_DEFAULT, .batch_lines_max = BATCH_COMMANDS_MAX};
    char error[512];
    parse_arguments(&argp, "vslctl statement load", count, arguments, &given);
    given.profiles = given.profile ? profiles_find(given.profile, error, sizeof error) : NULL;
    if (given.profile && !given.profiles) {
        fprintf(stderr, "vslctl: --profile '%s': %s\n", given.profile, error);
        return EXIT_USAGE;
    }
    batch_init(&given.batch);
    int status = load_files(&given);
    batch_finish(&given.batch);
    context_finish(&given.context);
    free(given.profiles);
    return status;
}
