/* Model packages and what was seen of their approval. */
#include <string.h>

#include "statement.h"

static bool
read_package(sqlite3_stmt *q, struct package *out, struct error *e)
{
    out->id = sqlite3_column_int64(q, 0);
    out->is_new = false;
    return sightings_read(&out->sightings, column_str(q, 1)) ||
           error_set(e, ERROR_STORAGE, "package %lld: sightings \"%s\" cannot be read",
                     (long long)out->id, column_text(q, 1));
}

static bool
find(struct store *s, struct str arn, bool *found, struct package *out, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_PACKAGE_FIND);
    bool ok;

    bind_str(q, ":arn", arn);
    if (!statement_step(s, q, found, e) || !*found)
        return !*found && e->kind == ERROR_NONE;
    ok = read_package(q, out, e);
    statement_end(q);
    return ok;
}

bool
store_package(struct store *s, struct str arn, struct package *out, struct error *e)
{
    bool found;

    e->kind = ERROR_NONE;
    if (!find(s, arn, &found, out, e))
        return error_while(e, "package %.*s", STR_ARG(arn));
    if (!found)
        *out = (struct package){ .id = s->next_package, .is_new = true };
    return true;
}

/* `*inserted` is false if a package of this ARN is kept already. */
static bool
insert(struct store *s, struct str arn, const struct package *p, bool *inserted, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_PACKAGE_INSERT);
    char sightings[SIGHTINGS_TEXT_SIZE];
    int changed;

    bind_int(q, ":id", p->id);
    bind_str(q, ":arn", arn);
    bind_text(q, ":sightings", sightings_write(&p->sightings, sightings));
    if (!statement_run(s, q, &changed, e))
        return error_while(e, "package %.*s", STR_ARG(arn));
    *inserted = changed == 1;
    if (*inserted)
        s->next_package = p->id + 1;
    return true;
}

bool
store_package_add(struct store *s, struct str arn, struct sighting seen, struct package *out,
                  bool *added, struct error *e)
{
    *out = (struct package){ .id = s->next_package };
    sightings_add(&out->sightings, seen);
    return insert(s, arn, out, added, e) && (*added || store_package(s, arn, out, e));
}

bool
store_package_keep(struct store *s, struct str arn, struct package *p, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_PACKAGE_KEEP);
    char text[SIGHTINGS_TEXT_SIZE];
    bool inserted;

    if (p->is_new) {
        p->is_new = false;
        return insert(s, arn, p, &inserted, e);
    }
    bind_int(q, ":id", p->id);
    bind_text(q, ":sightings", sightings_write(&p->sightings, text));
    return statement_run(s, q, NULL, e) || error_while(e, "package %lld", (long long)p->id);
}

bool
store_package_arn(struct store *s, int64_t id, char *buf, size_t size, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_PACKAGE_ARN);
    bool row, ok;

    bind_int(q, ":id", id);
    if (!statement_step(s, q, &row, e))
        return false;
    if (!row)
        return error_set(e, ERROR_NOT_FOUND, "no package %lld", (long long)id);
    ok = str_copy(buf, size, column_str(q, 0)) ||
         error_set(e, ERROR_STORAGE, "package %lld: its ARN is too long", (long long)id);
    statement_end(q);
    return ok;
}

bool
store_package_is_approved(struct store *s, struct str arn, bool *known, struct error *e)
{
    struct package p;
    bool found;

    e->kind = ERROR_NONE;
    *known = false;
    if (!find(s, arn, &found, &p, e))
        return false;
    *known = found && sightings_approved(&p.sightings);
    return true;
}

bool
store_package_deployments(struct store *s, int64_t package_id, int64_t *ids, size_t max,
                          size_t *count, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_PACKAGE_DEPLOYMENTS);

    bind_int(q, ":package_id", package_id);
    for (*count = 0;; (*count)++) {
        bool row;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        if (*count < max)
            ids[*count] = sqlite3_column_int64(q, 0);
    }
}
