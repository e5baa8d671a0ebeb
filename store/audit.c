/* The check of the hash chain. */
#include <stdio.h>
#include <string.h>

#include "history.h"
#include "slipway/store_views.h"

static void
to_hex(const unsigned char hash[32], char out[65])
{
    for (size_t i = 0; i < 32; i++)
        snprintf(out + i * 2, 3, "%02x", hash[i]);
}

/* One record against the one before it; moves `head` on. */
static bool
check(const struct record *r, struct str hash, int64_t expected_seq, unsigned char head[32],
      struct error *e)
{
    unsigned char computed[32];

    if (r->seq != expected_seq)
        return error_set(e, ERROR_INVALID,
                         "record %lld is missing: record %lld stands in its place",
                         (long long)expected_seq, (long long)r->seq);
    if (r->previous >= r->seq)
        return error_set(e, ERROR_INVALID, "record %lld names record %lld as its predecessor",
                         (long long)r->seq, (long long)r->previous);
    history_hash(head, r, computed);
    if (hash.len != sizeof(computed) || memcmp(hash.at, computed, sizeof(computed)) != 0)
        return error_set(e, ERROR_INVALID,
                         "record %lld was changed, inserted or moved: its hash does not follow",
                         (long long)r->seq);
    memcpy(head, computed, sizeof(computed));
    return true;
}

bool
view_verify_audit(struct store *s, const char *anchor, int64_t *records, char head_hex[65],
                  struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_HISTORY_ALL);
    unsigned char head[32] = { 0 };
    bool anchored = anchor == NULL;
    char text[65];

    to_hex(head, text);
    for (*records = 0;; (*records)++) {
        struct record r;
        struct str hash;
        bool row;

        anchored = anchored || strcmp(text, anchor) == 0;
        if (!statement_step(s, q, &row, e))
            return false;
        if (!row)
            break;
        r = history_row(q, &hash);
        if (!check(&r, hash, *records + 1, head, e)) {
            statement_end(q);
            return false;
        }
        to_hex(head, text);
    }
    if (head_hex != NULL)
        memcpy(head_hex, text, sizeof(text));
    return anchored || error_set(e, ERROR_INVALID,
                                 "no record has the anchor's hash: the history was cut after "
                                 "record %lld or replaced",
                                 (long long)*records);
}
