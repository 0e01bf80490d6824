-- Nobody is paged about the alert before then.
ALTER TABLE alerts ADD COLUMN snoozed_until_ms BIGINT;
-- Who has accepted and who is still to, where everybody must: `{"accepted":[1],"awaited":[2]}`.
ALTER TABLE alerts ADD COLUMN acceptances TEXT;
-- When the transaction that raised the alert was over; NULL: nobody noticed.
ALTER TABLE alerts ADD COLUMN committed_at_ms BIGINT;
-- Whose turn it was on a level that calls one of its people at a time. No foreign keys: a turn is only a place in a list.
CREATE TABLE escalation_turns (
    escalation_policy_id BIGINT NOT NULL,
    -- 0-based.
    level                BIGINT NOT NULL,
    user_id              BIGINT NOT NULL,
    position             BIGINT NOT NULL,
    PRIMARY KEY (escalation_policy_id, level)
);
