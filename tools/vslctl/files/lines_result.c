/* lines_result.c: the file that says what became of each line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/files/lines_parts.h"

#include "text/format.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* -1 when the name is too long. */
static int name_result(const struct lines_run *run, const char *behind, char ret_name[PATH_MAX])
{
    int length = run->result_name
                     ? snprintf(ret_name, PATH_MAX, "%s%s", run->result_name, behind)
                     : snprintf(ret_name, PATH_MAX, "%s.result.csv%s", run->file_name, behind);
    return length < 0 || length >= PATH_MAX ? -1 : 0;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat left;
    struct stat right;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

int lines_result_check_name(const struct lines_run *run)
{
    char name[PATH_MAX];
    static const char *const endings[] = {"", ".partial"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (name_result(run, endings[i], name) != 0) {
            fprintf(stderr, "vslctl: the name of the result file is too long\n");
            return -1;
        }
        if (is_same_file(name, run->file_name)) {
            fprintf(stderr,
                "vslctl: --result: '%s' is the file of the lines, which the results would replace; "
                "give another name; nothing was sent\n",
                name);
            return -1;
        }
    }
    return 0;
}

static int result_fault(const char *name)
{
    fprintf(stderr, "vslctl: could not write '%s': %s\n", name, durable_reason(errno));
    return -1;
}

int lines_result_open(const struct lines_run *run, struct durable_file *ret_file)
{
    char name[PATH_MAX];
    if (name_result(run, "", name) != 0) {
        errno = ENAMETOOLONG;
        return result_fault(run->file_name);
    }
    return durable_begin(ret_file, name, 0666) != 0 ? result_fault(name) : 0;
}

static void write_line(FILE *out, const struct lines_kind *kind, const struct lines_row *line)
{
    char outcome[FORMAT_BYTES_MAX];
    const char *order = line->fields[kind->shown_column];
    format_enum(&vsl__v1__outcome__descriptor, line->outcome, outcome);
    fprintf(out, "%u,\"", line->line);
    for (; *order; order++)
        fprintf(out, *order == '"' ? "\"\"" : "%c", *order);
    fprintf(out, "\",%" PRId64 ",%s,%d", line->sequence, outcome, line->is_replayed);
    if (kind->subject_noun)
        fprintf(out, ",%" PRId64, line->subject_id);
    fprintf(out, "\n");
}

int lines_result_commit(const struct lines_run *run, struct durable_file *file)
{
    const struct lines_kind *kind = run->kind;
    fprintf(file->stream, "line,%s,sequence,outcome,replayed", kind->columns[kind->shown_column]);
    if (kind->subject_noun)
        fprintf(file->stream, ",%s_id", kind->subject_noun);
    fprintf(file->stream, "\n");
    for (size_t i = 0; i < run->count; i++)
        write_line(file->stream, kind, &run->lines[i]);
    return durable_commit(file) != 0 ? result_fault(file->path) : 0;
}
