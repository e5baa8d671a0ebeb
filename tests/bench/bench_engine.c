/*
 * bench_engine: deployments a second from event to approval gate, five durable
 * steps each, beside the bare SQLite floor.
 *
 *     bench_engine [--folder DIR] [--deployments N] [--in-flight N] [--per-commit N]
 *                  [--pairs N] [--documents 1]
 *
 * Both sides run in turns within one run; judge by the ratio, since the
 * machine drifts.  --per-commit 0 runs 100 and 1,000 facts a transaction.
 */
#include <stdio.h>
#include <stdlib.h>

#include "figures.h"
#include "floor.h"
#include "walk.h"

/* One of the two sides. */
struct side {
    void *self;
    void (*begin)(void *self);
    int64_t (*commit)(void *self);
    int64_t (*event)(void *self, int64_t n);
    void (*step)(void *self, int64_t id, int step);
};

struct plan {
    char path[4096];
    int64_t deployments, in_flight, per_commit, pairs;
    bool documents;
};

/* ---- driving -------------------------------------------------------------------------------- */

struct slot {
    int64_t id;
    int step; /* The next; WALK_STEPS: a new event. */
};

/* Leads all deployments to the gate, `in_flight` at a time; returns how many a second. */
static double
drive(const struct side *s, const struct plan *p, struct series *commits)
{
    struct slot *slots = xcalloc((size_t)p->in_flight, sizeof(*slots));
    int64_t started = 0, ended = 0, facts = 0, began = now_us();

    for (int64_t i = 0; i < p->in_flight; i++)
        slots[i].step = WALK_STEPS;
    s->begin(s->self);
    for (int64_t i = 0; ended < p->deployments; i = (i + 1) % p->in_flight) {
        struct slot *slot = &slots[i];

        if (slot->step < WALK_STEPS) {
            s->step(s->self, slot->id, slot->step++);
            ended += slot->step == WALK_STEPS;
        } else if (started < p->deployments) {
            *slot = (struct slot){ s->event(s->self, EVENT_NUMBER_MIN + started++), 0 };
        } else {
            continue;
        }
        if (++facts % p->per_commit == 0 || ended == p->deployments) {
            series_add(commits, (double)s->commit(s->self));
            if (ended < p->deployments)
                s->begin(s->self);
        }
    }
    free(slots);
    return (double)p->deployments * 1e6 / (double)(now_us() - began);
}

/* ---- the two sides -------------------------------------------------------------------------- */

static void
engine_begin(void *self)
{
    walk_begin(self);
}

static int64_t
engine_commit(void *self)
{
    return walk_commit(self);
}

static int64_t
engine_event(void *self, int64_t n)
{
    return walk_event(self, n);
}

static void
engine_step(void *self, int64_t id, int step)
{
    walk_step(self, id, step);
}

static double
run_engine(const struct plan *p, struct series *commits)
{
    struct walk w;
    struct side s = { &w, engine_begin, engine_commit, engine_event, engine_step };
    double rate;

    walk_delete(p->path);
    walk_open(&w, p->path, p->deployments);
    w.documents = p->documents;
    rate = drive(&s, p, commits);
    walk_close(&w);
    walk_delete(p->path);
    return rate;
}

static void
bare_begin(void *self)
{
    floor_begin(self);
}

static int64_t
bare_commit(void *self)
{
    return floor_commit(self);
}

static int64_t
bare_event(void *self, int64_t n)
{
    return floor_event(self, n);
}

static void
bare_step(void *self, int64_t id, int step)
{
    floor_step(self, id, step);
}

static double
run_floor(const struct plan *p, struct series *commits)
{
    struct floor *f;
    struct side s = { NULL, bare_begin, bare_commit, bare_event, bare_step };
    double rate;

    walk_delete(p->path);
    s.self = f = floor_open(p->path);
    rate = drive(&s, p, commits);
    floor_close(f);
    walk_delete(p->path);
    return rate;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void
tell(const char *what, struct series *rates, struct series *commits)
{
    double rate = series_percentile(rates, 50);

    printf("  %-8s %9.0f %11.0f %11.2f %9.2f %9.2f\n", what, rate, rate * WALK_STEPS,
           series_percentile(commits, 50) / 1000, series_percentile(commits, 99) / 1000,
           series_percentile(commits, 100) / 1000);
}

static void
compare(const struct plan *p)
{
    struct series engine = { 0 }, bare = { 0 }, ratios = { 0 };
    struct series engine_commits = { 0 }, bare_commits = { 0 };

    for (int64_t i = 0; i < p->pairs; i++) {
        double e = run_engine(p, &engine_commits), f = run_floor(p, &bare_commits);

        series_add(&engine, e);
        series_add(&bare, f);
        series_add(&ratios, e / f);
        fprintf(stderr, "pair %lld: engine %.0f, floor %.0f deployments/s, ratio %.2f\n",
                (long long)i + 1, e, f, e / f);
    }
    printf("%lld deployments, %lld in flight, %lld facts a commit, %lld pairs\n",
           (long long)p->deployments, (long long)p->in_flight, (long long)p->per_commit,
           (long long)p->pairs);
    printf("  %-8s %9s %11s %11s %9s %9s\n", "", "depl./s", "steps/s", "commit p50", "p99",
           "max ms");
    tell("engine", &engine, &engine_commits);
    tell("floor", &bare, &bare_commits);
    printf("  engine/floor %.2f (median of pairs)\n", series_percentile(&ratios, 50));
    series_free(&engine);
    series_free(&bare);
    series_free(&ratios);
    series_free(&engine_commits);
    series_free(&bare_commits);
}

int
main(int argc, char **argv)
{
    const char *folder = option_text(argc, argv, "--folder", ".");
    int64_t per_commit = option_int(argc, argv, "--per-commit", 0);
    struct plan p = { .deployments = option_int(argc, argv, "--deployments", 100000),
                      .in_flight = option_int(argc, argv, "--in-flight", 1000),
                      .pairs = option_int(argc, argv, "--pairs", 5),
                      .documents = option_int(argc, argv, "--documents", 0) != 0 };

    if (p.deployments < 1 || p.deployments > EVENT_NUMBER_MAX - EVENT_NUMBER_MIN ||
        p.in_flight < 1 || p.pairs < 1) {
        fprintf(stderr, "bench_engine: deployments 1..%d, in-flight and pairs at least 1\n",
                EVENT_NUMBER_MAX - EVENT_NUMBER_MIN);
        return 2;
    }
    snprintf(p.path, sizeof(p.path), "%s/bench_engine.db", folder);
    printf("fdatasync of a 4 KiB append: %.0f a second\n", floor_fdatasync_rate(folder));
    for (int64_t size = per_commit != 0 ? per_commit : 100;
         size <= (per_commit != 0 ? per_commit : 1000); size *= 10) {
        p.per_commit = size;
        compare(&p);
    }
    return EXIT_SUCCESS;
}
