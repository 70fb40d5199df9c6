/* statement.c: vslctl statement check: reads bank statements without booking, and without a server.
 *
 * A line for each statement on standard output, in the order of the file; what deviates on standard
 * error. No name, counterparty or text of an entry is ever printed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"
#include "base/check.h"
#include "client/terminal.h"
#include "statement/check.h"
#include "statement/figures.h"
#include "statement/profile.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FINDINGS_MAX 20 /* of one statement, and outside of statements; the rest is counted */

enum { OPTION_PROFILE = 0x4200, OPTION_PROFILES };

static const struct argp_option options[] = {
    {"profile", OPTION_PROFILE, "NAME", 0,
        "How a CSV or XLS reads: a profile of --profiles, or a file of profiles with a '/' or '.' "
        "in its name (default: found by the head)",
        0},
    {"profiles", OPTION_PROFILES, 0, 0, "List the profiles that are built in", 0},
    {0},
};

struct statement_arguments {
    struct common_options *common;
    const char *profile;          /* NULL: found by the head */
    struct profile_set *profiles; /* NULL: those that are built in */
    bool lists_profiles;
    char **files; /* NULL-ended */
};

struct checking {
    bool is_json;
    const char *file;
    int64_t file_bytes; /* 0: not known */
    struct statement_outcome outcome;
    struct progress progress;
    json_t *findings; /* of the statement, in JSON */
    uint64_t finding_count;
    bool has_fault; /* a statement that does not add up */
    bool has_refused;
};

/* ---- what is printed ---- */

static void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    CHECK(text != NULL);
    puts(text);
    free(text);
    json_decref(object);
}

static json_t *json_count(int64_t number)
{
    char text[FORMAT_BYTES_MAX];
    snprintf(text, sizeof text, "%" PRId64, number);
    return json_string(text);
}

static json_t *json_balance(const struct statement_balance *balance)
{
    return balance->is_given ? json_count(balance->amount_minor) : json_null();
}

static void print_balance(
    const char *name, const struct statement *statement, const struct statement_balance *balance)
{
    char text[FIGURE_BYTES];
    int decimals = statement->decimals;
    if (!balance->is_given) {
        printf(" %s=-", name);
        return;
    }
    if (strcmp(balance->currency, statement->currency) != 0)
        decimals = currency_decimals(balance->currency);
    figure_print(balance->amount_minor, decimals, text);
    printf(" %s=%s", name, text);
}

/* Says how many findings were not printed, and begins to count anew. */
static void end_findings(struct checking *checking)
{
    if (checking->finding_count > FINDINGS_MAX && !checking->is_json) {
        progress_clear(&checking->progress);
        fprintf(stderr, "vslctl: %s: and %" PRIu64 " more of this statement\n", checking->file,
            checking->finding_count - FINDINGS_MAX);
    }
    checking->finding_count = 0;
    json_decref(checking->findings);
    checking->findings = NULL;
}

static void on_find(void *context, const struct statement *statement,
    enum statement_finding finding, uint32_t line, const char *text)
{
    struct checking *checking = context;
    (void)statement;
    if (++checking->finding_count > FINDINGS_MAX)
        return;
    if (checking->is_json) {
        if (!checking->findings)
            checking->findings = json_array();
        json_array_append_new(checking->findings,
            json_pack("{s:s, s:I, s:s}", "kind", finding == STATEMENT_FAULT ? "fault" : "note",
                "line", (json_int_t)line, "text", text));
        return;
    }
    progress_clear(&checking->progress);
    fprintf(stderr, "vslctl: %s, line %u: %s%s\n", checking->file, line,
        finding == STATEMENT_FAULT ? "does not add up: " : "", text);
}

static void on_verdict(void *context, const struct statement *statement, bool adds_up)
{
    struct checking *checking = context;
    checking->has_fault |= !adds_up;
    progress_clear(&checking->progress);
    if (checking->is_json) {
        json_t *findings = checking->findings ? json_incref(checking->findings) : json_array();
        print_json(json_pack(
            "{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:o}",
            "file", checking->file, "format", statement_format_name(statement->format), "profile",
            checking->outcome.profile, "encoding", checking->outcome.encoding, "line",
            (json_int_t)statement->line, "account", statement->account, "currency",
            statement->currency, "id", statement->id, "sequence", json_count(statement->sequence),
            "page", json_count(statement->page), "opening_minor", json_balance(&statement->opening),
            "entries", json_count((int64_t)statement->entry_count), "closing_minor",
            json_balance(&statement->closing), "adds_up", adds_up, "finding_count",
            (json_int_t)checking->finding_count, "findings", findings));
    } else {
        printf("%s account=%s", checking->file,
            statement->account[0] != '\0' ? statement->account : "-");
        print_balance("opening", statement, &statement->opening);
        printf(" entries=%" PRIu64, statement->entry_count);
        print_balance("closing", statement, &statement->closing);
        printf(" adds-up=%s\n", adds_up ? "yes" : "no");
    }
    end_findings(checking);
}

static void on_progress(void *context, int64_t bytes)
{
    struct checking *checking = context;
    char read[FORMAT_BYTES_MAX];
    char whole[FORMAT_BYTES_MAX];
    if (!progress_is_due(&checking->progress))
        return;
    format_count(bytes >> 20, read);
    format_count(checking->file_bytes >> 20, whole);
    if (checking->file_bytes > 0)
        progress_show(&checking->progress, "%s: %s of %s MiB read", checking->file, read, whole);
    else
        progress_show(&checking->progress, "%s: %s MiB read", checking->file, read);
}

static void refuse(struct checking *checking, const char *reason)
{
    checking->has_refused = true;
    progress_clear(&checking->progress);
    if (checking->is_json)
        print_json(json_pack("{s:s, s:s}", "file", checking->file, "refused", reason));
    else
        printf("%s refused: %s\n", checking->file, reason);
    end_findings(checking);
}

/* ---- a file ---- */

static void check_file(struct checking *checking, struct checker *checker,
    const struct statement_options *reading, const char *file)
{
    struct stat facts;
    bool is_input = strcmp(file, "-") == 0;
    int fd = is_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    checking->file = file;
    if (fd < 0 || fstat(fd, &facts) != 0) {
        refuse(checking, strerror(errno));
        return;
    }
    checking->file_bytes = S_ISREG(facts.st_mode) ? facts.st_size : 0;
    progress_start(&checking->progress, !isatty(terminal_fd(stderr)));
    if (statement_read(fd, reading, checker_next_file(checker), &checking->outcome) != 0)
        refuse(checking, checking->outcome.reason);
    progress_clear(&checking->progress);
    end_findings(checking);
    if (!is_input)
        close(fd);
}

static void list_profiles(bool is_json)
{
    const struct profile_set *set = profiles_built_in();
    for (size_t i = 0; i < set->count; i++) {
        const struct profile *profile = &set->profiles[i];
        if (is_json)
            print_json(json_pack("{s:s, s:s}", "profile", profile->name, "title", profile->title));
        else
            printf("%-16s %s\n", profile->name, profile->title);
    }
}

static bool find_profiles(struct statement_arguments *given)
{
    char error[512];
    given->profiles = profiles_find(given->profile, error, sizeof error);
    if (!given->profiles)
        fprintf(stderr, "vslctl: --profile '%s': %s\n", given->profile, error);
    return given->profiles != NULL;
}

static int check_files(const struct statement_arguments *given)
{
    struct checking checking = {.is_json = given->common->is_json};
    struct checker_events events = {
        .context = &checking, .verdict = on_verdict, .find = on_find, .progress = on_progress};
    struct statement_options reading = {.profiles = given->profiles};
    struct checker *checker = checker_create(&events);
    for (char **file = given->files; *file; file++)
        check_file(&checking, checker, &reading, *file);
    checker_destroy(checker);
    if (checking.has_refused)
        return EXIT_USAGE;
    return checking.has_fault ? EXIT_REFUSED : EXIT_ACCEPTED;
}

/* ---- options ---- */

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct statement_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = arguments->common;
        return 0;
    case OPTION_PROFILE:
        arguments->profile = argument;
        return 0;
    case OPTION_PROFILES:
        arguments->lists_profiles = true;
        return 0;
    case ARGP_KEY_ARGS:
        arguments->files = state->argv + state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        if (!arguments->lists_profiles)
            argp_error(state, "FILE is missing; '-' is standard input");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int run_statement_check(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {{&report_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .args_doc = "FILE...",
        .children = children,
        .doc = "Read bank statements and say whether they add up. Nothing is booked and no server "
               "is asked. Formats are found by themselves: camt.052, .053 and .054; MT940, MT941, "
               "MT942 and MT950; BAI2; CSV and XLS of Chinese banks and wallets in UTF-8 or "
               "GB18030. A file of any size is read in bounded memory.\v"
               "Examples:\n"
               "  vslctl statement check statement.sta\n"
               "  vslctl statement check camt053.xml november/*.sta\n"
               "  unzip -p statements.zip | vslctl statement check -\n"
               "  vslctl statement check --json statement.sta\n"
               "  vslctl statement check --profile boc-debit export.csv\n"
               "  vslctl statement check --profile ./our-bank.ini export.csv\n"
               "  vslctl statement check --profiles\n"
               "\n"
               "Prints a line for each statement, or page of one, amounts in its currency:\n"
               "\n"
               "  statement.sta account=NL26VAYB8060476890 opening=18.15 entries=1 closing=27.00 "
               "adds-up=yes\n"
               "  letter.xml refused: line 2: is a pain.001 (credit transfers to be made), no "
               "statement\n"
               "\n"
               "'-' stands for a balance that the file does not give. A statement adds up when "
               "opening\n"
               "balance and booked entries make the closing balance, and counts and sums that the "
               "file\n"
               "gives are those of its entries, as far as they are given. What deviates besides is "
               "told\n"
               "on standard error, by line: an opening balance that is not the closing balance of "
               "the\n"
               "statement before, numbers that are missing, statements and entries that are there "
               "twice.\n"
               "\n"
               "A refused file is not to be booked, nor are statements of it that were printed "
               "before.\n"
               "\n"
               "Exit status: 0 all add up; 1 one does not; 2 one is refused, or the options are "
               "wrong.\n"};
    struct statement_arguments given = {.common = common};
    parse_arguments(&argp, "vslctl statement check", count, arguments, &given);
    if (given.profile && !find_profiles(&given))
        return EXIT_USAGE;
    if (given.lists_profiles)
        list_profiles(common->is_json);
    int status = given.files ? check_files(&given) : EXIT_ACCEPTED;
    free(given.profiles);
    return status;
}
