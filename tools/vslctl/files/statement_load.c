/* statement_load.c: vslctl statement load: the statements of the bank's files become records.
 *
 * A file is read twice, in a copy that nobody changes meanwhile: what is sent is what was looked
 * at, and what the digest is of. First as a whole, so that nothing of a file that is refused, or
 * does not add up, is sent; what a statement ends with is known then. Then its lines are sent, as
 * they are read: so a file of any size is loaded in bounded memory.
 *
 * A run that was cut goes on: the service knows a statement by the digest of its file and its place
 * there, and says up to which line it has it. Nothing hangs on the keys of the commands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/statement_load_parts.h"

#include "base/check.h"
#include "base/clock.h"
#include "statement/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Below the server's ceiling for a message, 4 MiB. */
#define REQUEST_BYTES_MAX ((size_t)3500000)

/* ---- what is printed ---- */

void load_raise_status(struct loading *load, int status)
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

void load_refuse_file(struct loading *load, const char *reason)
{
    progress_clear(&load->progress);
    if (load->common->is_json)
        print_json(json_pack("{s:s, s:s}", "file", load->file, "refused", reason));
    else
        printf("%s refused: %s\n", load->file, reason);
    load_raise_status(load, EXIT_USAGE);
}

void load_say_end(struct loading *load, size_t index, enum loaded end)
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
        load_raise_status(load, EXIT_REFUSED);
}

void load_because(struct loading *load, const char *text, int64_t number)
{
    if (number != 0)
        snprintf(load->reason, sizeof load->reason, "%s (%" PRId64 ")", text, number);
    else
        snprintf(load->reason, sizeof load->reason, "%s", text);
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
        load_because(
            load, "it has no opening or no closing balance, so nothing shows that all is there", 0);
    else if (!found->adds_up && !load->takes_all)
        load_because(load, "it does not add up; --anyway loads it for two persons to decide", 0);
    else if (found->line_count > BANK_STATEMENT_LINES_MAX)
        load_because(load, "it has more than 10,000,000 lines", 0);
    else if (strcmp(found->currency, load->context.ledger.currency) != 0)
        load_because(load, "it is in another currency than the ledger", 0);
    return load->reason[0] != '\0';
}

static bool load_open(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    size_t index = load_note_open(load, statement);
    const struct found *found = load->founds + index;
    CHECK(index < load->found_count);
    if (load->is_loading) {
        /* Only a table has two at a time: of another account, or in another currency. */
        fprintf(stderr,
            "vslctl: %s: statement %zu stands among the lines of another one and is not loaded: "
            "split the file by account and currency\n",
            load->file, index + 1);
        load_raise_status(load, EXIT_REFUSED);
        return true;
    }
    load->statement_id = load->added = load->refused = 0;
    load->ordinal = load->last_ordinal = 0;
    load->is_known = false;
    load->reason[0] = '\0';
    load->started_us = clock_monotonic_us();
    if (is_refused(load, found)) {
        load_say_end(load, index, LOADED_NOT);
        return true;
    }
    int result = load_send_open(load, found, index);
    if (result < 0)
        return stop(ret_reason);
    if (result == 0) {
        load_say_end(load, index, load->is_known ? LOADED_KNOWN : LOADED_NOT);
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
    if (!load->is_loading || load_index_of(load, statement) != load->current ||
        !load_moves_money(entry))
        return true;
    load->ordinal++;
    load_make_entry_key(load, entry, key); /* also of what is there: it counts those alike */
    if (load->ordinal <= load->last_ordinal)
        return true;
    load_add_line(load, entry, key);
    bool is_full = batch_count(&load->batch) == load->batch_lines_max ||
                   load->batch_bytes >= REQUEST_BYTES_MAX;
    return !is_full || load_send_lines(load) || stop(ret_reason);
}

static bool load_close(
    void *context, const struct statement *statement, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct loading *load = context;
    bool is_its = load->is_loading && load_index_of(load, statement) == load->current;
    load_note_close(load, statement);
    if (!is_its)
        return true;
    bool is_sent = load_send_lines(load) && load_send_close(load);
    map_finish(&load->seen);
    load->is_loading = false;
    return is_sent || stop(ret_reason);
}

/* The file as it is now, in a copy; -1 when there is none, which is said. */
static int open_copy(struct loading *load, const char *file)
{
    bool is_input = strcmp(file, "-") == 0;
    int fd = is_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    char reason[STATEMENT_REASON_BYTES];
    if (fd < 0) {
        load_refuse_file(load, strerror(errno));
        return -1;
    }
    int copy = load_copy_file(load, fd, reason);
    if (copy < 0)
        load_refuse_file(load, reason);
    if (!is_input)
        close(fd);
    return copy;
}

/* -1 when the server could not be asked: the other files wait, too. */
static int load_file(struct loading *load, const char *file)
{
    struct statement_options reading = {.profiles = load->profiles};
    const struct statement_sink sink = {
        .context = load, .open = load_open, .entry = load_entry, .close = load_close};
    int result = 0;
    load->file = file;
    load->is_loading = false;
    int fd = open_copy(load, file);
    if (fd >= 0 && load_look_at_file(load, fd) == 0) {
        load->next_index = 0;
        memset(load->open, 0, sizeof load->open);
        result = statement_read(fd, &reading, &sink, &load->outcome);
        if (load->is_loading)
            map_finish(&load->seen);
        if (result != 0 && load->outcome.reason[0] != '\0' && load->status == EXIT_ACCEPTED)
            load_refuse_file(load, load->outcome.reason);
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

int run_statement_load(struct common_options *common, int count, char **arguments)
{
    static struct loading given;
    given = (struct loading){
        .common = common, .key = KEY_OPTIONS_DEFAULT, .batch_lines_max = BATCH_COMMANDS_MAX};
    char error[512];
    parse_arguments(&load_argp, "vslctl statement load", count, arguments, &given);
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
