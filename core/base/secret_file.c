/* secret_file.c: see secret_file.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/secret_file.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

const char *secret_file_wrong(const struct stat *about)
{
    if (!S_ISREG(about->st_mode))
        return "it is no regular file";
    if (about->st_uid != geteuid() && about->st_uid != 0)
        return "it belongs to another user";
    if ((about->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "others than its owner may read or write it: chmod 600";
    return NULL;
}
