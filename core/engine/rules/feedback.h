/* feedback.h: until when an organ is told what became of its request, and that it was told.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_ENGINE_RULES_FEEDBACK_H
#define VSL_ENGINE_RULES_FEEDBACK_H

#include "engine/memory/memory.h"

/* Rows of record_rules.c. */
void index_feedback(struct engine *engine, int64_t feedback_id);
enum outcome expire_feedback(
    struct engine *engine, const struct ledger *ledger, int64_t feedback_id);

/* Whether an answer can be owed for one more command with a paper. */
enum outcome check_request(const struct engine *engine);
/* This command brought a paper about the claim: its organ waits for an answer until then, 0: for as
 * long as is usual. The bank itself and a creditor wait for none unless they say so. */
void note_request(struct engine *engine, const struct claim *claim, int64_t answer_by_us);
/* What was deducted came back, and the claim that the organ had does not take it: the organ must
 * hear of it, since nobody keeps the money for it. The bank's word itself is never refused. */
void note_unclaimed(
    struct engine *engine, const struct ledger *ledger, int64_t claim_id, struct text organ);

#endif
