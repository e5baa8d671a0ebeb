/* ORDER_COMPILE, driver "none": the registered model is what the devices get. */

#include "story.h"

void
compile_none_start(struct work *w)
{
    struct json_out out = json_out(&w->document);
    struct json_value source;
    const char *uri, *etag;

    if (!work_need(w, w->order->source, "source", &source))
        return;
    uri = work_member(w, source, "model_uri");
    etag = work_member(w, source, "etag");
    json_open(&out, '{');
    json_member(&out, "schema", STR("slipway.compiled/1"));
    json_member(&out, "driver", STR("none"));
    json_member(&out, "uri", str_of(uri));
    if (etag != NULL)
        json_member(&out, "etag", str_of(etag));
    json_close(&out, '}');
    work_finish(w);
}
