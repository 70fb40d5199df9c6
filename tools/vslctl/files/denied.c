/* denied.c: vslctl denied load: entries of a deny list by the lines of a file.
 *
 * A list comes as a whole again and again, with some lines more. So a line whose value is listed
 * already, and for as long at least, is as good as accepted: by whatever it was listed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

#include "ceilings.h"
#include "command/command.h"
#include "text/format.h"

#include "vsl/v1/screening.pb-c.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DENIED_SOURCE,
    DENIED_NAME_COLUMN,
    DENIED_DOCUMENT_KIND,
    DENIED_DOCUMENT_NUMBER,
    DENIED_ACCOUNT_NUMBER,
    DENIED_REASON,
    DENIED_FROM_DATE,
    DENIED_EXPIRES,
    DENIED_COLUMNS,
};

static_assert(DENIED_COLUMNS <= LINES_COLUMNS_MAX, "a row has room for them");

/* In memory, about 400 bytes a line. */
#define DENIED_LINES_MAX 2000000

static const char *const columns[DENIED_COLUMNS] = {"source", "name", "document_kind",
    "document_number", "account_number", "reason", "from_date", "expires"};

/* What a row says that is no text, or the field and the rule that is broken. */
struct said {
    int32_t source;
    int32_t document_kind;
    int32_t from_date;
    int64_t expires_at_us;
};

static bool read_said(const struct lines_row *row, struct said *ret_said, const char **ret_field,
    const char **ret_rule)
{
    const char *kind = row->fields[DENIED_DOCUMENT_KIND];
    const char *from = row->fields[DENIED_FROM_DATE];
    const char *expires = row->fields[DENIED_EXPIRES];
    *ret_said = (struct said){0};
    *ret_field = "source";
    *ret_rule = "must be law, police, bank or platform";
    if (!parse_enum(
            &vsl__v1__denied_source__descriptor, row->fields[DENIED_SOURCE], &ret_said->source))
        return false;
    *ret_field = "document_kind";
    *ret_rule = "must be a kind of document, such as citizen_card: see 'vslctl denied add --help'";
    if (kind[0] && !parse_enum(&vsl__v1__document_kind__descriptor, kind, &ret_said->document_kind))
        return false;
    *ret_field = "from_date";
    *ret_rule = "must be a day, such as 2026-11-22";
    if (from[0] && !parse_date(from, &ret_said->from_date))
        return false;
    /* A duration would be another time in each run of the same file. */
    *ret_field = "expires";
    *ret_rule = "must be a time, such as 2027-11-22T00:00+08:00";
    return !expires[0] ||
           (expires[0] != '+' && read_time(expires, 0, &ret_said->expires_at_us) == TIME_IS_RIGHT);
}

static bool read_row(
    struct lines_row *row, int decimals, const char **ret_field, const char **ret_rule)
{
    struct said said;
    (void)decimals;
    return read_said(row, &said, ret_field, ret_rule);
}

static struct said said_by(const struct lines_row *row)
{
    struct said said;
    const char *field, *rule;
    (void)read_said(row, &said, &field, &rule);
    return said;
}

static const ProtobufCMessage *add_line(const struct lines_run *run, const struct lines_row *row,
    struct batch *batch, int32_t business_date, const char *serial)
{
#define TEXT_OF(column) ((char *)(uintptr_t)row->fields[column])
    const struct said said = said_by(row);
    Vsl__V1__AddDeniedRequest *request =
        batch_add_add_denied(batch, run->key.channel, business_date, serial);
    request->ledger_id = run->ledger_id;
    request->source = (Vsl__V1__DeniedSource)said.source;
    request->name = TEXT_OF(DENIED_NAME_COLUMN);
    request->document_kind = (Vsl__V1__DocumentKind)said.document_kind;
    request->document_number = TEXT_OF(DENIED_DOCUMENT_NUMBER);
    request->account_number = TEXT_OF(DENIED_ACCOUNT_NUMBER);
    request->reason = TEXT_OF(DENIED_REASON);
    request->from_date = said.from_date;
    request->expires_at_us = said.expires_at_us;
    return &request->base;
#undef TEXT_OF
}

/* ---- what is recorded already ---- */

/* What was refused is sent again: its answer names the entry. */
static void take_entry(void *context, const Vsl__V1__JournalEntry *entry)
{
    struct lines_run *run = context;
    if ((int)entry->outcome >= OUTCOME_FIRST_REFUSAL)
        return;
    struct lines_row *row = lines_find_key(run, entry);
    if (row)
        lines_mark(run, row, entry);
}

/* By keys that are made of the file. Under one that was given another file may have been sent, and
 * values are shown masked: then the service compares. */
static int mark_known(struct context *context, struct lines_run *run)
{
    Vsl__V1__ListDeniedRequest request;
    if (run->key.serial != run->made_serial)
        return 0;
    vsl__v1__list_denied_request__init(&request);
    request.ledger_id = run->ledger_id;
    request.page_size = 1;
    rpc_reset(&context->rpc);
    const Vsl__V1__ListDeniedResponse *answer = (const Vsl__V1__ListDeniedResponse *)context_call(
        context, &vsl__v1__screening_service__descriptor, "ListDenied", &request.base);
    if (!answer)
        return -1;
    struct lines_stream stream = {.from_sequence = run->begun_sequence,
        .last_sequence = answer->as_of_sequence,
        .kinds = {VSL__V1__COMMAND_KIND__COMMAND_KIND_ADD_DENIED},
        .kind_count = 1,
        .is_accepted_only = true,
        .take = take_entry,
        .context = run};
    (void)lines_read_stream(context, run, &stream);
    return 0;
}

/* Whether the entry is looked for at least as long as the line wants. */
static bool lasts(const Vsl__V1__Denied *entry, int64_t expires_at_us)
{
    if (entry->status != VSL__V1__DENIED_STATUS__DENIED_STATUS_LISTED)
        return false;
    return entry->expires_at_us == 0 ||
           (expires_at_us != 0 && entry->expires_at_us >= expires_at_us);
}

static void mark_same(struct context *context, const struct lines_run *run, struct lines_row *row)
{
    Vsl__V1__GetDeniedRequest request;
    vsl__v1__get_denied_request__init(&request);
    request.ledger_id = run->ledger_id;
    request.denied_id = row->sequence;
    rpc_reset(&context->rpc);
    const Vsl__V1__GetDeniedResponse *answer = (const Vsl__V1__GetDeniedResponse *)context_call(
        context, &vsl__v1__screening_service__descriptor, "GetDenied", &request.base);
    const Vsl__V1__Denied *entry = answer ? answer->denied : NULL;
    row->is_answered = row->is_replayed = true;
    row->subject_id = request.denied_id;
    row->sequence = entry ? entry->listed_sequence : 0;
    if (entry && lasts(entry, said_by(row).expires_at_us))
        row->outcome = VSL__V1__OUTCOME__OUTCOME_ACCEPTED;
}

/* ---- the command ---- */

static void advise(const struct lines_run *run)
{
    if (run->accepted > 0)
        printf("Whoever was found: 'vslctl hit list --ledger %" PRId64 " --status open'\n",
            run->ledger_id);
    if (run->needs_approval)
        printf("What needs approval: 'vslctl denied add' with --propose 'why', then another person "
               "approves it with\n'vslctl proposal approve'.\n");
    if (run->refused > 0)
        printf("What was refused stays refused under its key. To try the whole file again, when "
               "the cause is gone:\n--serial TEXT --business-date YYYY-MM-DD, with a TEXT that was "
               "not used; what is listed stays as it is.\n");
}

static const struct lines_kind denied_kind = {
    .noun = "deny list",
    .columns = columns,
    .column_count = DENIED_COLUMNS,
    .shown_column = DENIED_REASON,
    .subject_noun = "denied",
    .same_outcome = VSL__V1__OUTCOME__OUTCOME_VALUE_DENIED,
    .serial_letter = 'd',
    .lines_max = DENIED_LINES_MAX,
    .command = COMMAND_ADD_DENIED,
    .read_row = read_row,
    .add_line = add_line,
    .mark_known = mark_known,
    .mark_same = mark_same,
    .advise = advise,
};

static error_t parse_denied(int key, char *argument, struct argp_state *state)
{
    struct lines_run *given = state->input;
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = given->options;
    state->child_inputs[1] = given;
    return 0;
}

int run_denied_load(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&common_argp, 0, "Output:", 90}, {&lines_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.parser = parse_denied,
        .args_doc = "FILE.csv",
        .children = children,
        .doc =
            "List what the lines of a file name: each becomes an entry of the ledger's deny list, "
            "sent in batches of 8,000. The whole file is looked at before anything is sent.\v"
            "Examples:\n"
            "  vslctl denied load --ledger 1 --dry-run list.csv\n"
            "  vslctl denied load --ledger 1 list.csv\n"
            "  vslctl hit list --ledger 1 --status open\n"
            "\n"
            "The first line of the file names its columns:\n"
            "\n"
            "  source,name,document_kind,document_number,account_number,reason,from_date,expires\n"
            "  law,Li Ming,,,,list of 2026-11,2026-11-01,\n"
            "  police,,citizen_card,11010519491231002X,,notice 17,,2027-11-22T00:00+08:00\n"
            "  bank,,,,6216261000000000018,fraud desk 4711,,\n"
            "\n"
            "source is law, police, bank or platform. One of name, document_number (with its\n"
            "document_kind, as 'vslctl denied add --help' lists them) and account_number says what "
            "is\n"
            "listed. A person with a name and a number is two lines. reason is required. from_date "
            "is\n"
            "kept as a fact; expires is when the entry ends, empty: never.\n"
            "\n"
            "Whoever is a member already and is found has a hit, and rests until a second person\n"
            "decides it: 'vslctl hit decide'. FILE.result.csv has for each line its entry, and "
            "repeats\n"
            "of the file only the reason.\n"
            "\n"
            "A value that is listed already, for as long or longer, counts as accepted before: so "
            "a list\n"
            "that comes each day as a whole is loaded each day as a whole. What it has no more "
            "stays\n"
            "listed; two persons end it, with 'vslctl denied end --propose'.\n"
            "\n"
            "The keys of the commands are made of the file and told before anything is sent. So a\n"
            "run that was interrupted anywhere is repeated by giving the same file again: each "
            "line\n"
            "takes effect once, also days later; what was ended meanwhile is not listed again. A\n"
            "line that is refused stays refused under its key. When the ledger's key window "
            "(mostly 3\n"
            "accounting dates) has passed, lines that were not sent are refused with\n"
            "key_window_closed: give the file --serial and --business-date.\n"
            "\n"
            "Exit status: 0 all are listed; 1 something was refused; 2 the file or the options "
            "are\n"
            "wrong, nothing was sent; 3 the server could not be asked; 4 it is not known what "
            "became\n"
            "of some lines: send the file again.\n"};
    struct lines_run given = {.kind = &denied_kind,
        .options = common,
        .key = KEY_OPTIONS_DEFAULT,
        .batch_lines_max = BATCH_COMMANDS_MAX};
    parse_arguments(&argp, "vslctl denied load", count, arguments, &given);
    return lines_send_file(&given);
}
