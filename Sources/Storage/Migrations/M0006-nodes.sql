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
-- How far a copy of another database into this one has come; empty before and after it.
CREATE TABLE copy_progress (
    table_name TEXT   NOT NULL PRIMARY KEY,
    -- Of the last row that is here, as a JSON array.
    last_key   TEXT   NOT NULL,
    row_count  BIGINT NOT NULL
);
-- What a process has brought of its local journal into the database, written with it: it happens once.
CREATE TABLE intake_journals (
    id              TEXT   NOT NULL PRIMARY KEY,
    node            TEXT   NOT NULL,
    -- The newest batch that was committed without the journal.
    committed_batch BIGINT NOT NULL,
    -- The newest request of the journal that was committed.
    replayed        BIGINT NOT NULL,
    changed_at_ms   BIGINT NOT NULL
);
CREATE INDEX intake_journals_changed ON intake_journals (changed_at_ms);
-- How long and how many of what is over an account keeps; accounts without a row keep the usual.
CREATE TABLE retention_rules (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT   NOT NULL,
    kept_days  BIGINT NOT NULL,
    kept_count BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);
-- What is about no alert, to be forgotten one day.
CREATE INDEX messages_without_alert ON messages (account_id, id) WHERE alert_id IS NULL;
