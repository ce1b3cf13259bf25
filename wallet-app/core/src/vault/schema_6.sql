-- Receipts that hold, each with its salt, and the hash of the request it is about.
CREATE TABLE receipt (
    history_id INTEGER PRIMARY KEY REFERENCES history (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    request BLOB NOT NULL
) STRICT;

-- Signed requests that asked for too much, as they were received.
CREATE TABLE kept_request (
    history_id INTEGER PRIMARY KEY REFERENCES history (id) ON DELETE CASCADE,
    request TEXT NOT NULL
) STRICT;

-- Claims that the person shows to nobody.
CREATE TABLE never_shown (
    vct TEXT NOT NULL,
    claim TEXT NOT NULL,
    PRIMARY KEY (vct, claim)
) STRICT;
