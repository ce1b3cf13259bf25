-- Cards that came and of which the person has not said yet that they are theirs.
CREATE TABLE arrival (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    issuer_host TEXT NOT NULL,
    -- `credential_accepted` or `credential_deleted` once the person has decided and the issuer is
    -- still to be told.
    decided TEXT,
    -- What is needed to tell it, where it wants to know, and until when that is good for anything.
    notifications TEXT,
    good_until INTEGER NOT NULL
) STRICT;

ALTER TABLE card ADD COLUMN arrival TEXT REFERENCES arrival (id);
ALTER TABLE card ADD COLUMN deleted_at INTEGER;
ALTER TABLE card ADD COLUMN valid_from INTEGER;

CREATE TABLE preferences (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
) STRICT;
