#include "installed.h"

#include <string.h>

#include "aws/greengrass.h"

static void ask(struct work *w, struct installed *in);
static void listed(void *cookie, const struct aws_result *r,
                   const struct greengrass_installed *components, size_t count, const char *next);

void
installed_start(struct work *w, struct installed *in)
{
    w->part = in;
    in->runs = in->pending = in->failed = in->at = 0;
    in->reason = NULL;
    in->pages = (struct pages){ 0 };
    in->seen = false;
    ask(w, in);
}

static void
ask(struct work *w, struct installed *in)
{
    if (in->at == in->count)
        in->then(w, in);
    else
        w->call = greengrass_list_installed(w->account, in->things[in->at], in->pages.token, listed,
                                            w);
}

static void
next_device(struct work *w, struct installed *in)
{
    in->at++;
    in->pages = (struct pages){ 0 };
    in->seen = false;
    ask(w, in);
}

static void
count_one(struct installed *in, enum installed_state state, const char *reason)
{
    in->runs += state == INSTALLED_RUNS;
    in->pending += state == INSTALLED_PENDING;
    in->failed += state == INSTALLED_FAILED;
    /* A failure says more than a wait. */
    if ((state == INSTALLED_FAILED && in->failed == 1) ||
        (state == INSTALLED_PENDING && in->reason == NULL))
        in->reason = reason;
}

static enum installed_state
judge(const struct installed *in, const struct greengrass_installed *c)
{
    static const char *const DOWN[] = { "ERRORED", "BROKEN" }, *const UP[] = { "RUNNING",
                                                                               "FINISHED" };

    /* The old version still reported is a report that is still to come. */
    if (strcmp(c->version, in->version) != 0)
        return INSTALLED_PENDING;
    for (size_t i = 0; i < ARRAY_LEN(DOWN); i++)
        if (strcmp(c->state, DOWN[i]) == 0)
            return INSTALLED_FAILED;
    for (size_t i = 0; i < ARRAY_LEN(UP); i++)
        if (strcmp(c->state, UP[i]) == 0)
            return INSTALLED_RUNS;
    return INSTALLED_PENDING;
}

static void
count_component(struct work *w, struct installed *in, const struct greengrass_installed *c)
{
    in->seen = true;
    count_one(in, judge(in, c),
              work_text(w, "device %s reports %s %s as %s%s%s", in->things[in->at], c->name,
                        c->version, c->state, c->details[0] != '\0' ? ": " : "", c->details));
}

static void
listed(void *cookie, const struct aws_result *r, const struct greengrass_installed *components,
       size_t count, const char *next)
{
    struct work *w = cookie;
    struct installed *in = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK && !aws_refused(r, "ResourceNotFoundException")) {
        work_trouble(w, r);
        return;
    }
    for (size_t i = 0; i < count && r->outcome == AWS_OK && !in->seen; i++)
        if (strcmp(components[i].name, in->component) == 0)
            count_component(w, in, &components[i]);
    if (!in->seen && r->outcome == AWS_OK && next != NULL) {
        if (work_turn_page(w, &in->pages, next))
            ask(w, in);
        return;
    }
    if (!in->seen)
        count_one(
            in, INSTALLED_PENDING,
            work_text(w, "device %s does not report %s yet", in->things[in->at], in->component));
    next_device(w, in);
}
