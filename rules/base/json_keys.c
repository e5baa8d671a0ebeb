#include "json_internal.h"

#include <string.h>

/*
 * Finding a key that occurs twice, without memory of its own: the keys' tokens
 * carry a signature in `size`, and while an object is examined their `next`
 * links them into lists.  Afterwards `next` is what it was, the token after the key.
 */

#define FEW 16 /* Up to here every pair is compared. */

uint32_t
json_signature(struct str key)
{
    const unsigned char *p = (const unsigned char *)key.at;
    uint32_t head, tail = 0;

    if (key.len >= 4) {
        memcpy(&head, p, 4);
        memcpy(&tail, p + key.len - 4, 4);
    } else if (key.len > 0) {
        head = (uint32_t)p[0] << 16 | (uint32_t)p[key.len / 2] << 8 | p[key.len - 1];
    } else {
        head = 0;
    }
    tail *= UINT32_C(0x85EBCA77);
    return head * UINT32_C(0x9E3779B1) ^ (tail << 13 | tail >> 19) ^
           (uint32_t)key.len * UINT32_C(0xC2B2AE3D);
}

uint32_t
json_signature_escaped(struct str raw)
{
    struct json_bytes b = { .at = raw.at, .end = raw.at + raw.len };
    char head[4] = "", tail[4] = "", text[8];
    size_t len = 0;
    int c;

    /* The signature looks at no more than four bytes at either end, and at the length. */
    while ((c = json_next_byte(&b)) >= 0) {
        if (len < 4)
            head[len] = (char)c;
        memmove(tail, tail + 1, 3);
        tail[3] = (char)c;
        len++;
    }
    if (len <= 4)
        return json_signature((struct str){ head, len });
    memcpy(text, head, 4);
    memcpy(text + 4, tail, 4);
    return json_signature((struct str){ text, 8 }) ^ (uint32_t)8 * UINT32_C(0xC2B2AE3D) ^
           (uint32_t)len * UINT32_C(0xC2B2AE3D);
}

int
json_compare_raw(struct str a, bool a_escaped, struct str b, bool b_escaped)
{
    struct json_bytes left = { .at = a.at, .end = a.at + a.len };
    struct json_bytes right = { .at = b.at, .end = b.at + b.len };
    int order, c, d;

    if (!a_escaped && !b_escaped) {
        order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
        return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
    }
    do {
        c = json_next_byte(&left);
        d = json_next_byte(&right);
    } while (c == d && c >= 0);
    return c - d;
}

static int
compare_keys(const struct json_token *a, const struct json_token *b, const char *text)
{
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return json_compare_raw((struct str){ text + a->start, a->end - a->start }, a->escaped,
                            (struct str){ text + b->start, b->end - b->start }, b->escaped);
}

static uint32_t
find_among_few(const struct json_token *tokens, uint32_t first, uint32_t size, const char *text)
{
    uint32_t keys[FEW];
    uint32_t at = first;

    for (uint32_t i = 0; i < size; i++, at = tokens[at + 1].next) {
        keys[i] = at;
        for (uint32_t j = 0; j < i; j++)
            if (tokens[keys[j]].size == tokens[at].size &&
                compare_keys(&tokens[keys[j]], &tokens[at], text) == 0)
                return at;
    }
    return 0;
}

/* Merges two lists sorted by key; equal keys of `a` stand before those of `b`. 0 ends a list. */
static uint32_t
merge(struct json_token *tokens, uint32_t a, uint32_t b, const char *text)
{
    uint32_t head = 0;
    uint32_t *tail = &head;

    while (a != 0 && b != 0) {
        uint32_t *from = compare_keys(&tokens[a], &tokens[b], text) <= 0 ? &a : &b;

        *tail = *from;
        tail = &tokens[*from].next;
        *from = *tail;
    }
    *tail = a != 0 ? a : b;
    return head;
}

/* A merge sort from the bottom up: bin i holds nothing or a sorted list of 2^i keys. */
static uint32_t
sort_keys(struct json_token *tokens, uint32_t first, uint32_t size, const char *text)
{
    uint32_t bins[32] = { 0 };
    uint32_t at = first, list = 0;
    unsigned i;

    for (uint32_t n = 0; n < size; n++) {
        uint32_t following = tokens[at + 1].next;

        tokens[at].next = 0;
        list = at;
        for (i = 0; bins[i] != 0; i++) {
            list = merge(tokens, bins[i], list, text);
            bins[i] = 0;
        }
        bins[i] = list;
        at = following;
    }
    list = 0;
    for (i = 0; i < 32; i++)
        list = bins[i] != 0 ? merge(tokens, bins[i], list, text) : list;
    return list;
}

uint32_t
json_find_twin(struct json_token *tokens, uint32_t first, uint32_t size, const char *text)
{
    uint32_t at, twin = 0;

    if (size <= FEW)
        return find_among_few(tokens, first, size, text);
    at = sort_keys(tokens, first, size, text);
    for (uint32_t following = tokens[at].next; following != 0; following = tokens[at].next) {
        if (twin == 0 && compare_keys(&tokens[at], &tokens[following], text) == 0)
            twin = following;
        tokens[at].next = at + 1;
        at = following;
    }
    tokens[at].next = at + 1;
    return twin;
}
