-- In which order the lines of an alert's timeline were written, whichever node wrote them and whatever its clock said;
-- those from before are in the order of their ids.
ALTER TABLE timeline ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
DROP INDEX timeline_alert;
CREATE INDEX timeline_alert ON timeline (alert_id, position, id);
