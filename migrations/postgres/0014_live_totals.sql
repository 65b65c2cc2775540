-- What the running month's totals, which the online consultation keeps per room, are made anew for.

-- Which rooms' usage, or its billing codes, changed when: numbers grow within an account. Written under the account's lock.
CREATE TABLE usage_change (
    account_key   BIGINT NOT NULL REFERENCES account,
    room_key      BIGINT NOT NULL REFERENCES room,
    change_number BIGINT NOT NULL,
    PRIMARY KEY (account_key, room_key)
);
CREATE INDEX usage_change_by_number ON usage_change (account_key, change_number);

-- One room's month, without reading the account's.
CREATE INDEX conference_by_room ON conference (room_key, filed_at);
