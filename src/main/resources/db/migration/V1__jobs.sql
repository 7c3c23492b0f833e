-- Jobs and their events. Times are nanoseconds since 1970-01-01T00:00Z. The same text runs on SQLite and PostgreSQL, but for
-- the placeholders of DatabaseKind.
CREATE TABLE jobs (
  number ${identity},
  id VARCHAR(63) NOT NULL UNIQUE,
  uid VARCHAR(36) NOT NULL,
  display_name TEXT NOT NULL,
  spec ${bytes} NOT NULL,
  request_id VARCHAR(36) UNIQUE,
  fingerprint TEXT NOT NULL,
  state VARCHAR(16) NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created BIGINT NOT NULL,
  started BIGINT,
  ended BIGINT,
  error TEXT,
  report ${bytes},
  revision BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL,
  events INTEGER NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, number);
-- What made which job, also after the job is gone.
CREATE TABLE requests (
  id VARCHAR(36) PRIMARY KEY,
  job VARCHAR(63) NOT NULL,
  fingerprint TEXT NOT NULL,
  created BIGINT NOT NULL
);
CREATE INDEX requests_by_time ON requests (created);
CREATE TABLE events (
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  time BIGINT NOT NULL,
  kind VARCHAR(16) NOT NULL,
  from_state VARCHAR(16),
  to_state VARCHAR(16),
  reason TEXT,
  error TEXT,
  payload ${bytes},
  PRIMARY KEY (job, sequence)
);
CREATE INDEX events_by_kind ON events (job, kind, sequence);
