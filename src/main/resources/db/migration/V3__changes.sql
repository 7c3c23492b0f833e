-- Changes of jobs: a row for each new job, each change of a state and each deleted job, in the order of their commits. The row of
-- revisions is updated by every change before it commits, so that one waits for the other: identities of PostgreSQL would be
-- committed out of order.
CREATE TABLE revisions (
  epoch VARCHAR(32) NOT NULL,
  newest BIGINT NOT NULL
);
-- Revision of a job's newest change. Jobs of before count as changed in the order of their creation.
ALTER TABLE jobs ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET changed = number;
INSERT INTO revisions (epoch, newest) SELECT ${random}, COALESCE(MAX(number), 0) FROM jobs;
CREATE INDEX jobs_by_change ON jobs (changed, state);
-- The columns of jobs as they were then, but for the large ones.
CREATE TABLE changes (
  revision ${key},
  from_state VARCHAR(16),
  deleted INTEGER NOT NULL,
  number BIGINT NOT NULL,
  id VARCHAR(63) NOT NULL,
  uid VARCHAR(36) NOT NULL,
  display_name TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state VARCHAR(16) NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  created BIGINT NOT NULL,
  started BIGINT,
  ended BIGINT,
  error TEXT,
  reported INTEGER NOT NULL,
  job_revision BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL
);
