/*
 * make_in_flight FILE [--deployments N]: a store with N deployments under way,
 * as many in each place: received, compiling, packaging, waiting for the twin,
 * at the gate, and at the gate waiting for a person.  None is being tested on the
 * twin, since only one can be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "figures.h"
#include "walk.h"

enum { PER_COMMIT = 1000 };

/* Steps done in each of the places; one more than there are: the rollout is planned, too. */
static const int PLACES[] = { 0, 1, 2, 3, WALK_STEPS, WALK_STEPS + 1 };

int
main(int argc, char **argv)
{
    int64_t deployments = option_int(argc, argv, "--deployments", 100000);
    struct walk w;

    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "use: make_in_flight FILE [--deployments N]\n");
        return 2;
    }
    if (access(argv[1], F_OK) == 0) {
        fprintf(stderr, "make_in_flight: %s is there already\n", argv[1]);
        return EXIT_FAILURE;
    }
    walk_open(&w, argv[1], deployments);
    w.documents = true;
    walk_begin(&w);
    for (int64_t i = 0; i < deployments; i++) {
        int64_t id = walk_event(&w, EVENT_NUMBER_MIN + i);
        int steps = PLACES[(size_t)i % ARRAY_LEN(PLACES)];

        for (int step = 0; step < WALK_STEPS && step < steps; step++)
            walk_step(&w, id, step);
        if (steps > WALK_STEPS)
            walk_planned(&w, id);
        if (i % PER_COMMIT == PER_COMMIT - 1) {
            walk_commit(&w);
            walk_begin(&w);
        }
    }
    walk_commit(&w);
    walk_close(&w);
    printf("%lld deployments in %s\n", (long long)deployments, argv[1]);
    return EXIT_SUCCESS;
}
