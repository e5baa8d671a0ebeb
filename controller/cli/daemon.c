#include "daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "slipway/json.h"

/* ---- where it is ---------------------------------------------------------------------------- */

/* The port a daemon with "listen: host:0" has written down; 0 if it has not. */
static long
port_written(const char *path)
{
    FILE *f = path != NULL ? fopen(path, "re") : NULL;
    long port = 0;

    if (f == NULL)
        return 0;
    /* NOLINTNEXTLINE(cert-err34-c): five digits always fit. */
    if (fscanf(f, "%5ld", &port) != 1 || port < 1 || port > 65535)
        port = 0;
    fclose(f);
    return port;
}

/* Whoever listens everywhere listens on the loopback too. */
static struct str
reachable(struct str host)
{
    if (host.len == 0 || str_is(host, "0.0.0.0") || str_is(host, "*"))
        return STR("127.0.0.1");
    return str_is(host, "[::]") ? STR("[::1]") : host;
}

static int
url_from_settings(const struct settings *s, char buf[DAEMON_URL_SIZE])
{
    const char *colon = strrchr(s->listen, ':');
    struct str host = { s->listen, colon != NULL ? (size_t)(colon - s->listen) : 0 };
    long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;

    if (port == 0)
        port = port_written(s->port_file);
    if (port == 0) {
        complain("the daemon listens on any free port; say where with --url URL");
        return CLI_USAGE;
    }
    host = reachable(host);
    snprintf(buf, DAEMON_URL_SIZE, "http://%.*s:%ld/", STR_ARG(host), port);
    return CLI_OK;
}

int
daemon_url(const struct arguments *a, char buf[DAEMON_URL_SIZE])
{
    struct settings *s;
    size_t len;
    int status;

    if (a->url != NULL) {
        len = strlen(a->url);
        if (len + 2 > DAEMON_URL_SIZE ||
            (!str_starts(str_of(a->url), "http://") && !str_starts(str_of(a->url), "https://"))) {
            complain("--url \"%s\" is not http://... or https://...", a->url);
            return CLI_USAGE;
        }
        snprintf(buf, DAEMON_URL_SIZE, "%s%s", a->url, a->url[len - 1] == '/' ? "" : "/");
        return CLI_OK;
    }
    s = settings_read(config_path(a->config, getenv));
    if (s == NULL) {
        complain("say where the daemon is with --url URL, or name the configuration with -c FILE");
        return CLI_CONFIG;
    }
    status = url_from_settings(s, buf);
    config_free(s);
    return status;
}

/* ---- what it says --------------------------------------------------------------------------- */

static bool
read_sight(struct json_value d, struct sight *out, struct error *e)
{
    struct json_value digest = json_get(d, "digest");

    *out = (struct sight){ .id = 0 };
    if (json_type(digest) == JSON_STRING &&
        !json_text(digest, out->digest, sizeof(out->digest), NULL))
        return error_set(e, ERROR_INVALID, "its digest is too long");
    return json_get_int(d, "id", &out->id, e) &&
           json_get_text(d, "pipeline", out->pipeline, sizeof(out->pipeline), e) &&
           json_get_text(d, "model_package_arn", out->arn, sizeof(out->arn), e) &&
           json_get_text(d, "state", out->state, sizeof(out->state), e) &&
           json_get_text(d, "waits_for", out->why, sizeof(out->why), e);
}

static int
understand(const char *url, int64_t id, const struct asked *asked, struct sight *out)
{
    struct json_token tokens[512];
    struct json doc;
    struct json_cursor first;
    struct error e;

    if (asked->status != 200) {
        complain("%s answers with status %d; is that the daemon?", url, asked->status);
        return CLI_UNAVAILABLE;
    }
    if (!json_read(&doc, buf_str(&asked->body), tokens, ARRAY_LEN(tokens), &e)) {
        complain("%s: %s; is that the daemon?", url, e.text);
        return CLI_UNAVAILABLE;
    }
    first = json_first(json_get(json_root(&doc), "deployments"));
    if (!json_exists(first.value)) {
        complain("no deployment %lld", (long long)id);
        return CLI_NO;
    }
    if (!read_sight(first.value, out, &e)) {
        complain("%s: %s", url, e.text);
        return CLI_UNAVAILABLE;
    }
    if (out->id == id)
        return CLI_OK;
    complain("no deployment %lld", (long long)id);
    return CLI_NO;
}

int
daemon_look(const char *url, int64_t id, struct sight *out)
{
    char page[DAEMON_URL_SIZE + 64];
    struct asked asked;
    int status = CLI_UNAVAILABLE;

    /* A page of one, that begins with it: all that is needed, and small. */
    snprintf(page, sizeof(page), "%sv1/deployments?limit=1&before=%lld", url, (long long)id + 1);
    ask("GET", page, NULL, STR(""), &asked);
    if (asked.status == 0)
        complain("the daemon cannot be reached: %s", asked.error.text);
    else
        status = understand(url, id, &asked, out);
    buf_free(&asked.body);
    return status;
}
