-- A rejected row is a record, not a place: record_key says what it is about (a leg's id, a room's or account's number, or a
-- tariff's name, service type and date), content_sha256 what it says; both are NULL until the program has read a row that
-- an older one kept. is_conflict: its leg's id is taken by other content. Headers stand once per file.
CREATE TABLE rejected_header (
    header_key INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    file       TEXT NOT NULL,
    header     BLOB NOT NULL
);
CREATE INDEX rejected_header_by_file ON rejected_header (kind, file);
INSERT INTO rejected_header (kind, file, header) SELECT DISTINCT kind, file, header FROM rejected_row;

CREATE TABLE rejected_record (
    rejected_key     INTEGER PRIMARY KEY,
    kind             TEXT NOT NULL,
    file             TEXT NOT NULL,
    line             BIGINT NOT NULL,
    column_name      TEXT,
    reason           TEXT NOT NULL,
    header_key       BIGINT NOT NULL REFERENCES rejected_header,
    record           BLOB NOT NULL,
    record_key       TEXT,
    content_sha256   TEXT,
    is_conflict      BOOLEAN NOT NULL,
    rejected_at      BIGINT NOT NULL,
    resolved_at      BIGINT,
    dismissed_at     BIGINT,
    caller_erased_at BIGINT,
    UNIQUE (kind, content_sha256)
);
INSERT INTO rejected_record (rejected_key, kind, file, line, column_name, reason, header_key, record, is_conflict,
                             rejected_at, resolved_at)
SELECT r.rejected_key, r.kind, r.file, r.line, r.column_name, r.reason, h.header_key, r.record,
       r.reason = 'belongs to a leg that was stored before with other content', r.rejected_at, r.resolved_at
FROM rejected_row r JOIN rejected_header h ON h.kind = r.kind AND h.file = r.file AND h.header = r.header;
DROP TABLE rejected_row;
CREATE INDEX rejected_record_by_key ON rejected_record (kind, record_key);
CREATE INDEX rejected_record_waiting ON rejected_record (kind, rejected_key)
    WHERE resolved_at IS NULL AND dismissed_at IS NULL;
CREATE INDEX rejected_record_unread ON rejected_record (rejected_key) WHERE content_sha256 IS NULL;

-- Legs that should not have come. Their rows stay in `leg` (under void_id, so that their own id is free) where a closed
-- month charges them: its earlier revisions keep them. charged_in: that month; charged_until: the first revision without
-- the leg, NULL until that is made. undone_at: brought back.
CREATE TABLE voided_leg (
    void_key       INTEGER PRIMARY KEY,
    leg_id         TEXT NOT NULL,
    void_id        TEXT,
    conference_key BIGINT,
    account_key    BIGINT NOT NULL REFERENCES account,
    room_number    TEXT NOT NULL,
    conference_id  TEXT NOT NULL,
    service_type   TEXT NOT NULL,
    joined_at      BIGINT NOT NULL,
    left_at        BIGINT NOT NULL,
    caller         TEXT,
    billing_code   TEXT,
    charged_in     TEXT,
    charged_until  BIGINT,
    voided_at      BIGINT NOT NULL,
    actor          TEXT NOT NULL,
    reason         TEXT NOT NULL,
    undone_at      BIGINT
);
CREATE INDEX voided_leg_by_id ON voided_leg (leg_id);
CREATE UNIQUE INDEX voided_leg_by_void_id ON voided_leg (void_id) WHERE void_id IS NOT NULL;
CREATE INDEX voided_leg_waiting ON voided_leg (account_key, charged_in)
    WHERE charged_in IS NOT NULL AND charged_until IS NULL AND undone_at IS NULL;
