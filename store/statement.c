#include "statement.h"

#include <assert.h>
#include <string.h>

sqlite3_stmt *
statement(struct store *s, enum query which)
{
    return s->query[which];
}

/*
 * SQLite looks a parameter up by comparing every name of the statement.  The places found are kept;
 * names are literals, so the same pointer is the same name.
 */
static struct {
    const sqlite3_stmt *q;
    const char *parameter;
    int index;
} places[512];

static int
at(sqlite3_stmt *q, const char *parameter)
{
    size_t hash = ((uintptr_t)q >> 5) * 31 + (uintptr_t)parameter;
    size_t i = hash % ARRAY_LEN(places);

    if (places[i].q != q || places[i].parameter != parameter) {
        places[i].q = q;
        places[i].parameter = parameter;
        places[i].index = sqlite3_bind_parameter_index(q, parameter);
        assert(places[i].index > 0);
    }
    return places[i].index;
}

void
statement_forget_places(void)
{
    memset(places, 0, sizeof(places));
}

void
bind_int(sqlite3_stmt *q, const char *parameter, int64_t value)
{
    sqlite3_bind_int64(q, at(q, parameter), value);
}

void
bind_text(sqlite3_stmt *q, const char *parameter, const char *value)
{
    sqlite3_bind_text(q, at(q, parameter), value, -1, SQLITE_STATIC);
}

void
bind_str(sqlite3_stmt *q, const char *parameter, struct str value)
{
    sqlite3_bind_text(q, at(q, parameter), value.at, (int)value.len, SQLITE_STATIC);
}

void
bind_blob(sqlite3_stmt *q, const char *parameter, const void *bytes, size_t len)
{
    sqlite3_bind_blob(q, at(q, parameter), bytes, (int)len, SQLITE_STATIC);
}

bool
store_refused(struct store *s, struct error *e)
{
    return error_set(e, ERROR_STORAGE, "%s (%s)", sqlite3_errmsg(s->db),
                     sqlite3_errstr(sqlite3_extended_errcode(s->db)));
}

void
statement_end(sqlite3_stmt *q)
{
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
}

bool
statement_run(struct store *s, sqlite3_stmt *q, int *changed, struct error *e)
{
    bool ok = sqlite3_step(q) == SQLITE_DONE || store_refused(s, e);

    if (ok && changed != NULL)
        *changed = sqlite3_changes(s->db);
    statement_end(q);
    return ok;
}

bool
statement_step(struct store *s, sqlite3_stmt *q, bool *row, struct error *e)
{
    int code = sqlite3_step(q);
    bool ok = true;

    *row = code == SQLITE_ROW;
    if (*row)
        return true;
    if (code != SQLITE_DONE)
        ok = store_refused(s, e);
    statement_end(q);
    return ok;
}

const char *
column_text(sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);

    return text != NULL ? text : "";
}

struct str
column_str(sqlite3_stmt *q, int column)
{
    const char *text = column_text(q, column);

    return (struct str){ text, (size_t)sqlite3_column_bytes(q, column) };
}
