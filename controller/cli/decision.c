#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "cli_internal.h"
#include "daemon.h"
#include "platform/clock.h"
#include "platform/secret.h"
#include "slipway/approval.h"
#include "slipway/json.h"
#include "wire/webhook.h"

#define TRIES 4 /* Of one signed message; the daemon counts it once. */
#define KEY_FILE_MAX 512
#define CONFIRM_LEN 8

/* ---- the key -------------------------------------------------------------------------------- */

static struct secret *
key_from_file(const char *path)
{
    char text[KEY_FILE_MAX];
    FILE *f = fopen(path, "re");
    struct secret *key = NULL;
    struct stat seen;
    size_t len;

    if (f == NULL || fstat(fileno(f), &seen) != 0) {
        complain("key file %s cannot be read", path);
    } else if ((seen.st_mode & 07) != 0) {
        complain("key file %s can be read by everyone; chmod 600 it", path);
    } else {
        len = fread(text, 1, sizeof(text), f);
        key = webhook_key_read((struct str){ text, len });
        secret_wipe(text, sizeof(text));
        if (key == NULL)
            complain("key file %s does not hold one key, \"whsec_\" and base64", path);
    }
    if (f != NULL)
        fclose(f);
    return key;
}

static struct secret *
read_key(const struct arguments *a)
{
    const char *text = getenv("SLIPWAY_KEY");
    struct secret *key;

    if (a->key != NULL)
        return key_from_file(a->key);
    if (text == NULL || text[0] == '\0') {
        complain("your key is needed: --key FILE, or the key itself in SLIPWAY_KEY");
        return NULL;
    }
    key = webhook_key_read(str_of(text));
    if (key == NULL)
        complain("SLIPWAY_KEY does not hold a key, \"whsec_\" and base64");
    return key;
}

/* ---- looking before deciding ---------------------------------------------------------------- */

static void
show_sight(const struct sight *s)
{
    struct table t = { .columns = 2 };

    table_add(&t, STR("deployment"));
    table_addf(&t, "%lld of pipeline %s", (long long)s->id, s->pipeline);
    table_add(&t, STR("model package"));
    table_add(&t, str_of(s->arn));
    table_add(&t, STR("state"));
    table_add(&t, str_of(s->state));
    table_add(&t, STR("why"));
    table_add(&t, str_of(s->why));
    table_add(&t, STR("digest"));
    table_add(&t, str_of(s->digest[0] != '\0' ? s->digest : "not known yet"));
    table_print(&t);
}

static bool
type_it(const struct command *c, const struct sight *s)
{
    char line[64] = "";

    show_sight(s);
    printf("Type the first %d characters of the digest to %s it: ", CONFIRM_LEN, c->name);
    fflush(stdout);
    if (fgets(line, sizeof(line), stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (strlen(line) == CONFIRM_LEN && strncmp(line, s->digest, CONFIRM_LEN) == 0)
        return true;
    complain("that is not how the digest begins; nothing was sent");
    return false;
}

/* The digest that is signed must have been looked at, here or somewhere else. */
static int
confirm(const struct command *c, const struct arguments *a, const struct sight *s)
{
    bool must = strcmp(c->name, "approve") == 0 || strcmp(c->name, "reject") == 0;

    if (must && s->digest[0] == '\0') {
        complain("deployment %lld has no digest to %s yet: %s", (long long)s->id, c->name, s->why);
        return CLI_NO;
    }
    if (a->digest != NULL && strcmp(a->digest, s->digest) != 0) {
        complain("the digest of deployment %lld is %s, not %s; nothing was sent", (long long)s->id,
                 s->digest[0] != '\0' ? s->digest : "not known yet", a->digest);
        return CLI_NO;
    }
    if (!must || a->digest != NULL)
        return CLI_OK;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        complain("%s: without a terminal --digest HEX is needed", c->name);
        return CLI_USAGE;
    }
    return type_it(c, s) ? CLI_OK : CLI_NO;
}

/* ---- signing and sending -------------------------------------------------------------------- */

static void
write_body(struct buf *out, const struct command *c, const struct arguments *a, const char *name,
           const struct sight *s)
{
    struct json_out w = json_out(out);

    json_open(&w, '{');
    json_member_int(&w, "deployment", s->id);
    if (s->digest[0] != '\0')
        json_member(&w, "digest", str_of(s->digest));
    json_member(&w, "decision", str_of(c->name));
    json_member(&w, "approver", str_of(name));
    if (a->comment != NULL)
        json_member(&w, "comment", str_of(a->comment));
    json_close(&w, '}');
}

static bool
make_id(char buf[WEBHOOK_ID_MAX])
{
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        complain("no random bytes to be had");
        return false;
    }
    memcpy(buf, "msg_", 5);
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(buf + 4 + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

/* Sends the very same message again while its outcome is not known. */
static void
send_signed(const char *url, int64_t id, const struct webhook *hook, struct asked *out)
{
    char page[DAEMON_URL_SIZE + 64], header[3][128];
    const char *const headers[] = { header[0], header[1], header[2],
                                    "Content-Type: application/json", NULL };

    snprintf(page, sizeof(page), "%sv1/deployments/%lld/decision", url, (long long)id);
    snprintf(header[0], sizeof(header[0]), "webhook-id: %.*s", STR_ARG(hook->id));
    snprintf(header[1], sizeof(header[1]), "webhook-timestamp: %.*s", STR_ARG(hook->timestamp));
    snprintf(header[2], sizeof(header[2]), "webhook-signature: %.*s", STR_ARG(hook->signature));
    for (int i = 0; i < TRIES; i++) {
        if (i > 0) {
            buf_free(&out->body);
            sleep(1);
        }
        ask("POST", page, headers, hook->body, out);
        if (out->status != 0 && out->status != 503)
            return;
    }
}

static int
tell(const struct command *c, const struct arguments *a, const struct sight *s,
     const struct asked *asked)
{
    struct json_token tokens[64];
    struct json doc;
    struct error e;
    char text[480] = "";
    bool good = asked->status == 200;

    if (asked->status == 0) {
        complain("the daemon cannot be reached: %s", asked->error.text);
        return CLI_UNAVAILABLE;
    }
    if (a->json)
        printf("%.*s", STR_ARG(buf_str(&asked->body)));
    if (json_read(&doc, buf_str(&asked->body), tokens, ARRAY_LEN(tokens), &e))
        (void)!json_text(json_get(json_root(&doc), good ? "result" : "error"), text, sizeof(text),
                         NULL);
    if (!good) {
        complain("%s of deployment %lld was refused: %s", c->name, (long long)s->id,
                 text[0] != '\0' ? text : "the daemon does not say why");
        return asked->status == 503 ? CLI_UNAVAILABLE : CLI_NO;
    }
    if (!a->json)
        printf("%s of deployment %lld: %s\n", c->name, (long long)s->id,
               strcmp(text, "unchanged") == 0 ? "known already, nothing changed" : "done");
    return CLI_OK;
}

static int
sign_and_send(const struct command *c, const struct arguments *a, const char *name,
              const struct secret *key, const char *url, const struct sight *s)
{
    struct buf body = { .max = APPROVAL_BODY_MAX };
    char id[WEBHOOK_ID_MAX], stamp[32], signature[WEBHOOK_SIGNATURE_SIZE];
    struct asked asked = { .status = 0 };
    struct webhook hook;
    int status = CLI_NO;

    write_body(&body, c, a, name, s);
    if (body.overflow) {
        complain("the comment is too long");
        status = CLI_USAGE;
    } else if (make_id(id)) {
        snprintf(stamp, sizeof(stamp), "%lld", (long long)(clock_wall_ms() / 1000));
        hook = (struct webhook){ .id = str_of(id),
                                 .timestamp = str_of(stamp),
                                 .body = buf_str(&body) };
        hook.signature = str_of(webhook_sign(&hook, key, signature));
        send_signed(url, s->id, &hook, &asked);
        status = tell(c, a, s, &asked);
    }
    buf_free(&asked.body);
    buf_free(&body);
    return status;
}

/* approve, reject, cancel, retry, rollback: the command's name is the decision. */
int
run_decision(const struct command *c, const struct arguments *a)
{
    const char *name = a->as != NULL ? a->as : getenv("SLIPWAY_AS");
    char url[DAEMON_URL_SIZE];
    struct secret *key;
    struct sight s;
    int64_t id = operand_id(c, a);
    int status;

    if (id == 0)
        return CLI_USAGE;
    if (name == NULL || name[0] == '\0') {
        complain("%s: your name among the approvers is needed: --as NAME", c->name);
        return CLI_USAGE;
    }
    key = read_key(a);
    if (key == NULL)
        return CLI_USAGE;
    status = daemon_url(a, url);
    if (status == CLI_OK)
        status = daemon_look(url, id, &s);
    if (status == CLI_OK)
        status = confirm(c, a, &s);
    if (status == CLI_OK)
        status = sign_and_send(c, a, name, key, url, &s);
    secret_free(key);
    return status;
}
