#include <stdlib.h>
#include <string.h>

#include "aws/account.h"
#include "aws/endpoint.h"
#include "platform/loop.h"
#include "slipway/memory.h"

static bool
rule_covers(const struct limit_rule *rule, enum aws_service service, const char *operation)
{
    return rule->service == service &&
           (rule->operation == NULL || strcmp(rule->operation, operation) == 0);
}

int64_t
lane_permit(struct lane *l, const char *operation, int64_t now_ms)
{
    const struct aws *a = l->aws;
    int64_t longest = 0;

    for (size_t i = 0; i < a->rule_count; i++)
        if (rule_covers(&a->rules[i], l->service, operation)) {
            int64_t wait;

            l->limiters[i].per_second = a->rules[i].per_second;
            l->limiters[i].burst = a->rules[i].burst;
            wait = limiter_wait_ms(&l->limiters[i], now_ms);
            longest = wait > longest ? wait : longest;
        }
    for (size_t i = 0; longest == 0 && i < a->rule_count; i++)
        if (rule_covers(&a->rules[i], l->service, operation))
            limiter_take(&l->limiters[i]);
    return longest;
}

struct lane *
lane_of(struct aws_account *account, enum aws_service service)
{
    struct aws *a = account->aws;
    struct lane *l = account->lanes[service];

    if (l != NULL)
        return l;
    LIST_FOREACH (l, &a->lanes, link)
        if (l->service == service && strcmp(l->id, account->id) == 0 &&
            strcmp(l->region, account->region) == 0)
            break;
    if (l == NULL) {
        l = xcalloc(1, sizeof(*l));
        l->aws = a;
        memcpy(l->id, account->id, sizeof(l->id));
        l->region = xstrdup(account->region);
        l->service = service;
        l->bucket = RETRY_BUCKET_MAX;
        TAILQ_INIT(&l->waiting);
        LIST_INSERT_HEAD(&a->lanes, l, link);
    }
    account->lanes[service] = l;
    return l;
}

void
lanes_free(struct aws *a)
{
    struct lane *l, *next;

    for (l = LIST_FIRST(&a->lanes); l != NULL; l = next) {
        next = LIST_NEXT(l, link);
        timer_free(l->timer);
        free(l->region);
        free(l->to);
        free(l);
    }
}

void
aws_limit(struct aws *a, enum aws_service service, const char *operation, double per_second,
          double burst)
{
    struct limit_rule rule = { service, operation, per_second, burst < 1 ? 1 : burst };

    for (size_t i = 0; i < a->rule_count; i++) {
        const char *had = a->rules[i].operation;

        if (a->rules[i].service == service &&
            (had == NULL ? operation == NULL : operation != NULL && strcmp(had, operation) == 0)) {
            rule.operation = had;
            a->rules[i] = rule;
            return;
        }
    }
    if (a->rule_count < LIMITS_MAX)
        a->rules[a->rule_count++] = rule;
}

struct aws_counts
aws_counts(const struct aws *a, enum aws_service service)
{
    return a->counts[service];
}
