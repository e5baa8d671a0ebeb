/* links: simulation */
/*
 * The simulation: many small worlds, each from one seed, with everything that can go wrong.
 *
 *     sim_release                    seeds.txt, then worlds until 2,000 deployments have been seen
 *     SIM_RUNS=100000 sim_release    until that many have been seen, from FIRST_SEED on
 *     SIM_VIOLATIONS=1 sim_release   no further than the first violation
 *     SEED=17 sim_release            this one world, told step by step
 *
 * Prints how often each thing happened that must happen sometimes, and fails if one never did.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

enum { DUMP_MAX = 1 << 20 };

struct campaign {
    int64_t wanted, deployments, worlds, reordered, repeated;
    uint64_t first_seed, hash;
    int64_t violations;
    bool failed;
};

/* ---- one seed ------------------------------------------------------------------------------- */

static bool
run_world(struct campaign *c, uint64_t seed)
{
    struct run_plan plan = { .seed = seed };
    bool held;

    trace_begin();
    held = world_run(&plan);
    c->hash = mix(c->hash, trace_hash());
    c->deployments += plan.deployments;
    c->worlds++;
    return held;
}

/* The same seed does the same again, to the last line. */
static bool
run_again(struct campaign *c, uint64_t seed)
{
    struct run_plan plan = { .seed = seed };
    uint64_t first = trace_hash();

    trace_begin();
    if (!world_run(&plan))
        return false;
    c->repeated++;
    if (trace_hash() == first)
        return true;
    fprintf(stderr, "SEED=%" PRIu64 ": a second run of the same seed does something else\n", seed);
    return false;
}

static bool
dump_of(struct run_plan plan, struct buf *dump)
{
    dump->max = DUMP_MAX;
    plan.dump = dump;
    trace_begin();
    return world_run(&plan);
}

/* The end is a function of the set of events: neither their order nor copies of them matter. */
static bool
run_reordered(struct campaign *c, uint64_t seed, bool all_at_once)
{
    struct run_plan plan = { .seed = seed, .calm = true, .all_at_once = all_at_once };
    struct buf ordered = { .max = 0 }, shuffled = { .max = 0 };
    bool held, equal;

    held = dump_of(plan, &ordered);
    plan.shuffled = true;
    held = dump_of(plan, &shuffled) && held;
    equal = !held || strcmp(ordered.at, shuffled.at) == 0;
    if (!equal)
        fprintf(stderr, "SEED=%" PRIu64 ": another order of the events%s ends otherwise:\n%s\n%s\n",
                seed, all_at_once ? ", all at once," : "", ordered.at, shuffled.at);
    else if (held)
        sometimes(SOMETIMES_REORDERED_EQUAL);
    buf_free(&ordered);
    buf_free(&shuffled);
    c->reordered++;
    return held && equal;
}

static bool
run_seed(struct campaign *c, uint64_t seed)
{
    bool held = run_world(c, seed);

    if (held && seed % 16 == 0)
        held = run_again(c, seed);
    if (held && seed % 4 == 0)
        held = run_reordered(c, seed, seed % 8 == 0);
    c->violations += !held;
    c->failed = c->failed || !held;
    return held;
}

/* ---- the campaign --------------------------------------------------------------------------- */

/* Seeds that failed once; one a line, what follows it is for people. */
static void
run_kept_seeds(struct campaign *c, int64_t enough)
{
    FILE *f = fopen(SOURCE_DIR "/tests/simulation/seeds.txt", "r");
    char line[256];

    if (f == NULL) {
        fprintf(stderr, "%s/tests/simulation/seeds.txt cannot be read\n", SOURCE_DIR);
        exit(EXIT_FAILURE);
    }
    while (c->violations < enough && fgets(line, sizeof(line), f) != NULL) {
        char *rest;
        uint64_t seed = strtoull(line, &rest, 10);

        if (rest == line)
            continue;
        /* Kept seeds are few: each is looked at in every way. */
        if (run_seed(c, seed) && !(run_reordered(c, seed, true) && run_reordered(c, seed, false))) {
            c->violations++;
            c->failed = true;
        }
    }
    fclose(f);
}

static void
check_sometimes(struct campaign *c)
{
    for (int i = 0; i < SOMETIMES_COUNT; i++) {
        printf("%9" PRId64 "  %s\n", sometimes_count((enum sometimes)i),
               sometimes_words((enum sometimes)i));
        /* The last one is a gap that README.md tells of: it need not happen. */
        if (sometimes_count((enum sometimes)i) > 0 || i == SOMETIMES_WITHDRAWN_RESTORED)
            continue;
        c->failed = true;
        fprintf(stderr, "it never happened that %s\n", sometimes_words((enum sometimes)i));
    }
}

static int64_t
number_from(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL && text[0] != '\0' ? strtoll(text, NULL, 10) : otherwise;
}

static int
run_one(const char *seed)
{
    struct campaign c = { .wanted = 1 };
    uint64_t number = strtoull(seed, NULL, 10);
    bool held;

    trace_print(true);
    held = run_world(&c, number);
    printf("hash %016" PRIx64 "\n", c.hash);
    trace_print(false);
    held = run_reordered(&c, number, true) && held;
    held = run_reordered(&c, number, false) && held;
    return held ? EXIT_SUCCESS : EXIT_FAILURE;
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(void)
{
    int64_t normal = getenv("SLIPWAY_LONG") != NULL ? 20000 : 2000;
    struct campaign c = { .wanted = number_from("SIM_RUNS", normal),
                          .first_seed = (uint64_t)number_from("FIRST_SEED", 1) };
    int64_t enough = number_from("SIM_VIOLATIONS", 10);
    double began;

    if (getenv("SEED") != NULL)
        return run_one(getenv("SEED"));
    began = seconds();
    run_kept_seeds(&c, enough);
    for (uint64_t seed = c.first_seed; c.deployments < c.wanted && c.violations < enough; seed++)
        (void)!run_seed(&c, seed);
    check_sometimes(&c);
    printf("%" PRId64 " deployments in %" PRId64 " worlds, %" PRId64 " of them twice, %" PRId64
           " reordered: hash %016" PRIx64 "\n",
           c.deployments, c.worlds, c.repeated, c.reordered, c.hash);
    fprintf(stderr, "%.0f deployments a second\n", (double)c.deployments / (seconds() - began));
    return c.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
