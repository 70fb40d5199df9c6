/* small_day_products.c: what the checks must find of products, see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "small_day.h"

const struct damage product_damages[] = {
    {"products", "delete from vsl.product_history where sequence = 83"},
    {"products", "delete from vsl.product_history where sequence = 86"},
    {"products", "delete from vsl.product_history where sequence = 87"},
    {"products", "update vsl.product_history set scale = 3 where sequence = 84"},
    {"products", "update vsl.product_history set cash_account_id = 8 where sequence = 84"},
    {"products", "update vsl.product_history set code = 'F1'"},
    {"products", "update vsl.product_history set account_id = 21"},
    {"products", "update vsl.product_history set account_id = 3 where product_id = 2"},
    {"products", "update vsl.product_history set price_e8 = 1 where sequence = 84"},
    {"products", "update vsl.product_history set price_version = 1 where sequence = 84"},
    {"products", "update vsl.product_history set status = 2 where sequence = 84"},
    {"products", "update vsl.product_history set ledger_id = 2 where product_id = 2"},
    {"products", "delete from vsl.account_history where sequence = 81"},
    {"products",
        "insert into vsl.account_history select 87, 1, 23, 0, 9, 1, false, false, 0, 0, 0, 0,"
        " 0, null"},
    {"products", "delete from vsl.price_history where sequence = 82"},
    {"products", "delete from vsl.price_history where sequence = 84 and price_id = 2"},
    {"products", "delete from vsl.price_history where sequence = 85 and price_id = 4"},
    {"products", "update vsl.price_history set version = 3 where price_id = 3"},
    {"products", "update vsl.price_history set date = '2025-12-29' where price_id = 2"},
    {"products", "update vsl.price_history set date = '2026-01-01' where price_id = 1"},
    {"products", "update vsl.price_history set price_e8 = 7 where sequence = 84 and price_id = 2"},
    {"products", "update vsl.price_history set published_sequence = 82 where price_id = 3"},
    {"products", "update vsl.price_history set product_id = 2 where price_id = 4"},
    {"products", "update vsl.price_history set ledger_id = 2 where price_id = 4"},
    {"products", "update vsl.price_history set status = 2 where price_id = 4"},
    {"products", "update vsl.command set kind = 124 where sequence = 86"},
    {"products", "update vsl.command set kind = 122 where sequence = 80"},
    {"products", "update vsl.command set kind = 123 where sequence = 80"},
    {"products", "update vsl.command set kind = 124 where sequence = 80"},
    {"products", "update vsl.command set kind = 107 where sequence = 87"},
    {"products", "update vsl.command set subject_id = 1 where sequence = 83"},
    {"refused_without_effect", "update vsl.command set outcome = 757 where sequence = 83"},
    {"refused_without_effect", "update vsl.command set outcome = 757 where sequence = 86"},
    {"state_records", "insert into vsl.product select * from vsl.product_history where sequence ="
                      " 86; update vsl.product set name = 'Gold'"},
    {"state_records", "insert into vsl.price select * from vsl.price_history where sequence = 82;"
                      " update vsl.price set price_e8 = 7"},
    {"state_progress", "insert into vsl.product select * from vsl.product_history where sequence ="
                       " 86; update vsl.product set sequence = 91"},
    {"state_progress", "insert into vsl.price select * from vsl.price_history where sequence = 82;"
                       " update vsl.price set sequence = 91"},
    /* Units that meet money, that are nobody's or less than nothing, positions of nothing. */
    {"units",
        UNITS_TRADE "update vsl.posting set amount = 1000001 where sequence = 87 and line = 1"},
    {"units", UNITS_TRADE "update vsl.posting set amount = 4 where sequence = 87 and line = 0"},
    {"units", UNITS_TRADE
        "update vsl.posting set credit_account_id = 9 where sequence = 87 and line = 1"},
    {"units", UNITS_TRADE
        "update vsl.posting set credit_account_id = 9 where sequence = 87 and line = 0"},
    {"units", UNITS_TRADE
        "update vsl.posting set credit_account_id = 22 where sequence = 87 and line = 1"},
    {"units",
        UNITS_TRADE "update vsl.posting set credit_balance = 7 where sequence = 87 and line = 1"},
    {"units",
        UNITS_TRADE "update vsl.posting set debit_balance = 7 where sequence = 87 and line = 1"},
    {"units",
        UNITS_TRADE "update vsl.posting set debit_bucket = 3 where sequence = 87 and line = 1"},
    {"units", UNITS_TRADE "delete from vsl.posting where sequence = 87 and line = 0"},
    {"units", UNITS_TRADE "update vsl.command set kind = 126 where sequence = 87"},
    {"units", UNITS_TRADE "update vsl.command set kind = 40 where sequence = 87"},
    {"units", UNITS_TRADE "update vsl.position_history set owner_account_id = 9"},
    {"units", UNITS_TRADE "update vsl.position_history set product_id = 2"},
    {"units", UNITS_TRADE "update vsl.position_history set opened_sequence = 86"},
    {"units", UNITS_TRADE "delete from vsl.position_history"},
    {"units", UNITS_TRADE "insert into vsl.position_history values (87, 1, 2, 31, 8, 1, 87)"},
    {"units", UNITS_TRADE "insert into vsl.position_history values (87, 1, 2, 30, 9, 1, 87)"},
    {"units", UNITS_TRADE "update vsl.account_history set member_id = 1 where account_id = 30"},
    {"units", "insert into vsl.account_history values (81, 1, 30, 0, 10, 1, false, false, 0, 0, 0, "
              "0, 0, null)"},
    {"units", "update vsl.command set kind = 125 where sequence = 80"},
    {"state_records", "insert into vsl.position values (81, 1, 1, 21, 7, 1, 81)"},
    {"state_progress", "insert into vsl.position values (91, 1, 1, 21, 7, 1, 81)"},
    {"refused_without_effect", "insert into vsl.position_history values (5, 1, 1, 21, 7, 1, 5)"},
};
const int product_damage_count = sizeof product_damages / sizeof *product_damages;
