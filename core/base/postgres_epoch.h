/* postgres_epoch.h: where PostgreSQL's binary dates and times begin, 2000-01-01, counted from
 * 1970-01-01.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_POSTGRES_EPOCH_H
#define VSL_BASE_POSTGRES_EPOCH_H

#include <stdint.h>

#define POSTGRES_EPOCH_DAYS 10957
#define POSTGRES_EPOCH_US (INT64_C(10957) * 86400 * 1000000)

#endif
