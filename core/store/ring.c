/* ring.c: the keys of the ring are those that the database has noted under their numbers.
 *
 * A ring with the right numbers and other secrets would go unseen else: what is new would be sealed
 * by a key that nobody has noted, and what is old would look damaged. So vsl.ring_key has of each
 * key what it is known again by (key_check of keys). A new key is noted before it is used, by a
 * start on the writer's connection, by a reload on the keeper's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "store/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Notes all or none: a ring of which one key is wrong is not believed in the others. Of rows that
 * say which keys are wrong; none: all are right. */
static const char note_keys[] =
    "with given as materialized (select split_part(line, ' ', 1)::integer as key_number,"
    "   decode(split_part(line, ' ', 2), 'hex') as check_value"
    "   from string_to_table($1, ',') line),"
    " wrong as materialized (select g.key_number from given g"
    "   join vsl.ring_key r on r.key_number = g.key_number and r.check_value <> g.check_value),"
    " noted as (insert into vsl.ring_key (key_number, check_value)"
    "   select g.key_number, g.check_value from given g"
    "   where not exists (select from wrong) and not exists"
    "   (select from vsl.ring_key r where r.key_number = g.key_number))"
    " select key_number from wrong order by key_number";

void ring_set(
    struct ring_checks *ring, const struct proof_check *checks, size_t check_count, bool is_wanted)
{
    free(ring->checks);
    ring->checks = NULL;
    ring->count = check_count;
    ring->is_wanted = is_wanted && check_count > 0;
    if (check_count == 0)
        return;
    ring->checks = calloc(check_count, sizeof *checks);
    CHECK(ring->checks != NULL);
    memcpy(ring->checks, checks, check_count * sizeof *checks);
}

void ring_ask(struct store *store, struct pg_connection *connection, pg_on_result on_done)
{
    struct ring_checks *ring = &store->ring;
    struct buffer text = {0};
    CHECK(ring->count > 0);
    for (size_t i = 0; i < ring->count; i++) {
        sql_append(&text, "%s%" PRId32 " ", i > 0 ? "," : "", ring->checks[i].number);
        for (size_t n = 0; n < PROOF_CHECK_BYTES; n++)
            sql_append(&text, "%02x", ring->checks[i].value[n]);
    }
    ring->is_wanted = false;
    struct pg_parameters parameters = {0};
    pg_add_text(&parameters, text.bytes, text.length);
    pg_query(connection, "vsl_note_keys", note_keys, &parameters, on_done, store);
    pg_parameters_finish(&parameters);
    buffer_finish(&text);
}

int32_t ring_wrong(const struct pg_result *result)
{
    return pg_rows(result) > 0 ? pg_int32(result, 0, 0) : 0;
}

void ring_finish(struct store *store)
{
    free(store->ring.checks);
}

bool store_note_keys(struct store *store, const struct proof_check *checks, size_t check_count,
    void (*on_done)(void *context, int32_t wrong_number), void *context)
{
    bool is_of_start = store->phase == STORE_STARTING;
    ring_set(&store->ring, checks, check_count, !is_of_start);
    if (is_of_start)
        return true;
    store->ring.on_done = on_done;
    store->ring.context = context;
    keeper_next(store);
    return false;
}
