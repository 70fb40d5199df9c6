/* test_entry.c: entries of the journal in words: every kind has a subject, nothing steers a
 * terminal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "vslctl/api/entry.h"

#include "vsl/v1/common.pb-c.h"

#include <string.h>

START_TEST(every_kind_names_its_subject)
{
    const ProtobufCEnumDescriptor *kinds = &vsl__v1__command_kind__descriptor;
    for (unsigned i = 0; i < kinds->n_values; i++) {
        Vsl__V1__ExpireRequest expire;
        Vsl__V1__JournalEntry entry;
        vsl__v1__journal_entry__init(&entry);
        vsl__v1__expire_request__init(&expire);
        entry.kind = (Vsl__V1__CommandKind)kinds->values[i].value;
        if (entry.kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_UNSPECIFIED)
            continue;
        if (entry.kind == VSL__V1__COMMAND_KIND__COMMAND_KIND_EXPIRE) {
            expire.kind = VSL__V1__EXPIRY_KIND__EXPIRY_KIND_FREEZE;
            entry.expire = &expire;
            entry.request_case = VSL__V1__JOURNAL_ENTRY__REQUEST_EXPIRE;
        }
        ck_assert_msg(strcmp(entry_subject(&entry), "subject") != 0, "%s", kinds->values[i].name);
    }
}
END_TEST

START_TEST(a_line_tells_order_fee_and_rule)
{
    char rule[] = "std";
    char order[] = "A-1001";
    char text[1024];
    Vsl__V1__ConfirmHoldRequest request;
    Vsl__V1__JournalEntry entry;
    vsl__v1__confirm_hold_request__init(&request);
    vsl__v1__journal_entry__init(&entry);
    request.fee_rule = rule;
    entry.sequence = 17;
    entry.ledger_id = 1;
    entry.kind = VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_HOLD;
    entry.outcome = VSL__V1__OUTCOME__OUTCOME_ACCEPTED;
    entry.subject_id = 5;
    entry.order_number = order;
    entry.fee_minor = 1058;
    entry.fee_rule_version = 2;
    entry.confirm_hold = &request;
    entry.request_case = VSL__V1__JOURNAL_ENTRY__REQUEST_CONFIRM_HOLD;
    entry_line(&entry, text, sizeof text);
    ck_assert_msg(strstr(text, "confirm_hold") && strstr(text, "hold 5") &&
                      strstr(text, "order A-1001") && strstr(text, "rule std version 2") &&
                      strstr(text, "fee 1,058 minor"),
        "%s", text);
    entry_line(&entry, text, 20);
    ck_assert_uint_le(strlen(text), 19);
}
END_TEST

START_TEST(a_payout_says_what_became_of_it)
{
    char order[] = "A\x1b[2J";
    char text[1024];
    Vsl__V1__ConfirmPayoutRequest request;
    Vsl__V1__JournalEntry entry;
    vsl__v1__confirm_payout_request__init(&request);
    vsl__v1__journal_entry__init(&entry);
    request.result = VSL__V1__PAYOUT_RESULT__PAYOUT_RESULT_UNKNOWN;
    entry.kind = VSL__V1__COMMAND_KIND__COMMAND_KIND_CONFIRM_PAYOUT;
    entry.subject_id = 5;
    entry.order_number = order;
    entry.confirm_payout = &request;
    entry.request_case = VSL__V1__JOURNAL_ENTRY__REQUEST_CONFIRM_PAYOUT;
    entry_line(&entry, text, sizeof text);
    ck_assert_msg(strstr(text, "payout 5 unknown") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "order A\\u001b[2J") != NULL, "%s", text);
}
END_TEST

Suite *entry_suite(void)
{
    Suite *suite = suite_create("entry");
    TCase *tests = tcase_create("entry");
    tcase_add_test(tests, every_kind_names_its_subject);
    tcase_add_test(tests, a_line_tells_order_fee_and_rule);
    tcase_add_test(tests, a_payout_says_what_became_of_it);
    suite_add_tcase(suite, tests);
    return suite;
}
