-- What an alert source's rules made of an event, stage by stage, as one JSON object.
ALTER TABLE events ADD COLUMN trace TEXT;
-- The summary as the source's way of grouping compares it; NULL where texts do not count.
ALTER TABLE alerts ADD COLUMN group_text TEXT;
CREATE INDEX alerts_group ON alerts (alert_source_id, group_text, raised_at_ms)
    WHERE status <> 'resolved' AND group_text IS NOT NULL;
-- How often the counting conditions of an alert source were asked within their windows.
CREATE TABLE condition_counters (
    alert_source_id BIGINT NOT NULL REFERENCES alert_sources (id) ON DELETE CASCADE,
    name            TEXT   NOT NULL,
    count           BIGINT NOT NULL,
    ends_at_ms      BIGINT NOT NULL,
    PRIMARY KEY (alert_source_id, name)
);
