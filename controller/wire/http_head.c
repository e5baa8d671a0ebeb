#include "http_head.h"

#include <string.h>

/* ---- characters ----------------------------------------------------------------------------- */

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 9110 5.6.2: tchar */
static bool
is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_letter(s.at[i]) && !is_digit(s.at[i]) && strchr("!#$%&'*+-.^_`|~", s.at[i]) == NULL)
            return false;
    return s.len > 0;
}

static bool
is_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    return true;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
http_same_word(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

static bool
same(struct str a, const char *b)
{
    return http_same_word(a, str_of(b));
}

/* ---- where it ends -------------------------------------------------------------------------- */

static bool
may_stand_in_a_head(unsigned char c)
{
    return c >= ' ' ? c != 0x7f : c == '\t' || c == '\r' || c == '\n';
}

enum http_head_end
http_head_find(struct str bytes, size_t *from, size_t *len)
{
    for (size_t i = *from; i < bytes.len; i++) {
        char c = bytes.at[i];

        if (!may_stand_in_a_head((unsigned char)c))
            return HTTP_HEAD_BROKEN;
        if (c == '\n' && (i == 0 || bytes.at[i - 1] != '\r'))
            return HTTP_HEAD_BROKEN;
        if (c != '\n' && i > 0 && bytes.at[i - 1] == '\r')
            return HTTP_HEAD_BROKEN;
        if (c == '\n' && i >= 3 && bytes.at[i - 2] == '\n') {
            *len = i + 1;
            return HTTP_HEAD_FINISHED;
        }
        *from = i + 1;
    }
    return HTTP_HEAD_UNFINISHED;
}

/* ---- request line --------------------------------------------------------------------------- */

static int
read_version(struct http_head *h, struct str version)
{
    if (str_is(version, "HTTP/1.1"))
        return 0;
    h->wants_close = true;
    if (str_is(version, "HTTP/1.0"))
        return 0;
    return version.len == 8 && str_starts(version, "HTTP/") && is_digit(version.at[5]) &&
                   version.at[6] == '.' && is_digit(version.at[7])
               ? 505
               : 400;
}

static int
read_request_line(struct http_head *h, struct str line, const char **why)
{
    struct str rest, target, version;
    int status;

    *why = "the request line is not \"METHOD /path HTTP/1.1\"";
    if (!str_cut(line, ' ', &h->method, &rest) || !str_cut(rest, ' ', &target, &version))
        return 400;
    if (!is_token(h->method) || target.len == 0 || target.at[0] != '/' || !is_printable(target) ||
        memchr(target.at, '#', target.len) != NULL)
        return 400;
    status = read_version(h, version);
    if (status == 505)
        *why = "only HTTP/1.1 and 1.0 are spoken here";
    if (status != 0)
        return status;
    str_cut(target, '?', &h->path, &h->query);
    if (str_is(h->method, "GET") || str_is(h->method, "HEAD") || str_is(h->method, "POST"))
        return 0;
    *why = "only GET, HEAD and POST are known here";
    return 501;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Fields that two readers would choose from differently if they came twice. */
static const char *const ONCE[] = {
    "host",       "content-length",    "transfer-encoding", "content-type",  "expect",
    "webhook-id", "webhook-timestamp", "webhook-signature", "authorization",
};

static bool
may_come_once(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(ONCE); i++)
        if (same(name, ONCE[i]))
            return true;
    return false;
}

static bool
has(const struct http_head *h, struct str name)
{
    for (size_t i = 0; i < h->field_count; i++)
        if (http_same_word(h->fields[i].name, name))
            return true;
    return false;
}

struct str
http_head_field(const struct http_head *h, const char *name)
{
    for (size_t i = 0; i < h->field_count; i++)
        if (same(h->fields[i].name, name))
            return h->fields[i].value;
    return (struct str){ NULL, 0 };
}

static int
read_field(struct http_head *h, struct str line, const char **why)
{
    struct http_field f;

    *why = "a header field is not \"Name: value\"";
    if (!str_cut(line, ':', &f.name, &f.value) || !is_token(f.name))
        return 400;
    f.value = str_trim(f.value);
    *why = "a header field that may come once came twice";
    if (may_come_once(f.name) && has(h, f.name))
        return 400;
    *why = "too many header fields";
    if (h->field_count == HTTP_FIELDS_MAX)
        return 431;
    h->fields[h->field_count++] = f;
    return 0;
}

/* ---- what the fields mean together ---------------------------------------------------------- */

static bool
all_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]))
            return false;
    return s.len > 0;
}

/* RFC 9110 7.2: a name or an address, and perhaps a port. */
static bool
read_host(struct http_head *h, struct str value)
{
    struct str port = { NULL, 0 };

    if (value.len > 0 && value.at[0] == '[') {
        const char *end = memchr(value.at, ']', value.len);

        if (end == NULL)
            return false;
        h->host = (struct str){ value.at, (size_t)(end - value.at) + 1 };
        port = (struct str){ end + 1, value.len - h->host.len };
        if (port.len > 0 &&
            (port.at[0] != ':' || !all_digits((struct str){ end + 2, port.len - 1 })))
            return false;
        return true;
    }
    if (str_cut(value, ':', &h->host, &port) && !all_digits(port))
        return false;
    for (size_t i = 0; i < h->host.len; i++)
        if (!is_letter(h->host.at[i]) && !is_digit(h->host.at[i]) &&
            strchr("-._", h->host.at[i]) == NULL)
            return false;
    return h->host.len > 0;
}

static int
read_length(struct http_head *h, const char **why)
{
    bool posts = str_is(h->method, "POST");
    struct str value = http_head_field(h, "content-length");
    int64_t len = 0;

    if (has(h, STR("transfer-encoding"))) {
        *why = "Transfer-Encoding is not taken here; send Content-Length";
        return has(h, STR("content-length")) ? 400 : 411;
    }
    if (!has(h, STR("content-length"))) {
        *why = "a POST needs Content-Length";
        return posts ? 411 : 0;
    }
    *why = "Content-Length is not a number";
    if (!all_digits(value))
        return 400;
    *why = "the body is too long";
    if (!str_to_int(value, &len) || len > (int64_t)HTTP_BODY_MAX)
        return 413;
    *why = "a request of this method has no body";
    if (len > 0 && !posts)
        return 400;
    h->body_len = (size_t)len;
    return 0;
}

static bool
list_holds(struct str list, const char *word)
{
    struct str item;
    bool more = true;

    while (more) {
        more = str_cut(list, ',', &item, &list);
        if (same(str_trim(item), word))
            return true;
    }
    return false;
}

static int
understand(struct http_head *h, const char **why)
{
    struct str expect = http_head_field(h, "expect");
    int status = read_length(h, why);

    if (status != 0)
        return status;
    *why = "exactly one Host is needed, a name or an address";
    if (!has(h, STR("host")) || !read_host(h, http_head_field(h, "host")))
        return 400;
    *why = "only the expectation 100-continue is known here";
    if (has(h, STR("expect")) && !same(expect, "100-continue"))
        return 417;
    h->wants_continue = expect.len > 0 && h->body_len > 0 && !h->wants_close;
    for (size_t i = 0; i < h->field_count; i++)
        if (same(h->fields[i].name, "connection") && list_holds(h->fields[i].value, "close"))
            h->wants_close = true;
    return 0;
}

int
http_head_read(struct http_head *h, struct str text, const char **why)
{
    struct str line, rest = text;
    int status;

    *h = (struct http_head){ .field_count = 0 };
    str_cut(rest, '\n', &line, &rest);
    if (line.len > 0)
        line.len--; /* The CR; http_head_find() has seen to it that it is one. */
    status = read_request_line(h, line, why);
    while (status == 0 && str_cut(rest, '\n', &line, &rest) && line.len > 1) {
        line.len--;
        status = read_field(h, line, why);
    }
    return status != 0 ? status : understand(h, why);
}

bool
http_query(struct str query, const char *name, struct str *value)
{
    struct str pair, key;
    bool more = query.len > 0;

    while (more) {
        more = str_cut(query, '&', &pair, &query);
        if (str_cut(pair, '=', &key, value) && str_is(key, name))
            return true;
    }
    return false;
}
