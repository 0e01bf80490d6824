-- Alert actions: what is done outside when something happens to an alert.
CREATE TABLE connectors (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    -- As on the wire, such as jira.
    kind          TEXT   NOT NULL,
    -- Addresses and secrets, a JSON object.
    params        TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE INDEX connectors_name ON connectors (account_id, name, id);
CREATE TABLE alert_actions (
    id                  BIGINT NOT NULL PRIMARY KEY,
    account_id          BIGINT NOT NULL REFERENCES accounts (id),
    name                TEXT   NOT NULL,
    connector_id        BIGINT REFERENCES connectors (id),
    connector_kind      TEXT   NOT NULL,
    is_manual           BIGINT NOT NULL,
    -- As they were sent; alert_action_triggers has those that count.
    trigger_names       TEXT   NOT NULL,
    escalation_ended_ms BIGINT NOT NULL,
    not_resolved_ms     BIGINT NOT NULL,
    params              TEXT   NOT NULL,
    -- A condition's text; NULL: none.
    conditions          TEXT,
    alert_filter        TEXT,
    has_sources         BIGINT NOT NULL,
    has_teams           BIGINT NOT NULL,
    created_at_ms       BIGINT NOT NULL,
    updated_at_ms       BIGINT NOT NULL
);
CREATE INDEX alert_actions_name ON alert_actions (account_id, name, id);
CREATE INDEX alert_actions_connector ON alert_actions (connector_id) WHERE connector_id IS NOT NULL;
CREATE TABLE alert_action_triggers (
    trigger_name    TEXT   NOT NULL,
    alert_action_id BIGINT NOT NULL REFERENCES alert_actions (id) ON DELETE CASCADE,
    PRIMARY KEY (trigger_name, alert_action_id)
);
CREATE INDEX alert_action_triggers_action ON alert_action_triggers (alert_action_id);
CREATE TABLE alert_action_sources (
    alert_action_id BIGINT NOT NULL REFERENCES alert_actions (id) ON DELETE CASCADE,
    alert_source_id BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    PRIMARY KEY (alert_action_id, alert_source_id)
);
CREATE INDEX alert_action_sources_source ON alert_action_sources (alert_source_id);
CREATE TABLE alert_action_teams (
    alert_action_id BIGINT NOT NULL REFERENCES alert_actions (id) ON DELETE CASCADE,
    team_id         BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (alert_action_id, team_id)
);
-- What is to be done, and how it went.
CREATE TABLE alert_action_runs (
    alert_action_id BIGINT NOT NULL REFERENCES alert_actions (id) ON DELETE CASCADE,
    alert_id        BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    -- The line of the timeline that set it off, or an id of its own.
    cause_id        BIGINT NOT NULL,
    trigger_name    TEXT   NOT NULL,
    status          TEXT   NOT NULL,
    attempts        BIGINT NOT NULL,
    due_at_ms       BIGINT NOT NULL,
    deadline_ms     BIGINT NOT NULL,
    -- What decides the order of the runs of one action for one alert.
    caused_at_ms    BIGINT NOT NULL,
    http_status     BIGINT,
    answer          TEXT,
    finished_at_ms  BIGINT,
    PRIMARY KEY (alert_action_id, alert_id, cause_id, trigger_name)
);
CREATE INDEX alert_action_runs_due ON alert_action_runs (due_at_ms, alert_action_id, alert_id, cause_id)
    WHERE status IN ('waiting', 'sending');
CREATE INDEX alert_action_runs_alert ON alert_action_runs (alert_id, caused_at_ms, cause_id);
-- What an action remembers of an alert: the message or ticket that it made.
CREATE TABLE alert_action_states (
    alert_action_id BIGINT NOT NULL REFERENCES alert_actions (id) ON DELETE CASCADE,
    alert_id        BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    state           TEXT   NOT NULL,
    PRIMARY KEY (alert_action_id, alert_id)
);
CREATE INDEX alert_action_states_alert ON alert_action_states (alert_id);
-- Who somebody is in a chat.
CREATE TABLE chat_identities (
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    kind          TEXT   NOT NULL,
    external_id   TEXT   NOT NULL,
    user_id       BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, external_id)
);
CREATE INDEX chat_identities_user ON chat_identities (user_id);
