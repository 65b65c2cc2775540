-- A rejected row is a record, not a place: record_key says what it is about (a leg's id, a room's or account's number, or a
-- tariff's name, service type and date), content_sha256 what it says; both are NULL until the program has read a row that
-- an older one kept. is_conflict: its leg's id is taken by other content. Headers stand once per file.
CREATE TABLE rejected_header (
    header_key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    file       TEXT COLLATE "C" NOT NULL,
    header     BYTEA NOT NULL
);
CREATE INDEX rejected_header_by_file ON rejected_header (kind, file);
INSERT INTO rejected_header (kind, file, header) SELECT DISTINCT kind, file, header FROM rejected_row;

CREATE TABLE rejected_record (
    rejected_key     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind             TEXT COLLATE "C" NOT NULL,
    file             TEXT COLLATE "C" NOT NULL,
    line             BIGINT NOT NULL,
    column_name      TEXT COLLATE "C",
    reason           TEXT COLLATE "C" NOT NULL,
    header_key       BIGINT NOT NULL REFERENCES rejected_header,
    record           BYTEA NOT NULL,
    record_key       TEXT COLLATE "C",
    content_sha256   TEXT COLLATE "C",
    is_conflict      BOOLEAN NOT NULL,
    rejected_at      BIGINT NOT NULL,
    resolved_at      BIGINT,
    dismissed_at     BIGINT,
    caller_erased_at BIGINT,
    UNIQUE (kind, content_sha256)
);
INSERT INTO rejected_record (rejected_key, kind, file, line, column_name, reason, header_key, record, is_conflict,
                             rejected_at, resolved_at) OVERRIDING SYSTEM VALUE
SELECT r.rejected_key, r.kind, r.file, r.line, r.column_name, r.reason, h.header_key, r.record,
       r.reason = 'belongs to a leg that was stored before with other content', r.rejected_at, r.resolved_at
FROM rejected_row r JOIN rejected_header h ON h.kind = r.kind AND h.file = r.file AND h.header = r.header;
DROP TABLE rejected_row;
SELECT setval(pg_get_serial_sequence('rejected_record', 'rejected_key'), MAX(rejected_key)) FROM rejected_record
HAVING MAX(rejected_key) IS NOT NULL;
CREATE INDEX rejected_record_by_key ON rejected_record (kind, record_key);
CREATE INDEX rejected_record_waiting ON rejected_record (kind, rejected_key)
    WHERE resolved_at IS NULL AND dismissed_at IS NULL;
CREATE INDEX rejected_record_unread ON rejected_record (rejected_key) WHERE content_sha256 IS NULL;

-- Legs that should not have come. Their rows stay in `leg` (under void_id, so that their own id is free) where a closed
-- month charges them: its earlier revisions keep them. charged_in: that month; charged_until: the first revision without
-- the leg, NULL until that is made. undone_at: brought back.
CREATE TABLE voided_leg (
    void_key       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    leg_id         TEXT COLLATE "C" NOT NULL,
    void_id        TEXT COLLATE "C",
    conference_key BIGINT,
    account_key    BIGINT NOT NULL REFERENCES account,
    room_number    TEXT COLLATE "C" NOT NULL,
    conference_id  TEXT COLLATE "C" NOT NULL,
    service_type   TEXT COLLATE "C" NOT NULL,
    joined_at      BIGINT NOT NULL,
    left_at        BIGINT NOT NULL,
    caller         TEXT COLLATE "C",
    billing_code   TEXT COLLATE "C",
    charged_in     TEXT COLLATE "C",
    charged_until  BIGINT,
    voided_at      BIGINT NOT NULL,
    actor          TEXT COLLATE "C" NOT NULL,
    reason         TEXT COLLATE "C" NOT NULL,
    undone_at      BIGINT
);
CREATE INDEX voided_leg_by_id ON voided_leg (leg_id);
CREATE UNIQUE INDEX voided_leg_by_void_id ON voided_leg (void_id) WHERE void_id IS NOT NULL;
CREATE INDEX voided_leg_waiting ON voided_leg (account_key, charged_in)
    WHERE charged_in IS NOT NULL AND charged_until IS NULL AND undone_at IS NULL;
