-- Status pages show services, and have a logo.
CREATE TABLE status_page_services (
    status_page_id BIGINT NOT NULL REFERENCES status_pages (id) ON DELETE CASCADE,
    service_id     BIGINT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    PRIMARY KEY (status_page_id, service_id)
);
CREATE INDEX status_page_services_service ON status_page_services (service_id);
-- Whether the public reads the summaries of alerts that hold its services.
ALTER TABLE status_pages ADD COLUMN shows_alerts BIGINT NOT NULL DEFAULT 0;
-- The beginning of a hash of the logo; NULL: there is none.
ALTER TABLE status_pages ADD COLUMN logo_tag TEXT;
CREATE TABLE status_page_logos (
    status_page_id BIGINT NOT NULL PRIMARY KEY REFERENCES status_pages (id) ON DELETE CASCADE,
    media_type     TEXT   NOT NULL,
    image          BLOB   NOT NULL
);
