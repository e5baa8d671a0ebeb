/*
 * ORDER_TWIN_TEST: runs the tests on the packaged artifact and takes their result.
 *
 * Whatever the result says, the order is done: the gates judge it.  It has failed if there is
 * no result, or one that is not bound to this run and this artifact.  A result of a former take of
 * the same order is taken instead of running the tests again.
 */

#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "slipway/twin_result.h"
#include "twin_run.h"

#define RESULT_MAX ((size_t)1024 * 1024)

struct test {
    struct twin_run run;
};

static void tests_ran(struct work *w, const char *output);

/* Reads the result into the document and checks it. */
static bool
take_result(struct work *w, struct error *e)
{
    struct test *t = w->story;
    struct twin_order ordered = { .run_id = t->run.run_id,
                                  .component = t->run.component,
                                  .version = t->run.version,
                                  .artifact_sha256 = t->run.sha256,
                                  .target = w->order->pipeline->target };
    struct json_value result;

    buf_free(&w->document);
    w->document.max = RESULT_MAX;
    return file_read(t->run.output, &w->document, e) &&
           work_json(w, buf_str(&w->document), &result, e) &&
           twin_result_check(result, &ordered, e);
}

void
twin_test_start(struct work *w)
{
    struct test *t = w->story = work_room(w, sizeof(*t));
    const char *folder = folder_of_step(w);
    struct error e;

    if (folder == NULL || !twin_run_know(w, &t->run))
        return;
    t->run.command = &w->order->pipeline->twin.test;
    t->run.what = "twin test command";
    t->run.folder = folder;
    t->run.output = work_text(w, "%s/result.json", folder);
    t->run.then = tests_ran;
    if (take_result(w, &e)) {
        work_finish(w);
        return;
    }
    buf_clear(&w->document);
    /* A result that is refused must not be found again after the run. */
    if (remove(t->run.output) != 0 && e.kind != ERROR_NOT_FOUND) {
        work_unsure(w, "%s: cannot be removed", t->run.output);
        return;
    }
    twin_run_start(w, &t->run);
}

static void
tests_ran(struct work *w, const char *output)
{
    struct error e;

    (void)output;
    if (take_result(w, &e))
        work_finish(w);
    else
        work_fail(w, "the twin tests ended well, but their result is refused: %s", e.text);
}
