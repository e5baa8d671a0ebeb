/*
 * ORDER_PACKAGE: the compiled model becomes a Greengrass component version.
 *
 *     fetched -> packed into a ZIP -> put under its digest -> component version created
 *     -> deployable -> its digest, as the service computed it, is ours
 *
 * All up to the creation is repeated freely: the same model gives the same ZIP, the same key and
 * the same recipe.  A component version cannot be changed, so one that exists is compared and
 * adopted.  Once it is created, progress names it, and further takes only look.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aws/greengrass.h"
#include "aws/s3.h"
#include "digest.h"
#include "fetch.h"
#include "folder.h"
#include "pack.h"
#include "recipe.h"

#define POLL_DEFAULT_MS SECONDS(2)
#define APPEARS_MS MINUTES(1) /* A new component version may not be found for so long. */

struct package {
    const char *folder, *zip; /* Paths. */
    struct fetch fetch;
    struct pack *pack;

    const char *sha256, *key, *uri;
    int64_t bytes;
    char version[80];
    struct recipe recipe;
    char base64[DIGEST_BASE64_SIZE];
    struct buf text; /* The recipe, written. */
    const char *arn;
    int64_t since_ms; /* When the component version was created or found. */
};

static void model_came(struct work *w, struct fetch *f);
static void pack_on(struct work *w);
static void upload(struct work *w);
static void uploaded(void *cookie, const struct aws_result *r, const struct s3_object *o);
static void object_looked_at(void *cookie, const struct aws_result *r, const struct s3_object *o);
static void create(struct work *w);
static void created(void *cookie, const struct aws_result *r, const struct greengrass_component *c);
static void name_existing(struct work *w);
static void look(struct work *w);
static void looked_at(void *cookie, const struct aws_result *r,
                      const struct greengrass_component *c);
static void recipe_came(void *cookie, const struct aws_result *r, struct str recipe,
                        const char *tags);

/* ---- what is known before anything is done -------------------------------------------------- */

static void
free_text(void *thing)
{
    buf_free(thing);
}

/* The key and the recipe follow from the digest; false with the work ended. */
static bool
know(struct work *w, const char *sha256, int64_t bytes)
{
    const struct package_settings *s = &w->order->pipeline->package;
    struct package *p = w->story;
    struct str prefix = str_of(s->prefix);
    struct error e;

    while (str_ends(prefix, "/"))
        prefix.len--;
    p->sha256 = sha256;
    p->bytes = bytes;
    p->key = work_text(w, "%.*s%s%s/%s.zip", STR_ARG(prefix), prefix.len > 0 ? "/" : "", sha256,
                       s->component);
    p->uri = work_text(w, "s3://%s/%s", s->bucket, p->key);
    p->recipe = (struct recipe){ .component = s->component,
                                 .version = p->version,
                                 .description = s->description,
                                 .publisher = s->publisher,
                                 .os = s->os,
                                 .architecture = s->architecture,
                                 .runtime = s->runtime,
                                 .uri = p->uri,
                                 .digest = p->base64 };
    p->text.max = RECIPE_MAX + 1;
    work_owns(w, &p->text, free_text);
    if (digest_base64(sha256, p->base64) && recipe_write(&p->recipe, &p->text, &e))
        return true;
    work_fail(w, "%s", p->base64[0] != '\0' ? e.text : "the digest kept in progress is damaged");
    return false;
}

/* A former take has created it: true if the story goes on from there. */
static bool
resume(struct work *w)
{
    struct package *p = w->story;
    struct json_value progress = work_progress(w);
    const char *sha256 = work_member(w, progress, "sha256");

    p->arn = work_member(w, progress, "arn");
    p->since_ms = member_int(progress, "since_ms", work_now_ms(w));
    if (p->arn == NULL || sha256 == NULL)
        return false;
    if (know(w, sha256, member_int(progress, "bytes", 0)))
        look(w);
    return true;
}

void
package_start(struct work *w)
{
    const struct package_settings *s = &w->order->pipeline->package;
    struct package *p = w->story = work_room(w, sizeof(*p));
    struct json_value compiled;
    struct error e;

    if (!work_need(w, w->order->compiled, "compiled", &compiled))
        return;
    if (!recipe_version(s->version, w->order->package_version, p->version, sizeof(p->version),
                        &e)) {
        work_fail(w, "%s", e.text);
        return;
    }
    if (resume(w) || (p->folder = folder_of_step(w)) == NULL)
        return;
    p->fetch = (struct fetch){ .uri = work_member(w, compiled, "uri"),
                               .etag = work_member(w, compiled, "etag"),
                               .sha256 = work_member(w, compiled, "sha256"),
                               .path = work_text(w, "%s/model", p->folder),
                               .then = model_came };
    fetch_start(w, &p->fetch);
}

/* ---- packing -------------------------------------------------------------------------------- */

static void
free_pack(void *thing)
{
    pack_free(thing);
}

static void
model_came(struct work *w, struct fetch *f)
{
    struct package *p = w->story;
    struct pack_settings settings = {
        .source = f->file, .name = last_part(f->uri), .sha256 = f->got, .bytes_max = ARTIFACT_MAX
    };

    settings.folder = folder_empty(w, p->folder, "unpacked");
    if (settings.folder == NULL)
        return;
    settings.output = p->zip = work_text(w, "%s/%s.zip", p->folder,
                                         w->order->pipeline->package.component);
    p->pack = pack_new(&settings);
    work_owns(w, p->pack, free_pack);
    pack_on(w);
}

static void
pack_on(struct work *w)
{
    struct package *p = w->story;
    char sha256[DIGEST_SIZE];
    bool finished;
    struct error e;

    if (!pack_step(p->pack, &finished, &e)) {
        if (e.kind == ERROR_UNREACHABLE)
            work_unsure(w, "%s", e.text);
        else
            work_fail(w, "%s", e.text);
        return;
    }
    if (!finished) {
        work_next_turn(w, pack_on);
        return;
    }
    (void)folder_remove(work_text(w, "%s/unpacked", p->folder));
    pack_sha256(p->pack, sha256);
    if (know(w, work_keep(w, str_of(sha256)), pack_bytes(p->pack)))
        upload(w);
}

/* ---- the artifact in S3 --------------------------------------------------------------------- */

static void
upload(struct work *w)
{
    struct package *p = w->story;
    struct s3_put_order put = { .bucket = w->order->pipeline->package.bucket,
                                .key = p->key,
                                .size = p->bytes,
                                .sha256 = p->sha256,
                                .content_type = "application/zip",
                                .only_new = true };
    int64_t size;
    struct error e;

    w->fd = put.fd = file_open(p->zip, &size, &e);
    if (w->fd < 0)
        work_unsure(w, "%s", e.text);
    else
        w->call = s3_put(w->account, &put, uploaded, w);
}

static void
uploaded(void *cookie, const struct aws_result *r, const struct s3_object *o)
{
    struct work *w = cookie;
    struct package *p = w->story;

    (void)o;
    w->call = NULL;
    close(w->fd);
    w->fd = -1;
    if (r->outcome == AWS_OK)
        create(w);
    else if (aws_refused(r, "PreconditionFailed"))
        w->call = s3_head(w->account, w->order->pipeline->package.bucket, p->key, object_looked_at,
                          w);
    else
        work_trouble(w, r);
}

static void
object_looked_at(void *cookie, const struct aws_result *r, const struct s3_object *o)
{
    struct work *w = cookie;
    struct package *p = w->story;

    w->call = NULL;
    if (r->outcome != AWS_OK)
        work_trouble(w, r);
    else if (strcmp(o->sha256, p->sha256) == 0 && o->size == p->bytes)
        create(w);
    else
        work_fail(w,
                  "%s exists with other content (%lld bytes, SHA-256 %s); remove it or change "
                  "package.prefix",
                  p->uri, (long long)o->size, o->sha256[0] != '\0' ? o->sha256 : "not recorded");
}

/* ---- the component version ------------------------------------------------------------------ */

static void
create(struct work *w)
{
    struct package *p = w->story;
    char token[WORK_TOKEN_SIZE], release[WORK_TOKEN_SIZE];
    const char *tags;

    work_token(w->order, "", token);
    tags = work_text(w, "{\"slipway:token\":\"%s\",\"slipway:release\":\"%s\"}", token,
                     work_release(w->order, release));
    w->call = greengrass_create_component_version(w->account, buf_str(&p->text), tags, token,
                                                  created, w);
}

static void
created(void *cookie, const struct aws_result *r, const struct greengrass_component *c)
{
    struct work *w = cookie;
    struct package *p = w->story;

    w->call = NULL;
    if (r->outcome == AWS_OK) {
        p->arn = work_keep(w, str_of(c->arn));
        look(w);
    } else if (aws_refused(r, "ConflictException")) {
        work_identify(w, name_existing);
    } else {
        work_trouble(w, r);
    }
}

static void
name_existing(struct work *w)
{
    struct package *p = w->story;
    char arn[512];

    if (!greengrass_component_arn(w->account, p->recipe.component, p->version, arn, sizeof(arn))) {
        work_unsure(w, "the account of pipeline %s is not known", w->order->pipeline->name);
        return;
    }
    p->arn = work_keep(w, str_of(arn));
    look(w);
}

/* ---- until it can be deployed --------------------------------------------------------------- */

static void
keep_progress(struct work *w)
{
    struct package *p = w->story;
    struct json_out out = json_out(&w->progress);

    buf_clear(&w->progress);
    json_open(&out, '{');
    json_member(&out, "arn", str_of(p->arn));
    json_member(&out, "sha256", str_of(p->sha256));
    json_member_int(&out, "bytes", p->bytes);
    json_member_int(&out, "since_ms", p->since_ms);
    json_close(&out, '}');
}

static void
look(struct work *w)
{
    struct package *p = w->story;

    keep_progress(w);
    w->call = greengrass_describe_component(w->account, p->arn, looked_at, w);
}

static void
wait_longer(struct work *w, const char *state)
{
    const struct package_settings *s = &w->order->pipeline->package;
    struct package *p = w->story;
    int64_t waited_ms = work_now_ms(w) - p->since_ms;

    if (s->timeout_ms > 0 && waited_ms > s->timeout_ms) {
        work_fail(w, "component %s %s is still %s after %lld s", p->recipe.component, p->version,
                  state, (long long)(waited_ms / 1000));
        return;
    }
    snprintf(w->reason, sizeof(w->reason), "component %s %s is %s", p->recipe.component, p->version,
             state);
    work_wait(w, s->poll_ms > 0 ? s->poll_ms : POLL_DEFAULT_MS);
}

/* It exists: either it cannot be seen yet, or somebody has removed it. */
static void
not_found(struct work *w)
{
    struct package *p = w->story;

    if (work_now_ms(w) - p->since_ms < APPEARS_MS) {
        wait_longer(w, "not to be found yet");
        return;
    }
    buf_clear(&w->progress);
    buf_add(&w->progress, STR("{}"));
    work_unsure(w, "component version %s has disappeared", p->arn);
}

static void
looked_at(void *cookie, const struct aws_result *r, const struct greengrass_component *c)
{
    struct work *w = cookie;
    struct package *p = w->story;

    w->call = NULL;
    if (aws_refused(r, "ResourceNotFoundException")) {
        not_found(w);
    } else if (r->outcome != AWS_OK) {
        work_trouble(w, r);
    } else if (strcmp(c->state, "DEPLOYABLE") == 0) {
        w->call = greengrass_get_component(w->account, p->arn, recipe_came, w);
    } else if (strcmp(c->state, "REQUESTED") == 0 || strcmp(c->state, "INITIATED") == 0) {
        wait_longer(w, c->state);
    } else {
        work_fail(w,
                  "component %s %s is %s: %s %s; delete that component version or change "
                  "package.version",
                  p->recipe.component, p->version, c->state, c->message, c->errors);
    }
}

/* ---- is it ours? ---------------------------------------------------------------------------- */

static void
write_document(struct work *w)
{
    struct package *p = w->story;
    struct json_out out = json_out(&w->document);
    char recipe[DIGEST_SIZE];

    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.package/1"));
    json_member(&out, "component", str_of(p->recipe.component));
    json_member(&out, "version", str_of(p->version));
    json_member(&out, "arn", str_of(p->arn));
    json_member(&out, "uri", str_of(p->uri));
    json_member(&out, "sha256", str_of(p->sha256));
    json_member_int(&out, "bytes", p->bytes);
    json_member(&out, "recipe_sha256", str_of(digest_of(buf_str(&p->text), recipe)));
    json_close(&out, '}');
}

static void
recipe_came(void *cookie, const struct aws_result *r, struct str recipe, const char *tags)
{
    struct work *w = cookie;
    struct package *p = w->story;
    struct error e;

    (void)tags;
    w->call = NULL;
    if (r->outcome != AWS_OK) {
        work_trouble(w, r);
    } else if (!recipe_is(&p->recipe, recipe, &e)) {
        work_fail(w,
                  "component %s version %s exists with other content (%s); change "
                  "package.version or approve a new model package",
                  p->recipe.component, p->version, e.text);
    } else {
        write_document(w);
        w->result.digest = p->sha256;
        work_finish(w);
    }
}
