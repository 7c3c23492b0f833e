-- One row: which jobs these are, for the bucket that belongs to them. A backup that is restored keeps it.
CREATE TABLE store_id (
  id VARCHAR(32) NOT NULL
);
INSERT INTO store_id (id) VALUES (${random});
