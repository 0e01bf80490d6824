-- Of an alert's messages those to one address are looked for most often; without statistics SQLite took the index of
-- addresses for them, which holds thousands of rows for somebody who is paged a lot.
DROP INDEX messages_alert;
CREATE INDEX messages_alert ON messages (alert_id, target, channel);
-- The code that was given to an address last is the one of its newest message, not the end of a sorted list.
DROP INDEX messages_code;
CREATE INDEX messages_code ON messages (target, id, short_code) WHERE short_code IS NOT NULL;
