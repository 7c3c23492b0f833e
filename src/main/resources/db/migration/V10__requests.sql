-- Requests whose job is gone, which are forgotten after a day: told apart, so that those of jobs that are kept are not read each time.
ALTER TABLE requests ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
UPDATE requests SET gone = 1 WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.request_id = requests.id);
DROP INDEX requests_by_time;
CREATE INDEX requests_by_time ON requests (gone, created);
