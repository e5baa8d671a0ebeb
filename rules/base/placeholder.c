#include "slipway/placeholder.h"

const struct placeholder compile_placeholders[] = {
    { "input", "path of the approved model's artifact" },
    { "output", "path at which the command leaves the compiled model" },
    { "target", "hardware class: the pipeline's `target`" },
    { "work", "path of an empty folder of this step, removed afterwards" },
    { "token", "name of this step; the same when the command is run again after a crash" },
    { NULL, NULL },
};

const struct placeholder twin_placeholders[] = {
    { "artifact", "path of the packaged artifact" },
    { "component", "name of the Greengrass component" },
    { "version", "version of the component" },
    { "target", "hardware class: the pipeline's `target`" },
    { "work", "path of an empty folder of this step, removed afterwards" },
    { "output", "path at which the test leaves its slipway.twin-result/1 document" },
    { "run_id", "name of this run, to be repeated in the document" },
    { "artifact_sha256", "SHA-256 of the artifact, 64 hexadecimal digits" },
    { "model", "ARN of the model package" },
    { NULL, NULL },
};

static bool
is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_name_character(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

bool
placeholder_next(struct str text, struct str *before, struct str *name, struct str *after)
{
    for (size_t open = 0; open < text.len; open++) {
        size_t end = open + 1;

        if (text.at[open] != '{')
            continue;
        while (end < text.len && is_name_character(text.at[end]))
            end++;
        /* {3} belongs to a regular expression, {} to nothing. */
        if (end == text.len || text.at[end] != '}' || !is_letter(text.at[open + 1]))
            continue;
        *before = (struct str){ text.at, open };
        *name = (struct str){ text.at + open + 1, end - open - 1 };
        *after = (struct str){ text.at + end + 1, text.len - end - 1 };
        return true;
    }
    return false;
}
