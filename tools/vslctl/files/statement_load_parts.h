/* statement_load_parts.h: what the parts of vslctl statement load share; nobody else includes it.
 *
 *   statement_load.c         the statements one after the other, and what is printed
 *   statement_load_options.c the options
 *   statement_load_look.c    the file, looked at as a whole before anything is sent
 *   statement_load_send.c    commands, answers
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_STATEMENT_LOAD_PARTS_H
#define VSL_TOOLS_VSLCTL_FILES_STATEMENT_LOAD_PARTS_H

#include "base/map.h"
#include "base/must_use.h"
#include "ceilings.h"
#include "client/batch.h"
#include "client/terminal.h"
#include "statement/profile.h"
#include "statement/statement.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/bank_statement.pb-c.h"

#define OPEN_MAX 32       /* statements of one file at the same time */
#define KEY_CHARACTERS 40 /* of an entry's key: 160 bits of a digest */
#define LINES_DIGEST_BYTES 32

/* A statement of the file, as the first reading found it. */
struct found {
    char account[4 * ACCOUNT_NUMBER_CHARACTERS_MAX + 1];
    char reference[STATEMENT_REFERENCE_BYTES_MAX + 1];
    char currency[4];
    int64_t number;
    int64_t opening_minor, closing_minor;
    int32_t from_date, to_date;               /* YYYYMMDD; 0: nothing says */
    int64_t line_count;                       /* booked entries that move money */
    uint8_t lines_digest[LINES_DIGEST_BYTES]; /* of their amounts and days, see load_add_digest */
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
    bool takes_all;         /* also statements that do not add up */
    bool omits_account;     /* the file writes it otherwise than the ledger */
    const char *gap_reason; /* why two persons are to take a gap; NULL: they are not asked */

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

/* The options, whose input is the loading. */
extern const struct argp load_argp;

/* Raises the exit status; it never falls. */
void load_raise_status(struct loading *load, int status);
/* Says that nothing of the file is loaded, and why. */
void load_refuse_file(struct loading *load, const char *reason);
/* Says why the statement is not loaded, or not closed; with the number, unless it is 0. */
void load_because(struct loading *load, const char *text, int64_t number);
/* Prints the line of a statement at its end. */
void load_say_end(struct loading *load, size_t index, enum loaded end);

/* ---- statement_load_look.c ---- */

/* Copies as many whole characters as are wanted and have room, and ends them with NUL. */
void load_copy_characters(const char *text, size_t characters, char *ret_text, size_t bytes);
/* An open statement's place among those of the file, from 0 on. */
size_t load_index_of(const struct loading *load, const struct statement *statement);
/* Gives the statement that begins the next place; it has it until it is closed. */
size_t load_note_open(struct loading *load, const struct statement *statement);
void load_note_close(struct loading *load, const struct statement *statement);
/* Whether the entry becomes a line. */
bool load_moves_money(const struct statement_entry *entry);
/* Adds a line to the digest of those before, which begins as zeros. */
void load_add_digest(uint8_t digest[LINES_DIGEST_BYTES], int64_t amount_minor, int32_t date);
/* A copy of the file, from its present place to its end, that nobody else can change and that is
 * gone when it is closed, in $TMPDIR or /var/tmp; with its digest. -1 when it cannot be made. */
MUST_USE int load_copy_file(struct loading *load, int fd, char ret_reason[STATEMENT_REASON_BYTES]);
/* Reads the file as a whole into load->founds; then it stands at its begin. -1 when it is refused,
 * which is said. */
MUST_USE int load_look_at_file(struct loading *load, int fd);

/* ---- statement_load_send.c ---- */

/* Sends the statement's opening: 1 when it takes lines, 0 when it does not, with the reason, -1
 * when the server could not be asked. */
MUST_USE int load_send_open(struct loading *load, const struct found *found, size_t index);
/* What tells the movement from others in whichever statement, hexadecimal; empty without the bank's
 * number of it. Counts those that are alike, so each entry is asked for once, in the file's order.
 */
void load_make_entry_key(
    struct loading *load, const struct statement_entry *entry, char ret_key[KEY_CHARACTERS + 1]);
/* Puts the entry to the batch as the line load->ordinal. */
void load_add_line(struct loading *load, const struct statement_entry *entry, const char *key);
/* Sends the lines of the batch, if it has any, and empties it; false when it is not known what
 * became of them. */
MUST_USE bool load_send_lines(struct loading *load);
/* Sends the statement's closing and says its end; false as above. */
MUST_USE bool load_send_close(struct loading *load);

#endif
