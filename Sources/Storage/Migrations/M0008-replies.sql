-- Work outside of the database that one node at a time does.
CREATE TABLE leases (
    name     TEXT   NOT NULL PRIMARY KEY,
    holder   TEXT   NOT NULL,
    until_ms BIGINT NOT NULL
);
-- What people wrote and a provider was asked for: each is acted on once.
CREATE TABLE fetched_replies (
    provider      TEXT   NOT NULL,
    external_id   TEXT   NOT NULL,
    fetched_at_ms BIGINT NOT NULL,
    PRIMARY KEY (provider, external_id)
);
CREATE INDEX fetched_replies_age ON fetched_replies (fetched_at_ms);
-- Who wants to hear of an alert, or of all alerts of a source, without being paged.
CREATE TABLE subscriptions (
    user_id       BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind          TEXT   NOT NULL,
    target_id     BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, target_id)
);
CREATE INDEX subscriptions_target ON subscriptions (kind, target_id);
-- What subscribers are still to be told, by the line of the timeline that says it.
CREATE TABLE subscription_news (
    cause_id     BIGINT NOT NULL,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    alert_id     BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    trigger_name TEXT   NOT NULL,
    actor        TEXT   NOT NULL,
    PRIMARY KEY (cause_id, user_id)
);
CREATE INDEX subscription_news_user ON subscription_news (user_id);
CREATE INDEX subscription_news_alert ON subscription_news (alert_id);
-- Fire drills that come again by themselves.
CREATE TABLE drill_plans (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    name          TEXT   NOT NULL,
    weeks         BIGINT NOT NULL,
    -- The wall clock of the next one, and where it hangs.
    next_local    TEXT   NOT NULL,
    time_zone     TEXT   NOT NULL,
    next_at_ms    BIGINT NOT NULL,
    created_by    BIGINT,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX drill_plans_due ON drill_plans (next_at_ms, id);
CREATE INDEX drill_plans_account ON drill_plans (account_id, id);
-- What is left of a call when its message is no longer kept.
ALTER TABLE drill_calls ADD COLUMN channel TEXT;
ALTER TABLE drill_calls ADD COLUMN target TEXT;
