#include "history.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

/* ---- the format ----------------------------------------------------------------------------- */

static void
add_text(EVP_MD_CTX *md, struct str text)
{
    char head[24];
    int len = snprintf(head, sizeof(head), "%zu:", text.len);

    EVP_DigestUpdate(md, head, (size_t)len);
    EVP_DigestUpdate(md, text.at, text.len);
    EVP_DigestUpdate(md, ",", 1);
}

static void
add_number(EVP_MD_CTX *md, int64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%lld", (long long)n);

    add_text(md, (struct str){ text, (size_t)len });
}

void
history_hash(const unsigned char before[32], const struct record *r, unsigned char out[32])
{
    static EVP_MD_CTX *md; /* One for the process: a store is used by one thread. */
    static EVP_MD *sha256;
    unsigned len = 0;

    if (md == NULL) {
        md = EVP_MD_CTX_new();
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    }
    if (md == NULL || sha256 == NULL || EVP_DigestInit_ex2(md, sha256, NULL) != 1)
        memory_exhausted();
    EVP_DigestUpdate(md, before, 32);
    add_number(md, r->seq);
    add_number(md, r->deployment_id);
    add_number(md, r->previous);
    add_number(md, r->at_ms);
    add_text(md, r->fact);
    add_text(md, r->from);
    add_text(md, r->to);
    add_number(md, r->order_id);
    add_text(md, r->actor);
    add_text(md, r->detail);
    EVP_DigestFinal_ex(md, out, &len);
    assert(len == 32);
}

/* ---- rows ----------------------------------------------------------------------------------- */

bool
history_append(struct store *s, struct record *r, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_HISTORY_INSERT);
    unsigned char hash[32];

    r->seq = s->next_seq;
    history_hash(s->head, r, hash);
    bind_int(q, ":seq", r->seq);
    bind_int(q, ":deployment_id", r->deployment_id);
    bind_int(q, ":previous", r->previous);
    bind_int(q, ":at_ms", r->at_ms);
    bind_str(q, ":fact", r->fact);
    bind_str(q, ":from_state", r->from);
    bind_str(q, ":to_state", r->to);
    bind_int(q, ":order_id", r->order_id);
    bind_str(q, ":actor", r->actor);
    bind_str(q, ":detail", r->detail);
    bind_blob(q, ":hash", hash, sizeof(hash));
    if (!statement_run(s, q, NULL, e))
        return false;
    s->next_seq++;
    memcpy(s->head, hash, sizeof(hash));
    return true;
}

struct record
history_row(sqlite3_stmt *q, struct str *hash)
{
    struct record r = { .seq = sqlite3_column_int64(q, 0),
                        .deployment_id = sqlite3_column_int64(q, 1),
                        .previous = sqlite3_column_int64(q, 2),
                        .at_ms = sqlite3_column_int64(q, 3),
                        .fact = column_str(q, 4),
                        .from = column_str(q, 5),
                        .to = column_str(q, 6),
                        .order_id = sqlite3_column_int64(q, 7),
                        .actor = column_str(q, 8),
                        .detail = column_str(q, 9) };

    *hash = (struct str){ sqlite3_column_blob(q, 10), (size_t)sqlite3_column_bytes(q, 10) };
    return r;
}
