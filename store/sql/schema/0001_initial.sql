-- One row per model package ever seen; `sightings` is the set that registry.h describes.
CREATE TABLE package (
    id        INTEGER PRIMARY KEY,
    arn       TEXT    NOT NULL UNIQUE,
    sightings TEXT    NOT NULL
) STRICT;

-- One row per approval of a model package in one pipeline.
CREATE TABLE deployment (
    id            INTEGER PRIMARY KEY,
    package_id    INTEGER NOT NULL REFERENCES package (id),
    approved_s    INTEGER NOT NULL,             -- when the approval it stands for began
    rank          INTEGER NOT NULL,             -- newer approvals rank higher
    pipeline      TEXT    NOT NULL,
    digest        TEXT    NOT NULL DEFAULT '',  -- SHA-256 of the packaged artifact
    state         TEXT    NOT NULL,             -- a word of DEPLOYMENT_STATES
    stage         TEXT    NOT NULL,
    entered_ms    INTEGER NOT NULL,
    deadline_ms   INTEGER NOT NULL,
    revision      INTEGER NOT NULL DEFAULT 0,
    order_id      INTEGER NOT NULL,             -- its open row in outbox; 0: none
    generation    INTEGER NOT NULL DEFAULT 0,
    attempts      INTEGER NOT NULL DEFAULT 1 CHECK (attempts >= 1),
    wave          INTEGER NOT NULL DEFAULT 0,
    wave_count    INTEGER NOT NULL,
    wave_state    TEXT    NOT NULL DEFAULT 'none',
    wave_since_ms INTEGER NOT NULL DEFAULT 0,
    approvals     INTEGER NOT NULL DEFAULT 0,
    planned       INTEGER NOT NULL DEFAULT 0,
    withdrawn     INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL DEFAULT '',
    received_ms   INTEGER NOT NULL,
    history_seq   INTEGER NOT NULL              -- its newest record of the history
) STRICT;

CREATE INDEX deployment_by_package ON deployment (package_id);

-- Few rows: who waits for approval in a pipeline.
CREATE INDEX deployment_at_gate ON deployment (pipeline, rank) WHERE state = 'awaiting-approval';

-- What is still to be done outside, or who is waited for; written with its decision.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    deployment_id INTEGER NOT NULL,
    kind          TEXT    NOT NULL,             -- a word of ORDER_KINDS
    due_ms        INTEGER NOT NULL,
    tries         INTEGER NOT NULL DEFAULT 0,
    progress      TEXT    NOT NULL DEFAULT ''
) STRICT;

-- Everything that ever changed a deployment, chained: hash = SHA-256(hash before | this record).
-- `previous` is the record before it of the same deployment; 0: none.
CREATE TABLE history (
    seq           INTEGER PRIMARY KEY,
    deployment_id INTEGER NOT NULL,
    previous      INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    fact          TEXT    NOT NULL,             -- a word of FACT_KINDS
    from_state    TEXT    NOT NULL,
    to_state      TEXT    NOT NULL,
    order_id      INTEGER NOT NULL,             -- the order the fact answers; 0: none
    actor         TEXT    NOT NULL,
    detail        TEXT    NOT NULL,             -- what the fact was about, and why; JSON
    hash          BLOB    NOT NULL
) STRICT;

CREATE TRIGGER history_keeps BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER history_stays BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;

-- What the stages found out.
CREATE TABLE document (
    deployment_id INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (deployment_id, kind)
) STRICT, WITHOUT ROWID;

-- What the devices of a wave last reported; wave -1 is the rollback.
CREATE TABLE wave (
    deployment_id INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    counts        TEXT    NOT NULL,             -- nine numbers, in the order of struct device_counts
    PRIMARY KEY (deployment_id, number)
) STRICT, WITHOUT ROWID;

-- Which deployment may change a thing group now.
CREATE TABLE hold (
    resource      TEXT    PRIMARY KEY,
    deployment_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per pipeline: the highest rank that reached its gate, and what is live.
CREATE TABLE lane (
    pipeline TEXT    PRIMARY KEY,
    top_rank INTEGER NOT NULL DEFAULT 0,
    live_id  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Decisions as they were signed.  A person counts once for one generation of the work.
CREATE TABLE decision (
    deployment_id INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    approver      TEXT    NOT NULL,
    decision      TEXT    NOT NULL,
    digest        TEXT    NOT NULL,
    at_ms         INTEGER NOT NULL,
    message_id    TEXT    NOT NULL,
    signature     TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (deployment_id, generation, approver, decision)
) STRICT, WITHOUT ROWID;

-- Message ids that were used up; kept longer than the time a signature is good for.
CREATE TABLE message (
    id     TEXT    PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    digest TEXT    NOT NULL,                    -- SHA-256 of the body it came with
    counts INTEGER NOT NULL                     -- 0: it was refused
) STRICT, WITHOUT ROWID;

CREATE INDEX message_by_time ON message (at_ms);

-- Messages nobody could understand; `digest` makes a second copy count, not pile up.
CREATE TABLE quarantine (
    id     INTEGER PRIMARY KEY,
    digest TEXT    NOT NULL UNIQUE,
    at_ms  INTEGER NOT NULL,
    times  INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    body   BLOB    NOT NULL
) STRICT;
