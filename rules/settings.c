#include "slipway/settings.h"

#include <string.h>

#include "slipway/str.h"

const struct pipeline_settings *
settings_pipeline(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->pipeline_count; i++)
        if (strcmp(s->pipelines[i].name, name) == 0)
            return &s->pipelines[i];
    return NULL;
}

/* https://sqs.us-east-1.amazonaws.com/111122223333/name: the account stands before the name. */
bool
settings_queue_account(const char *url, char account[13])
{
    const char *name = url != NULL ? strrchr(url, '/') : NULL;

    account[0] = '\0';
    return name != NULL && name - url >= 13 && name[-13] == '/' &&
           strspn(name - 12, "0123456789") == 12 &&
           str_copy(account, 13, (struct str){ name - 12, 12 });
}
