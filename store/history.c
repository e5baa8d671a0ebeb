#include "history.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h>

/* ---- the format ----------------------------------------------------------------------------- */

/* Netstrings on their way into the hash, gathered since each update of it has its price. */
struct gathered {
    EVP_MD_CTX *md;
    size_t len;
    char bytes[1024];
};

static void
flush(struct gathered *g)
{
    EVP_DigestUpdate(g->md, g->bytes, g->len);
    g->len = 0;
}

static void
add_bytes(struct gathered *g, const char *bytes, size_t len)
{
    if (len > sizeof(g->bytes) - g->len)
        flush(g);
    if (len > sizeof(g->bytes)) {
        EVP_DigestUpdate(g->md, bytes, len);
        return;
    }
    if (len > 0)
        memcpy(g->bytes + g->len, bytes, len);
    g->len += len;
}

static void
add_text(struct gathered *g, struct str text)
{
    char room[INT_TEXT_SIZE];
    struct str length = str_of_int((int64_t)text.len, room);

    add_bytes(g, length.at, length.len);
    add_bytes(g, ":", 1);
    add_bytes(g, text.at, text.len);
    add_bytes(g, ",", 1);
}

static void
add_number(struct gathered *g, int64_t n)
{
    char room[INT_TEXT_SIZE];

    add_text(g, str_of_int(n, room));
}

void
history_hash(const unsigned char before[32], const struct record *r, unsigned char out[32])
{
    static EVP_MD_CTX *md; /* One for the process: a store is used by one thread. */
    static EVP_MD *sha256;
    struct gathered g;
    unsigned len = 0;

    if (md == NULL) {
        md = EVP_MD_CTX_new();
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    }
    if (md == NULL || sha256 == NULL || EVP_DigestInit_ex2(md, sha256, NULL) != 1)
        memory_exhausted();
    g.md = md;
    g.len = 0;
    add_bytes(&g, (const char *)before, 32);
    add_number(&g, r->seq);
    add_number(&g, r->deployment_id);
    add_number(&g, r->previous);
    add_number(&g, r->at_ms);
    add_text(&g, r->fact);
    add_text(&g, r->from);
    add_text(&g, r->to);
    add_number(&g, r->order_id);
    add_text(&g, r->actor);
    add_text(&g, r->detail);
    flush(&g);
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
    s->newest_ms = r->at_ms;
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
