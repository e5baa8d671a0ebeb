/* A pipeline's lane: who has reached its gate, who is live, and who makes way for whom. */
#include "statement.h"

struct lane {
    int64_t top_rank, live_id;
};

static bool
load(struct store *s, const char *pipeline, struct lane *out, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_LANE_LOAD);
    bool row;

    *out = (struct lane){ 0 };
    bind_text(q, ":pipeline", pipeline);
    if (!statement_step(s, q, &row, e))
        return error_while(e, "pipeline %s", pipeline);
    if (row) {
        *out = (struct lane){ sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1) };
        statement_end(q);
    }
    return true;
}

static bool
waiting_below(struct store *s, const struct deployment *d, int64_t *ids, size_t max, size_t *count,
              struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_WAITING_BELOW);

    bind_text(q, ":pipeline", d->pipeline);
    bind_int(q, ":rank", d->rank);
    bind_int(q, ":id", d->id);
    for (*count = 0;; (*count)++) {
        bool row;

        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            return true;
        if (*count < max)
            ids[*count] = sqlite3_column_int64(q, 0);
    }
}

bool
store_superseded(struct store *s, const struct deployment *d, enum supersedes which, int64_t *ids,
                 size_t max, size_t *count, struct error *e)
{
    struct lane lane;

    *count = 0;
    if (which == SUPERSEDES_NOBODY)
        return true;
    if (which == SUPERSEDES_WAITING)
        return waiting_below(s, d, ids, max, count, e);
    if (!load(s, d->pipeline, &lane, e))
        return false;
    if (lane.live_id != 0 && lane.live_id != d->id && max > 0)
        ids[(*count)++] = lane.live_id;
    return true;
}

bool
store_newer_reached_gate(struct store *s, const struct deployment *d, bool *newer, struct error *e)
{
    struct lane lane;

    if (!load(s, d->pipeline, &lane, e))
        return false;
    *newer = lane.top_rank > d->rank;
    return true;
}

bool
store_rank(struct store *s, int64_t id, int64_t rank, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DEPLOYMENT_RANK);

    bind_int(q, ":id", id);
    bind_int(q, ":rank", rank);
    return statement_run(s, q, NULL, e) || error_while(e, "rank deployment %lld", (long long)id);
}

bool
store_lane_gate(struct store *s, const struct deployment *d, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_LANE_GATE);

    bind_text(q, ":pipeline", d->pipeline);
    bind_int(q, ":rank", d->rank);
    return statement_run(s, q, NULL, e);
}

bool
store_lane_live(struct store *s, const struct deployment *d, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_LANE_LIVE);

    bind_text(q, ":pipeline", d->pipeline);
    bind_int(q, ":live_id", d->id);
    return statement_run(s, q, NULL, e);
}

bool
store_live(struct store *s, const char *pipeline, int64_t *id, struct error *e)
{
    struct lane lane;

    if (!load(s, pipeline, &lane, e))
        return false;
    *id = lane.live_id;
    return true;
}
