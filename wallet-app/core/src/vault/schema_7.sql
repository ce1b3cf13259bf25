-- What a publicly recorded business could ask when the person shared with it last.
CREATE TABLE shared_scope (
    did TEXT PRIMARY KEY,
    scope BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
