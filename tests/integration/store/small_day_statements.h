/* small_day_statements.h: what the bank says on the small day, see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_SMALL_DAY_STATEMENTS_H
#define VSL_TESTS_STORE_SMALL_DAY_STATEMENTS_H

/* A statement of the bank, from 100 to 105, with a line of 5; closed. */
#define STATEMENT_COMMANDS                                                                         \
    "insert into vsl.command select n, '1970-01-03 14:00Z', 1, kind, 1, '2026-01-01', 1, 'BANK',"  \
    " '2026-01-01', 's' || n, '' from (values (75, 106), (76, 107), (77, 108)) as t (n, kind);"

#define STATEMENT_RECORDS                                                                          \
    "insert into vsl.bank_statement_history select n, 1, 1, 7, 0, 100, 105, 5 * lines, 75,"        \
    " case when n = 77 then n else 0 end, '2026-01-01', '2026-01-01', 1, lines, lines, 1,"         \
    " '2026-01-01', 1 + (n = 77)::int, false, 'ST', repeat('a', 64)"                               \
    " from (values (75, 0), (76, 1), (77, 1)) as t (n, lines);"                                    \
    "insert into vsl.statement_line_history values (76, 1, 1, 1, 5, 76, 1, '2026-01-01', null, "   \
    "1);"

#endif
