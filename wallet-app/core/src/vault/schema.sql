CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
) STRICT;

-- The newest quorum time ever accepted from the ledger; it is never lowered.
CREATE TABLE ledger_time (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    newest_seen INTEGER NOT NULL
) STRICT;
INSERT INTO ledger_time (id, newest_seen) VALUES (1, 0);

CREATE TABLE holder_key (
    id TEXT PRIMARY KEY,
    private_jwk BLOB NOT NULL
) STRICT;

CREATE TABLE card (
    id TEXT PRIMARY KEY,
    vct TEXT NOT NULL,
    issuer TEXT NOT NULL,
    issuer_host TEXT NOT NULL,
    display TEXT NOT NULL,
    claims TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    valid_until INTEGER
) STRICT;

CREATE TABLE copy (
    id INTEGER PRIMARY KEY,
    card_id TEXT NOT NULL REFERENCES card (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('online', 'offline')),
    key_id TEXT NOT NULL UNIQUE REFERENCES holder_key (id),
    credential TEXT NOT NULL,
    status_uri TEXT,
    status_index INTEGER,
    used_at INTEGER
) STRICT;
CREATE INDEX copy_by_card ON copy (card_id, kind, used_at);

-- Answers made and not yet known to have arrived. The same bytes may be sent again to the same
-- session, and to nothing else.
CREATE TABLE answer (
    session TEXT PRIMARY KEY,
    response_uri TEXT NOT NULL,
    body BLOB NOT NULL,
    history_id INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

-- Names of claims, never their values.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Status lists of all issuers of cards here, with the key that was found to have signed each.
CREATE TABLE status_list (
    uri TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    issuer_key TEXT NOT NULL,
    issued_at INTEGER NOT NULL
) STRICT;

-- The newest accepted records of all agencies, for when the ledger does not answer.
CREATE TABLE agency_bundles (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bundles BLOB NOT NULL
) STRICT;
