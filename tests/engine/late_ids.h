/* late_ids.h: an engine whose database has given very many ids already.
 *
 * Random histories, their model and their shelf count ids from 1 on. Behind this header the
 * engine's own ids of the kinds that leave memory begin after a long past: they are translated on
 * the way in and out, so what the engine decides must not depend on how large its ids are. Included
 * instead of engine/engine.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_LATE_IDS_H
#define VSL_TESTS_ENGINE_LATE_IDS_H

#include "engine/engine.h"

/* How many ids of each such kind an engine has given before it is made here, from now on. 0: none.
 */
void late_ids_set(int64_t id);

/* As those of the engine, with the model's ids. Records that are found are copies, each valid until
 * some more of its kind are looked for. */
struct engine *late_create(void);
void late_execute(struct engine *engine, int64_t now_us, int64_t sequence,
    const struct command *command, struct effects *ret_effects);
void late_load_image(struct engine *engine, int64_t sequence, const struct image *image);
int late_revive(struct engine *engine, const struct image *image);
bool late_is_resident(const struct engine *engine, enum record_kind kind, int64_t id);
int64_t late_last_id(const struct engine *engine, enum record_kind kind);
const void *late_find_record(const struct engine *engine, enum record_kind kind, int64_t id);
const struct watch *late_find_watch(const struct engine *engine, int64_t ledger_id);
const struct suspense *late_oldest_suspense(const struct engine *engine, int64_t ledger_id);
const struct refunded *late_find_refunded(
    const struct engine *engine, int64_t original_sequence, int64_t account_id);
const struct matched_booking *late_find_matched_booking(
    const struct engine *engine, uint8_t booking_kind, int64_t booking_id);
bool late_booking_of(const struct engine *engine, const struct command *command,
    uint8_t *ret_booking_kind, int64_t *ret_booking_id);
enum card_status late_card_status(const struct engine *engine, const struct card *card);
bool late_next_due(struct engine *engine, int64_t now_us, struct due *ret_due);
uint32_t late_take_changed(struct engine *engine, int64_t until_sequence, uint32_t max,
    int64_t next_sequence, struct image *ret_images, int64_t *ret_sequences,
    int64_t *ret_redo_sequence);

/* Chains that the engine keeps, by the model's ids; 0: none. */
int64_t chain_newest_freeze(const struct engine *engine, int64_t account_id);
int64_t chain_older_freeze(const struct engine *engine, int64_t freeze_id);
int64_t chain_younger_freeze(const struct engine *engine, int64_t freeze_id);
int64_t chain_oldest_debt(const struct engine *engine, int64_t account_id);
int64_t chain_younger_debt(const struct engine *engine, int64_t debt_id);
int64_t chain_newest_card(const struct engine *engine, int64_t member_id);
int64_t chain_older_card(const struct engine *engine, int64_t card_id);

#ifndef VSL_TESTS_ENGINE_LATE_IDS_ITSELF
#define engine_create late_create
#define engine_execute late_execute
#define engine_load_image late_load_image
#define engine_revive late_revive
#define engine_is_resident late_is_resident
#define engine_last_id late_last_id
#define engine_find_record late_find_record
#define engine_find_refunded late_find_refunded
#define engine_find_matched_booking late_find_matched_booking
#define engine_booking_of late_booking_of
#define engine_find_watch late_find_watch
#define engine_oldest_suspense late_oldest_suspense
#define engine_card_status late_card_status
#define engine_next_due late_next_due
#define engine_take_changed late_take_changed
#define engine_find_account(engine, id)                                                            \
    ((const struct account *)late_find_record(engine, RECORD_ACCOUNT, id))
#define engine_find_payout(engine, id)                                                             \
    ((const struct payout *)late_find_record(engine, RECORD_PAYOUT, id))
#define engine_find_hold(engine, id)                                                               \
    ((const struct hold *)late_find_record(engine, RECORD_HOLD, id))
#define engine_find_freeze(engine, id)                                                             \
    ((const struct freeze *)late_find_record(engine, RECORD_FREEZE, id))
#define engine_find_debt(engine, id)                                                               \
    ((const struct debt *)late_find_record(engine, RECORD_DEBT, id))
#define engine_find_adjustment(engine, id)                                                         \
    ((const struct adjustment *)late_find_record(engine, RECORD_ADJUSTMENT, id))
#endif

#endif
