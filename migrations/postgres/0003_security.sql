-- Secrets of this installation, in hexadecimal, made when the database is first opened: 'message_id' keys the ids of
-- messages, so that nobody else can compute them.
CREATE TABLE installation_secret (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- How far each mbox of bounces has been read; the digest is of the bytes before that place.
CREATE TABLE bounce_place (
    file          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    read_to       BIGINT NOT NULL,
    before_sha256 TEXT COLLATE "C" NOT NULL
);

-- Mails of a maildir that were read and could not be marked as seen there.
CREATE TABLE bounce_seen (
    maildir TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (maildir, name)
);

-- Mails that are being taken apart. A process that dies of one leaves its row, and nobody touches that mail again.
CREATE TABLE bounce_attempt (
    mail_sha256 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    begun_at    BIGINT NOT NULL
);
