-- Nanoseconds that the jobs of an owner have had devices, by the hour since 1970 in which it was noted; older hours are removed. Not
-- with the jobs, as it counts also when they are gone.
CREATE TABLE device_time (
  owner TEXT NOT NULL,
  hour BIGINT NOT NULL,
  nanos BIGINT NOT NULL,
  PRIMARY KEY (owner, hour)
);
CREATE INDEX device_time_by_hour ON device_time (hour);
-- Which job is next is known in memory.
DROP INDEX jobs_by_device;
