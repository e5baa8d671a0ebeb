#include "aws/credentials.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "aws/credential_source.h"
#include "platform/log.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/instant.h"
#include "slipway/memory.h"

#define AGAIN_MS MINUTES(1) /* Between two tries in the background. */

struct credentials_wait {
    TAILQ_ENTRY(credentials_wait) link;
    struct credentials *credentials;
    credentials_ready *ready;
    void *cookie;
    unsigned round; /* Served with the answer of this round or a later one. */
};

struct credentials {
    struct loop *loop;
    struct credential_source *source;
    struct credential_found found; /* What is cached. */
    struct credential_set set;     /* The same, as others see it. */
    bool have, stale;              /* Stale: AWS says that it has expired. */
    bool fetching;
    int64_t fetched_ms, tried_ms; /* Wall clock. */
    struct error error;           /* Of the last fetch; ERROR_NONE if it went well. */
    unsigned round;               /* Counts answers, good or bad. */
    TAILQ_HEAD(, credentials_wait) waits;
};

static void fetched(void *cookie, struct credential_found *found, const struct error *e);
static void serve(void *cookie);

struct credentials *
credentials_new(struct loop *l, struct credential_source *source)
{
    struct credentials *c = xcalloc(1, sizeof(*c));

    c->loop = l;
    c->source = source;
    TAILQ_INIT(&c->waits);
    return c;
}

static void
forget_found(struct credentials *c)
{
    secret_free(c->found.secret_key);
    secret_free(c->found.session_token);
    c->found = (struct credential_found){ .access_key = "" };
    c->have = false;
}

void
credentials_free(struct credentials *c)
{
    struct credentials_wait *w, *next;

    if (c == NULL)
        return;
    c->source->free(c->source);
    loop_not_later(c->loop, serve, c);
    for (w = TAILQ_FIRST(&c->waits); w != NULL; w = next) {
        next = TAILQ_NEXT(w, link);
        free(w);
    }
    forget_found(c);
    free(c);
}

/* ---- freshness ------------------------------------------------------------------------------ */

/*
 * How long before its end a set is fetched again.  A set that lives for less than an hour would
 * be fetched all the time by the full span: it gets its share of it.
 */
static int64_t
ahead_ms(const struct credentials *c, int64_t most_ms)
{
    int64_t life = c->set.expires_ms - c->fetched_ms;
    int64_t share = most_ms * (life > 0 ? life : 0) / HOURS(1);

    return share < most_ms ? share : most_ms;
}

static bool
still_valid(const struct credentials *c, int64_t ahead)
{
    return c->have && !c->stale &&
           (c->set.expires_ms == 0 || loop_now_ms(c->loop) + ahead < c->set.expires_ms);
}

static void
fetch(struct credentials *c)
{
    if (c->fetching)
        return;
    c->fetching = true;
    c->tried_ms = loop_now_ms(c->loop);
    c->source->fetch(c->source, fetched, c);
}

const struct credential_set *
credentials_now(struct credentials *c)
{
    if (!still_valid(c, ahead_ms(c, CREDENTIALS_MANDATORY_MS))) {
        /* What has not ended yet is better than nothing while the source fails. */
        if (c->error.kind == ERROR_NONE || !still_valid(c, 0) ||
            loop_now_ms(c->loop) - c->tried_ms >= AGAIN_MS)
            return NULL;
        return &c->set;
    }
    if (!still_valid(c, ahead_ms(c, CREDENTIALS_ADVISORY_MS)) &&
        loop_now_ms(c->loop) - c->tried_ms >= AGAIN_MS)
        fetch(c);
    return &c->set;
}

/* ---- in order of events: get, fetched, serve ------------------------------------------------ */

struct credentials_wait *
credentials_get(struct credentials *c, credentials_ready *ready, void *cookie)
{
    struct credentials_wait *w = xcalloc(1, sizeof(*w));

    w->credentials = c;
    w->ready = ready;
    w->cookie = cookie;
    w->round = c->round;
    TAILQ_INSERT_TAIL(&c->waits, w, link);
    if (credentials_now(c) != NULL) {
        loop_later(c->loop, serve, c);
    } else {
        w->round++;
        fetch(c);
    }
    return w;
}

/* A set that is of no use any more when it comes: the source is behind, or our clock ahead. */
static bool
is_too_old(const struct credentials *c, struct credential_found *found, struct error *e)
{
    char at[INSTANT_SIZE];

    if (found->expires_ms == 0 || found->expires_ms > loop_now_ms(c->loop))
        return false;
    secret_free(found->secret_key);
    secret_free(found->session_token);
    (void)error_set(e, ERROR_INVALID,
                    "credentials from %s: they expired at %s; is this machine's clock right?",
                    c->source->name, instant_rfc3339(found->expires_ms, at));
    return true;
}

static void
fetched(void *cookie, struct credential_found *found, const struct error *e)
{
    struct credentials *c = cookie;
    struct error old;

    c->fetching = false;
    c->round++;
    if (found != NULL && is_too_old(c, found, &old)) {
        found = NULL;
        e = &old;
    }
    if (found != NULL) {
        unsigned generation = c->set.generation + 1;

        forget_found(c);
        c->found = *found;
        c->have = true;
        c->stale = false;
        c->error = (struct error){ .kind = ERROR_NONE };
        c->fetched_ms = loop_now_ms(c->loop);
        c->set = (struct credential_set){ .access_key = c->found.access_key,
                                          .secret_key = c->found.secret_key,
                                          .session_token = c->found.session_token,
                                          .expires_ms = c->found.expires_ms,
                                          .source = c->source->name,
                                          .generation = generation };
        log_info("credentials-read", log_text("source", c->source->name),
                 log_int("expires_ms", c->set.expires_ms));
    } else {
        c->error = *e;
        log_warning("credentials-failed", log_text("source", c->source->name), log_why(e));
    }
    loop_later(c->loop, serve, c);
}

/* Answers everyone whose round has come; who asks anew meanwhile waits for the next. */
static void
serve(void *cookie)
{
    struct credentials *c = cookie;
    struct credentials_wait *w;
    bool again = true;

    while (again) {
        again = false;
        TAILQ_FOREACH (w, &c->waits, link) {
            if (w->round > c->round)
                continue;
            TAILQ_REMOVE(&c->waits, w, link);
            if (still_valid(c, 0))
                w->ready(w->cookie, &c->set, NULL);
            else
                w->ready(w->cookie, NULL, &c->error);
            free(w);
            again = true; /* The list may be another one now. */
            break;
        }
    }
}

void
credentials_cancel(struct credentials_wait *w)
{
    if (w == NULL)
        return;
    TAILQ_REMOVE(&w->credentials->waits, w, link);
    free(w);
}

void
credentials_expired(struct credentials *c, unsigned generation)
{
    if (c->have && c->set.generation == generation)
        c->stale = true;
}

/* ---- what sources share --------------------------------------------------------------------- */

bool
credential_found_set(struct credential_found *f, struct str access_key, struct str secret_key,
                     struct str session_token, struct error *e)
{
    *f = (struct credential_found){ .access_key = "" };
    if (access_key.len == 0 || secret_key.len == 0)
        return error_set(e, ERROR_INVALID, "access key and secret key are needed");
    if (!str_copy(f->access_key, sizeof(f->access_key), access_key))
        return error_set(e, ERROR_INVALID, "access key too long");
    f->secret_key = secret_new(secret_key);
    f->session_token = session_token.len > 0 ? secret_new(session_token) : NULL;
    return true;
}
