-- The processes that work on this database, and how often its configuration has changed.
CREATE TABLE nodes (
    name          TEXT   NOT NULL PRIMARY KEY,
    address       TEXT   NOT NULL,
    version       TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    started_at_ms BIGINT NOT NULL,
    seen_at_ms    BIGINT NOT NULL
);
CREATE TABLE generations (
    name   TEXT   NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
