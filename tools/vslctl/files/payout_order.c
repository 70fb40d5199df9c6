/* payout_order.c: vslctl payout order: tells the bank of payouts by a file, ISO 20022 pain.001.
 *
 * Each payout is said to be sent, with the message's id as the reference, before the file has its
 * name: so none is in two messages, and none that was intercepted is in one. A run that is cut is
 * made again with the same id: what it has said before is known by the reference.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/payout_order.h"

#include "base/check.h"
#include "client/batch.h"
#include "client/durable_file.h"
#include "text/format.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/payout.pb-c.h"
#include "vsl/v1/reveal.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REVEALED_MAX 100
#define BATCH_SIZE 500
#define REASON "order of payouts by file"

enum {
    OPTION_LEDGER = 0x6e00,
    OPTION_MESSAGE,
    OPTION_ORDER,
    OPTION_PAYOUT,
    OPTION_NAME,
    OPTION_ACCOUNT,
    OPTION_BANK,
    OPTION_EXECUTION,
    OPTION_OUTPUT,
};

static const struct argp_option options[] = {
    {"ledger", OPTION_LEDGER, "ID", 0, "The ledger (default: $VSL_LEDGER)", 1},
    {"message", OPTION_MESSAGE, "ID", 0,
        "The message's id, at most 35 letters, which no other message to the bank has", 1},
    {"order", OPTION_ORDER, "NUMBER", 0, "Only payouts of this order number", 1},
    {"payout", OPTION_PAYOUT, "ID", 0, "Only this payout", 1},
    {"debtor-name", OPTION_NAME, "NAME", 0, "Who owns the escrow account", 1},
    {"debtor-account", OPTION_ACCOUNT, "NUMBER", 0, "Number of the escrow account", 1},
    {"debtor-bank", OPTION_BANK, "CODE", 0, "Code of its bank", 1},
    {"execution", OPTION_EXECUTION, "DAY", 0,
        "When the bank is to pay (default: the ledger's accounting date)", 1},
    {"output", OPTION_OUTPUT, "FILE", 0, "The file, which must not be there yet", 1},
    {0},
};

struct ordering {
    struct common_options *common;
    struct key_options key;
    int64_t ledger_id;
    int64_t payout_id;
    const char *order_number;
    int32_t execution_date;
    const char *output;
    struct order_message message;

    struct context context;
    struct batch batch;
    struct order_payout *payouts;
    size_t count;
    size_t left_out; /* that no message can have as they are */
    size_t refused;
};

/* ---- options ---- */

static void take_text(struct argp_state *state, const char *option, const char *argument,
    size_t characters_max, char *ret_text, size_t text_bytes)
{
    if (!order_text_is_right(argument, characters_max) || strlen(argument) >= text_bytes)
        argp_error(state, "%s takes 1 to %zu characters", option, characters_max);
    snprintf(ret_text, text_bytes, "%s", argument);
}

static void check(struct ordering *given, struct argp_state *state)
{
    const char *default_ledger = getenv("VSL_LEDGER");
    if (given->ledger_id == 0 && default_ledger &&
        !parse_integer(default_ledger, 1, INT64_MAX, &given->ledger_id))
        argp_error(state, "$VSL_LEDGER must be a ledger's id");
    if (given->ledger_id == 0)
        argp_error(state, "--ledger is missing");
    if (given->message.message_id[0] == '\0')
        argp_error(state, "--message is missing");
    if (given->message.debtor_name[0] == '\0' || given->message.debtor_account[0] == '\0')
        argp_error(state, "--debtor-name and --debtor-account say whose money it is");
    if (!given->output)
        argp_error(state, "--output is missing");
    if (given->key.serial)
        argp_error(state, "the number of each request is made of its payout: leave out --serial");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct ordering *given = state->input;
    struct order_message *message = &given->message;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->key;
        state->child_inputs[1] = given->common;
        return 0;
    case OPTION_LEDGER:
        if (!parse_integer(argument, 1, INT64_MAX, &given->ledger_id))
            argp_error(state, "--ledger takes a whole number, 1 or more");
        return 0;
    case OPTION_MESSAGE:
        take_text(state, "--message", argument, 35, message->message_id, ORDER_ID_BYTES);
        return 0;
    case OPTION_ORDER:
        given->order_number = argument;
        return 0;
    case OPTION_PAYOUT:
        if (!parse_integer(argument, 1, INT64_MAX, &given->payout_id))
            argp_error(state, "--payout takes an id");
        return 0;
    case OPTION_NAME:
        take_text(state, "--debtor-name", argument, ORDER_NAME_CHARACTERS, message->debtor_name,
            sizeof message->debtor_name);
        return 0;
    case OPTION_ACCOUNT:
        take_text(state, "--debtor-account", argument, 34, message->debtor_account,
            sizeof message->debtor_account);
        return 0;
    case OPTION_BANK:
        take_text(state, "--debtor-bank", argument, 35, message->debtor_bank,
            sizeof message->debtor_bank);
        return 0;
    case OPTION_EXECUTION:
        if (!parse_date(argument, &given->execution_date))
            argp_error(state, "--execution takes a day, such as 2026-11-22");
        return 0;
    case OPTION_OUTPUT:
        given->output = argument;
        return 0;
    case ARGP_KEY_END:
        check(given, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- which payouts ---- */

static int32_t key_date(const struct ordering *order)
{
    return order->key.business_date != 0 ? order->key.business_date
                                         : order->context.ledger.accounting_date;
}

static int list(struct ordering *order, Vsl__V1__PayoutStatus status)
{
    char token[512] = "";
    do {
        Vsl__V1__ListPayoutsRequest request;
        vsl__v1__list_payouts_request__init(&request);
        request.ledger_id = order->ledger_id;
        request.status = status;
        request.page_size = 1000;
        request.page_token = token;
        rpc_reset(&order->context.rpc);
        const Vsl__V1__ListPayoutsResponse *page =
            (const Vsl__V1__ListPayoutsResponse *)context_call(
                &order->context, &vsl__v1__funds_service__descriptor, "ListPayouts", &request.base);
        if (!page)
            return context_fault_status(&order->context);
        CHECK(strlen(page->next_page_token) < sizeof token);
        for (size_t i = 0; i < page->n_payouts && order->count < ORDER_PAYOUTS_MAX; i++) {
            const Vsl__V1__Payout *payout = page->payouts[i];
            if ((order->payout_id != 0 && payout->payout_id != order->payout_id) ||
                (order->order_number && strcmp(payout->order_number, order->order_number) != 0))
                continue;
            order->payouts[order->count++] = (struct order_payout){.payout_id = payout->payout_id,
                .amount_minor = payout->amount_minor,
                .is_sent = status == VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_SENT};
        }
        snprintf(token, sizeof token, "%s", page->next_page_token);
    } while (token[0] != '\0' && order->count < ORDER_PAYOUTS_MAX);
    return EXIT_ACCEPTED;
}

static bool copy(char *ret_text, size_t text_bytes, const char *text)
{
    bool fits = strlen(text) < text_bytes;
    snprintf(ret_text, text_bytes, "%s", fits ? text : "");
    return fits;
}

/* What the payout says of itself; one that another message or the adapter sent is out. */
static int look(struct ordering *order, struct order_payout *payout)
{
    Vsl__V1__GetPayoutRequest request;
    vsl__v1__get_payout_request__init(&request);
    request.ledger_id = order->ledger_id;
    request.payout_id = payout->payout_id;
    rpc_reset(&order->context.rpc);
    const Vsl__V1__GetPayoutResponse *answer = (const Vsl__V1__GetPayoutResponse *)context_call(
        &order->context, &vsl__v1__funds_service__descriptor, "GetPayout", &request.base);
    if (!answer || !answer->payout)
        return context_fault_status(&order->context);
    const Vsl__V1__Payout *said = answer->payout;
    payout->destination_sequence = said->destination_sequence;
    bool fits = copy(payout->end_to_end_id, sizeof payout->end_to_end_id, said->end_to_end_id);
    if (said->destination)
        fits &= copy(payout->bank_code, sizeof payout->bank_code, said->destination->bank_code);
    payout->is_out =
        !fits || (payout->is_sent && strcmp(said->bank_reference, order->message.message_id) != 0);
    return EXIT_ACCEPTED;
}

static int collect(struct ordering *order)
{
    int status = list(order, VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_SENT);
    for (size_t i = 0; i < order->count && status == EXIT_ACCEPTED; i++)
        status = look(order, &order->payouts[i]);
    size_t kept = 0;
    for (size_t i = 0; i < order->count; i++) {
        if (!order->payouts[i].is_out)
            order->payouts[kept++] = order->payouts[i];
    }
    order->count = kept;
    if (status == EXIT_ACCEPTED)
        status = list(order, VSL__V1__PAYOUT_STATUS__PAYOUT_STATUS_REQUESTED);
    for (size_t i = kept; i < order->count && status == EXIT_ACCEPTED; i++)
        status = look(order, &order->payouts[i]);
    return status;
}

/* ---- whom they pay ---- */

/* Whether the field is the payee's, by the command that has it: Withdraw, the receipt that is sent
 * back, a claim that is deducted, the card that was bound. Others of them are of other people. */
static bool is_one_of(const char *field, const char *const *fields)
{
    while (*fields && strcmp(*fields, field) != 0)
        fields++;
    return *fields != NULL;
}

static void take_value(struct ordering *order, const Vsl__V1__RevealedValue *value)
{
    static const char *const names[] = {
        "destination.name", "payer.name", "payee.name", "holder", NULL};
    static const char *const numbers[] = {"destination.account_number", "payer.account_number",
        "payee.account_number", "number", NULL};
    for (size_t i = 0; i < order->count; i++) {
        struct order_payout *payout = &order->payouts[i];
        if (payout->destination_sequence != value->sequence)
            continue;
        bool fits = true;
        if (is_one_of(value->field, numbers))
            fits = copy(payout->account_number, sizeof payout->account_number, value->value);
        else if (is_one_of(value->field, names))
            fits = copy(payout->name, sizeof payout->name, value->value);
        payout->is_out |= !fits;
    }
}

/* Asks for the plain values of so many payouts; the journal has that they were asked for. */
static int reveal(struct ordering *order, size_t first, size_t count)
{
    Vsl__V1__RevealRequest request;
    Vsl__V1__RequestKey key;
    Vsl__V1__RevealedCommand commands[REVEALED_MAX];
    Vsl__V1__RevealedCommand *places[REVEALED_MAX];
    char serial[SERIAL_TEXT_BYTES];
    vsl__v1__reveal_request__init(&request);
    vsl__v1__request_key__init(&key);
    make_serial(serial);
    key.channel = (char *)(uintptr_t)order->key.channel;
    key.business_date = key_date(order);
    key.serial = serial;
    for (size_t i = 0; i < count; i++) {
        vsl__v1__revealed_command__init(&commands[i]);
        commands[i].sequence = order->payouts[first + i].destination_sequence;
        places[i] = &commands[i];
    }
    request.key = &key;
    request.ledger_id = order->ledger_id;
    request.reason = (char *)(uintptr_t)REASON;
    request.commands = places;
    request.n_commands = count;
    rpc_reset(&order->context.rpc);
    const Vsl__V1__RevealResponse *answer = (const Vsl__V1__RevealResponse *)context_call(
        &order->context, &vsl__v1__reveal_service__descriptor, "Reveal", &request.base);
    if (!answer || !answer->result)
        return context_fault_status(&order->context);
    if ((int)answer->result->outcome >= OUTCOME_FIRST_REFUSAL) {
        if (count == 1)
            fprintf(stderr, "vslctl: could not see whom payout %" PRId64 " pays: %s\n",
                order->payouts[first].payout_id, answer->result->text);
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < answer->n_values; i++)
        take_value(order, answer->values[i]);
    return EXIT_ACCEPTED;
}

static int see_payees(struct ordering *order)
{
    int status = EXIT_ACCEPTED;
    for (size_t i = 0; i < order->count && status == EXIT_ACCEPTED; i += REVEALED_MAX) {
        size_t rest = order->count - i;
        size_t count = rest < REVEALED_MAX ? rest : REVEALED_MAX;
        status = reveal(order, i, count);
        /* One of which nothing can be told keeps that of the others: then each by itself. */
        for (size_t j = i; status == EXIT_REFUSED && count > 1 && j < i + count; j++) {
            int alone = reveal(order, j, 1);
            status = alone == EXIT_ACCEPTED ? EXIT_REFUSED : alone;
        }
        status = status == EXIT_REFUSED ? EXIT_ACCEPTED : status;
    }
    for (size_t i = 0; i < order->count && status == EXIT_ACCEPTED; i++) {
        struct order_payout *payout = &order->payouts[i];
        const char *fault = order_fault(payout);
        if (!payout->is_out && fault[0] == '\0')
            continue;
        fprintf(stderr, "vslctl: payout %" PRId64 " is left out: %s\n", payout->payout_id,
            fault[0] ? fault : "a text of it is too long");
        payout->is_out = true;
        order->left_out++;
    }
    return status;
}

/* ---- said to be sent ---- */

/* Each that was not is, with the message as its reference; who was intercepted since is out. */
static int send_some(struct ordering *order, struct order_payout **some)
{
    size_t count = batch_count(&order->batch);
    if (count == 0)
        return EXIT_ACCEPTED;
    rpc_reset(&order->context.rpc);
    const Vsl__V1__SubmitBatchResponse *answer =
        (const Vsl__V1__SubmitBatchResponse *)context_call(&order->context,
            &vsl__v1__funds_service__descriptor, "SubmitBatch", &order->batch.message.base);
    if (!answer || answer->n_results != count) {
        fprintf(stderr, "Run it again with the same --message: what was sent is known by it.\n");
        return answer ? EXIT_UNKNOWN : context_fault_status(&order->context);
    }
    for (size_t i = 0; i < count; i++) {
        const Vsl__V1__CommandResult *result = answer->results[i]->result;
        CHECK(result != NULL);
        if ((int)result->outcome < OUTCOME_FIRST_REFUSAL && !result->replayed)
            continue;
        /* What another run says at the same time is in its file. */
        some[i]->is_out = true;
        order->refused++;
        fprintf(stderr, "vslctl: payout %" PRId64 " is not ordered: %s\n", some[i]->payout_id,
            result->replayed ? "another run has just sent it" : result->text);
    }
    batch_begin(&order->batch);
    return EXIT_ACCEPTED;
}

static int say_sent(struct ordering *order)
{
    struct order_payout *some[BATCH_SIZE];
    int status = EXIT_ACCEPTED;
    batch_begin(&order->batch);
    for (size_t i = 0; i < order->count && status == EXIT_ACCEPTED; i++) {
        struct order_payout *payout = &order->payouts[i];
        char serial[SERIAL_TEXT_BYTES];
        if (payout->is_out || payout->is_sent)
            continue;
        snprintf(serial, sizeof serial, "order-%" PRId64, payout->payout_id);
        some[batch_count(&order->batch)] = payout;
        Vsl__V1__ConfirmPayoutRequest *word =
            batch_add_confirm_payout(&order->batch, order->key.channel, key_date(order), serial);
        word->ledger_id = order->ledger_id;
        word->payout_id = payout->payout_id;
        word->result = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_SENT;
        word->bank_reference = batch_text(&order->batch, order->message.message_id);
        if (batch_count(&order->batch) == BATCH_SIZE)
            status = send_some(order, some);
    }
    return status == EXIT_ACCEPTED ? send_some(order, some) : status;
}

/* ---- the whole ---- */

static void fill_message(struct ordering *order)
{
    struct order_message *message = &order->message;
    time_t now = time(NULL);
    struct tm utc;
    strftime(
        message->created_at, sizeof message->created_at, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now, &utc));
    snprintf(message->currency, sizeof message->currency, "%s", order->context.ledger.currency);
    message->decimals = order->context.ledger.decimals;
    format_date(
        order->execution_date != 0 ? order->execution_date : order->context.ledger.accounting_date,
        message->execution_date);
    message->payouts = order->payouts;
    message->count = order->count;
}

static size_t count_in(const struct ordering *order)
{
    size_t count = 0;
    for (size_t i = 0; i < order->count; i++)
        count += !order->payouts[i].is_out;
    return count;
}

static int make(struct ordering *order, struct durable_file *file)
{
    int status = EXIT_USAGE;
    if (context_open(&order->context) != 0)
        return status;
    if (context_ask_ledger(&order->context, order->ledger_id) != 0)
        return context_fault_status(&order->context);
    status = collect(order);
    if (status == EXIT_ACCEPTED)
        status = see_payees(order);
    if (status == EXIT_ACCEPTED)
        status = say_sent(order);
    if (status != EXIT_ACCEPTED)
        return status;
    if (count_in(order) == 0) {
        fprintf(stderr, "vslctl: there is no payout to order\n");
        return EXIT_REFUSED;
    }
    fill_message(order);
    order_write(file->stream, &order->message);
    if (durable_commit(file) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s; run it again with the same --message\n",
            order->output, durable_reason(errno));
        return EXIT_TRANSPORT;
    }
    printf("%s: %zu payouts\n", order->output, count_in(order));
    if (order->count == ORDER_PAYOUTS_MAX)
        printf("as many as a message may have: order the rest by another one\n");
    return order->left_out + order->refused > 0 ? EXIT_REFUSED : EXIT_ACCEPTED;
}

static int run(struct ordering *order)
{
    struct durable_file file;
    /* The lock first: another run that makes the same file is waited for. */
    if (durable_begin(&file, order->output, 0600) != 0) {
        fprintf(stderr, "vslctl: could not write '%s': %s\n", order->output, durable_reason(errno));
        return EXIT_USAGE;
    }
    int status = EXIT_REFUSED;
    if (access(order->output, F_OK) == 0)
        fprintf(stderr, "vslctl: '%s' is there already: it is left as it is\n", order->output);
    else
        status = make(order, &file);
    durable_abandon(&file);
    return status;
}

int run_payout_order(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&key_argp, 0, "Request keys:", 80}, {&common_argp, 0, "Output:", 90}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Tell the bank of payouts by a file (ISO 20022 pain.001.001.03): all that were asked "
            "for, or those of an order. Each is said to be sent, with the message's id as its "
            "reference, and then the file is there; so none is in two messages, and none that was "
            "intercepted is in one.\v"
            "A run that is cut is made again with the same --message: what it said to be sent is "
            "known by it and is in the file. Once the file is there it is not made again. Names "
            "and account numbers are asked for with Reveal, which the journal records; only the "
            "owner can read the file. The caller has the role adapter. InstrId is P and the "
            "payout's id, EndToEndId what the withdrawal named, or the same.\n"
            "\n"
            "Examples:\n"
            "  vslctl payout order --ledger 1 --message M20261122-1 --debtor-name 'Example Mall' "
            "\\\n"
            "      --debtor-account 62220001 --output M20261122-1.xml\n"
            "\n"
            "Exit status: 0 all are in the file; 1 some are not, each with why, or there was "
            "nothing to order, or the file is there already.\n"};
    static struct ordering order;
    order = (struct ordering){.common = common, .key = KEY_OPTIONS_DEFAULT};
    parse_arguments(&argp, "vslctl payout order", count, arguments, &order);
    order.context.options = common;
    order.payouts = calloc(ORDER_PAYOUTS_MAX, sizeof *order.payouts);
    CHECK(order.payouts != NULL);
    batch_init(&order.batch);
    int status = run(&order);
    batch_finish(&order.batch);
    context_finish(&order.context);
    explicit_bzero(order.payouts, ORDER_PAYOUTS_MAX * sizeof *order.payouts);
    free(order.payouts);
    return status;
}
