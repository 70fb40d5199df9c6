/* prove.c: what a start reads is proved before it is believed.
 *
 * The rows of the state by their seal (seal.c), which names the batch that was the last one then;
 * the rows of the journal by the digests of their batches. These are read whole: from the batch on
 * that holds the first row that is needed, and the chain goes on from the digest of the batch
 * before. Older batches are what vslctl verify is for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/log.h"
#include "store/internal.h"

#include <string.h>

bool prove_read_point(const struct pg_result *result, struct seal_point *ret_point)
{
    struct pg_value digest = pg_bytes(result, 0, 3);
    struct pg_value code = pg_bytes(result, 0, 5);
    *ret_point = (struct seal_point){
        .redo_sequence = pg_int64(result, 0, 0),
        .write_count = pg_int64(result, 0, 1),
        .batch_number = pg_int64(result, 0, 2),
        .key_number = pg_int32(result, 0, 4),
    };
    if (ret_point->redo_sequence < 1)
        return false;
    if (ret_point->batch_number < 0)
        return true;
    if (digest.length != DIGEST_BYTES || code.length != PROOF_BYTES)
        return false;
    memcpy(ret_point->digest, digest.bytes, DIGEST_BYTES);
    memcpy(ret_point->code, code.bytes, PROOF_BYTES);
    return true;
}

/* Whether the state is that which was sealed; a state that was never sealed is told of. */
static bool is_state_believed(struct store *store)
{
    const struct seal_point *point = &store->loader.point;
    if (point->batch_number < 0) {
        if (seal_has_rows(&store->seal))
            log_warning("the state tables have no seal yet: nothing proves that they are what was "
                        "written; the first part that is written seals them");
        return true;
    }
    if (seal_holds(&store->seal, point))
        return true;
    store_stop(store,
        "the state tables or vsl.state_progress are not what was written last: a row was changed, "
        "added or taken away; vslctl check names the rows, and the run book says what to do");
    return false;
}

static void on_first_batches(
    void *context, enum pg_end end, const char *sqlstate, const struct pg_result *result)
{
    static const uint8_t none[DIGEST_BYTES];
    struct store *store = context;
    struct loader *loader = &store->loader;
    if (!load_step_is_done(store, end, sqlstate, "the first batches"))
        return;
    /* Row 0 holds the first row that is needed, row 1 is the batch before; or row 0 is the last
     * batch, and nothing is needed. */
    size_t rows = pg_rows(result);
    size_t before = rows > 0 && pg_int64(result, 0, 2) < loader->from_sequence ? 0 : 1;
    struct pg_value digest = {.bytes = none, .length = DIGEST_BYTES};
    if (before < rows)
        digest = pg_bytes(result, before, 3);
    if (digest.length != DIGEST_BYTES) {
        store_stop(store,
            "vsl.batch: the digest of batch %lld cannot be read; restore the "
            "database, or ask for support",
            (long long)pg_int64(result, before, 0));
        return;
    }
    int64_t number = before < rows ? pg_int64(result, before, 0) : 0;
    int64_t last = before < rows ? pg_int64(result, before, 2) : 0;
    loader->chain = chain_create(number, last, digest.bytes);
    loader->chain_sequence = last + 1;
    loader->next_sequence = last + 1;
    store->handlers->on_redo(store->context, &store->position,
        segments_first_unindexed(&store->segments), loader->point.redo_sequence);
    if (store->phase != STORE_LOADING)
        return;
    loader->step++;
    load_next(store);
}

/* State rows and segments are there: what is read of the journal begins with the batch that holds
 * the first row that is needed. The batch before it is where its chain goes on from. */
void prove_state(struct store *store)
{
    struct loader *loader = &store->loader;
    int64_t unindexed = segments_first_unindexed(&store->segments);
    int64_t redo = loader->point.redo_sequence;
    if (!is_state_believed(store))
        return;
    loader->from_sequence = redo < unindexed ? redo : unindexed;
    struct pg_parameters parameters = {0};
    pg_add_int64(&parameters, loader->from_sequence);
    pg_query(store->writer, "vsl_first_batches",
        "select batch_number, first_sequence, last_sequence, digest from vsl.batch"
        " where first_sequence <= $1 order by first_sequence desc limit 2",
        &parameters, on_first_batches, store);
    pg_parameters_finish(&parameters);
}

/* The batches are read: the state must have been sealed by one of them. */
void prove_batches(struct store *store)
{
    const struct loader *loader = &store->loader;
    const struct seal_point *point = &loader->point;
    const uint8_t *last = chain_digest(loader->chain, store->position.batch_number);
    if (!last || memcmp(last, store->position.digest, DIGEST_BYTES) != 0) {
        store_stop(store,
            "vsl.batch: the batches before batch %lld are missing; restore the "
            "database, or ask for support",
            (long long)store->position.batch_number);
        return;
    }
    if (point->batch_number < 0)
        return;
    const uint8_t *sealed = chain_digest(loader->chain, point->batch_number);
    if (!sealed || memcmp(sealed, point->digest, DIGEST_BYTES) != 0)
        store_stop(store,
            "the state tables are not of this journal: they were written behind batch %lld, which "
            "is missing or another one; restore the database, or ask for support",
            (long long)point->batch_number);
}

void prove_rows(struct store *store)
{
    int64_t wrong = chain_check(store->loader.chain);
    if (wrong != 0)
        store_stop(store,
            "vsl.batch: batch %lld is not what was recorded: its digest is not that of its rows; "
            "run vslctl verify; restore the database, or ask for support",
            (long long)wrong);
    chain_destroy(store->loader.chain);
    store->loader.chain = NULL;
}
