/* What no single setting can tell: names, and who is named by them. */

#include <stdio.h>
#include <string.h>

#include "config/formats.h"
#include "config/reader.h"
#include "config/values.h"
#include "platform/secret.h"
#include "slipway/gate.h"

/* Where a setting stands: its own place, or that of the map it was left out of. */
static struct place
place_in(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);

    if (node != NULL)
        return node->at;
    return map != NULL ? map->at : (struct place){ 0, 0 };
}

static bool
same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* ---- names that occur twice ----------------------------------------------------------------- */

/* The name of entry `index` of an array of structs of `size` bytes that begin with their name. */
static const char *
name_of(const void *entries, size_t size, size_t index)
{
    const char *name;

    memcpy(&name, (const char *)entries + index * size, sizeof(name));
    return name;
}

_Static_assert(offsetof(struct approver_settings, name) == 0, "name_of() needs the name first");
_Static_assert(offsetof(struct pipeline_settings, name) == 0, "name_of() needs the name first");
_Static_assert(offsetof(struct gate_settings, name) == 0, "name_of() needs the name first");
_Static_assert(offsetof(struct wave_settings, name) == 0, "name_of() needs the name first");

static void
check_unique(const struct reader *r, const void *entries, size_t size, size_t count,
             const struct node *list, const char *what)
{
    for (size_t i = 1; i < count; i++) {
        const char *name = name_of(entries, size, i);

        for (size_t j = 0; j < i; j++) {
            if (!same_text(name, name_of(entries, size, j)))
                continue;
            report_problem(&r->report, place_in(node_item(list, i), "name"),
                           "there is a second %s called \"%s\", the first is at line %zu", what,
                           name, place_in(node_item(list, j), "name").line);
            break;
        }
    }
}

/* Reports names in `list` that are not among the first members of `entries`. */
static void
check_known(const struct reader *r, const struct setting_list *names, const struct node *list,
            const void *entries, size_t size, size_t count, const char *what)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct node *node = node_item(list, i);
        struct nearest nearest = { .word = str_of(names->items[i]) };
        bool found = names->items[i] == NULL || count == 0;

        for (size_t j = 0; j < count && !found; j++) {
            const char *name = name_of(entries, size, j);

            /* An entry without a right name was complained of; it may be the one that is meant. */
            found = name == NULL || same_text(names->items[i], name);
            if (name != NULL)
                nearest_offer(&nearest, name);
        }
        if (found || node == NULL)
            continue;
        if (nearest_found(&nearest) != NULL)
            report_problem(&r->report, node->at,
                           "there is no %s called \"%s\", did you mean \"%s\"", what,
                           names->items[i], nearest_found(&nearest));
        else
            report_problem(&r->report, node->at, "there is no %s called \"%s\"", what,
                           names->items[i]);
    }
}

static void
check_gates(const struct reader *r, const struct pipeline_settings *p, const struct node *node)
{
    const struct node *gates = node_get(node, "gates");
    struct error e;

    check_unique(r, p->gates, sizeof(p->gates[0]), p->gate_count, gates, "gate");
    for (size_t i = 0; i < p->gate_count; i++) {
        const struct node *gate = node_item(gates, i);
        bool whole = p->gates[i].name != NULL && p->gates[i].pattern != NULL &&
                     (p->gates[i].when != NULL) == (node_get(gate, "when") != NULL);

        if (whole && !gate_check(&p->gates[i], &e))
            report_problem(&r->report, place_in(gate, "pattern"), "%s", e.text);
    }
}

void
cross_check_names(const struct reader *r, const struct settings *s, const struct node *root)
{
    const struct node *approvers = node_get(root, "approvers");
    const struct node *pipelines = node_get(root, "pipelines");

    check_unique(r, s->approvers, sizeof(s->approvers[0]), s->approver_count, approvers,
                 "approver");
    check_unique(r, s->pipelines, sizeof(s->pipelines[0]), s->pipeline_count, pipelines,
                 "pipeline");
    for (size_t i = 0; i < s->approver_count; i++)
        check_known(r, &s->approvers[i].pipelines, node_get(node_item(approvers, i), "pipelines"),
                    s->pipelines, sizeof(s->pipelines[0]), s->pipeline_count, "pipeline");
    for (size_t i = 0; i < s->pipeline_count; i++) {
        const struct pipeline_settings *p = &s->pipelines[i];
        const struct node *node = node_item(pipelines, i);

        check_known(r, &p->approval.approvers, node_get(node_get(node, "approval"), "approvers"),
                    s->approvers, sizeof(s->approvers[0]), s->approver_count, "approver");
        check_gates(r, p, node);
        check_unique(r, p->rollout.waves, sizeof(p->rollout.waves[0]), p->rollout.wave_count,
                     node_get(node_get(node, "rollout"), "waves"), "wave");
    }
}

/* ---- approvers and their keys --------------------------------------------------------------- */

static bool
in_list(const struct setting_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (same_text(list->items[i], name))
            return true;
    return false;
}

static bool
same_key(const struct approver_settings *a, const struct approver_settings *b)
{
    for (size_t i = 0; i < a->key_count; i++)
        for (size_t j = 0; j < b->key_count; j++)
            if (str_equal(secret_bytes(a->keys[i]), secret_bytes(b->keys[j])))
                return true;
    return false;
}

/* With one key two people would be one, and nobody could tell who signed. */
static void
check_keys_differ(const struct reader *r, const struct settings *s, const struct node *approvers)
{
    for (size_t i = 1; i < s->approver_count; i++)
        for (size_t j = 0; j < i; j++)
            if (same_key(&s->approvers[i], &s->approvers[j]) && s->approvers[i].name != NULL &&
                s->approvers[j].name != NULL)
                report_problem(&r->report, place_in(node_item(approvers, i), "keys"),
                               "approvers \"%s\" and \"%s\" have the same key",
                               s->approvers[j].name, s->approvers[i].name);
}

static void
check_enough_approvers(const struct reader *r, const struct settings *s,
                       const struct pipeline_settings *p, const struct node *pipeline)
{
    const struct node *approval = node_get(pipeline, "approval");
    int64_t allowed = 0;

    for (size_t i = 0; i < s->approver_count; i++) {
        const struct approver_settings *a = &s->approvers[i];
        bool named = p->approval.approvers.count == 0 || in_list(&p->approval.approvers, a->name);

        allowed += named && (a->pipelines.count == 0 || in_list(&a->pipelines, p->name));
    }
    if (p->approval.required > allowed && p->name != NULL)
        report_problem(
            &r->report,
            place_in(approval != NULL ? approval : pipeline,
                     approval != NULL ? "required" : "name"),
            "pipeline \"%s\" needs approvals from %lld approvers, and the number of those "
            "who may decide on it is %lld",
            p->name, (long long)p->approval.required, (long long)allowed);
}

void
cross_check_approval(const struct reader *r, const struct settings *s, const struct node *root)
{
    const struct node *approvers = node_get(root, "approvers");
    const struct node *pipelines = node_get(root, "pipelines");

    check_keys_differ(r, s, approvers);
    if (s->approver_count == 0)
        return; /* Said already. */
    for (size_t i = 0; i < s->pipeline_count; i++)
        check_enough_approvers(r, s, &s->pipelines[i], node_item(pipelines, i));
}

/* ---- all ------------------------------------------------------------------------------------ */

static void
warn_of_open_page(const struct reader *r, const struct settings *s, const struct node *root)
{
    struct str host;
    int64_t port;

    if (s->listen != NULL && split_listen(str_of(s->listen), &host, &port) &&
        !host_is_loopback(host))
        report_warning(
            &r->report, place_in(root, "listen"),
            "listen: %s is reached from other machines, without TLS; put a proxy before it",
            s->listen);
}

/* Without an account every event would be that of another and go into quarantine. */
static void
check_queue(const struct reader *r, const struct settings *s, const struct node *root)
{
    const struct node *queue = node_get(root, "queue");
    char account[13];

    if (s->queue.url != NULL && s->queue.accounts.count == 0 &&
        !settings_queue_account(s->queue.url, account))
        report_problem(&r->report, place_in(queue, "url"),
                       "queue.url does not tell whose queue it is; say in queue.accounts whose "
                       "events are taken");
}

void
cross_check(const struct reader *r, const struct settings *s, const struct node *root)
{
    warn_of_open_page(r, s, root);
    check_queue(r, s, root);
    cross_check_names(r, s, root);
    cross_check_approval(r, s, root);
    cross_check_rollout(r, s, root);
}
