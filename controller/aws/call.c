#include "aws/call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "aws/call_internal.h"
#include "platform/log.h"
#include "platform/secret.h"
#include "slipway/instant.h"
#include "slipway/memory.h"

static void lane_move(void *cookie);
static void call_sign(struct aws_call *c);
static void call_fail(void *cookie);

const char *
aws_outcome_name(enum aws_outcome o)
{
    static const char *const NAMES[] = { "ok", "refused", "throttled", "unknown", "not sent" };

    return NAMES[o];
}

bool
aws_refused(const struct aws_result *r, const char *code)
{
    return r->outcome == AWS_REFUSED && strcmp(r->code, code) == 0;
}

bool
aws_may_pass(const struct aws_result *r)
{
    return r->outcome == AWS_THROTTLED || r->outcome == AWS_UNKNOWN || r->outcome == AWS_NOT_SENT;
}

/* ---- a call's life -------------------------------------------------------------------------- */

static const char *
copy_or_null(const char *text)
{
    return text != NULL ? xstrdup(text) : NULL;
}

/* Copies the question: the asker keeps nothing of it. */
static void
copy_question(struct aws_call *c, const struct aws_question *q)
{
    size_t count = 0;

    c->q = *q;
    c->q.method = xstrdup(q->method != NULL ? q->method : "POST");
    c->q.path = xstrdup(q->path != NULL ? q->path : "/");
    c->q.query = xstrdup(q->query != NULL ? q->query : "");
    c->q.bucket = copy_or_null(q->bucket);
    c->q.upload_sha256 = copy_or_null(q->upload_sha256);
    c->q.body = (struct str){ xstrcopy(q->body), q->body.len };
    while (q->headers != NULL && q->headers[count] != NULL)
        count++;
    c->headers = xcalloc(count + 1, sizeof(*c->headers));
    for (size_t i = 0; i < count; i++)
        c->headers[i] = xstrdup(q->headers[i]);
    c->q.headers = (const char *const *)c->headers;
}

/* Takes the call out of wherever it waits; none of its callbacks will come. */
static void
call_halt(struct aws_call *c)
{
    loop_not_later(c->account->aws->loop, call_fail, c);
    if (c->state == CALL_QUEUED) {
        TAILQ_REMOVE(&c->lane->waiting, c, queued);
        c->account->aws->counts[c->q.service].waiting--;
    }
    credentials_cancel(c->wait);
    http_cancel(c->http);
    timer_free(c->timer);
    c->wait = NULL;
    c->http = NULL;
    c->timer = NULL;
}

static void
call_free(struct aws_call *c)
{
    LIST_REMOVE(c, link);
    if (c->free_own != NULL)
        c->free_own(c->own);
    for (char **h = c->headers; *h != NULL; h++)
        free(*h);
    free(c->headers);
    free((void *)(uintptr_t)c->q.method);
    free((void *)(uintptr_t)c->q.path);
    free((void *)(uintptr_t)c->q.query);
    free((void *)(uintptr_t)c->q.bucket);
    free((void *)(uintptr_t)c->q.upload_sha256);
    secret_wipe((void *)(uintptr_t)c->q.body.at, c->q.body.len);
    free((void *)(uintptr_t)c->q.body.at);
    free(c);
}

void
aws_cancel(struct aws_call *c)
{
    if (c == NULL)
        return;
    call_halt(c);
    call_free(c);
}

void
calls_part_from_credentials(struct aws *a)
{
    struct aws_call *c;

    LIST_FOREACH (c, &a->calls, link) {
        credentials_cancel(c->wait);
        c->wait = NULL;
    }
}

void
calls_free(struct aws *a)
{
    struct aws_call *c, *next;

    for (c = LIST_FIRST(&a->calls); c != NULL; c = next) {
        next = LIST_NEXT(c, link);
        aws_cancel(c);
    }
}

/* ---- in order of events: ask, queue, sign, answered, pause, finish -------------------------- */

static void
call_queue(struct aws_call *c)
{
    struct aws_counts *counts = &c->account->aws->counts[c->q.service];

    if (c->q.broken != NULL || counts->waiting >= LANE_QUEUE_MAX) {
        c->state = CALL_FAILED;
        if (c->q.broken != NULL)
            error_set(&c->error, ERROR_INVALID, "%s", c->q.broken);
        else
            error_set(&c->error, ERROR_UNREACHABLE, "%d calls wait for the limit already",
                      LANE_QUEUE_MAX);
        loop_later(c->account->aws->loop, call_fail, c);
        return;
    }
    counts->waiting++;
    c->state = CALL_QUEUED;
    TAILQ_INSERT_TAIL(&c->lane->waiting, c, queued);
    lane_move(c->lane);
}

struct aws_call *
aws_ask(struct aws_account *account, const struct aws_question *q, aws_read *read, aws_then *then,
        void *cookie, void *own, void (*free_own)(void *))
{
    struct aws_call *c = xcalloc(1, sizeof(*c));

    c->account = account;
    c->lane = lane_of(account, q->service);
    c->read = read;
    c->then = then;
    c->cookie = cookie;
    c->own = own;
    c->free_own = free_own;
    copy_question(c, q);
    LIST_INSERT_HEAD(&account->aws->calls, c, link);
    account->aws->counts[q->service].calls++;
    call_queue(c);
    return c;
}

/* Sends what the limits of this lane let pass, in the order of asking. */
static void
lane_move(void *cookie)
{
    struct lane *l = cookie;
    struct aws *a = l->aws;
    struct aws_call *c, *next;
    int64_t soonest = -1;

    for (c = TAILQ_FIRST(&l->waiting); c != NULL; c = next) {
        int64_t wait = lane_permit(l, c->q.operation, loop_monotonic_ms(a->loop));

        next = TAILQ_NEXT(c, queued);
        if (wait > 0) {
            soonest = soonest < 0 || wait < soonest ? wait : soonest;
            continue;
        }
        TAILQ_REMOVE(&l->waiting, c, queued);
        a->counts[l->service].waiting--;
        call_sign(c);
    }
    if (soonest < 0)
        return;
    if (l->timer == NULL)
        l->timer = timer_new(a->loop, lane_move, l);
    timer_start(l->timer, soonest); /* All that wait were asked: the old time is of no use. */
}

static void
call_transmit_or_fail(struct aws_call *c, const struct credential_set *set)
{
    if (call_transmit(c, set, &c->error))
        return;
    c->state = CALL_FAILED;
    loop_later(c->account->aws->loop, call_fail, c);
}

static void
call_credentials_came(void *cookie, const struct credential_set *set, const struct error *e)
{
    struct aws_call *c = cookie;

    c->wait = NULL;
    if (set != NULL) {
        call_transmit_or_fail(c, set);
        return;
    }
    c->state = CALL_FAILED;
    c->error = *e;
    loop_later(c->account->aws->loop, call_fail, c);
}

static void
call_sign(struct aws_call *c)
{
    struct credentials *from = c->account->credentials;
    const struct credential_set *set;

    c->state = CALL_SIGNING;
    if (c->q.unsigned_) {
        call_transmit_or_fail(c, NULL);
        return;
    }
    assert(from != NULL);
    set = credentials_now(from);
    if (set != NULL)
        call_transmit_or_fail(c, set);
    else
        c->wait = credentials_get(from, call_credentials_came, c);
}

static void
call_again(void *cookie)
{
    struct aws_call *c = cookie;

    timer_free(c->timer);
    c->timer = NULL;
    call_queue(c);
}

static double
random_share(void)
{
    uint32_t n = UINT32_MAX / 2;

    if (RAND_bytes((unsigned char *)&n, sizeof(n)) != 1)
        n = UINT32_MAX; /* Without chance: the longest wait. */
    return (double)n / (double)UINT32_MAX;
}

/* What AWS's own clock says that ours does not; 0 if it did not say. */
static int64_t
clock_difference(const struct aws *a, const struct http_answer *answer)
{
    int64_t theirs;

    if (!instant_parse_http(http_header(answer, "date"), &theirs))
        return 0;
    return theirs - loop_now_ms(a->loop);
}

/* The class of what came back, and by it whether AWS may have carried the call out. */
static enum retry_class
call_judge(struct aws_call *c, const struct http_answer *a, const struct refusal *r,
           enum aws_outcome *outcome)
{
    struct aws *aws = c->account->aws;
    enum retry_class class;

    if (a->outcome == HTTP_NOT_SENT) {
        *outcome = AWS_NOT_SENT;
        return RETRY_TRANSIENT;
    }
    if (a->outcome != HTTP_ANSWERED) {
        *outcome = AWS_UNKNOWN;
        return a->outcome == HTTP_BROKEN || a->outcome == HTTP_TIMED_OUT ? RETRY_TRANSIENT
                                                                         : RETRY_NEVER;
    }
    class = retry_classify(r->code, a->status, c->q.service == AWS_IOT);
    *outcome = class == RETRY_THROTTLING                                         ? AWS_THROTTLED
               : class == RETRY_TRANSIENT || a->status >= 500 || a->status < 200 ? AWS_UNKNOWN
                                                                                 : AWS_REFUSED;
    if (class == RETRY_EXPIRED && !c->expiry_mended && c->account->credentials != NULL) {
        credentials_expired(c->account->credentials, c->generation);
        c->expiry_mended = true;
        return RETRY_EXPIRED;
    }
    if (!c->skew_mended &&
        retry_means_skew(r->code, clock_difference(aws, a) - aws->clock_offset_ms)) {
        aws->clock_offset_ms = clock_difference(aws, a);
        log_warning("clock-differs", log_int("offset_ms", aws->clock_offset_ms));
        c->skew_mended = true;
        return RETRY_SKEW;
    }
    return class == RETRY_EXPIRED ? RETRY_NEVER : class;
}

static int64_t
wished_wait_ms(const struct http_answer *a)
{
    int64_t after;

    return str_to_int(http_header(a, "x-amz-retry-after"), &after) && after >= 0 ? after : -1;
}

/* Tries again later if that is safe, allowed and affordable. */
static bool
call_retry(struct aws_call *c, enum retry_class class, enum aws_outcome outcome, int64_t after_ms)
{
    struct aws *a = c->account->aws;
    int cost = retry_cost(class);

    if (class == RETRY_NEVER || (outcome == AWS_UNKNOWN && !c->q.idempotent))
        return false;
    if (class == RETRY_TRANSIENT || class == RETRY_THROTTLING) {
        if (c->tries >= a->setup.attempts || c->lane->bucket < cost)
            return false;
        c->lane->bucket -= cost;
        c->paid = cost;
    }
    c->state = CALL_PAUSED;
    c->timer = timer_new(a->loop, call_again, c);
    timer_start(c->timer, retry_wait_ms(class, c->tries, after_ms, random_share()));
    return true;
}

/* A success gives back what the retry cost, or a little. */
static void
refill(struct aws_call *c)
{
    c->lane->bucket += c->paid > 0 ? c->paid : 1;
    if (c->lane->bucket > RETRY_BUCKET_MAX)
        c->lane->bucket = RETRY_BUCKET_MAX;
}

static enum error_kind
kind_of(const struct aws_result *r)
{
    if (r->outcome != AWS_REFUSED)
        return ERROR_UNREACHABLE;
    if (r->status == 404 || strstr(r->code, "NotFound") != NULL ||
        strstr(r->code, "NoSuch") != NULL || strstr(r->code, "DoesNotExist") != NULL)
        return ERROR_NOT_FOUND;
    if (r->status == 401 || r->status == 403 || strstr(r->code, "AccessDenied") != NULL)
        return ERROR_DENIED;
    if (r->status == 409 || r->status == 412 || strstr(r->code, "Conflict") != NULL ||
        strstr(r->code, "InUse") != NULL || strstr(r->code, "AlreadyExists") != NULL)
        return ERROR_CONFLICT;
    return ERROR_INVALID;
}

static const char *
spoken_name(enum aws_service service)
{
    return service == AWS_GREENGRASS ? "greengrass" : aws_service_name(service);
}

/* Tells the asker and frees the call. */
static void
call_finish(struct aws_call *c, struct aws_answer *a)
{
    struct aws_counts *counts = &c->account->aws->counts[c->q.service];

    a->result.tries = c->tries;
    a->account = c->account;
    a->own = c->own;
    a->operation = c->q.operation;
    a->service = spoken_name(c->q.service);
    counts->failed += a->result.outcome != AWS_OK;
    c->state = CALL_FAILED; /* It waits for nothing any more. */
    c->read(a, c->then, c->cookie);
    call_free(c);
}

static void
call_fail(void *cookie)
{
    struct aws_call *c = cookie;
    struct aws_answer a = { .result = { .outcome = AWS_NOT_SENT, .code = "", .message = "" } };

    a.result.error = c->error;
    a.body = STR("");
    error_while(&a.result.error, "%s %s", spoken_name(c->q.service), c->q.operation);
    call_finish(c, &a);
}

void
call_answered(void *cookie, const struct http_answer *http)
{
    struct aws_call *c = cookie;
    struct refusal refusal = { .code = "" };
    struct aws_answer a = { .result = { .status = http->status },
                            .body = http->body,
                            .http = http };
    struct aws_result *r = &a.result;
    enum retry_class class;

    c->http = NULL;
    r->code = refusal.code;
    r->message = refusal.message;
    if (http->outcome == HTTP_ANSWERED && http->status >= 200 && http->status <= 299) {
        refill(c);
        call_finish(c, &a);
        return;
    }
    if (http->outcome == HTTP_ANSWERED)
        refusal_read(http, &refusal);
    else if (http->outcome == HTTP_TOO_LONG)
        memcpy(refusal.code, "TooLong", sizeof("TooLong"));
    class = call_judge(c, http, &refusal, &r->outcome);
    if (class == RETRY_THROTTLING)
        c->account->aws->counts[c->q.service].throttled++;
    if (call_retry(c, class, r->outcome, wished_wait_ms(http)))
        return;
    if (http->outcome != HTTP_ANSWERED)
        error_set(&r->error, ERROR_UNREACHABLE, "%s %s: %s", spoken_name(c->q.service),
                  c->q.operation, http->error.text);
    else
        error_set(&r->error, kind_of(r), "%s %s: %s%s%s", spoken_name(c->q.service), c->q.operation,
                  refusal.code, refusal.code[0] != '\0' && refusal.message[0] != '\0' ? ": " : "",
                  refusal.message);
    call_finish(c, &a);
}

void
aws_wrong(struct aws_answer *a, const char *fmt, ...)
{
    char text[300];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    a->result.outcome = AWS_UNKNOWN;
    error_set(&a->result.error, ERROR_INVALID, "%s %s: %s", a->service, a->operation, text);
}
