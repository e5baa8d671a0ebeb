#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "slipway/memory.h"
#include "workshop.h"

/* Every field with its length before it: no two lists of fields give one text. */
static void
add_field(struct digest *d, const char *text)
{
    char length[24];

    snprintf(length, sizeof(length), "%zu:", strlen(text));
    digest_add(d, str_of(length));
    digest_add(d, str_of(text));
}

static void
add_number(struct digest *d, int64_t n)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)n);
    add_field(d, text);
}

static struct digest *
begin(const struct work_order *o)
{
    struct digest *d = digest_new();

    add_field(d, o->installation);
    add_field(d, o->deployment->pipeline);
    add_field(d, o->arn);
    add_number(d, o->deployment->approved_s);
    return d;
}

/* RFC 4648 section 6 in lower case, without padding. */
static const char *
finish(struct digest *d, char buf[WORK_TOKEN_SIZE])
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t bytes[33] = { 0 }; /* One more, for the bits that fill the last letter. */

    digest_bytes(d, bytes);
    digest_free(d);
    for (size_t i = 0; i < WORK_TOKEN_SIZE - 1; i++) {
        size_t bit = i * 5;
        unsigned pair = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];

        buf[i] = LETTERS[pair >> (11 - bit % 8) & 31];
    }
    buf[WORK_TOKEN_SIZE - 1] = '\0';
    return buf;
}

const char *
work_token(const struct work_order *o, const char *part, char buf[WORK_TOKEN_SIZE])
{
    struct digest *d = begin(o);

    add_field(d, order_step(o->kind));
    add_field(d, part);
    add_number(d, o->deployment->generation);
    return finish(d, buf);
}

const char *
work_release(const struct work_order *o, char buf[WORK_TOKEN_SIZE])
{
    return finish(begin(o), buf);
}
