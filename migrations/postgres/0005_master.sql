-- Master data through time. What a database of 0.1.0 holds is taken to hold from the beginning; what was closed keeps
-- what it was billed in.

-- What a room was from a moment on: starts_at <= t < ends_at. The rows of a room follow one another without gap from its
-- first one on; one that another with the same beginning overrules holds for no time at all (ends_at = starts_at).
-- valid_from is the file's own: a date, begun by the clock of the row's account, or nothing. Without it the room's first
-- row holds from the beginning (''), and a changed one from the moment of its import (an instant, RFC 3339). The newest
-- row that no file gave a date is what a file without dates is compared with, so that importing it again changes nothing.
CREATE TABLE room_row (
    room_key          BIGINT NOT NULL REFERENCES room,
    valid_from        TEXT COLLATE "C" NOT NULL,
    starts_at         BIGINT NOT NULL,
    ends_at           BIGINT NOT NULL,
    account_key       BIGINT NOT NULL REFERENCES account,
    cardholder        TEXT COLLATE "C" NOT NULL,
    cardholder_email  TEXT COLLATE "C",
    auto_billing_code TEXT COLLATE "C",
    active            BOOLEAN NOT NULL,
    PRIMARY KEY (room_key, valid_from)
);
CREATE INDEX room_row_by_account ON room_row (account_key);
-- -62135596800 is the year 1, 253402300800 the year 10000.
INSERT INTO room_row (room_key, valid_from, starts_at, ends_at, account_key, cardholder, cardholder_email,
                      auto_billing_code, active)
SELECT room_key, '', -62135596800, 253402300800, account_key, cardholder, cardholder_email, auto_billing_code, active
FROM room;
DROP INDEX room_by_account;
ALTER TABLE room DROP COLUMN account_key;
ALTER TABLE room DROP COLUMN cardholder;
ALTER TABLE room DROP COLUMN cardholder_email;
ALTER TABLE room DROP COLUMN auto_billing_code;
ALTER TABLE room DROP COLUMN active;

-- Currency and tariff of an account from a period on ('': from the beginning), for periods that have not closed: the row
-- with the latest from_period counts, one that a file dated before one that it did not.
CREATE TABLE account_terms (
    account_key BIGINT NOT NULL REFERENCES account,
    from_period TEXT COLLATE "C" NOT NULL,
    is_dated    BOOLEAN NOT NULL,
    currency    TEXT COLLATE "C" NOT NULL,
    tariff      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_key, from_period, is_dated)
);
INSERT INTO account_terms (account_key, from_period, is_dated, currency, tariff)
SELECT account_key, '', FALSE, currency, tariff FROM account;

-- A closed period keeps both for good, also in revisions and reruns.
ALTER TABLE closing ADD COLUMN currency TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE closing ADD COLUMN tariff TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE closing SET
    currency = COALESCE((SELECT s.currency FROM statement s WHERE s.account_key = closing.account_key
                         AND s.period = closing.period AND s.is_current),
                        (SELECT a.currency FROM account a WHERE a.account_key = closing.account_key)),
    tariff = (SELECT a.tariff FROM account a WHERE a.account_key = closing.account_key);
ALTER TABLE account DROP COLUMN currency;
ALTER TABLE account DROP COLUMN tariff;

-- The first period that is billed, and the first that no longer is; NULL: none is named.
ALTER TABLE account ADD COLUMN first_period TEXT COLLATE "C";
ALTER TABLE account ADD COLUMN closed_from TEXT COLLATE "C";

-- Periods before an account's first one: their figures, for trends and bounds. Usage that arrives for such a period takes
-- the row away, and the next round of closing computes it anew. What is erased of it, and when, as of a closing.
CREATE TABLE history_period (
    account_key         BIGINT NOT NULL REFERENCES account,
    period              TEXT COLLATE "C" NOT NULL,
    starts_at           BIGINT NOT NULL,
    ends_at             BIGINT NOT NULL,
    currency            TEXT COLLATE "C" NOT NULL,
    conferences         BIGINT NOT NULL,
    participants        BIGINT NOT NULL,
    accumulated_seconds BIGINT NOT NULL,
    charge              BIGINT NOT NULL,
    computed_at         BIGINT NOT NULL,
    usage_expired_at    BIGINT,
    usage_erased_at     BIGINT,
    callers_erased_at   BIGINT,
    PRIMARY KEY (account_key, period)
);

-- Numbers about master data, each there once it is not 0. kept_conferences: conferences up to this key were stored by
-- 0.1.0 and keep their account, whatever their room's rows say; room_changes: how often a room's rows have changed.
CREATE TABLE master_number (
    name   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO master_number (name, number)
SELECT 'kept_conferences', last FROM (SELECT MAX(conference_key) AS last FROM conference) AS stored
WHERE last IS NOT NULL;
