-- Who asked for a job, and in which trace (W3C traceparent); empty where it is not known.
ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN trace VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN owner TEXT NOT NULL DEFAULT '';
