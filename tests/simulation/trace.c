#include "trace.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const WORDS[] = {
#define S(symbol, words) words,
    SOMETIMES(S)
#undef S
};

static int64_t counts[SOMETIMES_COUNT];
static uint64_t hash;
static bool prints;

void
sometimes(enum sometimes what)
{
    counts[what]++;
}

int64_t
sometimes_count(enum sometimes what)
{
    return counts[what];
}

const char *
sometimes_words(enum sometimes what)
{
    return WORDS[what];
}

void
trace_print(bool on)
{
    prints = on;
}

void
trace_begin(void)
{
    hash = UINT64_C(0xcbf29ce484222325);
}

uint64_t
trace_hash(void)
{
    return hash;
}

void
trace(const char *fmt, ...)
{
    char line[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    for (const char *c = line; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3); /* FNV-1a */
    if (prints)
        printf("%s\n", line);
}
