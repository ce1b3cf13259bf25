-- Rules of purposes as they go to the ledger, by their hashes, and whether it has them.
CREATE TABLE rules (
    hash     BLOB PRIMARY KEY,
    payload  BLOB NOT NULL,
    anchored INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
