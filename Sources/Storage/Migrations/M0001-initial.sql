-- The first schema. Times are milliseconds since 1970 (…_ms), ids come from the caller, JSON is text.
CREATE TABLE id_blocks (
    name    TEXT   NOT NULL PRIMARY KEY,
    next_id BIGINT NOT NULL
);
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE accounts (
    id                 BIGINT NOT NULL PRIMARY KEY,
    name               TEXT   NOT NULL,
    owner_user_id      BIGINT,
    last_resort_emails TEXT   NOT NULL,
    created_at_ms      BIGINT NOT NULL
);
CREATE TABLE users (
    id             BIGINT NOT NULL PRIMARY KEY,
    account_id     BIGINT NOT NULL REFERENCES accounts (id),
    email          TEXT   NOT NULL,
    email_folded   TEXT   NOT NULL,
    username       TEXT   NOT NULL,
    first_name     TEXT   NOT NULL,
    last_name      TEXT   NOT NULL,
    role           TEXT   NOT NULL
        CHECK (role IN ('stakeholder', 'guest', 'viewer', 'responder', 'user', 'admin')),
    time_zone      TEXT   NOT NULL,
    language       TEXT   NOT NULL,
    region         TEXT   NOT NULL,
    position       TEXT   NOT NULL,
    department     TEXT   NOT NULL,
    shift_color    TEXT,
    muted_until_ms BIGINT,
    password_hash  TEXT,
    created_at_ms  BIGINT NOT NULL,
    updated_at_ms  BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email_folded);
CREATE UNIQUE INDEX users_username ON users (account_id, username);
CREATE TABLE teams (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    visibility    TEXT   NOT NULL CHECK (visibility IN ('public', 'private')),
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE TABLE team_members (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT   NOT NULL,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members (user_id);
CREATE TABLE contacts (
    id             BIGINT NOT NULL PRIMARY KEY,
    user_id        BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind           TEXT   NOT NULL CHECK (kind IN ('email', 'phone')),
    target         TEXT   NOT NULL,
    region_code    TEXT,
    is_primary     BIGINT NOT NULL,
    verified_at_ms BIGINT,
    created_at_ms  BIGINT NOT NULL
);
CREATE UNIQUE INDEX contacts_target ON contacts (user_id, kind, target);
CREATE TABLE notification_preferences (
    id         BIGINT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    area       TEXT   NOT NULL CHECK (area IN ('alerts', 'duties', 'updates', 'subscriptions')),
    channel    TEXT   NOT NULL,
    contact_id BIGINT REFERENCES contacts (id) ON DELETE CASCADE,
    delay_min  BIGINT NOT NULL,
    kind       TEXT   NOT NULL
);
CREATE INDEX notification_preferences_user ON notification_preferences (user_id);
CREATE TABLE escalation_policies (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    structure     TEXT   NOT NULL,
    is_repeating  BIGINT NOT NULL,
    frequency     BIGINT NOT NULL,
    routing_key   TEXT,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX escalation_policies_routing_key ON escalation_policies (account_id, routing_key);
CREATE TABLE escalation_policy_teams (
    escalation_policy_id BIGINT NOT NULL REFERENCES escalation_policies (id) ON DELETE CASCADE,
    team_id              BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (escalation_policy_id, team_id)
);
CREATE TABLE alert_sources (
    id                   BIGINT NOT NULL PRIMARY KEY,
    account_id           BIGINT NOT NULL REFERENCES accounts (id),
    name                 TEXT   NOT NULL,
    integration_type     TEXT   NOT NULL,
    integration_key      TEXT   NOT NULL,
    key_prefix           TEXT   NOT NULL,
    escalation_policy_id BIGINT NOT NULL REFERENCES escalation_policies (id),
    is_active            BIGINT NOT NULL,
    alert_creation       TEXT   NOT NULL,
    grouping_window_ms   BIGINT,
    auto_resolution_ms   BIGINT,
    priority_rule        TEXT   NOT NULL,
    severity             BIGINT,
    mapping              TEXT,
    -- Every other field of the wire contract as it was sent, so that reads echo it.
    fields               TEXT   NOT NULL,
    created_at_ms        BIGINT NOT NULL,
    updated_at_ms        BIGINT NOT NULL
);
CREATE UNIQUE INDEX alert_sources_key ON alert_sources (key_prefix);
CREATE INDEX alert_sources_policy ON alert_sources (escalation_policy_id);
CREATE TABLE alert_source_teams (
    alert_source_id BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    team_id         BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (alert_source_id, team_id)
);
CREATE TABLE alerts (
    id                   BIGINT NOT NULL PRIMARY KEY,
    account_id           BIGINT NOT NULL REFERENCES accounts (id),
    alert_source_id      BIGINT NOT NULL REFERENCES alert_sources (id),
    alert_key            TEXT   NOT NULL,
    status               TEXT   NOT NULL CHECK (status IN ('pending', 'accepted', 'resolved')),
    priority             TEXT   NOT NULL CHECK (priority IN ('high', 'low')),
    severity             BIGINT,
    summary              TEXT   NOT NULL,
    details              TEXT   NOT NULL,
    -- Links, images, labels, custom details and services, as one JSON object.
    extras               TEXT,
    routing_key          TEXT,
    -- No foreign key: an alert outlives the policy that it was raised with.
    escalation_policy_id BIGINT,
    -- The policy's structure when the alert was raised.
    structure            TEXT   NOT NULL,
    escalation_state     TEXT   NOT NULL
        CHECK (escalation_state IN ('ready', 'waiting', 'rested', 'stopped', 'exhausted')),
    escalation_level     BIGINT,
    escalation_pass      BIGINT,
    escalation_due_ms    BIGINT,
    is_last_resort       BIGINT NOT NULL,
    assigned_user_id     BIGINT,
    raised_at_ms         BIGINT NOT NULL,
    accepted_at_ms       BIGINT,
    accepted_by          TEXT,
    resolved_at_ms       BIGINT,
    resolved_by          TEXT,
    event_count          BIGINT NOT NULL,
    last_event_at_ms     BIGINT NOT NULL
);
CREATE INDEX alerts_open ON alerts (alert_source_id, raised_at_ms) WHERE status <> 'resolved';
CREATE INDEX alerts_by_status ON alerts (account_id, status, raised_at_ms, id);
CREATE INDEX alerts_by_time ON alerts (account_id, raised_at_ms, id);
-- After alerts_by_time: of two indexes that seem equal SQLite takes the later.
CREATE INDEX alerts_open_by_time ON alerts (account_id, raised_at_ms, id) WHERE status <> 'resolved';
-- The open key of an alert: its primary key is what makes one open alert a key certain. A row stays for some days
-- after its alert is resolved, to tell an event that is older than the resolve.
CREATE TABLE alert_keys (
    alert_source_id BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    alert_key       TEXT   NOT NULL,
    alert_id        BIGINT,
    resolved_at_ms  BIGINT,
    changed_at_ms   BIGINT NOT NULL,
    PRIMARY KEY (alert_source_id, alert_key)
);
CREATE INDEX alert_keys_alert ON alert_keys (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX alert_keys_closed ON alert_keys (changed_at_ms) WHERE alert_id IS NULL;
CREATE TABLE events (
    id              BIGINT NOT NULL PRIMARY KEY,
    -- The first event of the request, which carries its headers and body; its own id there.
    request_id      BIGINT NOT NULL,
    alert_source_id BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    received_at_ms  BIGINT NOT NULL,
    method          TEXT   NOT NULL,
    path            TEXT   NOT NULL,
    query           TEXT   NOT NULL,
    headers         TEXT   NOT NULL,
    body            BLOB   NOT NULL,
    kind            TEXT,
    alert_key       TEXT,
    summary         TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    explanation     TEXT,
    alert_id        BIGINT
);
CREATE INDEX events_source ON events (alert_source_id, id);
CREATE INDEX events_alert ON events (alert_id, id) WHERE alert_id IS NOT NULL;
CREATE TABLE timeline (
    id         BIGINT NOT NULL PRIMARY KEY,
    alert_id   BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    at_ms      BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    level      BIGINT,
    user_id    BIGINT,
    reason     TEXT,
    text       TEXT
);
CREATE INDEX timeline_alert ON timeline (alert_id, id);
CREATE TABLE timers (
    alert_id  BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    kind      TEXT   NOT NULL CHECK (kind IN ('escalation', 'auto_resolution')),
    due_at_ms BIGINT NOT NULL,
    PRIMARY KEY (alert_id, kind)
);
CREATE INDEX timers_due ON timers (due_at_ms, alert_id, kind);
CREATE TABLE messages (
    id             BIGINT NOT NULL PRIMARY KEY,
    account_id     BIGINT NOT NULL REFERENCES accounts (id),
    alert_id       BIGINT REFERENCES alerts (id) ON DELETE CASCADE,
    -- NULL for the last-resort contact.
    user_id        BIGINT,
    contact_id     BIGINT,
    channel        TEXT   NOT NULL,
    target         TEXT   NOT NULL,
    purpose        TEXT   NOT NULL CHECK (purpose IN ('page', 'last_resort')),
    level          BIGINT,
    delay_min      BIGINT NOT NULL,
    status         TEXT   NOT NULL
        CHECK (status IN ('waiting', 'sending', 'delivered', 'failed', 'cancelled')),
    -- The instant that it was meant for; a later hand-over is marked as late.
    intended_at_ms BIGINT NOT NULL,
    due_at_ms      BIGINT NOT NULL,
    deadline_ms    BIGINT NOT NULL,
    lease_until_ms BIGINT,
    attempts       BIGINT NOT NULL,
    reason         TEXT,
    created_at_ms  BIGINT NOT NULL,
    sent_at_ms     BIGINT
);
CREATE INDEX messages_due ON messages (channel, due_at_ms, id) WHERE status IN ('waiting', 'sending');
CREATE INDEX messages_alert ON messages (alert_id, id);
-- A message that waits for the same contact with the same delay is not queued twice.
CREATE UNIQUE INDEX messages_waiting ON messages (alert_id, channel, target, delay_min) WHERE status = 'waiting';
CREATE TABLE sessions (
    token_hash      TEXT   NOT NULL PRIMARY KEY,
    user_id         BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf_token      TEXT   NOT NULL,
    created_at_ms   BIGINT NOT NULL,
    last_seen_at_ms BIGINT NOT NULL,
    expires_at_ms   BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at_ms);
CREATE TABLE api_keys (
    id              BIGINT NOT NULL PRIMARY KEY,
    user_id         BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name            TEXT   NOT NULL,
    key_prefix      TEXT   NOT NULL,
    key_hash        TEXT   NOT NULL,
    created_at_ms   BIGINT NOT NULL,
    last_used_at_ms BIGINT
);
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (key_prefix);
CREATE INDEX api_keys_user ON api_keys (user_id);
CREATE TABLE audit_entries (
    id          BIGINT NOT NULL PRIMARY KEY,
    account_id  BIGINT NOT NULL REFERENCES accounts (id),
    at_ms       BIGINT NOT NULL,
    user_id     BIGINT,
    action      TEXT   NOT NULL,
    target_kind TEXT   NOT NULL,
    target_id   BIGINT,
    details     TEXT   NOT NULL
);
CREATE INDEX audit_entries_time ON audit_entries (account_id, id);
