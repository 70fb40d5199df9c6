/* small_day_statements.c: what the checks must find of the bank's statements, see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "small_day.h"

const struct damage statement_damages[] = {
    /* What the bank says. */
    {"bank_statements", "update vsl.bank_statement_history set line_sum = 4 where sequence = 76"},
    {"bank_statements", "update vsl.bank_statement_history set line_sum = 4, closing = 104"},
    {"bank_statements", "update vsl.bank_statement_history set control_count = 2, line_count = 2, "
                        "last_ordinal = 2 where sequence = 76"},
    {"bank_statements", "update vsl.bank_statement_history set control_count = 2"},
    {"bank_statements", "update vsl.bank_statement_history set closing = 106"},
    {"bank_statements", "update vsl.bank_statement_history set opening = 99 where sequence = 77"},
    {"bank_statements", "update vsl.bank_statement_history set status = 3 where sequence = 77"},
    {"bank_statements", "update vsl.bank_statement_history set status = 4 where sequence = 77"},
    {"bank_statements",
        "update vsl.bank_statement_history set closed_sequence = 76 where sequence = 77"},
    {"bank_statements", "update vsl.bank_statement_history set opened_sequence = 76"},
    {"bank_statements", "update vsl.bank_statement_history set opened_date = '2026-01-02'"},
    {"bank_statements",
        "update vsl.bank_statement_history set reference = 'S' where sequence = 76"},
    {"bank_statements", "update vsl.bank_statement_history set ledger_id = 2"},
    {"bank_statements", "update vsl.bank_statement_history set has_gap = true"},
    {"bank_statements", "update vsl.bank_statement_history set missing_before = 1"},
    {"bank_statements",
        "update vsl.bank_statement_history set last_line_id = 2 where sequence = 76"},
    {"bank_statements", "update vsl.bank_statement_history set first_line_id = 1, last_line_id = 2 "
                        "where sequence = 77"},
    {"bank_statements", "update vsl.bank_statement_history set first_line_id = 2, last_line_id = 2 "
                        "where sequence > 75"},
    {"bank_statements", "delete from vsl.bank_statement_history where sequence = 75"},
    {"bank_statements", "delete from vsl.bank_statement_history where sequence = 76"},
    {"bank_statements", "delete from vsl.bank_statement_history where sequence = 77"},
    {"bank_statements", "delete from vsl.statement_line_history"},
    {"bank_statements", "update vsl.statement_line_history set amount = 6, status = "
                        "case matched when 0 then 1 else 2 end"},
    {"bank_statements", "update vsl.statement_line_history set ordinal = 2"},
    {"bank_statements", "update vsl.statement_line_history set added_sequence = 75"},
    {"bank_statements", "update vsl.statement_line_history set bank_statement_id = 2"},
    {"bank_statements", "insert into vsl.statement_line_history values (77, 1, 2, 1, 5, 0, 77, 1, "
                        "'2026-01-01', null, 1)"},
    {"bank_statements", "update vsl.command set kind = 108 where sequence = 76"},
    {"bank_statements", "update vsl.command set kind = 107 where sequence = 77"},
    {"bank_statements", "update vsl.command set subject_id = 2 where sequence = 75"},
    {"bank_statements", "update vsl.command set outcome = 682 where sequence = 75"},
    {"bank_statements",
        "insert into vsl.bank_statement_history select 91, 1, 2, 8, 0, 106, 105, 0, 91, 0, "
        "from_date, to_date, 0, 0, 0, 0, 0, 2, opened_date, 1, false, 'T', file_sha256 from "
        "vsl.bank_statement_history where sequence = 77; insert into vsl.command select 91, "
        "recorded_at, 1, 106, 1, accounting_date, 2, channel, business_date, 'again', "
        "'\\xfb02' from vsl.command where sequence = 77"},
    {"bank_statements",
        "insert into vsl.bank_statement_history select 91, 1, 2, 9, 0, 105, 105, 0, 91, 0, "
        "from_date, to_date, 0, 0, 0, 0, 0, 2, opened_date, 1, false, 'T', file_sha256 from "
        "vsl.bank_statement_history where sequence = 77; insert into vsl.command select 91, "
        "recorded_at, 1, 106, 1, accounting_date, 2, channel, business_date, 'again', "
        "'\\xfb02' from vsl.command where sequence = 77"},
    {"bank_statements",
        "insert into vsl.bank_statement_history select 91, 1, 2, 8, 0, 105, 105, 0, 91, 0, "
        "from_date, to_date, 0, 0, 0, 0, 0, 1, opened_date, 1, false, 'T', file_sha256 from "
        "vsl.bank_statement_history where sequence = 77; insert into vsl.command select 91, "
        "recorded_at, 1, 106, 1, accounting_date, 2, channel, business_date, 'again', "
        "'\\xfb02' from vsl.command where sequence = 77"},
    {"bank_statements",
        "insert into vsl.bank_statement_history select 91, 1, 2, 8, 0, 105, 105, 0, 91, 0, "
        "from_date, to_date, 0, 0, 0, 0, 0, 2, opened_date, 1, false, 'ST', file_sha256 from "
        "vsl.bank_statement_history where sequence = 77; insert into vsl.command select 91, "
        "recorded_at, 1, 106, 1, accounting_date, 2, channel, business_date, 'again', "
        "'\\xfb02' from vsl.command where sequence = 77"},
    {"bank_statements",
        "insert into vsl.bank_statement_history select 91, 1, 2, 8, 0, 105, 105, 0, 91, 0, "
        "from_date, to_date, 0, 0, 0, 0, 0, 2, opened_date, 1, true, 'T', file_sha256 from "
        "vsl.bank_statement_history where sequence = 77; insert into vsl.command select 91, "
        "recorded_at, 1, 106, 1, accounting_date, 2, channel, business_date, 'again', "
        "'\\xfb02' from vsl.command where sequence = 77"},
    {"bank_statements",
        "update vsl.command set body = '\\x040205016b' where sequence = 76; insert into "
        "vsl.command select 91, recorded_at, 1, 107, 1, accounting_date, 1, channel, "
        "business_date, 'again', body from vsl.command where sequence = 76"},
    {"state_records",
        "insert into vsl.bank_statement select * from vsl.bank_statement_history where "
        "sequence = 77; update vsl.bank_statement set number = 8"},
    {"state_progress",
        "insert into vsl.bank_statement select * from vsl.bank_statement_history where "
        "sequence = 77; update vsl.bank_statement set sequence = 91"},
    {"state_records",
        "insert into vsl.statement_line select * from vsl.statement_line_history where "
        "sequence = 80; update vsl.statement_line set amount = 6"},
    {"state_progress",
        "insert into vsl.statement_line select * from vsl.statement_line_history where "
        "sequence = 80; update vsl.statement_line set sequence = 91"},
    {"refused_without_effect", "update vsl.command set outcome = 691 where sequence = 77"},
    {"refused_without_effect", "update vsl.command set outcome = 687 where sequence = 76"},

    /* What is matched of it. */
    {"statement_matches", "update vsl.command set outcome = 705 where sequence = 78"},
    {"statement_matches", "update vsl.command set kind = 110 where sequence = 78"},
    {"statement_matches", "update vsl.command set kind = 109 where sequence = 80"},
    {"statement_matches", "update vsl.command set subject_id = 2 where sequence = 78"},
    {"statement_matches", "update vsl.command set ledger_id = 2 where sequence = 79"},
    {"statement_matches", "delete from vsl.statement_match_history where sequence = 78"},
    {"statement_matches", "delete from vsl.statement_match_history where sequence = 80"},
    {"statement_matches",
        "update vsl.statement_match_history set amount = 1 where statement_match_id = 2"},
    {"statement_matches", "update vsl.statement_match_history set amount = 1 where sequence = 80"},
    {"statement_matches",
        "update vsl.statement_match_history set made_sequence = 77 where sequence = 78"},
    {"statement_matches",
        "update vsl.statement_match_history set undone_sequence = 79 where sequence = 80"},
    {"statement_matches",
        "update vsl.statement_match_history set booking_id = 1 where statement_match_id = 2"},
    {"statement_matches", "update vsl.statement_match_history set booking_kind = 1 where "
                          "statement_match_id = 2; update vsl.matched_booking_history set "
                          "booking_kind = 1 where matched_booking_id = 2"},
    {"statement_matches",
        "update vsl.statement_match_history set statement_line_id = 2 where sequence = 78"},
    {"statement_matches",
        "update vsl.statement_match_history set bank_statement_id = 2 where sequence = 78"},
    {"statement_matches", "update vsl.statement_line_history set matched = 4 where sequence = 80"},
    {"statement_matches", "delete from vsl.statement_line_history where sequence = 79"},
    {"statement_matches",
        "update vsl.statement_line_history set booking_date = '2026-01-02' where sequence = 79"},
    {"statement_matches", "update vsl.matched_booking_history set matched = 4 where sequence = 78"},
    {"statement_matches", "delete from vsl.matched_booking_history where sequence = 80"},
    {"statement_matches", "insert into vsl.matched_booking_history values (77, 1, 3, 9, 1, 3)"},
    {"statement_matches", "update vsl.statement_match_history set booking_id = 9 where "
                          "sequence = 78; update vsl.matched_booking_history set booking_id = 9 "
                          "where sequence = 78"},
    {"statement_matches", "update vsl.payout_history set returned = 1 where payout_id = 2 and "
                          "returned > 0"},
    {"statement_matches", "update vsl.posting set amount = 2 where sequence = 20"},
    {"statement_matches",
        "update vsl.bank_statement_history set sequence = 79 where sequence = 77"},
    {"statement_matches", "insert into vsl.refunded_history values (79, 1, 9, 20, 0, 0, 0, 79)"},
    {"statement_matches", "insert into vsl.refunded_history values (77, 1, 9, 20, 0, 0, 0, 77)"},
    {"state_records",
        "insert into vsl.statement_match select * from vsl.statement_match_history where "
        "sequence = 78; update vsl.statement_match set amount = 6"},
    {"state_progress",
        "insert into vsl.statement_match select * from vsl.statement_match_history where "
        "sequence = 78; update vsl.statement_match set sequence = 91"},
    {"state_records",
        "insert into vsl.matched_booking select * from vsl.matched_booking_history where "
        "sequence = 78; update vsl.matched_booking set matched = 6"},
    {"state_progress",
        "insert into vsl.matched_booking select * from vsl.matched_booking_history where "
        "sequence = 78; update vsl.matched_booking set sequence = 91"},
    {"refused_without_effect", "update vsl.command set outcome = 705 where sequence = 78"},
};
const int statement_damage_count = sizeof statement_damages / sizeof *statement_damages;
