/* reserve.c: reserved arrays by mmap.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"

#include "base/check.h"

#include <stdint.h>
#include <sys/mman.h>

static size_t total_bytes(size_t count, size_t item_bytes)
{
    CHECK(count > 0);
    CHECK(item_bytes > 0);
    CHECK(count <= SIZE_MAX / 2 / item_bytes);
    return count * item_bytes;
}

void *reserve_array(size_t count, size_t item_bytes)
{
    size_t bytes = total_bytes(count, item_bytes);
    void *array = mmap(
        NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(array != MAP_FAILED);
    return array;
}

void reserve_release(void *array, size_t count, size_t item_bytes)
{
    int rc = munmap(array, total_bytes(count, item_bytes));
    CHECK(rc == 0);
}
