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
