-- What is offered to others, how it is, how it was and why; and which alerts hold it.
CREATE TABLE services (
    id                     BIGINT NOT NULL PRIMARY KEY,
    account_id             BIGINT NOT NULL REFERENCES accounts (id),
    name                   TEXT   NOT NULL,
    -- Events name it by this; NULL: by its name or id only.
    alias                  TEXT,
    alias_folded           TEXT,
    description            TEXT   NOT NULL,
    status                 TEXT   NOT NULL,
    -- What people said last; the status is another one while alerts hold it.
    own_status             TEXT   NOT NULL,
    one_open_incident_only BIGINT NOT NULL,
    shows_uptime_history   BIGINT NOT NULL,
    -- Labels, links and an icon, kept as they were sent: a JSON object.
    fields                 TEXT   NOT NULL,
    created_at_ms          BIGINT NOT NULL,
    updated_at_ms          BIGINT NOT NULL
);
CREATE INDEX services_name ON services (account_id, name, id);
CREATE UNIQUE INDEX services_alias ON services (account_id, alias_folded) WHERE alias_folded IS NOT NULL;
CREATE TABLE service_teams (
    service_id BIGINT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    team_id    BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, team_id)
);
CREATE INDEX service_teams_team ON service_teams (team_id);
CREATE TABLE service_periods (
    id            BIGINT NOT NULL PRIMARY KEY,
    service_id    BIGINT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    status        TEXT   NOT NULL,
    started_at_ms BIGINT NOT NULL,
    -- NULL: it goes on.
    ended_at_ms   BIGINT,
    actor         TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    alert_id      BIGINT REFERENCES alerts (id) ON DELETE SET NULL,
    -- Words of a person.
    text          TEXT   NOT NULL
);
CREATE INDEX service_periods_service ON service_periods (service_id, started_at_ms, id);
CREATE INDEX service_periods_alert ON service_periods (alert_id) WHERE alert_id IS NOT NULL;
CREATE TABLE service_holds (
    service_id      BIGINT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    alert_id        BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    alert_action_id BIGINT NOT NULL REFERENCES alert_actions (id) ON DELETE CASCADE,
    status          TEXT   NOT NULL,
    -- Whether those who have subscribed are told.
    is_told         BIGINT NOT NULL,
    held_at_ms      BIGINT NOT NULL,
    -- A row stays after its end: what is done twice by mistake holds only once.
    released_at_ms  BIGINT,
    PRIMARY KEY (service_id, alert_id, alert_action_id)
);
CREATE INDEX service_holds_open ON service_holds (service_id) WHERE released_at_ms IS NULL;
CREATE INDEX service_holds_alert ON service_holds (alert_id);
CREATE INDEX service_holds_action ON service_holds (alert_action_id);
