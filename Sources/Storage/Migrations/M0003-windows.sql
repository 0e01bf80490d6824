-- When sources are watched and when not: support hours.
CREATE TABLE support_hours (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    time_zone     TEXT   NOT NULL,
    -- Both in the wire's form.
    days          TEXT   NOT NULL,
    exceptions    TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX support_hours_name ON support_hours (account_id, name, id);
CREATE TABLE support_hours_teams (
    support_hours_id BIGINT NOT NULL REFERENCES support_hours (id) ON DELETE CASCADE,
    team_id          BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (support_hours_id, team_id)
);
-- Which support hours an alert source names; those in use cannot be deleted.
CREATE TABLE alert_source_support_hours (
    alert_source_id  BIGINT NOT NULL PRIMARY KEY REFERENCES alert_sources (id) ON DELETE CASCADE,
    support_hours_id BIGINT NOT NULL REFERENCES support_hours (id)
);
CREATE INDEX alert_source_support_hours_used ON alert_source_support_hours (support_hours_id);
-- Maintenance: windows in which alert sources raise nothing, and what they hold back.
CREATE TABLE maintenance_windows (
    id                 BIGINT NOT NULL PRIMARY KEY,
    account_id         BIGINT NOT NULL REFERENCES accounts (id),
    summary            TEXT   NOT NULL,
    description        TEXT   NOT NULL,
    time_zone          TEXT   NOT NULL,
    starts_at_ms       BIGINT NOT NULL,
    ends_at_ms         BIGINT NOT NULL,
    mode               TEXT   NOT NULL,
    -- Ids of services, a JSON list.
    services           TEXT   NOT NULL,
    notify_at_creation BIGINT NOT NULL,
    notify_at_start    BIGINT NOT NULL,
    notify_at_end      BIGINT NOT NULL,
    -- What has been done of it: planned, begun, over.
    stage              TEXT   NOT NULL,
    created_by         BIGINT,
    created_at_ms      BIGINT NOT NULL,
    updated_at_ms      BIGINT NOT NULL
);
CREATE INDEX maintenance_windows_list ON maintenance_windows (account_id, ends_at_ms, id);
CREATE INDEX maintenance_windows_stage ON maintenance_windows (stage, starts_at_ms, ends_at_ms);
CREATE TABLE maintenance_window_sources (
    maintenance_window_id BIGINT NOT NULL REFERENCES maintenance_windows (id) ON DELETE CASCADE,
    alert_source_id       BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    PRIMARY KEY (maintenance_window_id, alert_source_id)
);
CREATE INDEX maintenance_window_sources_source ON maintenance_window_sources (alert_source_id);
-- The newest alert event of each key that fails during maintenance.
CREATE TABLE held_keys (
    alert_source_id BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    held_key        TEXT   NOT NULL,
    event           TEXT   NOT NULL,
    event_count     BIGINT NOT NULL,
    first_at_ms     BIGINT NOT NULL,
    last_at_ms      BIGINT NOT NULL,
    PRIMARY KEY (alert_source_id, held_key)
);
-- Mails that are about no alert: sent at least once, by a loop of their own.
CREATE TABLE notices (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    target        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    attempts      BIGINT NOT NULL,
    due_at_ms     BIGINT NOT NULL,
    deadline_ms   BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX notices_due ON notices (due_at_ms, id);
-- Jobs that say by themselves that they are alive.
CREATE TABLE heartbeat_monitors (
    id               BIGINT NOT NULL PRIMARY KEY,
    account_id       BIGINT NOT NULL REFERENCES accounts (id),
    name             TEXT   NOT NULL,
    -- Of a monitor that is an alert source of its own, which lists leave out.
    owner_source_id  BIGINT REFERENCES alert_sources (id) ON DELETE CASCADE,
    -- Where its alerts are raised; NULL: nowhere.
    alert_source_id  BIGINT REFERENCES alert_sources (id) ON DELETE SET NULL,
    alert_summary    TEXT   NOT NULL,
    interval_ms      BIGINT NOT NULL,
    integration_key  TEXT   NOT NULL,
    key_prefix       TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    last_ping_at_ms  BIGINT,
    started_at_ms    BIGINT,
    deadline_ms      BIGINT,
    created_at_ms    BIGINT NOT NULL,
    updated_at_ms    BIGINT NOT NULL
);
CREATE UNIQUE INDEX heartbeat_monitors_key ON heartbeat_monitors (key_prefix);
CREATE UNIQUE INDEX heartbeat_monitors_owner ON heartbeat_monitors (owner_source_id) WHERE owner_source_id IS NOT NULL;
CREATE INDEX heartbeat_monitors_name ON heartbeat_monitors (account_id, name, id);
CREATE INDEX heartbeat_monitors_deadline ON heartbeat_monitors (deadline_ms, id) WHERE deadline_ms IS NOT NULL;
CREATE TABLE heartbeat_monitor_teams (
    heartbeat_monitor_id BIGINT NOT NULL REFERENCES heartbeat_monitors (id) ON DELETE CASCADE,
    team_id              BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (heartbeat_monitor_id, team_id)
);
CREATE TABLE heartbeat_pings (
    id                   BIGINT NOT NULL PRIMARY KEY,
    heartbeat_monitor_id BIGINT NOT NULL REFERENCES heartbeat_monitors (id) ON DELETE CASCADE,
    at_ms                BIGINT NOT NULL,
    signal               TEXT   NOT NULL,
    exit_status          BIGINT,
    run_ms               BIGINT,
    body                 TEXT   NOT NULL
);
CREATE INDEX heartbeat_pings_monitor ON heartbeat_pings (heartbeat_monitor_id, id);
