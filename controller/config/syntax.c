#include "config/syntax.h"

#include <string.h>

/** What libyaml stopped at, and the lines around it. */
struct stop {
    const char *problem, *context;
    struct place at;        /* Where it stopped. */
    struct place from;      /* Where the thing began that it was reading. */
    struct str line, begun; /* The text of those two lines. */
    struct str before;      /* The line before the one where it stopped. */
    char found;             /* The character it stopped at, 0 at the end of a line. */
};

static struct place
place_of(yaml_mark_t mark)
{
    return (struct place){ mark.line + 1, mark.column + 1 };
}

/* Line `number` (from 1) of `text` without its end. */
static struct str
line_of(struct str text, size_t number)
{
    struct str line = { NULL, 0 };

    while (number > 0 && (text.len > 0 || number == 1)) {
        str_cut(text, '\n', &line, &text);
        number--;
    }
    return number == 0 ? line : (struct str){ NULL, 0 };
}

static struct stop
stop_of(const yaml_parser_t *p, struct str text)
{
    struct stop s = {
        .problem = p->problem != NULL ? p->problem : "",
        .context = p->context != NULL ? p->context : "",
        .at = place_of(p->problem_mark),
        .from = place_of(p->context != NULL ? p->context_mark : p->problem_mark),
    };

    s.line = line_of(text, s.at.line);
    s.begun = line_of(text, s.from.line);
    s.before = line_of(text, s.at.line - 1);
    /* A mark may stand behind bytes of which several make one character; then no guess is made. */
    if (s.line.at != NULL && s.at.column <= s.line.len)
        s.found = s.line.at[s.at.column - 1];
    return s;
}

/* "key:value" without the space that makes it a key. */
static bool
lacks_space_after_colon(struct str line)
{
    struct str key, rest;

    line = str_trim(line);
    return str_cut(line, ':', &key, &rest) && key.len > 0 && rest.len > 0 && rest.at[0] != ' ' &&
           !str_starts(rest, "//") && !str_contains(key, STR(" ")) && key.at[0] != '"' &&
           key.at[0] != '\'';
}

static bool
begins_with_tab(struct str line)
{
    for (size_t i = 0; i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'); i++)
        if (line.at[i] == '\t')
            return true;
    return false;
}

static bool
report_tab(const struct stop *s, const struct reporter *r)
{
    if (s->found != '\t' && !begins_with_tab(s->line))
        return false;
    report_problem(r, s->at, "a tab stands here; YAML is indented with spaces only");
    return true;
}

static bool
report_character(const struct stop *s, const struct reporter *r)
{
    if (strstr(s->problem, "cannot start any token") == NULL || s->found == 0)
        return false;
    report_problem(r, s->at, "a value cannot begin with \"%c\" unless it stands in quotes",
                   s->found);
    return true;
}

static bool
report_star(const struct stop *s, const struct reporter *r)
{
    if (strstr(s->context, "an alias") == NULL && strstr(s->context, "an anchor") == NULL)
        return false;
    report_problem(r, s->from,
                   "a value that begins with \"*\" or \"&\" must stand in quotes: \"*\"");
    return true;
}

static bool
report_missing_colon(const struct stop *s, const struct reporter *r)
{
    char buf[SHOWN_SIZE];

    if (strstr(s->problem, "could not find expected ':'") == NULL)
        return false;
    if (lacks_space_after_colon(s->begun))
        report_problem(r, s->from, "a space is missing after the colon in %s",
                       shown(str_trim(s->begun), buf));
    else
        report_problem(r, s->from, "a colon is missing after %s, or a quote is not closed",
                       shown(str_trim(s->begun), buf));
    return true;
}

static bool
report_second_colon(const struct stop *s, const struct reporter *r)
{
    char buf[SHOWN_SIZE];

    if (strstr(s->problem, "mapping values are not allowed") == NULL)
        return false;
    /* Then this line was taken for more of the text before it. */
    if (s->at.line > 1 && lacks_space_after_colon(s->before)) {
        report_problem(r, (struct place){ s->at.line - 1, 1 },
                       "a space is missing after the colon in %s", shown(str_trim(s->before), buf));
        return true;
    }
    report_problem(r, s->at,
                   "a key cannot stand here: the line is indented too far, or the value holds a "
                   "colon and needs quotes");
    return true;
}

static bool
report_indentation(const struct stop *s, const struct reporter *r)
{
    if (strstr(s->problem, "did not find expected key") != NULL &&
        strstr(s->context, "block mapping") != NULL) {
        report_problem(
            r, s->at,
            "this line is not indented as the others of the map that begins at line %zu, "
            "column %zu",
            s->from.line, s->from.column);
        return true;
    }
    if (strstr(s->problem, "did not find expected '-' indicator") != NULL) {
        report_problem(r, s->at,
                       "this line belongs to no entry of the list that begins at line %zu, column "
                       "%zu; entries begin with \"- \" and stand in one column",
                       s->from.line, s->from.column);
        return true;
    }
    if (strstr(s->problem, "block sequence entries are not allowed") != NULL) {
        report_problem(r, s->at, "a list entry cannot stand here; begin it on a line of its own");
        return true;
    }
    return false;
}

static bool
report_unclosed(const struct stop *s, const struct reporter *r)
{
    if (strstr(s->problem, "unexpected end of stream") != NULL ||
        strstr(s->problem, "unexpected document indicator") != NULL) {
        report_problem(r, s->from, "the quote that opens here is never closed");
        return true;
    }
    if (strstr(s->problem, "expected ',' or") != NULL) {
        report_problem(r, s->at,
                       "the %s that opens at line %zu, column %zu needs a comma or its closing "
                       "bracket here",
                       strchr(s->problem, '}') != NULL ? "map" : "list", s->from.line,
                       s->from.column);
        return true;
    }
    if (strstr(s->problem, "did not find expected node content") != NULL) {
        report_problem(r, s->at, "a value is missing here, or a bracket is not closed");
        return true;
    }
    if (strstr(s->problem, "unknown escape character") != NULL ||
        strstr(s->problem, "expected hexdecimal number") != NULL) {
        report_problem(r, s->at,
                       "the backslash before this character means nothing in double quotes; use "
                       "single quotes, or write \\\\");
        return true;
    }
    return false;
}

/* Errors of the reader below the grammar: only the byte's place is known. */
static void
report_bytes(const yaml_parser_t *p, struct str text, const struct reporter *r)
{
    struct place at = { 1, 1 };
    size_t end = p->problem_offset < text.len ? p->problem_offset : text.len;

    for (size_t i = 0; i < end; i++) {
        at.column++;
        if (text.at[i] == '\n')
            at = (struct place){ at.line + 1, 1 };
    }
    if (p->problem != NULL && strstr(p->problem, "control characters") != NULL)
        report_problem(r, at, "a control character stands here; the file must be plain text");
    else
        report_problem(r, at, "the file must be UTF-8, and the byte here is not");
}

void
syntax_report(const yaml_parser_t *parser, struct str text, struct long_quote before,
              const struct reporter *r)
{
    static bool (*const KNOWN[])(const struct stop *, const struct reporter *) = {
        report_tab,          report_character,   report_star,     report_missing_colon,
        report_second_colon, report_indentation, report_unclosed,
    };
    struct stop s;

    if (parser->error == YAML_READER_ERROR) {
        report_bytes(parser, text, r);
        return;
    }
    s = stop_of(parser, text);
    if (before.opens.line > 0 && before.last_line == s.at.line) {
        report_problem(r, before.opens,
                       "the quote that opens here closes in line %zu only; is one missing",
                       before.last_line);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++)
        if (KNOWN[i](&s, r))
            return;
    report_problem(r, s.at, "this is not YAML: %s%s%s", s.context, s.context[0] != '\0' ? ": " : "",
                   s.problem);
}
