#include "wire/http_client.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <unistd.h>

#include <curl/curl.h>

#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/memory.h"
#include "wire/curl_loop.h"

#define HEADERS_MAX 65536  /* Bytes of header lines of one answer. */
#define IDLE_MAX 192       /* Easy handles kept for the next call. */
#define BUFFER_SIZE 32768L /* Ten messages of SQS arrive in one piece. */
#define STALL_BYTES_S 1024L
#define WIPED_MAX 65536  /* Answers with credentials in them are shorter. */
#define SPARE_MAX 65536  /* Room for a body that is kept for the next answer. */
#define ENVELOPE_MAX 512 /* Of an URL's scheme and authority, for messages. */

struct http_client {
    struct loop *loop;
    struct curl_loop *wire;
    char *ca_bundle, *proxy;
    long connect_ms;
    CURL *idle[IDLE_MAX];
    size_t idle_count;
    struct buf spare;  /* Wiped room that an answer before left. */
    unsigned settling; /* Depth of done() calls: the client may not go meanwhile. */
    LIST_HEAD(, http_call) calls;
};

struct http_call {
    LIST_ENTRY(http_call) link;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    int upload_fd;
    int64_t upload_len, upload_at;
    http_take *take;
    void *take_cookie;
    int64_t taken; /* Bytes given to take(). */
    struct buf answer, answer_headers;
    bool headers_ended, body_began, too_long;
    struct error refusal; /* From take(), or why it cannot be sent. */
    char origin[ENVELOPE_MAX];
    char trouble[CURL_ERROR_SIZE];
    http_done *done;
    void *cookie;
};

static void call_ended(CURL *easy, CURLcode code, void *cookie);
static void call_unsendable(void *cookie);

/* ---- the client ----------------------------------------------------------------------------- */

struct http_client *
http_client_new(struct loop *l, const struct http_client_settings *settings)
{
    static const struct http_client_settings STANDARD;
    const struct http_client_settings *s = settings != NULL ? settings : &STANDARD;
    struct http_client *c = xcalloc(1, sizeof(*c));

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    c->loop = l;
    c->ca_bundle = s->ca_bundle != NULL ? xstrdup(s->ca_bundle) : NULL;
    c->proxy = xstrdup(s->proxy != NULL ? s->proxy : "");
    c->connect_ms = s->connect_ms > 0 ? (long)s->connect_ms : 10000;
    c->wire = curl_loop_new(l, s->connections_host > 0 ? (long)s->connections_host : 128,
                            s->connections > 0 ? (long)s->connections : 512, call_ended, c);
    LIST_INIT(&c->calls);
    return c;
}

/* Takes `r` off the wire and off the list; its memory stays. */
static void
call_detach(struct http_call *r)
{
    LIST_REMOVE(r, link);
    if (r->easy != NULL)
        curl_loop_remove(r->client->wire, r->easy);
    loop_not_later(r->client->loop, call_unsendable, r);
}

static void
call_free(struct http_call *r)
{
    struct http_client *c = r->client;

    if (r->easy != NULL && c->idle_count < IDLE_MAX) {
        curl_easy_reset(r->easy);
        c->idle[c->idle_count++] = r->easy;
    } else if (r->easy != NULL) {
        curl_easy_cleanup(r->easy);
    }
    curl_slist_free_all(r->headers);
    free(r->body);
    secret_wipe(r->answer.at, r->answer.len < WIPED_MAX ? r->answer.len : 0);
    if (c->spare.at == NULL && r->answer.room <= SPARE_MAX) {
        c->spare = r->answer;
        buf_clear(&c->spare);
    } else {
        buf_free(&r->answer);
    }
    buf_free(&r->answer_headers);
    free(r);
}

void
http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    assert(c->settling == 0);
    for (struct http_call *r = LIST_FIRST(&c->calls), *next; r != NULL; r = next) {
        next = LIST_NEXT(r, link);
        call_detach(r);
        call_free(r);
    }
    while (c->idle_count > 0)
        curl_easy_cleanup(c->idle[--c->idle_count]);
    buf_free(&c->spare);
    curl_loop_free(c->wire);
    free(c->ca_bundle);
    free(c->proxy);
    free(c);
    curl_global_cleanup();
}

/* ---- in order of events: send, bytes out, headers in, body in, ended ------------------------ */

static size_t
give_upload(char *room, size_t size, size_t n, void *cookie)
{
    struct http_call *r = cookie;
    int64_t left = r->upload_len - r->upload_at;
    size_t want = size * n;
    ssize_t got;

    if (left < (int64_t)want)
        want = (size_t)left;
    if (want == 0)
        return 0;
    got = pread(r->upload_fd, room, want, (off_t)r->upload_at);
    if (got <= 0) {
        error_set(&r->refusal, ERROR_INVALID, "file to send: %s",
                  got < 0 ? strerror(errno) : "shorter than was said");
        return CURL_READFUNC_ABORT;
    }
    r->upload_at += got;
    return (size_t)got;
}

static int
seek_upload(void *cookie, curl_off_t offset, int origin)
{
    struct http_call *r = cookie;

    if (origin != SEEK_SET || offset < 0 || offset > r->upload_len)
        return CURL_SEEKFUNC_FAIL;
    r->upload_at = offset;
    return CURL_SEEKFUNC_OK;
}

static size_t
take_header(char *at, size_t size, size_t n, void *cookie)
{
    struct http_call *r = cookie;
    struct str line = { at, size * n };

    if (r->body_began) /* A trailer: it must not pass for a header. */
        return line.len;
    if (r->headers_ended) /* The ones before belonged to a mere 100 Continue. */
        buf_clear(&r->answer_headers);
    r->headers_ended = str_is(line, "\r\n") || str_is(line, "\n");
    buf_add(&r->answer_headers, line);
    if (r->answer_headers.overflow) {
        r->too_long = true;
        return 0;
    }
    return line.len;
}

static size_t
take_body(char *at, size_t size, size_t n, void *cookie)
{
    struct http_call *r = cookie;
    struct str piece = { at, size * n };
    long status = 0;

    r->body_began = true;
    if (r->take != NULL) {
        curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200 && status <= 299) {
            if (piece.len > r->answer.max - (size_t)r->taken) {
                r->too_long = true;
                return 0;
            }
            if (!r->take(r->take_cookie, r->taken, piece, &r->refusal))
                return 0;
            r->taken += (int64_t)piece.len;
            return piece.len;
        }
    }
    if (r->answer.at == NULL) {
        size_t max = r->answer.max;

        r->answer = r->client->spare;
        r->answer.max = max;
        r->client->spare = (struct buf){ .at = NULL };
    }
    buf_add(&r->answer, piece);
    r->too_long = r->answer.overflow;
    return r->too_long ? 0 : piece.len;
}

/* Every header line by itself; false if one could pass for two. */
static bool
set_headers(struct http_call *r, const struct http_question *q)
{
    bool typed = false;

    for (const char *const *h = q->headers; h != NULL && *h != NULL; h++) {
        if (strpbrk(*h, "\r\n") != NULL)
            return error_set(&r->refusal, ERROR_INVALID, "header with a line break");
        typed = typed || strncasecmp(*h, "content-type:", strlen("content-type:")) == 0;
        r->headers = curl_slist_append(r->headers, *h);
    }
    r->headers = curl_slist_append(r->headers, "Expect:");
    if (!typed) /* libcurl would name one of its own. */
        r->headers = curl_slist_append(r->headers, "Content-Type:");
    if (r->headers == NULL)
        abort();
    curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
    return true;
}

static void
set_body(struct http_call *r, const struct http_question *q)
{
    bool carries = strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0 ||
                   strcmp(q->method, "PATCH") == 0;

    if (strcmp(q->method, "HEAD") == 0) {
        curl_easy_setopt(r->easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (q->upload_fd != 0) {
        r->upload_fd = q->upload_fd;
        r->upload_len = q->upload_len;
        curl_easy_setopt(r->easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(r->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)q->upload_len);
        curl_easy_setopt(r->easy, CURLOPT_READFUNCTION, give_upload);
        curl_easy_setopt(r->easy, CURLOPT_READDATA, r);
        curl_easy_setopt(r->easy, CURLOPT_SEEKFUNCTION, seek_upload);
        curl_easy_setopt(r->easy, CURLOPT_SEEKDATA, r);
    } else if (q->body.len > 0 || carries) {
        r->body = xstrcopy(q->body);
        curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
        curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->body);
    }
    curl_easy_setopt(r->easy, CURLOPT_CUSTOMREQUEST, q->method);
}

/* Children must not inherit the socket. */
static int
close_on_exec(void *cookie, curl_socket_t fd, curlsocktype purpose)
{
    (void)cookie;
    (void)purpose;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

static void
set_safety(struct http_call *r, const struct http_question *q)
{
    CURL *easy = r->easy;
    const char *schemes = q->plain_http ? "http,https" : "https";

    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, schemes);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_PROXY, r->client->proxy);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (r->client->ca_bundle != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, r->client->ca_bundle);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
    /* Without it a resolver that hangs holds the whole loop when a call times out. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, close_on_exec);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* What was signed is what goes out. */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, r->client->connect_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)q->timeout_ms);
    if (q->stall_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_S);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((q->stall_ms + 999) / 1000));
    }
    if (q->take != NULL) /* What says beforehand that it is too long is not begun. */
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)q->answer_max);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, q->once ? 1L : 0L);
}

/* "https://host:port" of `url`, without a user's name in it. */
static void
set_origin(struct http_call *r, const char *url)
{
    const char *host = strstr(url, "://");
    size_t len = host == NULL ? 0 : (size_t)(host - url) + 3 + strcspn(host + 3, "/?#");

    if (len < sizeof(r->origin) && memchr(url, '@', len) == NULL)
        memcpy(r->origin, url, len);
    if (r->origin[0] == '\0')
        memcpy(r->origin, "address", sizeof("address"));
}

struct http_call *
http_send(struct http_client *c, const struct http_question *q, http_done *done, void *cookie)
{
    struct http_call *r = xcalloc(1, sizeof(*r));

    assert(q->timeout_ms > 0 && q->answer_max >= 0);
    r->client = c;
    r->done = done;
    r->cookie = cookie;
    r->take = q->take;
    r->take_cookie = q->take_cookie;
    r->answer.max = (size_t)q->answer_max;
    r->answer_headers.max = HEADERS_MAX;
    r->easy = c->idle_count > 0 ? c->idle[--c->idle_count] : curl_easy_init();
    if (r->easy == NULL)
        abort();
    LIST_INSERT_HEAD(&c->calls, r, link);
    set_origin(r, q->url);
    if (!set_headers(r, q)) {
        curl_easy_cleanup(r->easy);
        r->easy = NULL;
        loop_later(c->loop, call_unsendable, r);
        return r;
    }
    set_body(r, q);
    set_safety(r, q);
    curl_easy_setopt(r->easy, CURLOPT_URL, q->url);
    curl_easy_setopt(r->easy, CURLOPT_USERAGENT, "slipway/" SLIPWAY_VERSION);
    curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->trouble);
    curl_easy_setopt(r->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(r->easy, CURLOPT_HEADERDATA, r);
    curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(r->easy, CURLOPT_PRIVATE, r);
    curl_loop_add(c->wire, r->easy); /* Sets a timer; nothing is sent before the loop runs. */
    return r;
}

/*
 * True if no byte of the request went out.  The error code alone does not tell: libcurl calls an
 * answer that is no HTTP "unsupported protocol" too.
 */
static bool
failed_before_sending(const struct http_call *r)
{
    long sent = 0;

    curl_easy_getinfo(r->easy, CURLINFO_REQUEST_SIZE, &sent);
    return sent == 0;
}

static void
explain(struct http_call *r, CURLcode code, struct http_answer *a)
{
    const char *why = r->trouble[0] != '\0' ? r->trouble : curl_easy_strerror(code);
    long number = 0;

    if (r->too_long || code == CURLE_FILESIZE_EXCEEDED) {
        a->outcome = HTTP_TOO_LONG;
        error_set(&a->error, ERROR_INVALID, "%s: answer longer than %zu bytes", r->origin,
                  r->answer_headers.overflow ? (size_t)HEADERS_MAX : r->answer.max);
    } else if (r->refusal.kind != ERROR_NONE) {
        a->outcome = HTTP_ABANDONED;
        a->error = r->refusal;
    } else if (failed_before_sending(r)) {
        curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &number);
        a->outcome = HTTP_NOT_SENT;
        error_set(&a->error, ERROR_UNREACHABLE, "%s: %s%s%s", r->origin, why,
                  number != 0 ? ": " : "", number != 0 ? strerror((int)number) : "");
    } else {
        a->outcome = code == CURLE_OPERATION_TIMEDOUT ? HTTP_TIMED_OUT : HTTP_BROKEN;
        error_set(&a->error, ERROR_UNREACHABLE, "%s: %s", r->origin, why);
    }
}

static void
settle(struct http_call *r, const struct http_answer *a)
{
    struct http_client *c = r->client;

    call_detach(r);
    c->settling++;
    r->done(r->cookie, a);
    c->settling--;
    call_free(r);
}

static void
call_ended(CURL *easy, CURLcode code, void *cookie)
{
    struct http_answer a = { .outcome = HTTP_ANSWERED };
    struct http_call *r;
    long status = 0;

    (void)cookie;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &r);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    a.status = (int)status;
    if (code != CURLE_OK)
        explain(r, code, &a);
    a.body = r->answer.len > 0 ? buf_str(&r->answer) : STR("");
    a.headers = buf_str(&r->answer_headers);
    settle(r, &a);
}

static void
call_unsendable(void *cookie)
{
    struct http_call *r = cookie;
    struct http_answer a = { .outcome = HTTP_NOT_SENT, .body = STR(""), .error = r->refusal };

    settle(r, &a);
}

void
http_cancel(struct http_call *r)
{
    if (r == NULL)
        return;
    call_detach(r);
    call_free(r);
}
