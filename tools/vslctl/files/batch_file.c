/* batch_file.c: the commands of a JSON file, each with the line on which it begins.
 *
 * The JSON library tells no places of values, so the text is looked through once more for them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/batch_file.h"

#include "base/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* ---- lines ---- */

/* Goes through the text of one right JSON value. */
struct scan {
    const char *at;
    const char *end;
    int line;
    int depth;
    int list_depth; /* of the list of commands: 1, or 2 in `items`; 0: not found yet */
    bool is_expecting;
    const char *key; /* the last string of an object that is the value itself */
    size_t key_length;
};

/* Stands at the first quote; stops at the last. */
static void skip_string(struct scan *scan)
{
    const char *first = ++scan->at;
    while (scan->at < scan->end && *scan->at != '"')
        scan->at += *scan->at == '\\' ? 2 : 1;
    if (scan->depth == 1) {
        scan->key = first;
        scan->key_length = (size_t)(scan->at - first);
    }
}

static bool is_items(const struct scan *scan)
{
    return scan->key_length == strlen("items") && memcmp(scan->key, "items", scan->key_length) == 0;
}

/* Writes the lines of the list's elements; how many there are. At most `room` are written. */
static size_t find_lines(struct scan *scan, int *lines, size_t room)
{
    size_t count = 0;
    bool is_array = *scan->at == '[';
    for (; scan->at < scan->end; scan->at++) {
        char byte = *scan->at;
        scan->line += byte == '\n';
        if (strchr(BLANKS, byte))
            continue;
        if (scan->is_expecting && byte != ']') {
            if (count < room)
                lines[count] = scan->line;
            count++;
            scan->is_expecting = false;
        }
        if (byte == '"') {
            skip_string(scan);
        } else if (byte == '[' || byte == '{') {
            scan->depth++;
            if (byte == '[' && scan->list_depth == 0 &&
                (is_array || (scan->depth == 2 && is_items(scan)))) {
                scan->list_depth = scan->depth;
                scan->is_expecting = true;
            }
        } else if (byte == ']' || byte == '}') {
            if (scan->depth == scan->list_depth) {
                /* The list is complete. */
                scan->list_depth = -1;
                scan->is_expecting = false;
            }
            scan->depth--;
        } else if (byte == ',' && scan->depth == scan->list_depth) {
            scan->is_expecting = true;
        }
    }
    return count;
}

/* ---- commands ---- */

/* Takes what an object says of all its items. -1 with a sentence. */
static int take_settings(
    struct batch_file *file, json_t *object, char *ret_error, size_t error_bytes)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        bool is_atomic = strcmp(name, "atomic") == 0;
        bool is_dry_run = strcmp(name, "dry_run") == 0 || strcmp(name, "dryRun") == 0;
        if (strcmp(name, "items") == 0 || ((is_atomic || is_dry_run) && json_is_null(value)))
            continue;
        if (!is_atomic && !is_dry_run) {
            snprintf(ret_error, error_bytes,
                "%.64s: there is no such field; beside items there are atomic and dry_run", name);
            return -1;
        }
        if (!json_is_boolean(value)) {
            snprintf(ret_error, error_bytes, "%s: must be true or false", name);
            return -1;
        }
        if (is_atomic)
            file->is_atomic = json_is_true(value);
        else
            file->is_dry_run = json_is_true(value);
    }
    return 0;
}

/* Puts the commands of one JSON value into the list: an array of them, an object with `items`, or
 * one command. */
static void add_commands(struct batch_file *file, json_t *value, struct scan *scan)
{
    json_t *items = json_is_array(value) ? value : json_object_get(value, "items");
    int first_line = scan->line;
    size_t more = items ? json_array_size(items) : 1;
    file->lines = realloc(file->lines, (file->count + more + 1) * sizeof *file->lines);
    CHECK(file->lines != NULL);
    int *lines = file->lines + file->count;
    size_t found = items ? find_lines(scan, lines, more) : 0;
    /* Spelt in a way that the search does not know: then the line of the whole. */
    for (size_t i = 0; found != more && i < more; i++)
        lines[i] = first_line;
    size_t index;
    json_t *item;
    if (!items) {
        CHECK(json_array_append(file->commands, value) == 0);
    } else {
        json_array_foreach(items, index, item)
        {
            CHECK(json_array_append(file->commands, item) == 0);
        }
    }
    file->count += more;
}

int batch_file_parse(const char *text, size_t length, struct batch_file *ret_file, char *ret_error,
    size_t error_bytes)
{
    struct batch_file file = {.commands = json_array()};
    CHECK(file.commands != NULL);
    const char *at = text;
    const char *end = text + length;
    int line = 1;
    size_t value_count = 0;
    int settings_line = 0; /* of a value that is atomic or a dry run */
    for (;;) {
        for (; at < end && *at != '\0' && strchr(BLANKS, *at); at++)
            line += *at == '\n';
        if (at == end)
            break;
        json_error_t error;
        json_t *value = json_loadb(
            at, (size_t)(end - at), JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (!value) {
            snprintf(ret_error, error_bytes,
                "line %d: %s; mend this first, the commands were not looked at",
                line + error.line - 1, error.text);
            batch_file_finish(&file);
            return -1;
        }
        struct scan scan = {.at = at, .end = at + error.position, .line = line};
        char rule[256] = "";
        bool has_items = json_is_object(value) && json_object_get(value, "items") != NULL;
        if (has_items && !json_is_array(json_object_get(value, "items")))
            snprintf(rule, sizeof rule, "items: must be an array of commands");
        else if (has_items && take_settings(&file, value, rule, sizeof rule) == 0 &&
                 (file.is_atomic || file.is_dry_run) && settings_line == 0)
            settings_line = line;
        value_count++;
        if (rule[0] == '\0' && settings_line > 0 && value_count > 1)
            snprintf(rule, sizeof rule,
                "atomic and dry_run hold for a whole file: put all its commands into one list");
        if (rule[0] != '\0') {
            snprintf(ret_error, error_bytes, "line %d: %s",
                settings_line > 0 ? settings_line : line, rule);
            json_decref(value);
            batch_file_finish(&file);
            return -1;
        }
        add_commands(&file, value, &scan);
        json_decref(value);
        for (const char *byte = at; byte < at + error.position; byte++)
            line += *byte == '\n';
        at += error.position;
    }
    if (file.count == 0) {
        snprintf(ret_error, error_bytes, "there are no commands in it");
        batch_file_finish(&file);
        return -1;
    }
    *ret_file = file;
    return 0;
}

void batch_file_finish(struct batch_file *file)
{
    json_decref(file->commands);
    free(file->lines);
    *file = (struct batch_file){0};
}
