/* reserve.c: reserved arrays by mmap.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reserve.h"

#include "base/check.h"
#include "base/log.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t held;

size_t reserve_held(void)
{
    return held;
}

static size_t total_bytes(size_t count, size_t item_bytes)
{
    CHECK(count > 0);
    CHECK(item_bytes > 0);
    CHECK(count <= SIZE_MAX / 2 / item_bytes);
    return count * item_bytes;
}

/* Not a bug, and nothing that passes: ends with the status of wrong settings. */
_Noreturn static void refuse(size_t bytes)
{
    log_error("could not reserve %zu bytes of address space: %s; the limit of address space must be"
              " infinity (ulimit -v, LimitAS of the unit) and vm.overcommit_memory not 2",
        bytes, strerror(errno));
    _exit(2);
}

void *reserve_array(size_t count, size_t item_bytes)
{
    size_t bytes = total_bytes(count, item_bytes);
    void *array = mmap(
        NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (array == MAP_FAILED)
        refuse(bytes);
    held++;
    return array;
}

void reserve_drop_pages(void *array, size_t first, size_t count, size_t item_bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)array + first * item_bytes;
    uintptr_t end = begin + total_bytes(count, item_bytes);
    begin = (begin + page - 1) / page * page;
    end = end / page * page;
    if (begin >= end)
        return;
    int rc = madvise((uint8_t *)array + (begin - (uintptr_t)array), end - begin, MADV_DONTNEED);
    CHECK(rc == 0);
}

void reserve_release(void *array, size_t count, size_t item_bytes)
{
    int rc = munmap(array, total_bytes(count, item_bytes));
    CHECK(rc == 0);
    CHECK(held > 0);
    held--;
}
