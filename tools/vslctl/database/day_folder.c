/* day_folder.c: a folder that is there as a whole or not at all.
 *
 * The one aside is locked (flock) until it has its name. A run that was killed leaves it; the next
 * one empties it and goes on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/database/day.h"
#include "vslctl/vslctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S 30
#define NAP_MS 20
#define SCRATCH_NAME ".rows"

static int fail(const struct day_folder *folder, const char *name)
{
    fprintf(stderr, "vslctl: could not write '%s/%s': %s\n", folder->into, name,
        errno == ETIMEDOUT ? "another process is writing it and does not end" : strerror(errno));
    return EXIT_TRANSPORT;
}

static int wait_for_lock(int descriptor)
{
    const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};
    for (int tries = WAIT_S * 1000 / NAP_MS; tries > 0; tries--) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -1;
        nanosleep(&nap, NULL);
    }
    errno = ETIMEDOUT;
    return -1;
}

/* Calls for each name in a folder but "." and ".."; false when one call says so, or on a fault. */
static bool each_name(
    int folder, bool (*call)(int folder, const char *name, void *context), void *context)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    bool is_right = names != NULL;
    if (!names && copy >= 0)
        close(copy);
    while (is_right && (entry = readdir(names)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_right = call(folder, entry->d_name, context);
    }
    if (names)
        closedir(names);
    return is_right;
}

static bool remove_name(int folder, const char *name, void *context)
{
    (void)context;
    return unlinkat(folder, name, 0) == 0;
}

/* The folder aside, locked and empty. One that got its name while it was waited for is nobody's
 * any more: then it is begun anew. -1 with errno. */
static int open_aside(struct day_folder *folder)
{
    for (;;) {
        struct stat about, named;
        if (mkdirat(folder->parent, folder->partial, 0777) != 0 && errno != EEXIST)
            return -1;
        folder->aside = openat(
            folder->parent, folder->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (folder->aside < 0 && errno == ENOENT)
            continue;
        if (folder->aside < 0 || wait_for_lock(folder->aside) != 0 ||
            fstat(folder->aside, &about) != 0)
            return -1;
        if (fstatat(folder->parent, folder->partial, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
            named.st_ino == about.st_ino && named.st_dev == about.st_dev)
            break;
        close(folder->aside);
        folder->aside = -1;
    }
    return each_name(folder->aside, remove_name, NULL) ? 0 : -1;
}

int day_folder_begin(struct day_folder *folder, const char *into, const char *name)
{
    *folder = (struct day_folder){.parent = -1, .aside = -1};
    if (strlen(into) >= sizeof folder->into || strlen(name) + 10 > sizeof folder->partial) {
        fprintf(stderr, "vslctl: the name of the folder is too long\n");
        return EXIT_USAGE;
    }
    memcpy(folder->into, into, strlen(into) + 1);
    memcpy(folder->name, name, strlen(name) + 1);
    snprintf(folder->partial, sizeof folder->partial, ".%.240s.partial", name);
    folder->parent = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->parent < 0) {
        fprintf(stderr, "vslctl: could not open '%s': %s\n", into, strerror(errno));
        return EXIT_USAGE;
    }
    return open_aside(folder) == 0 ? EXIT_ACCEPTED : fail(folder, folder->partial);
}

FILE *day_folder_open(const struct day_folder *folder, const char *name)
{
    int out = openat(folder->aside, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *file = out >= 0 ? fdopen(out, "w+") : NULL;
    if (file)
        return file;
    fail(folder, name);
    if (out >= 0)
        close(out);
    return NULL;
}

FILE *day_folder_scratch(const struct day_folder *folder)
{
    FILE *file = day_folder_open(folder, SCRATCH_NAME);
    if (file && unlinkat(folder->aside, SCRATCH_NAME, 0) != 0) {
        fail(folder, SCRATCH_NAME);
        fclose(file);
        return NULL;
    }
    return file;
}

int day_folder_close(const struct day_folder *folder, const char *name, FILE *file)
{
    bool is_written = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    int status = is_written ? EXIT_ACCEPTED : fail(folder, name);
    fclose(file);
    return status;
}

bool day_folder_is_there(const struct day_folder *folder)
{
    struct stat about;
    return fstatat(folder->parent, folder->name, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

int day_folder_commit(struct day_folder *folder)
{
    if (fsync(folder->aside) != 0 ||
        renameat(folder->parent, folder->partial, folder->parent, folder->name) != 0)
        return fail(folder, folder->name);
    close(folder->aside);
    folder->aside = -1;
    return fsync(folder->parent) == 0 ? EXIT_ACCEPTED : fail(folder, folder->name);
}

/* ---- what is there already ---- */

static bool is_same_file(int one, int other, const char *name)
{
    char bytes[1 << 14], others[1 << 14];
    int in = openat(one, name, O_RDONLY | O_CLOEXEC);
    int other_in = openat(other, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = in >= 0 ? fdopen(in, "r") : NULL;
    FILE *other_file = other_in >= 0 ? fdopen(other_in, "r") : NULL;
    bool is_same = file && other_file;
    size_t length = 1;
    while (is_same && length > 0) {
        length = fread(bytes, 1, sizeof bytes, file);
        is_same = fread(others, 1, sizeof others, other_file) == length &&
                  memcmp(bytes, others, length) == 0;
    }
    is_same = is_same && !ferror(file) && !ferror(other_file);
    if (file)
        fclose(file);
    else if (in >= 0)
        close(in);
    if (other_file)
        fclose(other_file);
    else if (other_in >= 0)
        close(other_in);
    return is_same;
}

static bool is_known(int folder, const char *name, void *context)
{
    const struct day *day = context;
    (void)folder;
    bool is_known = strcmp(name, DAY_MANIFEST) == 0 || strcmp(name, DAY_SIGNATURE) == 0 ||
                    strcmp(name, DAY_SIGNATURE ".partial") == 0;
    for (int i = 0; i < day->file_count; i++)
        is_known |= strcmp(name, day->files[i].name) == 0;
    if (!is_known)
        fprintf(stderr, "vslctl: '%s' is none of the files of this date\n", name);
    return is_known;
}

bool day_folder_is_same(const struct day_folder *folder, const struct day *day)
{
    int there =
        openat(folder->parent, folder->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool is_same = there >= 0 && is_same_file(folder->aside, there, DAY_MANIFEST);
    if (!is_same)
        fprintf(stderr, "vslctl: '%s/%s/%s' is another one than is made now\n", folder->into,
            folder->name, DAY_MANIFEST);
    for (int i = 0; i < day->file_count && is_same; i++) {
        is_same = is_same_file(folder->aside, there, day->files[i].name);
        if (!is_same)
            fprintf(stderr, "vslctl: '%s/%s/%s' is another one than is made now\n", folder->into,
                folder->name, day->files[i].name);
    }
    struct day known = *day;
    is_same = is_same && each_name(there, is_known, &known);
    if (there >= 0)
        close(there);
    return is_same;
}

void day_folder_abandon(struct day_folder *folder)
{
    if (folder->aside >= 0) {
        each_name(folder->aside, remove_name, NULL);
        unlinkat(folder->parent, folder->partial, AT_REMOVEDIR);
        close(folder->aside);
    }
    if (folder->parent >= 0)
        close(folder->parent);
    folder->aside = folder->parent = -1;
}
