-- Monitors in more places, with percentiles, rules, windows and pictures.
ALTER TABLE monitors ADD COLUMN regions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE monitors ADD COLUMN agree BIGINT NOT NULL DEFAULT 1;
ALTER TABLE monitors RENAME COLUMN certificate_end_ms TO valid_until_ms;
CREATE INDEX monitors_valid_until ON monitors (account_id, valid_until_ms) WHERE valid_until_ms IS NOT NULL;
CREATE TABLE monitor_results_new (
    monitor_id    BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    at_ms         BIGINT NOT NULL,
    region        TEXT   NOT NULL,
    late_ms       BIGINT NOT NULL,
    total_ms      BIGINT NOT NULL,
    look_up_ms    BIGINT,
    connect_ms    BIGINT,
    encryption_ms BIGINT,
    first_byte_ms BIGINT,
    status        BIGINT,
    -- NULL: it passed.
    reason        TEXT,
    -- A failure in a maintenance window counts for nothing.
    is_excused    BIGINT NOT NULL,
    PRIMARY KEY (monitor_id, at_ms, region)
);
INSERT INTO monitor_results_new (monitor_id, at_ms, region, late_ms, total_ms, look_up_ms, connect_ms, encryption_ms,
    first_byte_ms, status, reason, is_excused)
SELECT monitor_id, at_ms, 'local', late_ms, total_ms, look_up_ms, connect_ms, encryption_ms, first_byte_ms, status,
    reason, 0 FROM monitor_results;
DROP TABLE monitor_results;
ALTER TABLE monitor_results_new RENAME TO monitor_results;
CREATE INDEX monitor_results_age ON monitor_results (at_ms);
-- Percentiles of what passed; NULL until the hour is over.
ALTER TABLE monitor_hours ADD COLUMN p50_ms BIGINT;
ALTER TABLE monitor_hours ADD COLUMN p95_ms BIGINT;
ALTER TABLE monitor_hours ADD COLUMN p99_ms BIGINT;
ALTER TABLE monitor_hours ADD COLUMN is_sealed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX monitor_hours_open ON monitor_hours (start_ms, monitor_id) WHERE is_sealed = 0;
CREATE INDEX monitor_hours_age ON monitor_hours (start_ms);
-- Sums of the sealed hours of each day, for years.
CREATE TABLE monitor_days (
    monitor_id BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    start_ms   BIGINT NOT NULL,
    checks     BIGINT NOT NULL,
    failures   BIGINT NOT NULL,
    total_ms   BIGINT NOT NULL,
    slowest_ms BIGINT NOT NULL,
    p50_ms     BIGINT,
    p95_ms     BIGINT,
    p99_ms     BIGINT,
    PRIMARY KEY (monitor_id, start_ms)
);
-- What each place last said of a monitor; due only for places with probes of their own.
CREATE TABLE monitor_spots (
    monitor_id     BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    region         TEXT   NOT NULL,
    due_at_ms      BIGINT,
    lease_until_ms BIGINT,
    checked_at_ms  BIGINT,
    total_ms       BIGINT,
    reason         TEXT,
    PRIMARY KEY (monitor_id, region)
);
CREATE INDEX monitor_spots_due ON monitor_spots (region, due_at_ms) WHERE due_at_ms IS NOT NULL;
-- Programs that check from elsewhere.
CREATE TABLE monitor_probes (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    region        TEXT   NOT NULL,
    token_hash    TEXT   NOT NULL,
    version       TEXT   NOT NULL,
    seen_at_ms    BIGINT,
    created_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX monitor_probes_token ON monitor_probes (token_hash);
CREATE INDEX monitor_probes_account ON monitor_probes (account_id, id);
-- Pictures of pages that failed.
CREATE TABLE monitor_screenshots (
    monitor_id BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    at_ms      BIGINT NOT NULL,
    image      BLOB   NOT NULL,
    PRIMARY KEY (monitor_id, at_ms)
);
CREATE TABLE maintenance_window_monitors (
    maintenance_window_id BIGINT NOT NULL REFERENCES maintenance_windows (id) ON DELETE CASCADE,
    monitor_id            BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    PRIMARY KEY (maintenance_window_id, monitor_id)
);
CREATE INDEX maintenance_window_monitors_monitor ON maintenance_window_monitors (monitor_id);
-- Which delivery groups are told of which monitors.
CREATE TABLE monitor_rules (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    label         TEXT   NOT NULL,
    area          TEXT   NOT NULL,
    is_active     BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX monitor_rules_account ON monitor_rules (account_id, id);
-- None: all monitors of the area.
CREATE TABLE monitor_rule_monitors (
    monitor_rule_id BIGINT NOT NULL REFERENCES monitor_rules (id) ON DELETE CASCADE,
    monitor_id      BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    PRIMARY KEY (monitor_rule_id, monitor_id)
);
CREATE INDEX monitor_rule_monitors_monitor ON monitor_rule_monitors (monitor_id);
CREATE TABLE monitor_rule_groups (
    monitor_rule_id   BIGINT NOT NULL REFERENCES monitor_rules (id) ON DELETE CASCADE,
    delivery_group_id BIGINT NOT NULL REFERENCES delivery_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (monitor_rule_id, delivery_group_id)
);
CREATE INDEX monitor_rule_groups_group ON monitor_rule_groups (delivery_group_id);
ALTER TABLE delivery_groups DROP COLUMN areas;
