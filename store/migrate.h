#ifndef SLIPWAY_MIGRATE_H
#define SLIPWAY_MIGRATE_H

/** Migrate: brings a database to the schema of this slipway.  Private to store/. */

#include <sqlite3.h>

#include "slipway/error.h"

/** Runs the scripts that are missing, each in one transaction; refuses a newer schema untouched. */
bool migrate(sqlite3 *db, struct error *e) MUST_CHECK;

/** True if the schema is exactly this slipway's. */
bool migrate_check(sqlite3 *db, struct error *e) MUST_CHECK;

#endif
