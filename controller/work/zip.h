#ifndef SLIPWAY_WORK_ZIP_H
#define SLIPWAY_WORK_ZIP_H

/**
 * Zip: writes a ZIP file whose bytes depend on nothing but names, modes and content.
 *
 * A component's artifact is named by its digest, and a second packaging of
 * the same model must give the same digest, also years and library versions later.  So
 * every time is 1980-01-01 00:00, nothing is compressed (model weights hardly shrink, and a
 * compressor's output changes with its version), and sizes and CRCs stand in the local headers,
 * because java.util.zip refuses stored entries with a trailing data descriptor.
 * Format: PKWARE APPNOTE 6.3; no ZIP64, which 2 GiB of at most 10,000 files do not need.
 *
 *     zip = zip_new(fd);
 *     zip_entry(zip, "model.onnx", size, crc, false, &e);  then exactly `size` bytes:
 *     zip_data(zip, bytes, &e) ...
 *     zip_end(zip, &e);  zip_sha256(zip, hex);  zip_free(zip);
 */

#include "slipway/deployment.h"
#include "slipway/error.h"

#define ZIP_ENTRIES_MAX 10000
#define ZIP_NAME_MAX 1024

struct zip;

/** Writes to `fd`, which is lent. */
struct zip *zip_new(int fd) MUST_CHECK;
void zip_free(struct zip *z);

/** Begins an entry; entries come in strictly ascending order of their names (an assert). */
bool zip_entry(struct zip *z, const char *name, int64_t size, uint32_t crc, bool executable,
               struct error *e) MUST_CHECK;
bool zip_data(struct zip *z, struct str bytes, struct error *e) MUST_CHECK;

/** Writes the directory. */
bool zip_end(struct zip *z, struct error *e) MUST_CHECK;

/** Of all that was written. */
const char *zip_sha256(const struct zip *z, char hex[DIGEST_SIZE]);
int64_t zip_bytes(const struct zip *z) MUST_CHECK;

/** CRC-32 (ISO 3309) of `bytes` appended to what has `crc`; begin with 0. */
uint32_t zip_crc(uint32_t crc, struct str bytes) MUST_CHECK;

#endif
