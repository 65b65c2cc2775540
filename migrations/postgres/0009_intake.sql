-- Usage from bridges: what of each source has been taken, so that nothing is read twice in vain. That each leg counts once
-- rests on its leg_id alone.

-- One row per [[intake]] that was ever looked at. fault: why the last look at it failed.
CREATE TABLE intake_source (
    intake        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    since         BIGINT NOT NULL,
    last_taken_at BIGINT,
    last_name     TEXT COLLATE "C",
    fault         TEXT COLLATE "C",
    fault_at      BIGINT
);

-- Items by what became of them: files, stored, duplicates, rejected, skipped (by reason).
CREATE TABLE intake_count (
    intake  TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    reason  TEXT COLLATE "C" NOT NULL,
    items   BIGINT NOT NULL,
    PRIMARY KEY (intake, outcome, reason)
);

-- identity: a whole file's name, or device and inode of one that grows. version: size and time, or an object's tag, when it
-- was looked at. position: bytes taken of a file that grows, mark: a digest of those just before it. state: taken, refused,
-- incomplete, following. changed_at: since when it has this state and version.
CREATE TABLE intake_file (
    intake     TEXT COLLATE "C" NOT NULL,
    identity   TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    version    TEXT COLLATE "C" NOT NULL,
    position   BIGINT NOT NULL,
    mark       TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (intake, identity)
);

-- Legs of which one end has come, as JSON, by the key that both ends share.
CREATE TABLE intake_open (
    intake   TEXT COLLATE "C" NOT NULL,
    open_key TEXT COLLATE "C" NOT NULL,
    legs     TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (intake, open_key)
);
