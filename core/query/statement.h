/* statement.h: one read statement of sql/statements as the program holds it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_QUERY_STATEMENT_H
#define VSL_QUERY_STATEMENT_H

struct query_statement {
    const char *name; /* the file's name; prepared under it */
    const char *sql;
};

#endif
