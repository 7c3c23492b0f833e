-- One row: which database this is, for the data folder that belongs to it, and the server that has taken it last, for a server that
-- was cut off and wants to know whether another was there meanwhile. SQLite needs neither: its file lies in the folder.
CREATE TABLE holder (
  id VARCHAR(32) NOT NULL,
  server VARCHAR(64) NOT NULL
);
INSERT INTO holder (id, server) VALUES (${random}, '');
