#ifndef SLIPWAY_WORK_STORY_H
#define SLIPWAY_WORK_STORY_H

/**
 * Story: what every driver is made of; for this folder only.
 *
 * A driver tells one story in continuations.  At any moment at most one
 * thing of it is in flight: an AWS call, a child or a step put off to the next turn.
 * Everything it remembers comes from work_room() and goes with the work, and
 * work_drop() undoes what is in flight, so a driver has nothing to clean up.
 *
 * A story ends by exactly one of the functions under "endings", after which
 * `w` is gone: return at once.
 */

#include "aws/call.h"
#include "platform/child.h"
#include "slipway/json_write.h"
#include "work.h"
#include "workshop.h"

#define WORK_TEXT_MAX ((size_t)4 * 1024 * 1024) /* Of a document or progress. */
#define ARTIFACT_MAX ((int64_t)2 * 1024 * 1024 * 1024)
/* Greengrass V2 quotas: the artifacts of a component are at most 2 GB. */

struct loop;
struct piece;
struct command_run;

typedef void work_step(struct work *w);

struct work {
    struct workshop *shop;
    const struct work_order *order;
    struct aws_account *account;
    void *story; /* The driver's own; from work_room(). */
    void *part;  /* Of fetch.c or greengrass_target.c, while it tells its part. */

    /* In flight; NULL or -1 if not. */
    struct aws_call *call;
    struct child *child;
    struct command_run *command; /* Runs, or waits for its turn. */
    work_step *step;
    int fd;

    /* What the ending will say. */
    struct buf document, progress;
    struct work_result result;
    char reason[REASON_SIZE];

    /* For workshop.c */
    int64_t begun_ms; /* Monotonic. */
    work_done *done;
    void *cookie;
    struct piece *pieces;
    struct work *next, *before;
};

/* ---- what a driver is started with ---------------------------------------------------------- */

work_step confirm_start, compile_none_start, compile_neo_start, compile_command_start;
work_step package_start, twin_greengrass_start, twin_command_start, twin_test_start;
work_step plan_start, wave_deploy_start, wave_watch_start, roll_back_start, stop_start;

/* ---- memory that goes with the work --------------------------------------------------------- */

/** Zeroed memory. */
void *work_room(struct work *w, size_t size) MUST_CHECK;

/** A NUL-terminated copy. */
const char *work_keep(struct work *w, struct str s) MUST_CHECK;
const char *work_text(struct work *w, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/** Calls release(thing) when the work goes. */
void work_owns(struct work *w, void *thing, void (*release)(void *));

/* ---- reading the documents of earlier orders ------------------------------------------------ */

/** Reads JSON; the value stays valid as long as the work and `text`.  False with `*e` filled. */
bool work_json(struct work *w, struct str text, struct json_value *out, struct error *e) MUST_CHECK;

/** The document called `name`; false, with the work ended as failed, if it is not there or cannot
 * be read. */
bool work_need(struct work *w, struct str text, const char *name,
               struct json_value *out) MUST_CHECK;

/** The progress of the last take; nothing if there is none. */
struct json_value work_progress(struct work *w) MUST_CHECK;

/** The text at `path`, kept; NULL if there is no text. */
const char *work_member(struct work *w, struct json_value v, const char *path) MUST_CHECK;

/** The integer at `path`, or `otherwise`. */
int64_t member_int(struct json_value v, const char *path, int64_t otherwise) MUST_CHECK;

/* ---- going on ------------------------------------------------------------------------------- */

/** Calls step(w) in the next turn of the loop: long work is done piece by piece. */
void work_next_turn(struct work *w, work_step *step);

/** Milliseconds since 1970 by the clock that stamped the order and its deployment: the wall clock
 * may jump, and what was waited for would be over too early or never. */
int64_t work_now_ms(const struct work *w) MUST_CHECK;
struct loop *work_loop(const struct work *w) MUST_CHECK;

/** Calls step(w) once the account's id is known, or ends the work. */
void work_identify(struct work *w, work_step *step);

#define WORK_PAGES_MAX 100

/** A list of AWS's that is read page by page; zeroed for the first. */
struct pages {
    const char *token; /* Of the page to ask for; NULL: the first. */
    int turned;
};

/** Goes to the page `next`; false, with the work ended as unknown, if that is the page before or
 * there were WORK_PAGES_MAX. */
bool work_turn_page(struct work *w, struct pages *p, const char *next) MUST_CHECK;

/* ---- endings -------------------------------------------------------------------------------- */

/** Ends with what w->result, w->document and w->progress hold. */
void work_end(struct work *w, enum work_outcome outcome);
void work_finish(struct work *w); /* WORK_DONE */
void work_wait(struct work *w, int64_t wait_ms);
void work_fail(struct work *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
void work_unsure(struct work *w, const char *fmt, ...) PRINTF_LIKE(2, 3); /* WORK_UNKNOWN */

/** True if the same may work later. */
bool work_may_pass(const struct work *w, const struct aws_result *r) MUST_CHECK;

/** AWS did not say AWS_OK: unknown where the same may work later, else failed. */
void work_trouble(struct work *w, const struct aws_result *r);

/** For workshop.c and command.c: undoes what is in flight. */
void work_drop(struct work *w);

/* ---- the places of a deployment on disk (place.c) ------------------------------------------ */

/** The folder of this step, made if it is not there; NULL with the work ended as unknown. */
const char *folder_of_step(struct work *w) MUST_CHECK;

/** An empty folder `name` inside `folder`; NULL with the work ended as unknown. */
const char *folder_empty(struct work *w, const char *folder, const char *name) MUST_CHECK;

/** Where work folders are; from the workshop. */
const char *workshop_folder(const struct workshop *shop) MUST_CHECK;

#endif
