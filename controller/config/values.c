#include "config/values.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/formats.h"

#define ARGUMENT_MAX 8192

static bool complain(struct complaint *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool
complain(struct complaint *c, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(c->text, sizeof(c->text), fmt, args);
    va_end(args);
    return false;
}

/* ---- what other readers of YAML see --------------------------------------------------------- */

bool
reads_as_null(struct str s)
{
    return s.len == 0 || str_is(s, "~") || str_is(s, "null");
}

static size_t
skip_digits(struct str s, size_t from)
{
    while (from < s.len && s.at[from] >= '0' && s.at[from] <= '9')
        from++;
    return from;
}

/* RFC 8259 section 6. */
bool
is_json_number(struct str s)
{
    size_t at = s.len > 0 && s.at[0] == '-' ? 1 : 0;
    size_t end = skip_digits(s, at);

    if (end == at || (s.at[at] == '0' && end > at + 1))
        return false;
    if (end < s.len && s.at[end] == '.') {
        at = end + 1;
        end = skip_digits(s, at);
        if (end == at)
            return false;
    }
    if (end < s.len && (s.at[end] == 'e' || s.at[end] == 'E')) {
        at = end + 1;
        at += at < s.len && (s.at[at] == '+' || s.at[at] == '-');
        end = skip_digits(s, at);
        if (end == at)
            return false;
    }
    return end == s.len;
}

bool
reads_as_no_text(struct str plain)
{
    return reads_as_null(plain) || str_is(plain, "true") || str_is(plain, "false") ||
           is_json_number(plain);
}

static const char NO_VALUE[] = "there is no value; give one, or leave the line out";

/* ---- texts ---------------------------------------------------------------------------------- */

static size_t
count_characters(struct str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.at[i] & 0xc0) != 0x80;
    return count;
}

static bool
has_control_character(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
            return true;
    return false;
}

static bool
check_plain_text(struct str text, bool quoted, bool numbers, struct complaint *c)
{
    char buf[SHOWN_SIZE];

    if (quoted)
        return true;
    if (reads_as_null(text))
        return complain(c, "%s", NO_VALUE);
    if (reads_as_no_text(text) && !numbers)
        return complain(c, "a text is needed here, and without quotes %.*s is none; write %s",
                        STR_ARG(text), shown(text, buf));
    return true;
}

static bool
check_text(const struct setting *row, struct str text, bool quoted, struct complaint *c)
{
    size_t characters = count_characters(text), most = row->most > 0 ? (size_t)row->most : 1024;
    size_t least = row->least > 0 ? (size_t)row->least : 1;
    bool hidden = row->type == SETTING_SECRET || row->hidden;
    char copy[ARGUMENT_MAX * 2 + 1], buf[SHOWN_SIZE];
    const char *complaint;

    /* The bounds of a list's row are those of the list. */
    if (row->type == SETTING_TEXTS) {
        least = 1;
        most = 1024;
    }
    if (!check_plain_text(text, quoted, row->numbers, c))
        return false;
    if (characters < least || characters > most || text.len >= sizeof(copy))
        return complain(c, "a text of %zu to %zu characters is needed, this one has %zu", least,
                        most, characters);
    if (has_control_character(text))
        return complain(c, "there is a line end or another control character in the text");
    if (row->format == NULL)
        return true;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    complaint = format_complaint(row->format, copy);
    if (complaint == NULL)
        return true;
    if (hidden)
        return complain(c, "this is not %s", row->format->name);
    if (complaint[0] != '\0')
        return complain(c, "%s %s", shown(text, buf), complaint);
    return complain(c, "%s is not %s, such as %s", shown(text, buf), row->format->name,
                    row->format->example);
}

bool
value_check_argument(struct str text, bool quoted, struct complaint *c)
{
    if (!check_plain_text(text, quoted, true, c))
        return false;
    if (text.len > ARGUMENT_MAX)
        return complain(c, "the text has %zu bytes, at most %d are allowed", text.len,
                        ARGUMENT_MAX);
    return true;
}

/* ---- words ---------------------------------------------------------------------------------- */

const char *
words_text(const char *const *words, char *buf, size_t size)
{
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; words[i] != NULL && used < size; i++) {
        const char *before = i == 0 ? "" : words[i + 1] == NULL ? " and " : ", ";
        int more = snprintf(buf + used, size - used, "%s\"%s\"", before, words[i]);

        used += (size_t)more;
    }
    if (used >= size)
        memcpy(buf + size - 4, "...", 4);
    return buf;
}

static bool
find_word(const struct setting *row, struct str text, unsigned *index, struct complaint *c)
{
    struct nearest nearest = { .word = text };
    char buf[SHOWN_SIZE], known[300];

    for (unsigned i = 0; row->words[i] != NULL; i++) {
        if (str_is(text, row->words[i])) {
            *index = i;
            return true;
        }
        nearest_offer(&nearest, row->words[i]);
    }
    if (nearest_found(&nearest) != NULL)
        return complain(c, "unknown value %s, did you mean \"%s\"", shown(text, buf),
                        nearest_found(&nearest));
    return complain(c, "unknown value %s; known are %s", shown(text, buf),
                    words_text(row->words, known, sizeof(known)));
}

/* ---- numbers -------------------------------------------------------------------------------- */

static const struct {
    char letter;
    int64_t ms;
} UNITS[] = { { 'd', DAYS(1) }, { 'h', HOURS(1) }, { 'm', MINUTES(1) }, { 's', SECONDS(1) } };

const char *
duration_text(int64_t ms, char buf[DURATION_SIZE])
{
    size_t unit = 0;

    /* Two hours are 2h, but 90 s are not a minute and something. */
    while (unit < ARRAY_LEN(UNITS) - 1 && (ms % UNITS[unit].ms != 0 || ms == 0))
        unit++;
    snprintf(buf, DURATION_SIZE, "%lld%c", (long long)(ms / UNITS[unit].ms), UNITS[unit].letter);
    return buf;
}

/* "0" or digits that do not begin with 0, nine at most. */
static bool
parse_whole_number(struct str s, int64_t *n)
{
    if (s.len == 0 || s.len > 9 || skip_digits(s, 0) != s.len || (s.len > 1 && s.at[0] == '0'))
        return false;
    return str_to_int(s, n);
}

static bool
parse_duration(struct str s, int64_t *ms)
{
    int64_t n;

    if (s.len < 2 || !parse_whole_number((struct str){ s.at, s.len - 1 }, &n))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        if (s.at[s.len - 1] == UNITS[i].letter) {
            *ms = n * UNITS[i].ms;
            return true;
        }
    }
    return false;
}

static bool
read_duration(const struct setting *row, struct str text, bool quoted, int64_t *ms,
              struct complaint *c)
{
    char buf[SHOWN_SIZE], least[DURATION_SIZE], most[DURATION_SIZE];
    int64_t n;

    if (!quoted && str_is(text, "0"))
        n = 0;
    else if (parse_whole_number(text, &n))
        return complain(c, "%.*s needs a unit: %.*ss, %.*sm, %.*sh or %.*sd", STR_ARG(text),
                        STR_ARG(text), STR_ARG(text), STR_ARG(text), STR_ARG(text));
    else if (str_ends(text, "ms"))
        return complain(c, "%s is not in whole seconds; the shortest is 1s", shown(text, buf));
    else if (!parse_duration(text, &n))
        return complain(c,
                        "%s is not a duration; write one whole number with s, m, h or d, such as "
                        "90s, 5m, 2h or 7d",
                        shown(text, buf));
    if (n < row->least || n > row->most)
        return complain(c, "%s is out of bounds; from %s to %s are allowed", shown(text, buf),
                        duration_text(row->least, least), duration_text(row->most, most));
    *ms = n;
    return true;
}

static bool
read_integer(const struct setting *row, struct str text, bool quoted, int64_t *out,
             struct complaint *c)
{
    char buf[SHOWN_SIZE];
    int64_t n;

    if (!parse_whole_number(text, &n))
        return complain(c, "%s is not a whole number from %lld to %lld", shown(text, buf),
                        (long long)row->least, (long long)row->most);
    if (quoted)
        return complain(c, "a number is needed here, not a text; write %.*s without quotes",
                        STR_ARG(text));
    if (n < row->least || n > row->most)
        return complain(c, "%lld is out of bounds; from %lld to %lld are allowed", (long long)n,
                        (long long)row->least, (long long)row->most);
    *out = n;
    return true;
}

static bool
read_percent(const struct setting *row, struct str text, bool quoted, int64_t *out,
             struct complaint *c)
{
    struct str digits = text;
    bool sign = str_ends(text, "%");
    char buf[SHOWN_SIZE];
    int64_t n;

    digits.len -= sign ? 1 : 0;
    if (!parse_whole_number(digits, &n) || (quoted && !sign) || n < row->least || n > row->most)
        return complain(c, "%s is not a share from %lld%% to %lld%% in whole percents",
                        shown(text, buf), (long long)row->least, (long long)row->most);
    *out = n;
    return true;
}

static bool
read_flag(struct str text, bool quoted, bool *out, struct complaint *c)
{
    char buf[SHOWN_SIZE];

    *out = str_is(text, "true");
    if (quoted || (!*out && !str_is(text, "false")))
        return complain(c, "%s is neither true nor false%s", shown(text, buf),
                        quoted ? "; leave the quotes out" : "");
    return true;
}

bool
value_read(const struct setting *row, struct str text, bool quoted, void *at, struct complaint *c)
{
    unsigned index = 0;

    if (!quoted && reads_as_null(text))
        return complain(c, "%s", NO_VALUE);
    switch (row->type) {
    case SETTING_DURATION:
        return read_duration(row, text, quoted, at, c);
    case SETTING_INTEGER:
        return read_integer(row, text, quoted, at, c);
    case SETTING_PERCENT:
        return read_percent(row, text, quoted, at, c);
    case SETTING_FLAG:
        return read_flag(text, quoted, at, c);
    case SETTING_WORD:
        if (!find_word(row, text, &index, c))
            return false;
        *(const char **)at = xstrdup(row->words[index]);
        return true;
    case SETTING_CHOICE:
        if (!find_word(row, text, &index, c))
            return false;
        memcpy(at, &index, sizeof(index));
        return true;
    case SETTING_TEXT:
    case SETTING_SECRET:
    case SETTING_TEXTS:
        if (!check_text(row, text, quoted, c))
            return false;
        *(const char **)at = xstrcopy(text);
        return true;
    case SETTING_ARGV:
    case SETTING_ENVIRONMENT:
    case SETTING_ENDPOINTS:
    case SETTING_PATTERN:
    case SETTING_SECTION:
    case SETTING_SECTIONS:
    case SETTING_KEYS:
        break;
    }
    assert(0 && "this type is not read from one text");
    return false;
}
