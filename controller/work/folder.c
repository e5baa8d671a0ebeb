#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 64

static bool
failed(struct error *e, const char *path, const char *what)
{
    return error_set(e, ERROR_UNREACHABLE, "%s: %s: %s", path, what, strerror(errno));
}

bool
folder_make(const char *path, struct error *e)
{
    struct stat seen;

    if (mkdir(path, 0700) == 0)
        return true;
    if (errno != EEXIST)
        return failed(e, path, "cannot be made");
    if (lstat(path, &seen) != 0 || !S_ISDIR(seen.st_mode)) {
        errno = ENOTDIR;
        return failed(e, path, "is no folder");
    }
    return true;
}

/* A folder that is being emptied. */
struct level {
    DIR *folder;
    char name[NAME_MAX + 1]; /* In the level above. */
};

static bool
enter(struct level *l, int above, const char *name)
{
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    snprintf(l->name, sizeof(l->name), "%s", name);
    l->folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (l->folder == NULL && fd >= 0)
        close(fd);
    return l->folder != NULL;
}

/* The next entry that could not be removed as a file; NULL if none is left. */
static const char *
next_folder(struct level *l)
{
    struct dirent *entry;

    while ((entry = readdir(l->folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlinkat(dirfd(l->folder), entry->d_name, 0) != 0)
            return entry->d_name;
    return NULL;
}

static bool
empty(int fd)
{
    struct level levels[DEPTH_MAX];
    size_t depth = 1;
    bool gone = true;

    levels[0].folder = fdopendir(fd);
    if (levels[0].folder == NULL) {
        close(fd);
        return false;
    }
    while (depth > 0) {
        struct level *l = &levels[depth - 1];
        const char *name = next_folder(l);

        if (name == NULL) {
            closedir(l->folder);
            depth--;
            if (depth > 0 && unlinkat(dirfd(levels[depth - 1].folder), l->name, AT_REMOVEDIR) != 0)
                gone = false;
        } else if (depth < DEPTH_MAX && enter(&levels[depth], dirfd(l->folder), name)) {
            depth++;
        } else {
            gone = false;
        }
    }
    return gone;
}

bool
folder_remove(const char *path)
{
    int fd;

    if (unlink(path) == 0 || errno == ENOENT)
        return true;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && !empty(fd))
        return false;
    return rmdir(path) == 0 || errno == ENOENT;
}

int
file_open(const char *path, int64_t *size, struct error *e)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct stat seen;

    if (fd < 0) {
        (void)error_set(e, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_UNREACHABLE,
                        "%s: cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    if (fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode)) {
        (void)error_set(e, ERROR_INVALID, "%s: is no regular file", path);
        close(fd);
        return -1;
    }
    *size = seen.st_size;
    return fd;
}

bool
file_read(const char *path, struct buf *out, struct error *e)
{
    char piece[16384];
    int64_t size;
    int fd = file_open(path, &size, e);
    ssize_t got = 0;

    if (fd < 0)
        return false;
    if (size > (int64_t)out->max) {
        close(fd);
        return error_set(e, ERROR_INVALID, "%s: %lld bytes, at most %zu are read", path,
                         (long long)size, out->max);
    }
    while (!out->overflow && (got = read(fd, piece, sizeof(piece))) > 0)
        buf_add(out, (struct str){ piece, (size_t)got });
    close(fd);
    if (got < 0)
        return failed(e, path, "cannot be read");
    if (out->overflow)
        return error_set(e, ERROR_INVALID, "%s: grew while it was read", path);
    return true;
}

static bool
write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.at, text.len);

        if (put <= 0)
            return false;
        text.at += put;
        text.len -= (size_t)put;
    }
    return fsync(fd) == 0;
}

bool
file_write(const char *path, struct str text, struct error *e)
{
    char beside[PATH_MAX];
    int fd;
    bool ok;

    if (snprintf(beside, sizeof(beside), "%s.part", path) >= (int)sizeof(beside)) {
        errno = ENAMETOOLONG;
        return failed(e, path, "cannot be written");
    }
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(e, beside, "cannot be written");
    ok = write_all(fd, text);
    close(fd);
    if (!ok || rename(beside, path) != 0)
        return failed(e, path, "cannot be written");
    return true;
}
