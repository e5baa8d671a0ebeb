#include "zip.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "slipway/memory.h"

#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22
#define VERSION_NEEDED 10       /* 1.0: nothing but stored files. */
#define MADE_BY (3U << 8 | 20U) /* Unix, so that modes count. */
#define UTF8_NAMES (1U << 11)
#define DATE_1980 33U /* 1980-01-01 in DOS form. */
#define BYTES_MAX INT64_C(0xfffffffe)

struct entry {
    char *name;
    uint32_t size, crc, offset, mode;
};

struct zip {
    int fd;
    int64_t bytes;
    int64_t left; /* Of the entry under way. */
    struct digest *digest;
    struct entry *entries;
    size_t count, room;
};

/* ---- CRC-32 --------------------------------------------------------------------------------- */

uint32_t
zip_crc(uint32_t crc, struct str bytes)
{
    static uint32_t table[256];

    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;

            for (int bit = 0; bit < 8; bit++)
                c = (c & 1) != 0 ? c >> 1 ^ UINT32_C(0xedb88320) : c >> 1;
            table[i] = c;
        }
    }
    crc = ~crc;
    for (size_t i = 0; i < bytes.len; i++)
        crc = table[(crc ^ (unsigned char)bytes.at[i]) & 0xff] ^ crc >> 8;
    return ~crc;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static unsigned char *
put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value & 0xff);
    at[1] = (unsigned char)(value >> 8 & 0xff);
    return at + 2;
}

static unsigned char *
put32(unsigned char *at, uint32_t value)
{
    return put16(put16(at, value & 0xffff), value >> 16);
}

static bool
out(struct zip *z, const void *bytes, size_t len, struct error *e)
{
    const char *at = bytes;

    digest_add(z->digest, (struct str){ at, len });
    z->bytes += (int64_t)len;
    if (z->bytes > BYTES_MAX)
        return error_set(e, ERROR_INVALID, "the ZIP would be longer than 4 GiB");
    while (len > 0) {
        ssize_t put = write(z->fd, at, len);

        if (put <= 0)
            return error_set(e, ERROR_UNREACHABLE, "cannot write the ZIP: %s", strerror(errno));
        at += put;
        len -= (size_t)put;
    }
    return true;
}

/* ---- the file ------------------------------------------------------------------------------- */

struct zip *
zip_new(int fd)
{
    struct zip *z = xcalloc(1, sizeof(*z));

    z->fd = fd;
    z->digest = digest_new();
    return z;
}

void
zip_free(struct zip *z)
{
    if (z == NULL)
        return;
    for (size_t i = 0; i < z->count; i++)
        free(z->entries[i].name);
    free(z->entries);
    digest_free(z->digest);
    free(z);
}

static struct entry *
add(struct zip *z)
{
    if (z->count == z->room) {
        z->room = z->room > 0 ? z->room * 2 : 16;
        z->entries = xrealloc(z->entries, z->room * sizeof(*z->entries));
    }
    return &z->entries[z->count++];
}

/* What local and central header have in common, 26 bytes from "version needed" on. */
static unsigned char *
put_common(unsigned char *at, const struct entry *n)
{
    at = put16(at, VERSION_NEEDED);
    at = put16(at, UTF8_NAMES);
    at = put16(at, 0); /* Stored. */
    at = put16(at, 0); /* 00:00 */
    at = put16(at, DATE_1980);
    at = put32(at, n->crc);
    at = put32(at, n->size);
    at = put32(at, n->size);
    at = put16(at, (unsigned)strlen(n->name));
    return put16(at, 0); /* No extra field. */
}

bool
zip_entry(struct zip *z, const char *name, int64_t size, uint32_t crc, bool executable,
          struct error *e)
{
    unsigned char header[LOCAL_SIZE];
    struct entry *n;

    assert(z->left == 0 && strlen(name) <= ZIP_NAME_MAX);
    assert(z->count == 0 || strcmp(z->entries[z->count - 1].name, name) < 0);
    if (z->count == ZIP_ENTRIES_MAX || size > BYTES_MAX)
        return error_set(e, ERROR_INVALID, "more than %d files, or one of more than 4 GiB",
                         ZIP_ENTRIES_MAX);
    n = add(z);
    *n = (struct entry){ .name = xstrdup(name),
                         .size = (uint32_t)size,
                         .crc = crc,
                         .offset = (uint32_t)z->bytes,
                         .mode = 0100644U | (executable ? 0111U : 0U) };
    z->left = size;
    put_common(put32(header, UINT32_C(0x04034b50)), n);
    return out(z, header, sizeof(header), e) && out(z, name, strlen(name), e);
}

bool
zip_data(struct zip *z, struct str bytes, struct error *e)
{
    if ((int64_t)bytes.len > z->left)
        return error_set(e, ERROR_CONFLICT, "a file grew while it was packed");
    z->left -= (int64_t)bytes.len;
    return out(z, bytes.at, bytes.len, e);
}

static bool
write_central(struct zip *z, const struct entry *n, struct error *e)
{
    unsigned char header[CENTRAL_SIZE], *at = put32(header, UINT32_C(0x02014b50));

    at = put_common(put16(at, MADE_BY), n);
    at = put16(at, 0); /* No comment, first disk, a binary file. */
    at = put16(at, 0);
    at = put16(at, 0);
    at = put32(at, n->mode << 16);
    put32(at, n->offset);
    return out(z, header, sizeof(header), e) && out(z, n->name, strlen(n->name), e);
}

bool
zip_end(struct zip *z, struct error *e)
{
    unsigned char end[END_SIZE], *at = put32(end, UINT32_C(0x06054b50));
    int64_t start = z->bytes;

    if (z->left != 0)
        return error_set(e, ERROR_CONFLICT, "a file shrank while it was packed");
    for (size_t i = 0; i < z->count; i++)
        if (!write_central(z, &z->entries[i], e))
            return false;
    at = put32(at, 0); /* One disk. */
    at = put16(at, (unsigned)z->count);
    at = put16(at, (unsigned)z->count);
    at = put32(at, (uint32_t)(z->bytes - start));
    at = put32(at, (uint32_t)start);
    put16(at, 0);
    return out(z, end, sizeof(end), e);
}

const char *
zip_sha256(const struct zip *z, char hex[DIGEST_SIZE])
{
    return digest_hex(z->digest, hex);
}

int64_t
zip_bytes(const struct zip *z)
{
    return z->bytes;
}
