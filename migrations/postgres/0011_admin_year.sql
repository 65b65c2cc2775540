-- Which daemons run, and when usage last came.

-- A daemon that was started; all instants by the database's clock. It looks for work every looks_every seconds, and notes
-- that here. ended_at: it ended in order.
CREATE TABLE daemon (
    daemon_key  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    started_at  BIGINT NOT NULL,
    looked_at   BIGINT NOT NULL,
    looks_every BIGINT NOT NULL,
    ended_at    BIGINT
);

-- One row once usage has been stored: when the newest was.
CREATE TABLE usage_arrival (
    usage_arrival_key BIGINT PRIMARY KEY CHECK (usage_arrival_key = 1),
    stored_at         BIGINT NOT NULL
);
