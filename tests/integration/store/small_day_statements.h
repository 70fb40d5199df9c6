/* small_day_statements.h: what the bank says on the small day, see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_SMALL_DAY_STATEMENTS_H
#define VSL_TESTS_STORE_SMALL_DAY_STATEMENTS_H

/* A statement of the bank, from 100 to 105, with a line of 5; closed. 3 of it are the receipt 20,
 * and 2 were what came back of the payout 2. */
#define STATEMENT_COMMANDS                                                                         \
    "insert into vsl.command select n, '1970-01-03 14:00Z', 1, kind, 1, '2026-01-01', subject,"    \
    " 'BANK', '2026-01-01', 's' || n, '' from (values (75, 106, 1), (76, 107, 1), (77, 108, 1),"   \
    " (78, 109, 1), (79, 109, 2), (80, 110, 2)) as t (n, kind, subject);"

#define STATEMENT_RECORDS                                                                          \
    "insert into vsl.bank_statement_history select n, 1, 1, 7, 0, 100, 105, 5 * lines, 75,"        \
    " case when n = 77 then n else 0 end, '2026-01-01', '2026-01-01', 1, lines, lines, lines"      \
    ", lines, 1, '2026-01-01', 1 + (n = 77)::int, false, 'ST', repeat('a', 64)"                    \
    " from (values (75, 0), (76, 1), (77, 1)) as t (n, lines);"                                    \
    "insert into vsl.statement_line_history select n, 1, 1, 1, 5, matched, 76, 1, '2026-01-01',"   \
    " null, status from (values (76, 0, 1), (78, 3, 2), (79, 5, 3), (80, 3, 2))"                   \
    " as t (n, matched, status);"                                                                  \
    "insert into vsl.statement_match_history values (78, 1, 1, 1, 1, 20, 3, 78, 0, 3, 1),"         \
    " (79, 1, 2, 1, 1, 2, 2, 79, 0, 2, 1), (80, 1, 2, 1, 1, 2, 2, 79, 80, 2, 2);"                  \
    "insert into vsl.matched_booking_history values (78, 1, 1, 20, 3, 3), (79, 1, 2, 2, 2, 2),"    \
    " (80, 1, 2, 2, 0, 2);"

#endif
