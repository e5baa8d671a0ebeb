#include "migrate.h"

#include "schema.h"

/* "slip" in ASCII: tells our files from other programs'. */
#define APPLICATION_ID 0x736c6970

static bool
read_pragma(sqlite3 *db, const char *sql, int *value, struct error *e)
{
    sqlite3_stmt *q;

    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
        return error_set(e, ERROR_STORAGE, "%s", sqlite3_errmsg(db));
    *value = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int(q, 0) : 0;
    sqlite3_finalize(q);
    return true;
}

/* `*version` is how many scripts the file has seen; false if it is not ours or newer. */
static bool
read_version(sqlite3 *db, int *version, struct error *e)
{
    int id = 0, objects = 0;

    if (!read_pragma(db, "PRAGMA application_id", &id, e) ||
        !read_pragma(db, "PRAGMA user_version", version, e) ||
        !read_pragma(db, "SELECT count(*) FROM sqlite_schema", &objects, e))
        return false;
    if (id != APPLICATION_ID && (id != 0 || *version != 0 || objects != 0))
        return error_set(e, ERROR_INVALID, "this is the database of another program");
    if (*version > SCHEMA_COUNT)
        return error_set(e, ERROR_INVALID,
                         "written by a newer slipway (schema %d, this one knows %d); upgrade",
                         *version, SCHEMA_COUNT);
    return true;
}

bool
migrate(sqlite3 *db, struct error *e)
{
    int version = 0;

    if (!read_version(db, &version, e))
        return false;
    for (; version < SCHEMA_COUNT; version++) {
        char *script = sqlite3_mprintf("BEGIN IMMEDIATE; %s; PRAGMA application_id = %d; "
                                       "PRAGMA user_version = %d; COMMIT;",
                                       schema_text[version], APPLICATION_ID, version + 1);
        int code = sqlite3_exec(db, script, NULL, NULL, NULL);

        sqlite3_free(script);
        if (code != SQLITE_OK) {
            error_set(e, ERROR_STORAGE, "%s", sqlite3_errmsg(db));
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
            return error_while(e, "migrate to %s", schema_name[version]);
        }
    }
    return true;
}

bool
migrate_check(sqlite3 *db, struct error *e)
{
    int version = 0;

    if (!read_version(db, &version, e))
        return false;
    return version == SCHEMA_COUNT ||
           error_set(e, ERROR_INVALID,
                     "schema %d is older than this slipway's %d; start slipwayd once", version,
                     SCHEMA_COUNT);
}
