#include "digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "slipway/memory.h"

struct digest {
    EVP_MD_CTX *md;
};

/* SHA-256 is built in: what fails here is memory only. */
static void
must(int ok)
{
    if (ok != 1)
        memory_exhausted();
}

struct digest *
digest_new(void)
{
    struct digest *d = xcalloc(1, sizeof(*d));

    d->md = EVP_MD_CTX_new();
    must(d->md != NULL);
    must(EVP_DigestInit_ex(d->md, EVP_sha256(), NULL));
    return d;
}

void
digest_add(struct digest *d, struct str bytes)
{
    if (bytes.len > 0)
        must(EVP_DigestUpdate(d->md, bytes.at, bytes.len));
}

void
digest_bytes(const struct digest *d, uint8_t bytes[32])
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    unsigned len = 0;

    must(copy != NULL);
    must(EVP_MD_CTX_copy_ex(copy, d->md));
    must(EVP_DigestFinal_ex(copy, bytes, &len));
    assert(len == 32);
    EVP_MD_CTX_free(copy);
}

const char *
digest_hex(const struct digest *d, char hex[DIGEST_SIZE])
{
    static const char DIGITS[] = "0123456789abcdef";
    uint8_t bytes[32];

    digest_bytes(d, bytes);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        hex[2 * i] = DIGITS[bytes[i] >> 4];
        hex[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    hex[64] = '\0';
    return hex;
}

void
digest_free(struct digest *d)
{
    if (d == NULL)
        return;
    EVP_MD_CTX_free(d->md);
    free(d);
}

const char *
digest_of(struct str text, char hex[DIGEST_SIZE])
{
    struct digest *d = digest_new();

    digest_add(d, text);
    digest_hex(d, hex);
    digest_free(d);
    return hex;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool
digest_base64(const char *hex, char out[DIGEST_BASE64_SIZE])
{
    uint8_t bytes[32];

    out[0] = '\0';
    if (strlen(hex) != 64)
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    EVP_EncodeBlock((unsigned char *)out, bytes, (int)sizeof(bytes));
    return true;
}
