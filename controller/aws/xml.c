#include "aws/xml.h"

#include <string.h>

#define DEPTH_MAX 16

struct reader {
    struct str doc;
    size_t at;
    struct str open[DEPTH_MAX]; /* Names of the elements around. */
    size_t depth;
    const char *wanted;
    char *buf; /* Where the wanted text goes; NULL once the first one is whole. */
    size_t size, len;
    bool found, too_long;
};

static bool
wrong(const struct reader *r, struct error *e, const char *what)
{
    return error_set(e, ERROR_INVALID, "XML, byte %zu: %s", r->at, what);
}

static bool
looking_at(const struct reader *r, const char *text)
{
    size_t len = strlen(text);

    return r->doc.len - r->at >= len && memcmp(r->doc.at + r->at, text, len) == 0;
}

static char
here(const struct reader *r)
{
    return r->at < r->doc.len ? r->doc.at[r->at] : '\0';
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_blanks(struct reader *r)
{
    while (is_blank(here(r)))
        r->at++;
}

static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
}

static struct str
read_name(struct reader *r)
{
    size_t begin = r->at;

    while (is_name_char(here(r)))
        r->at++;
    return (struct str){ r->doc.at + begin, r->at - begin };
}

/* True if the elements around are exactly the wanted path. */
static bool
on_path(const struct reader *r)
{
    struct str rest = str_of(r->wanted), step;

    for (size_t i = 0; i < r->depth; i++) {
        if (rest.len == 0)
            return false;
        str_cut(rest, '/', &step, &rest);
        if (!str_equal(step, r->open[i]))
            return false;
    }
    return rest.len == 0;
}

static void
keep(struct reader *r, char c)
{
    if (r->buf == NULL || r->found || !on_path(r))
        return;
    if (r->len + 1 >= r->size)
        r->too_long = true;
    else
        r->buf[r->len++] = c;
}

/* Keeps character `code` as UTF-8. */
static bool
keep_code(struct reader *r, uint32_t code)
{
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    if (code < 0x80) {
        keep(r, (char)code);
    } else if (code < 0x800) {
        keep(r, (char)(0xC0 | code >> 6));
        keep(r, (char)(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        keep(r, (char)(0xE0 | code >> 12));
        keep(r, (char)(0x80 | (code >> 6 & 0x3F)));
        keep(r, (char)(0x80 | (code & 0x3F)));
    } else {
        keep(r, (char)(0xF0 | code >> 18));
        keep(r, (char)(0x80 | (code >> 12 & 0x3F)));
        keep(r, (char)(0x80 | (code >> 6 & 0x3F)));
        keep(r, (char)(0x80 | (code & 0x3F)));
    }
    return true;
}

static bool
read_number(struct str digits, uint32_t base, uint32_t *code)
{
    *code = 0;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.at[i];
        uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : base;

        if (d >= base || i > 7)
            return false;
        *code = *code * base + d;
    }
    return digits.len > 0;
}

static bool
read_entity(struct reader *r, struct error *e)
{
    static const struct {
        const char *name;
        char c;
    } NAMED[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
    struct str rest = { r->doc.at + r->at + 1, r->doc.len - r->at - 1 }, name, after;
    uint32_t code;

    if (!str_cut(rest, ';', &name, &after) || name.len > 10)
        return wrong(r, e, "entity without an end");
    r->at += name.len + 2;
    for (size_t i = 0; i < ARRAY_LEN(NAMED); i++)
        if (str_is(name, NAMED[i].name)) {
            keep(r, NAMED[i].c);
            return true;
        }
    if ((str_starts(name, "#x") &&
         read_number((struct str){ name.at + 2, name.len - 2 }, 16, &code)) ||
        (str_starts(name, "#") && !str_starts(name, "#x") &&
         read_number((struct str){ name.at + 1, name.len - 1 }, 10, &code)))
        if (keep_code(r, code))
            return true;
    return wrong(r, e, "unknown entity");
}

/* Reads attributes up to ">" or "/>"; `*closed` for the latter. */
static bool
read_attributes(struct reader *r, bool *closed, struct error *e)
{
    for (;;) {
        char quote;

        skip_blanks(r);
        *closed = looking_at(r, "/>");
        if (*closed || here(r) == '>') {
            r->at += *closed ? 2 : 1;
            return true;
        }
        if (read_name(r).len == 0)
            return wrong(r, e, "attribute without a name");
        skip_blanks(r);
        if (here(r) != '=')
            return wrong(r, e, "attribute without a value");
        r->at++;
        skip_blanks(r);
        quote = here(r);
        if (quote != '"' && quote != '\'')
            return wrong(r, e, "value without quotes");
        do {
            r->at++;
            if (r->at >= r->doc.len || here(r) == '<')
                return wrong(r, e, "value without an end");
        } while (here(r) != quote);
        r->at++;
    }
}

static void
leave(struct reader *r)
{
    if (on_path(r))
        r->found = true;
    r->depth--;
}

static bool
read_tag(struct reader *r, struct error *e)
{
    bool closing = looking_at(r, "</"), closed = false;
    struct str name;

    r->at += closing ? 2 : 1;
    name = read_name(r);
    if (name.len == 0)
        return wrong(r, e, "not an element");
    if (closing) {
        skip_blanks(r);
        if (here(r) != '>' || r->depth == 0 || !str_equal(r->open[r->depth - 1], name))
            return wrong(r, e, "end of an element that was not begun");
        r->at++;
        leave(r);
        return true;
    }
    if (r->depth == DEPTH_MAX)
        return wrong(r, e, "too deep");
    r->open[r->depth++] = name;
    if (!read_attributes(r, &closed, e))
        return false;
    if (closed)
        leave(r);
    return true;
}

static bool
read_all(struct reader *r, struct error *e)
{
    struct str declaration, rest = { r->doc.at, r->doc.len };
    bool began = false;

    if (r->doc.len > XML_MAX)
        return wrong(r, e, "too long");
    skip_blanks(r);
    if (looking_at(r, "<?xml ")) {
        if (!str_cut(rest, '>', &declaration, &rest))
            return wrong(r, e, "declaration without an end");
        r->at = declaration.len + 1;
    }
    skip_blanks(r);
    while (r->at < r->doc.len && (!began || r->depth > 0)) {
        if (here(r) == '<') {
            if (!read_tag(r, e))
                return false;
            began = true;
        } else if (r->depth == 0) {
            return wrong(r, e, "not XML");
        } else if (here(r) == '&') {
            if (!read_entity(r, e))
                return false;
        } else {
            keep(r, here(r));
            r->at++;
        }
    }
    skip_blanks(r);
    if (!began || r->depth > 0)
        return wrong(r, e, "ends too early");
    return r->at == r->doc.len ? true : wrong(r, e, "something after the end");
}

bool
xml_text(struct str doc, const char *path, char *buf, size_t size, struct error *e)
{
    struct reader r = { .doc = doc, .wanted = path, .buf = buf, .size = size };

    buf[0] = '\0';
    if (!read_all(&r, e))
        return false;
    buf[r.len] = '\0';
    if (r.too_long || memchr(buf, '\0', r.len) != NULL) {
        buf[0] = '\0';
        return error_set(e, ERROR_INVALID, "XML: %s: longer than %zu bytes", path, size - 1);
    }
    return r.found ? true : error_set(e, ERROR_NOT_FOUND, "XML: no %s", path);
}
