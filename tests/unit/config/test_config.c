/* test_config.c: settings: where they come from, what is refused and how it is told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "support/expect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config config;
static char error[400];

static void begin(void)
{
    config_init(&config);
    error[0] = '\0';
}

static void finish(void)
{
    config_finish(&config);
}

/* What reading a file with this text gives; the path in the error is replaced by FILE. */
static int read_text(const char *text)
{
    char path[] = "/tmp/vsl-config.XXXXXX";
    int descriptor = mkstemp(path);
    EXPECT(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    EXPECT(file != NULL);
    EXPECT(fputs(text, file) >= 0 && fclose(file) == 0);
    char said[sizeof error] = "";
    int result = config_read_file(&config, path, said, sizeof said);
    unlink(path);
    const char *found = strstr(said, path);
    if (found)
        snprintf(
            error, sizeof error, "%.*sFILE%s", (int)(found - said), said, found + strlen(path));
    else
        snprintf(error, sizeof error, "%s", said);
    return result;
}

static int set(const char *assignment)
{
    return config_set(&config, assignment, error, sizeof error);
}

/* ---- values ---- */

START_TEST(what_is_not_set_has_its_default)
{
    ck_assert_str_eq(config.listen_address, "127.0.0.1:7450");
    EXPECT(config.callers_first_administrator == NULL);
    EXPECT(config.listen_pending_bytes_max == 268435456);
    EXPECT(config.tls_certificate == NULL && config.database_url == NULL);
    EXPECT(config.journal_segment_commands == 1000000);
    EXPECT(config.journal_redo_commands_max == 4000000);
    ck_assert_str_eq(config.admin_log_level, "info");
}
END_TEST

START_TEST(numbers_have_limits)
{
    static const struct {
        const char *assignment;
        int64_t value; /* -1: refused */
    } cases[] = {
        {"listen.connections_max=0", -1},
        {"listen.connections_max=1", 1},
        {"listen.connections_max=65535", 65535},
        {"listen.connections_max=65536", -1},
        {"listen.connections_max=-1", -1},
        {"listen.connections_max=", -1},
        {"listen.connections_max=7x", -1},
        {"listen.connections_max=7 ", -1},
        {"listen.connections_max=0x7", -1},
        {"listen.connections_max=7.0", -1},
        {"listen.connections_max=9223372036854775808", -1},
        {"listen.connections_max=18446744073709551617", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error[0] = '\0';
        int64_t before = config.listen_connections_max;
        int result = set(cases[i].assignment);
        EXPECT_MSG(result == (cases[i].value < 0 ? -1 : 0), "%s", cases[i].assignment);
        EXPECT_MSG(config.listen_connections_max == (result < 0 ? before : cases[i].value), "%s",
            cases[i].assignment);
        if (result < 0)
            ck_assert_str_eq(
                error, "listen.connections_max must be a whole number from 1 to 65535");
    }
}
END_TEST

START_TEST(flags_are_said_in_some_ways)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    static const char *const neither[] = {"", "Yes", "y", "2", "yes ", "01"};
    char assignment[64];
    for (size_t i = 0; i < 4; i++) {
        snprintf(assignment, sizeof assignment, "database.take_over=%s", yes[i]);
        EXPECT(set(assignment) == 0 && config.database_take_over);
        snprintf(assignment, sizeof assignment, "database.take_over=%s", no[i]);
        EXPECT(set(assignment) == 0 && !config.database_take_over);
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        snprintf(assignment, sizeof assignment, "database.take_over=%s", neither[i]);
        EXPECT_MSG(set(assignment) == -1, "%s", assignment);
        ck_assert_str_eq(error, "database.take_over must be yes or no");
    }
}
END_TEST

START_TEST(texts_may_have_anything_in_them)
{
    EXPECT(set("database.url=host=/run user=vsl dbname=a.b=c") == 0);
    ck_assert_str_eq(config.database_url, "host=/run user=vsl dbname=a.b=c");
    EXPECT(set("database.url=") == 0);
    EXPECT(config.database_url == NULL);
}
END_TEST

START_TEST(unknown_settings_are_refused)
{
    static const char *const cases[] = {"listen.adress=x", "liste.address=x", "listen.addres=x",
        "listen.addresses=x", ".address=x", "listen.=x", "database.address=x", "Listen.address=x"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        EXPECT_MSG(set(cases[i]) == -1, "%s", cases[i]);
        EXPECT_MSG(strstr(error, "there is no setting ") == error, "%s", error);
        /* A value may be a password. */
        EXPECT(strchr(error, '=') == NULL);
    }
    EXPECT(set("listen.address") == -1);
    ck_assert_str_eq(error, "--set takes section.key=value");
    EXPECT(set("listen=a.b") == -1);
    ck_assert_str_eq(error, "--set takes section.key=value");
}
END_TEST

/* ---- files ---- */

START_TEST(a_file_sets_what_it_says)
{
    EXPECT_MSG(read_text("# a comment\n"
                         "; another\n"
                         "\n"
                         "[listen]\n"
                         "address = 0.0.0.0:1,unix:/a\n"
                         "  connections_max=12\n"
                         "[database]\n"
                         "\turl = host=/run dbname=vsl ; not a password\n"
                         "take_over: yes\n"
                         "[tls]\n"
                         "certificate =\n") == 0,
        "%s", error);
    ck_assert_str_eq(config.listen_address, "0.0.0.0:1,unix:/a");
    EXPECT(config.listen_connections_max == 12);
    ck_assert_str_eq(config.database_url, "host=/run dbname=vsl");
    EXPECT(config.database_take_over);
    EXPECT(config.tls_certificate == NULL);
    EXPECT(config.listen_heartbeat_s == 10);
}
END_TEST

START_TEST(a_wrong_line_is_told_by_its_number)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"[listen]\nheartbeat_s = 11\n",
            "FILE line 2: listen.heartbeat_s must be a whole number from 1 to 10"},
        {"\n\n[listen]\nheartbeat = 1\n",
            "FILE line 4: there is no setting listen.heartbeat; vsld --help lists all"},
        {"[database]\ntake_over = maybe\n", "FILE line 2: database.take_over must be yes or no"},
        {"[listen]\nnonsense\n", "FILE line 2: neither [section], key = value nor a comment"},
        {"[listen\nheartbeat_s = 1\n", "FILE line 1: neither [section], key = value nor a comment"},
        /* Of two one is not what it seems to be, also in a section that comes again. */
        {"[listen]\nheartbeat_s = 1\n# and\nheartbeat_s = 1\n",
            "FILE line 4: listen.heartbeat_s stands in line 2 already; remove one of the two"},
        {"[tls]\nkey = a\n[database]\nurl = b\n[tls]\nkey =\n",
            "FILE line 6: tls.key stands in line 2 already; remove one of the two"},
        {"[database]\ntake_over = yes\ntake_over = no\n",
            "FILE line 3: database.take_over stands in line 2 already; remove one of the two"},
        /* The first one is told. */
        {"[listen]\nheartbeat_s = 0\nnonsense\n",
            "FILE line 2: listen.heartbeat_s must be a whole number from 1 to 10"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        EXPECT_MSG(read_text(cases[i].text) == -1, "%s", cases[i].text);
        ck_assert_str_eq(error, cases[i].error);
    }
}
END_TEST

/* An indented line is no more of the value before, and what does not fit is no value. */
START_TEST(a_line_stands_by_itself)
{
    EXPECT(read_text("[database]\nurl = host=a\n   read_url = host=b\n") == 0);
    ck_assert_str_eq(config.database_url, "host=a");
    ck_assert_str_eq(config.database_read_url, "host=b");

    char text[8000] = "[database]\nurl = ";
    size_t length = strlen(text);
    memset(text + length, 'p', sizeof text - length - 2);
    strcpy(text + sizeof text - 2, "\n");
    EXPECT(read_text(text) == -1);
    EXPECT_MSG(strstr(error, "FILE line 2: longer than ") == error, "%s", error);
    EXPECT(strstr(error, "ppp") == NULL);
    ck_assert_str_eq(config.database_url, "host=a");
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
    EXPECT(config_read_file(&config, "/nowhere/vsld.conf", error, sizeof error) == -1);
    ck_assert_str_eq(error, "could not read /nowhere/vsld.conf: No such file or directory");
    EXPECT(config_read_file(&config, "/", error, sizeof error) == -1);
    ck_assert_str_eq(error, "could not read /: Is a directory");
}
END_TEST

/* ---- what belongs together ---- */

START_TEST(settings_must_go_together)
{
    static const struct {
        const char *settings[4];
        const char *error; /* its beginning; NULL: they do */
    } cases[] = {
        {{"database.url=x"}, NULL},
        {{"database.url="}, "database.url is not set"},
        {{"listen.address="}, "listen.address must name 1 to 8 addresses"},
        {{"listen.address=, ,"}, "listen.address must name 1 to 8 addresses"},
        {{"listen.address=1,2,3,4,5,6,7,8"}, NULL},
        {{"listen.address=1,2,3,4,5,6,7,8,9"}, "listen.address must name 1 to 8 addresses"},
        {{"listen.reflection=no"}, NULL},
        {{"listen.reflection="}, "listen.reflection must be yes, no or local"},
        {{"listen.reflection=true"}, "listen.reflection must be yes, no or local"},
        {{"tls.certificate=a"}, "tls.certificate and tls.key belong together"},
        {{"tls.key=a"}, "tls.certificate and tls.key belong together"},
        {{"tls.key=a", "tls.certificate=b"}, NULL},
        {{"tls.client_ca=a"}, "tls.client_ca needs tls.certificate and tls.key"},
        {{"tls.key=a", "tls.certificate=b", "tls.client_ca=c"}, NULL},
        {{"tls.client_crl=a"}, "tls.client_crl needs tls.client_ca"},
        {{"tls.key=a", "tls.certificate=b", "tls.client_ca=c", "tls.client_crl=d"}, NULL},
        {{"callers.first_administrator=a"}, "callers.first_administrator needs tls.client_ca"},
        {{"tls.key=a", "tls.certificate=b", "callers.first_administrator=a"},
            "callers.first_administrator needs tls.client_ca"},
        {{"tls.key=a", "tls.certificate=b", "tls.client_ca=c", "callers.first_administrator=a"},
            NULL},
        {{"clock.difference_max_s=120"}, NULL},
        {{"clock.difference_max_s=121"}, "clock.recorded_ahead_max_s must not be below"},
        {{"admin.log_level=debug"}, NULL},
        {{"admin.log_level=Debug"}, "admin.log_level must be debug, info, warning or error"},
        {{"admin.log_level="}, "admin.log_level must be debug, info, warning or error"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        config_finish(&config);
        begin();
        EXPECT(set("database.url=x") == 0);
        for (size_t k = 0; k < 4 && cases[i].settings[k]; k++)
            EXPECT(set(cases[i].settings[k]) == 0);
        int result = config_check(&config, error, sizeof error);
        EXPECT_MSG(result == (cases[i].error ? -1 : 0), "case %zu: %s", i, error);
        EXPECT_MSG(
            !cases[i].error || strstr(error, cases[i].error) == error, "case %zu: %s", i, error);
    }
}
END_TEST

START_TEST(addresses_are_cut_at_commas)
{
    char room[CONFIG_LISTEN_BYTES_MAX];
    const char *addresses[CONFIG_LISTEN_MAX];
    EXPECT(set("listen.address= a:1 ,,[::1]:2, unix:/b ") == 0);
    EXPECT(config_listen_addresses(&config, room, addresses) == 3);
    ck_assert_str_eq(addresses[0], "a:1");
    ck_assert_str_eq(addresses[1], "[::1]:2");
    ck_assert_str_eq(addresses[2], "unix:/b");
    char longest[CONFIG_LISTEN_BYTES_MAX + 20] = "listen.address=";
    size_t length = strlen(longest);
    memset(longest + length, 'a', CONFIG_LISTEN_BYTES_MAX);
    EXPECT(set(longest) == 0);
    EXPECT(config_listen_addresses(&config, room, addresses) == 0);
    longest[length + CONFIG_LISTEN_BYTES_MAX - 1] = '\0';
    EXPECT(set(longest) == 0);
    EXPECT(config_listen_addresses(&config, room, addresses) == 1);
}
END_TEST

/* ---- read again ---- */

START_TEST(a_running_server_takes_over_some)
{
    struct config fresh;
    char name[64] = "";
    size_t cursor = 0;
    config_init(&fresh);
    EXPECT(set("tls.certificate=old") == 0 && set("database.url=x") == 0);
    EXPECT(config_set(&fresh, "tls.certificate=new", error, sizeof error) == 0);
    EXPECT(config_set(&fresh, "admin.log_level=debug", error, sizeof error) == 0);
    EXPECT(config_set(&fresh, "database.url=x", error, sizeof error) == 0);
    EXPECT(!config_next_difference(&config, &fresh, &cursor, name, sizeof name));
    EXPECT(config_set(&fresh, "listen.heartbeat_s=9", error, sizeof error) == 0);
    EXPECT(config_set(&fresh, "database.take_over=yes", error, sizeof error) == 0);
    EXPECT(config_set(&fresh, "database.read_url=y", error, sizeof error) == 0);
    config_take_over(&config, &fresh);
    ck_assert_str_eq(config.tls_certificate, "new");
    ck_assert_str_eq(config.admin_log_level, "debug");
    EXPECT(config.listen_heartbeat_s == 10 && !config.database_take_over);
    static const char *const different[] = {
        "listen.heartbeat_s", "database.read_url", "database.take_over"};
    cursor = 0;
    for (size_t i = 0; i < 3; i++) {
        EXPECT(config_next_difference(&config, &fresh, &cursor, name, sizeof name));
        ck_assert_str_eq(name, different[i]);
    }
    EXPECT(!config_next_difference(&config, &fresh, &cursor, name, sizeof name));
    config_finish(&fresh);
}
END_TEST

/* Help is a file of settings, and its lines are the defaults. */
START_TEST(help_tells_every_default)
{
    char *help = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&help, &length);
    EXPECT(out != NULL);
    config_print_help(out);
    EXPECT(fclose(out) == 0);
    char text[16384] = "";
    size_t settings = 0;
    for (const char *line = help; *line; line = strchr(line, '\n') + 1) {
        bool is_meaning = strncmp(line, "      ", 6) == 0;
        size_t bytes = (size_t)(strchr(line, '\n') - line) + 1;
        EXPECT(strlen(text) + bytes < sizeof text);
        if (!is_meaning)
            strncat(text, line, bytes);
        settings += is_meaning;
    }
    free(help);
    EXPECT(settings >= 25);
    EXPECT_MSG(read_text(text) == 0, "%s", error);
    struct config fresh;
    char name[64];
    size_t cursor = 0;
    config_init(&fresh);
    EXPECT(!config_next_difference(&config, &fresh, &cursor, name, sizeof name));
    config_finish(&fresh);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("config");
    tcase_add_checked_fixture(cases, begin, finish);
    tcase_add_test(cases, what_is_not_set_has_its_default);
    tcase_add_test(cases, numbers_have_limits);
    tcase_add_test(cases, flags_are_said_in_some_ways);
    tcase_add_test(cases, texts_may_have_anything_in_them);
    tcase_add_test(cases, unknown_settings_are_refused);
    tcase_add_test(cases, a_file_sets_what_it_says);
    tcase_add_test(cases, a_wrong_line_is_told_by_its_number);
    tcase_add_test(cases, a_line_stands_by_itself);
    tcase_add_test(cases, a_file_that_is_not_there);
    tcase_add_test(cases, settings_must_go_together);
    tcase_add_test(cases, addresses_are_cut_at_commas);
    tcase_add_test(cases, a_running_server_takes_over_some);
    tcase_add_test(cases, help_tells_every_default);
    Suite *suite = suite_create("config");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
