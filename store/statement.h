#ifndef SLIPWAY_STATEMENT_H
#define SLIPWAY_STATEMENT_H

/**
 * Statement: bind by name, step, read a column, always reset; and struct store.
 *
 * Private to store/.  A parameter name that the statement does not have is a
 * bug and asserts; names are string literals.  Bound texts are borrowed until the statement is
 * reset.
 */

#include <sqlite3.h>

#include "query.h"
#include "slipway/store.h"

struct store {
    sqlite3 *db;
    sqlite3_stmt *query[QUERY_COUNT]; /* All of them, prepared once, when we open. */
    int lock;                         /* Keeps a second writer out; -1: opened for reading. */
    bool open;                        /* A transaction is. */
    /* The next ids to give, and the end of the chain; read again when a transaction is undone. */
    int64_t next_package, next_deployment, next_seq;
    unsigned char head[32];
    int64_t newest_ms;             /* When the last record was made; 0: there is none. */
    int64_t in_state[STATE_COUNT]; /* Deployments in each state, kept as they move. */
};

/** The prepared statement `which`, ready to be bound. */
sqlite3_stmt *statement(struct store *s, enum query which) MUST_CHECK;

/** To be called before a statement is finalized: another may get its address. */
void statement_forget_places(void);

void bind_int(sqlite3_stmt *q, const char *parameter, int64_t value);
void bind_text(sqlite3_stmt *q, const char *parameter, const char *value);
void bind_str(sqlite3_stmt *q, const char *parameter, struct str value); /* NULL `at`: SQL NULL. */
void bind_blob(sqlite3_stmt *q, const char *parameter, const void *bytes, size_t len);

/** Runs a statement that gives no rows and resets it; `*changed`, if wanted, is how many it
 * changed. */
bool statement_run(struct store *s, sqlite3_stmt *q, int *changed, struct error *e) MUST_CHECK;

/** Steps to the next row; `*row` is false after the last, and the statement is reset then. */
bool statement_step(struct store *s, sqlite3_stmt *q, bool *row, struct error *e) MUST_CHECK;

/** Ends a statement before its last row. */
void statement_end(sqlite3_stmt *q);

/** A text column; valid until the next step. */
struct str column_str(sqlite3_stmt *q, int column) MUST_CHECK;
const char *column_text(sqlite3_stmt *q, int column) MUST_CHECK;

/** Fills `*e` in with what SQLite says; returns false. */
bool store_refused(struct store *s, struct error *e);

/** Reads the next ids and the end of the chain from the database. */
bool store_read_ends(struct store *s, struct error *e) MUST_CHECK;

#endif
