#include "slipway/settings.h"

#include <string.h>

const struct pipeline_settings *
settings_pipeline(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->pipeline_count; i++)
        if (strcmp(s->pipelines[i].name, name) == 0)
            return &s->pipelines[i];
    return NULL;
}
