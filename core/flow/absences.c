/* absences.c: keys and references that a filter claims for an indexed segment, and that the
 * database has not.
 *
 * One of 100,000 is nothing but the filter's mistake. A row that somebody took away past the
 * triggers looks alike, and then the request is carried out once more: the log says how many there
 * were, so that more than the filters' share is noticed, and who looks into one finds it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "flow/admission/wanted.h"
#include "flow/internal.h"

#include <inttypes.h>

/* A line about them so often. */
#define LINE_US (60 * INT64_C(1000000))
/* Of so many questions to a filter one may be answered wrongly; seldom ones are no proof. */
#define QUESTIONS_PER_MISTAKE 10000
#define FEW 16

void flow_note_absent(struct flow *flow, const struct wanted *wanted)
{
    struct absences *absences = &flow->absences;
    if (wanted->what == WANTED_KEY &&
        filter_set_claims(flow->filters, request_key_hash(flow->filter_secret, &wanted->key),
            wanted->key.business_date))
        absences->keys++;
    const struct query_reference *reference = &wanted->reference;
    if (wanted->what == WANTED_REFERENCE &&
        filter_set_claims(flow->reference_filters,
            reference_hash(flow->filter_secret, reference->ledger_id,
                (struct text){reference->reference, reference->reference_length}),
            0))
        absences->references++;
}

void flow_tell_absences(struct flow *flow, bool is_last)
{
    struct absences *absences = &flow->absences;
    uint64_t count = absences->keys + absences->references;
    if (count == absences->told || (!is_last && absences->told_us != 0 &&
                                       flow->now_monotonic_us - absences->told_us < LINE_US))
        return;
    uint64_t decided = (uint64_t)(journal_next_sequence(flow->journal) - absences->from_sequence);
    uint64_t share = decided * filter_set_count(flow->filters) / QUESTIONS_PER_MISTAKE;
    bool is_many = count > FEW + share;
    log_line(is_many ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
        "looked up in vain, though a filter has them, since the start keys=%" PRIu64
        " references=%" PRIu64 " commands=%" PRIu64 " segments=%zu%s",
        absences->keys, absences->references, decided, filter_set_count(flow->filters),
        is_many ? ": more than the filters' mistakes, so rows may have been taken away: run vslctl "
                  "verify --keys"
                : "");
    absences->told = count;
    absences->told_us = flow->now_monotonic_us;
}
