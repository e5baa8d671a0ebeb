#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/credential_source.h"
#include "platform/child.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "slipway/json.h"
#include "slipway/memory.h"

#define WORDS_MAX 64
#define OUT_MAX 65536
#define RUN_MS SECONDS(60)

extern char **environ;

/* A program that prints credentials (SDKs reference guide, "Process credential provider"). */
struct process {
    struct credential_source head;
    struct loop *loop;
    char *command;
    char *words[WORDS_MAX + 1]; /* Pieces of `line`. */
    char *line;
    char path[1024];
    struct child *child;
    credential_fetched *fetched;
    void *cookie;
};

/*
 * Splits the command as a shell would split plain words: blanks, quotes, backslashes; nothing is
 * expanded and no shell runs.
 */
static bool
split(struct process *p)
{
    const char *in = p->command;
    char *out = p->line = xmalloc(strlen(in) + 2);
    size_t count = 0;

    while (*in != '\0') {
        char quote = '\0';

        in += strspn(in, " \t");
        if (*in == '\0')
            break;
        if (count == WORDS_MAX)
            return false;
        p->words[count++] = out;
        for (; *in != '\0' && (quote != '\0' || (*in != ' ' && *in != '\t')); in++) {
            if (quote == '\0' && (*in == '"' || *in == '\''))
                quote = *in;
            else if (*in == quote)
                quote = '\0';
            else if (*in == '\\' && quote != '\'' && in[1] != '\0')
                *out++ = *++in;
            else
                *out++ = *in;
        }
        *out++ = '\0';
        if (quote != '\0')
            return false;
    }
    p->words[count] = NULL;
    return count > 0;
}

/* A program without a slash is looked for in PATH, as a shell would. */
static const char *
find_program(struct process *p)
{
    struct str rest = str_of(setup_variable("PATH")), folder;

    if (strchr(p->words[0], '/') != NULL)
        return p->words[0];
    while (rest.len > 0) {
        str_cut(rest, ':', &folder, &rest);
        if (folder.len == 0 || folder.len + strlen(p->words[0]) + 2 > sizeof(p->path))
            continue;
        snprintf(p->path, sizeof(p->path), "%.*s/%s", STR_ARG(folder), p->words[0]);
        if (access(p->path, X_OK) == 0)
            return p->path;
    }
    return p->words[0];
}

static void
fail(struct process *p, struct error *e)
{
    error_while(e, "credentials from %s", p->head.name);
    p->fetched(p->cookie, NULL, e);
}

static bool
understand(struct credential_found *found, struct str out, struct error *e)
{
    struct json_token tokens[64];
    struct json doc;
    int64_t version = 0;

    if (!json_read(&doc, out, tokens, ARRAY_LEN(tokens), e))
        return error_set(e, ERROR_INVALID, "what it printed is not JSON");
    if (!json_int(json_get(json_root(&doc), "Version"), &version) || version != 1)
        return error_set(e, ERROR_INVALID, "what it printed is not \"Version\": 1");
    return credential_found_read(found, out, "SessionToken", e);
}

static void
process_ended(void *cookie, const struct child_result *r)
{
    struct process *p = cookie;
    struct credential_found found;
    struct error e = r->error;

    p->child = NULL;
    if (e.kind != ERROR_NONE || !understand(&found, r->out, &e))
        fail(p, &e);
    else
        p->fetched(p->cookie, &found, NULL);
}

/* Slipway's own environment, as credential_process expects, without the keys of approvers. */
static const char **
environment(void)
{
    const char **all;
    size_t count = 0;

    while (environ[count] != NULL)
        count++;
    all = xcalloc(count + 1, sizeof(*all));
    count = 0;
    for (char **variable = environ; *variable != NULL; variable++)
        if (strstr(*variable, "=whsec_") == NULL)
            all[count++] = *variable;
    return all;
}

static void
process_fetch(struct credential_source *s, credential_fetched *fetched, void *cookie)
{
    struct process *p = (struct process *)s;
    const char *argv[WORDS_MAX + 1];
    struct child_program program = { .argv = argv, .timeout_ms = RUN_MS, .out_max = OUT_MAX };
    const char **variables;
    struct error e;

    p->fetched = fetched;
    p->cookie = cookie;
    if (p->words[0] == NULL) {
        error_set(&e, ERROR_INVALID, "credential_process is no command (unbalanced quotes?)");
        fail(p, &e);
        return;
    }
    for (size_t i = 0; i <= WORDS_MAX; i++)
        argv[i] = p->words[i];
    argv[0] = find_program(p);
    variables = environment();
    program.environment = variables;
    p->child = child_start(p->loop, &program, process_ended, p);
    free(variables);
}

static void
process_free(struct credential_source *s)
{
    struct process *p = (struct process *)s;

    child_cancel(p->child);
    if (p->line != NULL)
        secret_wipe(p->line, strlen(p->command)); /* Some put a password into the command. */
    secret_wipe(p->command, strlen(p->command));
    free(p->line);
    free(p->command);
    free(p);
}

struct credential_source *
source_process(struct loop *l, const char *profile, const char *command)
{
    struct process *p = xcalloc(1, sizeof(*p));

    p->head.fetch = process_fetch;
    p->head.free = process_free;
    snprintf(p->head.name, sizeof(p->head.name), "credential_process of profile %.100s", profile);
    p->loop = l;
    p->command = xstrdup(command);
    if (!split(p))
        p->words[0] = NULL;
    return &p->head;
}
