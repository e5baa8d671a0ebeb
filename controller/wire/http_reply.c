#include "http_server_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
    int status;
    const char *words;
} STATUSES[] = {
    { 200, "OK" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 411, "Length Required" },
    { 413, "Content Too Large" },
    { 417, "Expectation Failed" },
    { 421, "Misdirected Request" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 505, "HTTP Version Not Supported" },
};

/* What a browser may do with any answer of ours: show it, with our style sheet, and nothing else.
 */
static const char GUARDS[] =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cache-Control: no-store\r\n";

static const char *
status_words(int status)
{
    const char *words = NULL;

    for (size_t i = 0; i < ARRAY_LEN(STATUSES); i++)
        if (STATUSES[i].status == status)
            words = STATUSES[i].words;
    assert(words != NULL);
    return words;
}

/* RFC 9110 5.6.7; written by hand because strftime() follows the locale. */
static void
add_date(struct buf *out, int64_t now_ms)
{
    static const char DAYS_OF_WEEK[] = "SunMonTueWedThuFriSat";
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(now_ms / 1000);
    struct tm t;

    if (gmtime_r(&now, &t) == NULL)
        return;
    buf_printf(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", &DAYS_OF_WEEK[t.tm_wday * 3],
               t.tm_mday, &MONTHS[t.tm_mon * 3], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

void
reply_head(struct buf *out, const struct http_reply *reply, int64_t now_ms, bool closes,
           bool to_post)
{
    assert(strpbrk(reply->type, "\r\n") == NULL);
    buf_printf(out, "HTTP/1.1 %d %s\r\n", reply->status, status_words(reply->status));
    add_date(out, now_ms);
    buf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\nConnection: %s\r\n", reply->type,
               reply->body.len, closes ? "close" : "keep-alive");
    buf_add(out, str_of(GUARDS));
    if (reply->status == 405)
        buf_printf(out, "Allow: %s\r\n", to_post ? "GET, HEAD" : "POST");
    if (reply->status == 503)
        buf_add(out, STR("Retry-After: 2\r\n"));
    buf_add(out, STR("\r\n"));
}

void
http_reply_text(struct http_request *r, int status, const char *text)
{
    char line[512];
    struct http_reply reply = { status, "text/plain; charset=utf-8", { line, 0 } };

    snprintf(line, sizeof(line), "%s\n", text);
    reply.body = str_of(line);
    http_reply(r, &reply);
}
