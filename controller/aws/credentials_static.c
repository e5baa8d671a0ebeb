#include <stdio.h>
#include <stdlib.h>

#include "aws/credential_source.h"
#include "platform/secret.h"
#include "slipway/memory.h"

/* Keys that stand in the environment or in a shared file, or the reason why there are none. */
struct fixed {
    struct credential_source head;
    char *access_key;
    struct secret *secret_key, *session_token;
    struct error error; /* Not ERROR_NONE: there are none. */
};

static void
fixed_fetch(struct credential_source *s, credential_fetched *fetched, void *cookie)
{
    struct fixed *x = (struct fixed *)s;
    struct credential_found found;
    struct error e;

    if (x->error.kind != ERROR_NONE) {
        fetched(cookie, NULL, &x->error);
    } else if (!credential_found_set(&found, str_of(x->access_key), secret_bytes(x->secret_key),
                                     secret_bytes(x->session_token), &e)) {
        error_while(&e, "credentials from %s", s->name);
        fetched(cookie, NULL, &e);
    } else {
        fetched(cookie, &found, NULL);
    }
}

static void
fixed_free(struct credential_source *s)
{
    struct fixed *x = (struct fixed *)s;

    free(x->access_key);
    secret_free(x->secret_key);
    secret_free(x->session_token);
    free(x);
}

struct credential_source *
source_static(const char *name, struct str access_key, struct str secret_key,
              struct str session_token)
{
    struct fixed *x = xcalloc(1, sizeof(*x));

    x->head.fetch = fixed_fetch;
    x->head.free = fixed_free;
    snprintf(x->head.name, sizeof(x->head.name), "%s", name);
    x->access_key = xstrcopy(access_key);
    x->secret_key = secret_new(secret_key);
    x->session_token = secret_new(session_token);
    return &x->head;
}

struct credential_source *
source_failing(const char *name, const struct error *e)
{
    struct credential_source *s = source_static(name, STR(""), STR(""), STR(""));

    ((struct fixed *)s)->error = *e;
    return s;
}
