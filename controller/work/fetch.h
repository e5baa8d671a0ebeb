#ifndef SLIPWAY_WORK_FETCH_H
#define SLIPWAY_WORK_FETCH_H

/** Fetch: gets an artifact, s3://... or file:///..., as a checked local file; for this folder only.
 */

#include "slipway/deployment.h"
#include "story.h"

struct fetch {
    const char *uri;
    const char *etag;   /* Of the S3 object, with or without quotes; NULL: any. */
    const char *sha256; /* Hex; NULL: any. */
    const char *path;   /* Where an S3 object goes; a file stays where it is. */
    void (*then)(struct work *w, struct fetch *f);

    /* What came. */
    const char *file; /* The path of it. */
    char got[DIGEST_SIZE];
    int64_t size;

    /* For fetch.c */
    struct digest *digest;
    bool reused; /* What lies at `path` from a former take is looked at. */
};

/** Fetches it and calls f->then, or ends the work: failed for what is not there, too large
 * (ARTIFACT_MAX) or not what it should be.  `f` lives in work_room(). */
void fetch_start(struct work *w, struct fetch *f);

/** The last part of a URI or path, "model.tar.gz"; "" if it ends in '/'. */
const char *last_part(const char *uri) MUST_CHECK;

#endif
