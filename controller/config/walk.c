#include "config/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/setting.h"
#include "platform/secret.h"

/* ---- freeing -------------------------------------------------------------------------------- */

void
text_free(const char *text)
{
    /* Stored texts are ours; they are const for those who only read settings. */
    free((char *)(uintptr_t)text);
}

static void
free_list(struct setting_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        text_free(list->items[i]);
    free(list->items);
    *list = (struct setting_list){ NULL, 0 };
}

static void
free_secret_text(const char **text)
{
    if (*text != NULL)
        secret_wipe((char *)(uintptr_t)*text, strlen(*text));
    text_free(*text);
    *text = NULL;
}

static void
free_endpoints(struct endpoint_settings *endpoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_free(endpoints[i].service);
        text_free(endpoints[i].url);
    }
    free(endpoints);
}

/* The entries of a SETTING_SECTIONS. */
static void
free_entries(const struct setting *row, void *base)
{
    size_t count = *(size_t *)stored(base, row->count_at);
    char *entries;

    memcpy(&entries, stored(base, row->at), sizeof(entries));
    for (size_t i = 0; i < count; i++)
        section_free(row->section, entries + i * row->section->size);
    free(entries);
}

static void
free_keys(struct secret **keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        secret_free(keys[i]);
    free(keys);
}

void
section_free(const struct section *section, void *base)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct setting *row = &section->settings[i];
        void *at = stored(base, row->at);

        switch (row->type) {
        case SETTING_TEXT:
        case SETTING_WORD:
        case SETTING_PATTERN:
            text_free(*(const char **)at);
            *(const char **)at = NULL;
            break;
        case SETTING_SECRET:
            free_secret_text(at);
            break;
        case SETTING_TEXTS:
        case SETTING_ARGV:
        case SETTING_ENVIRONMENT:
            free_list(at);
            break;
        case SETTING_ENDPOINTS:
            free_endpoints(*(struct endpoint_settings **)at,
                           *(size_t *)stored(base, row->count_at));
            break;
        case SETTING_SECTION:
            section_free(row->section, at);
            break;
        case SETTING_SECTIONS:
            free_entries(row, base);
            break;
        case SETTING_KEYS:
            free_keys(*(struct secret ***)at, *(size_t *)stored(base, row->count_at));
            break;
        case SETTING_CHOICE:
        case SETTING_DURATION:
        case SETTING_INTEGER:
        case SETTING_PERCENT:
        case SETTING_FLAG:
            break;
        }
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

static void
write_text(const char *text, struct json_out *w)
{
    if (text != NULL)
        json_string(w, str_of(text));
    else
        json_null(w);
}

static void
write_list(const struct setting_list *list, struct json_out *w)
{
    json_open(w, '[');
    for (size_t i = 0; i < list->count; i++)
        write_text(list->items[i], w);
    json_close(w, ']');
}

static void
write_endpoints(const struct endpoint_settings *endpoints, size_t count, struct json_out *w)
{
    json_open(w, '{');
    for (size_t i = 0; i < count; i++) {
        json_key(w, endpoints[i].service);
        write_text(endpoints[i].url, w);
    }
    json_close(w, '}');
}

static void
write_entries(const struct setting *row, const void *base, struct json_out *w)
{
    size_t count = *(const size_t *)stored_const(base, row->count_at);
    const char *entries;

    memcpy(&entries, stored_const(base, row->at), sizeof(entries));
    json_open(w, '[');
    for (size_t i = 0; i < count; i++)
        section_write(row->section, entries + i * row->section->size, w);
    json_close(w, ']');
}

static void
write_value(const struct setting *row, const void *base, struct json_out *w)
{
    const void *at = stored_const(base, row->at);
    unsigned index;

    switch (row->type) {
    case SETTING_TEXT:
    case SETTING_WORD:
    case SETTING_PATTERN:
        write_text(*(const char *const *)at, w);
        break;
    case SETTING_CHOICE:
        memcpy(&index, at, sizeof(index));
        write_text(row->words[index], w);
        break;
    case SETTING_DURATION:
    case SETTING_INTEGER:
    case SETTING_PERCENT:
        json_int_value(w, *(const int64_t *)at);
        break;
    case SETTING_FLAG:
        json_bool_value(w, *(const bool *)at);
        break;
    case SETTING_TEXTS:
    case SETTING_ARGV:
    case SETTING_ENVIRONMENT:
        write_list(at, w);
        break;
    case SETTING_ENDPOINTS:
        write_endpoints(*(struct endpoint_settings *const *)at,
                        *(const size_t *)stored_const(base, row->count_at), w);
        break;
    case SETTING_SECTION:
        section_write(row->section, at, w);
        break;
    case SETTING_SECTIONS:
        write_entries(row, base, w);
        break;
    case SETTING_KEYS:
        json_int_value(w, (int64_t) * (const size_t *)stored_const(base, row->count_at));
        break;
    case SETTING_SECRET:
        json_null(w);
        break;
    }
}

void
section_write(const struct section *section, const void *base, struct json_out *w)
{
    json_open(w, '{');
    for (size_t i = 0; i < section->count; i++) {
        json_key(w, section->settings[i].key);
        write_value(&section->settings[i], base, w);
    }
    json_close(w, '}');
}

/* ---- comparing ------------------------------------------------------------------------------ */

static void
value_as_json(const struct setting *row, const void *base, struct buf *out)
{
    struct json_out w = json_out(out);

    write_value(row, base, &w);
}

static bool
same_value(const struct setting *row, const void *old, const void *new, const char *path,
           struct error *e)
{
    struct buf was = { .max = CONFIG_TEXT_MAX }, is = { .max = CONFIG_TEXT_MAX };
    bool same;

    value_as_json(row, old, &was);
    value_as_json(row, new, &is);
    same = str_equal(buf_str(&was), buf_str(&is));
    if (!same)
        error_set(e, ERROR_CONFLICT,
                  "%s%s%s cannot change while slipwayd runs (from %.120s to %.120s); restart it",
                  path, path[0] != '\0' ? "." : "", row->key, was.at, is.at);
    buf_free(&was);
    buf_free(&is);
    return same;
}

bool
section_same_fixed(const struct section *section, const void *old, const void *new,
                   const char *path, struct error *e)
{
    char place[80];

    for (size_t i = 0; i < section->count; i++) {
        const struct setting *row = &section->settings[i];

        if (row->type == SETTING_SECTION) {
            snprintf(place, sizeof(place), "%s%s%s", path, path[0] != '\0' ? "." : "", row->key);
            if (!section_same_fixed(row->section, stored_const(old, row->at),
                                    stored_const(new, row->at), place, e))
                return false;
        } else if (row->fixed && !same_value(row, old, new, path, e)) {
            return false;
        }
    }
    return true;
}
