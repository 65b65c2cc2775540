-- Statements of many lines keep them in parts, so that what shows one room reads what is that room's and the summary none.
-- Small ones have their lines in the document, as all had before. A part leaves with its document.

CREATE TABLE statement_part (
    statement_key BIGINT NOT NULL REFERENCES statement_document ON DELETE CASCADE,
    -- 'line', or 'change' for lines that differ from the revision before
    kind          TEXT COLLATE "C" NOT NULL,
    -- 0, 1, …: in the order of lines
    part          BIGINT NOT NULL,
    -- of its first line, and of its last
    first_room    TEXT COLLATE "C" NOT NULL,
    last_room     TEXT COLLATE "C" NOT NULL,
    -- what the rooms that begin in it come to by billing code, as JSON
    shares        TEXT COLLATE "C" NOT NULL,
    -- JSON, compressed
    document      BYTEA NOT NULL,
    PRIMARY KEY (statement_key, kind, part)
);
