#include "document.h"

#include <stdlib.h>

#include "slipway/memory.h"

/* Each value and key but the first follows one of these characters. */
static size_t
tokens_at_most(struct str text)
{
    size_t count = 2;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ',' || text.at[i] == ':' || text.at[i] == '[' || text.at[i] == '{';
    return count;
}

bool
document_read(struct document *d, struct str text, struct error *e)
{
    unsigned longest = JSON_TEXT_MAX;
    size_t max;

    *d = (struct document){ 0 };
    if (text.len > longest)
        return error_set(e, ERROR_INVALID, "longer than %u bytes", longest);
    max = tokens_at_most(text);
    d->tokens = xcalloc(max, sizeof(*d->tokens));
    return json_read(&d->json, text, d->tokens, max, e);
}

void
document_free(struct document *d)
{
    free(d->tokens);
    d->tokens = NULL;
}
