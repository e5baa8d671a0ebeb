#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/reader.h"
#include "config/walk.h"
#include "platform/secret.h"

const char *
config_path(const char *option, char *(*environment)(const char *name))
{
    const char *variable = environment("SLIPWAY_CONFIG");

    if (option != NULL)
        return option;
    return variable != NULL && variable[0] != '\0' ? variable : "/etc/slipway/slipway.yaml";
}

/* ---- what follows from what was read -------------------------------------------------------- */

/* The digest names what a pipeline does, whatever the file looks like and in whatever order. */
static void
fill_digest(struct pipeline_settings *p)
{
    static const char HEX[] = "0123456789abcdef";
    struct buf text = { .max = CONFIG_TEXT_MAX * 16 };
    struct json_out w = json_out(&text);
    unsigned char digest[SHA256_DIGEST_LENGTH];

    section_write(&pipeline_section, p, &w);
    SHA256((const unsigned char *)text.at, text.len, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        p->digest[i * 2] = HEX[digest[i] >> 4];
        p->digest[i * 2 + 1] = HEX[digest[i] & 15];
    }
    buf_free(&text);
}

static void
complete(struct settings *s)
{
    for (size_t i = 0; i < s->pipeline_count; i++) {
        s->pipelines[i].compile.command.timeout_ms = s->pipelines[i].compile.timeout_ms;
        fill_digest(&s->pipelines[i]);
    }
}

struct settings *
config_read_text(const struct config_source *source, struct config_report *report)
{
    struct reader r = { { source->name, report }, source };
    struct settings *s;
    struct node *root;

    memset(report, 0, sizeof(*report));
    root = tree_read(source->text, &r.report);
    if (root == NULL)
        return NULL;
    s = xcalloc(1, sizeof(*s));
    fill_section(&r, &file_section, root, s, "");
    if (root->kind == NODE_MAP)
        cross_check(&r, s, root);
    tree_free(root);
    report_sort(report);
    if (report->problem_count > 0) {
        config_free(s);
        return NULL;
    }
    complete(s);
    return s;
}

/* ---- the file ------------------------------------------------------------------------------- */

/* Reads at most one byte more than allowed, so that too long a file is seen to be that. */
static bool
read_all(int file, struct buf *text)
{
    char part[16384];
    ssize_t got;

    while ((got = read(file, part, sizeof(part))) > 0) {
        buf_add(text, (struct str){ part, (size_t)got });
        if (text->len > CONFIG_TEXT_MAX)
            break;
    }
    secret_wipe(part, sizeof(part));
    return got >= 0;
}

struct settings *
config_read(const char *path, struct config_report *report)
{
    struct reporter r = { path, report };
    struct buf text = { .max = CONFIG_TEXT_MAX + 16384 };
    struct config_source source = { .name = path, .environment = getenv, .look_at_files = true };
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct settings *s = NULL;
    struct stat seen;

    memset(report, 0, sizeof(*report));
    if (file < 0 || fstat(file, &seen) != 0) {
        report->unreadable = true;
        report_problem(&r, (struct place){ 0, 0 }, "cannot be read: %s", strerror(errno));
    } else if (!S_ISREG(seen.st_mode)) {
        report->unreadable = true;
        report_problem(&r, (struct place){ 0, 0 }, "cannot be read: it is no file");
    } else if (!read_all(file, &text)) {
        report->unreadable = true;
        report_problem(&r, (struct place){ 0, 0 }, "cannot be read: %s", strerror(errno));
    } else {
        source.text = buf_str(&text);
        source.open_to_others = (seen.st_mode & 077) != 0;
        s = config_read_text(&source, report);
    }
    if (file >= 0)
        close(file);
    if (text.at != NULL)
        secret_wipe(text.at, text.len);
    buf_free(&text);
    return s;
}

void
config_free(struct settings *s)
{
    if (s == NULL)
        return;
    section_free(&file_section, s);
    free(s);
}

bool
config_same_identity(const struct settings *old, const struct settings *new, struct error *e)
{
    return section_same_fixed(&file_section, old, new, "", e);
}
