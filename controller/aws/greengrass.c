#include "aws/greengrass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "aws/json_call.h"
#include "aws/reader.h"
#include "aws/uri.h"
#include "slipway/memory.h"

#define DOCUMENT_MAX (12 * 1048576) /* AWS takes deployment documents of up to 6 MB. */
#define RECIPE_MAX 1048576
#define PATH_MAX_BYTES 8192

static struct aws_question
question(const char *operation, const char *method)
{
    return (struct aws_question){ .service = AWS_GREENGRASS,
                                  .operation = operation,
                                  .method = method,
                                  .answer_max = DOCUMENT_MAX,
                                  .idempotent = true };
}

/* Sends a question without a body to "/greengrass/v2" + `before` + `name`, encoded, + `after`. */
static struct aws_call *
send_path(struct aws_account *account, struct aws_question *q, const char *before, const char *name,
          const char *after, aws_read *read, aws_then *then, void *cookie)
{
    struct buf path = { .max = PATH_MAX_BYTES };
    struct aws_call *call;

    buf_printf(&path, "/greengrass/v2%s", before);
    uri_encode(&path, str_of(name), false);
    buf_add(&path, str_of(after));
    if (name[0] == '\0' || path.overflow)
        q->broken = "a name is empty or too long";
    q->path = path.at;
    call = aws_ask(account, q, read, then, cookie, NULL, NULL);
    buf_free(&path);
    return call;
}

/* A query of maxResults, nextToken and what stands in `query` already. */
static void
add_page(struct buf *query, const char *token)
{
    uri_query(query, "maxResults", STR("100"));
    if (token != NULL)
        uri_query(query, "nextToken", str_of(token));
}

/* ---- components ----------------------------------------------------------------------------- */

bool
greengrass_component_arn(const struct aws_account *account, const char *name, const char *version,
                         char *buf, size_t size)
{
    int n = snprintf(buf, size, "arn:%s:greengrass:%s:%s:components:%s:versions:%s",
                     aws_account_partition(account), aws_account_region(account),
                     aws_account_id(account), name, version);

    return aws_account_id(account)[0] != '\0' && n > 0 && (size_t)n < size;
}

static void
component_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    greengrass_component_read *done = (greengrass_component_read *)then;
    struct greengrass_component c = { .arn = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        c.arn = reader_needs(&r, r.root, "arn");
        c.name = reader_needs(&r, r.root, "componentName");
        c.version = reader_needs(&r, r.root, "componentVersion");
        c.state = reader_needs(&r, r.root, "status.componentState");
        c.message = reader_text(&r, r.root, "status.message");
        c.errors = reader_object(&r, r.root, "status.errors");
        c.tags = reader_object(&r, r.root, "tags");
        c.created_ms = reader_time(r.root, "creationTimestamp");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &c : NULL);
    reader_close(&r);
}

struct aws_call *
greengrass_create_component_version(struct aws_account *account, struct str recipe,
                                    const char *tags, const char *token,
                                    greengrass_component_read *done, void *cookie)
{
    struct aws_question q = question("CreateComponentVersion", "POST");
    size_t size = (recipe.len / 3 + 1) * 4 + 1;
    char *base64;
    struct json_body b;

    if (recipe.len == 0 || recipe.len > RECIPE_MAX) {
        q.broken = "the recipe is empty or longer than 1 MiB";
        return aws_ask(account, &q, component_came, (aws_then *)done, cookie, NULL, NULL);
    }
    base64 = xmalloc(size);
    EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)recipe.at, (int)recipe.len);
    q.path = "/greengrass/v2/createComponentVersion";
    json_body_open(&b);
    json_body_text(&b, "inlineRecipe", base64);
    if (tags != NULL) {
        json_key(&b.out, "tags");
        json_verbatim(&b.out, str_of(tags));
    }
    json_body_text(&b, "clientToken", token);
    free(base64);
    return json_body_send(&b, account, &q, component_came, (aws_then *)done, cookie);
}

struct aws_call *
greengrass_describe_component(struct aws_account *account, const char *arn,
                              greengrass_component_read *done, void *cookie)
{
    struct aws_question q = question("DescribeComponent", "GET");

    return send_path(account, &q, "/components/", arn, "/metadata", component_came,
                     (aws_then *)done, cookie);
}

static void
recipe_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    greengrass_recipe_read *done = (greengrass_recipe_read *)then;
    struct str recipe = STR("");
    const char *tags = "{}";
    struct reader r;

    if (reader_open(&r, a)) {
        const char *base64 = reader_needs(&r, r.root, "recipe");
        size_t len = strlen(base64);
        unsigned char *text = reader_array(&r, len + 4, 1);
        int n = len > INT32_MAX ? -1
                                : EVP_DecodeBlock(text, (const unsigned char *)base64, (int)len);

        while (n > 0 && len > 0 && base64[len - 1] == '=') {
            n--; /* Padding counts as bytes for it. */
            len--;
        }
        if (n <= 0 && a->result.outcome == AWS_OK)
            aws_wrong(a, "recipe is not base64");
        else
            recipe = (struct str){ (const char *)text, (size_t)n };
        tags = reader_object(&r, r.root, "tags");
    }
    if (a->result.outcome != AWS_OK)
        recipe = STR("");
    done(cookie, &a->result, recipe, tags);
    reader_close(&r);
}

struct aws_call *
greengrass_get_component(struct aws_account *account, const char *arn, greengrass_recipe_read *done,
                         void *cookie)
{
    struct aws_question q = question("GetComponent", "GET");

    q.query = "recipeOutputFormat=JSON";
    return send_path(account, &q, "/components/", arn, "", recipe_came, (aws_then *)done, cookie);
}

/* ---- deployments ---------------------------------------------------------------------------- */

static void
deployed_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    greengrass_deployed *done = (greengrass_deployed *)then;
    struct reader r;
    const char *id = "", *job = "";

    if (reader_open(&r, a)) {
        id = reader_needs(&r, r.root, "deploymentId");
        job = reader_text(&r, r.root, "iotJobId");
    }
    if (a->result.outcome != AWS_OK)
        id = job = "";
    done(cookie, &a->result, id, job);
    reader_close(&r);
}

static void
add_object(struct json_body *b, const char *key, const char *json)
{
    if (json == NULL)
        return;
    json_key(&b->out, key);
    json_verbatim(&b->out, str_of(json));
}

struct aws_call *
greengrass_create_deployment(struct aws_account *account,
                             const struct greengrass_deployment_order *order,
                             greengrass_deployed *done, void *cookie)
{
    struct aws_question q = question("CreateDeployment", "POST");
    struct json_body b;

    q.path = "/greengrass/v2/deployments";
    json_body_open(&b);
    json_body_text(&b, "targetArn", order->target_arn);
    json_body_text(&b, "parentTargetArn", order->parent_target_arn);
    json_body_text(&b, "deploymentName", order->name);
    add_object(&b, "components", order->components);
    add_object(&b, "deploymentPolicies", order->policies);
    add_object(&b, "iotJobConfiguration", order->job_configuration);
    add_object(&b, "tags", order->tags);
    json_body_text(&b, "clientToken", order->token);
    return json_body_send(&b, account, &q, deployed_came, (aws_then *)done, cookie);
}

/* What a list entry and a whole deployment have in common. */
static void
read_deployment_head(struct reader *r, struct json_value v, struct greengrass_deployment *d)
{
    d->id = reader_needs(r, v, "deploymentId");
    d->target_arn = reader_needs(r, v, "targetArn");
    d->name = reader_text(r, v, "deploymentName");
    d->parent_target_arn = reader_text(r, v, "parentTargetArn");
    d->revision = reader_text(r, v, "revisionId");
    d->status = reader_needs(r, v, "deploymentStatus");
    d->latest = reader_bool(v, "isLatestForTarget");
    d->created_ms = reader_time(v, "creationTimestamp");
    d->job_id = d->job_arn = "";
    d->components = d->policies = d->job_configuration = d->tags = "{}";
}

static void
deployment_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    greengrass_deployment_read *done = (greengrass_deployment_read *)then;
    struct greengrass_deployment d = { .id = "" };
    struct reader r;

    if (reader_open(&r, a)) {
        read_deployment_head(&r, r.root, &d);
        d.job_id = reader_text(&r, r.root, "iotJobId");
        d.job_arn = reader_text(&r, r.root, "iotJobArn");
        d.components = reader_object(&r, r.root, "components");
        d.policies = reader_object(&r, r.root, "deploymentPolicies");
        d.job_configuration = reader_object(&r, r.root, "iotJobConfiguration");
        d.tags = reader_object(&r, r.root, "tags");
    }
    done(cookie, &a->result, a->result.outcome == AWS_OK ? &d : NULL);
    reader_close(&r);
}

struct aws_call *
greengrass_get_deployment(struct aws_account *account, const char *deployment_id,
                          greengrass_deployment_read *done, void *cookie)
{
    struct aws_question q = question("GetDeployment", "GET");

    return send_path(account, &q, "/deployments/", deployment_id, "", deployment_came,
                     (aws_then *)done, cookie);
}

static void
deployments_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    greengrass_deployments_listed *done = (greengrass_deployments_listed *)then;
    struct greengrass_deployment *list = NULL;
    struct json_value items;
    struct reader r;
    const char *next = NULL;
    size_t count = 0;

    if (reader_open(&r, a) && reader_list(&r, "deployments", &items)) {
        list = reader_array(&r, json_size(items), sizeof(*list));
        for (struct json_cursor c = json_first(items); json_exists(c.value); json_next(&c))
            read_deployment_head(&r, c.value, &list[count++]);
        next = reader_next(&r, "nextToken");
    }
    if (a->result.outcome != AWS_OK)
        done(cookie, &a->result, NULL, 0, NULL);
    else
        done(cookie, &a->result, list, count, next);
    reader_close(&r);
}

struct aws_call *
greengrass_list_deployments(struct aws_account *account, const char *target_arn, bool latest_only,
                            const char *token, greengrass_deployments_listed *done, void *cookie)
{
    struct aws_question q = question("ListDeployments", "GET");
    struct buf query = { .max = PATH_MAX_BYTES };
    struct aws_call *call;

    uri_query(&query, "targetArn", str_of(target_arn));
    uri_query(&query, "historyFilter", latest_only ? STR("LATEST_ONLY") : STR("ALL"));
    add_page(&query, token);
    if (query.overflow)
        q.broken = "target or token too long";
    q.path = "/greengrass/v2/deployments";
    q.query = query.at;
    call = aws_ask(account, &q, deployments_came, (aws_then *)done, cookie, NULL, NULL);
    buf_free(&query);
    return call;
}

/* ---- core devices --------------------------------------------------------------------------- */

static void
installed_came(struct aws_answer *a, aws_then *then, void *cookie)
{
    greengrass_installed_listed *done = (greengrass_installed_listed *)then;
    struct greengrass_installed *list = NULL;
    struct json_value items;
    struct reader r;
    const char *next = NULL;
    size_t count = 0;

    if (reader_open(&r, a) && reader_list(&r, "installedComponents", &items)) {
        list = reader_array(&r, json_size(items), sizeof(*list));
        for (struct json_cursor c = json_first(items); json_exists(c.value); json_next(&c)) {
            struct greengrass_installed *x = &list[count++];

            x->name = reader_needs(&r, c.value, "componentName");
            x->version = reader_text(&r, c.value, "componentVersion");
            x->state = reader_text(&r, c.value, "lifecycleState");
            x->details = reader_text(&r, c.value, "lifecycleStateDetails");
            x->root = reader_bool(c.value, "isRoot");
            x->changed_ms = reader_time(c.value, "lastStatusChangeTimestamp");
            x->reported_ms = reader_time(c.value, "lastReportedTimestamp");
        }
        next = reader_next(&r, "nextToken");
    }
    if (a->result.outcome != AWS_OK)
        done(cookie, &a->result, NULL, 0, NULL);
    else
        done(cookie, &a->result, list, count, next);
    reader_close(&r);
}

struct aws_call *
greengrass_list_installed(struct aws_account *account, const char *thing, const char *token,
                          greengrass_installed_listed *done, void *cookie)
{
    struct aws_question q = question("ListInstalledComponents", "GET");
    struct buf query = { .max = PATH_MAX_BYTES };
    struct aws_call *call;

    add_page(&query, token);
    uri_query(&query, "topologyFilter", STR("ALL"));
    if (query.overflow)
        q.broken = "token too long";
    q.query = query.at;
    call = send_path(account, &q, "/coreDevices/", thing, "/installedComponents", installed_came,
                     (aws_then *)done, cookie);
    buf_free(&query);
    return call;
}
