-- On-call schedules: what they say now, what they said before, and who took over for a while.
CREATE TABLE on_call_schedules (
    id                     BIGINT NOT NULL PRIMARY KEY,
    account_id             BIGINT NOT NULL REFERENCES accounts (id),
    name                   TEXT   NOT NULL,
    kind                   TEXT   NOT NULL,
    time_zone              TEXT   NOT NULL,
    -- Layers or shifts, as one JSON object.
    structure              TEXT   NOT NULL,
    shows_gaps             BIGINT NOT NULL,
    default_shift_duration TEXT,
    -- Who is told of days without anybody.
    owner_user_id          BIGINT,
    -- The gaps that the owner was told of last, so that nobody is told twice.
    told_gaps              TEXT,
    created_at_ms          BIGINT NOT NULL,
    updated_at_ms          BIGINT NOT NULL
);
CREATE INDEX on_call_schedules_name ON on_call_schedules (account_id, name, id);
CREATE TABLE on_call_schedule_teams (
    on_call_schedule_id BIGINT NOT NULL REFERENCES on_call_schedules (id) ON DELETE CASCADE,
    team_id             BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (on_call_schedule_id, team_id)
);
-- An edit adds a row and leaves the past as it was; the first is effective from the beginning of time (0).
CREATE TABLE on_call_revisions (
    on_call_schedule_id BIGINT NOT NULL REFERENCES on_call_schedules (id) ON DELETE CASCADE,
    effective_from_ms   BIGINT NOT NULL,
    time_zone           TEXT   NOT NULL,
    structure           TEXT   NOT NULL,
    PRIMARY KEY (on_call_schedule_id, effective_from_ms)
);
CREATE TABLE on_call_overrides (
    id                  BIGINT NOT NULL PRIMARY KEY,
    on_call_schedule_id BIGINT NOT NULL REFERENCES on_call_schedules (id) ON DELETE CASCADE,
    -- No foreign key: the past outlives the person.
    user_id             BIGINT NOT NULL,
    -- As they were written, in the schedule's zone of then.
    start_text          TEXT   NOT NULL,
    end_text            TEXT   NOT NULL,
    start_ms            BIGINT NOT NULL,
    end_ms              BIGINT NOT NULL,
    created_by          BIGINT,
    created_at_ms       BIGINT NOT NULL
);
CREATE INDEX on_call_overrides_end ON on_call_overrides (on_call_schedule_id, end_ms);
-- Addresses of calendars, each of one schedule or of one person; whoever has the token may read.
CREATE TABLE calendar_feeds (
    token               TEXT   NOT NULL PRIMARY KEY,
    account_id          BIGINT NOT NULL REFERENCES accounts (id),
    on_call_schedule_id BIGINT REFERENCES on_call_schedules (id) ON DELETE CASCADE,
    user_id             BIGINT REFERENCES users (id) ON DELETE CASCADE,
    created_at_ms       BIGINT NOT NULL
);
CREATE UNIQUE INDEX calendar_feeds_schedule ON calendar_feeds (on_call_schedule_id);
CREATE UNIQUE INDEX calendar_feeds_user ON calendar_feeds (user_id);
-- Somebody asks others to take a shift of theirs.
CREATE TABLE shift_offers (
    id                  BIGINT NOT NULL PRIMARY KEY,
    on_call_schedule_id BIGINT NOT NULL REFERENCES on_call_schedules (id) ON DELETE CASCADE,
    user_id             BIGINT NOT NULL,
    start_ms            BIGINT NOT NULL,
    end_ms              BIGINT NOT NULL,
    note                TEXT   NOT NULL,
    status              TEXT   NOT NULL,
    taken_by            BIGINT,
    created_at_ms       BIGINT NOT NULL
);
CREATE INDEX shift_offers_open ON shift_offers (on_call_schedule_id, end_ms) WHERE status = 'open';
CREATE INDEX messages_of_person ON messages (user_id, created_at_ms) WHERE user_id IS NOT NULL;
