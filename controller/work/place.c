#include <errno.h>
#include <string.h>

#include "folder.h"
#include "story.h"

const char *
folder_of_step(struct work *w)
{
    char release[WORK_TOKEN_SIZE], token[WORK_TOKEN_SIZE];
    const char *deployment = work_text(w, "%s/%s", workshop_folder(w->shop),
                                       work_release(w->order, release));
    const char *step = work_text(w, "%s/%s", deployment, work_token(w->order, "", token));
    struct error e;

    if (!folder_make(deployment, &e) || !folder_make(step, &e)) {
        work_unsure(w, "%s", e.text);
        return NULL;
    }
    return step;
}

const char *
folder_empty(struct work *w, const char *folder, const char *name)
{
    const char *path = work_text(w, "%s/%s", folder, name);
    struct error e;

    if (!folder_remove(path)) {
        work_unsure(w, "%s: cannot be emptied: %s", path, strerror(errno));
        return NULL;
    }
    if (!folder_make(path, &e)) {
        work_unsure(w, "%s", e.text);
        return NULL;
    }
    return path;
}
