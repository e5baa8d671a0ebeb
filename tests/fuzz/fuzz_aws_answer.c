/* links: slipway_aws */

/*
 * Any bytes as what AWS, or something in its place, answers: refusals in every
 * protocol, XML, messages that must be mended, container credentials.  Never
 * a crash; every text ends; what is mended stays in its strings.
 */

#include <assert.h>
#include <string.h>

#include "aws/credential_source.h"
#include "aws/refusal.h"
#include "aws/sqs_mend.h"
#include "aws/xml.h"
#include "platform/secret.h"
#include "slipway/json.h"
#include "slipway/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_token tokens[4096];

/* Everything up to the first empty line is headers. */
static void
refuse(struct str bytes)
{
    struct http_answer a = { .status = 400, .body = bytes, .headers = STR("") };
    struct refusal r;

    for (size_t i = 0; i + 1 < bytes.len; i++)
        if (bytes.at[i] == '\n' && bytes.at[i + 1] == '\n') {
            a.headers = (struct str){ bytes.at, i + 1 };
            a.body = (struct str){ bytes.at + i + 2, bytes.len - i - 2 };
            break;
        }
    refusal_read(&a, &r);
    assert(strlen(r.code) < sizeof(r.code) && strlen(r.message) < sizeof(r.message));
    assert(r.code[0] != '\0' || r.message[0] != '\0');
    for (const char *c = r.message; *c != '\0'; c++)
        assert((unsigned char)*c >= 0x20 && *c != 0x7F);
}

/* Mending twice changes nothing more, and what was good JSON stays as it was. */
static void
mend(struct str bytes)
{
    struct buf once = { .max = JSON_TEXT_MAX }, twice = { .max = JSON_TEXT_MAX };
    struct json doc;
    struct error e;

    sqs_mend(&once, bytes);
    sqs_mend(&twice, buf_str(&once));
    assert(str_equal(buf_str(&once), buf_str(&twice)));
    if (json_read(&doc, bytes, tokens, ARRAY_LEN(tokens), &e))
        assert(str_equal(buf_str(&once), bytes));
    buf_free(&once);
    buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = { (const char *)data, size };
    struct credential_found found;
    struct error e;
    char text[64];

    refuse(bytes);
    mend(bytes);
    if (xml_text(bytes, "Error/Code", text, sizeof(text), &e))
        assert(strlen(text) < sizeof(text));
    if (credential_found_read(&found, bytes, "Token", &e)) {
        assert(found.access_key[0] != '\0' && secret_bytes(found.secret_key).len > 0);
        secret_free(found.secret_key);
        secret_free(found.session_token);
    }
    return 0;
}
