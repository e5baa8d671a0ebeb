#ifndef SLIPWAY_REGISTRY_H
#define SLIPWAY_REGISTRY_H

/**
 * Registry: which approvals a model package has had.
 *
 * SageMaker may send several events for one change, EventBridge and SQS
 * deliver twice and out of order, and some events never come.  So slipway
 * keeps, for each package, the set of what it saw of its approval status,
 * each with the time the registry changed it, and derives everything from
 * that set: in time order, every stretch of "approved" is one generation of
 * the approval, and deserves one deployment.  The order of arrival and the
 * number of copies cannot matter.  Pure.
 *
 * Times are whole seconds: events carry no more, DescribeModelPackage does.
 */

#include "slipway/base.h"
#include "slipway/str.h"

#define SIGHTINGS_MAX 64 /* Beyond it the oldest go, those first that change no generation. */

/** Within one second the later of these stands: a package is registered as pending and approved
 * by a script in a moment, and a rejection must never lose. */
enum seen_status {
    SEEN_PENDING,
    SEEN_APPROVED,
    SEEN_REJECTED,
};

/** The approval status a package had from `at_s` on. */
struct sighting {
    int64_t at_s; /* LastModifiedTime, seconds since 1970. */
    enum seen_status status;
};

/** In time order, within one second in the order of enum seen_status. */
struct sightings {
    struct sighting items[SIGHTINGS_MAX];
    size_t count;
};

/** One generation of the approval: approved from `began_s` until `ended_s`, 0 if it still is. */
struct approval_run {
    int64_t began_s, ended_s;
    bool rejected; /* A rejection ended it, and that stands after every approval of its second. */
};

/** Adds what was seen; false if it was known already. */
bool sightings_add(struct sightings *s, struct sighting seen);

/** The generations, oldest first, at most SIGHTINGS_MAX; returns how many. */
size_t sightings_runs(const struct sightings *s, struct approval_run runs[SIGHTINGS_MAX]);

/** True if the last thing seen is "approved". */
bool sightings_approved(const struct sightings *s) MUST_CHECK;

/** True if a deployment for the approval seen at `approved_s` belongs to `run`. */
bool run_contains(const struct approval_run *run, int64_t approved_s) MUST_CHECK;

/** Newer approvals rank higher; of one second, the higher package version. */
int64_t registry_rank(int64_t approved_s, int64_t version) MUST_CHECK;

/** The set as text for the store, "?1700000000+1700000007-1700000060", and back; false if
 * malformed.
 */
#define SIGHTINGS_TEXT_SIZE (SIGHTINGS_MAX * 13 + 1)
const char *sightings_write(const struct sightings *s, char buf[SIGHTINGS_TEXT_SIZE]);
bool sightings_read(struct sightings *s, struct str text) MUST_CHECK;

#endif
