#ifndef SLIPWAY_CONFIG_SYNTAX_H
#define SLIPWAY_CONFIG_SYNTAX_H

/**
 * Syntax: says to a person why a text is not YAML.
 *
 * libyaml names the rule of its grammar that failed; a person needs to hear
 * of the tab, the missing colon or the wrong indentation behind it.
 */

#include <yaml.h>

#include "config/report.h"

/** Reports why `parser` stopped reading `text`. */
void syntax_report(const yaml_parser_t *parser, struct str text, const struct reporter *r);

#endif
