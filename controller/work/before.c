#include "before.h"

#include <string.h>

#include "aws/greengrass.h"
#include "merge.h"

static void listed(void *cookie, const struct aws_result *r,
                   const struct greengrass_deployment *deployments, size_t count, const char *next);
static void deployment_read(void *cookie, const struct aws_result *r,
                            const struct greengrass_deployment *d);

static void
list(struct work *w, struct before *b)
{
    w->call = greengrass_list_deployments(w->account, b->target->arn, false, b->pages.token, listed,
                                          w);
}

void
before_start(struct work *w, struct before *b)
{
    w->part = b;
    b->id = b->base_version = b->entry = "";
    b->pages = (struct pages){ 0 };
    b->newest_ms = -1;
    list(w, b);
}

/* Deployments of this version bear its name, whatever step made them. */
static bool
is_ours(struct work *w, const struct before *b, const struct greengrass_deployment *d)
{
    return strcmp(d->id, b->target->id) == 0 ||
           str_starts(str_of(d->name),
                      work_text(w, TARGET_NAME " ", w->order->pipeline->name, b->version));
}

static void
listed(void *cookie, const struct aws_result *r, const struct greengrass_deployment *deployments,
       size_t count, const char *next)
{
    struct work *w = cookie;
    struct before *b = w->part;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (deployments[i].created_ms <= b->newest_ms || is_ours(w, b, &deployments[i]))
            continue;
        b->newest_ms = deployments[i].created_ms;
        b->id = work_keep(w, str_of(deployments[i].id));
    }
    if (next != NULL) {
        if (work_turn_page(w, &b->pages, next))
            list(w, b);
    } else if (b->id[0] != '\0') {
        w->call = greengrass_get_deployment(w->account, b->id, deployment_read, w);
    } else {
        b->known = true;
        b->then(w, b);
    }
}

static void
deployment_read(void *cookie, const struct aws_result *r, const struct greengrass_deployment *d)
{
    struct work *w = cookie;
    struct before *b = w->part;
    struct buf entry = { .max = WORK_TEXT_MAX };
    char version[80];
    struct error e;

    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
        return;
    }
    if (!merge_find(str_of(d->components), b->component, &entry, version, sizeof(version), &e)) {
        buf_free(&entry);
        work_fail(w, "thing group %s: deployment %s: %s", b->target->group, b->id, e.text);
        return;
    }
    b->entry = work_keep(w, buf_str(&entry));
    b->base_version = work_keep(w, str_of(version));
    b->known = true;
    buf_free(&entry);
    b->then(w, b);
}
