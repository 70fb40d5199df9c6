/* receipts.h: whose account the platform's own is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_RECEIPTS_H
#define VSL_ENGINE_RULES_RECEIPTS_H

#include "engine/memory/memory.h"

/* PLATFORM_OWN takes from and gives to the platform's own named account only. */
enum outcome check_platform_party(
    const struct engine *engine, const struct ledger *ledger, const struct party *party);

#endif
