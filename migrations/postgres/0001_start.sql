-- The whole state. Rules for changes stand in ../README.md.
-- Instants are seconds since 1970 in UTC, amounts are minor units of the currency beside them, periods YYYY-MM.

CREATE TABLE tariff_row (
    tariff            TEXT COLLATE "C" NOT NULL,
    service_type      TEXT COLLATE "C" NOT NULL,
    valid_from        TEXT COLLATE "C" NOT NULL,
    label             TEXT COLLATE "C" NOT NULL,
    currency          TEXT COLLATE "C" NOT NULL,
    rate_per_minute   TEXT COLLATE "C" NOT NULL,
    increment_seconds BIGINT NOT NULL,
    minimum_seconds   BIGINT NOT NULL,
    PRIMARY KEY (tariff, service_type, valid_from)
);

CREATE TABLE account (
    account_key    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_number TEXT COLLATE "C" NOT NULL UNIQUE,
    company        TEXT COLLATE "C" NOT NULL,
    currency       TEXT COLLATE "C" NOT NULL,
    time_zone      TEXT COLLATE "C" NOT NULL,
    locale         TEXT COLLATE "C" NOT NULL,
    tariff         TEXT COLLATE "C" NOT NULL,
    owner_name     TEXT COLLATE "C",
    owner_emails   TEXT COLLATE "C" NOT NULL
);

-- Zones that an account had in earlier periods: all before before_period, back to the row before it.
CREATE TABLE past_zone (
    account_key   BIGINT NOT NULL REFERENCES account,
    before_period TEXT COLLATE "C" NOT NULL,
    time_zone     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_key, before_period)
);

CREATE TABLE room (
    room_key          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_number       TEXT COLLATE "C" NOT NULL UNIQUE,
    account_key       BIGINT NOT NULL REFERENCES account,
    cardholder        TEXT COLLATE "C" NOT NULL,
    cardholder_email  TEXT COLLATE "C",
    auto_billing_code TEXT COLLATE "C",
    active            BOOLEAN NOT NULL
);
CREATE INDEX room_by_account ON room (account_key);

-- A conference belongs to the account that its room had when its first leg arrived.
-- filed_at is its first join, and decides its period; once that period has closed it no longer moves.
-- Whoever imports holds the lock on usage, and gives out the next keys itself. The keys of room and account are no
-- declared references: the server checks those row by row and writes to the room and the account each time, and
-- neither is ever deleted.
CREATE TABLE conference (
    conference_key BIGINT PRIMARY KEY,
    room_key       BIGINT NOT NULL,
    account_key    BIGINT NOT NULL,
    conference_id  TEXT COLLATE "C" NOT NULL,
    filed_at       BIGINT NOT NULL,
    -- In this order, because ids are mostly counted: new ones then go to one end of the index.
    UNIQUE (conference_id, room_key)
);
CREATE INDEX conference_by_account ON conference (account_key, filed_at);

-- The key of the conference is no declared reference: checking it row by row took twice as long as storing the rows,
-- and whoever stores legs has found or filed their conferences just before.
CREATE TABLE leg (
    conference_key BIGINT NOT NULL,
    leg_id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    service_type   TEXT COLLATE "C" NOT NULL,
    joined_at      BIGINT NOT NULL,
    left_at        BIGINT NOT NULL,
    caller         TEXT COLLATE "C",
    billing_code   TEXT COLLATE "C"
);
-- Closing reads whole conferences.
CREATE INDEX leg_by_conference ON leg (conference_key);

-- The exception among legs: those that arrived after their conference's period had closed.
-- charged_in names the period (and from which revision of it on) that charges the leg; NULL while it waits.
CREATE TABLE late_leg (
    leg_id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    conference_key   BIGINT NOT NULL REFERENCES conference,
    account_key      BIGINT NOT NULL REFERENCES account,
    period           TEXT COLLATE "C" NOT NULL,
    arrived_at       BIGINT NOT NULL,
    charged_in       TEXT COLLATE "C",
    charged_revision BIGINT
);
CREATE INDEX late_leg_by_account ON late_leg (account_key, charged_in);

CREATE TABLE rejected_row (
    rejected_key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         TEXT COLLATE "C" NOT NULL,
    file         TEXT COLLATE "C" NOT NULL,
    line         BIGINT NOT NULL,
    column_name  TEXT COLLATE "C",
    reason       TEXT COLLATE "C" NOT NULL,
    header       BYTEA NOT NULL,
    record       BYTEA NOT NULL,
    rejected_at  BIGINT NOT NULL,
    resolved_at  BIGINT,
    UNIQUE (kind, file, line, record)
);

-- usage_expired_at: its conferences and legs leave by database.keep_usage, and none is taken in any more;
-- usage_erased_at: they are gone; callers_erased_at: their callers' numbers are, by privacy.erase_callers_after.
CREATE TABLE closing (
    account_key BIGINT NOT NULL REFERENCES account,
    period      TEXT COLLATE "C" NOT NULL,
    starts_at   BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('closed', 'empty')),
    closed_at   BIGINT NOT NULL,
    usage_expired_at  BIGINT,
    usage_erased_at   BIGINT,
    callers_erased_at BIGINT,
    PRIMARY KEY (account_key, period)
);

CREATE TABLE parking (
    account_key BIGINT NOT NULL REFERENCES account,
    period      TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    detail      TEXT COLLATE "C" NOT NULL,
    since       BIGINT NOT NULL,
    PRIMARY KEY (account_key, period)
);

-- One revision of a closed period. shown_sha256 is equal where two revisions show the same; summary is what a month's
-- table of contents shows of it; formats, program and templates say how its published files were made. expired_at: the
-- archive was told to let it go; deleted_at: its objects are gone.
CREATE TABLE statement (
    statement_key       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_key         BIGINT NOT NULL REFERENCES account,
    period              TEXT COLLATE "C" NOT NULL,
    revision            BIGINT NOT NULL,
    is_current          BOOLEAN NOT NULL,
    conferences         BIGINT NOT NULL,
    participants        BIGINT NOT NULL,
    accumulated_seconds BIGINT NOT NULL,
    charge              BIGINT NOT NULL,
    currency            TEXT COLLATE "C" NOT NULL,
    inputs_digest       TEXT COLLATE "C" NOT NULL,
    shown_sha256        TEXT COLLATE "C" NOT NULL,
    summary             TEXT COLLATE "C" NOT NULL,
    published_at        BIGINT,
    manifest_sha256     TEXT COLLATE "C",
    formats             TEXT COLLATE "C",
    program             TEXT COLLATE "C",
    templates           TEXT COLLATE "C",
    expired_at          BIGINT,
    deleted_at          BIGINT,
    deleted_objects     BIGINT,
    deleted_bytes       BIGINT,
    failure             TEXT COLLATE "C",
    UNIQUE (account_key, period, revision)
);
CREATE UNIQUE INDEX statement_current ON statement (account_key, period) WHERE is_current;
CREATE INDEX statement_unpublished ON statement (period, statement_key) WHERE published_at IS NULL;
CREATE INDEX statement_by_period ON statement (period);
CREATE INDEX statement_in_archive ON statement (account_key, period) WHERE expired_at IS NULL;
CREATE INDEX statement_leaving ON statement (statement_key) WHERE expired_at IS NOT NULL AND deleted_at IS NULL;

-- The frozen statement itself, compressed; apart, so that lists of statements read none of it. It leaves together with
-- the usage that it was made from.
CREATE TABLE statement_document (
    statement_key BIGINT PRIMARY KEY REFERENCES statement,
    document      BYTEA NOT NULL
);

-- A month's own objects in the archive. generation grows with every change of what is published, deliveries_changed is
-- the newest change of a delivery; the objects show the state at shown_generation and deliveries_shown. The digests are
-- those of what was written.
CREATE TABLE archive_month (
    period             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    generation         BIGINT NOT NULL,
    shown_generation   BIGINT NOT NULL,
    deliveries_changed BIGINT NOT NULL,
    deliveries_shown   BIGINT NOT NULL,
    shown_at           BIGINT,
    manifest_sha256    TEXT COLLATE "C",
    csv_sha256         TEXT COLLATE "C",
    html_sha256        TEXT COLLATE "C",
    expired_sha256     TEXT COLLATE "C"
);

-- Accounts whose older months should leave the archive and do not, and why.
CREATE TABLE expiry_hold (
    account_key BIGINT PRIMARY KEY REFERENCES account,
    reason      TEXT COLLATE "C" NOT NULL,
    detail      TEXT COLLATE "C" NOT NULL,
    since       BIGINT NOT NULL,
    checked_at  BIGINT NOT NULL
);

-- The ledger of mail: one row per (statement, room, recipient, resend number); room_number is '' for the account's.
-- claimed_by: the worker that is sending it; others take over when that worker is dead.
-- trying_since: the first attempt since it was queued or retried by hand; decides back-off and giving up.
-- lost_answers: how often the whole message went out and no answer came back.
CREATE TABLE delivery (
    delivery_key    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement_key   BIGINT NOT NULL REFERENCES statement,
    room_number     TEXT COLLATE "C" NOT NULL,
    recipient       TEXT COLLATE "C" NOT NULL,
    recipient_name  TEXT COLLATE "C",
    resend          BIGINT NOT NULL,
    state           TEXT COLLATE "C" NOT NULL
                    CHECK (state IN ('queued', 'sending', 'accepted', 'deferred', 'bounced', 'held', 'unknown')),
    step            TEXT COLLATE "C" CHECK (step IN ('before_data', 'body_under_way')),
    attempts        BIGINT NOT NULL,
    message_id      TEXT COLLATE "C" NOT NULL,
    queued_at       BIGINT NOT NULL,
    next_attempt_at BIGINT,
    changed_at      BIGINT NOT NULL,
    awaits_approval BOOLEAN NOT NULL,
    last_answer     TEXT COLLATE "C",
    claimed_by      BIGINT,
    trying_since    BIGINT,
    lost_answers    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (statement_key, room_number, recipient, resend)
);
CREATE INDEX delivery_changed ON delivery (changed_at);
CREATE INDEX delivery_new ON delivery (next_attempt_at) WHERE next_attempt_at IS NOT NULL AND attempts = 0;
CREATE INDEX delivery_retry ON delivery (next_attempt_at) WHERE next_attempt_at IS NOT NULL AND attempts > 0;
CREATE INDEX delivery_by_message_id ON delivery (message_id);
CREATE INDEX delivery_sending ON delivery (delivery_key) WHERE state = 'sending';

-- Reports of failure that were read from the mailbox of bounces: each counts once.
CREATE TABLE bounce_report (
    report_sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    delivery_key  BIGINT NOT NULL REFERENCES delivery,
    read_at       BIGINT NOT NULL
);

-- Reruns that the configuration has asked for; content is the hash of everything but their state.
CREATE TABLE rerun (
    rerun_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    period        TEXT COLLATE "C" NOT NULL,
    content       TEXT COLLATE "C" NOT NULL,
    first_seen_at BIGINT NOT NULL,
    rehearsed_at  BIGINT,
    applied_at    BIGINT,
    summary       TEXT COLLATE "C"
);

-- What applying a rerun came to, per account (as JSON); one that was interrupted goes on with those that are missing.
CREATE TABLE rerun_account (
    rerun_id    TEXT COLLATE "C" NOT NULL REFERENCES rerun,
    account_key BIGINT NOT NULL REFERENCES account,
    outcome     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (rerun_id, account_key)
);

-- Processes at work, by the database's clock: one that has not been heard of until expires_at is dead, and whoever
-- notices deletes its row, and its claims with it.
CREATE TABLE worker (
    worker_key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who works on what. claim_key is the fencing token: never given twice, and every write that a claim leads to takes
-- the claim's row away in the same transaction.
CREATE TABLE claim (
    claim_key  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    worker_key BIGINT NOT NULL REFERENCES worker ON DELETE CASCADE,
    UNIQUE (kind, subject)
);
CREATE INDEX claim_by_worker ON claim (worker_key);

-- Who or what caused what, written in the transaction of the effect. Rows are added, never changed. account_number
-- is '' and period is NULL where the effect concerns no single one.
CREATE TABLE audit (
    audit_key      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at             BIGINT NOT NULL,
    actor          TEXT COLLATE "C" NOT NULL,
    action         TEXT COLLATE "C" NOT NULL,
    account_number TEXT COLLATE "C" NOT NULL,
    period         TEXT COLLATE "C",
    revision       BIGINT,
    detail         TEXT COLLATE "C"
);
CREATE INDEX audit_by_account ON audit (account_number, audit_key);
CREATE INDEX audit_by_period ON audit (period, audit_key);

-- Mail to the operator: each kind at most once per subject (a day, or a month that closed) and recipient. sent_at
-- stays NULL while it is being sent, or where the process died at it: then it is sent once more, as the same message.
CREATE TABLE notice (
    kind       TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    recipient  TEXT COLLATE "C" NOT NULL,
    claimed_at BIGINT NOT NULL,
    sent_at    BIGINT,
    PRIMARY KEY (kind, subject, recipient)
);
