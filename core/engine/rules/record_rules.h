/* record_rules.h: the rules about each kind of record; see memory/record_rules.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_RECORD_RULES_H
#define VSL_ENGINE_RULES_RECORD_RULES_H

#include "engine/memory/record_rules.h"

extern const struct record_rules record_rules[RECORD_KINDS + 1];

#endif
