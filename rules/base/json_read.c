#include "slipway/json.h"

#include <stdio.h>
#include <string.h>

#include "json_internal.h"

struct reader {
    const unsigned char *text;
    size_t len, at;
    struct json_token *tokens;
    uint32_t count, max;
    uint32_t open[JSON_DEPTH_MAX]; /* Tokens of the containers around `at`, outermost first. */
    unsigned depth;
    bool repeating;
    struct error *e;
};

/* What a byte is inside a string: 0 plain, else a reason to look closer. */
enum { PLAIN, QUOTE, BACKSLASH, CONTROL, HIGH };

#define C8 CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL
#define H8 HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH
static const unsigned char IN_STRING[256] = {
    C8,
    C8,
    C8,
    C8,
    ['"'] = QUOTE,
    ['\\'] = BACKSLASH,
    [128] = H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
    H8,
};

/* ---- saying what is wrong ------------------------------------------------------------------- */

static void
place(const unsigned char *text, size_t at, unsigned *line, unsigned *column)
{
    size_t line_start = 0;

    *line = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            ++*line;
            line_start = i + 1;
        }
    }
    *column = (unsigned)(at - line_start) + 1;
}

static bool
refuse(struct reader *r, size_t at, const char *what)
{
    unsigned line, column;

    place(r->text, at, &line, &column);
    return error_set(r->e, ERROR_INVALID, "line %u, column %u: %s", line, column, what);
}

/* "<what>, not 'x'" at the place where reading stands. */
static bool
refuse_here(struct reader *r, const char *what)
{
    char text[120];

    if (r->at >= r->len)
        snprintf(text, sizeof(text), "the text ends where %s is needed", what);
    else if (r->text[r->at] > 0x20 && r->text[r->at] < 0x7f)
        snprintf(text, sizeof(text), "%s is needed here, not '%c'", what, r->text[r->at]);
    else
        snprintf(text, sizeof(text), "%s is needed here, not byte 0x%02X", what, r->text[r->at]);
    return refuse(r, r->at, text);
}

/* ---- scalars -------------------------------------------------------------------------------- */

static void
skip_blanks(struct reader *r)
{
    while (r->at < r->len && (r->text[r->at] == ' ' || r->text[r->at] == '\n' ||
                              r->text[r->at] == '\r' || r->text[r->at] == '\t'))
        r->at++;
}

static int
hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits; -1 if they are not. */
static int
hex4(const unsigned char *p, size_t left)
{
    int value = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = i < left ? hex_digit(p[i]) : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The letters that after a backslash stand for one character by themselves. */
static const bool IS_ESCAPE[256] = {
    ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
    ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true,
};

/* Checks the escape at `r->at`, which stands on the backslash, and moves behind it. */
static bool
pass_escape(struct reader *r)
{
    const unsigned char *p = r->text + r->at;
    size_t left = r->len - r->at;
    int unit, low;

    if (left < 2)
        return refuse(r, r->len, "the text ends inside a string");
    if (p[1] != 'u') {
        if (!IS_ESCAPE[p[1]])
            return refuse(r, r->at, "no such escape in a string");
        r->at += 2;
        return true;
    }
    unit = hex4(p + 2, left - 2);
    if (unit < 0)
        return refuse(r, r->at, "\\u needs four hexadecimal digits");
    if (unit == 0)
        return refuse(r, r->at, "\\u0000 is not accepted");
    r->at += 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    low = left >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, left - 8) : -1;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return refuse(r, r->at - 6, "half of a surrogate pair");
    r->at += 6;
    return true;
}

/* What ends a run of plain ASCII in a string, but the closing quote. */
static bool
pass_special(struct reader *r, struct json_token *t)
{
    unsigned char kind = IN_STRING[r->text[r->at]];
    size_t n;

    if (kind == BACKSLASH) {
        t->escaped = true;
        return pass_escape(r);
    }
    if (kind == CONTROL)
        return refuse(r, r->at, "a control character in a string must be escaped");
    n = json_utf8_length(r->text + r->at, r->len - r->at);
    r->at += n;
    return n > 0 || refuse(r, r->at, "invalid UTF-8");
}

/* Reads the string at `r->at`, which stands on the opening quote. */
static bool
read_string(struct reader *r, struct json_token *t)
{
    t->type = JSON_STRING;
    t->escaped = false;
    t->start = (uint32_t)++r->at;
    for (;;) {
        while (r->at + 8 <= r->len && json_eight_plain(r->text + r->at))
            r->at += 8;
        while (r->at < r->len && IN_STRING[r->text[r->at]] == PLAIN)
            r->at++;
        if (r->at >= r->len)
            return refuse(r, r->len, "the text ends inside a string");
        if (IN_STRING[r->text[r->at]] == QUOTE)
            break;
        if (!pass_special(r, t))
            return false;
    }
    t->end = (uint32_t)r->at++;
    return true;
}

/* The byte where reading stands, '\0' at the end (a NUL is never what is looked for). */
static unsigned char
here(const struct reader *r)
{
    return r->at < r->len ? r->text[r->at] : '\0';
}

static bool
pass_digits(struct reader *r)
{
    size_t from = r->at;

    while (here(r) >= '0' && here(r) <= '9')
        r->at++;
    return r->at > from || refuse_here(r, "a digit");
}

static bool
pass_exponent(struct reader *r)
{
    r->at++;
    if (here(r) == '+' || here(r) == '-')
        r->at++;
    return pass_digits(r);
}

static bool
read_number(struct reader *r, struct json_token *t)
{
    size_t digits;

    t->type = JSON_NUMBER;
    t->start = (uint32_t)r->at;
    r->at += here(r) == '-';
    digits = r->at;
    if (!pass_digits(r))
        return false;
    if (r->text[digits] == '0' && r->at > digits + 1)
        return refuse(r, digits, "a number must not start with 0");
    if (here(r) == '.') {
        r->at++;
        if (!pass_digits(r))
            return false;
    }
    if ((here(r) == 'e' || here(r) == 'E') && !pass_exponent(r))
        return false;
    t->end = (uint32_t)r->at;
    return true;
}

static bool
read_word(struct reader *r, struct json_token *t, const char *word, enum json_type type)
{
    size_t len = strlen(word);

    if (r->len - r->at < len || memcmp(r->text + r->at, word, len) != 0)
        return refuse(r, r->at, "a value is needed here");
    t->type = (uint8_t)type;
    t->start = (uint32_t)r->at;
    r->at += len;
    t->end = (uint32_t)r->at;
    return true;
}

/* ---- structure ------------------------------------------------------------------------------ */

static struct json_token *
add_token(struct reader *r)
{
    struct json_token *t = &r->tokens[r->count];
    char text[80];

    if (r->count == r->max) {
        snprintf(text, sizeof(text), "more than %u values and keys", (unsigned)r->max);
        refuse(r, r->at, text);
        return NULL;
    }
    r->count++;
    t->next = r->count;
    t->size = 0;
    t->escaped = false;
    return t;
}

/* Reads a key and its colon; `r->at` is behind blanks. */
static bool
read_key(struct reader *r)
{
    struct json_token *t;
    struct str raw;

    if (r->at >= r->len || r->text[r->at] != '"')
        return refuse_here(r, "a key in double quotes");
    t = add_token(r);
    if (t == NULL || !read_string(r, t))
        return false;
    raw = (struct str){ (const char *)r->text + t->start, t->end - t->start };
    t->size = t->escaped ? json_signature_escaped(raw) : json_signature(raw);
    skip_blanks(r);
    if (r->at >= r->len || r->text[r->at] != ':')
        return refuse_here(r, "':'");
    r->at++;
    return true;
}

static bool
refuse_twin(struct reader *r, uint32_t twin)
{
    const struct json_token *key = &r->tokens[twin];
    int len = (int)(key->end - key->start);
    char text[120];

    /* Cut before a character, not inside one. */
    for (len = len > 60 ? 60 : len; (r->text[key->start + (unsigned)len] & 0xC0) == 0x80; len--)
        continue;
    snprintf(text, sizeof(text), "the key \"%.*s\" occurs twice in one object", len,
             (const char *)r->text + key->start);
    return refuse(r, key->start - 1, text);
}

/* Ends the innermost container; `r->at` stands on its closing bracket. */
static bool
close_container(struct reader *r)
{
    uint32_t index = r->open[--r->depth];
    struct json_token *t = &r->tokens[index];
    uint32_t twin;

    t->end = (uint32_t)++r->at;
    t->next = r->count;
    if (t->type == JSON_OBJECT && t->size > 1 && !r->repeating) {
        twin = json_find_twin(r->tokens, index + 1, t->size, (const char *)r->text);
        if (twin != 0)
            return refuse_twin(r, twin);
    }
    return true;
}

/* Starts the container at `r->at`; `*opened` says whether it has a value, which stands next. */
static bool
open_container(struct reader *r, struct json_token *t, bool *opened)
{
    bool object = r->text[r->at] == '{';

    if (r->depth == JSON_DEPTH_MAX)
        return refuse(r, r->at, "nested deeper than 64 levels");
    t->type = object ? JSON_OBJECT : JSON_ARRAY;
    t->start = (uint32_t)r->at++;
    r->open[r->depth++] = r->count - 1;
    skip_blanks(r);
    if (here(r) == (object ? '}' : ']'))
        return close_container(r);
    *opened = true;
    t->size = 1;
    return !object || read_key(r);
}

/* Reads one value; of a container only its opening. */
static bool
read_value(struct reader *r, bool *opened)
{
    struct json_token *t;

    *opened = false;
    skip_blanks(r);
    if (r->at >= r->len)
        return refuse_here(r, "a value");
    t = add_token(r);
    if (t == NULL)
        return false;
    switch (r->text[r->at]) {
    case '"':
        return read_string(r, t);
    case '{':
    case '[':
        return open_container(r, t, opened);
    case 't':
        return read_word(r, t, "true", JSON_TRUE);
    case 'f':
        return read_word(r, t, "false", JSON_FALSE);
    case 'n':
        return read_word(r, t, "null", JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(r, t);
    default:
        return refuse_here(r, "a value");
    }
}

/* After a value: closes what ends here; `*more` says whether another value is to be read. */
static bool
read_after_value(struct reader *r, bool *more)
{
    struct json_token *t;
    bool object;

    *more = false;
    while (r->depth > 0) {
        t = &r->tokens[r->open[r->depth - 1]];
        object = t->type == JSON_OBJECT;
        skip_blanks(r);
        if (r->at < r->len && r->text[r->at] == ',') {
            r->at++;
            t->size++;
            *more = true;
            skip_blanks(r);
            return !object || read_key(r);
        }
        if (r->at >= r->len || r->text[r->at] != (object ? '}' : ']'))
            return refuse_here(r, object ? "',' or '}'" : "',' or ']'");
        if (!close_container(r))
            return false;
    }
    return true;
}

static bool
read_document(struct json *doc, struct str text, struct reader *r)
{
    bool more = true, opened;

    if (text.len > JSON_TEXT_MAX)
        return error_set(r->e, ERROR_INVALID, "%zu bytes of JSON, at most %u are accepted",
                         text.len, JSON_TEXT_MAX);
    while (more) {
        if (!read_value(r, &opened) || (!opened && !read_after_value(r, &more)))
            return false;
    }
    skip_blanks(r);
    if (r->at < r->len)
        return refuse(r, r->at, "something follows the value");
    *doc = (struct json){ .text = text, .tokens = r->tokens, .count = r->count };
    return true;
}

bool
json_read(struct json *doc, struct str text, struct json_token *tokens, size_t token_max,
          struct error *e)
{
    struct reader r;

    r.text = (const unsigned char *)text.at;
    r.len = text.len;
    r.at = 0;
    r.tokens = tokens;
    r.count = 0;
    r.max = token_max < UINT32_MAX ? (uint32_t)token_max : UINT32_MAX;
    r.depth = 0;
    r.repeating = false;
    r.e = e;
    return read_document(doc, text, &r);
}

bool
json_read_repeating(struct json *doc, struct str text, struct json_token *tokens, size_t token_max,
                    struct error *e)
{
    struct reader r = { .text = (const unsigned char *)text.at, .len = text.len };

    r.tokens = tokens;
    r.max = token_max < UINT32_MAX ? (uint32_t)token_max : UINT32_MAX;
    r.repeating = true;
    r.e = e;
    return read_document(doc, text, &r);
}

void
json_place(struct json_value v, unsigned *line, unsigned *column)
{
    const struct json_token *t;

    *line = *column = 1;
    if (v.doc == NULL)
        return;
    t = &v.doc->tokens[v.at];
    place((const unsigned char *)v.doc->text.at, t->start - (t->type == JSON_STRING ? 1 : 0), line,
          column);
}
