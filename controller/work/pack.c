#include "pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "folder.h"
#include "slipway/memory.h"
#include "slipway/utf8.h"
#include "zip.h"

#define PIECE 65536
#define HEADERS_MAX 40000

/* One file on its way into the ZIP. */
struct item {
    char *name; /* In the ZIP. */
    char *path; /* On disk. */
    int64_t size;
    uint32_t crc;
    bool executable;
};

enum stage {
    STAGE_CHECK,  /* The source is read once: its digest, its CRC. */
    STAGE_OPEN,   /* Is it an archive? */
    STAGE_UNPACK, /* Its files are written out, one after the other. */
    STAGE_SORT,
    STAGE_WRITE, /* Files go into the ZIP. */
    STAGE_FINISHED,
};

struct pack {
    enum stage stage;
    char *source, *name, *folder, *output;
    char sha256[DIGEST_SIZE]; /* Wanted; "": anything. */
    int64_t bytes_max;
    int64_t bytes; /* Of all items. */

    struct item *items;
    size_t count, room;
    size_t next;    /* The item to be written. */
    size_t headers; /* Of the archive, folders too. */

    int in, out; /* -1 if not open. */
    struct archive *archive;
    bool in_entry; /* Data of the last item is being unpacked. */
    struct digest *digest;
    uint32_t crc;
    int64_t size;
    struct zip *zip;
};

struct pack *
pack_new(const struct pack_settings *s)
{
    struct pack *p = xcalloc(1, sizeof(*p));

    p->source = xstrdup(s->source);
    p->name = xstrdup(s->name);
    p->folder = xstrdup(s->folder);
    p->output = xstrdup(s->output);
    snprintf(p->sha256, sizeof(p->sha256), "%s", s->sha256 != NULL ? s->sha256 : "");
    p->bytes_max = s->bytes_max;
    p->in = p->out = -1;
    p->digest = digest_new();
    return p;
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
pack_free(struct pack *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->count; i++) {
        free(p->items[i].name);
        free(p->items[i].path);
    }
    free(p->items);
    close_fd(&p->in);
    close_fd(&p->out);
    archive_read_free(p->archive);
    digest_free(p->digest);
    zip_free(p->zip);
    free(p->source);
    free(p->name);
    free(p->folder);
    free(p->output);
    free(p);
}

const char *
pack_sha256(const struct pack *p, char hex[DIGEST_SIZE])
{
    return zip_sha256(p->zip, hex);
}

int64_t
pack_bytes(const struct pack *p)
{
    return zip_bytes(p->zip);
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool
is_clean(struct str s)
{
    uint32_t code;

    while (s.len > 0) {
        size_t len = utf8_next(s, &code);

        if (len == 0 || code < 0x20 || code == '\\' || utf8_is_treacherous(code))
            return false;
        s.at += len;
        s.len -= len;
    }
    return true;
}

bool
pack_name(struct str name, char *buf, size_t size, struct error *e)
{
    struct str rest = name, part;
    size_t len = 0;
    bool more = true;

    buf[0] = '\0';
    if (!is_clean(name))
        return error_set(e, ERROR_INVALID, "a file name in the archive is not plain UTF-8 text");
    if (name.len > 0 && name.at[0] == '/')
        return error_set(e, ERROR_INVALID, "\"%.*s\" in the archive is absolute", STR_ARG(name));
    while (more) {
        more = str_cut(rest, '/', &part, &rest);
        if (part.len == 0 || str_is(part, "."))
            continue;
        if (str_is(part, ".."))
            return error_set(e, ERROR_INVALID, "\"%.*s\" in the archive leads out of it",
                             STR_ARG(name));
        if (len + part.len + 2 > size || len + part.len > ZIP_NAME_MAX)
            return error_set(e, ERROR_INVALID, "a file name in the archive is longer than %d bytes",
                             ZIP_NAME_MAX);
        if (len > 0)
            buf[len++] = '/';
        memcpy(buf + len, part.at, part.len);
        len += part.len;
        buf[len] = '\0';
    }
    return true;
}

/* ---- items ---------------------------------------------------------------------------------- */

static struct item *
add(struct pack *p, const char *name, char *path, bool executable)
{
    if (p->count == p->room) {
        p->room = p->room > 0 ? p->room * 2 : 16;
        p->items = xrealloc(p->items, p->room * sizeof(*p->items));
    }
    p->items[p->count] = (struct item){ .name = xstrdup(name),
                                        .path = path,
                                        .executable = executable };
    return &p->items[p->count++];
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

/* "a" and "a/b": a file cannot be a folder too.  Sorted, "a/b" need not follow "a" at once
 * ("a-c" stands between), so each folder above a name is looked up. */
static bool
is_file_and_folder(const struct pack *p, const char *name)
{
    char folder[ZIP_NAME_MAX + 2];

    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        struct item wanted = { .name = folder };

        memcpy(folder, name, (size_t)(slash - name));
        folder[slash - name] = '\0';
        if (bsearch(&wanted, p->items, p->count, sizeof(*p->items), by_name) != NULL)
            return true;
    }
    return false;
}

static bool
sort(struct pack *p, struct error *e)
{
    qsort(p->items, p->count, sizeof(*p->items), by_name);
    for (size_t i = 0; i < p->count; i++) {
        if (i > 0 && strcmp(p->items[i - 1].name, p->items[i].name) == 0)
            return error_set(e, ERROR_INVALID, "the archive holds \"%s\" twice", p->items[i].name);
        if (is_file_and_folder(p, p->items[i].name))
            return error_set(e, ERROR_INVALID,
                             "the archive holds a file in the place of a folder of \"%s\"",
                             p->items[i].name);
    }
    p->out = open(p->output, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (p->out < 0)
        return error_set(e, ERROR_UNREACHABLE, "%s: cannot be written: %s", p->output,
                         strerror(errno));
    p->zip = zip_new(p->out);
    p->stage = STAGE_WRITE;
    return true;
}

/* ---- the source ----------------------------------------------------------------------------- */

static bool
read_piece(int fd, const char *path, char *piece, size_t *got, struct error *e)
{
    ssize_t n = read(fd, piece, PIECE);

    if (n < 0)
        return error_set(e, ERROR_UNREACHABLE, "%s: cannot be read: %s", path, strerror(errno));
    *got = (size_t)n;
    return true;
}

static bool
check_digest(struct pack *p, struct error *e)
{
    char hex[DIGEST_SIZE];

    close_fd(&p->in);
    if (p->size == 0)
        return error_set(e, ERROR_INVALID, "%s: is empty", p->name);
    digest_hex(p->digest, hex);
    if (p->sha256[0] != '\0' && strcmp(hex, p->sha256) != 0)
        return error_set(e, ERROR_CONFLICT, "%s: its SHA-256 is %s, not %s", p->source, hex,
                         p->sha256);
    p->stage = STAGE_OPEN;
    return true;
}

static bool
check(struct pack *p, struct error *e)
{
    char piece[PIECE];
    int64_t length;
    size_t got = 1;

    if (p->in < 0 && (p->in = file_open(p->source, &length, e)) < 0)
        return false;
    for (int64_t budget = PACK_STEP; budget > 0; budget -= PIECE) {
        if (!read_piece(p->in, p->source, piece, &got, e))
            return false;
        if (got == 0)
            return check_digest(p, e);
        digest_add(p->digest, (struct str){ piece, got });
        p->crc = zip_crc(p->crc, (struct str){ piece, got });
        p->size += (int64_t)got;
        if (p->size > p->bytes_max)
            return error_set(e, ERROR_INVALID, "%s: more than %lld bytes", p->name,
                             (long long)p->bytes_max);
    }
    return true;
}

/* ---- unpacking ------------------------------------------------------------------------------ */

static bool
archive_failed(struct pack *p, struct error *e)
{
    const char *why = archive_error_string(p->archive);

    return error_set(e, ERROR_INVALID, "%s: cannot be unpacked: %s", p->name,
                     why != NULL ? why : "damaged");
}

static bool
is_called_archive(const char *name)
{
    static const char *const ENDS[] = { ".tar.gz", ".tgz", ".tar", ".zip" };

    for (size_t i = 0; i < ARRAY_LEN(ENDS); i++)
        if (str_ends(str_of(name), ENDS[i]))
            return true;
    return false;
}

static bool
be_one_file(struct pack *p, struct error *e)
{
    char name[ZIP_NAME_MAX + 2];
    struct item *item;

    if (is_called_archive(p->name))
        return archive_failed(p, e);
    if (!pack_name(str_of(p->name), name, sizeof(name), e))
        return false;
    item = add(p, name[0] != '\0' ? name : "model", xstrdup(p->source), false);
    item->size = p->bytes = p->size;
    item->crc = p->crc;
    p->stage = STAGE_SORT;
    return true;
}

static bool
begin_entry(struct pack *p, struct archive_entry *entry, struct error *e)
{
    const char *raw = archive_entry_pathname_utf8(entry);
    char name[ZIP_NAME_MAX + 2], *path;
    size_t size = strlen(p->folder) + 24;

    if (raw == NULL)
        raw = archive_entry_pathname(entry);
    if (!pack_name(str_of(raw), name, sizeof(name), e))
        return false;
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL)
        return error_set(e, ERROR_INVALID, "\"%s\" in the archive is a link; put the file there",
                         name);
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return true;
    if (archive_entry_filetype(entry) != AE_IFREG || name[0] == '\0')
        return error_set(e, ERROR_INVALID, "\"%s\" in the archive is no regular file", name);
    if (p->count == ZIP_ENTRIES_MAX)
        return error_set(e, ERROR_INVALID, "the archive holds more than %d files", ZIP_ENTRIES_MAX);
    path = xmalloc(size);
    snprintf(path, size, "%s/%zu", p->folder, p->count);
    (void)add(p, name, path, (archive_entry_perm(entry) & 0100) != 0);
    p->out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (p->out < 0)
        return error_set(e, ERROR_UNREACHABLE, "%s: cannot be written: %s", path, strerror(errno));
    p->in_entry = true;
    return true;
}

static bool
unpack_piece(struct pack *p, struct error *e)
{
    struct item *item = &p->items[p->count - 1];
    char piece[PIECE];
    la_ssize_t got = archive_read_data(p->archive, piece, sizeof(piece));

    if (got < 0)
        return archive_failed(p, e);
    if (got == 0) {
        close_fd(&p->out);
        p->in_entry = false;
        return true;
    }
    item->crc = zip_crc(item->crc, (struct str){ piece, (size_t)got });
    item->size += got;
    p->bytes += got;
    if (p->bytes > p->bytes_max)
        return error_set(e, ERROR_INVALID, "%s: more than %lld bytes when unpacked", p->name,
                         (long long)p->bytes_max);
    for (la_ssize_t done = 0; done < got;) {
        ssize_t put = write(p->out, piece + done, (size_t)(got - done));

        if (put <= 0)
            return error_set(e, ERROR_UNREACHABLE, "%s: cannot be written: %s", item->path,
                             strerror(errno));
        done += put;
    }
    return true;
}

static bool
next_entry(struct pack *p, struct error *e)
{
    struct archive_entry *entry = NULL;
    int got = archive_read_next_header(p->archive, &entry);

    if (got == ARCHIVE_EOF) {
        p->stage = STAGE_SORT;
        return p->count > 0 ||
               error_set(e, ERROR_INVALID, "%s: an archive without any file", p->name);
    }
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
        return archive_failed(p, e);
    if (++p->headers > HEADERS_MAX)
        return error_set(e, ERROR_INVALID, "the archive holds more than %d entries", HEADERS_MAX);
    return begin_entry(p, entry, e);
}

static bool
unpack(struct pack *p, struct error *e)
{
    for (int64_t budget = PACK_STEP; budget > 0 && p->stage == STAGE_UNPACK; budget -= PIECE)
        if (!(p->in_entry ? unpack_piece(p, e) : next_entry(p, e)))
            return false;
    return true;
}

/* Decides by the first entry: what libarchive cannot begin to read is one file. */
static bool
open_source(struct pack *p, struct error *e)
{
    struct archive_entry *entry = NULL;
    int got;

    p->archive = archive_read_new();
    if (p->archive == NULL)
        return error_set(e, ERROR_UNREACHABLE, "out of memory");
    archive_read_support_filter_gzip(p->archive);
    archive_read_support_format_tar(p->archive);
    if (str_ends(str_of(p->name), ".zip"))
        archive_read_support_format_zip_seekable(p->archive);
    archive_read_set_options(p->archive, "hdrcharset=UTF-8");
    got = archive_read_open_filename(p->archive, p->source, PIECE);
    if (got == ARCHIVE_OK)
        got = archive_read_next_header(p->archive, &entry);
    if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
        return be_one_file(p, e);
    p->stage = STAGE_UNPACK;
    return begin_entry(p, entry, e);
}

/* ---- the ZIP -------------------------------------------------------------------------------- */

static bool
begin_item(struct pack *p, struct error *e)
{
    const struct item *item = &p->items[p->next];
    int64_t length;

    p->in = file_open(item->path, &length, e);
    return p->in >= 0 && zip_entry(p->zip, item->name, item->size, item->crc, item->executable, e);
}

static bool
finish(struct pack *p, struct error *e)
{
    if (!zip_end(p->zip, e))
        return false;
    if (fsync(p->out) != 0)
        return error_set(e, ERROR_UNREACHABLE, "%s: cannot be written: %s", p->output,
                         strerror(errno));
    close_fd(&p->out);
    p->stage = STAGE_FINISHED;
    return true;
}

static bool
write_piece(struct pack *p, struct error *e)
{
    char piece[PIECE];
    size_t got = 0;

    if (p->in < 0)
        return begin_item(p, e);
    if (!read_piece(p->in, p->items[p->next].path, piece, &got, e))
        return false;
    if (got == 0) {
        close_fd(&p->in);
        p->next++;
        return true;
    }
    return zip_data(p->zip, (struct str){ piece, got }, e);
}

static bool
write_items(struct pack *p, struct error *e)
{
    for (int64_t budget = PACK_STEP; budget > 0; budget -= PIECE) {
        if (p->next == p->count)
            return finish(p, e);
        if (!write_piece(p, e))
            return false;
    }
    return true;
}

bool
pack_step(struct pack *p, bool *finished, struct error *e)
{
    bool ok = true;

    switch (p->stage) {
    case STAGE_CHECK:
        ok = check(p, e);
        break;
    case STAGE_OPEN:
        ok = open_source(p, e);
        break;
    case STAGE_UNPACK:
        ok = unpack(p, e);
        break;
    case STAGE_SORT:
        ok = sort(p, e);
        break;
    case STAGE_WRITE:
        ok = write_items(p, e);
        break;
    case STAGE_FINISHED:
        break;
    }
    *finished = p->stage == STAGE_FINISHED;
    return ok;
}
