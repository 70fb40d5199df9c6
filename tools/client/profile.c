/* profile.c: reads vslctl.conf (INI by inih) and the environment.
 *
 * The file says which server is believed and as whom one calls, so it must be its reader's own or
 * root's, and nobody else's to write.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/profile.h"

#include "base/check.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "vsl/vslctl.conf"
#define SYSTEM_FILE "/etc/" FILE_NAME
#define DEFAULT_PROFILE "default"
#define PATH_BYTES_MAX 4096

static const struct key {
    const char *name;
    bool is_file;
    const char *variable;
} keys[PROFILE_KEYS] = {
    [PROFILE_SERVER] = {"server", false, "VSL_SERVER"},
    [PROFILE_TLS_CA] = {"tls-ca", true, "VSL_TLS_CA"},
    [PROFILE_TLS_CERT] = {"tls-cert", true, "VSL_TLS_CERT"},
    [PROFILE_TLS_KEY] = {"tls-key", true, "VSL_TLS_KEY"},
    [PROFILE_TLS_NAME] = {"tls-name", false, "VSL_TLS_NAME"},
};

struct reading {
    FILE *file;
    const char *path;
    const char *name; /* of the profile */
    struct profile *profile;
    bool is_found;
    char *line; /* of getline */
    size_t line_room;
    int line_number;
    int failed_line; /* that `error` is about; 0: none */
    char error[256];
};

__attribute__((format(printf, 3, 4))) static int refuse(
    char *error, size_t error_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, error_bytes, format, arguments);
    va_end(arguments);
    return -1;
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

/* ---- a file ---- */

/* A copy; a file's name that does not begin with / is one beside vslctl.conf. */
static char *value_of(const struct reading *reading, const struct key *key, const char *text)
{
    const char *slash = strrchr(reading->path, '/');
    int folder = key->is_file && text[0] != '/' && slash ? (int)(slash - reading->path) + 1 : 0;
    char *value = NULL;
    CHECK(asprintf(&value, "%.*s%s", folder, reading->path, text) >= 0);
    return value;
}

static const char *take_entry(
    struct reading *reading, const char *section, const char *name, const char *text)
{
    size_t i = 0;
    if (section[0] == '\0')
        return "stands before the first [profile]";
    while (i < PROFILE_KEYS && strcmp(keys[i].name, name) != 0)
        i++;
    if (i == PROFILE_KEYS)
        return "there is no such setting; a profile has server, tls-ca, tls-cert, tls-key and "
               "tls-name";
    if (text[0] == '\0')
        return "has no value; leave the line out instead";
    if (strcmp(section, reading->name) != 0)
        return NULL;
    if (reading->profile->values[i])
        return "is set twice in this profile";
    reading->is_found = true;
    reading->profile->values[i] = value_of(reading, &keys[i], text);
    return NULL;
}

static int on_entry(void *user, const char *section, const char *name, const char *text)
{
    struct reading *reading = user;
    if (reading->failed_line != 0)
        return 0;
    const char *wrong = take_entry(reading, section, name, text ? text : "");
    if (wrong) {
        /* Of the line only what is a name: who put a key's text here will not see it again. */
        refuse(reading->error, sizeof reading->error, "%.16s: %s", name, wrong);
        reading->failed_line = reading->line_number;
    }
    return wrong == NULL;
}

/* Gives inih whole lines without the blanks before them; by itself it takes an indented line for
 * more of the value before, and the rest of a long line for a line of its own. */
static char *read_line(char *out, int out_bytes, void *stream)
{
    struct reading *reading = stream;
    if (reading->failed_line != 0 ||
        getline(&reading->line, &reading->line_room, reading->file) < 0)
        return NULL;
    reading->line_number++;
    const char *line = reading->line + strspn(reading->line, " \t");
    size_t length = strlen(line);
    if (length >= (size_t)out_bytes) {
        refuse(reading->error, sizeof reading->error, "is longer than %d bytes", out_bytes - 1);
        reading->failed_line = reading->line_number;
        /* Neither a section nor an entry, so that inih stops here. */
        line = "]";
        length = 1;
    }
    memcpy(out, line, length + 1);
    return out;
}

static const char *wrong_with(const struct stat *about)
{
    if (!S_ISREG(about->st_mode))
        return "it is no regular file";
    if (about->st_uid != geteuid() && about->st_uid != 0)
        return "it belongs to another user, who could send the calls elsewhere";
    if ((about->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "others than its owner may write it: chmod go-w";
    return NULL;
}

/* 1: the file has the profile; 0: it has not, or there is no such file; -1 with a sentence. */
static int read_file(struct profile *profile, const char *path, const char *name, char *ret_error,
    size_t error_bytes)
{
    struct reading reading = {.path = path, .name = name, .profile = profile};
    struct stat about;
    reading.file = fopen(path, "re");
    if (!reading.file && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (!reading.file || fstat(fileno(reading.file), &about) != 0) {
        int failure = errno;
        if (reading.file)
            fclose(reading.file);
        return refuse(ret_error, error_bytes, "could not read %s: %s", path, strerror(failure));
    }
    const char *wrong = wrong_with(&about);
    int line = wrong ? 0 : ini_parse_stream(read_line, &reading, on_entry, &reading);
    bool is_broken = ferror(reading.file);
    fclose(reading.file);
    free(reading.line);
    if (wrong)
        return refuse(ret_error, error_bytes, "could not use %s: %s", path, wrong);
    if (is_broken)
        return refuse(ret_error, error_bytes, "could not read %s to its end", path);
    /* What inih refuses itself may come before what is wrong with a setting. */
    if (line != 0 && line != reading.failed_line)
        return refuse(ret_error, error_bytes,
            "%s line %d: neither [profile], setting = value nor a comment", path, line);
    if (line != 0)
        return refuse(ret_error, error_bytes, "%s line %d: %s", path, line, reading.error);
    if (reading.is_found && !profile->values[PROFILE_SERVER])
        return refuse(ret_error, error_bytes, "%s: the profile [%s] has no server", path, name);
    return reading.is_found;
}

/* ---- which ---- */

/* The user's own file; false: there is no place for one. */
static bool own_file(char ret_path[PATH_BYTES_MAX])
{
    const char *folder = environment("XDG_CONFIG_HOME");
    const char *home = environment("HOME");
    int length = 0;
    /* A relative one is to be passed over, says the XDG Base Directory Specification. */
    if (folder && folder[0] == '/')
        length = snprintf(ret_path, PATH_BYTES_MAX, "%s/" FILE_NAME, folder);
    else if (home)
        length = snprintf(ret_path, PATH_BYTES_MAX, "%s/.config/" FILE_NAME, home);
    return length > 0 && length < PATH_BYTES_MAX;
}

/* 1, 0 or -1 as read_file. */
static int find(struct profile *profile, const char *name, char *ret_error, size_t error_bytes)
{
    char path[PATH_BYTES_MAX];
    int found = 0;
    if (own_file(path))
        found = read_file(profile, path, name, ret_error, error_bytes);
    if (found == 0)
        found = read_file(profile, SYSTEM_FILE, name, ret_error, error_bytes);
    return found;
}

static int find_named(struct profile *profile, const char *name, const char *source,
    char *ret_error, size_t error_bytes)
{
    char path[PATH_BYTES_MAX];
    int found = find(profile, name, ret_error, error_bytes);
    if (found != 0)
        return found;
    bool has_own = own_file(path);
    return refuse(ret_error, error_bytes, "%s: there is no profile [%.64s] in %s%s" SYSTEM_FILE,
        source, name, has_own ? path : "", has_own ? " or " : "");
}

int profile_complete(
    struct client_config *config, struct profile *ret_profile, char *ret_error, size_t error_bytes)
{
    const char **fields[PROFILE_KEYS] = {&config->address, &config->tls_ca_file,
        &config->tls_certificate_file, &config->tls_key_file, &config->tls_server_name};
    bool has_environment = !config->profile;
    int found = 0;
    if (config->profile)
        found = find_named(ret_profile, config->profile, "--profile", ret_error, error_bytes);
    else if (config->address || environment("VSL_SERVER"))
        found = 0;
    else if (environment("VSL_PROFILE"))
        found = find_named(
            ret_profile, environment("VSL_PROFILE"), "VSL_PROFILE", ret_error, error_bytes);
    else
        found = find(ret_profile, DEFAULT_PROFILE, ret_error, error_bytes);
    if (found < 0) {
        profile_finish(ret_profile);
        return -1;
    }
    for (size_t i = 0; i < PROFILE_KEYS; i++) {
        if (!*fields[i] && has_environment)
            *fields[i] = environment(keys[i].variable);
        if (!*fields[i])
            *fields[i] = ret_profile->values[i];
    }
    if (!config->address)
        config->address = CLIENT_DEFAULT_ADDRESS;
    return 0;
}

void profile_finish(struct profile *profile)
{
    for (size_t i = 0; i < PROFILE_KEYS; i++)
        free(profile->values[i]);
    *profile = (struct profile){0};
}
