#include "slipway/registry.h"

#include <string.h>

static const char SIGNS[] = { [SEEN_PENDING] = '?', [SEEN_APPROVED] = '+', [SEEN_REJECTED] = '-' };

static bool
stands_before(struct sighting a, struct sighting b)
{
    return a.at_s != b.at_s ? a.at_s < b.at_s : a.status < b.status;
}

static bool
is_approval(struct sighting s)
{
    return s.status == SEEN_APPROVED;
}

/* Which sighting goes for a new one: the oldest that neither begins nor ends a generation, so that
 * none begins anew; the very oldest if there is no such. */
static size_t
least_telling(const struct sightings *s)
{
    for (size_t i = 1; i < s->count; i++)
        if (is_approval(s->items[i]) == is_approval(s->items[i - 1]))
            return i;
    return 0;
}

bool
sightings_add(struct sightings *s, struct sighting seen)
{
    size_t at = s->count;

    while (at > 0 && stands_before(seen, s->items[at - 1]))
        at--;
    if (at > 0 && s->items[at - 1].at_s == seen.at_s && s->items[at - 1].status == seen.status)
        return false;
    if (s->count == SIGHTINGS_MAX) {
        size_t gone = least_telling(s);

        if (at == 0 && gone == 0)
            return false;
        s->count--;
        memmove(s->items + gone, s->items + gone + 1, (s->count - gone) * sizeof(s->items[0]));
        at -= at > gone;
    }
    memmove(s->items + at + 1, s->items + at, (s->count - at) * sizeof(s->items[0]));
    s->items[at] = seen;
    s->count++;
    return true;
}

size_t
sightings_runs(const struct sightings *s, struct approval_run runs[SIGHTINGS_MAX])
{
    size_t count = 0;
    bool on = false;

    for (size_t i = 0; i < s->count; i++) {
        bool approved = is_approval(s->items[i]);

        if (approved && !on) {
            runs[count++] = (struct approval_run){ .began_s = s->items[i].at_s };
        } else if (!approved && on) {
            runs[count - 1].ended_s = s->items[i].at_s;
            runs[count - 1].rejected = s->items[i].status == SEEN_REJECTED;
        }
        on = approved;
    }
    return count;
}

bool
sightings_approved(const struct sightings *s)
{
    return s->count > 0 && is_approval(s->items[s->count - 1]);
}

bool
run_contains(const struct approval_run *run, int64_t approved_s)
{
    return approved_s >= run->began_s && (run->ended_s == 0 || approved_s < run->ended_s ||
                                          (approved_s == run->ended_s && run->rejected));
}

int64_t
registry_rank(int64_t approved_s, int64_t version)
{
    int64_t low = version < 0 ? 0 : version > 0xfffff ? 0xfffff : version;

    return approved_s * 0x100000 + low;
}

/* ---- as text -------------------------------------------------------------------------------- */

const char *
sightings_write(const struct sightings *s, char buf[SIGHTINGS_TEXT_SIZE])
{
    char number[INT_TEXT_SIZE];
    size_t used = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct str at = str_of_int(s->items[i].at_s % INT64_C(1000000000000), number);

        buf[used++] = SIGNS[s->items[i].status];
        memcpy(buf + used, at.at, at.len);
        used += at.len;
    }
    buf[used] = '\0';
    return buf;
}

static bool
read_sign(char sign, enum seen_status *status)
{
    for (unsigned i = 0; i < ARRAY_LEN(SIGNS); i++) {
        if (SIGNS[i] == sign) {
            *status = (enum seen_status)i;
            return true;
        }
    }
    return false;
}

bool
sightings_read(struct sightings *s, struct str text)
{
    enum seen_status next;

    s->count = 0;
    while (text.len > 0) {
        struct sighting *seen = &s->items[s->count];
        size_t len = 1;

        if (s->count == SIGHTINGS_MAX || !read_sign(text.at[0], &seen->status))
            return false;
        while (len < text.len && !read_sign(text.at[len], &next))
            len++;
        if (!str_to_int((struct str){ text.at + 1, len - 1 }, &seen->at_s))
            return false;
        s->count++;
        text = (struct str){ text.at + len, text.len - len };
    }
    return true;
}
