-- Rules of purposes as they go to the ledger, by their hashes, and whether it has them.
CREATE TABLE rules (
    hash     BLOB PRIMARY KEY,
    payload  BLOB NOT NULL,
    anchored INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What a host has to show so that it is the organisation's, and what came of the last look at it.
CREATE TABLE host_proofs (
    business   TEXT NOT NULL REFERENCES businesses (id),
    host       TEXT NOT NULL,
    value      TEXT NOT NULL,
    outcome    TEXT,
    checked_at INTEGER,
    PRIMARY KEY (business, host)
) STRICT, WITHOUT ROWID;
