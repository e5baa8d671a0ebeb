#ifndef SLIPWAY_WORK_PACK_H
#define SLIPWAY_WORK_PACK_H

/**
 * Pack: a model's artifact, whatever it comes in, becomes one deterministic ZIP.
 *
 * A tar archive, compressed with gzip or not (SageMaker's model.tar.gz), is unpacked; so is a ZIP
 * whose name ends in .zip; anything else is one file (a PyTorch model is a
 * ZIP too, and must stay whole).  What is unpacked goes into files of our own naming: names from
 * the archive are only ever written into the ZIP.  Refused are links, devices, absolute names,
 * "..", two files of one name, and more than ZIP_ENTRIES_MAX files or `bytes_max` bytes.
 *
 *     p = pack_new(&settings);
 *     while (pack_step(p, &finished, &e) && !finished) ...    about PACK_STEP bytes a step
 *     pack_sha256(p); pack_bytes(p); pack_free(p);
 */

#include "slipway/deployment.h"
#include "slipway/error.h"

#define PACK_STEP ((int64_t)4 * 1024 * 1024)

struct pack;

/** Copied. */
struct pack_settings {
    const char *source; /* A file. */
    const char *name;   /* What the source is called: its name in the ZIP if it is one file. */
    const char *sha256; /* Hex, what the source must have; NULL: anything. */
    const char *folder; /* An empty folder for what is unpacked; the caller removes it. */
    const char *output; /* The ZIP. */
    int64_t bytes_max;  /* Of all files together. */
};

struct pack *pack_new(const struct pack_settings *s) MUST_CHECK;
void pack_free(struct pack *p);

/** Does a piece of the work.  False with `*e`: ERROR_INVALID and ERROR_CONFLICT are the artifact's
 * fault, ERROR_UNREACHABLE this machine's. */
bool pack_step(struct pack *p, bool *finished, struct error *e) MUST_CHECK;

/** Of the ZIP, once finished. */
const char *pack_sha256(const struct pack *p, char hex[DIGEST_SIZE]);
int64_t pack_bytes(const struct pack *p) MUST_CHECK;

/**
 * Writes `name` the way it goes into a ZIP ("./a//b" is "a/b").  False with
 * ERROR_INVALID for absolute names, "..", backslashes, control characters, invalid UTF-8 and names
 * longer than ZIP_NAME_MAX.  An empty result is the root folder.
 */
bool pack_name(struct str name, char *buf, size_t size, struct error *e) MUST_CHECK;

#endif
