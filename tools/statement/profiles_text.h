/* profiles_text.h: profiles.ini, which the build puts into the program.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_STATEMENT_PROFILES_TEXT_H
#define VSL_TOOLS_STATEMENT_PROFILES_TEXT_H

extern const char statement_profiles_text[];

#endif
