/* must_use.h: marks functions whose answer says whether they did what they are for: the compiler
 * complains about a caller that does not look.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_MUST_USE_H
#define VSL_BASE_MUST_USE_H

#define MUST_USE __attribute__((warn_unused_result))

#endif
