/* durable_file.c: write, sync, rename, sync the folder, under a lock.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/durable_file.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAP_MS 20

/* The folder that a file lies in, opened; -1 with errno. */
static int open_folder(const char *path)
{
    char *copy = strdup(path);
    CHECK(copy != NULL);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    return folder;
}

/* Makes a rename survive a crash of the machine. */
static int sync_folder(const char *path)
{
    int folder = open_folder(path);
    if (folder < 0)
        return -1;
    int status = fsync(folder);
    int failure = errno;
    close(folder);
    errno = failure;
    return status;
}

static int close_with(int descriptor, int failure)
{
    close(descriptor);
    errno = failure;
    return -1;
}

/* Whether a partial file may be written to: nobody else made it, who might read along. */
static bool is_trusted(const char *path, const struct stat *about)
{
    if (!S_ISREG(about->st_mode) || about->st_nlink > 1)
        return false;
    if (about->st_uid == geteuid())
        return true;
    struct stat folder_about;
    int folder = open_folder(path);
    bool is_owned =
        folder >= 0 && fstat(folder, &folder_about) == 0 && folder_about.st_uid == about->st_uid;
    if (folder >= 0)
        close(folder);
    return is_owned;
}

static int wait_for_lock(int descriptor)
{
    const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};
    for (int tries = DURABLE_WAIT_S * 1000 / NAP_MS; tries > 0; tries--) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -1;
        nanosleep(&nap, NULL);
    }
    errno = ETIMEDOUT;
    return -1;
}

/* The partial file, locked; -1 with errno. One that was renamed or removed while it was waited for
 * is nobody's any more: then it is begun anew. */
static int open_partial(const char *partial, mode_t mode)
{
    for (;;) {
        struct stat about;
        struct stat named;
        int out = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
        if (out < 0)
            return -1;
        if (wait_for_lock(out) != 0 || fstat(out, &about) != 0)
            return close_with(out, errno);
        if (lstat(partial, &named) != 0 || named.st_ino != about.st_ino ||
            named.st_dev != about.st_dev) {
            close(out);
            continue;
        }
        if (!is_trusted(partial, &about))
            return close_with(out, EPERM);
        bool is_wider = (about.st_mode & 07777 & ~mode) != 0;
        if ((is_wider && fchmod(out, mode) != 0) || ftruncate(out, 0) != 0)
            return close_with(out, errno);
        return out;
    }
}

int durable_begin(struct durable_file *file, const char *path, mode_t mode)
{
    *file = (struct durable_file){0};
    int length = snprintf(file->path, sizeof file->path, "%s", path);
    if (length > 0 && (size_t)length < sizeof file->path)
        length = snprintf(file->partial, sizeof file->partial, "%s.partial", path);
    if (length <= 0 || (size_t)length >= sizeof file->partial) {
        errno = length <= 0 ? ENOENT : ENAMETOOLONG;
        return -1;
    }
    int out = open_partial(file->partial, mode);
    if (out < 0)
        return -1;
    file->stream = fdopen(out, "w");
    return file->stream ? 0 : close_with(out, errno);
}

/* The owner of the file stays who it was, as when root adds a key to the service's ring: what only
 * its owner reads is never taken from him. What others read too may become another's. */
static bool keep_owner(const struct durable_file *file)
{
    struct stat old;
    struct stat new;
    int out = fileno(file->stream);
    if (stat(file->path, &old) != 0)
        return errno == ENOENT;
    if (fstat(out, &new) != 0)
        return false;
    return new.st_uid == old.st_uid || fchown(out, old.st_uid, old.st_gid) == 0 ||
           (new.st_mode & 077) != 0;
}

int durable_commit(struct durable_file *file)
{
    CHECK(file->stream != NULL);
    int out = fileno(file->stream);
    bool is_written = fflush(file->stream) == 0 && !ferror(file->stream) && keep_owner(file);
    if (!is_written || fsync(out) != 0 || rename(file->partial, file->path) != 0) {
        int failure = errno;
        durable_abandon(file);
        errno = failure;
        return -1;
    }
    int status = sync_folder(file->path);
    int failure = errno;
    fclose(file->stream); /* not before: it ends the lock */
    file->stream = NULL;
    errno = failure;
    return status;
}

void durable_abandon(struct durable_file *file)
{
    if (!file->stream)
        return;
    unlink(file->partial);
    fclose(file->stream);
    file->stream = NULL;
}

const char *durable_reason(int failure)
{
    if (failure == ETIMEDOUT)
        return "another process is writing it and does not end";
    if (failure == EPERM)
        return "it, or a file of its name with .partial behind it, belongs to somebody else";
    return strerror(failure);
}
