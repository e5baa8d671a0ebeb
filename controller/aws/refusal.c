#include "aws/refusal.h"

#include <stdio.h>
#include <string.h>

#include "aws/xml.h"
#include "slipway/json.h"

#define TOKENS_MAX 512
#define BODY_MAX 65536
#define RAW_MAX 4096

void
refusal_clean(char *buf, size_t size, struct str text)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len && len + 1 < size; i++) {
        unsigned char c = (unsigned char)text.at[i];

        buf[len++] = (char)(c < 0x20 || c == 0x7F ? ' ' : c);
        /* C1 controls, as UTF-8 spells them. */
        if (len > 1 && (unsigned char)buf[len - 2] == 0xC2 && c >= 0x80 && c < 0xA0) {
            buf[len - 2] = ' ';
            buf[len - 1] = ' ';
        }
    }
    if (len + 1 == size) { /* Perhaps cut: not in the middle of a character. */
        while (len > 0 && ((unsigned char)buf[len - 1] & 0xC0) == 0x80)
            len--;
        if (len > 0 && (unsigned char)buf[len - 1] >= 0xC0)
            len--;
    }
    buf[len] = '\0';
}

/* "com.amazonaws.sqs#QueueDoesNotExist", "ValidationException:http://..." -> the name alone. */
static void
keep_code(struct refusal *r, struct str code)
{
    struct str head, tail;

    if (str_cut(code, '#', &head, &tail))
        code = tail;
    str_cut(code, ':', &head, &tail);
    str_cut(head, ';', &code, &tail);
    refusal_clean(r->code, sizeof(r->code), str_trim(code));
}

static bool
json_member_text(struct json_value v, const char *const *keys, size_t count, char *buf, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (json_text(json_get(v, keys[i]), buf, size, NULL))
            return true;
    return false;
}

static bool
read_json(struct str body, struct refusal *r)
{
    static const char *const CODES[] = { "__type", "code", "Code" };
    static const char *const MESSAGES[] = { "message", "Message", "errorMessage" };
    struct json_token tokens[TOKENS_MAX];
    struct json doc;
    struct error e;
    char text[RAW_MAX];

    if (!json_read(&doc, body, tokens, ARRAY_LEN(tokens), &e))
        return false;
    if (r->code[0] == '\0' &&
        json_member_text(json_root(&doc), CODES, ARRAY_LEN(CODES), text, sizeof(text)))
        keep_code(r, str_of(text));
    if (json_member_text(json_root(&doc), MESSAGES, ARRAY_LEN(MESSAGES), text, sizeof(text)))
        refusal_clean(r->message, sizeof(r->message), str_of(text));
    return true;
}

static bool
read_xml(struct str body, struct refusal *r)
{
    static const char *const ROOTS[] = { "ErrorResponse/Error", "Error", "Response/Errors/Error" };
    char path[64], text[RAW_MAX];
    struct error e;

    for (size_t i = 0; i < ARRAY_LEN(ROOTS); i++) {
        snprintf(path, sizeof(path), "%s/Code", ROOTS[i]);
        if (!xml_text(body, path, text, sizeof(text), &e))
            continue;
        keep_code(r, str_of(text));
        snprintf(path, sizeof(path), "%s/Message", ROOTS[i]);
        if (xml_text(body, path, text, sizeof(text), &e))
            refusal_clean(r->message, sizeof(r->message), str_of(text));
        return true;
    }
    return false;
}

/* Names for answers without a body, as botocore and S3 know them. */
static const char *
status_name(int status)
{
    switch (status) {
    case 301:
        return "PermanentRedirect";
    case 304:
        return "NotModified";
    case 400:
        return "BadRequest";
    case 403:
        return "Forbidden";
    case 404:
        return "NotFound";
    case 409:
        return "Conflict";
    case 412:
        return "PreconditionFailed";
    default:
        return "";
    }
}

void
refusal_read(const struct http_answer *a, struct refusal *r)
{
    struct str body = str_trim(a->body), type = http_header(a, "content-type");
    struct str named = http_header(a, "x-amzn-errortype");
    bool understood = false;
    char text[32];

    *r = (struct refusal){ .code = "" };
    if (named.len > 0)
        keep_code(r, named);
    if (body.len > 0 && body.len <= BODY_MAX)
        understood = body.at[0] == '{'   ? read_json(body, r)
                     : body.at[0] == '<' ? read_xml(body, r)
                                         : false;
    if (r->code[0] == '\0' && http_header(a, "x-amzn-query-error").len > 0)
        keep_code(r, http_header(a, "x-amzn-query-error"));
    if (r->code[0] == '\0' && body.len == 0)
        snprintf(r->code, sizeof(r->code), "%s", status_name(a->status));
    if (r->message[0] != '\0' || (understood && r->code[0] != '\0'))
        return;
    if (type.len == 0)
        type = STR("text of no type");
    if (body.len == 0)
        type = STR("an empty body");
    snprintf(text, sizeof(text), "answered %d with ", a->status);
    refusal_clean(r->message, sizeof(r->message), str_of(text));
    refusal_clean(r->message + strlen(r->message), 61, type);
}
