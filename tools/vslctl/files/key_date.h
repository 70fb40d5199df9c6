/* key_date.h: the business date of keys that are made of a file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_KEY_DATE_H
#define VSL_TOOLS_VSLCTL_FILES_KEY_DATE_H

#include "vslctl/vslctl.h"

#include "vsl/v1/common.pb-c.h"

/* The ledger's accounting date when the file was first sent: that one of the past dates on which
 * the service knows the key, which is that of the first command of the file; else the present one.
 * `ret_sequence` is that command's, 0 when there is none. -2 with a message when the server could
 * not be asked. */
int key_date_find(struct context *context, int64_t ledger_id, const Vsl__V1__RequestKey *key,
    int32_t *ret_date, int64_t *ret_sequence);

#endif
