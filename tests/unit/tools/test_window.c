/* test_window.c: what stands between stream and broker stays in order, and is let go in order only;
 * and the file that says how far it was.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "base/check.h"
#include "vslrelay/ledgers.h"
#include "vslrelay/position.h"
#include "vslrelay/window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY 40

static struct window *window;

static void set_up(void)
{
    window = window_create(100, 90);
}

static void tear_down(void)
{
    window_destroy(window);
}

static void append(int64_t sequence)
{
    struct message *message = message_create(10);
    message->sequence = sequence;
    window_append(window, message);
}

static int64_t take(size_t sent_max, uint64_t tag)
{
    const struct message *message = window_take(window, sent_max, tag);
    return message ? message->sequence : 0;
}

static struct window_figures look(void)
{
    struct window_figures figures;
    window_look(window, &figures);
    return figures;
}

static void expect(int64_t reached, int64_t published, size_t count, size_t sent_count)
{
    struct window_figures figures = look();
    ck_assert_int_eq(figures.reached, reached);
    ck_assert_int_eq(figures.published, published);
    ck_assert_uint_eq(figures.count, count);
    ck_assert_uint_eq(figures.sent_count, sent_count);
    ck_assert_uint_eq(figures.bytes == 0, count == 0);
}

START_TEST(what_is_confirmed_leaves_in_order)
{
    for (int64_t sequence = 101; sequence <= 105; sequence++)
        append(sequence);
    for (uint64_t tag = 1; tag <= 4; tag++)
        ck_assert_int_eq(take(4, tag), (int64_t)(100 + tag));
    ck_assert_int_eq(take(4, 5), 0);
    expect(100, 90, 5, 4);
    window_answer(window, 2, false, true);
    expect(100, 90, 5, 3);
    window_answer(window, 1, false, true);
    expect(102, 102, 3, 2);
    ck_assert_int_eq(take(4, 5), 105);
    window_answer(window, 4, true, true);
    expect(104, 104, 1, 1);
    /* What is answered already is not answered again. */
    window_answer(window, 4, true, false);
    window_answer(window, 9, false, false);
    expect(104, 104, 1, 1);
    /* Up to 0 is everything, says AMQP. */
    window_answer(window, 0, true, true);
    expect(105, 105, 0, 0);
    ck_assert(!window_is_refused(window));
}
END_TEST

START_TEST(marks_move_the_position_behind_what_is_confirmed_only)
{
    window_append_mark(window, 100);
    expect(100, 90, 0, 0);
    window_append_mark(window, 110);
    expect(110, 90, 0, 0);
    append(111);
    window_append_mark(window, 120);
    window_append_mark(window, 130);
    window_append_mark(window, 125);
    expect(110, 90, 2, 0);
    append(131);
    ck_assert_int_eq(take(9, 1), 111);
    ck_assert_int_eq(take(9, 2), 131);
    ck_assert_int_eq(take(9, 3), 0);
    window_append_mark(window, 140);
    window_answer(window, 1, false, true);
    expect(130, 111, 2, 1);
    window_answer(window, 2, false, true);
    expect(140, 131, 0, 0);
    append(141);
    ck_assert_int_eq(take(9, 3), 141);
}
END_TEST

START_TEST(what_was_refused_is_sent_again_with_all_behind_it)
{
    for (int64_t sequence = 101; sequence <= 106; sequence++)
        append(sequence);
    for (uint64_t tag = 1; tag <= 4; tag++)
        take(9, tag);
    window_answer(window, 1, false, true);
    window_answer(window, 2, false, false);
    /* Nothing more goes out, and the answers to the rest are waited for. */
    ck_assert_int_eq(take(9, 5), 0);
    ck_assert(!window_is_refused(window));
    window_answer(window, 4, true, true);
    ck_assert(window_is_refused(window));
    expect(101, 101, 5, 0);
    ck_assert_uint_eq(look().refused_total, 1);
    window_rewind(window);
    ck_assert(!window_is_refused(window));
    for (int64_t sequence = 102; sequence <= 106; sequence++)
        ck_assert_int_eq(take(9, (uint64_t)sequence), sequence);
    window_answer(window, 106, true, true);
    expect(106, 106, 0, 0);
}
END_TEST

START_TEST(what_no_queue_took_is_not_confirmed)
{
    append(101);
    append(102);
    ck_assert(!window_return(window, 101));
    take(9, 1);
    take(9, 2);
    ck_assert(window_return(window, 101));
    ck_assert(!window_return(window, 99));
    window_answer(window, 2, true, true);
    ck_assert(window_is_refused(window));
    window_rewind(window);
    ck_assert_int_eq(take(1, 3), 101);
    ck_assert_int_eq(take(1, 4), 0);
    window_answer(window, 3, false, true);
    ck_assert_int_eq(take(1, 4), 102);
    window_answer(window, 4, false, true);
    expect(102, 102, 0, 0);
}
END_TEST

START_TEST(a_lost_connection_begins_behind_what_is_confirmed)
{
    for (int64_t sequence = 101; sequence <= 104; sequence++)
        append(sequence);
    window_append_mark(window, 110);
    for (uint64_t tag = 1; tag <= 3; tag++)
        take(9, tag);
    window_answer(window, 1, false, true);
    window_answer(window, 3, false, true);
    window_rewind(window);
    expect(101, 101, 4, 0);
    for (uint64_t tag = 1; tag <= 3; tag++)
        ck_assert_int_eq(take(9, tag), (int64_t)(101 + tag));
    window_answer(window, 3, true, true);
    expect(110, 104, 0, 0);
}
END_TEST

/* Random words of a broker that refuses, returns, answers out of order and dies: every message
 * leaves, in order, and its last sending was taken. */
START_TEST(whatever_the_broker_does_all_is_confirmed_in_order)
{
    unsigned dice = (unsigned)_i * 2654435761u + 1;
    bool is_taken[MANY + 1] = {false};
    int64_t sequence_of_tag[MANY * 200] = {0};
    uint64_t tag = 0;
    uint64_t oldest = 1;
    for (int64_t sequence = 101; sequence <= 100 + MANY; sequence++)
        append(sequence);
    for (int step = 0; look().count > 0; step++) {
        ck_assert_int_lt(step, MANY * 2000);
        unsigned draw = (unsigned)rand_r(&dice) % 100;
        bool is_late = step > MANY * 20;
        if (draw < 50 && tag + 2 < MANY * 200) {
            int64_t sequence = take(7, tag + 1);
            if (sequence > 0)
                sequence_of_tag[++tag] = sequence;
        } else if (draw < 90 && oldest <= tag) {
            bool is_multiple = draw < 60;
            uint64_t answered = oldest + (unsigned)rand_r(&dice) % (unsigned)(tag - oldest + 1);
            bool is_accepted = is_late || draw % 4 != 0;
            window_answer(window, answered, is_multiple, is_accepted);
            if (is_accepted)
                is_taken[sequence_of_tag[answered] - 100] = true;
            for (uint64_t one = oldest; is_accepted && is_multiple && one < answered; one++)
                is_taken[sequence_of_tag[one] - 100] = true;
        } else if (draw < 92) {
            window_rewind(window);
            oldest = tag + 1;
        }
        if (window_is_refused(window))
            window_rewind(window);
        for (int64_t sequence = 101; sequence <= look().reached; sequence++)
            ck_assert(is_taken[sequence - 100]);
    }
    expect(100 + MANY, 100 + MANY, 0, 0);
}
END_TEST

START_TEST(the_last_message_of_each_ledger_is_known)
{
    struct ledgers ledgers = {0};
    int64_t last[300] = {0};
    unsigned dice = 7;
    for (int64_t sequence = 1; sequence <= 5000; sequence++) {
        int64_t ledger_id = rand_r(&dice) % 300;
        ck_assert_int_eq(ledgers_note(&ledgers, ledger_id, sequence), last[ledger_id]);
        last[ledger_id] = sequence;
    }
    ck_assert_uint_le(ledgers.count, 300);
    ledgers_finish(&ledgers);
}
END_TEST

/* ---- the position ---- */

static char folder[] = "/tmp/vsl-position.XXXXXX";
static char file[64];

static void set_up_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/position", folder);
}

static void tear_down_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static const struct position somewhere = {.next_sequence = 4712,
    .published_sequence = 4700,
    .journal_identity = "01234567-89ab-cdef-0123-456789abcdef"};

static enum position_status read_position(struct position *ret_position)
{
    char error[512] = "";
    enum position_status status = position_read(file, ret_position, error, sizeof error);
    ck_assert_int_eq(error[0] != '\0', status == POSITION_IS_WRONG);
    return status;
}

START_TEST(a_position_is_read_as_it_was_written)
{
    struct position position;
    ck_assert_int_eq(read_position(&position), POSITION_IS_MISSING);
    ck_assert_int_eq(position_write(file, &somewhere), 0);
    ck_assert_int_eq(read_position(&position), POSITION_IS_READ);
    ck_assert_int_eq(position.next_sequence, somewhere.next_sequence);
    ck_assert_int_eq(position.published_sequence, somewhere.published_sequence);
    ck_assert_str_eq(position.journal_identity, somewhere.journal_identity);
    struct position next = somewhere;
    next.next_sequence++;
    ck_assert_int_eq(position_write(file, &next), 0);
    ck_assert_int_eq(read_position(&position), POSITION_IS_READ);
    ck_assert_int_eq(position.next_sequence, 4713);
}
END_TEST

START_TEST(a_position_that_was_changed_or_cut_is_none)
{
    struct position position;
    char whole[512];
    ck_assert_int_eq(position_write(file, &somewhere), 0);
    int text = open(file, O_RDWR);
    ssize_t length = read(text, whole, sizeof whole);
    ck_assert_int_gt(length, 100);
    for (ssize_t at = 0; at < length; at++) {
        char changed = (char)(whole[at] ^ 1);
        ck_assert_int_eq(pwrite(text, &changed, 1, at), 1);
        ck_assert_int_eq(read_position(&position), POSITION_IS_WRONG);
        ck_assert_int_eq(pwrite(text, &whole[at], 1, at), 1);
    }
    ck_assert_int_eq(read_position(&position), POSITION_IS_READ);
    ck_assert_int_eq(pwrite(text, "\n", 1, length), 1);
    ck_assert_int_eq(read_position(&position), POSITION_IS_WRONG);
    for (ssize_t at = length - 1; at >= 0; at--) {
        ck_assert_int_eq(ftruncate(text, at), 0);
        ck_assert_int_eq(read_position(&position), POSITION_IS_WRONG);
    }
    close(text);
}
END_TEST

START_TEST(a_position_that_cannot_be_written_says_why)
{
    snprintf(file, sizeof file, "%s/none/position", folder);
    ck_assert_int_eq(position_write(file, &somewhere), -1);
    ck_assert_int_eq(errno, ENOENT);
    char error[512] = "";
    ck_assert_int_eq(position_lock(file, error, sizeof error), -1);
    ck_assert_ptr_nonnull(strstr(error, "could not open"));
}
END_TEST

START_TEST(one_at_a_time_has_a_position)
{
    char error[512] = "";
    ck_assert_int_eq(position_lock(file, error, sizeof error), 0);
    ck_assert_int_eq(position_lock(file, error, sizeof error), -1);
    ck_assert_ptr_nonnull(strstr(error, "is in use"));
    /* The file itself is replaced by each write; the lock stays. */
    ck_assert_int_eq(position_write(file, &somewhere), 0);
    ck_assert_int_eq(position_lock(file, error, sizeof error), -1);
}
END_TEST

Suite *window_suite(void)
{
    Suite *suite = suite_create("window");
    TCase *messages = tcase_create("messages");
    tcase_add_checked_fixture(messages, set_up, tear_down);
    tcase_add_test(messages, what_is_confirmed_leaves_in_order);
    tcase_add_test(messages, marks_move_the_position_behind_what_is_confirmed_only);
    tcase_add_test(messages, what_was_refused_is_sent_again_with_all_behind_it);
    tcase_add_test(messages, what_no_queue_took_is_not_confirmed);
    tcase_add_test(messages, a_lost_connection_begins_behind_what_is_confirmed);
    tcase_add_loop_test(messages, whatever_the_broker_does_all_is_confirmed_in_order, 0, 30);
    tcase_add_test(messages, the_last_message_of_each_ledger_is_known);
    suite_add_tcase(suite, messages);
    TCase *positions = tcase_create("position");
    tcase_add_checked_fixture(positions, set_up_folder, tear_down_folder);
    tcase_add_test(positions, a_position_is_read_as_it_was_written);
    tcase_add_test(positions, a_position_that_was_changed_or_cut_is_none);
    tcase_add_test(positions, a_position_that_cannot_be_written_says_why);
    tcase_add_test(positions, one_at_a_time_has_a_position);
    suite_add_tcase(suite, positions);
    return suite;
}
