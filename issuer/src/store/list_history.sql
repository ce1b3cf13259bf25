-- The tokens that newest snapshots named, for those who ask how a list was. A token is there once, however many name it.
CREATE TABLE kept_tokens (
    sha256 BLOB PRIMARY KEY,
    token  TEXT NOT NULL
) STRICT;

CREATE TABLE kept_lists (
    list_id INTEGER NOT NULL REFERENCES status_lists (id),
    time    INTEGER NOT NULL,
    sha256  BLOB NOT NULL REFERENCES kept_tokens (sha256),
    PRIMARY KEY (list_id, time)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_lists_by_time ON kept_lists (time);
CREATE INDEX kept_lists_by_token ON kept_lists (sha256);
