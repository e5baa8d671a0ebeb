#include "webhook.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "platform/secret.h"
#include "slipway/memory.h"

#define HMAC_SIZE 32

static bool
is_id(struct str id)
{
    static const char ALLOWED[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

    for (size_t i = 0; i < id.len; i++)
        if (id.at[i] == '\0' || strchr(ALLOWED, id.at[i]) == NULL)
            return false;
    return id.len > 0 && id.len <= WEBHOOK_ID_MAX;
}

bool
webhook_is_shaped(const struct webhook *w, int64_t *at_ms)
{
    int64_t seconds;

    for (size_t i = 0; i < w->timestamp.len; i++)
        if (w->timestamp.at[i] < '0' || w->timestamp.at[i] > '9')
            return false;
    if (w->timestamp.len > 12 || !str_to_int(w->timestamp, &seconds))
        return false;
    *at_ms = seconds * 1000;
    return is_id(w->id) && w->signature.len > 0;
}

static void
compute(const struct webhook *w, const struct secret *key, unsigned char out[HMAC_SIZE])
{
    struct str bytes = secret_bytes(key);
    struct buf content = { .max = w->id.len + w->timestamp.len + w->body.len + 2 };
    unsigned len = 0;

    buf_add(&content, w->id);
    buf_char(&content, '.');
    buf_add(&content, w->timestamp);
    buf_char(&content, '.');
    buf_add(&content, w->body);
    if (HMAC(EVP_sha256(), bytes.at, (int)bytes.len, (const unsigned char *)content.at, content.len,
             out, &len) == NULL ||
        len != HMAC_SIZE)
        memory_exhausted();
    buf_free(&content);
}

const char *
webhook_sign(const struct webhook *w, const struct secret *key, char buf[WEBHOOK_SIGNATURE_SIZE])
{
    unsigned char mac[HMAC_SIZE];

    compute(w, key, mac);
    memcpy(buf, "v1,", 3);
    EVP_EncodeBlock((unsigned char *)buf + 3, mac, HMAC_SIZE);
    return buf;
}

bool
webhook_verify(const struct webhook *w, const struct secret *key)
{
    char needed[WEBHOOK_SIGNATURE_SIZE];
    struct str one, rest = w->signature;
    bool good = false, more = true;

    webhook_sign(w, key, needed);
    for (unsigned i = 0; more && i < WEBHOOK_SIGNATURES_MAX; i++) {
        more = str_cut(rest, ' ', &one, &rest);
        /* The length is no secret; the comparison of all bytes takes the same time always. */
        if (one.len == strlen(needed) && CRYPTO_memcmp(one.at, needed, one.len) == 0)
            good = true;
    }
    secret_wipe(needed, sizeof(needed));
    return good;
}

struct secret *
webhook_key_read(struct str text)
{
    static const char PREFIX[] = "whsec_";
    unsigned char bytes[96];
    struct secret *key = NULL;
    struct str code = str_trim(text);
    int len, padding = 0;

    if (!str_starts(code, PREFIX))
        return NULL;
    code = (struct str){ code.at + strlen(PREFIX), code.len - strlen(PREFIX) };
    if (code.len % 4 != 0 || code.len > 88 || code.len == 0)
        return NULL;
    /* EVP_DecodeBlock skips blanks at the ends, and counts padding as bytes. */
    for (size_t i = 0; i < code.len; i++)
        if (strchr(" \t\r\n", code.at[i]) != NULL)
            return NULL;
    while (padding < 2 && code.at[code.len - 1 - (size_t)padding] == '=')
        padding++;
    len = EVP_DecodeBlock(bytes, (const unsigned char *)code.at, (int)code.len) - padding;
    if (len >= WEBHOOK_KEY_MIN && len <= WEBHOOK_KEY_MAX)
        key = secret_new((struct str){ (const char *)bytes, (size_t)len });
    secret_wipe(bytes, sizeof(bytes));
    return key;
}
