/* bai2.c: not read yet.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/reading.h"

bool bai2_read(struct reading *reading)
{
    return reading_refuse(reading, 0, "is in no known format of statements");
}
