#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event_text.h"
#include "figures.h"
#include "slipway/store.h"

enum {
    BEGIN,
    COMMIT,
    PACKAGE,
    DEPLOYMENT,
    UPDATE,
    OPEN_ORDER,
    CLOSE_ORDER,
    HISTORY,
    STATEMENTS,
};

static const char *const SQL[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [PACKAGE] = "INSERT INTO package (id, arn, sightings) VALUES (?, ?, '+1771952413')",
    [DEPLOYMENT] = "INSERT INTO deployment (id, package_id, approved_s, rank, pipeline, state,"
                   " stage, entered_ms, deadline_ms, order_id, wave_count, received_ms,"
                   " history_seq) VALUES (?1, ?1, 1771952413, ?1, 'digits', 'received',"
                   " 'received', 1772000000000, 1772043200000, ?2, 2, 1772000000000, ?2)",
    [UPDATE] = "UPDATE deployment SET digest = ?2, state = ?3, stage = ?4,"
               " entered_ms = 1772000000000, deadline_ms = 1772043200000, revision = revision + 1,"
               " order_id = ?5, generation = 0, attempts = 1, wave = 0, wave_state = 'none',"
               " wave_since_ms = 0, approvals = 0, planned = 0, withdrawn = 0, reason = ?6,"
               " history_seq = ?5 WHERE id = ?1",
    [OPEN_ORDER] = "INSERT INTO outbox (id, deployment_id, kind, due_ms)"
                   " VALUES (?1, ?2, ?3, 1772000000000)",
    [CLOSE_ORDER] = "DELETE FROM outbox WHERE id = ?1",
    [HISTORY] = "INSERT INTO history (seq, deployment_id, previous, at_ms, fact, from_state,"
                " to_state, order_id, actor, detail, hash) VALUES (?1, ?2, ?3, 1772000000000,"
                " 'work-done', ?4, ?5, ?3, '', ?6, ?7)",
};

struct floor {
    sqlite3 *db;
    sqlite3_stmt *q[STATEMENTS];
    int64_t next_id, next_seq;
    int64_t *last_seq; /* Of each deployment: its order and its newest record. */
    size_t room;
};

static void
refuse(struct floor *f, const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, sqlite3_errmsg(f->db));
    exit(EXIT_FAILURE);
}

static void
run(struct floor *f, int which)
{
    if (sqlite3_step(f->q[which]) != SQLITE_DONE)
        refuse(f, SQL[which]);
    sqlite3_reset(f->q[which]);
}

static void
bind_text(sqlite3_stmt *q, int at, const char *text)
{
    sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

/* ---- life ----------------------------------------------------------------------------------- */

struct floor *
floor_open(const char *path)
{
    struct floor *f = xcalloc(1, sizeof(*f));
    struct error e;
    struct store *s = store_open(path, &e); /* Makes the schema. */

    need(s != NULL, &e);
    store_close(s);
    if (sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(f->db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 20000;",
                     NULL, NULL, NULL) != SQLITE_OK)
        refuse(f, "open");
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(f->db, SQL[i], -1, SQLITE_PREPARE_PERSISTENT, &f->q[i], NULL) !=
            SQLITE_OK)
            refuse(f, SQL[i]);
    f->next_id = f->next_seq = 1;
    return f;
}

void
floor_close(struct floor *f)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(f->q[i]);
    sqlite3_close(f->db);
    free(f->last_seq);
    free(f);
}

void
floor_begin(struct floor *f)
{
    run(f, BEGIN);
}

int64_t
floor_commit(struct floor *f)
{
    int64_t began = now_us();

    run(f, COMMIT);
    return now_us() - began;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static void
open_order(struct floor *f, int64_t seq, int64_t id, const char *kind)
{
    sqlite3_bind_int64(f->q[OPEN_ORDER], 1, seq);
    sqlite3_bind_int64(f->q[OPEN_ORDER], 2, id);
    bind_text(f->q[OPEN_ORDER], 3, kind);
    run(f, OPEN_ORDER);
}

static void
record(struct floor *f, int64_t id, const char *from, const char *to, const char *detail)
{
    static const unsigned char HASH[32];
    sqlite3_stmt *q = f->q[HISTORY];

    sqlite3_bind_int64(q, 1, f->next_seq);
    sqlite3_bind_int64(q, 2, id);
    sqlite3_bind_int64(q, 3, f->last_seq[id]);
    bind_text(q, 4, from);
    bind_text(q, 5, to);
    bind_text(q, 6, detail);
    sqlite3_bind_blob(q, 7, HASH, sizeof(HASH), SQLITE_STATIC);
    run(f, HISTORY);
    f->last_seq[id] = f->next_seq++;
}

int64_t
floor_event(struct floor *f, int64_t n)
{
    int64_t id = f->next_id++;
    char arn[128];

    if ((size_t)id >= f->room) {
        f->room = f->room > 0 ? f->room * 2 : 1024;
        f->last_seq = xrealloc(f->last_seq, f->room * sizeof(f->last_seq[0]));
    }
    f->last_seq[id] = 0;
    snprintf(arn, sizeof(arn), EVENT_ARN_HEAD "%06lld", (long long)n);
    sqlite3_bind_int64(f->q[PACKAGE], 1, id);
    bind_text(f->q[PACKAGE], 2, arn);
    run(f, PACKAGE);
    sqlite3_bind_int64(f->q[DEPLOYMENT], 1, id);
    sqlite3_bind_int64(f->q[DEPLOYMENT], 2, f->next_seq);
    run(f, DEPLOYMENT);
    open_order(f, f->next_seq, id, "confirm");
    record(f, id, "", "received", "{\"order\":\"confirm\"}");
    return id;
}

void
floor_step(struct floor *f, int64_t id, int step)
{
    static const char DIGEST[] = "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea";
    static const char RECORD[] =
        "{\"digest\":\"3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea\","
        "\"order\":\"twin-deploy\"}";
    static const char JUDGED[] =
        "{\"reason\":\"6 gates passed: accuracy 0.9867, p99 3.2 us\",\"order\":\"plan\"}";
    static const struct {
        const char *from, *to, *order, *detail;
    } STEPS[] = {
        { "received", "compiling", "compile", "{\"order\":\"compile\"}" },
        { "compiling", "packaging", "package", "{\"order\":\"package\"}" },
        { "packaging", "twin-deploying", "twin-deploy", RECORD },
        { "twin-deploying", "twin-testing", "twin-test", "{\"order\":\"twin-test\"}" },
        { "twin-testing", "awaiting-approval", "plan", JUDGED },
    };
    int64_t seq = f->next_seq;
    sqlite3_stmt *q = f->q[UPDATE];

    sqlite3_bind_int64(f->q[CLOSE_ORDER], 1, f->last_seq[id]);
    run(f, CLOSE_ORDER);
    open_order(f, seq, id, STEPS[step].order);
    sqlite3_bind_int64(q, 1, id);
    bind_text(q, 2, step >= 2 ? DIGEST : "");
    bind_text(q, 3, STEPS[step].to);
    bind_text(q, 4, STEPS[step].from);
    sqlite3_bind_int64(q, 5, seq);
    bind_text(q, 6, step == 4 ? "6 gates passed: accuracy 0.9867, p99 3.2 us" : "");
    run(f, UPDATE);
    record(f, id, STEPS[step].from, STEPS[step].to, STEPS[step].detail);
}

/* ---- the disk ------------------------------------------------------------------------------- */

double
floor_fdatasync_rate(const char *folder)
{
    char path[4096], block[4096];
    int64_t began, syncs = 0;
    int fd;

    memset(block, 'x', sizeof(block));
    snprintf(path, sizeof(path), "%s/fdatasync.bin", folder);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (began = now_us(); fd >= 0 && now_us() - began < 1000000; syncs++)
        if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block) || fdatasync(fd) != 0)
            break;
    if (fd < 0 || now_us() - began < 1000000) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    close(fd);
    unlink(path);
    return (double)syncs * 1e6 / (double)(now_us() - began);
}
