/* links: slipway_rules slipway_base */

/*
 * Any bytes as the body of a message: never a crash, a reason for every
 * refusal, and no event that contradicts its own resource.
 */

#include <assert.h>
#include <string.h>

#include "slipway/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_token tokens[4096];
static char scratch[65536];
static struct event ev;

static void
check_text(const char *text, size_t size)
{
    assert(memchr(text, '\0', size) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct event_room room = { tokens, 4096, scratch, sizeof(scratch) };
    const char *account = ev.account;
    struct error e = { .kind = ERROR_NONE };

    if (!event_read(&ev, (struct str){ (const char *)data, size }, &room, &e)) {
        assert(e.kind != ERROR_NONE && e.text[0] != '\0');
        return 0;
    }
    assert(json_type(event_root(&ev)) == JSON_OBJECT);
    assert(event_kind_name(ev.kind)[0] != '\0');
    check_text(ev.device.reason, sizeof(ev.device.reason));
    check_text(ev.device.thing, sizeof(ev.device.thing));
    check_text(ev.model_package.arn, sizeof(ev.model_package.arn));
    assert(event_allowed(&ev, &account, 1, &e) == (ev.account[0] != '\0'));
    if (ev.kind == EVENT_MODEL_PACKAGE) {
        assert(strlen(ev.account) == 12 && ev.region[0] != '\0' && ev.time_ms > 0);
        assert(strstr(ev.model_package.arn, ev.account) != NULL);
        assert(strstr(ev.model_package.arn, ev.region) != NULL);
        assert(ev.model_package.version >= 0);
    }
    return 0;
}
