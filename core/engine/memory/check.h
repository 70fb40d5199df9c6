/* check.h: whether memory holds the records that it should, and they are whole.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_MEMORY_CHECK_H
#define VSL_ENGINE_MEMORY_CHECK_H

#include "base/must_use.h"
#include "engine/memory/memory.h"

/* Where the first difference is told. */
struct sentence {
    char *bytes;
    size_t size;
};

/* Puts the sentence together; returns -1 for the caller to return. */
MUST_USE int differs(const struct sentence *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Every record is there, in its place and with its owners, and has something left if it is live. */
MUST_USE int check_memory(const struct engine *engine, const struct sentence *error);

#endif
