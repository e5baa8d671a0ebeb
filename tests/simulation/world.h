#ifndef SLIPWAY_TESTS_SIMULATION_WORLD_H
#define SLIPWAY_TESTS_SIMULATION_WORLD_H

/**
 * World: everything outside slipway's engine, modelled, in one process without a clock.
 *
 * The real engine, learner, rules and store run against it.  The world stands in for the
 * loop and its timers (loop_model.c), the clocks, the drivers (drivers.c, fleet.c), the registry
 * and the queue (registry.c) and people (people.c).  It keeps its own ledger of what was made
 * outside and judges by that ledger and by the store's views (check.c, check_fleet.c).
 */

#include <setjmp.h>

#include "draw.h"
#include "engine/engine.h"
#include "engine/feed.h"
#include "platform/loop.h"
#include "trace.h"
#include "work/work.h"

enum {
    PACKAGES_MAX = 4,
    CHANGES_MAX = 8, /* Of one package in the registry. */
    PIPELINES_MAX = 2,
    GROUPS_MAX = 6,
    APPROVERS = 3,
    SEEN_MAX = 96, /* Deployments of one run. */
    EFFECTS_MAX = 1024,
    WORKS_MAX = 128,
    ASKS_MAX = 512,
    HAPPENINGS_MAX = 512,
};

enum fault {
    FAULT_DUPLICATE, /* Messages come twice, deleted ones come again. */
    FAULT_DELAY,     /* Messages come late and out of order. */
    FAULT_LOSE,      /* Events never come. */
    FAULT_POISON,
    FAULT_STALE, /* The registry is read as it was before. */
    FAULT_UNKNOWN,
    FAULT_LATE, /* An effect is made after its order was let go. */
    FAULT_FAIL, /* Work fails for certain. */
    FAULT_UNCLEAR,
    FAULT_SLOW, /* Work takes longer than its stage may. */
    FAULT_DEVICES,
    FAULT_BROKEN,
    FAULT_OFFLINE,
    FAULT_FOREIGN, /* Somebody else deploys to a thing group. */
    FAULT_WRONG_PEOPLE,
    FAULT_CRASH,
    FAULT_DISK,
    FAULT_COUNT,
};

/* ---- what will happen ----------------------------------------------------------------------- */

enum happening_kind {
    HAPPENS_CHANGE,  /* Change `a` of package `b` in the registry. */
    HAPPENS_MESSAGE, /* A message of that change is delivered. */
    HAPPENS_POISON,
    HAPPENS_SWEEP,
    HAPPENS_WORK, /* Work `a` ends, if it is still number `b`. */
    HAPPENS_PERSON,
    HAPPENS_ASK, /* Ask `a` reaches slipway. */
    HAPPENS_FOREIGN,
    HAPPENS_TIDY,
};

struct happening {
    int64_t at_ms, number;
    enum happening_kind kind;
    int64_t a, b;
};

/* ---- the registry and its queue ------------------------------------------------------------- */

struct registry_change {
    int64_t at_ms;
    enum seen_status status;
    bool edit; /* Something else was changed; the status is as before. */
    bool says_fields, lost, deleted, acknowledged, made;
};

struct package_model {
    char arn[128];
    int64_t version;
    struct registry_change changes[CHANGES_MAX];
    int64_t change_count;
    bool bad_compile, bad_gate;
};

/* ---- effects -------------------------------------------------------------------------------- */

/** Something made outside, under a name that is good once. */
struct effect {
    char token[WORK_TOKEN_SIZE];
    enum order_kind kind;
    int64_t deployment_id, generation;
    uint64_t content;
};

/* ---- the fleet ------------------------------------------------------------------------------ */

/** Which version of a pipeline's component, and which deployment of ours put it there (0: none). */
struct installed_model {
    int64_t version, by;
    bool restored; /* By the rollback of a newer one; or it was there before. */
};

struct thing_group {
    char name[16];
    struct installed_model runs[PIPELINES_MAX];
    int64_t document; /* Which Greengrass deployment is the latest; 0: none. */
    int64_t owner;    /* The deployment of ours that made it; 0: somebody else. */
    char token[WORK_TOKEN_SIZE];
    int64_t changing; /* Whose rollout it is part of; 0: nobody's. */
    struct device_counts job;
    bool rolls_back; /* The job is that of a rollback. */
};

/** What the world knows of one deployment, from the views and from what it was asked for. */
struct seen {
    struct deployment d;   /* As last seen. */
    enum order_kind order; /* The open one. */
    bool known;
    bool halted;              /* A wave's failure is on record and no operator has said go on. */
    bool will_halt;           /* ... if the turn is committed. */
    int64_t good_since_ms[8]; /* Per wave: since when every report was good; 0: not. */
    int64_t new_names; /* How often its work may get a new name: failures told, retries asked. */
    int64_t commanded; /* Waves that were deployed, as bits. */
};

/* ---- people --------------------------------------------------------------------------------- */

struct ask {
    struct world *world;
    enum person_verb verb;
    int64_t deployment_id, approver;
    char digest[DIGEST_SIZE];
    char message_id[32];
    char body[160];
    bool answered, applied;
    bool too_late; /* When it reached slipway. */
};

/* ---- work ----------------------------------------------------------------------------------- */

struct work {
    bool used;
    int64_t number;
    const struct work_order *order; /* Lent. */
    work_done *done;
    void *cookie;
};

struct workshop {
    struct world *world;
};

struct later {
    loop_call *call;
    void *cookie;
};

struct timer {
    struct loop *loop;
    loop_call *fired;
    void *cookie;
    int64_t at_ms;
    bool runs;
    struct timer *next;
};

struct loop {
    struct world *world;
    struct later later[256];
    size_t later_count;
    struct timer *timers;
    bool stopped;
};

/* ---- all of it ------------------------------------------------------------------------------ */

struct world {
    uint64_t seed;
    struct draw draw;
    int64_t rates[FAULT_COUNT]; /* Permille; 0: this kind is off. */
    bool calm;                  /* No faults, nobody decides, everything ends well. */
    bool has_people;
    bool violated;

    struct settings settings;
    struct pipeline_settings pipelines[PIPELINES_MAX];
    struct wave_settings waves[PIPELINES_MAX][3];
    const char *wave_groups[PIPELINES_MAX][3][2];
    const char *limited[1];
    struct approver_settings approvers[APPROVERS];
    struct gate_settings gate;

    struct store *store;
    struct engine *engine;
    struct loop loop;
    struct workshop shop;
    char path[160]; /* Of the database file; "": in memory. */
    jmp_buf crash_point;
    bool in_transaction, crashing, down_long;
    int64_t now_ms, next_number, steps, crashes;

    struct happening happenings[HAPPENINGS_MAX];
    size_t happening_count;
    struct package_model packages[PACKAGES_MAX];
    int64_t package_count;
    struct thing_group groups[GROUPS_MAX], twin;
    int64_t documents;
    struct effect effects[EFFECTS_MAX];
    int64_t effect_count;
    struct work works[WORKS_MAX];
    struct ask asks[ASKS_MAX];
    int64_t ask_count, message_ids;
    struct seen seen[SEEN_MAX];
    int64_t seen_max; /* The highest id seen. */
};

#define WORLD_BEGINS_MS INT64_C(1767225600000) /* 2026-01-01 */

/* ---- world.c -------------------------------------------------------------------------------- */

/** What a run is made of; the rest is drawn from the seed. */
struct run_plan {
    uint64_t seed;
    bool calm;           /* Events only: nobody decides, nothing fails. */
    bool shuffled;       /* Of a calm run: the events come in another order, several times. */
    bool all_at_once;    /* Of a calm run: all events come before anything is done. */
    struct buf *dump;    /* Receives the canonical dump; NULL: not wanted. */
    int64_t deployments; /* Out: how many there were. */
};

/** One world from its first event to its rest.  False if something that must hold did not. */
bool world_run(struct run_plan *plan) MUST_CHECK;

/** Says that something that must hold does not; the run ends. */
void violated(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

bool fault(struct world *w, enum fault kind) MUST_CHECK;
void happens(struct world *w, int64_t in_ms, enum happening_kind kind, int64_t a, int64_t b);

/** The process is killed here; does not return. */
void world_crashes(struct world *w, enum sometimes what) __attribute__((noreturn));

/* ---- settings.c ----------------------------------------------------------------------------- */

void world_settings(struct world *w, const struct run_plan *plan);

/* ---- loop_model.c --------------------------------------------------------------------------- */

extern struct world *the_world; /* The one that runs; for functions that get no cookie. */

/** Calls what was put off, until nothing is. */
void loop_drain(struct world *w);

/** When the first timer fires; INT64_MAX: none runs.  And fires what is due. */
int64_t loop_first_ms(const struct world *w) MUST_CHECK;
void loop_fire(struct world *w);
void loop_forget(struct world *w);

/* ---- registry.c ----------------------------------------------------------------------------- */

void registry_script(struct world *w);
/** Has the events of a calm run delivered as the plan says. */
void registry_tell(struct world *w, const struct run_plan *plan);
void registry_happens(struct world *w, const struct happening *h);
/** The last change of a package that is made; NULL: none.  `stale`: the one before. */
const struct registry_change *registry_now(const struct package_model *p, bool stale) MUST_CHECK;
struct package_model *registry_find(struct world *w, const char *arn) MUST_CHECK;
bool registry_is_quiet(const struct world *w) MUST_CHECK;

/* ---- drivers.c ------------------------------------------------------------------------------ */

void drivers_happen(struct world *w, const struct happening *h);

/**
 * Makes the effect `content` under the order's name, or finds that it was made before (false).
 * A different one under the same name is a violation.
 */
bool effect_make(struct world *w, const struct work_order *o, const char *part, uint64_t content);

void work_answer(struct world *w, struct work *k, const struct work_result *r);
void work_unknown(struct world *w, struct work *k);

/* ---- fleet.c -------------------------------------------------------------------------------- */

void fleet_plan(struct world *w, struct work *k);
void fleet_deploy(struct world *w, struct work *k);
void fleet_watch(struct world *w, struct work *k);
void fleet_roll_back(struct world *w, struct work *k);
void fleet_foreign(struct world *w);
void fleet_begin(struct world *w, struct thing_group *g);

/* ---- people.c ------------------------------------------------------------------------------- */

void people_happen(struct world *w, const struct happening *h);

/** The page could not be reached for long: approvals come the moment it can. */
void people_have_waited(struct world *w);

/** Somebody does what is left to do, as it should be done; false if nobody is waited for. */
bool people_finish(struct world *w) MUST_CHECK;

/* ---- check.c and check_fleet.c -------------------------------------------------------------- */

/** What must hold after every commit. */
void check_step(struct world *w);

/** What must hold after a crash and at the end: the chain of the history, and what was promised. */
void check_whole(struct world *w);

/** What must hold of a world at rest. */
void check_rest(struct world *w);

/** True once nobody but people is waited for. */
bool check_settled(struct world *w) MUST_CHECK;

/** What must hold the moment a thing group is told to change; `version` is what it shall run. */
void check_command(struct world *w, const struct work_order *o, struct thing_group *g);

/** A watch told these counts of the wave under way. */
void check_report(struct world *w, const struct work_order *o, const struct device_counts *c);
void check_committed(struct world *w);
void check_undone(struct world *w);

#endif
