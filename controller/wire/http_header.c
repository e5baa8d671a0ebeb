#include <strings.h>

#include "wire/http_client.h"

struct str
http_header(const struct http_answer *a, const char *name)
{
    struct str rest = a->headers, line, key, value, found = { NULL, 0 };
    size_t len = str_of(name).len;

    while (rest.len > 0) {
        str_cut(rest, '\n', &line, &rest);
        if (str_cut(line, ':', &key, &value) && key.len == len &&
            strncasecmp(key.at, name, len) == 0)
            found = str_trim(value);
    }
    return found;
}
