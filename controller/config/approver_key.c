/* Approvers' secrets, from where the file says they are. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/reader.h"
#include "platform/secret.h"

#define KEY_MIN 24
#define KEY_MAX 64
#define KEY_FILE_MAX 1024

/* The value of a base64 digit (RFC 4648 section 4), or -1. */
static int
digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes strict base64, with its padding; false if it is not that or does not fit. */
static bool
decode(struct str text, unsigned char *out, size_t size, size_t *len)
{
    size_t padding = str_ends(text, "==") ? 2 : str_ends(text, "=") ? 1 : 0;
    unsigned bits = 0;

    *len = 0;
    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len - padding; i++) {
        int value = digit_value(text.at[i]);

        if (value < 0)
            return false;
        bits = (bits << 6 | (unsigned)value) & 0xffffff;
        if (i % 4 == 0)
            continue;
        if (*len == size)
            return false;
        out[(*len)++] = (unsigned char)(bits >> (i % 4 == 1 ? 4 : i % 4 == 2 ? 2 : 0));
    }
    /* Bits left over must be zero: each key has one spelling. */
    return padding == 0 || (bits & (padding == 1 ? 3U : 15U)) == 0;
}

/* Makes the secret from its text.  Says what is wrong without saying anything of the text. */
static struct secret *
make_secret(const struct reader *r, struct str text, struct place at, const char *path,
            const char *from)
{
    static const char PREFIX[] = "whsec_";
    unsigned char bytes[KEY_MAX];
    struct secret *secret = NULL;
    size_t len = 0;

    if (!str_starts(text, PREFIX))
        report_problem(&r->report, at, "%s: what is in %s does not begin with whsec_", path, from);
    else if (!decode((struct str){ text.at + strlen(PREFIX), text.len - strlen(PREFIX) }, bytes,
                     sizeof(bytes), &len))
        report_problem(&r->report, at,
                       "%s: what follows whsec_ in %s is not base64 of %d to %d bytes", path, from,
                       KEY_MIN, KEY_MAX);
    else if (len < KEY_MIN)
        report_problem(&r->report, at,
                       "%s: the secret in %s has %zu bytes; %d to %d are needed (openssl rand "
                       "-base64 32)",
                       path, from, len, KEY_MIN, KEY_MAX);
    else
        secret = secret_new((struct str){ (const char *)bytes, len });
    secret_wipe(bytes, sizeof(bytes));
    return secret;
}

/* Reads up to `size` bytes of a regular file; false after reporting. */
static bool
read_key_file(const struct reader *r, const char *name, struct place at, const char *path,
              char *buf, size_t size, size_t *len)
{
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat seen;
    ssize_t got = -1;

    if (file < 0) {
        report_problem(&r->report, at, "%s: %s cannot be read: %s", path, name, strerror(errno));
        return false;
    }
    if (fstat(file, &seen) != 0 || !S_ISREG(seen.st_mode))
        report_problem(&r->report, at, "%s: %s cannot be read: it is no file", path, name);
    else if ((got = read(file, buf, size)) < 0)
        report_problem(&r->report, at, "%s: %s cannot be read: %s", path, name, strerror(errno));
    else if ((seen.st_mode & 07) != 0)
        report_warning(&r->report, at,
                       "%s: everybody on this machine may read %s; run chmod 600 %s", path, name,
                       name);
    close(file);
    *len = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static struct secret *
secret_from_file(const struct reader *r, const char *name, struct place at, const char *path)
{
    char text[KEY_FILE_MAX];
    struct secret *secret = NULL;
    size_t len = 0;

    if (read_key_file(r, name, at, path, text, sizeof(text), &len))
        secret = make_secret(r, str_trim((struct str){ text, len }), at, path, name);
    secret_wipe(text, sizeof(text));
    return secret;
}

/* A key in the place of a variable's name: those have small letters hardly ever, keys always. */
static bool
looks_like_a_key(const char *name)
{
    return strpbrk(name, "abcdefghijklmnopqrstuvwxyz") != NULL;
}

struct secret *
approver_key_read(const struct reader *r, const struct key_source *from, struct place at,
                  const char *path)
{
    const char *value;

    if (from->key != NULL) {
        if (!r->source->open_to_others)
            return make_secret(r, str_of(from->key), at, path, "\"key\"");
        report_problem(&r->report, at,
                       "%s: a key stands in this file, and others than its owner may read it; run "
                       "chmod 600 on it, or keep the key in a file of its own",
                       path);
        return NULL;
    }
    if (from->file != NULL)
        return r->source->look_at_files ? secret_from_file(r, from->file, at, path) : NULL;
    if (r->source->environment == NULL)
        return NULL;
    value = r->source->environment(from->variable);
    if (value != NULL && value[0] != '\0')
        return make_secret(r, str_trim(str_of(value)), at, path, from->variable);
    report_problem(&r->report, at, "%s: the environment has no variable %s", path,
                   looks_like_a_key(from->variable) ? "of that name" : from->variable);
    return NULL;
}
