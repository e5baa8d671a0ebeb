#include "slipway/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "migrate.h"
#include "statement.h"

static bool
run(struct store *s, const char *sql, struct error *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_refused(s, e);
}

/* ---- opening -------------------------------------------------------------------------------- */

static bool
prepare_all(struct store *s, struct error *e)
{
    for (int i = 0; i < QUERY_COUNT; i++) {
        if (sqlite3_prepare_v3(s->db, query_text[i], -1, SQLITE_PREPARE_PERSISTENT, &s->query[i],
                               NULL) != SQLITE_OK) {
            store_refused(s, e);
            return error_while(e, "prepare %s", query_name[i]);
        }
    }
    return true;
}

/* The pragma answers with the mode it really has: a filesystem without shared memory says "delete".
 */
static bool
use_wal(struct store *s, struct error *e)
{
    sqlite3_stmt *q;
    bool wal;

    if (sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &q, NULL) != SQLITE_OK)
        return store_refused(s, e);
    wal = sqlite3_step(q) == SQLITE_ROW && strcmp(column_text(q, 0), "wal") == 0;
    sqlite3_finalize(q);
    return wal || error_set(e, ERROR_STORAGE,
                            "the filesystem cannot keep a write-ahead log; use a local one");
}

static bool
configure(struct store *s, struct error *e)
{
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, 5000);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return run(s,
               "PRAGMA synchronous = FULL;"
               "PRAGMA foreign_keys = OFF;" /* Checked by the code that writes, not per row. */
               "PRAGMA trusted_schema = OFF;"
               "PRAGMA cell_size_check = ON;"
               "PRAGMA cache_size = -65536;"
               "PRAGMA wal_autocheckpoint = 20000;"
               "PRAGMA journal_size_limit = 67108864;",
               e);
}

/* An advisory lock on a file beside the database; it goes with the process, however that ends. */
static bool
lock_out_others(struct store *s, const char *path, struct error *e)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct buf name = { .max = 4096 };

    buf_printf(&name, "%s.lock", path);
    s->lock = open(buf_str(&name).at, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    buf_free(&name);
    if (s->lock < 0)
        return error_set(e, ERROR_STORAGE, "lock file: %s", strerror(errno));
    if (fcntl(s->lock, F_SETLK, &whole) == 0)
        return true;
    if (errno == EACCES || errno == EAGAIN)
        return error_set(e, ERROR_CONFLICT, "another slipwayd has this store open; stop it first");
    return error_set(e, ERROR_STORAGE, "lock file: %s", strerror(errno));
}

static bool
open_file(struct store *s, const char *path, int flags, struct error *e)
{
    if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
        return true;
    return store_refused(s, e);
}

static struct store *
store_new(void)
{
    struct store *s = xcalloc(1, sizeof(*s));

    assert(sqlite3_libversion_number() >= 3037000); /* STRICT tables */
    s->lock = -1;
    return s;
}

struct store *
store_open(const char *path, struct error *e)
{
    struct store *s = store_new();
    bool in_memory = strcmp(path, ":memory:") == 0;

    if ((in_memory || lock_out_others(s, path, e)) &&
        open_file(s, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e) && configure(s, e) &&
        (in_memory || use_wal(s, e)) && migrate(s->db, e) && prepare_all(s, e) &&
        store_read_ends(s, e))
        return s;
    error_while(e, "store \"%s\"", path);
    store_close(s);
    return NULL;
}

struct store *
store_open_readonly(const char *path, struct error *e)
{
    struct store *s = store_new();

    if (access(path, R_OK) != 0)
        error_set(e, ERROR_NOT_FOUND, "%s", strerror(errno));
    else if (open_file(s, path, SQLITE_OPEN_READONLY, e) &&
             run(s, "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000;", e) &&
             migrate_check(s->db, e) && prepare_all(s, e) && store_read_ends(s, e))
        return s;
    error_while(e, "store \"%s\"", path);
    store_close(s);
    return NULL;
}

void
store_close(struct store *s)
{
    if (s == NULL)
        return;
    if (s->open)
        store_undo(s);
    statement_forget_places();
    for (int i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(s->query[i]);
    sqlite3_close(s->db);
    if (s->lock >= 0)
        close(s->lock);
    free(s);
}

/* ---- transactions --------------------------------------------------------------------------- */

bool
store_begin(struct store *s, struct error *e)
{
    assert(!s->open);
    s->open = statement_run(s, statement(s, QUERY_TURN_BEGIN), NULL, e);
    return s->open || error_while(e, "begin");
}

bool
store_commit(struct store *s, struct error *e)
{
    assert(s->open);
    if (!statement_run(s, statement(s, QUERY_TURN_COMMIT), NULL, e))
        return error_while(e, "commit");
    s->open = false;
    return true;
}

void
store_undo(struct store *s)
{
    struct error ignored;

    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->open = false;
    (void)!store_read_ends(s, &ignored);
}

void
store_checkpoint(struct store *s)
{
    assert(!s->open);
    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* ---- the ends of the tables ----------------------------------------------------------------- */

static bool
read_max(struct store *s, const char *sql, int64_t *next, struct error *e)
{
    sqlite3_stmt *q;
    bool ok;

    if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK)
        return store_refused(s, e);
    ok = sqlite3_step(q) == SQLITE_ROW || store_refused(s, e);
    *next = ok ? sqlite3_column_int64(q, 0) + 1
               : 0; /* Of no row the maximum is NULL, which is 0. */
    sqlite3_finalize(q);
    return ok;
}

static bool
read_head(struct store *s, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_HISTORY_LAST);
    bool row;

    s->next_seq = 1;
    s->newest_ms = 0;
    memset(s->head, 0, sizeof(s->head));
    if (!statement_step(s, q, &row, e))
        return false;
    if (!row)
        return true;
    s->next_seq = sqlite3_column_int64(q, 0) + 1;
    if (sqlite3_column_bytes(q, 1) == (int)sizeof(s->head))
        memcpy(s->head, sqlite3_column_blob(q, 1), sizeof(s->head));
    s->newest_ms = sqlite3_column_int64(q, 2);
    statement_end(q);
    return true;
}

int64_t
store_newest_ms(const struct store *s)
{
    return s->newest_ms;
}

static bool
count_states(struct store *s, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_VIEW_STATES);
    bool row;

    memset(s->in_state, 0, sizeof(s->in_state));
    for (;;) {
        enum state state;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        if (state_parse(column_str(q, 0), &state))
            s->in_state[state] = sqlite3_column_int64(q, 1);
    }
}

bool
store_read_ends(struct store *s, struct error *e)
{
    return read_max(s, "SELECT max(id) FROM package", &s->next_package, e) &&
           read_max(s, "SELECT max(id) FROM deployment", &s->next_deployment, e) &&
           read_head(s, e) && count_states(s, e);
}
