/* screens.c: the answers that are shown by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

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

static const struct api_screen screens[] = {
    {.method = "GetBalances", .show = show_balances},
    {.method = "GetFrozen", .show = show_frozen},
    {.method = "ListCommands", .show = show_commands},
    {.method = "GetOrder", .show = show_order, .is_whole = true},
    {.method = "QuoteWithdraw", .show = show_quote},
};

const struct api_screen *api_screen_of(const struct api_call *call)
{
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        if (strcmp(screens[i].method, call->method) == 0)
            return &screens[i];
    }
    return NULL;
}
