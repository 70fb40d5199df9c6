/* result.c: reads the fields of a binary result.
 *
 * The statements are ours and every one is tried against the real schema by a test; so a width that
 * does not fit is a bug, not input.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/postgres_epoch.h"
#include "pg/internal.h"

#include <string.h>

size_t pg_rows(const struct pg_result *result)
{
    return (size_t)PQntuples(result->rows);
}

size_t pg_columns(const struct pg_result *result)
{
    return (size_t)PQnfields(result->rows);
}

static void check_place(const struct pg_result *result, size_t row, size_t column)
{
    CHECK(row < pg_rows(result));
    CHECK(column < pg_columns(result));
}

bool pg_is_null(const struct pg_result *result, size_t row, size_t column)
{
    check_place(result, row, column);
    return PQgetisnull(result->rows, (int)row, (int)column) != 0;
}

struct pg_value pg_bytes(const struct pg_result *result, size_t row, size_t column)
{
    check_place(result, row, column);
    if (PQgetisnull(result->rows, (int)row, (int)column))
        return (struct pg_value){.bytes = NULL, .length = -1};
    return (struct pg_value){
        .bytes = PQgetvalue(result->rows, (int)row, (int)column),
        .length = PQgetlength(result->rows, (int)row, (int)column),
    };
}

static void get_fixed(
    const struct pg_result *result, size_t row, size_t column, void *ret_bytes, int32_t length)
{
    struct pg_value value = pg_bytes(result, row, column);
    CHECK(value.bytes != NULL);
    CHECK(value.length == length);
    memcpy(ret_bytes, value.bytes, (size_t)length);
}

int64_t pg_int64(const struct pg_result *result, size_t row, size_t column)
{
    uint64_t big;
    get_fixed(result, row, column, &big, sizeof big);
    return (int64_t)__builtin_bswap64(big);
}

int32_t pg_int32(const struct pg_result *result, size_t row, size_t column)
{
    uint32_t big;
    get_fixed(result, row, column, &big, sizeof big);
    return (int32_t)__builtin_bswap32(big);
}

int16_t pg_int16(const struct pg_result *result, size_t row, size_t column)
{
    uint16_t big;
    get_fixed(result, row, column, &big, sizeof big);
    return (int16_t)__builtin_bswap16(big);
}

bool pg_bool(const struct pg_result *result, size_t row, size_t column)
{
    uint8_t byte;
    get_fixed(result, row, column, &byte, sizeof byte);
    return byte != 0;
}

int64_t pg_time_us(const struct pg_result *result, size_t row, size_t column)
{
    return pg_int64(result, row, column) + POSTGRES_EPOCH_US;
}

int32_t pg_date(const struct pg_result *result, size_t row, size_t column)
{
    return pg_int32(result, row, column) + POSTGRES_EPOCH_DAYS;
}
