-- Attempts: the number of the newest one, the process that runs it, and how many of its reports are in events. A job of version 1
-- that has begun has had an attempt without a number, whose checkpoints may be there.
ALTER TABLE jobs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN worker VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET attempt = attempts + CASE WHEN started IS NULL THEN 0 ELSE 1 END;
-- Of the jobs that wait, those of a higher priority run first.
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_by_priority ON jobs (state, priority, number);
