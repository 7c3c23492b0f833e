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
