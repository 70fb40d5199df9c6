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

const struct proof_key *store_key(const struct store *store)
{
    return &store->keys[store->key_count - 1];
}

const struct proof_key *store_key_of(const struct store *store, int32_t number)
{
    if (number == 0)
        return &proof_no_key;
    for (size_t i = 0; i < store->key_count; i++) {
        if (store->keys[i].number == number)
            return &store->keys[i];
    }
    return NULL;
}

static bool has_ring(const struct store *store)
{
    return store_key(store)->number != 0;
}

void prove_begin(struct store *store)
{
    char identity[IDENTITY_CHARS + 1];
    identity_text(&store->first_identity, identity);
    store->adopted_batch = -1;
    if (!has_ring(store)) {
        log_warning("no key ring (keys.file): codes are made without a key, so they find damage of "
                    "the database, not what somebody with rights on it does");
        return;
    }
    log_info("the journal's codes are made with key=%d", store_key(store)->number);
    int64_t batch_number;
    if (store->find_adoption && store->find_adoption(store->adoption_context, identity,
                                    &batch_number, store->adopted_digest))
        store->adopted_batch = batch_number;
}

const char *store_prove_batch(const struct store *store, const struct batch_row *row)
{
    uint8_t code[PROOF_BYTES];
    if (row->batch_number == store->adopted_batch &&
        memcmp(row->digest, store->adopted_digest, DIGEST_BYTES) != 0)
        return "a batch is not the one that was adopted";
    if (row->key_number == 0)
        return !has_ring(store) || row->batch_number <= store->adopted_batch
                   ? NULL
                   : "a batch has no code: see vslctl key adopt";
    const struct proof_key *key = store_key_of(store, row->key_number);
    if (!key)
        return "a batch has a code of a key that is not in the key ring (keys.file)";
    proof_of_batch(key, &store->first_identity, row, code);
    return proof_is(code, row->code) ? NULL
                                     : "a batch has a wrong code: it is not what was written";
}

const char *prove_segment(const struct store *store, struct proof_segment *segment,
    const struct indexed_segment *found, int64_t key_number, const uint8_t *code)
{
    uint8_t digest[DIGEST_BYTES];
    uint8_t made[PROOF_BYTES];
    if (!code || key_number == 0) {
        if (has_ring(store))
            return "a segment has no code of a key: see vslctl key adopt";
        if (!code)
            return NULL;
    }
    const struct proof_key *key = key_number >= 0 && key_number <= INT32_MAX
                                      ? store_key_of(store, (int32_t)key_number)
                                      : NULL;
    if (!key)
        return "a segment has a code of a key that is not in the key ring (keys.file)";
    segment->secret = store->position.filter_secret;
    if (found->reference_filter)
        proof_filter_digest(found->reference_filter, found->reference_filter_length,
            found->part_digests[1], found->part_counts[1], segment->reference_digest);
    proof_of_segment(key, &store->first_identity, segment, made);
    if (!proof_is(made, code))
        return "a segment's dates or filters, or vsl.writer.hash_secret, are not what was written";
    if (!found->key_filter)
        return NULL;
    proof_filter_digest(found->key_filter, found->key_filter_length, found->part_digests[0],
        found->part_counts[0], digest);
    return memcmp(digest, segment->filter_digest, DIGEST_BYTES) == 0
               ? NULL
               : "a segment's filter, or the digests of its parts, are not what was written";
}

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

/* Whether the state was sealed as it must be; without a key only where nobody could have known. */
static bool is_seal_enough(struct store *store)
{
    const struct seal_point *point = &store->loader.point;
    bool is_keyed = point->batch_number >= 0 && point->key_number != 0;
    if (!has_ring(store) || is_keyed)
        return true;
    if (store->position.batch_number == 0 && !seal_has_rows(&store->seal))
        return true;
    return store->position.batch_number == store->adopted_batch &&
           memcmp(store->position.digest, store->adopted_digest, DIGEST_BYTES) == 0;
}

static bool is_state_believed(struct store *store)
{
    const struct seal_point *point = &store->loader.point;
    if (!is_seal_enough(store)) {
        store_stop(store,
            "the state tables have no seal of a key, and the journal was not adopted as it is: "
            "see vslctl key adopt --help");
        return false;
    }
    if (point->batch_number < 0) {
        if (seal_has_rows(&store->seal))
            log_warning("the state tables had no seal yet: nothing proves that they are what was "
                        "written; they are sealed as they are now");
        return true;
    }
    if (seal_holds(&store->seal, point))
        return true;
    store_stop(store,
        "the state tables or vsl.state_progress are not what was written last: a row was changed, "
        "added or taken away; vslctl check names the rows, and the run book says what to do");
    return false;
}

/* The code of a batch that is not read as a row of COPY. */
static const char *prove_row(
    const struct store *store, const struct pg_result *result, size_t row_number)
{
    struct batch_row row = {.batch_number = pg_int64(result, row_number, 0),
        .key_number = pg_int32(result, row_number, 4)};
    struct pg_value code = pg_bytes(result, row_number, 5);
    memcpy(row.digest, pg_bytes(result, row_number, 3).bytes, DIGEST_BYTES);
    if (row.key_number != 0 && code.length != PROOF_BYTES)
        return "the code cannot be read";
    if (row.key_number != 0)
        memcpy(row.code, code.bytes, PROOF_BYTES);
    return store_prove_batch(store, &row);
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
    const char *wrong = NULL;
    if (before < rows)
        digest = pg_bytes(result, before, 3);
    if (digest.length == DIGEST_BYTES && before < rows)
        wrong = prove_row(store, result, before);
    if (wrong) {
        store_stop(store, "vsl.batch: %s (batch %lld); run vslctl verify", wrong,
            (long long)pg_int64(result, before, 0));
        return;
    }
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
        "select coalesce(batch_number, -1), first_sequence, coalesce(last_sequence, 0), digest,"
        " coalesce(key_number, 0), code"
        " from vsl.batch"
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
