#include <string.h>

#include "web_internal.h"

struct metric {
    const char *name, *type, *help;
    int64_t value;
};

static void
add_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
add_all(struct buf *out, const struct metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct metric *m = &metrics[i];

        add_head(out, m->name, m->type, m->help);
        buf_printf(out, "%s %lld\n", m->name, (long long)m->value);
    }
}

static void
add_states(struct buf *out, const struct store_counts *c)
{
    add_head(out, "slipway_deployments", "gauge", "Deployments in each state.");
    for (unsigned s = 0; s < STATE_COUNT; s++)
        buf_printf(out, "slipway_deployments{state=\"%s\"} %lld\n", state_name((enum state)s),
                   (long long)c->deployments[s]);
}

/* clang-format off */
static void
add_counters(struct buf *out, const struct web *w)
{
    const struct engine_counters *c = engine_counters(w->engine);
    const struct metric metrics[] = {
        { "slipway_messages_received_total",      "counter", "Messages received from the queue.",                           c->messages },
        { "slipway_events_total",                 "counter", "Events understood among them.",                               c->events },
        { "slipway_messages_quarantined_total",   "counter", "Messages that could not be understood.",                      c->quarantined },
        { "slipway_messages_deleted_total",       "counter", "Messages deleted from the queue after their commit.",         c->deletes },
        { "slipway_queue_errors_total",           "counter", "ReceiveMessage calls that failed.",                           c->receive_errors },
        { "slipway_facts_total",                  "counter", "Facts learnt.",                                               c->facts },
        { "slipway_facts_applied_total",          "counter", "Facts that changed a deployment.",                            c->applied },
        { "slipway_commits_total",                "counter", "Transactions committed.",                                     c->commits },
        { "slipway_orders_taken_total",           "counter", "Times an order was taken up.",                                c->orders_taken },
        { "slipway_orders_unknown_total",         "counter", "Times the outcome of an order could not be learnt.",          c->orders_unknown },
        { "slipway_sweeps_total",                 "counter", "Sweeps of the registry for approvals whose event never came.", c->sweeps },
        { "slipway_decisions_refused_total",      "counter", "Decisions refused because their signature was not right.",    w->refusals.in_all },
        { "slipway_orders_in_flight",             "gauge",   "Orders being carried out now.",                               c->in_flight },
        { "slipway_queue_last_answer_timestamp_seconds", "gauge", "When the queue last answered; 0 if never.",             c->last_receive_ms / 1000 },
        { "slipway_http_connections",             "gauge",   "Open connections to this server.",                            http_server_connections(w->server) },
        { "slipway_ready",                        "gauge",   "1 once everything under way was read and the queue is asked.", engine_is_ready(w->engine) },
    };

    add_all(out, metrics, ARRAY_LEN(metrics));
}

static void
add_sizes(struct buf *out, const struct store_counts *c)
{
    const struct metric metrics[] = {
        { "slipway_open_orders",          "gauge", "Orders whose outcome is not known yet.", c->open_orders },
        { "slipway_quarantined_messages", "gauge", "Messages kept in quarantine.",           c->quarantined },
        { "slipway_history_records",      "gauge", "Records of the history.",                c->history },
    };

    add_all(out, metrics, ARRAY_LEN(metrics));
}
/* clang-format on */

/* GET /metrics: the text format of Prometheus, version 0.0.4. */
void
metrics_handle(void *cookie, struct http_request *r)
{
    struct web *w = cookie;
    struct buf out = { .max = 65536 };
    struct store_counts counts;
    struct error e;

    if (!view_counts(engine_store(w->engine), &counts, &e)) {
        http_reply_text(r, 503, e.text);
        return;
    }
    add_head(&out, "slipway_build_info", "gauge", "The version that runs.");
    buf_printf(&out, "slipway_build_info{version=\"%s\"} 1\n", SLIPWAY_VERSION);
    add_states(&out, &counts);
    add_sizes(&out, &counts);
    add_counters(&out, w);
    answer(r, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
}
