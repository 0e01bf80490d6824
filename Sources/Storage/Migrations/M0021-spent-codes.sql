-- Messages that still hold the code which proves a contact: few, and none of them old.
CREATE INDEX messages_codes ON messages (created_at_ms, id) WHERE purpose = 'verification' AND body IS NOT NULL;
