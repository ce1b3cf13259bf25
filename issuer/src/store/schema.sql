-- The register.
CREATE TABLE people (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- An offer and its pre-authorized code. `code` is erased with its use; `code_hash` stays.
CREATE TABLE offers (
    id              TEXT PRIMARY KEY,
    reference       TEXT NOT NULL UNIQUE,
    credential_type TEXT NOT NULL,
    subject         TEXT NOT NULL REFERENCES people (id),
    code            TEXT,
    code_hash       BLOB NOT NULL UNIQUE,
    tx_code_length  INTEGER,
    "grant"         TEXT NOT NULL,
    expires_at      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE access_tokens (
    hash         BLOB PRIMARY KEY,
    offer_id     TEXT NOT NULL REFERENCES offers (id),
    jkt          BLOB NOT NULL,
    asked_by     TEXT NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What may be used once: nonces of key proofs and identifiers of DPoP proofs, until they have run out anyway.
CREATE TABLE used (
    kind       INTEGER NOT NULL,
    id         BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_by_expiry ON used (expires_at);

-- A card: one for an offer, whatever the number of its copies.
CREATE TABLE credentials (
    id              TEXT PRIMARY KEY,
    offer_id        TEXT NOT NULL UNIQUE REFERENCES offers (id),
    credential_type TEXT NOT NULL,
    subject         TEXT NOT NULL REFERENCES people (id),
    status          INTEGER NOT NULL,
    issued_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE status_lists (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    entries  INTEGER NOT NULL,
    taken    INTEGER NOT NULL,
    version  INTEGER NOT NULL
) STRICT;

-- The token of each list that is being served, by whichever process serves it.
CREATE TABLE status_tokens (
    list_id   INTEGER PRIMARY KEY REFERENCES status_lists (id),
    version   INTEGER NOT NULL,
    key       BLOB NOT NULL,
    signed_at INTEGER NOT NULL,
    token     TEXT NOT NULL
) STRICT;

-- A batch of copies, as one credential response.
CREATE TABLE batches (
    notification_id TEXT PRIMARY KEY,
    credential_id   TEXT NOT NULL REFERENCES credentials (id),
    configuration   TEXT NOT NULL,
    access_token    BLOB NOT NULL,
    event           TEXT,
    issued_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_credential ON batches (credential_id, configuration);

-- One copy: its place in a status list. Nothing else of it is kept.
CREATE TABLE copies (
    list_id         INTEGER NOT NULL REFERENCES status_lists (id),
    position        INTEGER NOT NULL,
    notification_id TEXT NOT NULL REFERENCES batches (notification_id),
    status          INTEGER NOT NULL,
    PRIMARY KEY (list_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_by_batch ON copies (notification_id);
CREATE INDEX copies_not_valid ON copies (list_id, position, status) WHERE status <> 0;

-- What the ledger is to be told and was told: one row.
CREATE TABLE snapshot (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    wanted_since INTEGER,
    published_at INTEGER NOT NULL,
    newest_seen  INTEGER NOT NULL
) STRICT;
INSERT INTO snapshot (id, wanted_since, published_at, newest_seen) VALUES (1, NULL, 0, 0);
