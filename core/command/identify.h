/* identify.h: what ties the fields of an IdentifyMember together; internal to command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_IDENTIFY_H
#define VSL_COMMAND_IDENTIFY_H

#include "base/must_use.h"
#include "command/command.h"
#include "command/decode.h"

/* Holds names and documents to each other and the numbers to their standards, and puts the numbers
 * into the form in which they are kept, where they stand; a household register ends with the day
 * before the sixteenth birthday. -1 with the error. */
MUST_USE int check_identify(struct identify_member *asked, struct decode_error *ret_error);

/* Holds the number of a document to the standard of its kind, and puts it into the form in which it
 * is kept, where it stands. -1 with the error, which names `path`. */
MUST_USE int check_document_number(
    const char *path, int32_t kind, struct text *number, struct decode_error *ret_error);
/* The same of a person or company whom another command names, without dates, in the sub-message
 * `outer`; all or nothing of it is given. */
MUST_USE int check_subject_named(
    const char *outer, struct identified *subject, struct decode_error *ret_error);

#endif
