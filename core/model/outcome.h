/* outcome.h: the answers to commands.
 *
 * The list itself, with numbers, order of precedence, texts and advice, is the enum Outcome in
 * proto/vsl/v1/outcome.proto; the build turns it into outcome_list.h. Nothing else lists outcomes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_OUTCOME_H
#define VSL_MODEL_OUTCOME_H

#include "base/must_use.h"
#include "outcome_list.h"

#include <stdbool.h>
#include <stddef.h>

/* OUTCOME_ACCEPTED, OUTCOME_KEY_CONFLICT, ...; in order of precedence. Stored in the journal. */
#define OUTCOME_ENUMERATOR(number, name, retry, precedence, text, text_zh) OUTCOME_##name = number,
enum outcome { OUTCOME_LIST(OUTCOME_ENUMERATOR) };
#undef OUTCOME_ENUMERATOR

/* What the caller should do after a refusal; numbers as in the proto. Unspecified when accepted. */
#define RETRY_ENUMERATOR(number, name) RETRY_##name = number,
enum retry { RETRY_ADVICE_LIST(RETRY_ENUMERATOR) };
#undef RETRY_ENUMERATOR

/* Refusals begin here. */
#define OUTCOME_REFUSED_MIN 100

static inline bool outcome_is_accepted(int outcome)
{
    return outcome > 0 && outcome < OUTCOME_REFUSED_MIN;
}

/* "INSUFFICIENT_AVAILABLE"; NULL for a number that is not in the list. */
static inline const char *outcome_name(int outcome)
{
#define OUTCOME_CASE(number, name, retry, precedence, text, text_zh)                               \
    case number:                                                                                   \
        return #name;
    switch (outcome) {
        OUTCOME_LIST(OUTCOME_CASE)
    default:
        return NULL;
    }
#undef OUTCOME_CASE
}

/* The languages of the sentences for people. */
enum text_language { TEXT_ENGLISH, TEXT_CHINESE };

/* A sentence for people, in UTF-8, that says what happened and what to do; NULL for an unknown
 * number. */
static inline const char *outcome_text(int outcome, enum text_language language)
{
#define OUTCOME_CASE(number, name, retry, precedence, text, text_zh)                               \
    case number:                                                                                   \
        return language == TEXT_CHINESE ? text_zh : text;
    switch (outcome) {
        OUTCOME_LIST(OUTCOME_CASE)
    default:
        return NULL;
    }
#undef OUTCOME_CASE
}

/* What to do after the outcome; RETRY_ASK_STATE for an unknown number. */
static inline enum retry outcome_retry(int outcome)
{
#define OUTCOME_CASE(number, name, retry, precedence, text, text_zh)                               \
    case number:                                                                                   \
        return retry;
    switch (outcome) {
        OUTCOME_LIST(OUTCOME_CASE)
    default:
        return RETRY_ASK_STATE;
    }
#undef OUTCOME_CASE
}

/* Place in the order of precedence: when several refusals are possible, the least is answered. -1
 * for an unknown number. */
MUST_USE static inline int outcome_precedence(int outcome)
{
#define OUTCOME_CASE(number, name, retry, precedence, text, text_zh)                               \
    case number:                                                                                   \
        return precedence;
    switch (outcome) {
        OUTCOME_LIST(OUTCOME_CASE)
    default:
        return -1;
    }
#undef OUTCOME_CASE
}

#endif
