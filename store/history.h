#ifndef SLIPWAY_HISTORY_H
#define SLIPWAY_HISTORY_H

/**
 * History: the append-only, hash-chained record of every change.  Private to store/.
 *
 * hash(n) = SHA-256(hash(n-1) | record(n)), where record(n) is each field in
 * the order below as a netstring ("5:hello,"), numbers in decimal; the hash
 * before the first record is 32 zero bytes.  docs/storage.md has the format.
 */

#include "statement.h"

struct record {
    int64_t seq, deployment_id, previous, at_ms;
    struct str fact, from, to;
    int64_t order_id;
    struct str actor, detail;
};

/** SHA-256 over the hash before and the record. */
void history_hash(const unsigned char before[32], const struct record *r, unsigned char out[32]);

/** Appends a record: gives it its seq and moves the end of the chain. */
bool history_append(struct store *s, struct record *r, struct error *e) MUST_CHECK;

/** Reads the row that `q` (history_load or history_all) stands on; lent until the next step. */
struct record history_row(sqlite3_stmt *q, struct str *hash) MUST_CHECK;

#endif
