/* read.c: see read.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "keys/read.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_TIMEOUT_US 10000000
#define COMMAND_WORDS_MAX 16

extern char **environ;

/* Reads up to the end; -1: it does not come in time, it is too long, or there was a fault. */
static int read_all(int file, char *ret_text, int64_t until_us)
{
    size_t length = 0;
    while (length < KEYS_TEXT_BYTES_MAX - 1) {
        struct pollfd ready = {.fd = file, .events = POLLIN};
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0 || poll(&ready, 1, (int)(left_us / 1000) + 1) < 0)
            return -1;
        if (ready.revents == 0)
            continue;
        ssize_t taken = read(file, ret_text + length, KEYS_TEXT_BYTES_MAX - 1 - length);
        if (taken == 0) {
            ret_text[length] = '\0';
            /* A NUL among the text would hide what comes behind it. */
            if (strlen(ret_text) != length)
                return -1;
            /* An editor's byte order mark is passed over. */
            if (strncmp(ret_text, "\xef\xbb\xbf", 3) == 0)
                memmove(ret_text, ret_text + 3, length - 2);
            return 0;
        }
        if (taken < 0)
            return -1;
        length += (size_t)taken;
    }
    return -1;
}

int keys_read_file(const char *path, char *ret_text, char *ret_error, size_t error_bytes)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 || fstat(file, &about) != 0) {
        snprintf(ret_error, error_bytes, "could not open the key ring %s: %s", path,
            errno == ELOOP ? "it is a link" : strerror(errno));
        if (file >= 0)
            close(file);
        return -1;
    }
    const char *wrong = secret_file_wrong(&about);
    if (!wrong && read_all(file, ret_text, clock_monotonic_us() + COMMAND_TIMEOUT_US) != 0)
        wrong = "it could not be read, or is longer than 64 kB";
    close(file);
    if (wrong)
        snprintf(ret_error, error_bytes, "the key ring %s is refused: %s", path, wrong);
    return wrong ? -1 : 0;
}

static int start(char *const words[], int output, pid_t *ret_process)
{
    posix_spawn_file_actions_t actions;
    int fault = posix_spawn_file_actions_init(&actions);
    CHECK(fault == 0);
    fault = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    CHECK(fault == 0);
    fault = posix_spawn_file_actions_adddup2(&actions, output, 1);
    CHECK(fault == 0);
    fault = posix_spawn(ret_process, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return fault;
}

/* The status of the process, which is killed when it has closed its output and does not end. */
static int end(pid_t process, bool is_read, int64_t until_us)
{
    int status = 0;
    pid_t ended = 0;
    while (is_read && clock_monotonic_us() < until_us) {
        ended = waitpid(process, &status, WNOHANG);
        if (ended != 0)
            break;
        poll(NULL, 0, 5);
    }
    if (ended == 0) {
        kill(process, SIGKILL);
        ended = waitpid(process, &status, 0);
    }
    return ended == process ? status : -1;
}

int keys_read_command(const char *command, char *ret_text, char *ret_error, size_t error_bytes)
{
    char *words[COMMAND_WORDS_MAX + 1] = {0};
    char *copy = strdup(command);
    char *rest = NULL;
    size_t count = 0;
    CHECK(copy != NULL);
    for (char *word = strtok_r(copy, " \t", &rest); word && count < COMMAND_WORDS_MAX;
         word = strtok_r(NULL, " \t", &rest))
        words[count++] = word;
    int64_t until_us = clock_monotonic_us() + COMMAND_TIMEOUT_US;
    int ends[2];
    int fault = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    pid_t process = 0;
    if (fault == 0) {
        fault = count > 0 ? start(words, ends[1], &process) : ENOENT;
        close(ends[1]);
        if (fault != 0)
            close(ends[0]);
    }
    free(copy);
    if (fault != 0) {
        snprintf(ret_error, error_bytes, "could not run keys.command: %s", strerror(fault));
        return -1;
    }
    bool is_read = read_all(ends[0], ret_text, until_us) == 0;
    close(ends[0]);
    int status = end(process, is_read, until_us);
    if (is_read && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (!is_read)
        snprintf(ret_error, error_bytes,
            "keys.command did not print a key ring of at most 64 kB within 10 seconds");
    else
        snprintf(ret_error, error_bytes, "keys.command failed with status %d",
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return -1;
}
