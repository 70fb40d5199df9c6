/* key_date.h: the business date of keys that are made of a file.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLCTL_FILES_KEY_DATE_H
#define VSL_TOOLS_VSLCTL_FILES_KEY_DATE_H

#include "base/must_use.h"
#include "vslctl/vslctl.h"

#include "vsl/v1/common.pb-c.h"

/* The ledger's accounting date when the file was first sent. It is kept beside the file, in
 * FILE.keys, before anything is sent: a request that is still on its way when the run ends, and
 * arrives behind a day cut, has the keys of the next run, too. Where nothing is kept (a copy of the
 * file, standard input) it is that one of the past dates on which the service knows the key, which
 * is that of the first command of the file; else the present one.
 *
 * `is_kept` is false when nothing is to be booked. `ret_sequence` is the sequence of the first
 * command, 0 when the service has not decided it. -1 with a message when the date cannot be kept;
 * -2 with a message when the server could not be asked. */
MUST_USE int key_date_find(struct context *context, const char *file_name, bool is_kept,
    int64_t ledger_id, const Vsl__V1__RequestKey *key, int32_t *ret_date, int64_t *ret_sequence);

#endif
