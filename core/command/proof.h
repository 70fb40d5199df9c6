/* proof.h: the shape of a proof of a customer's instruction.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_PROOF_H
#define VSL_COMMAND_PROOF_H

#include "command/command.h"

struct decode_error;

/* Whether a proof that is given at all says by what, with which result, under which number and from
 * when until when. Adds what is broken to `all`. What it is bound to the engine compares. */
void check_proof(const struct instruction_proof *proof, struct decode_error *all);

/* Kinds that may have a proof, none twice, limits where there are amounts, and a kind of proof that
 * is taken. */
void check_proof_policy(const struct set_proof_policy *policy, struct decode_error *all);

/* One payee, ceilings that fit, and an end behind the beginning. */
void check_grant_mandate(const struct grant_mandate *grant, struct decode_error *all);

#endif
