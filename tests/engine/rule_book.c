/* rule_book.c: see rule_book.h.
 *
 * Commands are told by their field tables, ids by the names that stage.h gives them: a new command
 * or a new name needs nothing here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "rule_book.h"

#include "rules.h"
#include "suites.h"
#include "support/expect.h"

#include "base/check.h"
#include "command/body.h"
#include "command/fields.h"
#include "model/date.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* An id of the stage. The kind is what stands behind "enum stage_". */
struct stage_name {
    const char *kind;
    int64_t id;
    const char *name;
    const char *said; /* what it is */
    const char *part; /* of the list that it stands in */
};
#include "stage_names.h"

enum { NAMES = sizeof stage_names / sizeof *stage_names };

struct book {
    FILE *out;
    const struct stage *stage;
    const char *topic;
    uint32_t row_count;
};

/* ---- words ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* A cell ends at a bar, and a line end would end the table. */
static void print_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '|')
            fputs("\\|", out);
        else
            fputc(text[i] == '\n' ? ' ' : text[i], out);
    }
}

/* "1,000,000". */
static void print_number(FILE *out, int64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    for (int i = 0; i < length; i++) {
        fputc(digits[i], out);
        if (isdigit((unsigned char)digits[i]) && i + 1 < length && (length - i - 1) % 3 == 0)
            fputc(',', out);
    }
}

/* "payer account" of payer_account_id, "expires" of expires_at_us. */
static void print_label(FILE *out, const char *name)
{
    static const char *const ends[] = {"_id", "_minor", "_at_us", "_sequence"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (ends_with(name, ends[i])) {
            length -= strlen(ends[i]);
            break;
        }
    }
    for (size_t i = 0; i < length; i++)
        fputc(name[i] == '_' || name[i] == '.' ? ' ' : name[i], out);
}

/* "Confirm payout" of confirm_payout. */
static void print_title(FILE *out, const char *name)
{
    fputc(toupper((unsigned char)name[0]), out);
    print_label(out, name + 1);
}

static void print_date(FILE *out, int32_t days)
{
    int32_t date = date_to_yyyymmdd(days);
    fprintf(out, "%04d-%02d-%02d", date / 10000, date / 100 % 100, date % 100);
}

/* Against noon of the day on which the rows are tried. */
static void print_time(FILE *out, int64_t us)
{
    int64_t ahead_us = us - STAGE_NOW_US;
    if (ahead_us == 0)
        fputs("now", out);
    else if (ahead_us > 0 && ahead_us % HOUR_US == 0)
        fprintf(out, "in %" PRId64 " h", ahead_us / HOUR_US);
    else if (ahead_us > 0 && ahead_us < HOUR_US)
        fprintf(out, "in %" PRId64 " \u00b5s", ahead_us);
    else if (us / (24 * HOUR_US) <= DATE_DAYS_MAX)
        print_date(out, (int32_t)(us / (24 * HOUR_US)));
    else
        fprintf(out, "%" PRId64 " \u00b5s", us);
}

/* ---- names ---- */

static const char *find_name(const char *kind, int64_t id)
{
    for (int i = 0; i < NAMES; i++) {
        if (stage_names[i].id == id && strcmp(stage_names[i].kind, kind) == 0)
            return stage_names[i].name;
    }
    return NULL;
}

static void print_id(const struct book *book, const char *kind, int64_t id)
{
    const char *name = find_name(kind, id);
    if (name)
        fputs(name, book->out);
    else
        fprintf(book->out, "no. %" PRId64, id);
}

static void print_account(const struct book *book, int64_t id)
{
    static const char *const kinds[] = {
        "", "MEMBER", "ESCROW", "UNALLOCATED", "FEE", "PLATFORM_OWN", "INTEREST", "ENFORCEMENT"};
    const char *name = find_name("account", id);
    if (!name)
        name = find_name("control_account", id);
    const struct account *account = engine_find_account(book->stage->engine, id);
    if (name || !account) {
        print_id(
            book, name == find_name("control_account", id) ? "control_account" : "account", id);
        return;
    }
    CHECK(account->kind < sizeof kinds / sizeof *kinds);
    fprintf(book->out, "%s of ", kinds[account->kind]);
    print_id(book, "ledger", account->ledger_id);
}

/* The kind of record that a field names; NULL: it is a number. */
static const char *kind_of(const char *field)
{
    static const struct {
        const char *end, *kind;
    } kinds[] = {{"account_id", "account"}, {"ledger_id", "ledger"}, {"member_id", "member"},
        {"payout_id", "payout"}, {"hold_id", "hold"}, {"freeze_id", "freeze"},
        {"adjustment_id", "adjustment"}, {"proposal_id", "proposal"}, {"mandate_id", "mandate"},
        {"bank_statement_id", "statement"}, {"statement_line_id", "line"},
        {"statement_match_id", "match"}, {"card_id", "card"}, {"denied_id", "denied"},
        {"hit_id", "hit"}, {"claim_id", "claim"}, {"feedback_id", "feedback"},
        {"product_id", "product"}, {"price_id", "price"}, {"position_id", "position"},
        {"_sequence", "sequence"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (ends_with(field, kinds[i].end) && strcmp(field, "platform_member_id") != 0)
            return kinds[i].kind;
    }
    return NULL;
}

/* The words for the values of an enum, in their order. */
static const char *word_of(const char *field, int32_t value)
{
    static const struct {
        const char *field;
        const char *words[6];
    } enums[] = {
        {"rounding", {"half up", "up", "down"}},
        {"refund", {"none", "in proportion", "with a full refund"}},
        {"on_payout_failed", {"back", "kept"}},
        {"on_payout_returned", {"back", "kept"}},
        {"fee_bearer", {"payer", "payees"}},
        {"fee_mode", {"outside", "inside", "borne by another"}},
        {"proof.result", {"right", "wrong"}},
        {"proof.kind", {"code", "password", "signature"}},
        {"result", {"paid", "failed", "returned", "sent", "unknown"}},
    };
    for (size_t i = 0; i < sizeof enums / sizeof *enums; i++) {
        if (strcmp(enums[i].field, field) == 0 && value >= 1 && value <= 6)
            return enums[i].words[value - 1];
    }
    return NULL;
}

/* ---- a command ---- */

static void print_value(const struct book *book, const struct field *field, const uint8_t *at)
{
    const struct text *text = (const void *)at;
    int64_t number = 0;
    switch ((enum field_type)field->type) {
    case FIELD_INT64:
        memcpy(&number, at, sizeof number);
        if (ends_with(field->name, "_us"))
            print_time(book->out, number);
        else if (!kind_of(field->name))
            print_number(book->out, number);
        else if (strcmp(kind_of(field->name), "account") == 0)
            print_account(book, number);
        else
            print_id(book, kind_of(field->name), number);
        return;
    case FIELD_INT32:
        print_number(book->out, *(const int32_t *)(const void *)at);
        return;
    case FIELD_ENUM: {
        int32_t value = *(const int32_t *)(const void *)at;
        const char *word = word_of(field->name, value);
        if (word)
            fputs(word, book->out);
        else
            print_number(book->out, value);
        return;
    }
    case FIELD_DATE:
        print_date(book->out, *(const int32_t *)(const void *)at);
        return;
    case FIELD_BOOL:
        fputs("yes", book->out);
        return;
    case FIELD_TEXT:
        if (field->rule == TEXT_COMMAND) {
            print_title(book->out, command_kind_name((uint8_t)text->bytes[0]));
            return;
        }
        fputc('"', book->out);
        print_text(book->out, text->bytes, text->length);
        fputc('"', book->out);
        return;
    case FIELD_LIST:
        break;
    }
    CHECK(0 && "a known type of field");
}

/* A number that must be there is said also when it is 0. */
static bool is_given(const struct field *field, const uint8_t *at)
{
    switch ((enum field_type)field->type) {
    case FIELD_INT64:
        return field->required || *(const int64_t *)(const void *)at != 0;
    case FIELD_INT32:
    case FIELD_DATE:
    case FIELD_ENUM:
        return field->required || *(const int32_t *)(const void *)at != 0;
    case FIELD_BOOL:
        return *(const bool *)(const void *)at;
    case FIELD_TEXT:
        return ((const struct text *)(const void *)at)->length > 0;
    case FIELD_LIST:
        break;
    }
    return false;
}

/* "B_ONE 600, B_TWO 400"; fields that are neither account nor amount with their labels. */
static void print_list(const struct book *book, const struct list *list, const uint8_t *command,
    const struct field *field)
{
    const uint8_t *elements;
    memcpy(&elements, command + field->offset, sizeof elements);
    uint32_t count = *(const uint32_t *)(const void *)(command + list->count_offset);
    for (uint32_t i = 0; i < count; i++) {
        const char *between = i > 0 ? ", " : "";
        for (uint32_t k = 0; k < list->table.count; k++) {
            const struct field *part = &list->table.fields[k];
            const uint8_t *at = elements + (size_t)i * list->element_size + part->offset;
            if (!is_given(part, at))
                continue;
            fputs(between, book->out);
            between = " ";
            if (strcmp(part->name, "account_id") != 0 && strcmp(part->name, "amount_minor") != 0) {
                print_label(book->out, part->name);
                fputc(' ', book->out);
            }
            print_value(book, part, at);
        }
    }
}

static void print_fields(const struct book *book, const struct command *command)
{
    const struct field_table *table = command_fields((int)command->kind);
    const uint8_t *bytes = (const void *)command;
    const char *between = ": ";
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        bool is_list = field->type == FIELD_LIST;
        if (is_list ? *(const uint32_t *)(const void *)(bytes + field->list->count_offset) == 0
                    : !is_given(field, bytes + field->offset))
            continue;
        fputs(between, book->out);
        between = "; ";
        print_label(book->out, field->name);
        fputc(' ', book->out);
        if (is_list)
            print_list(book, field->list, bytes, field);
        else
            print_value(book, field, bytes + field->offset);
    }
}

static void print_expiry(const struct book *book, const struct expire *expire)
{
    static const char *const kinds[] = {[EXPIRY_HOLD] = "hold",
        [EXPIRY_FREEZE] = "freeze",
        [EXPIRY_ADJUSTMENT] = "adjustment",
        [EXPIRY_PROPOSAL] = "proposal",
        [EXPIRY_SUSPENSE] = "suspense",
        [EXPIRY_PROMISE] = "promise",
        [EXPIRY_IDENTITY] = "identity",
        [EXPIRY_CARD] = "card",
        [EXPIRY_DENIED] = "denied",
        [EXPIRY_CLAIM] = "claim",
        [EXPIRY_FEEDBACK] = "feedback"};
    CHECK(expire->kind > 0 && (size_t)expire->kind < sizeof kinds / sizeof *kinds);
    fprintf(book->out, ": %s ", kinds[expire->kind]);
    print_id(book, kinds[expire->kind], expire->id);
}

static void print_command(const struct book *book, const struct command *command)
{
    print_title(book->out, command_kind_name((int)command->kind));
    if (command_has_ledger((int)command->kind)) {
        fputs(" in ", book->out);
        print_id(book, "ledger", command->ledger_id);
    }
    if (command->kind == COMMAND_EXPIRE)
        print_expiry(book, &command->expire);
    else
        print_fields(book, command);
    if (command->proposal_id != 0) {
        fputs("; by approval of ", book->out);
        print_id(book, "proposal", command->proposal_id);
    }
    if (command->caller_id != 0) {
        fputs("; by caller ", book->out);
        print_id(book, "caller", command->caller_id);
    }
    const struct request_key *key = &command->key;
    if (key->channel_length != 1 || key->channel[0] != 't')
        fprintf(book->out, "; by channel %.*s", (int)key->channel_length, key->channel);
    if (key->business_date != TEST_DATE) {
        fputs("; business date ", book->out);
        print_date(book->out, key->business_date);
    }
}

/* ---- a row ---- */

static void print_answer(const struct book *book, const struct rule *rule)
{
    const char *text = outcome_text((int)rule->outcome, TEXT_ENGLISH);
    fprintf(book->out, "**%s**", outcome_name((int)rule->outcome));
    if (rule->has_limit) {
        fputs(", limit ", book->out);
        print_number(book->out, rule->limit_minor);
    }
    if (rule->fee_minor != 0) {
        fputs(", fee ", book->out);
        print_number(book->out, rule->fee_minor);
    }
    if (rule->fee_rule_version != 0)
        fprintf(book->out, ", version %d of the fee rule", rule->fee_rule_version);
    fputs(": ", book->out);
    print_text(book->out, text, strlen(text));
}

static void print_side(const struct book *book, int64_t account, enum bucket bucket)
{
    static const char *const buckets[] = {[BUCKET_AVAILABLE] = "",
        [BUCKET_FROZEN] = " (frozen)",
        [BUCKET_PENDING_OUT] = " (pending out)",
        [BUCKET_PENDING_IN] = " (pending in)"};
    print_account(book, account);
    fputs(buckets[bucket], book->out);
}

static void print_moves(const struct book *book, const struct rule *rule)
{
    for (int i = 0; i < MOVES_MAX && rule->moves[i].amount != 0; i++) {
        const struct move *move = &rule->moves[i];
        if (i > 0)
            fputs("<br>", book->out);
        print_number(book->out, move->amount);
        fputs(" from ", book->out);
        print_side(book, move->from, move->from_bucket);
        fputs(" to ", book->out);
        print_side(book, move->to, move->to_bucket);
    }
}

static void print_row(void *context, const struct rule *rule)
{
    struct book *book = context;
    fprintf(book->out, "| %s | ", book->topic);
    print_text(book->out, rule->name, strlen(rule->name));
    fputs(" | ", book->out);
    print_command(book, &rule->command);
    fputs(" | ", book->out);
    print_answer(book, rule);
    fputs(" | ", book->out);
    print_moves(book, rule);
    fputs(" |\n", book->out);
    book->row_count++;
}

/* ---- the book ---- */

static void print_stage(FILE *out)
{
    fputs("## The stage\n\nEvery row is tried by itself on the same books, at noon of ", out);
    print_date(out, TEST_DATE);
    fputs(". These are the names of what is on them; amounts are in minor units.\n", out);
    for (int i = 0; i < NAMES; i++) {
        const struct stage_name *name = &stage_names[i];
        bool is_new = i == 0 || strcmp(name->kind, stage_names[i - 1].kind) != 0;
        if (is_new) {
            fputs("\n### ", out);
            print_title(out, name->kind);
            fputs("s\n\n", out);
        }
        if (name->part[0] != '\0' && (is_new || strcmp(name->part, stage_names[i - 1].part) != 0))
            fprintf(out, "%s%s\n\n", is_new ? "" : "\n", name->part);
        fprintf(out, "- %s%s%s\n", name->name, name->said[0] ? ": " : "", name->said);
    }
}

void print_rule_book(FILE *out)
{
    struct stage *stage = stage_create();
    struct book book = {.out = out, .stage = stage};
    fputs("# Rule book\n\nPrinted from the tables that the tests try: what a command is answered, "
          "and "
          "what it books. Without a bucket in brackets money is available.\n\n",
        out);
    print_stage(out);
    for (size_t i = 0; i < rule_table_count; i++) {
        book.topic = rule_tables[i].topic;
        fprintf(out, "\n## %s\n\n", book.topic);
        fputs("| Topic | Situation | Command | Answer | Postings |\n", out);
        fputs("|---|---|---|---|---|\n", out);
        rule_tables[i].each_row(print_row, &book);
    }
    fprintf(out, "\n%u rules.\n", book.row_count);
    stage_destroy(stage);
}

/* ---- whether it is all there ---- */

/* Reads on in the book: a row begins with its topic and its name, and ends with what it books. */
struct reading {
    const char *at;
    const char *topic;
    uint32_t row_count;
};

static void find_row(void *context, const struct rule *rule)
{
    struct reading *reading = context;
    char begin[400];
    int length = snprintf(begin, sizeof begin, "\n| %s | %s | ", reading->topic, rule->name);
    EXPECT(length > 0 && (size_t)length < sizeof begin);
    const char *found = strstr(reading->at, begin);
    EXPECT_MSG(found != NULL, "%s: the book does not have \"%s\" here", reading->topic, rule->name);
    const char *end = strchr(found + 1, '\n');
    EXPECT(end != NULL);
    char line[8000];
    EXPECT((size_t)(end - found) < sizeof line);
    memcpy(line, found, (size_t)(end - found));
    line[end - found] = '\0';
    EXPECT(strstr(line, outcome_name((int)rule->outcome)) != NULL);
    EXPECT(strstr(line, outcome_text((int)rule->outcome, TEXT_ENGLISH)) != NULL);
    int moves = 0, wanted = 0;
    for (const char *from = line; (from = strstr(from, " from ")) != NULL; from++)
        moves++;
    while (wanted < MOVES_MAX && rule->moves[wanted].amount != 0)
        wanted++;
    EXPECT_MSG(moves >= wanted, "%s: %d postings of %d", rule->name, moves, wanted);
    /* Whom money moves between is always told by name. */
    const char *postings = strrchr(line, '*');
    EXPECT_MSG(strstr(postings, "no. ") == NULL, "%s: an account without a name", rule->name);
    reading->at = end;
    reading->row_count++;
}

/* The situation is to be understood without the row above. */
static void expect_whole_name(void *context, const struct rule *rule)
{
    static const char *const clipped[] = {"and ", "but ", "nor ", "so ", "or ", "the same in "};
    const char *topic = context;
    for (size_t i = 0; i < sizeof clipped / sizeof *clipped; i++)
        EXPECT_MSG(strncmp(rule->name, clipped[i], strlen(clipped[i])) != 0,
            "%s: \"%s\" leans on the row above", topic, rule->name);
}

START_TEST(the_book_has_every_row)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&bytes, &length);
    EXPECT(out != NULL);
    print_rule_book(out);
    EXPECT(fclose(out) == 0);
    struct reading reading = {.at = bytes};
    for (size_t i = 0; i < rule_table_count; i++) {
        reading.topic = rule_tables[i].topic;
        rule_tables[i].each_row(find_row, &reading);
        rule_tables[i].each_row(expect_whole_name, (void *)(uintptr_t)rule_tables[i].topic);
    }
    char last[40];
    snprintf(last, sizeof last, "\n\n%u rules.\n", reading.row_count);
    ck_assert_str_eq(reading.at, last);
    EXPECT(reading.row_count > 500);
    free(bytes);
}
END_TEST

Suite *rule_book_suite(void)
{
    TCase *cases = tcase_create("rule_book");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, the_book_has_every_row);
    Suite *suite = suite_create("rule_book");
    suite_add_tcase(suite, cases);
    return suite;
}
