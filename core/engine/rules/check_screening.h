/* check_screening.h: a part of check_books.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_CHECK_SCREENING_H
#define VSL_ENGINE_RULES_CHECK_SCREENING_H

#include "engine/memory/check.h"

/* Names, listed values and hits are found, and the accounts of members know of their hits. -1 with
 * the first difference. */
MUST_USE int check_screening(const struct engine *engine, const struct sentence *error);

#endif
