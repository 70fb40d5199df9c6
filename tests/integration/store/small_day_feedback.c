/* small_day_feedback.c: what the checks must find of what organs are told, see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "small_day.h"

const struct damage feedback_damages[] = {
    {"feedback", "delete from vsl.feedback_history where sequence = 70"},
    {"feedback", "delete from vsl.feedback_history where sequence = 72"},
    {"feedback", "update vsl.feedback_history set claim_id = 0 where sequence = 72"},
    {"feedback", "update vsl.feedback_history set claim_id = 2 where sequence = 72"},
    {"feedback", "update vsl.feedback_history set organ = 'C-2' where sequence = 72"},
    {"feedback", "update vsl.feedback_history set ledger_id = 2 where sequence = 72"},
    {"feedback", "update vsl.feedback_history set noticed = true where sequence = 72"},
    {"feedback", "update vsl.feedback_history set asked_sequence = 70 where sequence = 72"},
    {"feedback", "update vsl.feedback_history set feedback_id = 1 where sequence = 72"},
    {"feedback",
        "update vsl.feedback_history set status = 2, given_sequence = 72 where sequence = 72"},
    {"feedback", "update vsl.feedback_history set due_at = due_at - interval '24 hours'"},
    {"feedback", "update vsl.command set kind = 120 where sequence = 71"},
    {"feedback", "update vsl.command set kind = 121 where sequence = 71"},
    {"feedback", "update vsl.command set kind = 120 where sequence = 72"},
    {"feedback", "update vsl.command set kind = 51 where sequence = 72"},
    /* Told once, and not before it is time; given by its own command. */
    {"feedback", "insert into vsl.feedback_history select 71, ledger_id, feedback_id, claim_id, "
                 "organ, 1, due_at, true, 70, 0 from vsl.feedback_history where sequence = 70"},
    {"feedback", "insert into vsl.feedback_history select 71, ledger_id, feedback_id, claim_id, "
                 "organ, 2, due_at, false, 70, 71 from vsl.feedback_history where sequence = 70"},
    {"feedback", "update vsl.command set kind = 70 where sequence = 71; "
                 "insert into vsl.feedback_history select 71, ledger_id, feedback_id, claim_id, "
                 "organ, 1, due_at, true, 70, 0 from vsl.feedback_history where sequence = 70"},
    {"feedback", "update vsl.command set kind = 121 where sequence = 71; "
                 "insert into vsl.feedback_history select 71, ledger_id, feedback_id, claim_id, "
                 "organ, 2, due_at, true, 70, 71 from vsl.feedback_history where sequence = 70"},
    {"feedback", "update vsl.command set kind = 121 where sequence = 71; "
                 "insert into vsl.feedback_history select 71, ledger_id, feedback_id, claim_id, "
                 "organ, 2, due_at, false, 70, 70 from vsl.feedback_history where sequence = 70"},
    {"refused_without_effect", "update vsl.command set outcome = 641 where sequence = 72"},
    {"state_records", "insert into vsl.feedback select * from vsl.feedback_history; "
                      "update vsl.feedback set organ = 'C-2' where feedback_id = 2"},
    {"state_progress", "insert into vsl.feedback select * from vsl.feedback_history; "
                       "update vsl.feedback set sequence = 91 where feedback_id = 2"},
};
const int feedback_damage_count = sizeof feedback_damages / sizeof *feedback_damages;
