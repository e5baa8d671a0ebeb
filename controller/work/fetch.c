#include "fetch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aws/s3.h"
#include "digest.h"
#include "folder.h"

#define PIECE 65536
#define PIECES_A_TURN 64

static void download(struct work *w, struct fetch *f);

const char *
last_part(const char *uri)
{
    const char *slash = strrchr(uri, '/');

    return slash != NULL ? slash + 1 : uri;
}

static void
close_file(struct work *w)
{
    close(w->fd);
    w->fd = -1;
}

/* ---- what lies on disk is read, some pieces a turn ------------------------------------------ */

static void
free_digest(void *thing)
{
    digest_free(thing);
}

static void
file_was_read(struct work *w, struct fetch *f)
{
    close_file(w);
    digest_hex(f->digest, f->got);
    if (f->sha256 == NULL || strcmp(f->sha256, f->got) == 0)
        f->then(w, f);
    else if (f->reused)
        download(w, f);
    else
        work_fail(w, "%s: its SHA-256 is %s, not %s", f->uri, f->got, f->sha256);
}

static void
read_on(struct work *w)
{
    struct fetch *f = w->part;
    char piece[PIECE];

    for (int i = 0; i < PIECES_A_TURN; i++) {
        ssize_t got = read(w->fd, piece, sizeof(piece));

        if (got < 0) {
            work_unsure(w, "%s: cannot be read: %s", f->file, strerror(errno));
            return;
        }
        if (got == 0) {
            file_was_read(w, f);
            return;
        }
        digest_add(f->digest, (struct str){ piece, (size_t)got });
    }
    work_next_turn(w, read_on);
}

/* False if it cannot be opened. */
static bool
read_file(struct work *w, struct fetch *f, const char *path, struct error *e)
{
    f->file = path;
    w->fd = file_open(path, &f->size, e);
    if (w->fd < 0)
        return false;
    f->digest = digest_new();
    work_owns(w, f->digest, free_digest);
    work_next_turn(w, read_on);
    return true;
}

/* ---- what lies in S3 is downloaded ---------------------------------------------------------- */

static const char *
part_path(struct work *w, const struct fetch *f)
{
    return work_text(w, "%s.part", f->path);
}

static void
refuse(struct work *w, const struct fetch *f, const struct aws_result *r)
{
    if (aws_refused(r, "NoSuchKey") || aws_refused(r, "NoSuchBucket"))
        work_fail(w, "there is no object %s", f->uri);
    else if (aws_refused(r, "PreconditionFailed"))
        work_fail(w,
                  "%s was replaced since the model was registered (it was %s then); register "
                  "the new content as a new version",
                  f->uri, f->etag);
    else if (aws_refused(r, "TooLong"))
        work_fail(w, "%s is larger than %lld bytes, the most Greengrass takes", f->uri,
                  (long long)ARTIFACT_MAX);
    else
        work_trouble(w, r);
}

static void
downloaded(void *cookie, const struct aws_result *r, const struct s3_object *o)
{
    struct work *w = cookie;
    struct fetch *f = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        refuse(w, f, r);
        return;
    }
    close_file(w);
    snprintf(f->got, sizeof(f->got), "%s", o->sha256);
    f->size = o->size;
    if (f->sha256 != NULL && strcmp(f->sha256, f->got) != 0) {
        work_fail(w, "%s: its SHA-256 is %s, not %s", f->uri, f->got, f->sha256);
        return;
    }
    if (rename(part_path(w, f), f->path) != 0) {
        work_unsure(w, "%s: cannot be written: %s", f->path, strerror(errno));
        return;
    }
    f->file = f->path;
    f->then(w, f);
}

/* If-Match takes a quoted tag; SageMaker tells it without quotes. */
static const char *
quoted(struct work *w, const char *etag)
{
    if (etag == NULL || etag[0] == '\0')
        return NULL;
    return etag[0] == '"' ? etag : work_text(w, "\"%s\"", etag);
}

static void
download(struct work *w, struct fetch *f)
{
    const char *path = part_path(w, f);
    struct str bucket, key;
    struct error e;

    f->reused = false;
    if (!s3_parse(f->uri, &bucket, &key, &e)) {
        work_fail(w, "%s", e.text);
        return;
    }
    w->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (w->fd < 0) {
        work_unsure(w, "%s: cannot be written: %s", path, strerror(errno));
        return;
    }
    w->call = s3_get(w->account, work_keep(w, bucket), work_keep(w, key), quoted(w, f->etag), w->fd,
                     ARTIFACT_MAX, downloaded, w);
}

void
fetch_start(struct work *w, struct fetch *f)
{
    static const char LOCAL[] = "file://";
    struct error e;

    w->part = f;
    if (str_starts(str_of(f->uri), LOCAL)) {
        if (!read_file(w, f, f->uri + strlen(LOCAL), &e))
            work_fail(w, "%s; compile the model again", e.text);
        return;
    }
    /* What a former take downloaded is used again if it can be told to be the same. */
    f->reused = f->sha256 != NULL && read_file(w, f, f->path, &e);
    if (!f->reused)
        download(w, f);
}
