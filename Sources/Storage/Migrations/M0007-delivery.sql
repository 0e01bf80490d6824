-- Messages that are about no alert, that wait their turn by rank, and that several providers of a channel share.
ALTER TABLE messages ADD COLUMN rank BIGINT NOT NULL DEFAULT 4;
-- Which of the channel's providers has it, 0-based.
ALTER TABLE messages ADD COLUMN provider BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN alert_source_id BIGINT;
-- What a message says that is not written from its alert.
ALTER TABLE messages ADD COLUMN subject TEXT;
ALTER TABLE messages ADD COLUMN body TEXT;
-- What its reader answers with, as in "1a"; the same for every message about one alert to one address.
ALTER TABLE messages ADD COLUMN short_code BIGINT;
ALTER TABLE messages ADD COLUMN tried_at_ms BIGINT;
-- The message that carries this one.
ALTER TABLE messages ADD COLUMN bundle_id BIGINT;
ALTER TABLE messages ADD COLUMN receipt TEXT;
ALTER TABLE messages ADD COLUMN receipt_state TEXT;
-- A notice with the same one to the same address is not queued twice, ever.
ALTER TABLE messages ADD COLUMN once_key TEXT;
DROP INDEX messages_due;
DROP INDEX messages_waiting;
CREATE INDEX messages_due ON messages (channel, provider, due_at_ms, id) WHERE status IN ('waiting', 'sending');
CREATE INDEX messages_rank ON messages (channel, provider, rank, due_at_ms, id)
    WHERE status IN ('waiting', 'sending');
CREATE UNIQUE INDEX messages_waiting ON messages (alert_id, channel, target, delay_min, purpose)
    WHERE status = 'waiting';
CREATE INDEX messages_target ON messages (target, channel, tried_at_ms, id);
CREATE INDEX messages_code ON messages (target, short_code, id) WHERE short_code IS NOT NULL;
CREATE INDEX messages_bundle ON messages (bundle_id) WHERE bundle_id IS NOT NULL;
CREATE INDEX messages_receipt ON messages (receipt) WHERE receipt IS NOT NULL;
CREATE UNIQUE INDEX messages_once ON messages (once_key, channel, target) WHERE once_key IS NOT NULL;
CREATE INDEX messages_account ON messages (account_id, id);
CREATE INDEX messages_user ON messages (user_id, id) WHERE user_id IS NOT NULL;
-- Contacts of further kinds: subscriptions of browsers, topics, chats.
CREATE TABLE contacts_next (
    id             BIGINT NOT NULL PRIMARY KEY,
    user_id        BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind           TEXT   NOT NULL,
    target         TEXT   NOT NULL,
    region_code    TEXT,
    is_primary     BIGINT NOT NULL,
    verified_at_ms BIGINT,
    -- Turned off by its owner, as by STOP.
    stopped_at_ms  BIGINT,
    -- What a sender needs beside the target: a subscription's keys, a token.
    secret         TEXT,
    label          TEXT   NOT NULL,
    created_at_ms  BIGINT NOT NULL
);
INSERT INTO contacts_next (id, user_id, kind, target, region_code, is_primary, verified_at_ms, label, created_at_ms)
SELECT id, user_id, kind, target, region_code, is_primary, verified_at_ms, '', created_at_ms FROM contacts;
CREATE TABLE notification_preferences_next (
    id         BIGINT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    area       TEXT   NOT NULL CHECK (area IN ('alerts', 'duties', 'updates', 'subscriptions')),
    channel    TEXT   NOT NULL,
    contact_id BIGINT REFERENCES contacts_next (id) ON DELETE CASCADE,
    delay_min  BIGINT NOT NULL,
    kind       TEXT   NOT NULL
);
INSERT INTO notification_preferences_next (id, user_id, area, channel, contact_id, delay_min, kind)
SELECT id, user_id, area, channel, contact_id, delay_min, kind FROM notification_preferences;
DROP TABLE notification_preferences;
DROP TABLE contacts;
ALTER TABLE contacts_next RENAME TO contacts;
ALTER TABLE notification_preferences_next RENAME TO notification_preferences;
CREATE UNIQUE INDEX contacts_target ON contacts (user_id, kind, target);
CREATE INDEX contacts_by_target ON contacts (target, kind);
CREATE INDEX notification_preferences_user ON notification_preferences (user_id);
-- Codes that show that a contact reaches its owner; never the code itself.
CREATE TABLE contact_codes (
    contact_id    BIGINT NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    code_hash     TEXT   NOT NULL,
    sent_at_ms    BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    tries         BIGINT NOT NULL,
    sends         BIGINT NOT NULL,
    window_at_ms  BIGINT NOT NULL
);
-- Links that a person follows on another device to make it a contact of theirs.
CREATE TABLE contact_links (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    user_id       BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind          TEXT   NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX contact_links_expiry ON contact_links (expires_at_ms);
-- Addresses that wrote to us: how many of their messages in a row meant nothing.
CREATE TABLE reply_senders (
    address      TEXT   NOT NULL PRIMARY KEY,
    nonsense     BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL
);
-- Exercises: everybody is paged on each contact and must answer.
CREATE TABLE drills (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    started_by    BIGINT,
    created_at_ms BIGINT NOT NULL,
    ends_at_ms    BIGINT NOT NULL
);
CREATE INDEX drills_account ON drills (account_id, id);
CREATE TABLE drill_calls (
    message_id     BIGINT NOT NULL PRIMARY KEY,
    drill_id       BIGINT NOT NULL REFERENCES drills (id) ON DELETE CASCADE,
    user_id        BIGINT NOT NULL,
    answered_at_ms BIGINT
);
CREATE INDEX drill_calls_drill ON drill_calls (drill_id, message_id);
