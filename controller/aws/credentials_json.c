#include <stdlib.h>

#include "aws/credential_source.h"
#include "platform/secret.h"
#include "slipway/instant.h"
#include "slipway/json.h"
#include "slipway/memory.h"

#define TEXT_MAX 16384 /* Of one of the texts; session tokens have one to four thousand bytes. */
#define TOKENS_MAX 64

/* Unescapes member `key` into `buf`; the empty str if it is not a text. */
static struct str
text_of(struct json_value v, const char *key, char buf[TEXT_MAX])
{
    size_t len = 0;

    return json_text(json_get(v, key), buf, TEXT_MAX, &len) ? (struct str){ buf, len } : STR("");
}

bool
credential_found_read(struct credential_found *f, struct str json, const char *token_key,
                      struct error *e)
{
    struct json_token tokens[TOKENS_MAX];
    char *room = xmalloc((size_t)TEXT_MAX * 4);
    struct json doc;
    struct json_value root;
    struct str until;
    struct error ignored;
    bool ok;

    /* The reader's own words could quote what it read. */
    if (!json_read(&doc, json, tokens, ARRAY_LEN(tokens), &ignored)) {
        free(room);
        return error_set(e, ERROR_INVALID, "the answer is not JSON");
    }
    root = json_root(&doc);
    until = text_of(root, "Expiration", room + (size_t)3 * TEXT_MAX);
    ok = credential_found_set(f, text_of(root, "AccessKeyId", room),
                              text_of(root, "SecretAccessKey", room + TEXT_MAX),
                              text_of(root, token_key, room + (size_t)2 * TEXT_MAX), e);
    if (ok && until.len > 0 && !instant_parse(until, &f->expires_ms)) {
        secret_free(f->secret_key);
        secret_free(f->session_token);
        ok = error_set(e, ERROR_INVALID, "Expiration is not a time");
    }
    secret_wipe(room, (size_t)TEXT_MAX * 4);
    free(room);
    return ok;
}
