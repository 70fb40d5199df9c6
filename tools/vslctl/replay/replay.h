/* replay.h: what the parts of vslctl replay share.
 *
 *   replay.c          options, the order of a run, the last figures
 *   replay_book.c     the file's accounts and transactions as commands
 *   replay_call.c     calls until there is an answer; tells what is wrong
 *   replay_compare.c  the service's statements against the file's balances
 *   transactions.c    the file
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_REPLAY_REPLAY_H
#define VSL_TOOLS_VSLCTL_REPLAY_REPLAY_H

#include "bankstub/stand_in.h"
#include "client/batch.h"
#include "client/terminal.h"
#include "vslctl/replay/transactions.h"
#include "vslctl/vslctl.h"

#define REPLAY_RUN_ID_CHARACTERS 8
#define TROUBLES_SHOWN_MAX 10

struct replay_account {
    int64_t file_id;
    int64_t member_id;
    int64_t account_id;
    int64_t running_minor; /* by the file's amounts, as far as replayed */
    bool is_stopped;       /* at its first overdraft */
    bool has_difference;
    size_t first; /* of its steps, in `by_account` */
    size_t count;
};

/* What became of a transaction. */
struct step {
    const struct transaction *transaction;
    uint32_t account;
    bool is_sent;
    bool is_overdraft; /* must be refused */
    int64_t sequence;  /* of its command */
};

struct replay {
    struct common_options *options;
    struct context context;
    struct progress progress;
    const char *file;
    const char *currency;
    uint32_t batch_max;
    double wait_seconds;
    bool has_bankstub;
    bool is_quiet;

    struct transaction *transactions;
    size_t transaction_count;
    struct replay_account *accounts;
    size_t account_count;
    struct step *steps;
    size_t *by_account; /* indexes of steps, account after account, in order */
    struct batch batch;
    size_t in_batch[BATCH_COMMANDS_MAX]; /* step of each item; SIZE_MAX: a day cut */
    char run_id[REPLAY_RUN_ID_CHARACTERS + 1];
    int64_t ledger_id;
    int64_t first_sequence;
    int32_t date; /* the ledger's present date */
    struct stand_in *stand_in;

    uint64_t differences;
    uint64_t troubles;
    bool is_balanced;
};

/* ---- replay.c ---- */

/* Something is not as it must be; the first few are shown. */
void replay_trouble(struct replay *replay, const struct step *step, const char *what);

/* Calls until there is an answer; the same keys make a repeat harmless. NULL with a message. */
ProtobufCMessage *replay_call(struct replay *replay, const ProtobufCServiceDescriptor *service,
    const char *method, const ProtobufCMessage *request);

/* ---- replay_book.c; each returns 0, or -1 with a message ---- */

/* Finds the accounts of the file and the steps of each. */
void replay_collect_accounts(struct replay *replay);
int replay_open_ledger(struct replay *replay);
/* Opens a member (or, in the second round, an account) for every account of the file. */
int replay_open_accounts(struct replay *replay, bool is_members);
/* Books every transaction, day by day. */
int replay_days(struct replay *replay);

/* ---- replay_compare.c; each returns 0, or -1 with a message ---- */

/* Waits until no payout is under way; that some still are after the time allowed is a trouble. */
int replay_wait_for_payouts(struct replay *replay);
/* Compares every line of every account's statement with the file. */
int replay_compare_statements(struct replay *replay);
int replay_read_tie_out(struct replay *replay);

#endif
