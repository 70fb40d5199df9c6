/* screens.c: the answers that are shown by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

#include "vsl/v1/claim.pb-c.h"

#include <stdlib.h>
#include <string.h>

/* What can be spent first: that is what is asked for. */
static void show_balances(const struct context *context, const ProtobufCMessage *answer)
{
    static const char *const columns[] = {"account_id", "balances.available_minor",
        "balances.withdrawable_minor", "balances.withdrawable_next_date_minor",
        "balances.pending_in_minor", "balances.pending_out_minor", "balances.frozen_minor",
        "balances.asset_units", NULL};
    show_table(context, answer, "accounts", columns);
}

/* ---- what organs wait for ---- */

/* What is to be answered is asked for, unless it is said otherwise. */
static void ask_for_due(ProtobufCMessage *message)
{
    Vsl__V1__ListFeedbackRequest *request = (Vsl__V1__ListFeedbackRequest *)message;
    if (request->status == VSL__V1__FEEDBACK_STATUS__FEEDBACK_STATUS_UNSPECIFIED)
        request->status = VSL__V1__FEEDBACK_STATUS__FEEDBACK_STATUS_OPEN;
}

static int sooner(const void *a, const void *b)
{
    const Vsl__V1__Feedback *one = *(Vsl__V1__Feedback *const *)a;
    const Vsl__V1__Feedback *other = *(Vsl__V1__Feedback *const *)b;
    if (one->due_at_us != other->due_at_us)
        return one->due_at_us < other->due_at_us ? -1 : 1;
    return one->feedback_id < other->feedback_id ? -1 : one->feedback_id > other->feedback_id;
}

static void arrange_due(ProtobufCMessage *message)
{
    Vsl__V1__ListFeedbackResponse *answer = (Vsl__V1__ListFeedbackResponse *)message;
    if (answer->n_feedback > 0)
        qsort(answer->feedback, answer->n_feedback, sizeof *answer->feedback, sooner);
}

static void show_due(const struct context *context, const ProtobufCMessage *answer)
{
    static const char *const columns[] = {"feedback_id", "due_at_us", "notice_given", "status",
        "authority_code", "claim_id", "asked_sequence", "given_sequence", NULL};
    show_table(context, answer, "feedback", columns);
}

static const struct api_screen screens[] = {
    {.method = "GetBalances", .show = show_balances},
    {.method = "GetFrozen", .show = show_frozen},
    {.method = "ListCommands", .show = show_commands},
    {.method = "GetOrder", .show = show_order, .is_whole = true},
    {.method = "QuoteWithdraw", .show = show_quote},
    {.method = "ListFeedback",
        .show = show_due,
        .fill = ask_for_due,
        .arrange = arrange_due,
        .is_whole = true},
};

const struct api_screen *api_screen_of(const struct api_call *call)
{
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        if (strcmp(screens[i].method, call->method) == 0)
            return &screens[i];
    }
    return NULL;
}
