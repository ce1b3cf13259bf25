-- Who may join the staff of a business that was added. The code is kept as its hash alone.
CREATE TABLE invitation (
    id         TEXT PRIMARY KEY,
    business   TEXT NOT NULL REFERENCES business (id),
    code       BLOB NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_of ON invitation (business);
