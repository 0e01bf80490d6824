-- What others may read: keys of RapidSpike's kind, public pages, and who is told by mail.
CREATE TABLE rapidspike_keys (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    user_id       BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label         TEXT   NOT NULL,
    public_key    TEXT   NOT NULL,
    -- A signature can only be checked by whoever has the secret itself.
    secret        TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX rapidspike_keys_public ON rapidspike_keys (public_key);
CREATE INDEX rapidspike_keys_account ON rapidspike_keys (account_id, id);
CREATE INDEX rapidspike_keys_user ON rapidspike_keys (user_id);
CREATE TABLE status_pages (
    id            BIGINT NOT NULL PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    -- The last part of its address.
    slug          TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    intro         TEXT   NOT NULL,
    colour        TEXT   NOT NULL,
    is_public     BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX status_pages_slug ON status_pages (slug);
CREATE INDEX status_pages_account ON status_pages (account_id, id);
CREATE TABLE status_page_monitors (
    status_page_id BIGINT NOT NULL REFERENCES status_pages (id) ON DELETE CASCADE,
    monitor_id     BIGINT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
    PRIMARY KEY (status_page_id, monitor_id)
);
CREATE INDEX status_page_monitors_monitor ON status_page_monitors (monitor_id);
CREATE TABLE status_subscribers (
    id              BIGINT NOT NULL PRIMARY KEY,
    status_page_id  BIGINT NOT NULL REFERENCES status_pages (id) ON DELETE CASCADE,
    email           TEXT   NOT NULL,
    -- In the links of mails to confirm and to end it.
    token           TEXT   NOT NULL,
    confirmed_at_ms BIGINT,
    asked_at_ms     BIGINT NOT NULL
);
CREATE UNIQUE INDEX status_subscribers_email ON status_subscribers (status_page_id, email);
CREATE UNIQUE INDEX status_subscribers_token ON status_subscribers (token);
