/* ole2.h: the stream of a workbook out of an OLE2 file (compound file binary), which is in memory.
 *
 * Every number in it is checked, and no chain is followed further than the file is long.
 * Source: [MS-CFB], Compound File Binary File Format.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_OLE2_H
#define VSL_TOOLS_STATEMENT_OLE2_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts the stream "Workbook" to `out`. False: the file is damaged, or has none, or one that is so
 * small that it lies among the small streams. */
bool ole2_take_workbook(const uint8_t *bytes, size_t length, struct buffer *out);

#endif
