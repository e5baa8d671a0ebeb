/* links: slipway_wire slipway_rules */

/*
 * Any three headers and body as a signed decision: without the key no signature is good, with it
 * the one we make is, and a byte more or less in what is signed makes it bad.  The body is read as
 * a decision, believed or not.
 *
 * Input: id, timestamp and signature on a line each, then the body.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "platform/secret.h"
#include "slipway/approval.h"
#include "wire/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_signatures(const struct webhook *came, const struct secret *key)
{
    char signature[WEBHOOK_SIGNATURE_SIZE];
    struct webhook signed_one = *came;

    /* Nobody guesses 256 bits: what came is not good, unless the key is known to all. */
    assert(!webhook_verify(came, key));
    signed_one.signature = str_of(webhook_sign(came, key, signature));
    assert(webhook_verify(&signed_one, key));
    if (signed_one.body.len > 0) {
        signed_one.body.len--;
        assert(!webhook_verify(&signed_one, key));
        signed_one.body.len++;
    }
    signed_one.timestamp = STR("0123456789");
    assert(webhook_verify(&signed_one, key) == str_equal(came->timestamp, signed_one.timestamp));
}

static void
check_body(struct str body)
{
    struct approval a;
    struct error e = { .kind = ERROR_NONE };

    if (!approval_read(body, &a, &e)) {
        assert(e.kind == ERROR_INVALID && e.text[0] != '\0');
        return;
    }
    assert(memchr(a.decision, '\0', sizeof(a.decision)) != NULL && a.decision[0] != '\0');
    assert(memchr(a.approver, '\0', sizeof(a.approver)) != NULL);
    assert(memchr(a.comment, '\0', sizeof(a.comment)) != NULL);
    assert(a.digest[0] == '\0' || strlen(a.digest) == DIGEST_SIZE - 1);
    assert(a.digest[0] != '\0' ||
           (strcmp(a.decision, "approve") != 0 && strcmp(a.decision, "reject") != 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char KEY[] = "a key of thirty-two random bytes"; /* Of this test only. */
    struct webhook w = { 0 };
    struct str rest = { (const char *)data, size };
    struct secret *key;
    int64_t at_ms;

    (void)!str_cut(rest, '\n', &w.id, &rest);
    (void)!str_cut(rest, '\n', &w.timestamp, &rest);
    (void)!str_cut(rest, '\n', &w.signature, &w.body);
    check_body(w.body);
    key = webhook_key_read(w.signature);
    if (key != NULL) {
        assert(secret_bytes(key).len >= WEBHOOK_KEY_MIN);
        assert(secret_bytes(key).len <= WEBHOOK_KEY_MAX);
    }
    secret_free(key);
    if (!webhook_is_shaped(&w, &at_ms))
        return 0;
    assert(w.id.len <= WEBHOOK_ID_MAX && at_ms >= 0 && at_ms % 1000 == 0);
    key = secret_new(str_of(KEY));
    check_signatures(&w, key);
    secret_free(key);
    return 0;
}
