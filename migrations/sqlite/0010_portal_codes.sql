-- Billing codes that people give to conferences online, and a second factor for whoever wants one.

-- How an account uses codes. No row: any code, none required, cardholders give codes to their own rooms' conferences.
CREATE TABLE code_policy (
    account_key         BIGINT NOT NULL PRIMARY KEY REFERENCES account,
    is_listed           BOOLEAN NOT NULL,
    is_required         BOOLEAN NOT NULL,
    cardholders_assign  BOOLEAN NOT NULL
);

-- The codes that an account knows. active: it can still be given.
CREATE TABLE account_code (
    account_key  BIGINT NOT NULL REFERENCES account,
    billing_code TEXT NOT NULL,
    label        TEXT,
    active       BOOLEAN NOT NULL,
    PRIMARY KEY (account_key, billing_code)
);

-- One change by one person: what they sent with one form. undoes: the set that this one took back.
CREATE TABLE code_change_set (
    set_key     INTEGER PRIMARY KEY AUTOINCREMENT,
    account_key BIGINT NOT NULL REFERENCES account,
    person_key  BIGINT NOT NULL REFERENCES portal_person,
    changed_at  BIGINT NOT NULL,
    undoes      BIGINT
);
CREATE INDEX code_change_set_by_account ON code_change_set (account_key, set_key);

-- What it changed. NULL: no code was given online. revision: the current one of the conference's month then; NULL: it was open.
-- The conference's key is no declared reference, as in leg; rows leave with their conference.
CREATE TABLE code_change (
    set_key        BIGINT NOT NULL REFERENCES code_change_set,
    conference_key BIGINT NOT NULL,
    code_before    TEXT,
    code_after     TEXT,
    revision       BIGINT,
    PRIMARY KEY (set_key, conference_key)
);
CREATE INDEX code_change_by_conference ON code_change (conference_key, set_key);

-- The code that a conference was given, and by which set: goes before whatever code it came with.
CREATE TABLE code_assignment (
    conference_key INTEGER PRIMARY KEY,
    billing_code   TEXT NOT NULL,
    set_key        BIGINT NOT NULL REFERENCES code_change_set
);

-- Closed months in which codes were changed. changed_at: the newest change that is in no revision yet; asked_at: when an owner
-- asked for one; made_at: when the last one was made because of codes.
CREATE TABLE code_revision (
    account_key BIGINT NOT NULL REFERENCES account,
    period      TEXT NOT NULL,
    changed_at  BIGINT,
    asked_at    BIGINT,
    made_at     BIGINT,
    PRIMARY KEY (account_key, period)
);

-- A person's second factor. secret: sealed. confirmed_at is NULL until a first code was right; last_step: the time step of
-- the newest code that was used, so that none is used twice. failures: in a row.
CREATE TABLE second_factor (
    person_key   BIGINT NOT NULL PRIMARY KEY REFERENCES portal_person,
    secret       TEXT NOT NULL,
    confirmed_at BIGINT,
    last_step    BIGINT NOT NULL,
    failures     BIGINT NOT NULL
);

-- Codes for when the second factor is lost, each of use once.
CREATE TABLE recovery_code (
    person_key  BIGINT NOT NULL REFERENCES portal_person,
    code_sha256 TEXT NOT NULL,
    used_at     BIGINT,
    PRIMARY KEY (person_key, code_sha256)
);

-- Whoever gave a right password and still owes the second factor. target: where they wanted to go.
CREATE TABLE portal_challenge (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    person_key   BIGINT NOT NULL REFERENCES portal_person,
    epoch        BIGINT NOT NULL,
    target       TEXT NOT NULL,
    expires_at   BIGINT NOT NULL
);
