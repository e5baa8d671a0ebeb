#include <stdio.h>
#include <string.h>

#include "cli_internal.h"

#define AT(member) offsetof(struct arguments, member)

/* clang-format off */
/* In the order of enum option_bit. */
static const struct option OPTIONS[] = {
    { "--config",    "-c", "FILE",   "the configuration; else SLIPWAY_CONFIG, else /etc/slipway/slipway.yaml", AT(config),    OPTION_TEXT },
    { "--store",     NULL, "FILE",   "the database, in place of the one in the configuration",                 AT(store),     OPTION_TEXT },
    { "--json",      NULL, NULL,     "print JSON, as the API does",                                            AT(json),      OPTION_FLAG },
    { "--limit",     NULL, "N",      "how many at most, 1 to 200; 50 if not given",                            AT(limit),     OPTION_NUMBER },
    { "--before",    NULL, "ID",     "only deployments with a lower number",                                   AT(before),    OPTION_NUMBER },
    { "--open",      NULL, NULL,     "only those that wait for something",                                     AT(open),      OPTION_FLAG },
    { "--digest",    NULL, "HEX",    "the digest you looked at, all 64 digits; another one is refused",        AT(digest),    OPTION_TEXT },
    { "--as",        NULL, "NAME",   "your name among the approvers of the configuration; else SLIPWAY_AS",    AT(as),        OPTION_TEXT },
    { "--key",       NULL, "FILE",   "your key, \"whsec_...\"; else SLIPWAY_KEY holds the key itself",         AT(key),       OPTION_TEXT },
    { "--comment",   NULL, "TEXT",   "why, for the history; at most 500 characters",                           AT(comment),   OPTION_TEXT },
    { "--url",       NULL, "URL",    "where the daemon is; else what the configuration says",                  AT(url),       OPTION_TEXT },
    { "--anchor",    NULL, "HASH",   "a hash noted earlier that must be part of the history",                  AT(anchor),    OPTION_TEXT },
    { "--canonical", NULL, NULL,     "without times and numbers that depend on chance",                        AT(canonical), OPTION_FLAG },
    { "--help",      "-h", NULL,     "print this",                                                             AT(help),      OPTION_FLAG },
};
/* clang-format on */

void
options_print(unsigned bits)
{
    char left[40];

    for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++) {
        const struct option *o = &OPTIONS[i];

        if ((bits & 1U << i) == 0)
            continue;
        snprintf(left, sizeof(left), "%s%s%s%s%s", o->letter != NULL ? o->letter : "",
                 o->letter != NULL ? ", " : "", o->name, o->value != NULL ? " " : "",
                 o->value != NULL ? o->value : "");
        printf("  %-18s %s\n", left, o->meaning);
    }
}

const char *
nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t least = 3; /* Farther ones are no typing mistake. */

    for (size_t i = 0; i < count; i++) {
        size_t d = str_distance(str_of(word), str_of(names[i]));

        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

static bool
refuse_unknown(const struct command *c, const char *word)
{
    const char *names[ARRAY_LEN(OPTIONS)], *near;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++)
        if ((c->options & 1U << i) != 0)
            names[count++] = OPTIONS[i].name;
    near = nearest(word, names, count);
    if (near != NULL)
        complain("%s: unknown option \"%s\"; do you mean %s?", c->name, word, near);
    else
        complain("%s: unknown option \"%s\"; see slipway %s --help", c->name, word, c->name);
    return false;
}

/* The option `word` names, which may go on with "=value". */
static const struct option *
find(const struct command *c, const char *word, const char **value)
{
    size_t len = strcspn(word, "=");

    *value = word[len] == '=' ? word + len + 1 : NULL;
    for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++) {
        const struct option *o = &OPTIONS[i];

        if ((c->options & 1U << i) == 0)
            continue;
        if ((strlen(o->name) == len && strncmp(o->name, word, len) == 0) ||
            (o->letter != NULL && strcmp(o->letter, word) == 0))
            return o;
    }
    return NULL;
}

static bool
set(const struct command *c, const struct option *o, const char *value, struct arguments *out)
{
    char *at = (char *)out + o->at;
    int64_t number;

    if (o->kind == OPTION_FLAG) {
        if (value != NULL) {
            complain("%s: option %s takes no value", c->name, o->name);
            return false;
        }
        memcpy(at, &(bool){ true }, sizeof(bool));
        return true;
    }
    if (value == NULL) {
        complain("%s: option %s needs a value, %s", c->name, o->name, o->value);
        return false;
    }
    if (o->kind == OPTION_TEXT) {
        memcpy(at, &value, sizeof(value));
        return true;
    }
    if (!str_to_int(str_of(value), &number) || number < 1) {
        complain("%s: %s \"%s\" is not a number of 1 or more", c->name, o->name, value);
        return false;
    }
    memcpy(at, &number, sizeof(number));
    return true;
}

static bool
add_operand(const struct command *c, const char *word, struct arguments *out)
{
    if (out->operand_count == c->most) {
        complain("%s: \"%s\" is one argument too many; see slipway %s --help", c->name, word,
                 c->name);
        return false;
    }
    out->operands[out->operand_count++] = word;
    return true;
}

bool
options_read(const struct command *c, int argc, char **argv, struct arguments *out)
{
    bool only_operands = false;

    *out = (struct arguments){ .operand_count = 0 };
    for (int i = 0; i < argc; i++) {
        const struct option *o;
        const char *value;

        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            if (!add_operand(c, argv[i], out))
                return false;
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            only_operands = true;
            continue;
        }
        o = find(c, argv[i], &value);
        if (o == NULL)
            return refuse_unknown(c, argv[i]);
        if (o->kind != OPTION_FLAG && value == NULL && i + 1 < argc)
            value = argv[++i];
        if (!set(c, o, value, out))
            return false;
    }
    if (out->help || out->operand_count >= c->least)
        return true;
    complain("%s: %s is missing; see slipway %s --help", c->name, c->operands, c->name);
    return false;
}
