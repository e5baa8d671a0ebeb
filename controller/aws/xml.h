#ifndef SLIPWAY_AWS_XML_H
#define SLIPWAY_AWS_XML_H

/**
 * XML: takes a few texts out of the small XML answers of STS and S3.
 *
 * Pure.  Reads elements, attributes (skipped), text and the five named and
 * the numeric entities; the XML declaration may stand first.  Everything else that XML can do
 * (DOCTYPE, CDATA, comments, processing instructions) is refused, as are more than 64 KiB and more
 * than 16 levels.
 */

#include "slipway/error.h"
#include "slipway/str.h"

#define XML_MAX 65536

/**
 * The text of the first element at `path` ("ErrorResponse/Error/Code", names as
 * written), into `buf`.  The whole document is checked first.
 * ERROR_INVALID if it is not what is said above or the text is too long; ERROR_NOT_FOUND if there
 * is no such element.
 */
bool xml_text(struct str doc, const char *path, char *buf, size_t size, struct error *e) MUST_CHECK;

#endif
