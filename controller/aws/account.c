#include "aws/account.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credential_source.h"
#include "aws/endpoint.h"
#include "platform/secret.h"
#include "slipway/memory.h"

/*
 * AWS's published ceilings (Greengrass V2 and IoT Device Management endpoints and quotas), per
 * account and Region, with a tenth left to people and other programs.
 */
static const struct limit_rule CEILINGS[] = {
    { AWS_GREENGRASS, NULL, 27, 10 },          { AWS_GREENGRASS, "CreateComponentVersion", 0.9, 1 },
    { AWS_IOT, "DescribeJob", 9, 5 },          { AWS_IOT, "ListJobExecutionsForJob", 9, 5 },
    { AWS_IOT, "DescribeJobExecution", 9, 5 }, { AWS_IOT, NULL, 50, 25 },
    { AWS_SAGEMAKER, NULL, 50, 100 }, /* Not published; throttling says more. */
};

struct credentials *
aws_credentials(struct aws *a, struct credential_source *source)
{
    struct owned_credentials *o = xcalloc(1, sizeof(*o));

    o->credentials = credentials_new(a->loop, source);
    LIST_INSERT_HEAD(&a->credentials, o, link);
    return o->credentials;
}

struct aws_account *
aws_account_with(struct aws *a, struct credentials *c, const char *region)
{
    struct aws_account *account = xcalloc(1, sizeof(*account));

    account->aws = a;
    account->region = xstrdup(region);
    account->credentials = c;
    LIST_INSERT_HEAD(&a->accounts, account, link);
    return account;
}

struct aws *
aws_new(struct loop *l, struct http_client *http, const struct aws_settings *settings,
        struct error *e)
{
    struct aws *a = xcalloc(1, sizeof(*a));

    if (!setup_read(&a->setup, settings, e)) {
        free(a);
        return NULL;
    }
    a->loop = l;
    a->http = http;
    LIST_INIT(&a->accounts);
    LIST_INIT(&a->credentials);
    LIST_INIT(&a->lanes);
    LIST_INIT(&a->calls);
    memcpy(a->rules, CEILINGS, sizeof(CEILINGS));
    a->rule_count = ARRAY_LEN(CEILINGS);
    a->own = aws_account_with(a, NULL, a->setup.region);
    a->own->credentials = aws_credentials(a, source_chain(a));
    return a;
}

void
aws_free(struct aws *a)
{
    if (a == NULL)
        return;
    calls_part_from_credentials(a);
    for (struct owned_credentials *o = LIST_FIRST(&a->credentials), *next; o != NULL; o = next) {
        next = LIST_NEXT(o, link);
        credentials_free(o->credentials);
        free(o);
    }
    calls_free(a);
    for (struct aws_account *x = LIST_FIRST(&a->accounts), *next; x != NULL; x = next) {
        next = LIST_NEXT(x, link);
        free(x->region);
        free(x->role_arn);
        free(x->external_id);
        secret_wipe(x->keys, sizeof(x->keys));
        free(x);
    }
    lanes_free(a);
    setup_free(&a->setup);
    free(a->tape);
    free(a->texts);
    free(a);
}

/* Takes the account's number out of "arn:aws:iam::123456789012:role/name". */
static bool
read_role(const char *arn, char id[13], struct error *e)
{
    struct str rest = str_of(arn), part[5];

    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        if (!str_cut(rest, ':', &part[i], &rest))
            rest.len = 0;
    if (str_is(part[0], "arn") && str_starts(part[1], "aws") && str_is(part[2], "iam") &&
        part[4].len == 12 && str_starts(rest, "role/") && strlen(arn) <= 2048 &&
        str_copy(id, 13, part[4]) && strspn(id, "0123456789") == 12)
        return true;
    return error_set(
        e, ERROR_INVALID,
        "\"%.200s\" is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME is needed", arn);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static const char *
text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Credentials of the role, shared by all Regions that use it. */
static struct credentials *
role_credentials(struct aws *a, const char *role, const char *external_id)
{
    struct role_order order = { .role_arn = role,
                                .external_id = external_id,
                                .session_name = "slipway" };
    struct aws_account *x;

    if (role == NULL)
        return a->own->credentials;
    LIST_FOREACH (x, &a->accounts, link)
        if (same_text(x->role_arn, role) && same_text(x->external_id, external_id))
            return x->credentials;
    return aws_credentials(a, source_role(a->own, &order));
}

struct aws_account *
aws_account(struct aws *a, const struct account_settings *s, struct error *e)
{
    const char *role = s != NULL ? text_or_null(s->role_arn) : NULL;
    const char *external_id = s != NULL ? text_or_null(s->external_id) : NULL;
    const char *region = s != NULL && text_or_null(s->region) != NULL ? s->region : a->setup.region;
    struct aws_account *x;
    struct credentials *c;
    char id[13] = "";

    if (!endpoint_region_is_valid(region)) {
        error_set(e, ERROR_INVALID, "Region \"%.64s\": not the name of a Region", region);
        return NULL;
    }
    if (role != NULL && !read_role(role, id, e))
        return NULL;
    LIST_FOREACH (x, &a->accounts, link)
        if (!x->internal && same_text(x->role_arn, role) &&
            same_text(x->external_id, external_id) && strcmp(x->region, region) == 0)
            return x;
    c = role_credentials(a, role, external_id);
    x = aws_account_with(a, c, region);
    x->role_arn = role != NULL ? xstrdup(role) : NULL;
    x->external_id = external_id != NULL ? xstrdup(external_id) : NULL;
    memcpy(x->id, role != NULL ? id : a->own->id, sizeof(x->id));
    return x;
}

const char *
aws_account_region(const struct aws_account *account)
{
    return account->region;
}

int64_t
aws_account_timeout_ms(const struct aws_account *account)
{
    return account->aws->setup.timeout_ms;
}

const char *
aws_account_partition(const struct aws_account *account)
{
    return endpoint_partition(account->region);
}

const char *
aws_account_id(const struct aws_account *account)
{
    /* Slipway's own, in another Region, is learnt with the first. */
    return account->id[0] == '\0' && account->role_arn == NULL ? account->aws->own->id
                                                               : account->id;
}
