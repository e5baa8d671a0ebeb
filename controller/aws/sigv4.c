#include "aws/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "aws/uri.h"
#include "slipway/instant.h"

#define HEADERS_MAX 64
#define OWN_HEADERS 4 /* host, x-amz-date, x-amz-security-token, x-amz-content-sha256 */
#define NAME_SIZE 129
#define PAIRS_MAX 128
#define TEXT_MAX (512 * 1024) /* Of a canonical request. */
#define PART_MAX 131072
#define WORD_MAX 128
#define HASH_SIZE 32
#define BLOCK_SIZE 64  /* Of SHA-256, for HMAC. */
#define SECRET_MAX 256 /* Of a secret key; AWS's own have 40 characters. */

/* Kept from call to call: signing is on the hot path and allocates nothing once they have grown. */
static struct buf scratch = { .max = TEXT_MAX };
static struct buf query = { .max = TEXT_MAX };
static struct buf line = { .max = sizeof(((struct sigv4_signature *)0)->authorization) - 1 };

/* ---- hashes --------------------------------------------------------------------------------- */

static EVP_MD_CTX *
begin_hash(void)
{
    static EVP_MD_CTX *context;
    static EVP_MD *sha256;

    if (context == NULL) {
        context = EVP_MD_CTX_new();
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    }
    if (context == NULL || sha256 == NULL || EVP_DigestInit_ex2(context, sha256, NULL) != 1)
        abort();
    return context;
}

static void
hash(struct str a, struct str b, uint8_t out[HASH_SIZE])
{
    EVP_MD_CTX *context = begin_hash();

    if (EVP_DigestUpdate(context, a.at, a.len) != 1 ||
        EVP_DigestUpdate(context, b.at, b.len) != 1 || EVP_DigestFinal_ex(context, out, NULL) != 1)
        abort();
}

/* HMAC-SHA-256 (RFC 2104) of `text`. */
static void
hmac(struct str key, struct str text, uint8_t out[HASH_SIZE])
{
    char inner[BLOCK_SIZE] = { 0 }, outer[BLOCK_SIZE] = { 0 };

    if (key.len > BLOCK_SIZE)
        hash(key, STR(""), (uint8_t *)inner);
    else if (key.len > 0)
        memcpy(inner, key.at, key.len);
    memcpy(outer, inner, sizeof(outer));
    for (size_t i = 0; i < BLOCK_SIZE; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5C;
    }
    hash((struct str){ inner, sizeof(inner) }, text, out);
    hash((struct str){ outer, sizeof(outer) }, (struct str){ (char *)out, HASH_SIZE }, out);
    OPENSSL_cleanse(inner, sizeof(inner));
    OPENSSL_cleanse(outer, sizeof(outer));
}

static const char *
to_hex(const uint8_t bytes[HASH_SIZE], char hex[2 * HASH_SIZE + 1])
{
    static const char DIGITS[] = "0123456789abcdef";

    for (size_t i = 0; i < HASH_SIZE; i++) {
        hex[2 * i] = DIGITS[bytes[i] >> 4];
        hex[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    hex[2 * HASH_SIZE] = '\0';
    return hex;
}

const char *
sigv4_hash(struct str bytes, char hex[65])
{
    uint8_t out[HASH_SIZE];

    hash(bytes, STR(""), out);
    return to_hex(out, hex);
}

/* ---- the canonical request ------------------------------------------------------------------ */

/* Adds `path` without "." and "..", and with single slashes. */
static void
add_normalised(struct buf *to, struct str path)
{
    size_t begin = to->len;
    bool slash_last = path.len > 0 && path.at[path.len - 1] == '/';
    struct str segment, rest = path;

    while (rest.len > 0) {
        str_cut(rest, '/', &segment, &rest);
        if (str_is(segment, "..")) {
            while (to->len > begin && to->at[--to->len] != '/')
                ;
        } else if (segment.len > 0 && !str_is(segment, ".")) {
            buf_char(to, '/');
            uri_encode(to, segment, false);
        }
    }
    if (to->len == begin || (slash_last && to->at[to->len - 1] != '/'))
        buf_char(to, '/');
}

static void
add_path(struct buf *to, const struct sigv4_request *r)
{
    if (r->path.len == 0)
        buf_char(to, '/');
    else if (r->path_verbatim)
        buf_add(to, r->path);
    else if (r->path_as_is)
        uri_encode(to, r->path, true);
    else
        add_normalised(to, r->path);
}

/* One parameter: where its encoded key and value stand in `query`. */
struct pair {
    size_t key, key_len, value, value_len;
};

static int
compare_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t both = a_len < b_len ? a_len : b_len;
    int order = both == 0 ? 0 : memcmp(a, b, both);

    return order != 0 ? order : a_len < b_len ? -1 : a_len > b_len;
}

static int
compare_pairs(const struct pair *a, const struct pair *b)
{
    int order = compare_text(query.at + a->key, a->key_len, query.at + b->key, b->key_len);

    return order != 0
               ? order
               : compare_text(query.at + a->value, a->value_len, query.at + b->value, b->value_len);
}

static bool
add_query(struct buf *to, struct str wire)
{
    struct pair pairs[PAIRS_MAX];
    size_t count = 0;
    struct str one, key, value;

    buf_clear(&query);
    while (wire.len > 0) {
        struct pair p = { .key = query.len };
        size_t at;

        str_cut(wire, '&', &one, &wire);
        if (one.len == 0)
            continue;
        if (count == PAIRS_MAX)
            return false;
        if (!str_cut(one, '=', &key, &value))
            value = STR("");
        uri_encode_rest(&query, key);
        p.key_len = query.len - p.key;
        p.value = query.len;
        uri_encode_rest(&query, value);
        p.value_len = query.len - p.value;
        for (at = count++; at > 0 && compare_pairs(&pairs[at - 1], &p) > 0; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = p;
    }
    for (size_t i = 0; i < count; i++) {
        buf_add(to, i > 0 ? STR("&") : STR(""));
        buf_add(to, (struct str){ query.at + pairs[i].key, pairs[i].key_len });
        buf_char(to, '=');
        buf_add(to, (struct str){ query.at + pairs[i].value, pairs[i].value_len });
    }
    return true;
}

/* A header to sign; equal names keep their order. */
struct named {
    char name[NAME_SIZE]; /* Lower case. */
    struct str value;
};

struct name_list {
    struct named items[HEADERS_MAX + OWN_HEADERS];
    size_t count;
};

static bool
add_name(struct name_list *list, struct str name, struct str value)
{
    struct named *items = list->items;
    char lower[NAME_SIZE];
    size_t at;

    if (list->count == ARRAY_LEN(list->items) || name.len >= NAME_SIZE || value.len > PART_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    lower[name.len] = '\0';
    for (at = list->count++; at > 0 && strcmp(items[at - 1].name, lower) > 0; at--)
        items[at] = items[at - 1];
    memcpy(items[at].name, lower, name.len + 1);
    items[at].value = value;
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Adds the value without blanks at its ends and with single spaces for those inside. */
static void
add_value(struct buf *to, struct str value)
{
    size_t from = 0, i = 0;

    value = str_trim(value);
    while (i < value.len) {
        while (i < value.len && !is_blank(value.at[i]))
            i++;
        buf_add(to, (struct str){ value.at + from, i - from });
        while (i < value.len && is_blank(value.at[i]))
            i++;
        if (i < value.len)
            buf_char(to, ' ');
        from = i;
    }
}

static bool
collect_headers(struct name_list *list, const struct sigv4_request *r, struct str token,
                const struct sigv4_signature *s)
{
    list->count = 0;
    for (size_t i = 0; i < r->header_count; i++)
        if (!add_name(list, r->headers[i].name, r->headers[i].value))
            return false;
    return add_name(list, STR("host"), r->host) &&
           add_name(list, STR("x-amz-date"), str_of(s->date)) &&
           (!r->content_hash ||
            add_name(list, STR("x-amz-content-sha256"), str_of(s->content_sha256))) &&
           (token.len == 0 || add_name(list, STR("x-amz-security-token"), token));
}

static void
add_headers(struct buf *to, const struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct named *h = &list->items[i];

        if (i > 0 && strcmp(h[-1].name, h->name) == 0) {
            to->len--; /* The line before goes on. */
            buf_char(to, ',');
        } else {
            buf_add(to, str_of(h->name));
            buf_char(to, ':');
        }
        add_value(to, h->value);
        buf_char(to, '\n');
    }
}

static void
add_names(struct buf *to, const struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0 && strcmp(list->items[i - 1].name, list->items[i].name) == 0)
            continue;
        buf_add(to, i > 0 ? STR(";") : STR(""));
        buf_add(to, str_of(list->items[i].name));
    }
}

/* ---- the signature -------------------------------------------------------------------------- */

/* The key of one day, Region and service, derived anew only when one of them changed. */
static void
derive_key(const struct sigv4_request *r, const struct sigv4_key *key, const char *scope,
           struct sigv4_cache *cache)
{
    char first[4 + SECRET_MAX];
    uint8_t mark[HASH_SIZE];
    struct str link = { (const char *)cache->key, HASH_SIZE };

    hash(key->access_key, key->secret_key, mark);
    if (strcmp(cache->scope, scope) == 0 &&
        CRYPTO_memcmp(mark, cache->secret_mark, sizeof(mark)) == 0)
        return;
    memcpy(first, "AWS4", 4);
    memcpy(first + 4, key->secret_key.at, key->secret_key.len);
    hmac((struct str){ first, key->secret_key.len + 4 }, (struct str){ scope, 8 }, cache->key);
    hmac(link, r->region, cache->key);
    hmac(link, r->service, cache->key);
    hmac(link, STR("aws4_request"), cache->key);
    OPENSSL_cleanse(first, sizeof(first));
    memcpy(cache->secret_mark, mark, sizeof(mark));
    snprintf(cache->scope, sizeof(cache->scope), "%s", scope);
}

static bool
within_limits(const struct sigv4_request *r, const struct sigv4_key *key, struct error *e)
{
    if (key->access_key.len == 0 || key->access_key.len > WORD_MAX || key->secret_key.len == 0 ||
        key->secret_key.len > SECRET_MAX)
        return error_set(e, ERROR_INVALID, "credentials: access key or secret key of odd length");
    if (r->region.len == 0 || r->service.len == 0 || r->region.len + r->service.len > WORD_MAX)
        return error_set(e, ERROR_INVALID, "region or service too long to sign for");
    if (r->header_count > HEADERS_MAX || r->path.len > PART_MAX || r->query.len > PART_MAX ||
        r->payload_hash.len > 64)
        return error_set(e, ERROR_INVALID, "request too long to sign");
    return true;
}

static bool
canonical_request(const struct sigv4_request *r, const struct name_list *headers, struct error *e)
{
    buf_clear(&scratch);
    buf_add(&scratch, r->method);
    buf_char(&scratch, '\n');
    add_path(&scratch, r);
    buf_char(&scratch, '\n');
    if (!add_query(&scratch, r->query))
        return error_set(e, ERROR_INVALID, "more than %d query parameters to sign", PAIRS_MAX);
    buf_char(&scratch, '\n');
    add_headers(&scratch, headers);
    buf_char(&scratch, '\n');
    add_names(&scratch, headers);
    buf_char(&scratch, '\n');
    buf_add(&scratch, r->payload_hash);
    if (scratch.overflow || query.overflow)
        return error_set(e, ERROR_INVALID, "request too long to sign");
    return true;
}

bool
sigv4_sign(const struct sigv4_request *r, const struct sigv4_key *key, struct sigv4_cache *cache,
           struct sigv4_signature *s, struct buf *canonical, struct error *e)
{
    struct sigv4_cache passing = { .scope = "" };
    struct sigv4_cache *c = cache != NULL ? cache : &passing;
    static struct name_list headers;
    char scope[192], text[512], hex[2 * HASH_SIZE + 1];
    uint8_t signature[HASH_SIZE];

    memset(s, 0, sizeof(*s));
    if (!within_limits(r, key, e))
        return false;
    instant_sigv4(r->now_ms, s->date);
    if (r->content_hash)
        snprintf(s->content_sha256, sizeof(s->content_sha256), "%.*s", STR_ARG(r->payload_hash));
    if (!collect_headers(&headers, r, key->session_token, s))
        return error_set(e, ERROR_INVALID, "headers too many or too long to sign");
    if (!canonical_request(r, &headers, e))
        return false;
    if (canonical != NULL)
        buf_add(canonical, buf_str(&scratch));
    snprintf(scope, sizeof(scope), "%.8s/%.*s/%.*s/aws4_request", s->date, STR_ARG(r->region),
             STR_ARG(r->service));
    derive_key(r, key, scope, c);
    snprintf(text, sizeof(text), "AWS4-HMAC-SHA256\n%s\n%s\n%s", s->date, scope,
             sigv4_hash(buf_str(&scratch), hex));
    hmac((struct str){ (const char *)c->key, HASH_SIZE }, str_of(text), signature);
    OPENSSL_cleanse(&passing, sizeof(passing));
    buf_clear(&line);
    buf_printf(&line,
               "AWS4-HMAC-SHA256 Credential=%.*s/%s, SignedHeaders=", STR_ARG(key->access_key),
               scope);
    add_names(&line, &headers);
    buf_printf(&line, ", Signature=%s", to_hex(signature, hex));
    if (line.overflow)
        return error_set(e, ERROR_INVALID, "headers too long to sign");
    memcpy(s->authorization, line.at, line.len + 1);
    return true;
}
