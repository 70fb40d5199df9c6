/* recon.h: what vslctl's commands of reconciliation share: what of statements and books is left, in
 * tables of the session, by the SQL files of sql/recon.
 *
 * Lines and bookings are read on one snapshot, in pages, so that memory stays small whatever their
 * number. What the search compares stands in the bodies of commands: it is taken out here, by the
 * code that wrote them, and put into the table `item` (tables.sql).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_DATABASE_RECON_H
#define VSL_TOOLS_VSLCTL_DATABASE_RECON_H

#include "base/must_use.h"
#include "client/batch.h"
#include "client/terminal.h"
#include "command/body.h"
#include "vslctl/database/database.h"
#include "vslctl/vslctl.h"

#define RECON_NUMBER_BYTES 24 /* of a number as text */

struct recon {
    struct common_options *common;
    struct database_options database;
    int64_t ledger_id; /* 0: not given */

    struct context context;
    struct sql_files files;
    struct buffer text; /* of the file that was read last */
    PGconn *connection;
    PGconn *snapshot; /* while the tables are filled: what is read, which the tables are not in */
    struct progress progress;
    int64_t item_count;
};

/* --ledger, and the database's and the server's options, as an argp child; its input is a struct
 * recon. */
extern const struct argp recon_argp;

/* Each gives an exit status, with a message unless it is EXIT_ACCEPTED, and whatever it is,
 * recon_close ends it. The first: the server, and what it says of the ledger. */
MUST_USE int recon_ask_server(struct recon *recon);
/* The second: the database, which must have the server's journal to its present end, in a
 * transaction that reads one snapshot. */
MUST_USE int recon_begin(struct recon *recon);
/* Both, and fills the tables of another session by it, after which it has ended; with lines of
 * which nothing is left, too, if that is wanted. */
MUST_USE int recon_open(struct recon *recon, bool has_matched_lines);
void recon_close(struct recon *recon);

/* What a search did, for who makes several. */
struct recon_done {
    int64_t done, refused;
};

/* vslctl recon match, confirm and book, each with ledger, database and server as they were given.
 * With ret_done nothing is printed but faults. An exit status, with a message unless it is
 * EXIT_ACCEPTED. */
MUST_USE int recon_match(
    const struct recon *given, const struct key_options *key, struct recon_done *ret_done);
MUST_USE int recon_confirm(
    const struct recon *given, const struct key_options *key, struct recon_done *ret_done);
/* Of lines so many days old. */
MUST_USE int recon_book(const struct recon *given, const struct key_options *key, int64_t days,
    struct recon_done *ret_done);

/* The text of a file of sql/recon, valid until the next one is read; NULL with a message. */
const char *recon_text(struct recon *recon, const char *name);
/* Runs a file of sql/recon, which yields rows, with parameters as texts; NULL with a message. */
PGresult *recon_ask(
    struct recon *recon, const char *name, int count, const char *const *values, const char *what);

/* The same for as many rows as there may be: each is handed on when it comes, alone as the result's
 * row 0, as text (format 0) or binary (1). An exit status, with a message unless it is
 * EXIT_ACCEPTED. */
MUST_USE int recon_ask_each(struct recon *recon, const char *name, int count,
    const char *const *values, int format, const char *what,
    void (*on_row)(void *context, const PGresult *row), void *context);

/* "line", "payout", "return" or "receipt". */
const char *recon_kind_name(int64_t kind);
/* What stands in a row that was asked for as text. */
int64_t recon_number(const PGresult *rows, int row, int column);
bool recon_flag(const PGresult *rows, int row, int column);
/* In a row that was asked for in binary. */
int64_t recon_binary_number(const PGresult *rows, int row, int column);
struct text recon_binary_text(const PGresult *rows, int row, int column);
/* What the body of a command says that is in the journal; its texts are in the row. False when it
 * is none. */
MUST_USE bool recon_read_body(
    int64_t kind, struct text body, struct command_elements *elements, struct command *ret_command);

/* Sends a batch, and hands on each answer with its place. An exit status, with a message unless all
 * were answered. */
MUST_USE int recon_submit(struct recon *recon, struct batch *batch,
    void (*on_result)(void *context, size_t place, const struct Vsl__V1__CommandResult *result),
    void *context);
/* Tells the first few of the refusals, of which there were so many before: "line 5: ...". */
void recon_tell_refusal(struct recon *recon, int64_t before, const char *what, int64_t id,
    const struct Vsl__V1__CommandResult *result);
/* Whether no serial was given: each is made of what its request is of, so that nothing is booked
 * twice. False with a message. */
bool recon_makes_keys(const struct key_options *key, const char *of);
/* Writes a number in base 36, so that several fit into a serial; gives the place behind it. */
char *recon_put_number(char *place, int64_t number);

#endif
