#include "row.h"

#include <stdio.h>
#include <string.h>

int64_t
row_received_ms(sqlite3_stmt *q)
{
    return sqlite3_column_int64(q, 22);
}

int64_t
row_history_seq(sqlite3_stmt *q)
{
    return sqlite3_column_int64(q, 23);
}

bool
deployment_row(sqlite3_stmt *q, struct deployment *d, struct error *e)
{
    memset(d, 0, sizeof(*d));
    d->id = sqlite3_column_int64(q, 0);
    d->package_id = sqlite3_column_int64(q, 1);
    d->approved_s = sqlite3_column_int64(q, 2);
    d->rank = sqlite3_column_int64(q, 3);
    d->entered_ms = sqlite3_column_int64(q, 8);
    d->deadline_ms = sqlite3_column_int64(q, 9);
    d->revision = sqlite3_column_int64(q, 10);
    d->order_id = sqlite3_column_int64(q, 11);
    d->generation = sqlite3_column_int64(q, 12);
    d->attempts = sqlite3_column_int64(q, 13);
    d->wave = sqlite3_column_int64(q, 14);
    d->wave_count = sqlite3_column_int64(q, 15);
    d->wave_since_ms = sqlite3_column_int64(q, 17);
    d->approvals = sqlite3_column_int64(q, 18);
    d->planned = sqlite3_column_int(q, 19) != 0;
    d->withdrawn = sqlite3_column_int(q, 20) != 0;
    if (!str_copy(d->pipeline, sizeof(d->pipeline), column_str(q, 4)) ||
        !str_copy(d->digest, sizeof(d->digest), column_str(q, 5)) ||
        !str_copy(d->reason, sizeof(d->reason), column_str(q, 21)) ||
        !state_parse(column_str(q, 6), &d->state) || !state_parse(column_str(q, 7), &d->stage) ||
        !wave_state_parse(column_str(q, 16), &d->wave_state))
        return error_set(e, ERROR_STORAGE,
                         "deployment %lld: state \"%s\" or another word is unknown",
                         (long long)d->id, column_text(q, 6));
    return true;
}

/* ---- counts --------------------------------------------------------------------------------- */

const char *
counts_write(const struct device_counts *c, char buf[COUNTS_TEXT_SIZE])
{
    snprintf(buf, COUNTS_TEXT_SIZE, "%lld %lld %lld %lld %lld %lld %lld %lld %lld",
             (long long)c->queued, (long long)c->in_progress, (long long)c->succeeded,
             (long long)c->failed, (long long)c->rejected, (long long)c->timed_out,
             (long long)c->cancelled, (long long)c->removed, (long long)c->broken);
    return buf;
}

bool
counts_read(struct str text, struct device_counts *c)
{
    int64_t *const numbers[] = { &c->queued,    &c->in_progress, &c->succeeded,
                                 &c->failed,    &c->rejected,    &c->timed_out,
                                 &c->cancelled, &c->removed,     &c->broken };

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct str word;

        str_cut(text, ' ', &word, &text);
        if (!str_to_int(word, numbers[i]))
            return false;
    }
    return text.len == 0;
}
