/* links: slipway_rules slipway_base */
/* docs/patterns.md shows nothing that is not so: its tables and its blocks are read and run. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "slipway/memory.h"
#include "slipway/pattern.h"

static char page[65536];

/* A part of the page, line by line. */
struct lines {
    struct str left, line;
};

static bool
next_line(struct lines *l)
{
    if (l->left.len == 0)
        return false;
    if (!str_cut(l->left, '\n', &l->line, &l->left)) {
        l->line = l->left;
        l->left.len = 0;
    }
    return true;
}

static struct lines
read_page(void)
{
    FILE *f = fopen(SOURCE_DIR "/docs/patterns.md", "r");
    size_t len;

    ck_assert_ptr_nonnull(f);
    len = fread(page, 1, sizeof(page), f);
    fclose(f);
    ck_assert_uint_lt(len, sizeof(page));
    return (struct lines){ .left = { page, len } };
}

/* The lines below the table whose head begins with `head`, up to the page's end. */
static struct lines
find_table(const char *head)
{
    struct lines l = read_page();

    while (next_line(&l))
        if (str_starts(l.line, head)) {
            ck_assert(next_line(&l)); /* |---|---| */
            return l;
        }
    ck_abort_msg("no table begins with %s", head);
    return l;
}

/* Takes the first `code` off the front of `cell`; false if there is none. */
static bool
next_code(struct str *cell, struct str *code)
{
    struct str before;

    return str_cut(*cell, '`', &before, cell) && str_cut(*cell, '`', code, cell);
}

/* Takes the next cell of "| a | b |" off the front of `row`. */
static struct str
next_cell(struct str *row)
{
    struct str cell = { "", 0 };
    bool quoted = false;
    size_t i = 1;

    for (; i < row->len && (quoted || row->at[i] != '|'); i++)
        quoted = quoted != (row->at[i] == '`');
    ck_assert_msg(i < row->len, "no cell is left in: %.*s", STR_ARG(*row));
    cell = (struct str){ row->at + 1, i - 1 };
    *row = (struct str){ row->at + i, row->len - i };
    return str_trim(cell);
}

static struct pattern *
read_pattern(struct str text)
{
    struct error e;
    struct pattern *p = pattern_new(text, &e);

    ck_assert_msg(p != NULL, "refused: %.*s: %s", STR_ARG(text), e.text);
    return p;
}

static void
should(const struct pattern *p, struct str pattern, struct str event, bool fit)
{
    struct json_token tokens[256];
    struct json doc;
    struct error e;

    ck_assert_msg(json_read(&doc, event, tokens, ARRAY_LEN(tokens), &e), "%.*s: %s", STR_ARG(event),
                  e.text);
    ck_assert_msg(pattern_match(p, json_root(&doc)) == fit, "%.*s %s %.*s", STR_ARG(pattern),
                  fit ? "does not fit" : "fits", STR_ARG(event));
}

/* ---- the table of entries ------------------------------------------------------------------- */

/* Asks the pattern {"a": [entry]} of the event {"a": value} for each value in `cell`. */
static size_t
ask_cell(const struct pattern *p, struct str pattern, struct str cell, bool fit)
{
    struct str value;
    size_t count = 0;

    for (; next_code(&cell, &value); count++) {
        struct buf event = { .max = 4096 };

        buf_printf(&event, "{\"a\": %.*s}", STR_ARG(value));
        should(p, pattern, buf_str(&event), fit);
        buf_free(&event);
    }
    ck_assert_msg(count > 0, "nothing to ask of %.*s", STR_ARG(pattern));
    return count;
}

START_TEST(every_entry_fits_what_the_table_says)
{
    struct lines l = find_table("| entry | fits | does not fit |");
    size_t rows = 0;

    for (; next_line(&l) && str_starts(l.line, "|"); rows++) {
        struct str row = l.line, cell = next_cell(&row), entry;
        struct buf text = { .max = 4096 };
        struct pattern *p;

        ck_assert(next_code(&cell, &entry));
        buf_printf(&text, "{\"a\": [%.*s]}", STR_ARG(entry));
        p = read_pattern(buf_str(&text));
        ask_cell(p, buf_str(&text), next_cell(&row), true);
        ask_cell(p, buf_str(&text), next_cell(&row), false);
        pattern_free(p);
        buf_free(&text);
    }
    ck_assert_uint_ge(rows, 28);
}
END_TEST

START_TEST(every_operator_is_in_the_table)
{
    static const char *const NAMES[] = { "exactly",     "prefix",  "suffix", "equals-ignore-case",
                                         "wildcard",    "numeric", "cidr",   "exists",
                                         "anything-but" };

    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        struct lines l = find_table("| entry | fits | does not fit |");
        char start[64];
        bool found = false;

        snprintf(start, sizeof(start), "| `{\"%s\": ", NAMES[i]);
        while (next_line(&l) && str_starts(l.line, "|"))
            found = found || str_starts(l.line, start);
        ck_assert_msg(found, "docs/patterns.md has no row for %s", NAMES[i]);
    }
}
END_TEST

/* ---- the blocks ----------------------------------------------------------------------------- */

/* Runs the lines "pattern ...", "fits ..." and "not ..." up to the block's end. */
static size_t
run_block(struct lines *l)
{
    struct pattern *p = NULL;
    struct str pattern = { NULL, 0 };
    size_t asked = 0;

    while (next_line(l) && !str_is(l->line, "```")) {
        struct str word, rest;

        ck_assert(str_cut(l->line, ' ', &word, &rest));
        rest = str_trim(rest);
        if (str_is(word, "pattern")) {
            pattern_free(p);
            pattern = rest;
            p = read_pattern(pattern);
            continue;
        }
        ck_assert_msg(str_is(word, "fits") || str_is(word, "not"), "unknown word: %.*s",
                      STR_ARG(word));
        ck_assert_ptr_nonnull(p);
        should(p, pattern, rest, str_is(word, "fits"));
        asked++;
    }
    pattern_free(p);
    return asked;
}

START_TEST(every_example_is_so)
{
    struct lines l = read_page();
    size_t asked = 0;

    while (next_line(&l))
        if (str_is(l.line, "```pattern"))
            asked += run_block(&l);
    ck_assert_uint_ge(asked, 18);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------ */

START_TEST(what_the_page_refuses_is_refused_for_that_reason)
{
    struct lines l = find_table("| pattern | because |");
    size_t rows = 0;

    for (; next_line(&l) && str_starts(l.line, "|"); rows++) {
        struct str row = l.line, cell = next_cell(&row), because = next_cell(&row), pattern;
        struct error e = { .kind = ERROR_NONE };
        char why[200];

        ck_assert(next_code(&cell, &pattern));
        ck_assert(str_copy(why, sizeof(why), because));
        ck_assert_msg(!pattern_check(pattern, &e), "accepted: %.*s", STR_ARG(pattern));
        ck_assert_msg(strstr(e.text, why) != NULL, "%.*s: %s, the page says: %s", STR_ARG(pattern),
                      e.text, why);
    }
    ck_assert_uint_ge(rows, 13);
}
END_TEST

SUITE(patterns_doc, every_entry_fits_what_the_table_says, every_operator_is_in_the_table,
      every_example_is_so, what_the_page_refuses_is_refused_for_that_reason)
