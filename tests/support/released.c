/* released.c: a test that leaves a reserved array behind has failed.
 *
 * Such arrays are mapped, so that the sanitizer, which finds all other leaks, does not know them.
 * Linked into an executable it looks at the end of each process, which each test is by itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"

#include <stdio.h>
#include <unistd.h>

__attribute__((destructor)) static void look(void)
{
    if (reserve_held() == 0)
        return;
    fprintf(stderr, "%zu reserved arrays are not released\n", reserve_held());
    _exit(1);
}
