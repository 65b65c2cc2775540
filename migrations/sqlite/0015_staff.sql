-- The operator's own people in the online consultation. Who may sign in stands in portal.staff, never here; of every token
-- there is only its SHA-256.

-- address: in lower case, its domain as ASCII. password: a PHC string, NULL where none was set yet. epoch grows with each
-- new password and each reset, and ends the sessions of before. failures: in a row, of browsers that are not known.
-- secret: of the second factor, sealed; it counts once confirmed_at is set. last_step: the time step of the newest code that
-- was used, so that none is used twice. code_failures: in a row.
CREATE TABLE staff_person (
    staff_key       INTEGER PRIMARY KEY,
    address         TEXT NOT NULL UNIQUE,
    password        TEXT,
    epoch           BIGINT NOT NULL,
    failures        BIGINT NOT NULL,
    password_set_at BIGINT,
    signed_in_at    BIGINT,
    secret          TEXT,
    confirmed_at    BIGINT,
    last_step       BIGINT NOT NULL,
    code_failures   BIGINT NOT NULL
);

-- Codes for when the second factor is lost, each of use once.
CREATE TABLE staff_recovery_code (
    staff_key   BIGINT NOT NULL REFERENCES staff_person,
    code_sha256 TEXT NOT NULL,
    used_at     BIGINT,
    PRIMARY KEY (staff_key, code_sha256)
);

CREATE TABLE staff_session (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    staff_key    BIGINT NOT NULL REFERENCES staff_person,
    epoch        BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    browser      TEXT NOT NULL
);
CREATE INDEX staff_session_by_person ON staff_session (staff_key);

-- Browsers that somebody once signed in with: a stranger's wrong passwords do not count for them.
CREATE TABLE staff_browser (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    staff_key    BIGINT NOT NULL REFERENCES staff_person,
    failures     BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL
);
CREATE INDEX staff_browser_by_person ON staff_browser (staff_key);

-- Links by which a password is set, once.
CREATE TABLE staff_link (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    staff_key    BIGINT NOT NULL REFERENCES staff_person,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
CREATE INDEX staff_link_by_person ON staff_link (staff_key);

-- Whoever gave a right password and still owes the second factor. target: where they wanted to go.
CREATE TABLE staff_challenge (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    staff_key    BIGINT NOT NULL REFERENCES staff_person,
    epoch        BIGINT NOT NULL,
    target       TEXT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX staff_challenge_by_person ON staff_challenge (staff_key);

-- SHA-256 of a rerun's report as it was written, for handing it out; NULL: written before there was this column.
ALTER TABLE rerun ADD COLUMN json_sha256 TEXT;
ALTER TABLE rerun ADD COLUMN csv_sha256 TEXT;
ALTER TABLE rerun ADD COLUMN html_sha256 TEXT;
