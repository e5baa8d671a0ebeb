#ifndef SLIPWAY_UTF8_H
#define SLIPWAY_UTF8_H

/**
 * UTF-8: one character at a time, and which ones are not shown as they are.
 */

#include "slipway/str.h"

/**
 * Length in bytes of the character `s` (not empty) begins with, its code point in
 * `*code`; 0 if the bytes are none (RFC 3629: no surrogates, nothing longer than needed).
 */
size_t utf8_next(struct str s, uint32_t *code) MUST_CHECK;

/**
 * True for what must not reach a screen: control characters other than tab
 * and line feed, and characters that hide text or turn its direction.
 */
bool utf8_is_treacherous(uint32_t code) MUST_CHECK;

#endif
