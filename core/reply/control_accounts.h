/* control_accounts.h: ids of a ledger's control accounts; internal to reply.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_REPLY_CONTROL_ACCOUNTS_H
#define VSL_REPLY_CONTROL_ACCOUNTS_H

#include "vsl/v1/ledger.pb-c.h"

#include <stdint.h>

/* The ids follow each other from ESCROW's on, in the order of enum account_kind. */
void fill_control_accounts(Vsl__V1__ControlAccounts *accounts, int64_t first_id);

#endif
