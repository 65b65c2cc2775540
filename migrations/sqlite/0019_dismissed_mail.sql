-- A person has decided that nobody needs this message any more, as where its reader is gone; taken back by trying it
-- again by its id.
ALTER TABLE delivery ADD COLUMN dismissed_at BIGINT;
