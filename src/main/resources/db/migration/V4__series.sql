-- Series and logs of jobs, which go with their jobs. One row of telemetry for each job that has told something: how many points it
-- has, the number of its newest line, which lines of its newest attempt it has, whether points were left out.
CREATE TABLE telemetry (
  job BIGINT PRIMARY KEY REFERENCES jobs (number) ON DELETE CASCADE,
  points BIGINT NOT NULL,
  last_line BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  told BIGINT NOT NULL,
  cut INTEGER NOT NULL
);
-- last_value holds the bits of the number; tail the newest points, at least one, in a PointBlock that still grows.
CREATE TABLE series (
  id ${identity},
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  name VARCHAR(200) NOT NULL,
  points BIGINT NOT NULL,
  first_step BIGINT NOT NULL,
  last_step BIGINT NOT NULL,
  last_value BIGINT NOT NULL,
  tail ${bytes} NOT NULL,
  UNIQUE (job, name)
);
-- The points before the tail, in blocks that never change.
CREATE TABLE blocks (
  series BIGINT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  last_step BIGINT NOT NULL,
  points ${bytes} NOT NULL,
  PRIMARY KEY (series, last_step)
);
CREATE TABLE log_lines (
  job BIGINT NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  sequence BIGINT NOT NULL,
  time BIGINT NOT NULL,
  severity VARCHAR(8) NOT NULL,
  attempt INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (job, sequence)
);
