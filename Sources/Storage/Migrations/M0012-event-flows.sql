-- Event flows: what becomes of events before they reach an alert source.
CREATE TABLE event_flows (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    -- The tree of nodes in the wire's form, numbered.
    root          TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX event_flows_name ON event_flows (account_id, name, id);
CREATE TABLE event_flow_teams (
    event_flow_id BIGINT NOT NULL REFERENCES event_flows (id) ON DELETE CASCADE,
    team_id       BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (event_flow_id, team_id)
);
-- What nodes name: alert sources, escalation policies and support hours; those in use cannot be deleted.
CREATE TABLE event_flow_references (
    event_flow_id BIGINT NOT NULL REFERENCES event_flows (id) ON DELETE CASCADE,
    kind          TEXT   NOT NULL,
    reference_id  BIGINT NOT NULL,
    PRIMARY KEY (event_flow_id, kind, reference_id)
);
CREATE INDEX event_flow_references_used ON event_flow_references (kind, reference_id);
-- The keys under which events come in, each for one format.
CREATE TABLE event_flow_integrations (
    id               BIGINT NOT NULL PRIMARY KEY,
    event_flow_id    BIGINT NOT NULL REFERENCES event_flows (id) ON DELETE CASCADE,
    integration_type TEXT   NOT NULL,
    integration_key  TEXT   NOT NULL,
    key_prefix       TEXT   NOT NULL,
    created_at_ms    BIGINT NOT NULL
);
CREATE UNIQUE INDEX event_flow_integrations_key ON event_flow_integrations (key_prefix);
CREATE INDEX event_flow_integrations_flow ON event_flow_integrations (event_flow_id, id);
-- How often counting conditions were asked.
CREATE TABLE event_flow_counters (
    event_flow_id BIGINT NOT NULL REFERENCES event_flows (id) ON DELETE CASCADE,
    name          TEXT   NOT NULL,
    count         BIGINT NOT NULL,
    ends_at_ms    BIGINT NOT NULL,
    PRIMARY KEY (event_flow_id, name)
);
-- Events that are kept at a node.
CREATE TABLE event_flow_waits (
    id               BIGINT NOT NULL PRIMARY KEY,
    event_flow_id    BIGINT NOT NULL REFERENCES event_flows (id) ON DELETE CASCADE,
    node_id          BIGINT NOT NULL,
    integration_type TEXT   NOT NULL,
    -- Folded; NULL: the event has none.
    event_key        TEXT,
    event            TEXT   NOT NULL,
    due_at_ms        BIGINT NOT NULL,
    created_at_ms    BIGINT NOT NULL
);
CREATE INDEX event_flow_waits_due ON event_flow_waits (due_at_ms, id);
CREATE INDEX event_flow_waits_key ON event_flow_waits (event_flow_id, event_key);
-- What came, and where it went.
CREATE TABLE event_flow_events (
    id               BIGINT NOT NULL PRIMARY KEY,
    event_flow_id    BIGINT NOT NULL REFERENCES event_flows (id) ON DELETE CASCADE,
    received_at_ms   BIGINT NOT NULL,
    integration_type TEXT   NOT NULL,
    method           TEXT   NOT NULL,
    path             TEXT   NOT NULL,
    query            TEXT   NOT NULL,
    headers          TEXT   NOT NULL,
    body             BLOB   NOT NULL,
    kind             TEXT,
    alert_key        TEXT,
    summary          TEXT   NOT NULL,
    outcome          TEXT   NOT NULL,
    -- Of the intake of the alert source, or what could not be read.
    reason           TEXT,
    trace            TEXT   NOT NULL,
    alert_source_id  BIGINT,
    alert_id         BIGINT
);
CREATE INDEX event_flow_events_list ON event_flow_events (event_flow_id, id);
