-- What the running month's totals, which the online consultation keeps per room, are made anew for.

-- Which rooms' usage, or its billing codes, changed when: numbers grow within an account. Written under the account's lock.
CREATE TABLE usage_change (
    account_key   INTEGER NOT NULL REFERENCES account,
    room_key      INTEGER NOT NULL REFERENCES room,
    change_number INTEGER NOT NULL,
    PRIMARY KEY (account_key, room_key)
) WITHOUT ROWID;
CREATE INDEX usage_change_by_number ON usage_change (account_key, change_number);

-- One room's month, without reading the account's.
CREATE INDEX conference_by_room ON conference (room_key, filed_at);
