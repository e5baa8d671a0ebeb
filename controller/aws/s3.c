#include "aws/s3.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "aws/send.h"
#include "aws/uri.h"
#include "slipway/instant.h"
#include "slipway/memory.h"

#define KEY_MAX 1024
#define TEXT_SIZE 1100
#define ERROR_BODY_MAX 65536
#define TRANSFER_MS HOURS(6) /* What stops earlier is a stall, not a big object. */
#define STALL_MS SECONDS(60)
#define HASH_SIZE 32

/* An object on its way into a file. */
struct download {
    int fd;
    int64_t max, size;
    bool too_long;
    EVP_MD_CTX *hash;
    EVP_MD_CTX *md5; /* For the ETag; NULL where this OpenSSL has no MD5. */
};

bool
s3_parse(const char *url, struct str *bucket, struct str *key, struct error *e)
{
    struct str u = str_of(url);

    if (str_starts(u, "s3://")) {
        u = (struct str){ u.at + 5, u.len - 5 };
        str_cut(u, '/', bucket, key);
        if (bucket->len >= 3 && bucket->len <= 63)
            return true;
    }
    return error_set(e, ERROR_INVALID, "\"%.200s\": \"s3://bucket/key\" is needed", url);
}

static struct aws_question
question(const char *operation, const char *method, const char *bucket)
{
    return (struct aws_question){ .service = AWS_S3,
                                  .operation = operation,
                                  .method = method,
                                  .bucket = bucket,
                                  .idempotent = true };
}

/* Sends `q` to the path of `key`. */
static struct aws_call *
send_key(struct aws_account *account, struct aws_question *q, const char *key, aws_read *read,
         aws_then *then, void *cookie, struct download *own, void (*free_own)(void *))
{
    struct buf path = { .max = (size_t)3 * KEY_MAX + 1 };
    struct aws_call *call;

    buf_char(&path, '/');
    uri_encode(&path, str_of(key), true);
    if (key[0] == '\0' || strlen(key) > KEY_MAX)
        q->broken = "the key is empty or longer than 1024 bytes";
    q->path = path.at;
    call = aws_ask(account, q, read, then, cookie, own, free_own);
    buf_free(&path);
    return call;
}

/* A header's text, copied into `buf`; "" if it is absent or too long. */
static const char *
header_text(const struct aws_answer *a, const char *name, char buf[TEXT_SIZE])
{
    if (!str_copy(buf, TEXT_SIZE, http_header(a->http, name)))
        buf[0] = '\0';
    return buf;
}

/* Texts of one s3_object. */
struct object_texts {
    char etag[TEXT_SIZE], version_id[TEXT_SIZE], sha256[TEXT_SIZE];
};

static void
read_object(const struct aws_answer *a, struct s3_object *o, struct object_texts *t)
{
    o->etag = header_text(a, "etag", t->etag);
    o->version_id = header_text(a, "x-amz-version-id", t->version_id);
    o->sha256 = header_text(a, "x-amz-meta-sha256", t->sha256);
    if (!str_to_int(http_header(a->http, "content-length"), &o->size))
        o->size = 0;
    if (!instant_parse_http(http_header(a->http, "last-modified"), &o->modified_ms))
        o->modified_ms = 0;
}

/* ---- get ------------------------------------------------------------------------------------ */

static bool
take_piece(void *cookie, int64_t offset, struct str piece, struct error *e)
{
    struct download *d = cookie;
    size_t done = 0;

    if (offset == 0) {
        d->size = 0;
        d->too_long = false;
        if (EVP_DigestInit_ex(d->hash, EVP_sha256(), NULL) != 1)
            abort();
        if (d->md5 != NULL && EVP_DigestInit_ex(d->md5, EVP_md5(), NULL) != 1) {
            EVP_MD_CTX_free(d->md5);
            d->md5 = NULL;
        }
        if (ftruncate(d->fd, 0) != 0)
            return error_set(e, ERROR_STORAGE, "file to write: %s", strerror(errno));
    }
    if ((int64_t)piece.len > d->max - d->size) {
        d->too_long = true;
        return error_set(e, ERROR_INVALID, "the object is longer than %lld bytes",
                         (long long)d->max);
    }
    while (done < piece.len) {
        ssize_t n = pwrite(d->fd, piece.at + done, piece.len - done, (off_t)(d->size));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set(e, ERROR_STORAGE, "file to write: %s", strerror(errno));
        done += (size_t)n;
        d->size += n;
    }
    if (EVP_DigestUpdate(d->hash, piece.at, piece.len) != 1 ||
        (d->md5 != NULL && EVP_DigestUpdate(d->md5, piece.at, piece.len) != 1))
        abort();
    return true;
}

static void
download_free(void *own)
{
    struct download *d = own;

    EVP_MD_CTX_free(d->hash);
    EVP_MD_CTX_free(d->md5);
    free(d);
}

static void
write_hash(struct download *d, char hex[TEXT_SIZE])
{
    unsigned char hash[HASH_SIZE];

    if (EVP_DigestFinal_ex(d->hash, hash, NULL) != 1)
        abort();
    for (size_t i = 0; i < HASH_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

/* The ETag of an object that was put in one piece and not encrypted with a key of KMS or the
 * customer's is the MD5 of its content in hex (S3 API reference, "Object", ETag); then a body that
 * was spoilt on its way is seen.  True for every other ETag. */
static bool
is_what_etag_says(struct download *d, const struct aws_answer *a, struct str etag)
{
    struct str sse = http_header(a->http, "x-amz-server-side-encryption");
    unsigned char md5[16];
    char hex[35] = "\"";

    if (d->md5 == NULL || etag.len != 34 || str_starts(sse, "aws:kms") ||
        http_header(a->http, "x-amz-server-side-encryption-customer-algorithm").len > 0 ||
        EVP_DigestFinal_ex(d->md5, md5, NULL) != 1)
        return true;
    for (size_t i = 0; i < sizeof(md5); i++)
        snprintf(hex + 1 + 2 * i, 3, "%02x", md5[i]);
    hex[33] = '"';
    return str_equal(etag, (struct str){ hex, 34 });
}

static void
get_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    s3_read *done = (s3_read *)then;
    struct download *d = a->own;
    struct object_texts texts;
    struct s3_object o = { .size = 0 };
    struct error e;

    /* Whichever limit saw it first: it is as long the next time. */
    if (d->too_long || (a->result.status == 200 && strcmp(a->result.code, "TooLong") == 0)) {
        a->result.outcome = AWS_REFUSED;
        a->result.code = "TooLong";
    }
    if (a->result.outcome != AWS_OK) {
        done(cookie, &a->result, NULL);
        return;
    }
    read_object(a, &o, &texts);
    if (o.etag[0] == '\0') { /* S3 always names what it gives: this came from something else. */
        aws_wrong(a, "no ETag in the answer");
        done(cookie, &a->result, NULL);
        return;
    }
    if (d->size > 0 && !is_what_etag_says(d, a, str_of(o.etag))) {
        aws_wrong(a, "the bytes that came are not those of ETag %s", o.etag);
        done(cookie, &a->result, NULL);
        return;
    }
    if (d->size == 0 && !take_piece(d, 0, STR(""), &e)) { /* An empty object: nothing was taken. */
        aws_wrong(a, "%s", e.text);
        done(cookie, &a->result, NULL);
        return;
    }
    o.size = d->size;
    write_hash(d, texts.sha256);
    done(cookie, &a->result, &o);
}

struct aws_call *
s3_get(struct aws_account *account, const char *bucket, const char *key, const char *etag, int fd,
       int64_t max, s3_read *done, void *cookie)
{
    struct aws_question q = question("GetObject", "GET", bucket);
    char match[TEXT_SIZE];
    const char *const headers[] = { match, NULL };
    struct download *d = xcalloc(1, sizeof(*d));

    assert(fd > 0 && max >= 0);
    d->fd = fd;
    d->max = max;
    d->hash = EVP_MD_CTX_new();
    d->md5 = EVP_MD_CTX_new();
    if (d->hash == NULL)
        abort();
    if (etag != NULL) {
        snprintf(match, sizeof(match), "If-Match: %s", etag);
        q.headers = headers;
    }
    q.take = take_piece;
    q.timeout_ms = TRANSFER_MS;
    q.stall_ms = STALL_MS;
    q.answer_max = max > ERROR_BODY_MAX ? max : ERROR_BODY_MAX;
    return send_key(account, &q, key, get_came, (aws_then *)done, cookie, d, download_free);
}

/* ---- head and put --------------------------------------------------------------------------- */

static void
head_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    s3_read *done = (s3_read *)then;
    struct object_texts texts;
    struct s3_object o;

    if (a->result.outcome == AWS_OK)
        read_object(a, &o, &texts);
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &o : NULL);
}

struct aws_call *
s3_head(struct aws_account *account, const char *bucket, const char *key, s3_read *done,
        void *cookie)
{
    struct aws_question q = question("HeadObject", "HEAD", bucket);

    return send_key(account, &q, key, head_came, (aws_then *)done, cookie, NULL, NULL);
}

static void
put_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    s3_read *done = (s3_read *)then;
    struct object_texts texts;
    struct s3_object o;

    if (a->result.outcome != AWS_OK) {
        done(cookie, &a->result, NULL);
        return;
    }
    read_object(a, &o, &texts);
    o.size = 0; /* The answer's own length is not the object's. */
    o.sha256 = "";
    if (o.etag[0] == '\0')
        aws_wrong(a, "no ETag in the answer");
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &o : NULL);
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The checksum header S3 wants: the same hash, in base64. */
static bool
checksum_header(const char *hex, char *to, size_t size)
{
    unsigned char bytes[HASH_SIZE], base64[64];

    if (strlen(hex) != (size_t)2 * HASH_SIZE)
        return false;
    for (size_t i = 0; i < HASH_SIZE; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    EVP_EncodeBlock(base64, bytes, HASH_SIZE);
    snprintf(to, size, "x-amz-checksum-sha256: %s", (const char *)base64);
    return true;
}

struct aws_call *
s3_put(struct aws_account *account, const struct s3_put_order *order, s3_read *done, void *cookie)
{
    struct aws_question q = question("PutObject", "PUT", order->bucket);
    char type[TEXT_SIZE], checksum[128], meta[128];
    const char *const headers[] = { type, checksum, meta,
                                    order->only_new ? "If-None-Match: *" : NULL, NULL };

    assert(order->fd > 0 && order->size >= 0 && order->size <= S3_OBJECT_MAX);
    snprintf(type, sizeof(type), "Content-Type: %s",
             order->content_type != NULL ? order->content_type : "application/octet-stream");
    snprintf(meta, sizeof(meta), "x-amz-meta-sha256: %.64s", order->sha256);
    if (!checksum_header(order->sha256, checksum, sizeof(checksum)))
        q.broken = "the SHA-256 is not 64 hex digits in lower case";
    q.headers = headers;
    q.upload_fd = order->fd;
    q.upload_len = order->size;
    q.upload_sha256 = order->sha256;
    q.timeout_ms = TRANSFER_MS;
    q.stall_ms = STALL_MS;
    return send_key(account, &q, order->key, put_came, (aws_then *)done, cookie, NULL, NULL);
}
