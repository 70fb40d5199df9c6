/* lines_parts.h: what the parts of vslctl's commands with a file of lines share.
 *
 *   lines.c         sending, answers
 *   lines_options.c the options that both have
 *   lines_file.c    the file, looked at as a whole before anything is sent
 *   lines_known.c   what is recorded of the lines already, so that it need not be sent again
 *   lines_report.c  what is said before and after
 *   lines_result.c  the file of the results
 *   lump.c, lump_known.c, settlement.c  what each of both is
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_LINES_PARTS_H
#define VSL_TOOLS_VSLCTL_FILES_LINES_PARTS_H

#include "base/must_use.h"
#include "client/batch.h"
#include "client/durable_file.h"
#include "client/terminal.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/journal.pb-c.h"

#define LINES_COLUMNS_MAX 10

struct lines_row {
    uint32_t line;        /* of the file, from 1 on */
    int64_t named_id;     /* that the row names: an account, a promise; 0: it does otherwise */
    int64_t amount_minor; /* what it has of the whole */
    int64_t gross_minor;  /* of a settlement */
    bool is_partial;      /* likewise */
    const char *fields[LINES_COLUMNS_MAX]; /* as they stand there */

    /* What became of it. */
    bool is_answered; /* the rest is known */
    bool is_replayed; /* by an earlier run, or by another way */
    int outcome;      /* Vsl__V1__Outcome */
    int64_t sequence;
    int64_t subject_id; /* what the line made */
};

/* The statuses of every kind. */
enum { LINES_OPEN = 1, LINES_CLOSED = 2, LINES_GIVEN_UP = 3 };

struct lines_run;

/* A command with a file of lines: a whole is opened, gets its lines, and is closed. Lines of a deny
 * list have no whole: each is by itself, and what is about the whole is NULL. */
struct lines_kind {
    const char *noun; /* "lump": of its id, its subcommands, and what is said */
    const char *const *columns;
    int column_count;
    int shown_column;         /* that the results show */
    const char *subject_noun; /* what a line may make: "difference"; NULL: nothing is told of it */
    int same_outcome; /* that a line has when it was booked before, with by what; see mark_same */
    char serial_letter;
    int64_t lines_max;
    int command;                             /* enum command_kind of a line */
    const ProtobufCEnumDescriptor *statuses; /* 1 open, 2 closed, 3 given up */

    /* Takes a row apart: false with the field and the rule that is broken. */
    bool (*read_row)(
        struct lines_row *row, int decimals, const char **ret_field, const char **ret_rule);
    /* Looks at all rows together, and says what is wrong by lines_refuse; NULL: nothing can be. */
    void (*look_over)(struct lines_run *run);
    void (*add_open)(const struct lines_run *run, struct batch *batch, const char *serial);
    /* The request, which is the batch's. */
    const ProtobufCMessage *(*add_line)(const struct lines_run *run, const struct lines_row *row,
        struct batch *batch, int32_t business_date, const char *serial);
    void (*add_close)(const struct lines_run *run, struct batch *batch, const char *serial);
    /* Reads the whole that is gone on with: -1 with a message when it cannot be, and the exit
     * status; NULL: none can be given. */
    int (*take_up)(struct context *context, struct lines_run *run, int *ret_status);
    /* Asks how far the whole is now, which others may have changed: its status, 0 when it is not
     * known. A fault is printed. */
    int (*ask_status)(struct context *context, const struct lines_run *run);
    /* Marks the rows that it has as answered; what cannot be read is left to the sending. -1: it
     * must not be sent again. */
    int (*mark_known)(struct context *context, struct lines_run *run);
    /* Of a line that was booked under another key, by the command or record that is its `sequence`:
     * marks it as answered. NULL: there are no such ones. */
    void (*mark_same)(struct context *context, const struct lines_run *run, struct lines_row *row);
    /* What is to be done about one that is open or given up; without a whole: about what was
     * refused, and what was made. */
    void (*advise)(const struct lines_run *run);
};

struct lines_run {
    const struct lines_kind *kind;
    struct common_options *options;
    const char *file_name;
    const char *result_name; /* NULL: beside the file */
    int64_t ledger_id;
    int64_t suspense_id;
    int64_t acquirer_id; /* of a settlement */
    int64_t given_id;    /* 0: one is opened; else that one is gone on with, under new keys */
    bool is_all_or_none;
    bool is_dry_run;
    struct key_options key; /* not given: the day that key_date_find says, a serial of the file */
    char made_serial[SERIAL_TEXT_BYTES];

    struct lines_row *lines;
    size_t count;
    size_t errors; /* in the file */
    int64_t total_minor;
    struct arena texts;        /* of the lines */
    struct lines_row **sorted; /* by what tells them apart: source orders, contents */
    size_t batch_lines_max;    /* so many at a time: fewer when the server takes long */

    int64_t whole_id;
    int64_t begun_sequence; /* the first command of an earlier run; 0: none is known */
    bool is_gone_on;        /* it was there before this run: it may have lines */
    size_t accepted, replayed, refused;
    size_t made; /* accepted lines with a subject */
    size_t used; /* source orders that were used, of which is to be asked what has used them */
    bool needs_approval; /* something that was refused */
    bool is_closed;
    int status;    /* as kind->ask_status found it; 0: it is not known */
    size_t marked; /* as answered, from what is recorded */
    struct progress progress;
};

/* The options of every kind, whose input is the run; and with what a whole has. */
extern const struct argp lines_argp;
extern const struct argp lines_whole_argp;

/* Whether the lines are those of a whole. */
static inline bool lines_have_whole(const struct lines_run *run)
{
    return run->kind->add_open != NULL;
}

/* Does all of it; the exit status. Frees what the run has. */
MUST_USE int lines_send_file(struct lines_run *run);

/* The serial of a line's key. */
void lines_make_serial(
    const struct lines_run *run, const struct lines_row *row, char ret_serial[SERIAL_TEXT_BYTES]);

/* ---- lines_file.c ---- */

/* Reads the file and holds each line to the server's own rules; then the lines to each other. Every
 * line that is wrong is named, up to a ceiling. -1 when one is. */
MUST_USE int lines_read(struct context *context, struct lines_run *run, struct batch *scratch);
/* Names a line that is wrong; without a field when `field` is "". */
void lines_refuse(struct lines_run *run, uint32_t line, const char *field, const char *rule);

/* ---- lines_known.c ---- */

/* What the event stream shows of the whole. */
struct lines_stream {
    int64_t from_sequence;
    int64_t last_sequence; /* behind it nothing changed the whole */
    Vsl__V1__CommandKind kinds[2];
    size_t kind_count;
    bool is_accepted_only;
    void (*take)(void *context, const Vsl__V1__JournalEntry *entry);
    void *context;
};

/* Reads it to its end. When it cannot be, no row counts as answered: -1. */
int lines_read_stream(struct context *context, struct lines_run *run, struct lines_stream *stream);
/* The row whose key the entry has; NULL: none. */
struct lines_row *lines_find_key(const struct lines_run *run, const Vsl__V1__JournalEntry *entry);
/* Marks the row as answered by the entry. */
void lines_mark(struct lines_run *run, struct lines_row *row, const Vsl__V1__JournalEntry *entry);

/* ---- lines_result.c ---- */

/* Neither the results nor what they are first written to takes the place of the lines: else -1. */
MUST_USE int lines_result_check_name(const struct lines_run *run);
/* There is the old one or the new one, never half of one. A run that is cut leaves the old one: the
 * next has the results of all lines again. -1 with a message. */
MUST_USE int lines_result_open(const struct lines_run *run, struct durable_file *ret_file);
MUST_USE int lines_result_commit(const struct lines_run *run, struct durable_file *file);

/* ---- lines_report.c ---- */

#define LINES_REFUSALS_SHOWN_MAX 20

/* Counts an answer. */
void lines_count(struct lines_run *run, const struct lines_row *line);
/* The same of one that is known from its record, where the text of a refusal is not: tells it. */
void lines_count_known(struct lines_run *run, const struct lines_row *line);

/* Says the keys before the first byte is sent, or nothing is: -1. */
MUST_USE int lines_say_before(const struct context *context, const struct lines_run *run);
/* Says what became of the lines, and what is to be done. */
void lines_say_after(const struct lines_run *run, const char *result_name);
/* Says that the answer is an old one, and how to get a new one. */
void lines_say_anew(const struct lines_run *run);

#endif
