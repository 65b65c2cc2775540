-- Corrections by hand, and a restore without a second mail.

-- writing_at: durable note that processes on this database began to write the statement's folder in the archive. Without
-- it, a whole folder was written by a later life of this database, before it was restored from a backup; adopted_at says
-- that such files were taken over, and that their mail may have been sent.
ALTER TABLE statement ADD COLUMN writing_at BIGINT;
ALTER TABLE statement ADD COLUMN adopted_at BIGINT;

-- accepted_at: when the server took the message. replaced_by: the delivery that brings the same statement to the same
-- reader in this one's place; no declared reference, so that rows can be copied in any order.
ALTER TABLE delivery ADD COLUMN accepted_at BIGINT;
ALTER TABLE delivery ADD COLUMN replaced_by BIGINT;
UPDATE delivery SET accepted_at = changed_at WHERE state = 'accepted';

-- One row while all mail to customers is paused, none otherwise.
CREATE TABLE mail_pause (
    mail_pause_key BIGINT PRIMARY KEY CHECK (mail_pause_key = 1),
    since          BIGINT NOT NULL,
    actor          TEXT COLLATE "C" NOT NULL
);
