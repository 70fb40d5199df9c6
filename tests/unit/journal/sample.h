/* sample.h: records with every field at random, within what the columns hold.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_JOURNAL_SAMPLE_H
#define VSL_TESTS_JOURNAL_SAMPLE_H

#include "journal/rows.h"
#include "support/random.h"

/* Numbers of any size, the ends of int64 among them. */
int64_t sample_number(struct random *random);

struct request_key sample_key(struct random *random);

/* `body` has COMMAND_BODY_BYTES_MAX bytes and is filled. */
struct command_record sample_command(struct random *random, uint8_t *body);
struct posting sample_posting(struct random *random);

/* Derived fields, which rows do not carry, are zero; changed_sequence is `sequence`. */
struct image sample_image(struct random *random, enum record_kind kind, int64_t sequence);
struct batch_row sample_batch(struct random *random);

/* Whether two images of one kind are the same in every field that a row carries. */
bool same_image(const struct image *a, const struct image *b);
bool same_posting(const struct posting *a, const struct posting *b);
bool same_command(const struct command_record *a, const struct command_record *b);

#endif
