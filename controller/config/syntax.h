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

/** The last text in quotes that spans lines; all 0: none yet. */
struct long_quote {
    struct place opens;
    size_t last_line;
};

/**
 * Reports why `parser` stopped reading `text`.  Right after a text in quotes
 * that spans lines, a quote that was forgotten is the likely reason.
 */
void syntax_report(const yaml_parser_t *parser, struct str text, struct long_quote before,
                   const struct reporter *r);

#endif
