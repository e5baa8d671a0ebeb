#ifndef SLIPWAY_ROW_H
#define SLIPWAY_ROW_H

/** Row: a deployment as the columns of deployment_load.sql.  Private to store/. */

#include "statement.h"

#define ROW_COLUMNS \
    24 /* How many columns deployment_row() reads; what follows is the query's own. */

/** Reads the row `q` stands on; ERROR_STORAGE if a word in it is unknown. */
bool deployment_row(sqlite3_stmt *q, struct deployment *d, struct error *e) MUST_CHECK;

/** The columns that struct deployment does not have. */
int64_t row_received_ms(sqlite3_stmt *q) MUST_CHECK;
int64_t row_history_seq(sqlite3_stmt *q) MUST_CHECK;

/** The nine numbers of a wave as text, and back. */
#define COUNTS_TEXT_SIZE 200
const char *counts_write(const struct device_counts *c, char buf[COUNTS_TEXT_SIZE]);
bool counts_read(struct str text, struct device_counts *c) MUST_CHECK;

#endif
