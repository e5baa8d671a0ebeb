#include "aws/reader.h"

#include <stdlib.h>
#include <string.h>

#include "aws/account.h"
#include "slipway/instant.h"
#include "slipway/memory.h"

#define TAPE_MAX 524288U /* Tokens of one answer. */
#define BLOCK_SIZE 8192U
#define TIME_LAST_S 253402300799.0 /* The end of the year 9999. */

struct reader_block {
    struct reader_block *next;
    size_t used, room;
    max_align_t bytes[];
};

/* At least as many as `text` has tokens: each but the first stands after one of these. */
static size_t
tokens_in(struct str text)
{
    size_t count = 2;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ',' || text.at[i] == ':' || text.at[i] == '[' || text.at[i] == '{';
    return count < TAPE_MAX ? count : TAPE_MAX;
}

bool
reader_open(struct reader *r, struct aws_answer *a)
{
    struct aws *aws = a->account->aws;
    size_t needed;
    struct error e;

    *r = (struct reader){ .answer = a };
    if (a->result.outcome != AWS_OK)
        return false;
    needed = tokens_in(a->body);
    if (needed > aws->tape_room) {
        free(aws->tape);
        aws->tape_room = needed < 1024 ? 1024 : needed;
        aws->tape = xcalloc(aws->tape_room, sizeof(*aws->tape));
    }
    if (!json_read(&r->doc, a->body, aws->tape, aws->tape_room, &e)) {
        aws_wrong(a, "the answer is not JSON: %s", e.text);
        return false;
    }
    r->root = json_root(&r->doc);
    if (json_type(r->root) != JSON_OBJECT) {
        aws_wrong(a, "the answer is %s, not an object", json_type_name(r->root));
        return false;
    }
    return true;
}

void
reader_close(struct reader *r)
{
    while (r->blocks != NULL) {
        struct reader_block *b = r->blocks;

        r->blocks = b->next;
        free(b);
    }
}

static void *
take_room(struct reader *r, size_t size)
{
    struct reader_block *b = r->blocks;
    size_t whole = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

    if (b == NULL || b->room - b->used < whole) {
        size_t room = whole > BLOCK_SIZE ? whole : BLOCK_SIZE;

        b = xcalloc(1, sizeof(*b) + room);
        b->room = room;
        b->next = r->blocks;
        r->blocks = b;
    }
    b->used += whole;
    return (char *)b->bytes + b->used - whole;
}

void *
reader_array(struct reader *r, size_t count, size_t size)
{
    return take_room(r, (count > 0 ? count : 1) * size);
}

/* What stands at `path`; "" is `v` itself. */
static struct json_value
value_at(struct json_value v, const char *path)
{
    return path[0] == '\0' ? v : json_path(v, path);
}

const char *
reader_text(struct reader *r, struct json_value v, const char *path)
{
    struct json_value text = value_at(v, path);
    size_t size = json_raw(text).len + 1;
    char *copy;

    if (!json_exists(text) || json_type(text) != JSON_STRING)
        return "";
    copy = take_room(r, size);
    return json_text(text, copy, size, NULL) ? copy : "";
}

const char *
reader_needs(struct reader *r, struct json_value v, const char *path)
{
    const char *text = reader_text(r, v, path);

    if (text[0] == '\0' && r->answer->result.outcome == AWS_OK)
        aws_wrong(r->answer, "no %s in the answer", path);
    return text;
}

/* Copies `v` as JSON, leaving out what is null. */
static void
copy_json(struct buf *to, struct json_value v)
{
    enum json_type type = json_type(v);
    bool first = true;

    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        buf_add(to, json_source(v));
        return;
    }
    buf_char(to, type == JSON_OBJECT ? '{' : '[');
    for (struct json_cursor c = json_first(v); json_exists(c.value); json_next(&c)) {
        if (type == JSON_OBJECT && json_type(c.value) == JSON_NULL)
            continue;
        if (!first)
            buf_char(to, ',');
        first = false;
        if (type == JSON_OBJECT) {
            buf_add(to, json_source(c.key));
            buf_char(to, ':');
        }
        copy_json(to, c.value); /* No deeper than JSON_DEPTH_MAX, as json_read() saw to it. */
    }
    buf_char(to, type == JSON_OBJECT ? '}' : ']');
}

const char *
reader_object(struct reader *r, struct json_value v, const char *path)
{
    struct json_value object = value_at(v, path);
    struct buf text = { .max = JSON_TEXT_MAX };
    char *copy;

    if (!json_exists(object) || json_type(object) == JSON_NULL)
        return "{}";
    if (json_type(object) != JSON_OBJECT) {
        if (r->answer->result.outcome == AWS_OK)
            aws_wrong(r->answer, "%s is %s, not an object", path, json_type_name(object));
        return "{}";
    }
    copy_json(&text, object);
    copy = take_room(r, text.len + 1);
    memcpy(copy, text.at, text.len + 1);
    buf_free(&text);
    return copy;
}

int64_t
reader_time(struct json_value v, const char *path)
{
    struct json_value at = value_at(v, path);
    char text[INSTANT_SIZE * 2];
    double seconds;
    int64_t ms;

    if (json_double(at, &seconds) && seconds > 0 && seconds < TIME_LAST_S)
        return (int64_t)(seconds * 1000 + 0.5);
    if (json_text(at, text, sizeof(text), NULL) && instant_parse(str_of(text), &ms))
        return ms;
    return 0;
}

int64_t
reader_int(struct json_value v, const char *path)
{
    struct json_value at = value_at(v, path);
    char text[32];
    int64_t n;

    if (json_int(at, &n))
        return n;
    if (json_text(at, text, sizeof(text), NULL) && str_to_int(str_of(text), &n))
        return n;
    return 0;
}

bool
reader_bool(struct json_value v, const char *path)
{
    bool is = false;

    return json_bool(value_at(v, path), &is) && is;
}

bool
reader_list(struct reader *r, const char *path, struct json_value *list)
{
    *list = json_path(r->root, path);
    if (!json_exists(*list) || json_type(*list) == JSON_NULL || json_type(*list) == JSON_ARRAY)
        return true;
    aws_wrong(r->answer, "%s is %s, not an array", path, json_type_name(*list));
    return false;
}

const char *
reader_next(struct reader *r, const char *path)
{
    const char *token = reader_text(r, r->root, path);

    return token[0] != '\0' ? token : NULL;
}
