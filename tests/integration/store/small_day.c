/* small_day.c: see small_day.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "small_day.h"

#include <stddef.h>

/* One ledger with ESCROW (1), UNALLOCATED (2), FEE (3), PLATFORM_OWN (4) and members' accounts (7,
 * 8, 9). The state tables lag behind: they are as of command 3, as a restart may find them. */
/* BindCard needs a proof, of that kind. */
#define CARDS_BY_SIGNATURE                                                                         \
    "update vsl.proof_policy_history set rules ="                                                  \
    " decode(rpad('000000000000000f', 47, '0') || '8', 'hex')"

const char *const small_day[] = {
    "select vsl.make_segment(1, 1000);"
    "update vsl.writer set epoch = 1, batch_number = 3;"
    "insert into vsl.batch values (1, 1, 1, 2, 'epoch', sha256('')),"
    " (2, 1, 3, 5, '1970-01-02Z', sha256('')), (3, 1, 6, 87, '1970-01-03 14:00Z', sha256(''));"
    /* sequence, hour, ledger, kind, outcome, subject, channel, order number, fee, version of its
     * rule */
    "insert into vsl.command select n, 'epoch'::timestamptz + hour * interval '1 hour', ledger, "
    "kind,"
    " outcome, '2026-01-01', subject, channel, '2026-01-01', 's' || n,"
    " case n when 33 then '\\xfb02'::bytea when 35 then '\\xfb04' when 68 then '\\xfb06' else '' "
    "end, order_number, fee, "
    "version"
    " from (values"
    " (1, 0, 0, 1, 1, 1, 'APP', null, null::bigint, null::int),"
    " (2, 0, 1, 20, 1, 7, 'APP', null, null, null),"
    /* 7 gets 100 and withdraws 40 with a fee of 1: that waits for the bank. A refused
     * CollectFees. */
    " (3, 0, 1, 30, 1, 7, 'APP', null, null, null),"
    " (4, 24, 1, 50, 1, 1, 'APP', null, 1, null),"
    " (5, 24, 1, 33, 117, 0, 'APP', null, null, null),"
    /* 7 gets 1000; two versions of a fee rule; 7 pays 100 to 8 with a fee of 3. */
    " (6, 48, 1, 30, 1, 7, 'APP', null, null, null),"
    " (7, 48, 1, 5, 1, 1, 'APP', null, null, null),"
    " (8, 48, 1, 5, 1, 2, 'APP', null, null, null),"
    " (9, 48, 1, 40, 1, 8, 'APP', 'R', 3, 2),"
    /* A hold of 200, of which 150 are confirmed to 8; the rest comes back by time. */
    " (10, 48, 1, 60, 1, 1, 'APP', 'R', null, null),"
    " (11, 48, 1, 61, 1, 1, 'APP', 'R', null, null),"
    " (12, 60, 1, 70, 1, 1, 'vsl', 'R', null, null),"
    /* A freeze of 30, of which 10 are lifted. */
    " (13, 60, 1, 65, 1, 1, 'APP', null, null, null),"
    " (14, 60, 1, 66, 1, 1, 'APP', null, null, null),"
    /* The platform puts 500 in; 8 withdraws 240, which are paid. */
    " (15, 60, 1, 30, 1, 4, 'APP', null, null, null),"
    " (16, 60, 1, 50, 1, 2, 'APP', null, null, null),"
    " (17, 60, 1, 51, 1, 2, 'APP', null, null, null),"
    /* 60 of the 100 are refunded: 10 by 8, 50 by the platform; 1 of the fee. Then 40 of the payout
     * come back, and a receipt of 30 repays a part of the debt. */
    " (18, 60, 1, 41, 1, 7, 'APP', 'R', null, null),"
    " (19, 60, 1, 51, 1, 2, 'APP', null, null, null),"
    " (20, 60, 1, 30, 1, 8, 'APP', null, null, null),"
    /* FEE gives 1 to 7, with two callers. 1 is collected, and that is reversed. */
    " (21, 60, 1, 81, 1, 1, 'APP', null, null, null),"
    " (22, 60, 1, 82, 1, 1, 'OPS', null, null, null),"
    " (23, 60, 1, 33, 1, 3, 'APP', null, null, 2),"
    " (24, 60, 1, 80, 1, 23, 'APP', null, null, null),"
    /* 9 is closed. The proposals 2 and 3 are withdrawn and end by time. */
    " (25, 60, 1, 21, 1, 9, 'APP', null, null, null),"
    " (26, 60, 1, 81, 1, 2, 'APP', null, null, null),"
    " (27, 60, 1, 81, 1, 3, 'APP', null, null, null),"
    " (28, 60, 1, 83, 1, 2, 'APP', null, null, null),"
    " (29, 62, 1, 70, 1, 3, 'vsl', null, null, null),"
    /* Two owners restrict 7: it gives nothing by one's, takes nothing by the other's. */
    " (30, 62, 1, 22, 1, 7, 'RISK', null, null, null),"
    " (31, 62, 1, 22, 1, 7, 'APP', null, null, null),"
    /* Terms that one proposes and another approves. */
    " (32, 62, 1, 85, 1, 1, 'APP', null, null, null),"
    " (33, 62, 1, 4, 1, 1, 'OPS', null, null, null),"
    /* And that FEE gives 1 more to 7. */
    " (34, 62, 1, 85, 1, 2, 'APP', null, null, null),"
    " (35, 62, 1, 84, 1, 7, 'OPS', null, null, null),"
    /* 20 come for nobody; 12 are allocated to 8, and 5 of them taken back. */
    " (36, 62, 1, 30, 2, 2, 'APP', null, null, null),"
    " (37, 62, 1, 34, 1, 1, 'APP', null, null, null),"
    " (38, 62, 1, 35, 1, 1, 'APP', null, null, null),"
    /* And 8 withdraws no more: a refused command. */
    " (39, 62, 1, 50, 241, 0, 'APP', null, null, null),"
    /* A lump for the 13 that are left: a line of 6 to 8, closed, and the line taken back. */
    " (40, 62, 1, 37, 1, 1, 'APP', null, null, null),"
    " (41, 62, 1, 38, 1, 8, 'APP', null, null, null),"
    " (42, 62, 1, 39, 1, 1, 'APP', null, null, null),"
    " (43, 62, 1, 35, 1, 1, 'APP', null, null, null),"
    /* An acquirer, with the account 10; it promises 8 100, a fee of 3 in it; 40 are cancelled. */
    " (44, 62, 1, 44, 1, 1, 'OPS', null, null, null),"
    " (45, 62, 1, 46, 1, 1, 'APP', 'T', 3, 2),"
    " (46, 62, 1, 47, 1, 1, 'APP', 'T', null, null),"
    /* A settlement of 12 in three lines: 5 of the promise, 4 for nobody, 2 of the promise, of which
     * the 53 that are missing are cancelled. It is given up with 1 left; the 4 go back, too. */
    " (47, 62, 1, 48, 1, 1, 'APP', null, null, null),"
    " (48, 62, 1, 49, 1, 0, 'APP', 'T', null, null),"
    " (49, 62, 1, 49, 1, 1, 'APP', null, null, null),"
    " (50, 62, 1, 49, 1, 2, 'APP', 'T', null, null),"
    " (51, 62, 1, 56, 1, 2, 'OPS', 'T', null, null),"
    " (52, 62, 1, 55, 1, 1, 'APP', null, null, null),"
    " (53, 62, 1, 56, 1, 1, 'OPS', null, null, null),"
    /* The member is identified, and told to be checked again soon. */
    " (54, 62, 1, 12, 1, 1, 'APP', null, null, null),"
    " (55, 62, 1, 70, 1, 1, 'vsl', null, null, null),"
    /* Two cards of the member: the first is found right, and replaced by the second when a small
     * amount, wrong at first, has proved that. */
    " (56, 62, 1, 15, 1, 1, 'APP', null, null, null),"
    " (57, 62, 1, 16, 1, 1, 'APP', null, null, null),"
    " (58, 62, 1, 17, 1, 1, 'BANK', null, null, null),"
    " (59, 62, 1, 15, 1, 2, 'APP', null, null, null),"
    " (60, 62, 1, 16, 1, 2, 'APP', null, null, null),"
    " (61, 62, 1, 24, 3, 2, 'APP', null, null, null),"
    " (62, 62, 1, 24, 1, 2, 'APP', null, null, null),"
    " (63, 62, 1, 19, 1, 1, 'APP', null, null, null),"
    /* The number of the member's second card is listed; what it finds is confirmed, then cleared;
     * and two persons end the entry. */
    " (64, 62, 1, 28, 1, 1, 'OPS', null, null, null),"
    " (65, 62, 1, 27, 1, 1, 'APP', null, null, null),"
    " (66, 62, 1, 27, 1, 1, 'APP', null, null, null),"
    " (67, 62, 1, 85, 1, 3, 'APP', null, null, null),"
    " (68, 62, 1, 29, 1, 1, 'OPS', null, null, null),"
    " (69, 62, 1, 28, 1, 2, 'OPS', null, null, null),"
    /* 60 of 8 are claimed, of which it has 54; 10 come in; 20 are released. */
    " (70, 62, 1, 100, 1, 1, 'COURT', null, null, null),"
    " (71, 62, 1, 30, 1, 8, 'BANK', null, null, null),"
    " (72, 62, 1, 102, 1, 1, 'COURT', null, null, null))"
    " as t (n, hour, ledger, kind, outcome, subject, channel, order_number, fee, version)",
    /* 8 may be paid 100 by 7, twice; that is ended. */
    "insert into vsl.command select n, '1970-01-03 14:00Z', 1, kind, 1, '2026-01-01', 1, 'APP',"
    " '2026-01-01', 's' || n, '' from (values (73, 25), (74, 26)) as t (n, "
    "kind);" LATER_COMMANDS "insert into vsl.ledger_history values"
    " (1, 1, 1, 'CNY', 'p', '1', '6220', 1, 3, '\\x00005000', '', '', '', false, 30);"
    "insert into vsl.member_history values (2, 1, 1, 1, 1, 'm');"
    "insert into vsl.account_history values"
    " (1, 1, 1, 0, 2, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (1, 1, 2, 0, 3, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (1, 1, 3, 0, 4, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (1, 1, 4, 0, 5, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (2, 1, 7, 1, 1, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (2, 1, 8, 1, 1, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (2, 1, 9, 1, 1, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (25, 1, 9, 1, 1, 2, false, false, 0, 0, 0, 0, 0, null),"
    " (30, 1, 7, 1, 1, 1, false, true, 848, 0, 40, 20, 0, null),"
    " (31, 1, 7, 1, 1, 1, true, true, 848, 0, 40, 20, 0, null),"
    " (40, 1, 10, 0, 8, 1, false, false, 0, 0, 0, 0, 0, null);"
    "insert into vsl.restriction_history values"
    " (30, 1, 1, 7, 'RISK', false, true, 30, 0), (31, 1, 2, 7, 'APP', true, false, 31, 0);"
    "insert into vsl.posting values (3, 0, 1, 100, 1, 0, -100, 7, 0, 100),"
    " (4, 0, 1, 40, 7, 0, 60, 7, 2, 40), (4, 1, 1, 1, 7, 0, 59, 3, 0, 1),"
    " (6, 0, 1, 1000, 1, 0, -1100, 7, 0, 1059),"
    " (9, 0, 1, 100, 7, 0, 959, 8, 0, 100), (9, 1, 1, 3, 7, 0, 956, 3, 0, 4),"
    " (10, 0, 1, 200, 7, 0, 756, 7, 3, 200), (11, 0, 1, 150, 7, 3, 50, 8, 0, 250),"
    " (12, 0, 1, 50, 7, 3, 0, 7, 0, 806),"
    " (13, 0, 1, 30, 7, 0, 776, 7, 3, 30), (14, 0, 1, 10, 7, 3, 20, 7, 0, 786),"
    " (15, 0, 1, 500, 1, 0, -1600, 4, 0, 500),"
    " (16, 0, 1, 240, 8, 0, 10, 8, 2, 240), (17, 0, 1, 240, 8, 2, 0, 1, 0, -1360),"
    " (18, 0, 1, 10, 8, 0, 0, 7, 0, 796), (18, 1, 1, 50, 4, 0, 450, 7, 0, 846),"
    " (18, 2, 1, 1, 3, 0, 3, 7, 0, 847), (19, 0, 1, 40, 1, 0, -1400, 8, 0, 40),"
    " (20, 0, 1, 30, 1, 0, -1430, 8, 0, 70), (20, 1, 1, 30, 8, 0, 40, 4, 0, 480),"
    " (22, 0, 1, 1, 3, 0, 2, 7, 0, 848),"
    " (23, 0, 1, 1, 3, 0, 1, 4, 0, 481), (24, 0, 1, 1, 4, 0, 480, 3, 0, 2),"
    " (35, 0, 1, 1, 3, 0, 1, 7, 0, 849),"
    " (36, 0, 1, 20, 1, 0, -1450, 2, 0, 20), (37, 0, 1, 12, 2, 0, 8, 8, 0, 52),"
    " (38, 0, 1, 5, 8, 0, 47, 2, 0, 13), (41, 0, 1, 6, 2, 0, 7, 8, 0, 53),"
    " (43, 0, 1, 6, 8, 0, 47, 2, 0, 13),"
    " (45, 0, 1, 97, 10, 1, -97, 8, 1, 97), (45, 1, 1, 3, 10, 1, -100, 3, 1, 3),"
    " (46, 0, 1, 39, 8, 1, 58, 10, 1, -61), (46, 1, 1, 1, 3, 1, 2, 10, 1, -60),"
    " (47, 0, 1, 12, 2, 0, 1, 10, 0, 12),"
    " (48, 0, 1, 5, 10, 0, 7, 10, 1, -55), (48, 1, 1, 5, 8, 1, 53, 8, 0, 52),"
    " (50, 0, 1, 2, 10, 0, 5, 10, 1, -53), (50, 1, 1, 2, 8, 1, 51, 8, 0, 54),"
    " (51, 0, 1, 51, 8, 1, 0, 10, 1, -2), (51, 1, 1, 2, 3, 1, 0, 10, 1, 0),"
    " (52, 0, 1, 1, 10, 0, 4, 2, 0, 2), (53, 0, 1, 4, 10, 0, 0, 2, 0, 6),"
    " (70, 0, 1, 54, 8, 0, 0, 8, 3, 54), (71, 0, 1, 10, 1, 0, -1460, 8, 0, 10),"
    " (71, 1, 1, 6, 8, 0, 4, 8, 3, 60), (72, 0, 1, 20, 8, 3, 40, 8, 0, 24);",
    "insert into vsl.payout_history values"
    " (4, 1, 1, 7, 40, 1, 4, 1, 7, 0, 0, 0, 0, null, ''),"
    " (16, 1, 2, 8, 240, 0, 16, 1, 0, 0, 0, 0, 0, null, ''),"
    " (17, 1, 2, 8, 240, 0, 16, 2, 0, 0, 0, 0, 17, '2026-01-31', ''),"
    " (19, 1, 2, 8, 240, 0, 16, 2, 0, 0, 40, 0, 19, '2026-01-31', '');"
    "insert into vsl.fee_rule_history values"
    " (7, 1, 1, 0, 'rate', 1, '2026-01-01', 1, 1, 1, 1, decode(repeat('00', 40), 'hex'), ''),"
    " (8, 1, 2, 1, 'rate', 2, '2026-01-01', 1, 2, 1, 1, decode(repeat('00', 40), 'hex'), '');"
    "insert into vsl.hold_history values"
    " (10, 1, 1, 7, 'R', 200, 0, 0, '1970-01-03 11:00Z', 1, 10),"
    " (11, 1, 1, 7, 'R', 200, 150, 0, '1970-01-03 11:00Z', 1, 10),"
    " (12, 1, 1, 7, 'R', 200, 150, 50, '1970-01-03 11:00Z', 3, 10);"
    "insert into vsl.freeze_history values"
    " (13, 1, 1, 7, 'deposit', 'APP', 30, 0, null, 1, 13),"
    " (14, 1, 1, 7, 'deposit', 'APP', 30, 10, null, 1, 13);"
    "insert into vsl.refunded_history values"
    " (18, 1, 1, 9, 0, 60, 1, 0), (18, 1, 2, 9, 8, 60, 0, 0), (24, 1, 3, 23, 0, 0, 0, 24),"
    " (38, 1, 4, 37, 0, 5, 0, 0), (38, 1, 5, 37, 8, 5, 0, 0),"
    " (43, 1, 6, 41, 0, 6, 0, 0), (43, 1, 7, 41, 8, 6, 0, 0);"
    "insert into vsl.debt_history values"
    " (18, 1, 1, 8, 50, 0, 18, 1), (20, 1, 1, 8, 50, 30, 18, 1);"
    "insert into vsl.adjustment_history values"
    " (21, 1, 1, 3, 7, 1, '1970-01-04Z', 1, 'APP', '', 21),"
    " (22, 1, 1, 3, 7, 1, '1970-01-04Z', 2, 'APP', 'OPS', 21),"
    " (26, 1, 2, 3, 7, 1, '1970-01-04Z', 1, 'APP', '', 26),"
    " (27, 1, 3, 3, 7, 1, '1970-01-03 13:00Z', 1, 'APP', '', 27),"
    " (28, 1, 2, 3, 7, 1, '1970-01-04Z', 3, 'APP', '', 26),"
    " (29, 1, 3, 3, 7, 1, '1970-01-03 13:00Z', 4, 'APP', '', 27);"
    "insert into vsl.proposal_history values"
    " (32, 1, 1, 4, 0, '1970-01-04Z', 1, 0, 'APP', '1970-01-03 14:00Z', 32, 0, '', null, 0),"
    " (33, 1, 1, 4, 0, '1970-01-04Z', 2, 0, 'APP', '1970-01-03 14:00Z', 32, 0, 'OPS',"
    "  '1970-01-03 14:00Z', 33),"
    " (34, 1, 2, 84, 1, '1970-01-04Z', 1, 0, 'APP', '1970-01-03 14:00Z', 34, 0, '', null, 0),"
    " (35, 1, 2, 84, 1, '1970-01-04Z', 2, 0, 'APP', '1970-01-03 14:00Z', 34, 0, 'OPS',"
    "  '1970-01-03 14:00Z', 35),"
    " (67, 1, 3, 29, 0, '1970-01-04Z', 1, 0, 'APP', '1970-01-03 14:00Z', 67, 0, '', null, 0),"
    " (68, 1, 3, 29, 0, '1970-01-04Z', 2, 0, 'APP', '1970-01-03 14:00Z', 67, 0, 'OPS',"
    "  '1970-01-03 14:00Z', 68);"
    "insert into vsl.approval_policy_history values (33, 1, 1, '');"
    "insert into vsl.proof_policy_history values (33, 1, 1, '');"
    "insert into vsl.watch_history values (33, 1, 1, 3600, null, 0, false, false);"
    /* What merchants did is counted after 4: all that is between their accounts is none. */
    "insert into vsl.account_policy_history values (4, 1, 1, 6, '\\x00', 4, 4, 0, 0);"
    "insert into vsl.usage_history values (50, 1, 1, 1, '2026-01-01', 1044, 200, 1044, 200);"
    "insert into vsl.suspense_history select n, 1, 1, 36, 0, 0, 20, allocated, 0, 0, 0, 0,"
    " '1970-01-03 14:00Z'::timestamptz, '2026-01-01'::date, 1, 1"
    " from (values (36, 0), (37, 12), (38, 7), (41, 13), (43, 7), (47, 19), (52, 18), (53, 14))"
    " as t (n, allocated);"
    "insert into vsl.lump_history select n, 1, 1, 1, 1, 6, count, 6 * count, 40,"
    " '2026-01-01'::date, false, status"
    " from (values (40, 0, 1), (41, 1, 1), (42, 1, 2), (43, 0, 2)) as t (n, count, status);"
    "insert into vsl.acquirer_history values (44, 1, 1, 10, 'allpay', 1, 'rate', false, false, "
    "100, 1);"
    "insert into vsl.promise_history select n, 1, 1, 1, 8, 100, 0, 3, settled, cancelled, 2, 45,"
    " '2026-01-02'::date, null::timestamptz, status, 'T-1', 'T' from (values (45, 0, 0, 1), (46, "
    "0, 40, 1), (48, 5, 40, 1),"
    " (50, 7, 40, 2), (51, 7, 93, 3)) as t (n, settled, cancelled, status);"
    "insert into vsl.settlement_history select n, 1, 1, 1, 1, 12, settled, gone_back, 47, 3, lines,"
    " '2026-01-01'::date, status from (values (47, 0, 0, 0, 1), (48, 5, 0, 1, 1), (49, 9, 0, 2, 1),"
    " (50, 11, 0, 3, 1), (52, 11, 1, 3, 3)) as t (n, settled, gone_back, lines, status);"
    "insert into vsl.difference_history values"
    " (49, 1, 1, 1, 1, 1, 0, 0, 4, 49, 0, '2026-01-01', 4, 1, 0, false, 'X-1', ''),"
    " (50, 1, 2, 1, 1, 1, 1, 8, 53, 50, 0, '2026-01-01', 1, 1, 0, true, 'T-1', 'T'),"
    " (51, 1, 2, 1, 1, 1, 1, 8, 53, 50, 51, '2026-01-01', 1, 2, 3, true, 'T-1', 'T'),"
    " (53, 1, 1, 1, 1, 1, 0, 0, 4, 49, 53, '2026-01-01', 4, 2, 4, false, 'X-1', '');",
    "insert into vsl.identity_history select n, 1, 1, 1, 1, 54, null, '1970-01-31'::date,"
    " decode(repeat('01', 20), 'hex'), decode(repeat('02', 20), 'hex'), '', '', '', '', 1, 1, 0, "
    "0, 2, 1, noticed from (values (54, false), (55, true)) as t (n, noticed);",
    "insert into vsl.card_history select n, 1, card, 1, decode(repeat('0' || card, 20), 'hex'), '',"
    " 1, status, main, way, amount, checks, wrong, case when checks > 0 then '2026-01-01'::date "
    "end,"
    " null, asked, case when status = 2 then '1970-01-05 14:00Z'::timestamptz end, right_by, "
    "reason,"
    " new, bound from (values"
    " (56, 1, 1, false, 0, 0, 0, 0, 0, 0, 0, 0, 56), (57, 1, 2, false, 1, 0, 1, 0, 57, 0, 0, 0, "
    "56),"
    " (58, 1, 3, true, 1, 0, 1, 0, 57, 58, 0, 0, 56), (59, 2, 1, false, 0, 0, 0, 0, 0, 0, 0, 0, "
    "59),"
    " (60, 2, 2, false, 2, 17, 1, 0, 60, 0, 0, 0, 59),"
    " (61, 2, 2, false, 2, 17, 1, 1, 60, 0, 0, 0, 59),"
    " (62, 2, 3, false, 2, 0, 1, 0, 60, 62, 0, 0, 59),"
    " (63, 1, 5, false, 1, 0, 1, 0, 57, 58, 1, 2, 56),"
    " (63, 2, 3, true, 2, 0, 1, 0, 60, 62, 0, 0, 59)) as t (n, card, status, main, way, amount,"
    " checks, wrong, asked, right_by, reason, new, bound);"
    /* 7 got its money by the second card; 8 was paid out to the first, which the second replaced.
     */
    "insert into vsl.card_flow_history select n, 1, flow, account, card, came_in, went_out, "
    "pending,"
    " 0, owed, opened, ended, successor, decode(repeat('0' || card, 20), 'hex') from (values"
    " (3, 1, 7, 2, 100, 0, 0, 3, 3, 0, 0), (4, 1, 7, 2, 100, 40, 40, 3, 3, 0, 0),"
    " (6, 1, 7, 2, 1100, 40, 40, 3, 3, 0, 0), (16, 2, 8, 1, 0, 240, 240, 0, 16, 0, 0),"
    " (17, 2, 8, 1, 0, 240, 0, 0, 16, 0, 0), (19, 2, 8, 1, 0, 200, 0, 0, 16, 0, 0),"
    " (20, 2, 8, 1, 30, 200, 0, 0, 16, 0, 0), (63, 2, 8, 1, 30, 200, 0, 0, 16, 63, 3),"
    " (63, 3, 8, 2, 0, 0, 0, 0, 63, 0, 0)) as t (n, flow, account, card, came_in, went_out,"
    " pending, owed, opened, ended, successor);",
    "insert into vsl.denied_history select n, 1, entry, decode(repeat('0' || entry + 1, 20), "
    "'hex'),"
    " 2, 0, 2, status, null, listed, 0, 'OPS'"
    " from (values (64, 1, 1, 64), (68, 1, 2, 64), (69, 2, 1, 69)) as t (n, entry, status, listed);"
    "insert into vsl.hit_history select n, 1, 1, 1, 1, 2, status, 64, 0, 'OPS', decided"
    " from (values (64, 1, 0), (65, 3, 65), (66, 2, 66)) as t (n, status, decided);",
    "insert into vsl.claim_history select n, 1, 1, 1, 8, 1, 1, 'C-1', 1, 60 - released, released,"
    " 0, 0, false, false, false, 0, '1970-01-03', '1970-12-31 16:00Z', false, 70, told,"
    " 70"
    " from (values (70, 0, 70), (72, 20, 72)) as t (n, released, told);"
    "insert into vsl.mandate_history select n, 1, 1, 7, 8, 0, 100, 200, 2, 0, 0,"
    " '1970-01-03 12:00Z', '1971-01-01', 1 + (ended > 0)::int, 73, ended"
    " from (values (73, 0), (74, 74)) as t (n, ended);" LATER_RECORDS
    "insert into vsl.cover_history values (70, 1, 1, 8, 54, 0, 0, 0), (71, 1, 1, 8, 60, 0, 0, 0),"
    " (72, 1, 1, 8, 40, 0, 0, 0);",
    "insert into vsl.ledger select * from vsl.ledger_history;"
    "insert into vsl.member select * from vsl.member_history;"
    "insert into vsl.account values"
    " (3, 1, 1, 0, 2, 1, false, false, -100, 0, 0, 0, 0, null),"
    " (1, 1, 2, 0, 3, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (1, 1, 3, 0, 4, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (1, 1, 4, 0, 5, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (3, 1, 7, 1, 1, 1, false, false, 100, 0, 0, 0, 0, null),"
    " (2, 1, 8, 1, 1, 1, false, false, 0, 0, 0, 0, 0, null),"
    " (2, 1, 9, 1, 1, 1, false, false, 0, 0, 0, 0, 0, null);"
    "insert into vsl.card_flow select * from vsl.card_flow_history where sequence = 3;"
    "update vsl.state_progress set redo_sequence = 4",
    NULL,
};

const struct damage damages[] = {
    {"running_balance",
        "update vsl.posting set credit_balance = 2 where sequence = 4 and line = 1"},
    {"running_balance", "update vsl.posting set amount = 41 where amount = 40"},
    {"ledger_sum", "update vsl.posting set debit_balance = 2 where sequence = 35"},
    {"ledger_sum", "update vsl.posting set debit_balance = -99 where sequence = 71 and line = 0"},
    {"escrow_tie_out",
        "update vsl.posting set debit_balance = -101 where sequence = 71 and line = 0"},
    {"escrow_tie_out", "update vsl.posting set credit_bucket = 1 where line = 1 and sequence < 47"},
    {"member_not_negative", "update vsl.posting set debit_balance = -1 where line = 1"},
    {"state_accounts", "update vsl.account set available = 99 where account_id = 7"},
    {"state_accounts", "update vsl.account set sequence = 4 where account_id = 7"},
    {"state_accounts", "update vsl.account set no_out = true where account_id = 3"},
    {"state_accounts", "update vsl.account set next_date_amount = 1 where account_id = 7"},
    {"state_accounts", "update vsl.account set next_date = '2026-01-01' where account_id = 7"},
    {"state_records", "update vsl.ledger set currency = 'USD'"},
    {"state_records", "update vsl.ledger set advance_refunds = true"},
    {"state_records", "update vsl.member set status = 2"},
    {"state_records",
        "insert into vsl.payout values (4, 1, 1, 7, 41, 1, 4, 1, 7, 0, 0, 0, 0, null, '')"},
    {"state_records",
        "insert into vsl.payout values (4, 1, 1, 7, 40, 1, 4, 1, 7, 0, 0, 0, 0, null, 'R')"},
    {"state_records",
        "insert into vsl.fee_rule select sequence, ledger_id, fee_rule_id, previous_id, "
        "name, version, effective_date, 2, refund, on_payout_failed, "
        "on_payout_returned, tiers, shares from vsl.fee_rule_history"},
    {"state_records", "insert into vsl.hold values (11, 1, 1, 7, 'R', 200, 149, 0, "
                      "'1970-01-03 11:00Z', 1, 10)"},
    {"state_records",
        "insert into vsl.freeze values (14, 1, 1, 7, 'deposit', 'OPS', 30, 10, null, 1, 13)"},
    {"state_records", "insert into vsl.refunded values (18, 1, 1, 9, 0, 60, 0, 0)"},
    {"state_records", "insert into vsl.debt values (20, 1, 1, 8, 50, 0, 18, 1)"},
    {"state_records", "insert into vsl.adjustment values "
                      "(22, 1, 1, 3, 7, 1, '1970-01-04Z', 1, 'APP', '', 21)"},
    {"state_progress", "delete from vsl.member"},
    {"state_progress", "update vsl.account set sequence = 2 where account_id = 7"},
    {"state_progress", "update vsl.account set sequence = 91 where account_id = 7"},
    {"state_progress", "update vsl.state_progress set redo_sequence = 31"},
    {"state_progress", "insert into vsl.hold values (91, 1, 1, 7, 'R', 200, 150, 0, "
                       "'1970-01-03 11:00Z', 1, 10)"},
    {"command_sequence", "delete from vsl.command where sequence = 2"},
    {"command_sequence", "delete from vsl.command where sequence = 29"},
    {"command_sequence", "insert into vsl.command select * from vsl.command where sequence = 2"},
    {"command_sequence", "update vsl.command set recorded_at = '1970-01-04Z' where sequence = 3"},
    {"batch_sequence", "update vsl.batch set batch_number = 4 where batch_number = 3"},
    {"batch_sequence", "update vsl.batch set first_sequence = 4 where batch_number = 2"},
    {"batch_sequence", "update vsl.batch set recorded_at = '1970-01-03Z' where batch_number = 2"},
    {"batch_sequence", "delete from vsl.batch where batch_number = 3"},
    {"request_keys", "update vsl.command set serial = 's1' where sequence = 5"},
    {"refused_without_effect", "update vsl.command set outcome = 100 where sequence = 4"},
    {"refused_without_effect", "update vsl.command set outcome = 0 where sequence = 2"},
    {"refused_without_effect", "update vsl.posting set line = 3 where line = 1"},
    {"refused_without_effect", "delete from vsl.command where sequence = 1"},
    {"refused_without_effect", "update vsl.command set outcome = 100 where sequence = 7"},
    {"refused_without_effect", "update vsl.command set outcome = 100 where sequence = 21"},
    {"posting_ledger", "update vsl.posting set ledger_id = 2 where sequence = 3"},
    {"posting_ledger", "update vsl.command set ledger_id = 2 where sequence = 3"},
    {"posting_ledger", "update vsl.account_history set ledger_id = 2 where account_id = 3"},
    {"posting_ledger", "update vsl.account_history set sequence = 4 where account_id = 7"},
    {"segments", "update vsl.segment set state = 3"},
    {"segments", "update vsl.segment set first_sequence = 2"},
    {"segments", "update vsl.segment set last_sequence = 4"},
    {"segments", "update vsl.segment set state = 2, last_sequence = 32; "
                 "delete from vsl.command where sequence = 1"},
    {"segments", "update vsl.segment set state = 2, last_sequence = 32; "
                 "delete from vsl.command where sequence = 5"},
    {"segment_parts", "update vsl.segment set key_parts = sha256('')"},
    {"segment_parts", "update vsl.segment set reference_parts = sha256(''); insert into "
                      "vsl.segment_part values (1, 2, 0, '\\x000102030405060708090a0b')"},

    /* What waits for the bank, and what is frozen. */
    {"payouts_pending", "update vsl.payout_history set status = 3 where payout_id = 1"},
    {"payouts_pending", "update vsl.payout_history set amount = 39 where payout_id = 1"},
    {"payouts_pending", "update vsl.payout_history set status = 6 where payout_id = 2"},
    {"payouts_pending", "delete from vsl.payout_history"},
    {"frozen_by_reason", "update vsl.posting set credit_bucket = 3 where sequence = 23"},
    {"frozen_by_reason", "delete from vsl.freeze_history where sequence = 14"},
    {"frozen_by_reason", "delete from vsl.hold_history where sequence = 12"},
    {"frozen_by_reason", "update vsl.freeze_history set account_id = 8"},

    /* Payouts: each step, its money, its link. */
    {"payout_steps", "update vsl.payout_history set returned = 41 where sequence = 19"},
    {"payout_steps",
        "update vsl.payout_history set return_until = '2025-12-31' where sequence = 19"},
    {"payout_steps", "update vsl.payout_history set return_until = return_until + 1"},
    {"payout_steps", "update vsl.payout_history set evidence_sequence = 16 where sequence = 17"},
    {"payout_steps", "update vsl.payout_history set status = 4 where sequence = 19"},
    {"payout_steps", "update vsl.payout_history set amount = 239 where sequence = 17"},
    {"payout_steps", "update vsl.payout_history set fee = 2 where payout_id = 1"},
    {"payout_steps", "update vsl.payout_history set account_id = 7 where sequence = 19"},
    {"payout_steps", "delete from vsl.payout_history where sequence = 17"},
    {"payout_steps", "delete from vsl.payout_history where sequence = 19"},
    {"payout_steps", "delete from vsl.payout_history where payout_id = 1"},
    {"payout_steps", "update vsl.payout_history set status = 5, return_until = null "
                     "where sequence = 17"},
    {"payout_steps", "update vsl.command set kind = 40 where sequence = 4"},
    {"payout_steps", "update vsl.posting set amount = 41 where sequence = 19"},

    /* Holds of an order. */
    {"order_holds", "update vsl.posting set amount = 149 where sequence = 11"},
    {"order_holds", "update vsl.command set order_number = 'S' where sequence = 11"},
    {"order_holds", "update vsl.command set order_number = null where sequence = 12"},
    {"order_holds", "update vsl.hold_history set payer_account_id = 8"},
    {"order_holds", "delete from vsl.hold_history"},
    {"hold_steps", "update vsl.hold_history set status = 2 where sequence = 12"},
    {"hold_steps", "update vsl.hold_history set expires_at = '1970-01-03 13:00Z'"},
    {"hold_steps", "update vsl.hold_history set expires_at = '1970-01-02Z'"},
    {"hold_steps", "update vsl.hold_history set order_number = 'S' where sequence = 11"},
    {"hold_steps", "update vsl.hold_history set confirmed = 200, status = 2 where sequence = 11"},
    {"hold_steps", "update vsl.command set kind = 62 where sequence = 11"},
    {"hold_steps", "update vsl.command set kind = 40 where sequence = 10"},
    {"hold_steps", "delete from vsl.hold_history where sequence = 10"},
    {"hold_steps", "delete from vsl.command where sequence = 11"},

    /* Freezes and adjustments: who, when, how much. */
    {"freeze_steps", "update vsl.command set channel = 'OPS' where sequence = 14"},
    {"freeze_steps", "update vsl.command set body = case sequence when 13 then '\\xfc02'::bytea "
                     "else '\\xfc04'::bytea end where sequence in (13, 14)"},
    {"freeze_steps", "update vsl.freeze_history set owner = 'OPS' where sequence = 14"},
    {"freeze_steps", "update vsl.freeze_history set lifted = 11 where sequence = 14"},
    {"freeze_steps", "update vsl.freeze_history set expires_at = '1970-01-02Z'"},
    {"freeze_steps", "update vsl.freeze_history set account_id = 8"},
    {"freeze_steps", "update vsl.posting set amount = 29 where sequence = 13"},
    {"freeze_steps", "update vsl.command set kind = 70 where sequence = 14"},
    {"freeze_steps", "delete from vsl.freeze_history where sequence = 13"},
    {"freeze_steps", "delete from vsl.posting where sequence = 14"},
    {"restrictions", "update vsl.account_history set no_out = false where sequence = 31"},
    {"restrictions", "update vsl.restriction_history set no_in = false where sequence = 31"},
    {"restrictions", "update vsl.restriction_history set owner = 'RISK' where sequence = 31"},
    {"restrictions", "update vsl.restriction_history set restriction_id = 1 where sequence = 31"},
    /* One caller has two, or another one's command let it grow. */
    {"restrictions", "update vsl.restriction_history set caller_id = 3"},
    {"restrictions", "update vsl.command set body = '\\xfc04' where sequence = 31;"
                     "update vsl.restriction_history set caller_id = 3 where sequence = 31"},
    {"restrictions", "update vsl.command set channel = 'APP' where sequence = 30"},
    {"restrictions", "update vsl.command set outcome = 222 where sequence = 31"},
    {"restrictions", "delete from vsl.restriction_history where sequence = 31"},
    {"restrictions", "insert into vsl.restriction_history select 31, 1, 2 + n, 7, 'o' || n, true, "
                     "true, 31, 0 from generate_series(1, 7) n"},
    {"state_records",
        "insert into vsl.restriction values (30, 1, 1, 7, 'RISK', true, true, 30, 0)"},
    {"state_records", "insert into vsl.proposal values (32, 1, 1, 4, 1, '1970-01-04Z', 1, 0, "
                      "'APP', '1970-01-03 14:00Z', 32, 0, '', null, 0)"},
    {"state_records", "insert into vsl.approval_policy values (33, 1, 1, '\\x00')"},
    {"state_records",
        "insert into vsl.proof_policy values (33, 1, 1, decode(repeat('00', 24), 'hex'))"},
    {"state_progress", "insert into vsl.proof_policy values (91, 1, 1, '')"},
    {"proofs",
        "update vsl.command set body = '\\x11021202130152' || body where sequence in (4, 9)"},
    {"proofs", "update vsl.command set body = '\\x11021204130152' || body where sequence = 10"},
    /* The two cards are bound after the policy, without a proof, and with a code. */
    {"proofs", CARDS_BY_SIGNATURE},
    {"proofs", CARDS_BY_SIGNATURE
        "; update vsl.command set body = '\\x110212021301' ||"
        " convert_to(chr(64 + sequence::integer % 20), 'UTF8') || body where kind = 15"},
    {"state_progress", "insert into vsl.approval_policy values (91, 1, 1, '')"},
    {"refused_without_effect", "update vsl.command set outcome = 413 where sequence = 33"},
    {"proposal_steps", "update vsl.proposal_history set maker_channel = 'OPS'"},
    {"proposal_steps", "update vsl.command set channel = 'APP' where sequence = 33"},
    {"proposal_steps", "update vsl.command set kind = 5 where sequence = 33"},
    {"proposal_steps", "update vsl.command set body = '' where sequence = 33"},
    {"proposal_steps", "update vsl.command set body = '\\xfb04' where sequence = 33"},
    {"proposal_steps", "update vsl.command set body = '\\xfb02' where sequence = 30"},
    {"proposal_steps", "update vsl.proposal_history set expires_at = '1970-01-03 14:00Z'"},
    {"proposal_steps", "update vsl.proposal_history set kind = 5"},
    {"proposal_steps", "update vsl.proposal_history set amount = 1 where sequence = 33"},
    {"proposal_steps", "update vsl.proposal_history set status = 3 where sequence = 33"},
    {"proposal_steps", "update vsl.proposal_history set status = 4 where sequence = 33"},
    {"proposal_steps", "update vsl.proposal_history set approver_channel = '' where sequence = 33"},
    {"proposal_steps", "update vsl.proposal_history set approver_caller_id = 5"},
    {"proposal_steps", "update vsl.proposal_history set maker_caller_id = 5"},
    {"proposal_steps", "update vsl.proposal_history set decided_sequence = 0"},
    {"proposal_steps", "delete from vsl.proposal_history where sequence = 32"},
    {"proposal_steps", "delete from vsl.proposal_history where sequence = 33"},
    {"adjustment_steps", "update vsl.adjustment_history set checker = 'APP' where sequence = 22"},
    {"adjustment_steps", "update vsl.command set channel = 'APP' where sequence = 22"},
    {"adjustment_steps", "update vsl.adjustment_history set checker = '' where sequence = 22"},
    {"adjustment_steps", "update vsl.adjustment_history set checker = 'OPS' where sequence = 28"},
    {"adjustment_steps", "update vsl.adjustment_history set expires_at = '1970-01-03 12:00Z'"},
    {"adjustment_steps", "update vsl.adjustment_history set amount = 2 where adjustment_id = 1"},
    {"adjustment_steps", "update vsl.adjustment_history set debit_account_id = 4"},
    {"adjustment_steps", "update vsl.command set channel = 'OPS' where sequence = 28"},
    {"adjustment_steps", "update vsl.command set recorded_at = '1970-01-03 12:00Z' "
                         "where sequence = 29"},
    {"adjustment_steps", "delete from vsl.posting where sequence = 22"},
    {"adjustment_steps",
        "update vsl.account_history set kind = 4 where account_id = "
        "(select credit_account_id from vsl.posting where sequence = 22 and line = 0)"},
    {"adjustment_steps", "delete from vsl.adjustment_history where sequence = 21"},
    {"adjustment_steps", "update vsl.posting set sequence = 21 where sequence = 22"},
    {"adjustment_steps", "update vsl.command set body = '' where sequence = 35"},
    {"adjustment_steps", "delete from vsl.posting where sequence = 35"},
    {"adjustment_steps", "update vsl.posting set debit_bucket = 1 where sequence = 35"},

    /* Refunds and reversals. */
    {"refunds", "update vsl.refunded_history set amount = 104 where sequence = 18"},
    {"refunds", "update vsl.refunded_history set amount = 61 where refunded_id = 2"},
    {"refunds", "update vsl.refunded_history set fee = 4 where refunded_id = 1"},
    {"refunds", "update vsl.command set order_number = 'S' where sequence = 18"},
    {"refunds", "update vsl.refunded_history set account_id = 7 where refunded_id = 2"},
    {"refunds", "update vsl.refunded_history set account_id = 0 where refunded_id = 2"},
    {"refunds", "update vsl.posting set amount = 11 where sequence = 18 and line = 0"},
    {"refunds", "update vsl.posting set amount = 50 where sequence = 9 and line = 0"},
    {"refunds", "update vsl.posting set credit_account_id = 8 where sequence = 18 and line = 1"},
    {"refunds", "insert into vsl.posting values (18, 3, 1, 2, 4, 0, 448, 3, 0, 5)"},
    {"refunds", "update vsl.command set subject_id = 8 where sequence = 18"},
    {"refunds", "update vsl.command set kind = 40 where sequence = 18"},
    {"refunds", "update vsl.command set kind = 30 where sequence = 9"},
    {"refunds", "update vsl.command set outcome = 100 where sequence = 9"},
    {"refunds", "delete from vsl.refunded_history where refunded_id = 1"},
    {"refunds", "delete from vsl.refunded_history where refunded_id = 2"},
    {"refunds", "delete from vsl.refunded_history where sequence = 18"},
    {"reversals", "update vsl.posting set amount = 2 where sequence = 24"},
    {"reversals", "update vsl.posting set credit_account_id = 7 where sequence = 24"},
    {"reversals", "delete from vsl.posting where sequence = 24"},
    {"reversals", "insert into vsl.posting values (24, 1, 1, 1, 4, 0, 479, 3, 0, 3)"},
    {"reversals", "update vsl.command set kind = 32 where sequence = 23"},
    {"reversals", "delete from vsl.refunded_history where sequence = 24"},
    {"reversals", "update vsl.refunded_history set original_sequence = 18 where sequence = 24"},
    {"reversals", "update vsl.command set outcome = 100 where sequence = 23"},
    {"reversals", "update vsl.command set kind = 80 where sequence = 23"},

    /* Nobody stood in for anybody. */
    {"stand_ins", "insert into vsl.refunded_history values (17, 1, 90, 16, 4, 5, 0, 0)"},
    {"stand_ins", "insert into vsl.refunded_history values (19, 1, 90, 16, 4, 0, 1, 0)"},
    {"stand_ins", "insert into vsl.refunded_history values (18, 1, 90, 16, 4, 5, 0, 0)"},
    {"stand_ins", "update vsl.posting set credit_account_id = 4 where sequence = 19"},
    {"stand_ins", "update vsl.posting set debit_account_id = 4 where sequence = 38"},

    /* What waits in UNALLOCATED. */
    {"suspense", "update vsl.suspense_history set allocated = 11 where sequence = 37"},
    {"suspense", "update vsl.suspense_history set status = 2 where sequence = 37"},
    {"suspense", "update vsl.suspense_history set amount = 21"},
    {"suspense", "update vsl.suspense_history set reason = 10"},
    {"suspense", "update vsl.suspense_history set opened_date = '2026-01-02'"},
    {"suspense", "update vsl.suspense_history set opened_at = '1970-01-03 13:00Z'"},
    {"suspense", "update vsl.suspense_history set account_id = 7 where sequence = 37"},
    {"suspense", "update vsl.suspense_history set origin_sequence = 3"},
    {"suspense", "update vsl.suspense_history set reversed = 12, allocated = 0 "
                 "where sequence = 37"},
    {"suspense", "update vsl.command set kind = 40 where sequence = 37"},
    {"suspense", "update vsl.command set kind = 42 where sequence = 36"},
    {"suspense", "update vsl.command set outcome = 430 where sequence = 38"},
    {"suspense", "update vsl.posting set amount = 13 where sequence = 37"},
    {"suspense", "update vsl.posting set credit_balance = 5 where sequence = 53"},
    {"suspense", "update vsl.suspense_history set going_back = 5 where sequence = 38"},
    {"suspense", "update vsl.suspense_history set gone_back = 5 where sequence = 38"},
    {"suspense", "update vsl.suspense_history set return_payout_id = 1 where sequence = 38"},
    {"suspense", "update vsl.payout_history set account_id = 2 where payout_id = 1"},
    {"suspense", "delete from vsl.suspense_history where sequence = 36"},
    {"suspense", "update vsl.schema_version set applied_at = '1960-01-01' where version = 3;"
                 "delete from vsl.suspense_history where sequence = 38"},
    {"suspense", "update vsl.schema_version set applied_at = '1960-01-01' where version = 3;"
                 "delete from vsl.suspense_history"},
    {"refunds", "update vsl.command set kind = 41 where sequence = 38"},
    {"refunds", "update vsl.refunded_history set amount = 13 where sequence = 38"},
    {"refunds", "update vsl.posting set debit_account_id = 3 where sequence = 38"},
    {"state_records", "insert into vsl.suspense values (37, 1, 1, 36, 0, 0, 20, 11, 0, 0, 0, 0, "
                      "'1970-01-03 14:00Z', '2026-01-01', 1, 1)"},
    {"state_progress", "insert into vsl.suspense values (91, 1, 1, 36, 0, 0, 20, 7, 0, 0, 0, 0, "
                       "'1970-01-03 14:00Z', '2026-01-01', 1, 1)"},

    /* For how long it waits. */
    {"suspense_age", "update vsl.suspense_history set opened_at = '1970-01-03 12:49:59Z'"},
    {"suspense_age", "update vsl.watch_history set overdue_at = '1970-01-03 14:00Z', "
                     "suspense_id = 1"},
    {"suspense_age",
        "insert into vsl.watch_history values (36, 1, 1, 3600, null, 0, false, false)"},
    {"suspense_age",
        "insert into vsl.watch_history values (12, 1, 1, 3600, null, 0, false, false)"},
    {"suspense_age", "insert into vsl.watch_history values (37, 1, 1, 3600, '1970-01-03 14:00Z', "
                     "1, false, false)"},
    {"suspense_age", "update vsl.watch_history set ledger_id = 2"},
    {"suspense_age", "update vsl.command set kind = 5 where sequence = 33"},
    {"suspense_age",
        "update vsl.suspense_history set opened_at = '1970-01-03 12:00Z'; update vsl.command set "
        "kind = 70 where sequence = 39; insert into vsl.watch_history values (39, 1, 1, 3600, "
        "'1970-01-03 14:00Z', 1, false, false)"},
    {"suspense_age",
        "update vsl.suspense_history set opened_at = '1970-01-03 12:00Z'; update vsl.command set "
        "kind = 70 where sequence in (36, 39); insert into vsl.watch_history values "
        "(39, 1, 1, 3600, '1970-01-03 14:00Z', 1, false, false), "
        "(46, 1, 1, 3600, null, 0, false, false)"},
    {"state_records", "insert into vsl.watch values (33, 1, 1, 3601, null, 0, false, false)"},
    {"state_progress", "insert into vsl.watch values (91, 1, 1, 3600, null, 0, false, false)"},
    {"refused_without_effect", "update vsl.command set outcome = 464 where sequence = 33"},

    /* Who members are. */
    {"identities", "update vsl.identity_history set member_id = 2"},
    {"identities", "update vsl.identity_history set ledger_id = 2"},
    {"identities", "update vsl.identity_history set status = 2 where sequence = 54"},
    {"identities", "update vsl.identity_history set status = 3 where sequence = 55"},
    {"identities", "update vsl.identity_history set noticed = false where sequence = 55"},
    {"identities", "update vsl.identity_history set noticed = true where sequence = 54"},
    {"identities", "update vsl.identity_history set checked_sequence = 53"},
    {"identities", "update vsl.command set kind = 11 where sequence = 54"},
    {"identities", "update vsl.command set kind = 12 where sequence = 55"},
    {"identities", "update vsl.command set subject_id = 2 where sequence = 55"},
    {"identities", "update vsl.member_history set status = 2"},
    {"identities", "update vsl.identity_history set recheck_date = '1970-01-02'"},
    {"identities", "update vsl.identity_history set valid_until_date = '1970-01-01'"},
    /* Another one of the member, of the number, of a person who is not. */
    {"identities", "insert into vsl.identity_history select sequence, 1, 2, 1, 1, 54, null, null, "
                   "number, name, '', '', '', '', 1, 1, 0, 0, 2, 1, false from "
                   "vsl.identity_history where sequence = 54"},
    {"identities", "insert into vsl.identity_history select sequence, 1, 2, 1, 2, 54, null, null, "
                   "number, name, '', '', '', '', 1, 2, 0, 0, 2, 4, false from "
                   "vsl.identity_history where sequence = 54"},
    {"state_records", "insert into vsl.identity select 55, 1, 1, 1, 1, 54, null, '1970-01-31', "
                      "number, name, '', '', '', '', 1, 1, 0, 0, 3, 1, true from "
                      "vsl.identity_history where sequence = 55"},
    {"state_progress", "insert into vsl.identity select 91, 1, 1, 1, 1, 54, null, '1970-01-31', "
                       "number, name, '', '', '', '', 1, 1, 0, 0, 2, 1, true from "
                       "vsl.identity_history where sequence = 55"},
    {"refused_without_effect", "update vsl.command set outcome = 505 where sequence = 54"},

    /* What of its limits a member used. */
    {"usage", "update vsl.usage_history set date_in = 1043"},
    {"usage", "update vsl.usage_history set date_out = 199"},
    {"usage", "update vsl.usage_history set year_in = 1045"},
    {"usage", "update vsl.usage_history set year_out = 201"},
    {"usage", "update vsl.usage_history set sequence = 49"},
    {"usage", "delete from vsl.usage_history"},
    {"usage", "update vsl.account_policy_history set merchant_year_began = 3"},
    {"usage", "update vsl.account_policy_history set merchant_date_began = 6"},
    {"usage", "update vsl.posting set amount = 1001 where sequence = 6"},
    {"usage", "update vsl.payout_history set requested_sequence = 4 where sequence = 19"},
    {"usage", "update vsl.refunded_history set original_sequence = 3 where sequence = 38"},
    {"state_records", "insert into vsl.account_policy values (4, 1, 1, 5, '\\x00', 4, 4, 0, 0)"},
    {"state_progress", "insert into vsl.account_policy values (91, 1, 1, 6, '\\x00', 4, 4, 0, 0)"},
    {"usage", "insert into vsl.usage values (6, 1, 1, 1, '2026-01-01', 1000, 0, 1000, 0);"
              "update vsl.state_progress set redo_sequence = 31"},
    {"usage", "insert into vsl.usage values (50, 1, 1, 1, '2026-01-01', 1043, 200, 1044, 200)"},
    {"usage", "insert into vsl.usage values (50, 1, 1, 1, '2026-01-01', 1044, 200, 1044, 201)"},
    {"state_progress",
        "insert into vsl.usage values (91, 1, 1, 1, '2026-01-01', 1044, 200, 1044, 200)"},

    /* What is allocated of it line by line. */
    {"lumps", "update vsl.lump_history set allocated_amount = 5 where sequence = 41"},
    {"lumps", "update vsl.lump_history set control_count = 2"},
    {"lumps", "update vsl.lump_history set control_amount = 7"},
    {"lumps", "update vsl.lump_history set control_amount = 7 where sequence = 43"},
    {"lumps", "update vsl.lump_history set status = 1 where sequence = 42"},
    {"lumps", "update vsl.lump_history set status = 3 where sequence = 42"},
    {"lumps", "update vsl.lump_history set status = 2 where sequence = 41"},
    {"lumps", "update vsl.lump_history set control_count = 2; "
              "update vsl.command set body = '\\xfb020402' where sequence = 42"},
    {"lumps", "update vsl.lump_history set control_amount = 7; "
              "update vsl.command set body = '\\x04020602' where sequence = 42"},
    {"lumps", "update vsl.lump_history set control_amount = 7, all_or_none = true; "
              "update vsl.command set body = '\\xfb0204020602' where sequence = 42"},
    {"lumps", "update vsl.command set body = '\\xfb0204020502' where sequence = 42"},
    {"lumps", "update vsl.lump_history set opened_date = '2026-01-02'"},
    {"lumps", "update vsl.lump_history set opened_sequence = 41"},
    {"lumps", "update vsl.lump_history set suspense_id = 2"},
    {"lumps", "update vsl.lump_history set ledger_id = 2"},
    {"lumps", "update vsl.lump_history set all_or_none = true where sequence = 42"},
    {"lumps", "update vsl.lump_history set all_or_none = true; insert into vsl.batch values "
              "(4, 1, 42, 43, '1970-01-03 14:00Z', sha256(''))"},
    {"lumps", "delete from vsl.lump_history where sequence = 41"},
    {"lumps", "delete from vsl.lump_history"},
    {"lumps", "update vsl.lump_history set lump_id = 2 where sequence >= 42"},
    {"lumps", "update vsl.command set kind = 34 where sequence = 41"},
    {"lumps", "update vsl.command set outcome = 456 where sequence = 41"},
    {"lumps", "update vsl.posting set amount = 5 where sequence = 41"},
    {"lumps", "insert into vsl.lump_history values (40, 1, 2, 1, 1, 6, 0, 0, 40, '2026-01-01', "
              "false, 1)"},
    {"lumps",
        "update vsl.command set body = '\\x04010501420601' where sequence = 41; insert into "
        "vsl.command select 44, recorded_at, ledger_id, kind, outcome, accounting_date, "
        "subject_id, channel, business_date, 's44', body, order_number, fee, fee_rule_version "
        "from vsl.command where sequence = 41; delete from vsl.refunded_history where "
        "sequence = 43"},
    {"suspense", "update vsl.suspense_history set allocated = 12 where sequence = 41"},
    {"state_records", "insert into vsl.lump values (42, 1, 1, 1, 1, 6, 1, 6, 40, '2026-01-01', "
                      "false, 1)"},
    {"state_progress", "insert into vsl.lump values (91, 1, 1, 1, 1, 6, 0, 0, 40, '2026-01-01', "
                       "false, 2)"},

    /* What acquirers promise. */
    {"promises", "update vsl.posting set amount = 40 where sequence = 46 and line = 0"},
    {"promises", "update vsl.posting set credit_bucket = 0 where sequence = 45 and line = 1"},
    {"promises", "update vsl.promise_history set cancelled = 41 where sequence = 46"},
    {"promises", "update vsl.promise_history set fee = 4"},
    {"promises", "update vsl.promise_history set account_id = 7 where sequence = 46"},
    {"promises", "update vsl.promise_history set settled = 40, cancelled = 0 where sequence = 46"},
    {"promises", "update vsl.promise_history set settled = 0, cancelled = 45 where sequence = 48"},
    {"promises", "update vsl.command set kind = 47, subject_id = 1 where sequence = 50"},
    {"promises", "update vsl.promise_history set order_number = ''"},
    {"promises", "update vsl.promise_history set booked_sequence = 44"},
    {"promises", "update vsl.promise_history set due_date = '2026-01-03'"},
    {"promises", "update vsl.promise_history set fee_rule_id = 0"},
    {"promises", "update vsl.promise_history set late_at = '1970-01-03 14:00Z'"},
    {"promises",
        "update vsl.promise_history set late_at = '1970-01-03 14:00Z' where sequence >= 48"},
    {"promises", "update vsl.command set recorded_at = '1970-01-04 14:00Z' where sequence = 62;"
                 "update vsl.command set accounting_date = '2026-01-03';"
                 "delete from vsl.promise_history where sequence > 45"},
    {"promises", "update vsl.command set kind = 45 where sequence = 45"},
    {"promises", "update vsl.command set kind = 46 where sequence = 46"},
    {"promises", "update vsl.command set subject_id = 2 where sequence = 46"},
    {"promises", "update vsl.command set outcome = 470 where sequence = 46"},
    {"promises", "delete from vsl.promise_history where sequence = 45"},
    {"promises", "update vsl.acquirer_history set ceiling = 99"},
    {"promises", "update vsl.acquirer_history set status = 2"},
    {"promises", "update vsl.acquirer_history set settlement_days = 2"},
    {"promises", "insert into vsl.promise_history select 46, 1, 2, 1, 8, 100, 0, 3, 0, 0, 2, 46,"
                 " '2026-01-02', null, 1, 'T-1', 'T'"},
    {"escrow_tie_out", "update vsl.posting set credit_bucket = 0 where sequence = 51 and line = 1"},
    {"escrow_tie_out",
        "update vsl.posting set credit_balance = 2 where sequence = 51 and line = 1;"
        "update vsl.posting set debit_balance = -2 where sequence = 51 and line = 1"},
    {"command_fees", "update vsl.command set fee = 2 where sequence = 45"},
    {"state_records", "insert into vsl.acquirer values (44, 1, 1, 10, 'allpay', 1, 'rate', false, "
                      "false, 101, 1)"},
    {"state_progress", "insert into vsl.acquirer values (91, 1, 1, 10, 'allpay', 1, 'rate', false, "
                       "false, 100, 1)"},
    {"state_records", "insert into vsl.promise values (46, 1, 1, 1, 8, 100, 0, 3, 0, 41, 2, 45, "
                      "'2026-01-02', null, 1, 'T-1', 'T')"},
    {"state_progress", "insert into vsl.promise values (91, 1, 1, 1, 8, 100, 0, 3, 0, 40, 2, 45, "
                       "'2026-01-02', null, 1, 'T-1', 'T')"},
    {"refused_without_effect", "update vsl.command set outcome = 471 where sequence = 44"},

    /* What acquirers pay. */
    {"settlements", "update vsl.posting set amount = 11 where sequence = 47"},
    {"settlements", "update vsl.settlement_history set total = 13 where sequence < 52"},
    {"settlements", "update vsl.settlement_history set settled = 6 where sequence = 48"},
    {"settlements", "update vsl.settlement_history set lines_booked = 2 where sequence = 48"},
    {"settlements", "update vsl.settlement_history set acquirer_id = 2 where sequence = 49"},
    {"settlements", "update vsl.settlement_history set suspense_id = 2"},
    {"settlements", "update vsl.settlement_history set opened_date = '2026-01-02'"},
    {"settlements", "update vsl.settlement_history set line_count = 4 where sequence = 50"},
    {"settlements", "update vsl.suspense_history set allocated = 17 where sequence = 52"},
    {"settlements", "delete from vsl.settlement_history where sequence = 49"},
    {"settlements", "delete from vsl.settlement_history where sequence = 52"},
    {"settlements", "update vsl.command set kind = 55 where sequence = 48"},
    {"settlements", "update vsl.command set subject_id = 2 where sequence = 49"},
    {"settlements", "update vsl.command set subject_id = 2 where sequence = 52"},
    {"settlements", "update vsl.command set outcome = 490 where sequence = 49"},
    {"settlements", "update vsl.difference_history set amount = 5 where difference_id = 1"},
    {"settlements", "update vsl.difference_history set is_missing = true where sequence = 49"},
    {"settlements", "update vsl.difference_history set kind = 5 where difference_id = 1"},
    {"settlements", "update vsl.difference_history set kind = 2 where difference_id = 2"},
    {"settlements", "update vsl.difference_history set account_id = 7 where difference_id = 2"},
    {"settlements", "update vsl.difference_history set line_sequence = 48 where difference_id = 2"},
    {"settlements", "update vsl.difference_history set ended_by = 2 where sequence = 51"},
    {"settlements", "update vsl.difference_history set ended_by = 5 where sequence = 53"},
    {"settlements", "update vsl.difference_history set suspense_id = 2 where difference_id = 1"},
    {"settlements", "update vsl.difference_history set closed_sequence = 52 where sequence = 53"},
    {"settlements", "update vsl.difference_history set reference = 'X' where sequence = 51"},
    {"settlements", "update vsl.difference_history set order_number = '' where sequence = 51"},
    {"settlements", "delete from vsl.difference_history where sequence = 51"},
    {"settlements", "delete from vsl.difference_history where sequence = 50"},
    {"settlements", "update vsl.promise_history set status = 1 where sequence = 50"},
    {"suspense", "update vsl.posting set credit_account_id = 7 where sequence = 53"},
    {"settlements", "update vsl.posting set credit_bucket = 2 where sequence = 50 and line = 1"},
    {"settlements",
        "update vsl.posting set credit_account_id = 7 where sequence = 48 and line = 1"},
    {"suspense", "update vsl.command set kind = 38 where sequence = 52"},
    {"command_fees", "update vsl.command set fee = 1 where sequence = 48"},
    {"command_fees", "update vsl.command set fee = 1 where sequence = 37"},
    {"command_fees", "update vsl.command set fee_rule_version = 3 where sequence = 41"},
    {"command_fees", "update vsl.posting set credit_account_id = 3 where sequence = 41"},
    {"command_fees", "update vsl.posting set credit_account_id = 3 where sequence = 43"},
    {"state_records", "insert into vsl.settlement values (48, 1, 1, 1, 1, 12, 6, 0, 47, 3, 1, "
                      "'2026-01-01', 1)"},
    {"state_progress", "insert into vsl.settlement values (91, 1, 1, 1, 1, 12, 5, 0, 47, 3, 1, "
                       "'2026-01-01', 1)"},
    {"state_records", "insert into vsl.difference values (49, 1, 1, 1, 1, 1, 0, 0, 5, 49, 0, "
                      "'2026-01-01', 4, 1, 0, false, 'X-1', '')"},
    {"state_progress", "insert into vsl.difference values (91, 1, 1, 1, 1, 1, 0, 0, 4, 49, 0, "
                       "'2026-01-01', 4, 1, 0, false, 'X-1', '')"},
    {"refused_without_effect", "update vsl.command set outcome = 490 where sequence = 50"},

    /* Whom it is paid out to. */
    {"cards", "update vsl.command set kind = 16 where sequence = 58"},
    {"cards", "update vsl.command set outcome = 543 where sequence = 58"},
    {"cards", "update vsl.command set kind = 17 where sequence = 63"},
    {"cards", "update vsl.command set outcome = 1 where sequence = 61"},
    {"cards", "update vsl.command set recorded_at = '1970-01-05 14:00Z' where sequence = 62"},
    {"cards", "update vsl.card_history set member_id = 2 where sequence = 62"},
    {"cards", "update vsl.card_history set member_id = 2"},
    {"cards", "update vsl.card_history set kind = 2 where sequence = 57"},
    {"cards", "update vsl.card_history set bound_sequence = 53"},
    {"cards", "update vsl.card_history set number = decode(repeat('03', 20), 'hex') "
              "where sequence = 60"},
    {"cards",
        "update vsl.card_history set number = decode(repeat('02', 20), 'hex') "
        "where card_id = 1; delete from vsl.card_history where sequence = 63 and card_id = 1"},
    {"cards", "update vsl.card_history set checks = 2 where card_id = 1 and checks = 1"},
    {"cards", "update vsl.card_history set checks_date = '2026-01-02' where sequence = 57"},
    {"cards", "update vsl.card_history set checked_sequence = 57 where sequence = 58"},
    {"cards", "update vsl.card_history set main_card = false"},
    {"cards", "update vsl.card_history set main_card = true where sequence = 62"},
    {"cards", "delete from vsl.card_history where sequence = 57"},
    {"cards", "delete from vsl.card_history where sequence = 56"},
    {"cards", "delete from vsl.card_history where sequence = 63 and card_id = 2"},
    {"cards", "update vsl.card_history set end_reason = 5 where sequence = 63 and card_id = 1"},
    {"cards", "update vsl.card_history set replaced_by = 3 where sequence = 63 and card_id = 1"},
    {"cards", "update vsl.card_history set locked_date = '2026-01-01' where sequence = 56"},
    {"cards", "insert into vsl.member_history values (62, 1, 1, 1, 2, 'm')"},
    {"claims", "update vsl.cover_history set amount = 39 where sequence = 72"},
    {"claims", "update vsl.cover_history set account_id = 4"},
    {"claims", "delete from vsl.cover_history"},
    {"claims", "update vsl.command set kind = 101 where sequence = 70"},
    {"claims", "update vsl.command set kind = 101 where sequence = 72"},
    {"claims", "update vsl.command set ledger_id = 2 where sequence = 72"},
    {"claims", "update vsl.command set recorded_at = '1971-01-01' where sequence = 72"},
    {"claims", "update vsl.claim_history set organ = 'C-2' where sequence = 72"},
    {"claims", "update vsl.claim_history set account_id = 7 where sequence = 72"},
    {"claims", "update vsl.claim_history set limit_amount = 39 where sequence = 72"},
    {"claims", "update vsl.claim_history set released = 19 where sequence = 72"},
    {"claims", "update vsl.claim_history set limit_amount = 59 where sequence = 72"},
    {"claims", "update vsl.claim_history set ends_at = '1971-12-31' where sequence = 72"},
    {"claims", "update vsl.claim_history set continued = 1 where sequence = 72"},
    {"claims", "update vsl.claim_history set noticed = true where sequence = 72"},
    {"claims", "update vsl.claim_history set noticed = true"},
    {"claims", "update vsl.claim_history set told_sequence = 70 where sequence = 72"},
    {"claims", "update vsl.claim_history set effective_sequence = 72 where sequence = 72"},
    {"claims", "update vsl.claim_history set effective_sequence = 69"},
    {"claims", "update vsl.claim_history set status = 2, limit_amount = 0 where sequence = 72"},
    {"claims", "update vsl.claim_history set status = 3, limit_amount = 0 where sequence = 72"},
    {"claims", "update vsl.claim_history set deducted = 1 where sequence = 72"},
    {"claims", "update vsl.claim_history set deducted = 1"},
    {"claims", "update vsl.claim_history set deducted = 1, deducting = 1"},
    {"claims", "update vsl.command set kind = 103 where sequence = 72"},
    {"claims", "update vsl.claim_history set status = 4, limit_amount = 0 where sequence = 72"},
    {"claims", "update vsl.cover_history set deducting = 1 where sequence = 72"},
    {"claims", "update vsl.cover_history set deductions = 1 where sequence = 72"},
    {"claims", "update vsl.cover_history set stops = 1 where sequence = 72"},
    {"claims", "update vsl.payout_history set requested_sequence = 70"},
    {"claims", "delete from vsl.claim_history where sequence = 70"},
    {"claims", "delete from vsl.claim_history where sequence = 72"},
    {"claims", "update vsl.posting set credit_balance = -1 where sequence = 72"},
    {"frozen_by_reason", "delete from vsl.cover_history where sequence = 72"},
    {"state_records", "insert into vsl.claim select * from vsl.claim_history where sequence = 70; "
                      "update vsl.claim set secret = true"},
    {"state_records", "insert into vsl.claim select * from vsl.claim_history where sequence = 70; "
                      "update vsl.claim set deducted = 1, deducting = 1"},
    {"state_records", "insert into vsl.cover select * from vsl.cover_history where sequence = 70; "
                      "update vsl.cover set amount = 1"},
    {"state_records", "insert into vsl.cover select * from vsl.cover_history where sequence = 70; "
                      "update vsl.cover set stops = 1"},
    {"state_progress", "insert into vsl.claim select * from vsl.claim_history where sequence = 72; "
                       "update vsl.claim set sequence = 91"},
    {"state_progress", "insert into vsl.cover select * from vsl.cover_history where sequence = 72; "
                       "update vsl.cover set sequence = 91"},
    {"state_records", "insert into vsl.card select * from vsl.card_history where sequence = 61; "
                      "update vsl.card set wrong_in_row = 2"},
    {"state_progress", "insert into vsl.card select * from vsl.card_history where sequence = 61; "
                       "update vsl.card set sequence = 91"},
    {"refused_without_effect", "update vsl.command set outcome = 543 where sequence = 60"},

    /* By which card money came and left. */
    {"card_flows", "update vsl.card_flow_history set came_in = 1099 where sequence = 6"},
    {"card_flows", "update vsl.card_flow_history set came_in = 0 where sequence = 20"},
    {"card_flows", "update vsl.card_flow_history set went_out = 41 where sequence in (4, 6)"},
    {"card_flows", "update vsl.card_flow_history set went_out = 240 where sequence = 19"},
    {"card_flows", "update vsl.card_flow_history set pending = 0 where sequence = 4"},
    {"card_flows", "update vsl.card_flow_history set pending = 240 where sequence = 17"},
    {"card_flows", "update vsl.card_flow_history set owed_sequence = 4 where sequence = 4"},
    {"card_flows", "update vsl.card_flow_history set owed_sequence = 2 where sequence = 3"},
    {"card_flows", "update vsl.card_flow_history set opened_sequence = 15 where sequence = 19"},
    {"card_flows", "update vsl.card_flow_history set opened_sequence = 2 where card_flow_id = 1"},
    {"card_flows", "update vsl.card_flow_history set account_id = 9 where sequence = 6"},
    {"card_flows", "update vsl.card_flow_history set account_id = 1 where card_flow_id = 3"},
    {"card_flows", "update vsl.card_flow_history set card_id = 1, number = "
                   "decode(repeat('01', 20), 'hex') where card_flow_id = 1"},
    {"card_flows", "update vsl.card_flow_history set number = decode(repeat('03', 20), 'hex')"},
    {"card_flows", "update vsl.card_flow_history set card_id = 2, number = "
                   "decode(repeat('02', 20), 'hex') where card_flow_id = 2"},
    {"card_flows", "update vsl.card_flow_history set ended_sequence = 0, successor_id = 0 "
                   "where sequence = 63"},
    {"card_flows", "update vsl.card_flow_history set moved = 1, owed_sequence = 63 "
                   "where sequence = 63 and card_flow_id = 3"},
    {"card_flows", "update vsl.command set kind = 40 where sequence = 6"},
    {"card_flows", "update vsl.command set kind = 31 where sequence = 63"},
    {"card_flows", "delete from vsl.card_flow_history where sequence = 17"},
    {"card_flows", "delete from vsl.card_flow_history where sequence = 4"},
    {"card_flows", "update vsl.payout_history set amount = 41 where sequence = 4"},
    {"state_records", "update vsl.card_flow set came_in = 101"},
    {"state_progress", "update vsl.card_flow set sequence = 91"},
    {"state_progress", "delete from vsl.card_flow"},
    {"refused_without_effect", "update vsl.command set outcome = 530 where sequence = 63"},

    /* Who is listed, and found. */
    {"screening", "update vsl.command set kind = 29 where sequence = 64"},
    {"screening", "update vsl.command set subject_id = 2 where sequence = 64"},
    {"screening", "update vsl.command set outcome = 614 where sequence = 64"},
    {"screening", "update vsl.command set channel = 'APP' where sequence = 64"},
    {"screening", "update vsl.command set kind = 70 where sequence = 68"},
    {"screening", "update vsl.command set body = '' where sequence = 68"},
    {"screening", "update vsl.command set kind = 28 where sequence = 65"},
    {"screening", "update vsl.command set subject_id = 2 where sequence = 66"},
    {"screening", "update vsl.command set channel = 'OPS' where sequence = 66"},
    {"screening", "update vsl.command set channel = 'OPS' where sequence = 65"},
    {"screening", "update vsl.denied_history set status = 3 where sequence = 68"},
    {"screening", "update vsl.denied_history set source = 1 where sequence = 68"},
    {"screening", "update vsl.denied_history set value = decode(repeat('07', 20), 'hex') "
                  "where sequence = 68"},
    {"screening", "update vsl.denied_history set ledger_id = 2"},
    {"screening", "update vsl.denied_history set expires_at = '1970-01-03 14:00Z'"},
    {"screening", "update vsl.denied_history set listed_sequence = 63"},
    {"screening", "delete from vsl.denied_history where sequence = 64"},
    {"screening", "update vsl.denied_history set status = 2 where sequence = 64"},
    {"screening",
        "update vsl.hit_history set status = 3, decided_sequence = 66 where sequence = 66"},
    {"screening",
        "update vsl.hit_history set status = 1, decided_sequence = 0 where sequence = 65"},
    {"screening", "update vsl.hit_history set decided_sequence = 64 where sequence = 66"},
    {"screening", "update vsl.hit_history set member_id = 2 where sequence = 66"},
    {"screening", "update vsl.hit_history set denied_id = 2"},
    {"screening", "update vsl.hit_history set found_sequence = 63"},
    {"screening", "update vsl.hit_history set card_id = 0, member_id = 0"},
    {"screening", "delete from vsl.hit_history where sequence = 64"},
    {"screening", "insert into vsl.hit_history values (64, 1, 2, 1, 1, 0, 1, 64, 0, 'OPS', 0)"},
    /* As if it had been found before its member paid, and before money waited. */
    {"screening", "update vsl.command set kind = 12, subject_id = 1, channel = 'OPS' "
                  "where sequence = 2; "
                  "update vsl.denied_history set sequence = 2, listed_sequence = 2 "
                  "where sequence = 64; "
                  "update vsl.hit_history set sequence = 2 where sequence = 64; "
                  "update vsl.hit_history set found_sequence = 2, card_id = 0"},
    {"state_records",
        "insert into vsl.denied select * from vsl.denied_history where sequence = 68; "
        "update vsl.denied set source = 1"},
    {"state_records", "insert into vsl.hit select * from vsl.hit_history where sequence = 66; "
                      "update vsl.hit set card_id = 1"},
    {"state_progress",
        "insert into vsl.denied select * from vsl.denied_history where sequence = 68; "
        "update vsl.denied set sequence = 91"},
    {"state_progress", "insert into vsl.hit select * from vsl.hit_history where sequence = 66; "
                       "update vsl.hit set sequence = 91"},
    {"refused_without_effect", "update vsl.command set outcome = 618 where sequence = 65"},
    {"refused_without_effect", "update vsl.command set outcome = 614 where sequence = 69"},

    /* What is allowed beforehand. */
    {"mandates", "update vsl.command set kind = 26 where sequence = 73"},
    {"mandates", "update vsl.command set kind = 25 where sequence = 74"},
    {"mandates", "update vsl.command set ledger_id = 2 where sequence = 74"},
    {"mandates", "update vsl.mandate_history set account_id = 9 where sequence = 74"},
    {"mandates", "update vsl.mandate_history set ceiling_each = 90 where sequence = 74"},
    {"mandates", "update vsl.mandate_history set used = 5 where sequence = 73"},
    {"mandates", "update vsl.mandate_history set used = 5 where sequence = 74"},
    {"mandates", "update vsl.mandate_history set used_count = 1 where sequence = 74"},
    {"mandates", "update vsl.mandate_history set ended_sequence = 73 where sequence = 74"},
    {"mandates", "update vsl.mandate_history set expires_at = '1970-01-03 12:00Z'"},
    {"mandates", "update vsl.mandate_history set status = 1, ended_sequence = 0, used = 50, "
                 "used_count = 1 where sequence = 74"},
    {"state_records",
        "insert into vsl.mandate select * from vsl.mandate_history where sequence = 74; "
        "update vsl.mandate set uses = 3"},
    {"state_progress",
        "insert into vsl.mandate select * from vsl.mandate_history where sequence = 74; "
        "update vsl.mandate set sequence = 91"},
    {"refused_without_effect", "update vsl.command set outcome = 670 where sequence = 74"},

    /* Fees, debts, the platform's own money. */
    {"command_fees", "update vsl.command set fee = 2 where sequence = 9"},
    {"command_fees", "update vsl.command set fee = null where sequence = 4"},
    {"command_fees", "update vsl.command set fee = 1 where sequence = 5"},
    {"command_fees", "update vsl.command set fee = 1 where sequence = 11"},
    {"command_fees", "update vsl.command set fee = 1 where sequence = 23"},
    {"command_fees", "update vsl.command set fee_rule_version = 3 where sequence = 9"},
    {"command_fees", "update vsl.command set fee_rule_version = 1 where sequence = 3"},
    {"command_fees", "update vsl.posting set credit_account_id = 3 where sequence = 3"},
    {"debts", "update vsl.debt_history set recovered = 29 where sequence = 20"},
    {"debts", "update vsl.debt_history set amount = 49"},
    {"debts", "update vsl.debt_history set account_id = 10"},
    {"debts", "update vsl.debt_history set amount = 51 where sequence = 20"},
    {"debts", "delete from vsl.debt_history"},
    {"debts", "delete from vsl.debt_history where sequence = 20"},
    {"debts", "update vsl.posting set debit_account_id = 10 where sequence = 20 and line = 1"},
    {"debts", "update vsl.posting set credit_account_id = 4 where sequence = 9 and line = 0"},
    {"debts", "insert into vsl.debt_history values (18, 1, 2, 8, 9, 0, 18, 1), "
              "(20, 1, 2, 8, 9, 9, 18, 2)"},
    {"debts", "update vsl.posting set credit_account_id = 4 where sequence = 11"},
    /* As if schema 3 had been there: then the account would have repaid all that it has. */
    {"debts", "update vsl.schema_version set applied_at = '1960-01-01' where version = 3"},
    {"debts", "update vsl.posting set debit_account_id = 7, credit_account_id = 4 "
              "where sequence = 24"},
    {"platform_own", "update vsl.posting set credit_account_id = 4 where sequence = 13"},
    {"platform_own", "update vsl.posting set credit_account_id = 4 where sequence = 12"},
    {"platform_own", "update vsl.posting set credit_account_id = 4 where sequence = 22"},
    {"platform_own",
        "update vsl.posting set credit_account_id = 4 where sequence = 18 and line = 0"},
    {"platform_own", "update vsl.command set kind = 40 where sequence = 23"},
    {"platform_own", "update vsl.account_history set kind = 3 where account_id = 3"},
    {"fee_rule_versions", "update vsl.fee_rule_history set version = 3 where fee_rule_id = 2"},
    {"fee_rule_versions", "update vsl.fee_rule_history set version = 1"},
    {"fee_rule_versions", "update vsl.fee_rule_history set previous_id = 0"},
    {"fee_rule_versions", "update vsl.fee_rule_history set effective_date = '2025-12-31'"},
    {"fee_rule_versions", "insert into vsl.fee_rule_history select * from vsl.fee_rule_history "
                          "where fee_rule_id = 2"},
    {"fee_rule_versions", "delete from vsl.fee_rule_history where fee_rule_id = 1"},
    {"fee_rule_versions", "update vsl.command set kind = 4 where sequence = 8"},
    {"closed_accounts", "insert into vsl.account_history values "
                        "(32, 1, 7, 1, 1, 2, false, false, 0, 0, 0, 0, 0, null)"},
    {"closed_accounts", "update vsl.posting set credit_account_id = 9 where sequence = 22"},
    {"closed_accounts", "update vsl.debt_history set account_id = 9"},
};
const int damage_count = sizeof damages / sizeof *damages;
