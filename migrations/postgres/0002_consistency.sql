-- What was acknowledged stays, and can be shown to have stayed.

-- How many legs ever came in ('imported', with those that were there before this was counted) or went another way than
-- by erasure; counted up in the transaction that brings it about. What came in is stored, or has been erased.
CREATE TABLE usage_total (
    what TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    legs BIGINT NOT NULL
);
INSERT INTO usage_total (what, legs) SELECT 'imported', COUNT(*) FROM leg HAVING COUNT(*) > 0;

-- What database.keep_usage has erased of an account's month, by the month that charges it; '' for what none did, which
-- should never be. 'unknown' stands for what was erased, or begun to be, before this was counted.
CREATE TABLE erased_usage (
    account_key BIGINT NOT NULL REFERENCES account,
    period      TEXT COLLATE "C" NOT NULL,
    charged_in  TEXT COLLATE "C" NOT NULL,
    legs        BIGINT NOT NULL,
    PRIMARY KEY (account_key, period, charged_in)
);
INSERT INTO erased_usage (account_key, period, charged_in, legs)
    SELECT account_key, period, 'unknown', 0 FROM closing WHERE usage_expired_at IS NOT NULL;

-- A claim's own number, whatever its key: after a crash the server may give a key twice. 0: of a program before this.
ALTER TABLE claim ADD COLUMN token BIGINT NOT NULL DEFAULT 0;

-- Months whose deliveries have changed their state since the table of contents looked: a row per statement that changed
-- any, without a key, so that nobody waits for anybody. From here on archive_month.deliveries_changed counts such looks
-- instead of being a time; all months are looked at once.
CREATE TABLE delivery_change (
    period TEXT COLLATE "C" NOT NULL
);
CREATE FUNCTION note_deliveries_that_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO delivery_change (period)
    SELECT DISTINCT s.period FROM came JOIN statement s ON s.statement_key = came.statement_key;
    RETURN NULL;
END $$;
CREATE FUNCTION note_deliveries_that_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO delivery_change (period)
    SELECT DISTINCT s.period FROM after_it n JOIN before_it o ON o.delivery_key = n.delivery_key
           JOIN statement s ON s.statement_key = n.statement_key
    WHERE n.state <> o.state;
    RETURN NULL;
END $$;
CREATE TRIGGER delivery_came AFTER INSERT ON delivery REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION note_deliveries_that_came();
CREATE TRIGGER delivery_moved AFTER UPDATE ON delivery REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION note_deliveries_that_moved();
UPDATE archive_month SET deliveries_changed = deliveries_changed + 1;
