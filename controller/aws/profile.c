#include "aws/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "platform/secret.h"
#include "slipway/memory.h"

#define FILE_MAX 1048576
#define KEY_SIZE 128

/* One key = value; an indented one has its parent's key before a dot. */
struct entry {
    enum profile_file file;
    bool service; /* Of a section "services NAME", else of a profile. */
    const char *section, *key, *value;
    char *own_key; /* What `key` points to if it was joined. */
};

struct profiles {
    char *texts[2]; /* The files, cut into pieces; they hold secrets. */
    size_t sizes[2];
    struct entry *entries; /* A section itself is an entry without a key. */
    size_t count, room;
};

/* Where the reader stands in a file. */
struct reader {
    struct profiles *into;
    enum profile_file file;
    const char *path, *section, *parent;
    bool service, ignored;
    int line;
};

static char *
read_file(const char *path, size_t *size, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text;
    ssize_t n;

    *size = 0;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return xcalloc(1, 1);
    if (fd < 0) {
        error_set(e, ERROR_DENIED, "%s: cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    text = xmalloc(FILE_MAX + 2);
    while ((n = read(fd, text + *size, FILE_MAX + 1 - *size)) > 0)
        *size += (size_t)n;
    close(fd);
    text[*size] = '\0';
    if (n < 0 || *size > FILE_MAX || memchr(text, '\0', *size) != NULL) {
        error_set(e, ERROR_INVALID, "%s: %s", path,
                  n < 0              ? strerror(errno)
                  : *size > FILE_MAX ? "longer than 1 MiB"
                                     : "no text: it holds a NUL");
        secret_wipe(text, *size);
        free(text);
        return NULL;
    }
    return text;
}

static void
add_entry(struct reader *r, const char *key, char *own_key, const char *value)
{
    struct profiles *p = r->into;

    if (p->count == p->room) {
        p->room = p->room == 0 ? 64 : p->room * 2;
        p->entries = xrealloc(p->entries, p->room * sizeof(*p->entries));
    }
    p->entries[p->count++] = (struct entry){ r->file, r->service, r->section, key, value, own_key };
}

/* Cuts blanks at both ends of the NUL-terminated `text` in place. */
static char *
trim(char *text)
{
    struct str s = str_trim(str_of(text));

    if (s.len == 0)
        return text + strlen(text);
    text = text + (s.at - text);
    text[s.len] = '\0';
    return text;
}

/* "[profile dev]": which section it is, or one nobody asks for. */
static bool
read_section(struct reader *r, char *line, struct error *e)
{
    char *end = strchr(line, ']'), *name, *space;

    if (end == NULL)
        return error_set(e, ERROR_INVALID, "%s: line %d: section without \"]\"", r->path, r->line);
    *end = '\0';
    name = trim(line + 1);
    space = strpbrk(name, " \t");
    r->parent = NULL;
    r->service = false;
    r->ignored = false;
    if (r->file == PROFILE_CONFIG && strcmp(name, "default") != 0) {
        if (space != NULL)
            *space = '\0';
        r->service = strcmp(name, "services") == 0;
        r->ignored = space == NULL || (!r->service && strcmp(name, "profile") != 0);
        name = space != NULL ? trim(space + 1) : name;
    }
    r->section = name;
    if (!r->ignored)
        add_entry(r, NULL, NULL, NULL);
    return true;
}

/* An indented "key = value" belongs to the key above, which had no value. */
static char *
join_key(struct reader *r, const char *key)
{
    char joined[2 * KEY_SIZE];

    snprintf(joined, sizeof(joined), "%.*s.%.*s", KEY_SIZE - 2, r->parent, KEY_SIZE - 2, key);
    return xstrdup(joined);
}

static bool
read_line(struct reader *r, char *line, struct error *e)
{
    bool indented = line[0] == ' ' || line[0] == '\t';
    char *text = trim(line), *sign, *comment;

    if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
        return true;
    if (text[0] == '[' && !indented)
        return read_section(r, text, e);
    if (r->section == NULL || r->ignored)
        return r->section != NULL ? true
                                  : error_set(e, ERROR_INVALID, "%s: line %d: outside a section",
                                              r->path, r->line);
    sign = strchr(text, '=');
    if (sign == NULL && indented)
        return true; /* The rest of a value of several lines; none of ours has any. */
    if (sign == NULL)
        return error_set(e, ERROR_INVALID, "%s: line %d: \"key = value\" is needed here", r->path,
                         r->line);
    *sign = '\0';
    for (comment = sign + 1; (comment = strpbrk(comment, "#;")) != NULL; comment++)
        if (comment[-1] == ' ' || comment[-1] == '\t') { /* Only after a blank. */
            *comment = '\0';
            break;
        }
    if (indented && r->parent != NULL) {
        char *key = join_key(r, trim(text));

        add_entry(r, key, key, trim(sign + 1));
    } else {
        r->parent = trim(text);
        add_entry(r, r->parent, NULL, trim(sign + 1));
    }
    return true;
}

static bool
read_one(struct profiles *p, enum profile_file file, const char *path, struct error *e)
{
    struct reader r = { .into = p, .file = file, .path = path };
    char *line, *next;

    p->texts[file] = read_file(path, &p->sizes[file], e);
    if (p->texts[file] == NULL)
        return false;
    for (line = p->texts[file]; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        r.line++;
        if (!read_line(&r, line, e))
            return false;
    }
    return true;
}

struct profiles *
profiles_read(const char *config_path, const char *credentials_path, struct error *e)
{
    struct profiles *p = xcalloc(1, sizeof(*p));

    if (read_one(p, PROFILE_CONFIG, config_path, e) &&
        read_one(p, PROFILE_CREDENTIALS, credentials_path, e))
        return p;
    profiles_free(p);
    return NULL;
}

void
profiles_free(struct profiles *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->count; i++)
        free(p->entries[i].own_key);
    for (int i = 0; i < 2; i++) {
        if (p->texts[i] != NULL)
            secret_wipe(p->texts[i], p->sizes[i]);
        free(p->texts[i]);
    }
    free(p->entries);
    free(p);
}

/* ---- asking --------------------------------------------------------------------------------- */

static const char *
find(const struct profiles *p, enum profile_file file, bool service, const char *section,
     const char *key)
{
    for (size_t i = p->count; i > 0; i--) { /* The last one counts. */
        const struct entry *x = &p->entries[i - 1];

        if (x->file == file && x->service == service && strcmp(x->section, section) == 0 &&
            x->key != NULL && strcasecmp(x->key, key) == 0)
            return x->value[0] != '\0' ? x->value : NULL;
    }
    return NULL;
}

bool
profiles_have(const struct profiles *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (!p->entries[i].service && strcmp(p->entries[i].section, name) == 0)
            return true;
    return false;
}

const char *
profile_value(const struct profiles *p, enum profile_file file, const char *name, const char *key)
{
    return find(p, file, false, name, key);
}

const char *
profile_service_endpoint(const struct profiles *p, const char *name, const char *service)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof(key), "%s.endpoint_url", service);
    return find(p, PROFILE_CONFIG, true, name, key);
}
