#ifndef SLIPWAY_WORK_FOLDER_H
#define SLIPWAY_WORK_FOLDER_H

/** Folder: the work folders on disk, private to slipway's user.  Blocks for single files only. */

#include "slipway/error.h"
#include "slipway/memory.h"

/** Makes `path` with mode 0700; true also if it is a folder already. */
bool folder_make(const char *path, struct error *e) MUST_CHECK;

/** Removes `path` and what is in it; follows no link.  True if nothing is there (any more). */
bool folder_remove(const char *path);

/** Reads all of a regular file of at most out->max bytes. */
bool file_read(const char *path, struct buf *out, struct error *e) MUST_CHECK;

/** Writes `text` beside `path`, syncs it and renames it: whole or not at all. */
bool file_write(const char *path, struct str text, struct error *e) MUST_CHECK;

/** Opens for reading a regular file that is no link; -1 with `*e` filled. */
int file_open(const char *path, int64_t *size, struct error *e) MUST_CHECK;

#endif
