/* payout_status.c: vslctl payout status: what the bank says of a message of payouts, pain.002.
 *
 * The file is read twice: as a whole first, so that one that is cut books nothing. What a payout
 * was said to be already is not said again, so a run that is cut is made again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "client/batch.h"
#include "client/terminal.h"
#include "statement/payment_status.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/payout.pb-c.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_LEDGER = 0x6f00, OPTION_DRY_RUN };

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Say what would be said, and say nothing to the server", 1},
    {0},
};

struct telling {
    struct common_options *common;
    struct key_options key;
    int64_t ledger_id;
    bool is_dry_run;
    const char *file;

    struct context context;
    struct batch batch;
    int status; /* of the run; stops it unless EXIT_ACCEPTED */
    int64_t paid, failed, known, waiting, foreign, refused, whole;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct telling *given = state->input;
    const char *default_ledger = getenv("VSL_LEDGER");
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->key;
        state->child_inputs[1] = given->common;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    case ARGP_KEY_ARG:
        if (given->file)
            argp_error(state, "one file at a time");
        given->file = argument;
        return 0;
    case ARGP_KEY_END:
        if (given->ledger_id == 0 && default_ledger &&
            !parse_integer(default_ledger, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "$VSL_LEDGER must be a ledger's id");
        if (given->ledger_id == 0)
            argp_error(state, "--ledger is missing");
        if (!given->file)
            argp_error(state, "which file is to be read?");
        if (given->key.serial)
            argp_error(state, "the number of each request is made of its payout: leave out "
                              "--serial");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what a status says ---- */

enum word { WORD_NONE, WORD_PAID, WORD_FAILED, WORD_STRANGE };

/* ISO 20022, ExternalPaymentTransactionStatus1Code. Accepted but not settled is what was said when
 * the message was made: sent. */
static enum word word_of(const char *status)
{
    static const struct {
        const char *status;
        enum word word;
    } words[] = {{"ACSC", WORD_PAID}, {"ACCC", WORD_PAID}, {"RJCT", WORD_FAILED},
        {"ACTC", WORD_NONE}, {"ACCP", WORD_NONE}, {"ACSP", WORD_NONE}, {"ACFC", WORD_NONE},
        {"ACWP", WORD_NONE}, {"RCVD", WORD_NONE}, {"PDNG", WORD_NONE}, {"PART", WORD_NONE},
        {"", WORD_NONE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].status, status) == 0)
            return words[i].word;
    }
    return WORD_STRANGE;
}

static void tell(const struct payment_status *status, const char *why)
{
    char *escaped = terminal_escaped(status->instruction_id);
    fprintf(stderr, "vslctl: %s: %s\n", escaped, why);
    free(escaped);
}

/* ---- one payout ---- */

static const Vsl__V1__Payout *ask(struct telling *telling, int64_t payout_id)
{
    Vsl__V1__GetPayoutRequest request;
    vsl__v1__get_payout_request__init(&request);
    request.ledger_id = telling->ledger_id;
    request.payout_id = payout_id;
    rpc_reset(&telling->context.rpc);
    const Vsl__V1__GetPayoutResponse *answer = (const Vsl__V1__GetPayoutResponse *)rpc_call(
        &telling->context.rpc, &vsl__v1__funds_service__descriptor, "GetPayout", &request.base);
    if (answer && answer->payout)
        return answer->payout;
    if (telling->context.rpc.fault.status != GRPC_NOT_FOUND) {
        context_print_fault(&telling->context);
        telling->status = context_fault_status(&telling->context);
    }
    return NULL;
}

static void say(
    struct telling *telling, const struct payment_status *status, int64_t payout_id, enum word word)
{
    char serial[SERIAL_TEXT_BYTES];
    struct context *context = &telling->context;
    int64_t *count = word == WORD_PAID ? &telling->paid : &telling->failed;
    if (telling->is_dry_run) {
        (*count)++;
        return;
    }
    snprintf(
        serial, sizeof serial, "status-%" PRId64 "-%s", payout_id, word == WORD_PAID ? "p" : "f");
    batch_begin(&telling->batch);
    Vsl__V1__ConfirmPayoutRequest *request =
        batch_add_confirm_payout(&telling->batch, telling->key.channel,
            telling->key.business_date != 0 ? telling->key.business_date
                                            : context->ledger.accounting_date,
            serial);
    request->ledger_id = telling->ledger_id;
    request->payout_id = payout_id;
    request->result = word == WORD_PAID ? VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_PAID
                                        : VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_FAILED;
    request->bank_reference = batch_text(&telling->batch, status->message_id);
    if (word == WORD_FAILED)
        request->reason = batch_text(&telling->batch, status->reason);
    rpc_reset(&context->rpc);
    const Vsl__V1__SubmitBatchResponse *answer = (const Vsl__V1__SubmitBatchResponse *)context_call(
        context, &vsl__v1__funds_service__descriptor, "SubmitBatch", &telling->batch.message.base);
    if (!answer || answer->n_results != 1 || !answer->results[0]->result) {
        fprintf(stderr, "Run it again: what was said is not said twice.\n");
        telling->status = answer ? EXIT_UNKNOWN : context_fault_status(context);
        return;
    }
    if ((int)answer->results[0]->result->outcome < OUTCOME_FIRST_REFUSAL) {
        (*count)++;
        return;
    }
    telling->refused++;
    tell(status, answer->results[0]->result->text);
}

/* Whether the payout is one of this message, as it was ordered. */
static bool is_ours(const struct payment_status *status, const Vsl__V1__Payout *payout)
{
    const char *named =
        payout->end_to_end_id[0] != '\0' ? payout->end_to_end_id : status->instruction_id;
    return strcmp(payout->bank_reference, status->message_id) == 0 &&
           (status->end_to_end_id[0] == '\0' || strcmp(status->end_to_end_id, named) == 0);
}

static void take_payment(struct telling *telling, const struct payment_status *status)
{
    int64_t payout_id;
    enum word word = word_of(status->status);
    if (status->instruction_id[0] != 'P' ||
        !parse_integer(status->instruction_id + 1, 1, INT64_MAX, &payout_id)) {
        telling->foreign++;
        tell(status, "no payment that was ordered by vslctl payout order");
        return;
    }
    const Vsl__V1__Payout *payout = ask(telling, payout_id);
    if (telling->status != EXIT_ACCEPTED)
        return;
    if (!payout || !is_ours(status, payout)) {
        telling->foreign++;
        tell(status,
            "no payout of this ledger that this message ordered, or somebody else has told what "
            "became of it");
        return;
    }
    bool is_open = payout->status == VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_SENT ||
                   payout->status == VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_UNKNOWN;
    bool is_failed = payout->status == VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_FAILED;
    if (word == WORD_STRANGE) {
        telling->refused++;
        tell(status, "a status that is left to a person");
    } else if (word == WORD_NONE) {
        telling->waiting++;
    } else if (is_open) {
        say(telling, status, payout_id, word);
    } else if (is_failed == (word == WORD_FAILED)) {
        telling->known++;
    } else {
        telling->refused++;
        tell(status, "the bank says otherwise than before: two persons correct it (payout confirm "
                     "--correction --propose)");
    }
}

static bool take(void *context, const struct payment_status *status)
{
    struct telling *telling = context;
    if (status->is_of_payment) {
        take_payment(telling, status);
    } else if (word_of(status->status) != WORD_NONE && !status->has_payments) {
        /* Which payments it means is not told with each of them: a person looks. */
        fprintf(stderr, "vslctl: the message as a whole, or a part of it, is %s%s%s\n",
            status->status, status->reason[0] ? ", " : "", status->reason);
        telling->whole++;
    }
    return telling->status == EXIT_ACCEPTED;
}

/* ---- the whole ---- */

static int run(struct telling *telling)
{
    char error[512];
    if (payment_status_read(telling->file, NULL, NULL, error, sizeof error) != 0) {
        fprintf(stderr, "vslctl: %s\n", error);
        return EXIT_USAGE;
    }
    if (context_open(&telling->context) != 0)
        return EXIT_USAGE;
    if (context_ask_ledger(&telling->context, telling->ledger_id) != 0)
        return context_fault_status(&telling->context);
    if (payment_status_read(telling->file, take, telling, error, sizeof error) != 0) {
        fprintf(stderr, "vslctl: %s\n", error);
        return EXIT_USAGE;
    }
    printf("paid %" PRId64 ", failed %" PRId64 ", known %" PRId64 ", waiting %" PRId64
           ", not ours %" PRId64 ", refused %" PRId64 "%s\n",
        telling->paid, telling->failed, telling->known, telling->waiting, telling->foreign,
        telling->refused, telling->is_dry_run ? "; a dry run: nothing is said" : "");
    if (telling->status != EXIT_ACCEPTED)
        return telling->status;
    return telling->foreign + telling->refused + telling->whole > 0 ? EXIT_REFUSED : EXIT_ACCEPTED;
}

int run_payout_status(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&key_argp, 0, "Request keys:", 80}, {&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .args_doc = "FILE",
        .children = children,
        .doc =
            "Say of payouts what the bank says of the message that ordered them (ISO 20022 "
            "pain.002): settled (ACSC, ACCC) is paid, rejected (RJCT) is failed; what is accepted "
            "and not settled waits. Each must be a payout of this ledger which that message "
            "ordered (vslctl payout order).\v"
            "Paid may still come back: the bank's statement tells. What was said before is not "
            "said again, so a run that is cut, and the same file, may be given again. Whatever is "
            "not ours, strange, or otherwise than before is told and left to a person; so is a "
            "status of the message as a whole. The caller has the role adapter.\n"
            "\n"
            "Examples:\n"
            "  vslctl payout status --ledger 1 status.xml --dry-run\n"
            "  vslctl payout status --ledger 1 status.xml\n"
            "\n"
            "Exit status: 0 all is said; 1 something is left to a person; 2 the file is no "
            "pain.002, and nothing is said.\n"};
    static struct telling telling;
    telling = (struct telling){.common = common, .key = KEY_OPTIONS_DEFAULT};
    parse_arguments(&argp, "vslctl payout status", count, arguments, &telling);
    telling.context.options = common;
    batch_init(&telling.batch);
    int status = run(&telling);
    batch_finish(&telling.batch);
    context_finish(&telling.context);
    return status;
}
