#ifndef SLIPWAY_CONFIG_SETTING_H
#define SLIPWAY_CONFIG_SETTING_H

/**
 * Setting: one row of the table that defines the configuration file.
 *
 * The table (table.c) is data.  fill.c reads a file by it, schema.c and
 * reference.c print it, canonical.c and free.c walk what it filled.
 * Who adds a setting adds a row, a member of struct settings, and nothing else.
 */

#include "slipway/placeholder.h"
#include "slipway/settings.h"

enum setting_type {
    SETTING_TEXT,        /* const char *: a text, of `format` if there is one. */
    SETTING_SECRET,      /* const char *: a text that is never shown. */
    SETTING_WORD,        /* const char *: one of `words`. */
    SETTING_CHOICE,      /* An enum whose values number `words` from 0. */
    SETTING_DURATION,    /* int64_t, milliseconds */
    SETTING_INTEGER,     /* int64_t */
    SETTING_PERCENT,     /* int64_t */
    SETTING_FLAG,        /* bool */
    SETTING_TEXTS,       /* struct setting_list: each of `format` */
    SETTING_ARGV,        /* struct setting_list: a program and its arguments */
    SETTING_ENVIRONMENT, /* struct setting_list: "NAME=value" from a map */
    SETTING_ENDPOINTS,   /* struct endpoint_settings *: a map from `words` to URLs */
    SETTING_PATTERN,     /* const char *: the JSON text of an EventBridge pattern */
    SETTING_SECTION,     /* The struct of `section`, embedded. */
    SETTING_SECTIONS,    /* A pointer to that many structs of `section`. */
    SETTING_KEYS,        /* struct secret **: from a list of maps of `section` */
};

/** What a text must look like: one regular expression for the schema and for the check. */
struct text_format {
    const char *name;  /* "an absolute path": stands after "this is not". */
    const char *regex; /* Means the same in POSIX ERE and in ECMA-262, mode u. */
    /** NULL, or what the expression cannot say: the complaint about `text`, NULL if it is fine. */
    const char *(*complaint)(const char *text);
    const char *example;
};

struct section;

struct setting {
    const char *key;
    enum setting_type type;
    bool required;   /* In each file, or with `only`: with that driver. */
    bool fixed;      /* Read at the start only; a running daemon cannot change it. */
    bool numbers;    /* Texts: a number or true and false need no quotes. */
    bool hidden;     /* Texts: a wrong one is not shown, for it may be a key in the wrong place. */
    size_t at;       /* Where it is stored, in bytes from the start of the section's struct. */
    size_t count_at; /* SECTIONS, KEYS, ENDPOINTS: where the size_t of their number is. */
    const struct section *section;
    const struct text_format *format;
    const char *const *words;               /* Ends with NULL. */
    const struct placeholder *placeholders; /* ARGV: what may stand in braces. */
    int64_t least, most; /* Of the number; in ms, characters of a text, or entries of a list. */
    const char *initial; /* The value when it is left out, as one would write it; NULL: none. */
    const char *only;    /* Means something with this word of the section's `driver` only. */
    const char *choice;  /* Of the settings of a section with one name here, one must be given. */
    const char *with;    /* Given only together with that other setting. */
    const char *example; /* As one would write it in YAML; NULL: the default, or the format's. */
    const char *meaning; /* Sentences. */
};

/** The settings of one map.  A setting called `driver` stands first. */
struct section {
    const char *name;  /* "pipelines[].compile"; "" for the whole file. */
    const char *title; /* What such a section is, for the reference page. */
    size_t size;       /* Of its struct; entries of SECTIONS are that far apart. */
    const struct setting *settings;
    size_t count;
};

/** One way to give a key; kept only until the secret is made. */
struct key_source {
    const char *file;
    const char *variable;
    const char *key;
};

/** The whole file, stored in struct settings. */
extern const struct section file_section;

/** One pipeline, stored in struct pipeline_settings; its canonical text is what the digest names.
 */
extern const struct section pipeline_section;

/** The stages of a pipeline, each stored in the struct of its name. */
extern const struct section compile_section, package_section, twin_section, gate_section;

/** What a value written without quotes must not look like where a text is needed. */
bool reads_as_no_text(struct str plain) MUST_CHECK;

/** The sections in `section`, itself first, each before those it holds; stops at `max`. */
size_t sections_below(const struct section *section, const struct section **out, size_t max);

#define SECTIONS_MAX 32

/** The first row of `section` called `key`, or NULL. */
const struct setting *section_find(const struct section *section, struct str key) MUST_CHECK;

/** Where `row` is stored in the section's struct `base`. */
static inline void *
stored(void *base, size_t at)
{
    return (char *)base + at;
}

static inline const void *
stored_const(const void *base, size_t at)
{
    return (const char *)base + at;
}

#endif
