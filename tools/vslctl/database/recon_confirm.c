/* recon_confirm.c: vslctl recon confirm: says of each payout that the bank's statements show, and
 * of which nobody has said it, that it is paid.
 *
 * Only where the line was found by a reference, or by a person: what agrees in amount and day alone
 * is no word of the bank's on this payout. The request's key is made of payout and line, so that a
 * run that was cut, or is made twice, says nothing twice; and who is paid is not paid again.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/recon.h"

#include "base/check.h"
#include "text/format.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 64
#define BATCH_SIZE 4000

enum { OPTION_DRY_RUN = 0x6d00 };

struct confirming {
    struct recon recon;
    struct key_options key;
    bool is_dry_run, is_silent;
    PGresult *rules;
    struct batch batch;
    int64_t amounts[BATCH_SIZE];
    int64_t found, confirmed, amount_minor, refused, weak;
    int status; /* an exit status, of the batches until now */
};

static const struct argp_option options[] = {
    {"dry-run", OPTION_DRY_RUN, 0, 0, "Find, and say nothing", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct confirming *given = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->recon;
        state->child_inputs[1] = &given->key;
        return 0;
    case OPTION_DRY_RUN:
        given->is_dry_run = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_named(struct text rule, const char *name)
{
    return strlen(name) == rule.length && memcmp(name, rule.bytes, rule.length) == 0;
}

/* Whether who made the match looked at a reference: a person, or such a rule that there is. */
static bool is_strong(const struct confirming *confirming, struct text rule)
{
    if (is_named(rule, "MANUAL"))
        return true;
    for (int i = 0; i < PQntuples(confirming->rules); i++) {
        if (is_named(rule, PQgetvalue(confirming->rules, i, 0)))
            return recon_number(confirming->rules, i, 2) != 0;
    }
    return false;
}

static void take_result(void *context, size_t place, const Vsl__V1__CommandResult *result)
{
    struct confirming *confirming = context;
    if ((int)result->outcome < OUTCOME_FIRST_REFUSAL) {
        confirming->confirmed++;
        confirming->amount_minor += confirming->amounts[place];
        return;
    }
    recon_tell_refusal(&confirming->recon, confirming->refused++, "payout",
        confirming->batch.items[place]->confirm_payout->payout_id, result);
}

static void send_batch(struct confirming *confirming)
{
    if (batch_count(&confirming->batch) > 0)
        confirming->status =
            recon_submit(&confirming->recon, &confirming->batch, take_result, confirming);
    batch_begin(&confirming->batch);
}

static void add_word(struct confirming *confirming, int64_t payout_id, int64_t amount_minor,
    int64_t line_id, struct text bank_reference)
{
    const struct context *context = &confirming->recon.context;
    char serial[SERIAL_TEXT_BYTES], reference[REFERENCE_BYTES_MAX + 1];
    char *place = serial;
    *place++ = 'c';
    place = recon_put_number(place, payout_id);
    *place++ = 'l';
    *recon_put_number(place, line_id) = '\0';
    CHECK(bank_reference.length <= REFERENCE_BYTES_MAX);
    if (bank_reference.length > 0)
        memcpy(reference, bank_reference.bytes, bank_reference.length);
    reference[bank_reference.length] = '\0';
    confirming->amounts[batch_count(&confirming->batch)] = amount_minor;
    Vsl__V1__ConfirmPayoutRequest *word =
        batch_add_confirm_payout(&confirming->batch, confirming->key.channel,
            confirming->key.business_date != 0 ? confirming->key.business_date
                                               : context->ledger.accounting_date,
            serial);
    word->ledger_id = confirming->recon.ledger_id;
    word->payout_id = payout_id;
    word->result = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_PAID;
    word->bank_reference = batch_text(&confirming->batch, reference);
}

/* Columns as to_confirm.sql has them. */
static void take_payout(void *context, const PGresult *row)
{
    static struct command_elements elements, elements_of_match;
    static struct command line, match;
    struct confirming *confirming = context;
    int64_t payout_id = recon_binary_number(row, 0, 0);
    if (confirming->status != EXIT_ACCEPTED)
        return; /* the rest is left to the next run */
    if (!recon_read_body(
            recon_binary_number(row, 0, 3), recon_binary_text(row, 0, 4), &elements, &line) ||
        !recon_read_body(recon_binary_number(row, 0, 5), recon_binary_text(row, 0, 6),
            &elements_of_match, &match)) {
        fprintf(stderr,
            "vslctl: could not read what line and match of payout %" PRId64
            " say: is this vslctl older than the server?\n",
            payout_id);
        confirming->status = EXIT_TRANSPORT;
        return;
    }
    if (!is_strong(confirming, match.match_statement_line.rule)) {
        confirming->weak++;
        return;
    }
    confirming->found++;
    if (confirming->is_dry_run) {
        confirming->amount_minor += recon_binary_number(row, 0, 1);
        return;
    }
    add_word(confirming, payout_id, recon_binary_number(row, 0, 1), recon_binary_number(row, 0, 2),
        line.add_statement_line.bank_reference);
    if (batch_count(&confirming->batch) == BATCH_SIZE)
        send_batch(confirming);
}

static void report(const struct confirming *confirming)
{
    char amount[FORMAT_BYTES_MAX];
    if (confirming->recon.common->is_json) {
        printf("{\"ledger_id\": \"%" PRId64 "\", \"dry_run\": %s, \"found\": %" PRId64
               ", \"confirmed\": %" PRId64 ", \"amount_minor\": \"%" PRId64
               "\", \"refused\": %" PRId64 ", \"by_amount_only\": %" PRId64 "}\n",
            confirming->recon.ledger_id, confirming->is_dry_run ? "true" : "false",
            confirming->found, confirming->confirmed, confirming->amount_minor, confirming->refused,
            confirming->weak);
        return;
    }
    format_amount(confirming->amount_minor, confirming->recon.context.ledger.decimals, amount);
    if (confirming->is_dry_run)
        printf("%" PRId64 " payouts of %s are to be confirmed; a dry run: nothing is said\n",
            confirming->found, amount);
    else
        printf("%" PRId64 " payouts of %s are confirmed, %" PRId64 " refused\n",
            confirming->confirmed, amount, confirming->refused);
    if (confirming->weak > 0)
        printf("%" PRId64 " more agree with their lines in amount and day alone: 'vslctl recon "
               "list' has them, for a person ('vslctl payout confirm')\n",
            confirming->weak);
}

static int confirm(struct confirming *confirming)
{
    struct recon *recon = &confirming->recon;
    char ledger[RECON_NUMBER_BYTES];
    int status = recon_ask_server(recon);
    if (status == EXIT_ACCEPTED)
        status = recon_begin(recon);
    if (status != EXIT_ACCEPTED)
        return status;
    confirming->rules = recon_ask(recon, "rules", 0, NULL, "read the rules");
    if (!confirming->rules)
        return EXIT_TRANSPORT;
    snprintf(ledger, sizeof ledger, "%" PRId64, recon->ledger_id);
    const char *const values[] = {ledger};
    batch_begin(&confirming->batch);
    status = recon_ask_each(
        recon, "to_confirm", 1, values, 1, "read the payouts", take_payout, confirming);
    if (status == EXIT_ACCEPTED && confirming->status == EXIT_ACCEPTED)
        send_batch(confirming);
    /* What the server took before a fault is told, too. */
    if (!confirming->is_silent)
        report(confirming);
    if (status == EXIT_ACCEPTED)
        status = confirming->status;
    return status == EXIT_ACCEPTED && confirming->refused > 0 ? EXIT_REFUSED : status;
}

static int run(struct confirming *confirming)
{
    batch_init(&confirming->batch);
    int status = confirm(confirming);
    batch_finish(&confirming->batch);
    PQclear(confirming->rules);
    recon_close(&confirming->recon);
    return status;
}

int recon_confirm(
    const struct recon *given, const struct key_options *key, struct recon_done *ret_done)
{
    static struct confirming confirming;
    confirming = (struct confirming){.recon = *given, .key = *key, .is_silent = true};
    int status = run(&confirming);
    *ret_done = (struct recon_done){.done = confirming.confirmed, .refused = confirming.refused};
    return status;
}

int run_recon_confirm(struct common_options *common, int count, char **arguments)
{
    static const struct argp_child children[] = {
        {&recon_argp, 0, NULL, 0}, {&key_argp, 0, "Keys:", 80}, {0}};
    static const struct argp argp = {.options = options,
        .parser = parse,
        .children = children,
        .doc =
            "Say of each payout that a line of the bank's statements shows whole, and of which "
            "nobody has said it yet, that it is paid, with the bank's reference of the line.\v"
            "Only where the line was matched by a rule that looks at a reference, or by a person: "
            "what\n"
            "agrees in amount and day alone is told by number and left to a person.\n"
            "\n"
            "Needs the role adapter, besides those of 'vslctl recon match', which is run before.\n"
            "\n"
            "Examples:\n"
            "  vslctl recon confirm --ledger 1 --dry-run\n"
            "  vslctl recon confirm --ledger 1\n"
            "\n"
            "A run that was cut is made again: what is paid is not paid twice.\n"
            "\n"
            "Exit status: 0 all that was found is confirmed; 1 some of it was refused, because the "
            "bank's\n"
            "adapter said something else meanwhile, or there is no closed statement; 3 server or "
            "database\n"
            "could not be asked; 4 it is not known what became of some: run it again.\n"};
    static struct confirming given;
    given = (struct confirming){.recon.common = common, .key = KEY_OPTIONS_DEFAULT};
    parse_arguments(&argp, "vslctl recon confirm", count, arguments, &given);
    if (!recon_makes_keys(&given.key, "payout and line"))
        return EXIT_USAGE;
    return run(&given);
}
