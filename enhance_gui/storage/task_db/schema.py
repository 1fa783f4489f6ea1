"""Defines the schema, whose triggers let the database itself enforce the state machine.

The triggers are written from the tables of :mod:`enhance_gui.core.tasks.states`: a step that the
state machine does not know is refused by SQLite, whatever the code above does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from enhance_gui.core.tasks.states import (
    CHARGE_POSSIBLE,
    ENDED,
    NOT_SENT,
    OUTCOME_STEPS,
    Outcome,
    Step,
    TaskState,
)


def listed(values: Iterable[str]) -> str:
    """Return texts of the program's own as a list in SQL."""
    return ", ".join(f"'{value}'" for value in values)


ENDED_STATES: Final = listed(sorted(ENDED))
CHARGED_OUTCOMES: Final = listed(sorted(CHARGE_POSSIBLE))
"""Of the attempts that may have been charged."""
WAITS: Final = f"state IN ({listed(sorted(NOT_SENT))})"
"""Condition for tasks that wait to be sent, or to be started."""
LAST_RANK: Final = (
    "(SELECT max(0, coalesce(max(rank), 0)) FROM task AS other "  # noqa: S608  from the enum alone
    f"WHERE other.service = task.service AND {WAITS})"
)
"""The rank with which a task comes after all that wait for its service."""
_STATES: Final = listed(TaskState)
_OUTCOMES: Final = listed(Outcome)
_STEPS: Final = listed(
    sorted({f"{source}>{step.target}" for step in Step for source in step.sources})
)
_STEPS_BEFORE_VERSION_9: Final = listed(
    sorted(
        {
            f"{source}>{step.target}"
            for step in Step
            if step is not Step.REVIEW
            for source in step.sources
        }
    )
)
_STEPS_BEFORE_VERSION_6: Final = (
    "'accepted>cancelling', 'accepted>failed', 'accepted>finished', 'cancelled>queued', "
    "'cancelling>accepted', 'cancelling>cancelled', 'draft>cancelled', 'draft>failed', "
    "'draft>queued', 'failed>accepted', 'failed>queued', 'fetching>failed', "
    "'fetching>finished', 'fetching>saved', 'finished>failed', 'finished>fetching', "
    "'in_doubt>accepted', 'in_doubt>queued', 'in_doubt>sending', 'in_doubt>written_off', "
    "'queued>accepted', 'queued>cancelled', 'queued>failed', 'queued>sending', "
    "'sending>accepted', 'sending>failed', 'sending>in_doubt', 'sending>queued', "
    "'written_off>accepted', 'written_off>queued'"
)
"""The steps as the first version wrote them; what a list had then stays as it was written."""
_OUTCOME_STEPS: Final = listed(sorted(f"{before}>{after}" for before, after in OUTCOME_STEPS))

# What is made in version 1 or 2, and anew in version 4.
_ATTEMPT_TRIGGERS: Final = f"""CREATE TRIGGER attempt_follows BEFORE INSERT ON attempt
WHEN EXISTS (
    SELECT 1 FROM attempt WHERE task_id = NEW.task_id
    AND outcome NOT IN ('unsent', 'rejected') AND NOT approved)
OR NEW.number IS NOT 1 + (SELECT count(*) FROM attempt WHERE task_id = NEW.task_id)
OR NEW.outcome IS NOT 'open'
BEGIN SELECT RAISE(ABORT, 'an earlier attempt may have been charged'); END;
CREATE TRIGGER attempt_step BEFORE UPDATE OF outcome ON attempt
WHEN OLD.outcome IS NOT NEW.outcome
AND OLD.outcome || '>' || NEW.outcome NOT IN ({_OUTCOME_STEPS})
BEGIN SELECT RAISE(ABORT, 'no such change of an attempt'); END;
CREATE TRIGGER attempt_is_kept BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
"""  # noqa: S608  put together from the enums above, from nothing foreign
_DELETED_TRIGGER: Final = """CREATE TRIGGER attempt_deleted BEFORE UPDATE OF deleted_at ON attempt
WHEN NEW.deleted_at IS NOT NULL AND NEW.outcome IS NOT 'accepted'
BEGIN SELECT RAISE(ABORT, 'the service has no record of it'); END;
"""
_HINT_TABLE: Final = """CREATE TABLE callback_hint (
    private_id TEXT NOT NULL REFERENCES attempt (private_id),
    service_task_id TEXT NOT NULL,
    PRIMARY KEY (private_id, service_task_id)
) STRICT, WITHOUT ROWID;
"""

_VERSION_1: Final = f"""
CREATE TABLE service (
    name TEXT PRIMARY KEY,
    profile TEXT NOT NULL           -- the profile as JSON; never a token
) STRICT;

CREATE TABLE task (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    input TEXT NOT NULL,
    service TEXT NOT NULL REFERENCES service (name),
    type_id INTEGER NOT NULL,
    type_name TEXT NOT NULL,
    save_folder TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({_STATES})),
    created_at TEXT NOT NULL,
    location TEXT,                  -- final address or path, from preflight
    format TEXT,
    width_px INTEGER,
    height_px INTEGER,
    size_bytes INTEGER,
    input_sha256 TEXT,
    input_copy TEXT,                -- path of the picture that went in, where it came by address
    record BLOB,                    -- the service's last record, as JSON
    failure_kind TEXT,
    failure_detail TEXT,
    failure_code INTEGER,
    accepted_at TEXT,
    finished_at TEXT,
    saved_at TEXT,
    sidecar TEXT
) STRICT;
CREATE INDEX task_by_state ON task (state, service, id);
CREATE INDEX task_by_input ON task (input);

CREATE TRIGGER task_step BEFORE UPDATE OF state ON task
WHEN OLD.state IS NOT NEW.state AND OLD.state || '>' || NEW.state NOT IN ({_STEPS_BEFORE_VERSION_6})
BEGIN SELECT RAISE(ABORT, 'no such step'); END;

-- Out of "sending" only with the attempt settled, into "accepted" only with a task id.
CREATE TRIGGER task_settled BEFORE UPDATE OF state ON task
WHEN OLD.state = 'sending' AND NEW.state IS NOT 'sending' AND EXISTS (
    SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'open')
BEGIN SELECT RAISE(ABORT, 'the attempt is still open'); END;
CREATE TRIGGER task_accepted BEFORE UPDATE OF state ON task
WHEN NEW.state = 'accepted' AND NOT EXISTS (
    SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'accepted')
BEGIN SELECT RAISE(ABORT, 'no attempt was accepted'); END;

CREATE TABLE attempt (
    task_id INTEGER NOT NULL REFERENCES task (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    service TEXT NOT NULL,
    private_id TEXT NOT NULL UNIQUE,
    request_sha256 TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ({_OUTCOMES})),
    service_task_id TEXT,
    approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)),
    cost REAL NOT NULL DEFAULT 0,   -- credits that it may have cost; 0 where that is not known
    opened_at TEXT NOT NULL,
    settled_at TEXT,
    PRIMARY KEY (task_id, number),
    UNIQUE (service, service_task_id),
    CHECK ((outcome = 'accepted') = (service_task_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_by_time ON attempt (service, opened_at);

-- The heart of "never pay twice": one attempt after another only where the earlier one cannot
-- have cost anything, or the user has said yes.
{_ATTEMPT_TRIGGERS}
-- What callbacks have said of attempts whose own answer is not known: to be asked about.
{_HINT_TABLE}
CREATE TABLE output (
    task_id INTEGER NOT NULL REFERENCES task (id),
    number INTEGER NOT NULL,        -- 0: the main result; then faces or variants
    part TEXT NOT NULL,             -- path of the unfinished file
    final TEXT NOT NULL,            -- path it will have, or has
    sha256 TEXT,                    -- set once the part is whole, verified and on disk
    size_bytes INTEGER,
    format TEXT,
    width_px INTEGER,
    height_px INTEGER,
    placed INTEGER NOT NULL DEFAULT 0 CHECK (placed IN (0, 1)),
    PRIMARY KEY (task_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE duration (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    type_id INTEGER NOT NULL,
    megapixels REAL NOT NULL,
    after_s REAL NOT NULL,
    by_s REAL NOT NULL
) STRICT;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    task_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    source TEXT,
    target TEXT NOT NULL,
    cause TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_task ON event (task_id);
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;

-- Who may send: the number of the last program that opened the database to work in it.
CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL) STRICT;
INSERT INTO owner VALUES (1, 0);
"""  # noqa: S608  put together from the enums above, from nothing foreign

_VERSION_2: Final = f"""
ALTER TABLE task ADD COLUMN hidden_at TEXT;     -- when the user took it from the list
ALTER TABLE attempt ADD COLUMN deleted_at TEXT; -- when the service had deleted its record
ALTER TABLE event ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- What the user cannot see must not go on: only what has ended is taken from the list.
CREATE TRIGGER task_hidden BEFORE UPDATE ON task
WHEN NEW.hidden_at IS NOT NULL AND NEW.state NOT IN ({ENDED_STATES})
BEGIN SELECT RAISE(ABORT, 'it has not ended'); END;
{_DELETED_TRIGGER}"""

_VERSION_3: Final = """
-- Where the service was when it was sent; empty where that was lost.
ALTER TABLE attempt ADD COLUMN base_url TEXT NOT NULL DEFAULT '';
UPDATE attempt SET base_url = coalesce((
    SELECT json_extract(profile, '$.base_url') FROM service
    WHERE name = attempt.service AND json_valid(profile)), '');
"""

_VERSION_4: Final = f"""
-- The rule for task ids has to know addresses, and SQLite changes no rule of a table that is there:
-- both tables are made anew. callback_hint goes first and comes last, so that no reference ever
-- points to nothing; a table that is dropped takes its triggers and indexes along, and asks none.
CREATE TABLE attempt_before AS SELECT * FROM attempt;
CREATE TABLE hint_before AS SELECT * FROM callback_hint;
DROP TABLE callback_hint;
DROP TABLE attempt;

CREATE TABLE attempt (
    task_id INTEGER NOT NULL REFERENCES task (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    service TEXT NOT NULL,
    base_url TEXT NOT NULL DEFAULT '',  -- where the service has it; empty where that was lost
    private_id TEXT NOT NULL UNIQUE,
    request_sha256 TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ({_OUTCOMES})),
    service_task_id TEXT,
    approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)),
    cost REAL NOT NULL DEFAULT 0,   -- credits that it may have cost; 0 where that is not known
    opened_at TEXT NOT NULL,
    settled_at TEXT,
    delete_wanted_at TEXT,          -- when the user wanted it deleted on the service; not done yet
    deleted_at TEXT,                -- when the service had deleted its record
    PRIMARY KEY (task_id, number),
    -- A service that has moved counts its tasks anew. Its name is part of it all the same: what
    -- two profiles of one address were told in earlier versions need not differ.
    UNIQUE (service, base_url, service_task_id),
    CHECK ((outcome = 'accepted') = (service_task_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO attempt
SELECT task_id, number, service, base_url, private_id, request_sha256, outcome, service_task_id,
    approved, cost, opened_at, settled_at, NULL, deleted_at
FROM attempt_before;
DROP TABLE attempt_before;

CREATE INDEX attempt_by_time ON attempt (service, opened_at);

{_ATTEMPT_TRIGGERS}{_DELETED_TRIGGER}
-- Only what has ended is deleted, and a task that goes on takes the wish back: what the user waits
-- for again must not be deleted by what was wanted before.
CREATE TRIGGER attempt_unwanted BEFORE UPDATE OF delete_wanted_at ON attempt
WHEN NEW.delete_wanted_at IS NOT NULL AND (
    NEW.outcome IS NOT 'accepted' OR NEW.deleted_at IS NOT NULL
    OR (SELECT state FROM task WHERE id = NEW.task_id) NOT IN ({ENDED_STATES}))
BEGIN SELECT RAISE(ABORT, 'there is nothing to delete, or it has not ended'); END;
CREATE TRIGGER task_goes_on AFTER UPDATE OF state ON task
WHEN OLD.state IN ({ENDED_STATES}) AND NEW.state NOT IN ({ENDED_STATES})
BEGIN UPDATE attempt SET delete_wanted_at = NULL WHERE task_id = NEW.id; END;

{_HINT_TABLE}INSERT INTO callback_hint SELECT private_id, service_task_id FROM hint_before;
DROP TABLE hint_before;
"""  # noqa: S608  put together from the enums above, from nothing foreign

_VERSION_5: Final = """
ALTER TABLE task ADD COLUMN given TEXT NOT NULL DEFAULT ''; -- as the user wrote it; '': as input
"""

_VERSION_6: Final = f"""
DROP TRIGGER task_step;
CREATE TRIGGER task_step BEFORE UPDATE OF state ON task
WHEN OLD.state IS NOT NEW.state AND OLD.state || '>' || NEW.state NOT IN ({_STEPS_BEFORE_VERSION_9})
BEGIN SELECT RAISE(ABORT, 'no such step'); END;

-- What may have been charged stays in doubt, whatever becomes of a further attempt.
CREATE TRIGGER task_stays_in_doubt BEFORE UPDATE OF state ON task
WHEN OLD.state IN ('draft', 'queued', 'sending') AND NEW.state IN ('failed', 'cancelled')
AND EXISTS (SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'in_doubt')
AND NOT EXISTS (SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'accepted')
BEGIN SELECT RAISE(ABORT, 'an earlier attempt is in doubt'); END;

-- Whether a picture was sent before is asked by its address, where that led, and its content.
CREATE INDEX task_by_location ON task (location);
CREATE INDEX task_by_content ON task (input_sha256);
"""  # noqa: S608  put together from the enums above, from nothing foreign

_VERSION_7: Final = """
-- What may be charged together, over the end of the program. An attempt stays with the batch that
-- its task was in when it was sent: what is sent again later is another batch's.
CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    max_cost REAL                   -- credits; NULL: the user's limit for each batch holds
) STRICT;
-- No reference: what is read out of a damaged list must not lack a task for want of its batch.
ALTER TABLE task ADD COLUMN batch INTEGER;
ALTER TABLE task ADD COLUMN known_cost REAL NOT NULL DEFAULT 0; -- when asked for; 0: not known
ALTER TABLE attempt ADD COLUMN batch INTEGER;
CREATE INDEX attempt_by_batch ON attempt (batch) WHERE batch IS NOT NULL;

-- Whether the user has paused sending in the window.
ALTER TABLE owner ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
"""

_VERSION_8: Final = """
-- What the server of a picture calls it, from preflight; '': nothing better than its address does.
ALTER TABLE task ADD COLUMN server_name TEXT NOT NULL DEFAULT '';
-- What of the picture's file the result does not carry, and what is handed over in its place.
ALTER TABLE task ADD COLUMN frames INTEGER NOT NULL DEFAULT 1;
ALTER TABLE task ADD COLUMN extras TEXT NOT NULL DEFAULT '';   -- words, with spaces between
ALTER TABLE task ADD COLUMN sent_as TEXT NOT NULL DEFAULT ''; -- format; '': as it is
"""

_VERSION_9: Final = f"""
-- Where a task stands among those that wait for its service: lower ranks are sent first.
ALTER TABLE task ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
CREATE INDEX task_by_rank ON task (service, rank) WHERE {WAITS};

DROP TRIGGER task_step;
CREATE TRIGGER task_step BEFORE UPDATE OF state ON task
WHEN OLD.state IS NOT NEW.state AND OLD.state || '>' || NEW.state NOT IN ({_STEPS})
BEGIN SELECT RAISE(ABORT, 'no such step'); END;

-- What an attempt may have been charged for is the enhance type of its task.
CREATE TRIGGER task_type_is_kept BEFORE UPDATE OF type_id ON task
WHEN OLD.type_id IS NOT NEW.type_id AND (OLD.state NOT IN ('draft', 'queued') OR EXISTS (
    SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome IN ({CHARGED_OUTCOMES})))
BEGIN SELECT RAISE(ABORT, 'it may have been sent with its enhance type'); END;

-- How the result is to be saved, as the user wanted it when the picture was added.
ALTER TABLE task ADD COLUMN result_format TEXT NOT NULL DEFAULT ''; -- '': as the service gives it
ALTER TABLE task ADD COLUMN quality INTEGER NOT NULL DEFAULT 95;
-- 1: the program keeps it until the user saves it, who has not done so yet.
ALTER TABLE task ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 0 CHECK (is_kept IN (0, 1));
-- What sidecars say and nothing else does: they may be off, or lost.
ALTER TABLE task ADD COLUMN missing TEXT NOT NULL DEFAULT '';       -- JSON
ALTER TABLE output ADD COLUMN left_out TEXT NOT NULL DEFAULT '';    -- JSON
"""  # noqa: S608  put together from the enums above, from nothing foreign

STEPS_OF_SCHEMA: Final[tuple[str, ...]] = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
    _VERSION_6,
    _VERSION_7,
    _VERSION_8,
    _VERSION_9,
)
"""The n-th text brings a database of version n to version n + 1. Never edit one that shipped."""

VERSION: Final = len(STEPS_OF_SCHEMA)
"""Version that this program reads and writes; kept in ``PRAGMA user_version``."""
