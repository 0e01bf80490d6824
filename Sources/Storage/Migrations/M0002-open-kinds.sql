-- The kinds of timers and messages grow with the product: the code has the closed sets, the tables take any name.
CREATE TABLE timers_next (
    alert_id  BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    kind      TEXT   NOT NULL,
    due_at_ms BIGINT NOT NULL,
    PRIMARY KEY (alert_id, kind)
);
INSERT INTO timers_next (alert_id, kind, due_at_ms) SELECT alert_id, kind, due_at_ms FROM timers;
DROP TABLE timers;
ALTER TABLE timers_next RENAME TO timers;
CREATE INDEX timers_due ON timers (due_at_ms, alert_id, kind);
CREATE TABLE messages_next (
    id             BIGINT NOT NULL PRIMARY KEY,
    account_id     BIGINT NOT NULL REFERENCES accounts (id),
    alert_id       BIGINT REFERENCES alerts (id) ON DELETE CASCADE,
    -- NULL for the last-resort contact.
    user_id        BIGINT,
    contact_id     BIGINT,
    channel        TEXT   NOT NULL,
    target         TEXT   NOT NULL,
    purpose        TEXT   NOT NULL,
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
INSERT INTO messages_next (id, account_id, alert_id, user_id, contact_id, channel, target, purpose, level, delay_min,
    status, intended_at_ms, due_at_ms, deadline_ms, lease_until_ms, attempts, reason, created_at_ms, sent_at_ms)
SELECT id, account_id, alert_id, user_id, contact_id, channel, target, purpose, level, delay_min,
    status, intended_at_ms, due_at_ms, deadline_ms, lease_until_ms, attempts, reason, created_at_ms, sent_at_ms
FROM messages;
DROP TABLE messages;
ALTER TABLE messages_next RENAME TO messages;
CREATE INDEX messages_due ON messages (channel, due_at_ms, id) WHERE status IN ('waiting', 'sending');
CREATE INDEX messages_alert ON messages (alert_id, id);
-- A message that waits for the same contact with the same delay is not queued twice.
CREATE UNIQUE INDEX messages_waiting ON messages (alert_id, channel, target, delay_min) WHERE status = 'waiting';
