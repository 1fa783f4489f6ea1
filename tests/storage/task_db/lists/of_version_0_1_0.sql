PRAGMA user_version = 7;
PRAGMA application_id = 0;
BEGIN TRANSACTION;
CREATE TABLE attempt (
    task_id INTEGER NOT NULL REFERENCES task (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    service TEXT NOT NULL,
    base_url TEXT NOT NULL DEFAULT '',  -- where the service has it; empty where that was lost
    private_id TEXT NOT NULL UNIQUE,
    request_sha256 TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('open', 'unsent', 'rejected', 'in_doubt', 'accepted')),
    service_task_id TEXT,
    approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)),
    cost REAL NOT NULL DEFAULT 0,   -- credits that it may have cost; 0 where that is not known
    opened_at TEXT NOT NULL,
    settled_at TEXT,
    delete_wanted_at TEXT,          -- when the user wanted it deleted on the service; not done yet
    deleted_at TEXT, batch INTEGER,                -- when the service had deleted its record
    PRIMARY KEY (task_id, number),
    -- A service that has moved counts its tasks anew. Its name is part of it all the same: what
    -- two profiles of one address were told in earlier versions need not differ.
    UNIQUE (service, base_url, service_task_id),
    CHECK ((outcome = 'accepted') = (service_task_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO "attempt" VALUES(3,1,'Studio','https://studio.test/api','gone','','accepted','service-gone',0,0.0,'2026-01-02T03:04:16.000+00:00','2026-01-02T03:04:18.000+00:00',NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(4,1,'Studio','https://studio.test/api','unclear','','in_doubt',NULL,0,0.0,'2026-01-02T03:04:25.000+00:00','2026-01-02T03:04:27.000+00:00',NULL,NULL,NULL);
CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    max_cost REAL                   -- credits; NULL: the user's limit for each batch holds
) STRICT;
CREATE TABLE callback_hint (
    private_id TEXT NOT NULL REFERENCES attempt (private_id),
    service_task_id TEXT NOT NULL,
    PRIMARY KEY (private_id, service_task_id)
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
, detail TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "event" VALUES(1,1,'add',NULL,'queued','added','2026-01-02T03:04:08.000+00:00','');
INSERT INTO "event" VALUES(2,1,'refuse','queued','failed','picture_too_large','2026-01-02T03:04:09.000+00:00','it has 41.3 MB; the service takes at most 20.0 MB');
INSERT INTO "event" VALUES(3,2,'add',NULL,'queued','added','2026-01-02T03:04:11.000+00:00','');
INSERT INTO "event" VALUES(4,2,'refuse','queued','failed','picture_too_large','2026-01-02T03:04:12.000+00:00','it has 9216 × 512 pixels; the service takes at most 9000 a side');
INSERT INTO "event" VALUES(5,3,'add',NULL,'queued','added','2026-01-02T03:04:14.000+00:00','');
INSERT INTO "event" VALUES(6,3,'check','queued','queued','checked','2026-01-02T03:04:15.000+00:00','jpg, 512 × 512, 74,000 bytes');
INSERT INTO "event" VALUES(7,3,'send','queued','sending','sent','2026-01-02T03:04:17.000+00:00','gone');
INSERT INTO "event" VALUES(8,3,'accept','sending','accepted','accepted','2026-01-02T03:04:20.000+00:00','service-gone');
INSERT INTO "event" VALUES(9,3,'fail','accepted','failed','task_failed','2026-01-02T03:04:21.000+00:00','the service gave no reason');
INSERT INTO "event" VALUES(10,4,'add',NULL,'queued','added','2026-01-02T03:04:23.000+00:00','');
INSERT INTO "event" VALUES(11,4,'check','queued','queued','checked','2026-01-02T03:04:24.000+00:00','jpg, 512 × 512, 74,000 bytes');
INSERT INTO "event" VALUES(12,4,'send','queued','sending','sent','2026-01-02T03:04:26.000+00:00','unclear');
INSERT INTO "event" VALUES(13,4,'doubt','sending','in_doubt','in_doubt','2026-01-02T03:04:28.000+00:00','the program ended while the request was on its way');
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
CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1))) STRICT;
INSERT INTO "owner" VALUES(1,1,0);
CREATE TABLE service (
    name TEXT PRIMARY KEY,
    profile TEXT NOT NULL           -- the profile as JSON; never a token
) STRICT;
INSERT INTO "service" VALUES('Studio','{"name": "Studio", "base_url": "https://studio.test/api", "method": "POST", "path": "/{call}", "token_header": "token", "token_prefix": "", "needs_token": true, "allow_private_addresses": false, "requests_per_s": 2.0, "max_in_flight": 0, "upload_path": "", "private_id_is_idempotent": false, "limits": {"max_image_bytes": 20971520, "min_side_px": 64, "max_side_px": 9216, "formats": ["jpg", "png", "webp", "bmp"]}, "enhance_types": [], "status": {"queued": [], "processing": [], "finished": [], "failed": []}, "callback": {"listen": "", "md5": ""}}');
CREATE TABLE task (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    input TEXT NOT NULL,
    service TEXT NOT NULL REFERENCES service (name),
    type_id INTEGER NOT NULL,
    type_name TEXT NOT NULL,
    save_folder TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'queued', 'sending', 'in_doubt', 'accepted', 'finished', 'fetching', 'saved', 'failed', 'cancelling', 'cancelled', 'written_off')),
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
, hidden_at TEXT, given TEXT NOT NULL DEFAULT '', batch INTEGER, known_cost REAL NOT NULL DEFAULT 0) STRICT;
INSERT INTO "task" VALUES(1,'http://pictures.test/large','Studio',1,'Enhance','/results','failed','2026-01-02T03:04:07.000+00:00',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'picture_too_large','it has 41.3 MB; the service takes at most 20.0 MB',NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,0.0);
INSERT INTO "task" VALUES(2,'http://pictures.test/wide','Studio',1,'Enhance','/results','failed','2026-01-02T03:04:10.000+00:00',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'picture_too_large','it has 9216 × 512 pixels; the service takes at most 9000 a side',NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,0.0);
INSERT INTO "task" VALUES(3,'http://pictures.test/gone','Studio',1,'Enhance','/results','failed','2026-01-02T03:04:13.000+00:00','http://pictures.test/gone','jpg',512,512,74000,NULL,NULL,NULL,'task_failed','the service gave no reason',7,'2026-01-02T03:04:19.000+00:00',NULL,NULL,NULL,NULL,'',NULL,0.0);
INSERT INTO "task" VALUES(4,'http://pictures.test/unclear','Studio',1,'Enhance','/results','in_doubt','2026-01-02T03:04:22.000+00:00','http://pictures.test/unclear','jpg',512,512,74000,NULL,NULL,NULL,'in_doubt','the program ended while the request was on its way',NULL,NULL,NULL,NULL,NULL,NULL,'',NULL,0.0);
CREATE INDEX task_by_state ON task (state, service, id);
CREATE INDEX task_by_input ON task (input);
CREATE TRIGGER task_settled BEFORE UPDATE OF state ON task
WHEN OLD.state = 'sending' AND NEW.state IS NOT 'sending' AND EXISTS (
    SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'open')
BEGIN SELECT RAISE(ABORT, 'the attempt is still open'); END;
CREATE TRIGGER task_accepted BEFORE UPDATE OF state ON task
WHEN NEW.state = 'accepted' AND NOT EXISTS (
    SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'accepted')
BEGIN SELECT RAISE(ABORT, 'no attempt was accepted'); END;
CREATE INDEX event_by_task ON event (task_id);
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER task_hidden BEFORE UPDATE ON task
WHEN NEW.hidden_at IS NOT NULL AND NEW.state NOT IN ('cancelled', 'failed', 'saved', 'written_off')
BEGIN SELECT RAISE(ABORT, 'it has not ended'); END;
CREATE INDEX attempt_by_time ON attempt (service, opened_at);
CREATE TRIGGER attempt_follows BEFORE INSERT ON attempt
WHEN EXISTS (
    SELECT 1 FROM attempt WHERE task_id = NEW.task_id
    AND outcome NOT IN ('unsent', 'rejected') AND NOT approved)
OR NEW.number IS NOT 1 + (SELECT count(*) FROM attempt WHERE task_id = NEW.task_id)
OR NEW.outcome IS NOT 'open'
BEGIN SELECT RAISE(ABORT, 'an earlier attempt may have been charged'); END;
CREATE TRIGGER attempt_step BEFORE UPDATE OF outcome ON attempt
WHEN OLD.outcome IS NOT NEW.outcome
AND OLD.outcome || '>' || NEW.outcome NOT IN ('in_doubt>accepted', 'in_doubt>open', 'open>accepted', 'open>in_doubt', 'open>rejected', 'open>unsent')
BEGIN SELECT RAISE(ABORT, 'no such change of an attempt'); END;
CREATE TRIGGER attempt_is_kept BEFORE DELETE ON attempt
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
CREATE TRIGGER attempt_deleted BEFORE UPDATE OF deleted_at ON attempt
WHEN NEW.deleted_at IS NOT NULL AND NEW.outcome IS NOT 'accepted'
BEGIN SELECT RAISE(ABORT, 'the service has no record of it'); END;
CREATE TRIGGER attempt_unwanted BEFORE UPDATE OF delete_wanted_at ON attempt
WHEN NEW.delete_wanted_at IS NOT NULL AND (
    NEW.outcome IS NOT 'accepted' OR NEW.deleted_at IS NOT NULL
    OR (SELECT state FROM task WHERE id = NEW.task_id) NOT IN ('cancelled', 'failed', 'saved', 'written_off'))
BEGIN SELECT RAISE(ABORT, 'there is nothing to delete, or it has not ended'); END;
CREATE TRIGGER task_goes_on AFTER UPDATE OF state ON task
WHEN OLD.state IN ('cancelled', 'failed', 'saved', 'written_off') AND NEW.state NOT IN ('cancelled', 'failed', 'saved', 'written_off')
BEGIN UPDATE attempt SET delete_wanted_at = NULL WHERE task_id = NEW.id; END;
CREATE TRIGGER task_step BEFORE UPDATE OF state ON task
WHEN OLD.state IS NOT NEW.state AND OLD.state || '>' || NEW.state NOT IN ('accepted>cancelling', 'accepted>failed', 'accepted>finished', 'cancelled>accepted', 'cancelled>queued', 'cancelling>accepted', 'cancelling>cancelled', 'draft>accepted', 'draft>cancelled', 'draft>failed', 'draft>in_doubt', 'draft>queued', 'failed>accepted', 'failed>queued', 'fetching>failed', 'fetching>finished', 'fetching>saved', 'finished>failed', 'finished>fetching', 'in_doubt>accepted', 'in_doubt>queued', 'in_doubt>sending', 'in_doubt>written_off', 'queued>accepted', 'queued>cancelled', 'queued>failed', 'queued>in_doubt', 'queued>sending', 'saved>accepted', 'sending>accepted', 'sending>failed', 'sending>in_doubt', 'sending>queued', 'written_off>accepted', 'written_off>queued')
BEGIN SELECT RAISE(ABORT, 'no such step'); END;
CREATE TRIGGER task_stays_in_doubt BEFORE UPDATE OF state ON task
WHEN OLD.state IN ('draft', 'queued', 'sending') AND NEW.state IN ('failed', 'cancelled')
AND EXISTS (SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'in_doubt')
AND NOT EXISTS (SELECT 1 FROM attempt WHERE task_id = OLD.id AND outcome = 'accepted')
BEGIN SELECT RAISE(ABORT, 'an earlier attempt is in doubt'); END;
CREATE INDEX task_by_location ON task (location);
CREATE INDEX task_by_content ON task (input_sha256);
CREATE INDEX attempt_by_batch ON attempt (batch) WHERE batch IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('task',4);
COMMIT;
