-- What became of each attempt; of a job the newest of them. Those that ended before this version are not known.
CREATE TABLE attempts (
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  outcome VARCHAR(16),
  reason TEXT NOT NULL,
  PRIMARY KEY (job, number)
);
INSERT INTO attempts (job, number, started, reason) SELECT number, attempt, COALESCE(started, created), '' FROM jobs
  WHERE attempt > 0 AND state IN ('STARTING', 'RUNNING', 'PAUSING', 'CANCELLING');
-- What a job needs and has had: the device, empty until the server reads it from the spec of a job of an earlier version; bytes there at
-- the least, 0 for not known; nanoseconds that it may have one, and has had one.
ALTER TABLE jobs ADD COLUMN device VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN memory BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN longest BIGINT;
ALTER TABLE jobs ADD COLUMN active BIGINT NOT NULL DEFAULT 0;
-- The same of the table of changes, but for the time.
ALTER TABLE changes ADD COLUMN device VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN memory BIGINT NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN longest BIGINT;
CREATE INDEX jobs_by_device ON jobs (state, device, priority, number);
DROP INDEX jobs_by_priority;
