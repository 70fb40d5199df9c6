/* statement_file_fuzz.c: bank statements of every format, from the format's detection on, through
 * the checker. What a sink hears of a file that is taken or refused keeps what statement.h says.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/utf8.h"
#include "model/currency.h"
#include "statement/check.h"
#include "statement/statement.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    CHECK(text != NULL);
    CHECK(utf8_is_valid(text, strlen(text)));
}

static void check_day(int32_t day)
{
    CHECK(day == 0 || (day >= 19700101 && day <= 21991231));
}

static bool on_entry(void *context, const struct statement *statement,
    const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES])
{
    (void)context;
    (void)ret_reason;
    CHECK(entry->line >= 1 && entry->number == statement->entry_count);
    CHECK(entry->status >= STATEMENT_BOOKED && entry->status <= STATEMENT_INFO);
    CHECK(currency_digits(text_of(entry->currency)) >= 0);
    if (entry->status == STATEMENT_BOOKED)
        CHECK(strcmp(entry->currency, statement->currency) == 0);
    check_day(entry->booking_date);
    check_day(entry->value_date);
    CHECK(entry->time >= -1 && entry->time <= 235960);
    check_text(entry->kind);
    check_text(entry->bank_reference);
    check_text(entry->reference);
    check_text(entry->end_to_end);
    check_text(entry->return_reason);
    check_text(entry->counterparty);
    check_text(entry->counterparty_account);
    check_text(entry->text);
    return true;
}

static bool on_close(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    (void)context;
    (void)ret_reason;
    CHECK(statement->line >= 1 && statement->decimals >= 0 && statement->decimals <= 4);
    CHECK(statement->opening.is_given || statement->has_no_opening);
    CHECK(statement->closing.is_given || statement->has_no_closing);
    return true;
}

static void on_verdict(void *context, const struct statement *statement, bool adds_up)
{
    int64_t *verdicts = context;
    (void)adds_up;
    check_text(statement->account);
    *verdicts += 1;
}

static void on_find(void *context, const struct statement *statement,
    enum statement_finding finding, uint32_t line, const char *text)
{
    (void)context;
    (void)statement;
    (void)finding;
    CHECK(line >= 1);
    CHECK(text[0] != '\0');
}

/* Reads the bytes from a file of memory, which is read as any other. */
static void read_with(const uint8_t *data, size_t size, const struct statement_sink *sink)
{
    struct statement_outcome outcome;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    CHECK(fd >= 0);
    CHECK(write(fd, data, size) == (ssize_t)size);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    int status = statement_read(fd, &(struct statement_options){0}, sink, &outcome);
    CHECK((status == 0) == (outcome.reason[0] == '\0'));
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t verdicts = 0;
    struct statement_sink plain = {.entry = on_entry, .close = on_close};
    struct checker_events events = {.context = &verdicts, .verdict = on_verdict, .find = on_find};
    read_with(data, size, &plain);
    struct checker *checker = checker_create(&events);
    read_with(data, size, checker_next_file(checker));
    checker_destroy(checker);
    return 0;
}
