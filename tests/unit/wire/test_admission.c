/* test_admission.c: sources, and how much each may hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"
#include "support/expect.h"
#include "wire/admission.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { FULL = 1600, USABLE = 1500 }; /* a sixteenth is for Unix sockets */

static const struct wire_config config = {.connections_max = 4,
    .connections_per_peer_max = 2,
    .connections_per_caller_max = 3,
    .unix_connections_max = 4,
    .pending_bytes_max = FULL,
    .class_calls_max = {[WIRE_SLOW] = 8}};

static struct source *enter(struct admission *admission, const char *address)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr_in in = {.sin_family = AF_INET};
    if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1)
        return admission_enter(admission, &config, -1, (const struct sockaddr *)&in6, 1);
    EXPECT(inet_pton(AF_INET, address, &in.sin_addr) == 1);
    return admission_enter(admission, &config, -1, (const struct sockaddr *)&in, 1);
}

START_TEST(a_source_is_an_address_or_a_network)
{
    struct admission admission = {0};
    struct source *first = enter(&admission, "10.0.0.1");
    struct source *network = enter(&admission, "2001:db8::1");
    EXPECT(first && network && first != network && first->number != network->number);
    EXPECT(enter(&admission, "10.0.0.1") == first);
    EXPECT(enter(&admission, "10.0.0.1") == NULL);
    EXPECT(enter(&admission, "2001:db8::ffff:1") == network);
    EXPECT(enter(&admission, "10.0.0.2") == NULL); /* four are all */
    uint32_t number = network->number;
    admission_leave(&admission, network);
    admission_leave(&admission, network);
    /* Its number is free for another one. */
    struct source *other = enter(&admission, "10.0.0.2");
    EXPECT(other && other->number == number);
    struct wire_counters counters = {0};
    admission_counters(&admission, &counters);
    EXPECT(counters.refused_peer_full == 1 && counters.refused_full == 1);
    admission_leave(&admission, other);
    admission_leave(&admission, first);
    admission_leave(&admission, first);
    admission_finish(&admission);
}
END_TEST

START_TEST(who_has_a_name_is_one_source)
{
    struct admission admission = {0};
    struct source *one = admission_named(&admission, "one");
    struct source *two = admission_named(&admission, "two");
    EXPECT(one != two && admission_named(&admission, "one") == one);
    EXPECT(one->references == 2);
    source_release(&admission, one);
    source_release(&admission, one);
    source_release(&admission, two);
    admission_finish(&admission);
}
END_TEST

START_TEST(a_name_has_so_many_connections_from_anywhere)
{
    struct admission admission = {0};
    struct source *one = admission_named(&admission, "one");
    struct source *two = admission_named(&admission, "two");
    struct source from = {.family = AF_INET}, elsewhere = {.family = AF_INET, .address = {9}};
    EXPECT(admission_enter_named(&admission, &config, one, &from, 1));
    EXPECT(admission_enter_named(&admission, &config, one, &elsewhere, 1));
    EXPECT(admission_enter_named(&admission, &config, one, &from, 1));
    EXPECT(!admission_enter_named(&admission, &config, one, &elsewhere, 1));
    EXPECT(one->open == 3);
    EXPECT(admission_enter_named(&admission, &config, two, &from, 1));
    admission_leave_named(one);
    EXPECT(admission_enter_named(&admission, &config, one, &from, 1));
    admission_sent_away(&admission, &config, &from, 1);
    struct wire_counters counters = {0};
    admission_counters(&admission, &counters);
    EXPECT(counters.refused_caller_full == 1 && counters.sent_away == 1);
    for (int i = 0; i < 3; i++)
        admission_leave_named(one);
    admission_leave_named(two);
    source_release(&admission, one);
    source_release(&admission, two);
    admission_finish(&admission);
}
END_TEST

/* As much as is still free: a half, a third each, and something for who comes new. */
START_TEST(bytes_are_shared)
{
    struct source one = {.family = AF_INET}, two = {.family = AF_INET}, new = {.family = AF_INET};
    struct source on_host = {.family = AF_UNIX};
    one.bytes = USABLE / 2 - 10;
    size_t held = one.bytes;
    EXPECT(source_has_bytes(&config, &one, held, 10));
    EXPECT(!source_has_bytes(&config, &one, held, 11));
    EXPECT(source_has_bytes(&config, &two, held, USABLE / 4));
    one.bytes = two.bytes = USABLE / 3;
    held = 2 * (USABLE / 3);
    EXPECT(!source_has_bytes(&config, &one, held, 1));
    EXPECT(!source_has_bytes(&config, &two, held, 0));
    EXPECT(source_has_bytes(&config, &new, held, USABLE / 6));
    /* Nothing is left but the reserve. */
    held = USABLE;
    EXPECT(!source_has_bytes(&config, &new, held, 0));
    EXPECT(source_has_bytes(&config, &on_host, held, 50));
    EXPECT(!source_has_bytes(&config, &on_host, held, 51));
    /* Nobody knows whose it is: bound by the whole. */
    EXPECT(source_has_bytes(&config, NULL, held, FULL - USABLE));
    EXPECT(!source_has_bytes(&config, NULL, held, FULL - USABLE + 1));
}
END_TEST

START_TEST(who_holds_much_is_pressed)
{
    struct source one = {.family = AF_INET, .bytes = USABLE / 3};
    EXPECT(!source_is_pressed(&config, &one, USABLE / 3));
    one.bytes++;
    EXPECT(source_is_pressed(&config, &one, one.bytes));
    struct source other = {.family = AF_INET, .bytes = 10};
    EXPECT(!source_is_pressed(&config, &other, USABLE / 3));
    EXPECT(source_is_pressed(&config, &other, USABLE - 10));
}
END_TEST

START_TEST(places_of_slow_methods_are_shared)
{
    struct admission admission = {0};
    struct source *one = admission_named(&admission, "one");
    struct source *two = admission_named(&admission, "two");
    for (int i = 0; i < 4; i++)
        EXPECT(admission_begin_call(&admission, &config, one, WIRE_SLOW));
    EXPECT(!admission_begin_call(&admission, &config, one, WIRE_SLOW));
    EXPECT(admission_begin_call(&admission, &config, two, WIRE_SLOW));
    EXPECT(admission_begin_call(&admission, &config, two, WIRE_SLOW));
    EXPECT(!admission_begin_call(&admission, &config, two, WIRE_SLOW));
    admission_end_call(&admission, one, WIRE_SLOW);
    EXPECT(admission_begin_call(&admission, &config, two, WIRE_SLOW));
    struct wire_counters counters = {0};
    admission_counters(&admission, &counters);
    EXPECT(counters.refused_source_calls == 2 && counters.refused_calls == 0);
    for (int i = 0; i < 3; i++) {
        admission_end_call(&admission, one, WIRE_SLOW);
        admission_end_call(&admission, two, WIRE_SLOW);
    }
    source_release(&admission, one);
    source_release(&admission, two);
    admission_finish(&admission);
}
END_TEST

Suite *admission_suite(void)
{
    Suite *suite = suite_create("admission");
    TCase *test_case = tcase_create("admission");
    tcase_add_test(test_case, a_source_is_an_address_or_a_network);
    tcase_add_test(test_case, who_has_a_name_is_one_source);
    tcase_add_test(test_case, a_name_has_so_many_connections_from_anywhere);
    tcase_add_test(test_case, bytes_are_shared);
    tcase_add_test(test_case, who_holds_much_is_pressed);
    tcase_add_test(test_case, places_of_slow_methods_are_shared);
    suite_add_tcase(suite, test_case);
    return suite;
}
