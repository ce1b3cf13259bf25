-- The newest hourly file of all agencies, as it came, and when it was confirmed.
CREATE TABLE landmark_file (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body BLOB NOT NULL,
    time INTEGER NOT NULL
) STRICT;

-- Landmarks that the log signed, from such files and from those who asked.
CREATE TABLE landmark (
    size INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;

-- Evidence that the log showed two histories. With one row here nothing of it is believed.
CREATE TABLE split_evidence (
    id INTEGER PRIMARY KEY,
    body BLOB NOT NULL UNIQUE,
    found_at INTEGER NOT NULL
) STRICT;
