-- The online consultation: people, how they sign in, and the messages that they are sent. Rights stand nowhere here: they
-- are read from accounts and rooms at each request. Of every token there is only its SHA-256.

-- address: in lower case, its domain as ASCII. password: a PHC string, NULL where none was set yet. epoch grows with each
-- new password, and ends the sessions of before. failures: in a row, of browsers that are not known.
CREATE TABLE portal_person (
    person_key      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address         TEXT NOT NULL UNIQUE,
    password        TEXT,
    epoch           BIGINT NOT NULL,
    failures        BIGINT NOT NULL,
    password_set_at BIGINT,
    signed_in_at    BIGINT
);

CREATE TABLE portal_session (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    person_key   BIGINT NOT NULL REFERENCES portal_person,
    epoch        BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    browser      TEXT NOT NULL
);
CREATE INDEX portal_session_by_person ON portal_session (person_key);

-- Browsers that somebody once signed in with: a stranger's wrong passwords do not count for them.
CREATE TABLE portal_browser (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    person_key   BIGINT NOT NULL REFERENCES portal_person,
    failures     BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL
);

-- Links by which a password is set, once.
CREATE TABLE portal_link (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    person_key   BIGINT NOT NULL REFERENCES portal_person,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
CREATE INDEX portal_link_by_person ON portal_link (person_key);

-- Messages about passwords, asked for by known and unknown addresses alike; who gets one is found out when it is sent.
-- number is the account or room that was named. next_attempt_at is NULL once nothing is to be done any more.
CREATE TABLE portal_mail (
    mail_key        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('invite', 'forgotten', 'changed')),
    address         TEXT NOT NULL,
    number          TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'held', 'failed', 'nothing')),
    attempts        BIGINT NOT NULL,
    queued_at       BIGINT NOT NULL,
    next_attempt_at BIGINT,
    ended_at        BIGINT,
    answer          TEXT
);
CREATE INDEX portal_mail_due ON portal_mail (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
