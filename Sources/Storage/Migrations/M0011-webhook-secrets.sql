-- What tools sign their requests with.
CREATE TABLE webhook_secrets (
    alert_source_id BIGINT NOT NULL PRIMARY KEY REFERENCES alert_sources (id) ON DELETE CASCADE,
    secret          TEXT   NOT NULL
);
