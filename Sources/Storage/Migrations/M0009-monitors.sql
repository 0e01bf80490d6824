-- What is watched from outside, how it went, and who is told of it.
CREATE TABLE monitors (
    id                 BIGINT NOT NULL PRIMARY KEY,
    account_id         BIGINT NOT NULL REFERENCES accounts (id),
    -- Names it to the outside.
    uuid               TEXT   NOT NULL,
    name               TEXT   NOT NULL,
    kind               TEXT   NOT NULL,
    target             TEXT   NOT NULL,
    -- The block named for the kind, as JSON.
    settings           TEXT   NOT NULL,
    interval_ms        BIGINT NOT NULL,
    timeout_ms         BIGINT NOT NULL,
    retests            BIGINT NOT NULL,
    is_paused          BIGINT NOT NULL,
    -- Where its alerts are raised; NULL: nowhere.
    alert_source_id    BIGINT REFERENCES alert_sources (id) ON DELETE SET NULL,
    state              TEXT   NOT NULL,
    suspicions         BIGINT NOT NULL,
    failing_since_ms   BIGINT,
    changed_at_ms      BIGINT,
    -- NULL while it is paused.
    due_at_ms          BIGINT,
    -- Until when somebody is checking it.
    lease_until_ms     BIGINT,
    checked_at_ms      BIGINT,
    total_ms           BIGINT,
    reason             TEXT,
    certificate_end_ms BIGINT,
    created_at_ms      BIGINT NOT NULL,
    updated_at_ms      BIGINT NOT NULL
);
CREATE INDEX monitors_name ON monitors (account_id, name, id);
CREATE INDEX monitors_due ON monitors (due_at_ms, id) WHERE due_at_ms IS NOT NULL;
CREATE INDEX monitors_lease ON monitors (lease_until_ms) WHERE lease_until_ms IS NOT NULL;
CREATE TABLE monitor_teams (
    monitor_id BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    team_id    BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (monitor_id, team_id)
);
-- Single checks, for days.
CREATE TABLE monitor_results (
    monitor_id    BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    at_ms         BIGINT NOT NULL,
    late_ms       BIGINT NOT NULL,
    total_ms      BIGINT NOT NULL,
    look_up_ms    BIGINT,
    connect_ms    BIGINT,
    encryption_ms BIGINT,
    first_byte_ms BIGINT,
    status        BIGINT,
    -- NULL: it passed.
    reason        TEXT,
    PRIMARY KEY (monitor_id, at_ms)
);
CREATE INDEX monitor_results_age ON monitor_results (at_ms);
-- Sums of each hour, for years.
CREATE TABLE monitor_hours (
    monitor_id BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    start_ms   BIGINT NOT NULL,
    checks     BIGINT NOT NULL,
    failures   BIGINT NOT NULL,
    total_ms   BIGINT NOT NULL,
    slowest_ms BIGINT NOT NULL,
    PRIMARY KEY (monitor_id, start_ms)
);
-- Changes of state, newest last.
CREATE TABLE monitor_events (
    id         BIGINT NOT NULL PRIMARY KEY,
    monitor_id BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    at_ms      BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    reason     TEXT
);
CREATE INDEX monitor_events_monitor ON monitor_events (monitor_id, id);
CREATE TABLE webhook_integrations (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    label         TEXT   NOT NULL,
    url           TEXT   NOT NULL,
    method        TEXT   NOT NULL,
    headers       TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX webhook_integrations_account ON webhook_integrations (account_id, id);
CREATE TABLE webhook_deliveries (
    id                     BIGINT NOT NULL PRIMARY KEY,
    webhook_integration_id BIGINT NOT NULL REFERENCES webhook_integrations (id) ON DELETE CASCADE,
    body                   TEXT   NOT NULL,
    status                 TEXT   NOT NULL,
    attempts               BIGINT NOT NULL,
    -- NULL when it is over.
    due_at_ms              BIGINT,
    http_status            BIGINT,
    answer                 TEXT   NOT NULL,
    reason                 TEXT,
    created_at_ms          BIGINT NOT NULL,
    tried_at_ms            BIGINT
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at_ms, id) WHERE due_at_ms IS NOT NULL;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (webhook_integration_id, id);
CREATE TABLE delivery_groups (
    id             BIGINT NOT NULL PRIMARY KEY,
    account_id     BIGINT NOT NULL REFERENCES accounts (id),
    label          TEXT   NOT NULL,
    colour         TEXT   NOT NULL,
    -- How long a monitor fails before the group is told.
    sensitivity_ms BIGINT NOT NULL,
    -- Addresses, as a JSON list.
    emails         TEXT   NOT NULL,
    -- The rules that attach it to all monitors of an area, as a JSON list.
    areas          TEXT   NOT NULL,
    created_at_ms  BIGINT NOT NULL,
    updated_at_ms  BIGINT NOT NULL
);
CREATE INDEX delivery_groups_account ON delivery_groups (account_id, id);
CREATE TABLE delivery_group_webhooks (
    delivery_group_id      BIGINT NOT NULL REFERENCES delivery_groups (id) ON DELETE CASCADE,
    webhook_integration_id BIGINT NOT NULL REFERENCES webhook_integrations (id) ON DELETE CASCADE,
    PRIMARY KEY (delivery_group_id, webhook_integration_id)
);
CREATE INDEX delivery_group_webhooks_webhook ON delivery_group_webhooks (webhook_integration_id);
CREATE TABLE delivery_group_sources (
    delivery_group_id BIGINT NOT NULL REFERENCES delivery_groups (id) ON DELETE CASCADE,
    alert_source_id   BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    PRIMARY KEY (delivery_group_id, alert_source_id)
);
CREATE TABLE monitor_delivery_groups (
    monitor_id        BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    delivery_group_id BIGINT NOT NULL REFERENCES delivery_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (monitor_id, delivery_group_id)
);
CREATE INDEX monitor_delivery_groups_group ON monitor_delivery_groups (delivery_group_id);
-- Groups that are to be told of a failing monitor, or were told.
CREATE TABLE monitor_notices (
    monitor_id        BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    delivery_group_id BIGINT NOT NULL REFERENCES delivery_groups (id) ON DELETE CASCADE,
    -- NULL once it was told.
    due_at_ms         BIGINT,
    PRIMARY KEY (monitor_id, delivery_group_id)
);
CREATE INDEX monitor_notices_due ON monitor_notices (due_at_ms) WHERE due_at_ms IS NOT NULL;
