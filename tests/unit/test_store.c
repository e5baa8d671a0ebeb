/* links: slipway_store slipway_rules PkgConfig::sqlite */
/* What the store promises: all or nothing, once, in order, and nothing read by scanning. */
#include "suite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "slipway/json.h"
#include "slipway/store_views.h"

#include "query.h"
#include "schema.h"

static char folder[] = "/tmp/slipway-store-XXXXXX";
static char path[64];
static struct error e;

static const struct policy POLICY = { .stage_timeout_ms = 60000, .wave_count = 2 };

static struct store *
begin(void)
{
    struct store *s;

    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/db", folder);
    s = store_open(path, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    return s;
}

static void
end(struct store *s)
{
    char command[128];
    static const char *const ENDINGS[] = { "", "-wal", "-shm", ".lock" };

    store_close(s);
    for (size_t i = 0; i < ARRAY_LEN(ENDINGS); i++) {
        snprintf(command, sizeof(command), "%s%s", path, ENDINGS[i]);
        unlink(command);
    }
    rmdir(folder);
}

static void
ok(bool worked)
{
    ck_assert_msg(worked, "%s", e.text);
}

static struct deployment
add(struct store *s, const char *arn, int64_t approved_s)
{
    struct deployment d = pipeline_begin(&POLICY, 1000);
    struct package p;

    ok(store_package(s, str_of(arn), &p, &e));
    sightings_add(&p.sightings, (struct sighting){ approved_s, SEEN_APPROVED });
    ok(store_package_keep(s, str_of(arn), &p, &e));
    d.package_id = p.id;
    d.approved_s = approved_s;
    d.rank = registry_rank(approved_s, 1);
    strcpy(d.pipeline, "digits");
    ok(store_add(s, &d, 1000, &e));
    return d;
}

static struct deployment
learn(struct store *s, int64_t id, struct fact f)
{
    struct deployment d;
    struct decision decision;

    ok(store_load(s, id, &d, &e));
    f.deployment_id = id;
    f.at_ms = 2000;
    decision = pipeline_decide(&d, &f, &POLICY);
    ck_assert(decision.applies);
    ok(store_apply(s, &d, &f, &decision, 2000, &e));
    ok(store_load(s, id, &d, &e));
    return d;
}

START_TEST(what_is_committed_is_there_again)
{
    struct store *s = begin();
    struct deployment d;
    struct order o;

    ok(store_begin(s, &e));
    d = add(s, "arn:a/1", 100);
    ok(store_commit(s, &e));
    store_close(s);
    s = store_open(path, &e);
    ok(s != NULL);
    ok(store_load(s, d.id, &d, &e));
    ck_assert_int_eq(d.state, RECEIVED);
    ck_assert_int_eq(d.deadline_ms, 61000);
    ok(store_order(s, d.order_id, &o, NULL, &e));
    ck_assert_int_eq(o.kind, ORDER_CONFIRM);
    end(s);
}
END_TEST

START_TEST(what_is_undone_was_never_there)
{
    struct store *s = begin();
    struct deployment d;
    struct store_counts counts;
    int64_t records;

    ok(store_begin(s, &e));
    d = add(s, "arn:a/1", 100);
    ok(store_commit(s, &e));
    ok(store_begin(s, &e));
    add(s, "arn:a/2", 100);
    learn(s, d.id, (struct fact){ .kind = FACT_CONFIRMED });
    store_undo(s);
    ok(store_load(s, d.id, &d, &e));
    ck_assert_int_eq(d.state, RECEIVED);
    ok(view_counts(s, &counts, &e));
    ck_assert_int_eq(counts.deployments[RECEIVED], 1);
    ok(store_begin(s, &e));
    learn(s, d.id, (struct fact){ .kind = FACT_CONFIRMED });
    ok(store_commit(s, &e));
    ok(view_verify_audit(s, NULL, &records, NULL, &e));
    ck_assert_int_eq(records, 2);
    end(s);
}
END_TEST

START_TEST(an_order_closes_with_the_fact_that_answers_it)
{
    struct store *s = begin();
    struct deployment d, after;
    struct order o;

    ok(store_begin(s, &e));
    d = add(s, "arn:a/1", 100);
    after = learn(s, d.id, (struct fact){ .kind = FACT_CONFIRMED, .order_id = d.order_id });
    ok(store_commit(s, &e));
    ck_assert(!store_order(s, d.order_id, &o, NULL, &e));
    ck_assert_int_eq(e.kind, ERROR_NOT_FOUND);
    ok(store_order(s, after.order_id, &o, NULL, &e));
    ck_assert_int_eq(o.kind, ORDER_COMPILE);
    end(s);
}
END_TEST

START_TEST(a_lost_race_is_a_conflict)
{
    struct store *s = begin();
    struct deployment d;
    struct fact f = { .kind = FACT_CONFIRMED, .at_ms = 2000 };
    struct decision decision;

    ok(store_begin(s, &e));
    d = add(s, "arn:a/1", 100);
    f.deployment_id = d.id;
    learn(s, d.id, f);
    decision = pipeline_decide(&d, &f, &POLICY);
    ck_assert(!store_apply(s, &d, &f, &decision, 2000, &e));
    ck_assert_int_eq(e.kind, ERROR_CONFLICT);
    ck_assert_str_eq(e.text, "deployment 1 learns confirmed: it has moved on since revision 0");
    store_undo(s);
    end(s);
}
END_TEST

START_TEST(a_second_writer_is_kept_out)
{
    struct store *s = begin();
    struct store *reader;

    /* The lock is the process's: another process must ask. */
    if (fork() == 0)
        _exit(store_open(path, &e) == NULL && e.kind == ERROR_CONFLICT ? 0 : 1);
    else {
        int status;

        wait(&status);
        ck_assert_int_eq(status, 0);
    }
    reader = store_open_readonly(path, &e);
    ck_assert_msg(reader != NULL, "%s", e.text);
    ck_assert(!store_begin(reader, &e) || !store_document_keep(reader, 1, "x", STR("y"), &e));
    store_close(reader);
    end(s);
}
END_TEST

START_TEST(a_newer_schema_and_a_foreign_file_are_refused_untouched)
{
    struct store *s = begin();
    sqlite3 *db;

    store_close(s);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    ck_assert(store_open(path, &e) == NULL);
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    ck_assert_msg(strstr(e.text, "newer slipway") != NULL, "%s", e.text);
    sqlite3_exec(db, "PRAGMA user_version = 1; PRAGMA application_id = 5", NULL, NULL, NULL);
    ck_assert(store_open(path, &e) == NULL);
    ck_assert_msg(strstr(e.text, "another program") != NULL, "%s", e.text);
    sqlite3_close(db);
    end(NULL);
}
END_TEST

/* ---- the chain ------------------------------------------------------------------------------ */

static void
tamper(const char *sql)
{
    sqlite3 *db;
    char *text = NULL;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "DROP TRIGGER history_keeps; DROP TRIGGER history_stays", NULL, NULL, NULL);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &text) == SQLITE_OK, "%s", text);
    sqlite3_close(db);
}

static void
find_tampering(const char *sql, const char *expected)
{
    struct store *s = begin();
    char head[65];
    int64_t records;

    ok(store_begin(s, &e));
    for (int i = 0; i < 5; i++) {
        char arn[32];

        snprintf(arn, sizeof(arn), "arn:a/%d", i);
        learn(s, add(s, arn, 100).id, (struct fact){ .kind = FACT_CONFIRMED, .reason = "sure" });
    }
    ok(store_commit(s, &e));
    ok(view_verify_audit(s, NULL, &records, head, &e));
    ck_assert_int_eq(records, 10);
    ok(view_verify_audit(s, head, &records, NULL, &e));
    store_close(s);
    tamper(sql);
    s = store_open_readonly(path, &e);
    ok(s != NULL);
    ck_assert_msg(!view_verify_audit(s, head, &records, NULL, &e), "%s is not found", sql);
    ck_assert_msg(strstr(e.text, expected) != NULL, "%s: %s", sql, e.text);
    end(s);
}

START_TEST(a_changed_removed_moved_or_cut_history_is_found)
{
    find_tampering("UPDATE history SET detail = '{}' WHERE seq = 4", "record 4 was changed");
    find_tampering("UPDATE history SET actor = 'eve' WHERE seq = 1", "record 1 was changed");
    find_tampering("DELETE FROM history WHERE seq = 6", "record 6 is missing");
    find_tampering("UPDATE history SET seq = 0 WHERE seq = 3; UPDATE history SET seq = 3 WHERE seq "
                   "= 5; UPDATE history SET seq = 5 WHERE seq = 0",
                   "record 3 was changed");
    find_tampering("DELETE FROM history WHERE seq > 8", "cut after record 8");
}
END_TEST

START_TEST(the_history_refuses_to_be_changed)
{
    struct store *s = begin();
    sqlite3 *db;

    ok(store_begin(s, &e));
    add(s, "arn:a/1", 100);
    ok(store_commit(s, &e));
    store_close(s);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_ne(sqlite3_exec(db, "UPDATE history SET actor = 'x'", NULL, NULL, NULL), 0);
    ck_assert_int_ne(sqlite3_exec(db, "DELETE FROM history", NULL, NULL, NULL), 0);
    sqlite3_close(db);
    end(NULL);
}
END_TEST

/* ---- people, holds, quarantine -------------------------------------------------------------- */

START_TEST(a_message_id_is_good_once)
{
    struct store *s = begin();
    struct signed_decision d = { .deployment_id = 1,
                                 .approver = "alice",
                                 .decision = "approve",
                                 .digest = "d",
                                 .counts = true,
                                 .message_id = "m1",
                                 .signature = "v1,x",
                                 .body = STR("{}") };
    enum decision_novelty novelty;

    ok(store_begin(s, &e));
    ok(store_decision(s, &d, 1, &novelty, &e));
    ck_assert_int_eq(novelty, DECISION_NEW);
    ok(store_decision(s, &d, 2, &novelty, &e));
    ck_assert_int_eq(novelty, DECISION_REPEATED);
    d.body = STR("{ }");
    ok(store_decision(s, &d, 3, &novelty, &e));
    ck_assert_int_eq(novelty, DECISION_REPLAYED);
    d.message_id = "m2";
    ok(store_decision(s, &d, 4, &novelty, &e));
    ck_assert_int_eq(novelty, DECISION_SAME_PERSON);
    ok(store_messages_forget(s, 4, &e));
    d.approver = "bob";
    d.message_id = "m1";
    ok(store_decision(s, &d, 5, &novelty, &e));
    ck_assert_int_eq(novelty, DECISION_NEW);
    ok(store_commit(s, &e));
    end(s);
}
END_TEST

START_TEST(one_deployment_holds_a_thing_group)
{
    struct store *s = begin();
    int64_t holder;

    ok(store_begin(s, &e));
    ok(store_hold(s, "line-a", 1, &holder, &e));
    ck_assert_int_eq(holder, 1);
    ok(store_hold(s, "line-a", 2, &holder, &e));
    ck_assert_int_eq(holder, 1);
    ok(store_release(s, 1, &e));
    ok(store_hold(s, "line-a", 2, &holder, &e));
    ck_assert_int_eq(holder, 2);
    ok(store_commit(s, &e));
    end(s);
}
END_TEST

static void
count_quarantined(void *cookie, const struct quarantine_view *q)
{
    int64_t *seen = cookie;

    seen[0]++;
    seen[1] += q->times;
}

START_TEST(the_quarantine_is_bounded_and_counts_copies)
{
    struct store *s = begin();
    int64_t seen[2] = { 0 };

    ok(store_begin(s, &e));
    for (int i = 0; i < 20; i++) {
        char body[8];

        snprintf(body, sizeof(body), "%d", i);
        ok(store_quarantine(s, str_of(body), "not JSON", i, 10, &e));
    }
    ok(store_quarantine(s, STR("19"), "not JSON", 99, 10, &e));
    ok(store_quarantine(s, STR("a\0b"), "a NUL", 99, 10, &e));
    ok(store_commit(s, &e));
    ok(view_quarantine(s, 100, count_quarantined, seen, &e));
    ck_assert_int_le(seen[0], 10);
    ck_assert_int_eq(seen[1], seen[0] + 1);
    end(s);
}
END_TEST

START_TEST(older_versions_make_way_at_the_gate)
{
    struct store *s = begin();
    struct deployment a, b;
    int64_t ids[4];
    size_t count;
    bool newer;

    ok(store_begin(s, &e));
    a = add(s, "arn:a/1", 100);
    b = add(s, "arn:a/2", 200);
    ok(store_commit(s, &e));
    tamper("UPDATE deployment SET state = 'awaiting-approval'");
    ok(store_superseded(s, &b, SUPERSEDES_WAITING, ids, 4, &count, &e));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], a.id);
    ok(store_begin(s, &e));
    ok(store_lane_gate(s, &b, &e));
    ok(store_newer_reached_gate(s, &a, &newer, &e));
    ck_assert(newer);
    ok(store_lane_live(s, &b, &e));
    ok(store_superseded(s, &a, SUPERSEDES_LIVE, ids, 4, &count, &e));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ids[0], b.id);
    ok(store_commit(s, &e));
    end(s);
}
END_TEST

START_TEST(the_dump_does_not_tell_the_order_of_arrival)
{
    struct store *s = begin();
    struct buf one = { .max = 65536 }, two = { .max = 65536 };
    struct json_token tokens[256];
    struct json doc;

    ok(store_begin(s, &e));
    add(s, "arn:a/1", 100);
    add(s, "arn:a/2", 200);
    ok(store_commit(s, &e));
    ok(view_dump_canonical(s, &one, &e));
    ok(json_read(&doc, buf_str(&one), tokens, ARRAY_LEN(tokens), &e));
    end(s);
    s = begin();
    ok(store_begin(s, &e));
    add(s, "arn:a/2", 200);
    add(s, "arn:a/1", 100);
    ok(store_commit(s, &e));
    ok(view_dump_canonical(s, &two, &e));
    ck_assert_str_eq(one.at, two.at);
    buf_free(&one);
    buf_free(&two);
    end(s);
}
END_TEST

/* ---- the statements ------------------------------------------------------------------------- */

START_TEST(no_statement_reads_a_whole_table_unless_it_says_so)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    for (int i = 0; i < SCHEMA_COUNT; i++)
        ck_assert_int_eq(sqlite3_exec(db, schema_text[i], NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < QUERY_COUNT; i++) {
        char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", query_text[i]);
        bool says_so = strstr(query_text[i], "reads all") != NULL;
        bool bounded = strstr(query_text[i], "LIMIT") != NULL;
        sqlite3_stmt *q;

        ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK, "%s", query_name[i]);
        while (sqlite3_step(q) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(q, 3);

            ck_assert_msg(strncmp(step, "SCAN", 4) != 0 || says_so || bounded, "%s: %s",
                          query_name[i], step);
        }
        sqlite3_finalize(q);
        sqlite3_free(sql);
    }
    sqlite3_close(db);
}
END_TEST

START_TEST(a_package_is_added_once)
{
    struct store *s = store_open(":memory:", &e);
    struct sighting first = { 100, SEEN_APPROVED }, second = { 200, SEEN_REJECTED };
    struct package p, again;
    bool added;

    ok(store_begin(s, &e));
    ok(store_package_add(s, STR("arn:one"), first, &p, &added, &e));
    ck_assert(added && p.sightings.count == 1);
    ok(store_package_add(s, STR("arn:one"), second, &again, &added, &e));
    ck_assert(!added && again.id == p.id);
    ck_assert(again.sightings.count == 1 && again.sightings.items[0].at_s == 100);
    ok(store_package_add(s, STR("arn:two"), second, &again, &added, &e));
    ck_assert(added && again.id == p.id + 1);
    ok(store_commit(s, &e));
    store_close(s);
}
END_TEST

SUITE(store, a_package_is_added_once, what_is_committed_is_there_again,
      what_is_undone_was_never_there, an_order_closes_with_the_fact_that_answers_it,
      a_lost_race_is_a_conflict, a_second_writer_is_kept_out,
      a_newer_schema_and_a_foreign_file_are_refused_untouched,
      a_changed_removed_moved_or_cut_history_is_found, the_history_refuses_to_be_changed,
      a_message_id_is_good_once, one_deployment_holds_a_thing_group,
      the_quarantine_is_bounded_and_counts_copies, older_versions_make_way_at_the_gate,
      the_dump_does_not_tell_the_order_of_arrival,
      no_statement_reads_a_whole_table_unless_it_says_so)
