/* parameters.c: values of a statement in PostgreSQL's binary format.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/postgres_epoch.h"
#include "pg/pg.h"

static void begin_value(struct pg_parameters *parameters, uint32_t type, int32_t length)
{
    CHECK(parameters->count < PG_PARAMETERS_MAX);
    parameters->types[parameters->count] = type;
    parameters->lengths[parameters->count] = length;
    parameters->count++;
}

void pg_add_int64(struct pg_parameters *parameters, int64_t value)
{
    begin_value(parameters, PG_TYPE_INT8, 8);
    buffer_append_u64(&parameters->bytes, (uint64_t)value);
}

void pg_add_int32(struct pg_parameters *parameters, int32_t value)
{
    begin_value(parameters, PG_TYPE_INT4, 4);
    buffer_append_u32(&parameters->bytes, (uint32_t)value);
}

void pg_add_int16(struct pg_parameters *parameters, int16_t value)
{
    begin_value(parameters, PG_TYPE_INT2, 2);
    buffer_append_u16(&parameters->bytes, (uint16_t)value);
}

void pg_add_bool(struct pg_parameters *parameters, bool value)
{
    begin_value(parameters, PG_TYPE_BOOL, 1);
    buffer_append_u8(&parameters->bytes, value);
}

void pg_add_date(struct pg_parameters *parameters, int32_t days)
{
    begin_value(parameters, PG_TYPE_DATE, 4);
    buffer_append_u32(&parameters->bytes, (uint32_t)(days - POSTGRES_EPOCH_DAYS));
}

static void add_bytes(
    struct pg_parameters *parameters, uint32_t type, const void *bytes, size_t length)
{
    CHECK(length <= INT32_MAX);
    begin_value(parameters, type, (int32_t)length);
    buffer_append(&parameters->bytes, bytes, length);
}

void pg_add_text(struct pg_parameters *parameters, const void *bytes, size_t length)
{
    add_bytes(parameters, PG_TYPE_TEXT, bytes, length);
}

void pg_add_bytea(struct pg_parameters *parameters, const void *bytes, size_t length)
{
    add_bytes(parameters, PG_TYPE_BYTEA, bytes, length);
}

/* Head of an array: one dimension, no nulls. */
static void begin_array(struct pg_parameters *parameters, uint32_t array_type, uint32_t type,
    size_t items_bytes, size_t count)
{
    CHECK(count > 0);
    CHECK(count <= PG_ARRAY_ITEMS_MAX);
    begin_value(parameters, array_type, (int32_t)(20 + count * 4 + items_bytes));
    buffer_append_u32(&parameters->bytes, 1);
    buffer_append_u32(&parameters->bytes, 0);
    buffer_append_u32(&parameters->bytes, type);
    buffer_append_u32(&parameters->bytes, (uint32_t)count);
    buffer_append_u32(&parameters->bytes, 1);
}

void pg_add_int64s(struct pg_parameters *parameters, const int64_t *values, size_t count)
{
    begin_array(parameters, PG_TYPE_INT8_ARRAY, PG_TYPE_INT8, 8 * count, count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_u32(&parameters->bytes, 8);
        buffer_append_u64(&parameters->bytes, (uint64_t)values[i]);
    }
}

void pg_add_int16s(struct pg_parameters *parameters, const int16_t *values, size_t count)
{
    begin_array(parameters, PG_TYPE_INT2_ARRAY, PG_TYPE_INT2, 2 * count, count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_u32(&parameters->bytes, 2);
        buffer_append_u16(&parameters->bytes, (uint16_t)values[i]);
    }
}

void pg_add_byteas(struct pg_parameters *parameters, const struct text *values, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += values[i].length;
    begin_array(parameters, PG_TYPE_BYTEA_ARRAY, PG_TYPE_BYTEA, bytes, count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_u32(&parameters->bytes, values[i].length);
        buffer_append(&parameters->bytes, values[i].bytes, values[i].length);
    }
}

void pg_add_null(struct pg_parameters *parameters)
{
    begin_value(parameters, PG_TYPE_INFERRED, -1);
}

void pg_parameters_finish(struct pg_parameters *parameters)
{
    buffer_finish(&parameters->bytes);
    parameters->count = 0;
}
