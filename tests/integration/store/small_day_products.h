/* small_day_products.h: products of the small day, see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_STORE_SMALL_DAY_PRODUCTS_H
#define VSL_TESTS_STORE_SMALL_DAY_PRODUCTS_H

/* A product with a price of two dates, of which the second one is corrected, and then the first;
 * another one that is closed. */
#define PRODUCT_COMMANDS                                                                           \
    "insert into vsl.command select n, '1970-01-03 14:00Z', 1, kind, 1, '2026-01-01', subject,"    \
    " 'BANK', '2026-01-01', 's' || n, '' from (values (81, 122, 1), (82, 124, 1), (83, 124, 2),"   \
    " (84, 124, 3), (85, 124, 4), (86, 122, 2), (87, 123, 2)) as t (n, kind, subject);"

#define PRODUCT_RECORDS                                                                            \
    "insert into vsl.account_history select n, 1, account, 0, 9, status, false, false, 0, 0, 0, "  \
    "0, 0,"                                                                                        \
    " null from (values (81, 21, 1), (86, 22, 1), (87, 22, 2)) as t (n, account, status);"         \
    "insert into vsl.product_history select n, 1, product, 20 + product, 7, 'F' || product,"       \
    " 'Money', 1, 1 + (n = 87)::int, 2, 1, 1, 1, false, price, price * 100, day::date, version"    \
    " from (values (81, 1, 0, null, 0), (82, 1, 1, '2025-12-30', 1), (83, 1, 2, '2025-12-31', 1)," \
    " (84, 1, 3, '2025-12-31', 2), (86, 2, 0, null, 0), (87, 2, 0, null, 0))"                      \
    " as t (n, product, price, day, version);"                                                     \
    "insert into vsl.price_history select n, 1, price, 1, day::date, version, price * 100, made,"  \
    " status from (values (82, 1, '2025-12-30', 1, 82, 1), (83, 2, '2025-12-31', 1, 83, 1),"       \
    " (84, 2, '2025-12-31', 1, 83, 2), (84, 3, '2025-12-31', 2, 84, 1),"                           \
    " (85, 1, '2025-12-30', 1, 82, 2), (85, 4, '2025-12-30', 2, 85, 1))"                           \
    " as t (n, price, day, version, made, status);"

/* Not of the day, for it would be part of all its sums: in the place of its last command 8 buys
 * 10,000.00 units for 3. */
#define UNITS_TRADE                                                                                \
    "update vsl.command set kind = 125, subject_id = 1 where sequence = 87;"                       \
    "insert into vsl.account_history values"                                                       \
    " (87, 1, 30, 0, 10, 1, false, false, 0, 0, 0, 0, 0, null);"                                   \
    "insert into vsl.position_history values (87, 1, 1, 30, 8, 1, 87);"                            \
    "insert into vsl.posting values (87, 0, 1, 3, 8, 0, 97, 7, 0, 103),"                           \
    " (87, 1, 1, 1000000, 21, 0, -1000000, 30, 0, 1000000);"

#endif
