-- Organisations that came in by a letter or a card. Nobody's name is here.
CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    number       TEXT UNIQUE,
    vouched_by   TEXT,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Codes in letters, as their hashes. One that belongs to an account lets its organisation in again.
CREATE TABLE letters (
    code         BLOB PRIMARY KEY,
    organisation TEXT NOT NULL,
    account      TEXT REFERENCES accounts (id),
    issued_by    TEXT,
    issued_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;

-- Wrong codes, by the hash of the address.
CREATE TABLE letter_failures (
    address       BLOB PRIMARY KEY,
    failures      INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    last_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who is signed in. The cookie's token is kept as its hash alone.
CREATE TABLE applicant_sessions (
    token      BLOB PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (id),
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Checks of cards for signing in, by the hash of the browser's cookie.
CREATE TABLE card_sign_ins (
    visit       BLOB PRIMARY KEY,
    session     TEXT NOT NULL,
    request_uri TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Organisations with keys, and what the registrar gave them. What the ledger has of them: none, registered, revoked.
CREATE TABLE businesses (
    id           TEXT PRIMARY KEY,
    account      TEXT NOT NULL REFERENCES accounts (id),
    did          TEXT UNIQUE,
    did_line     TEXT,
    csr          TEXT,
    certificate  TEXT,
    registration TEXT,
    anchored     TEXT NOT NULL DEFAULT 'none'
) STRICT, WITHOUT ROWID;

-- Applications. The first of an organisation has its id; those after it widen, renew or narrow.
CREATE TABLE applications (
    id           TEXT PRIMARY KEY,
    business     TEXT NOT NULL REFERENCES businesses (id),
    applicant    TEXT NOT NULL,
    state        TEXT NOT NULL,
    content      TEXT NOT NULL,
    contact      TEXT,
    salt         BLOB NOT NULL,
    version      INTEGER NOT NULL DEFAULT 0,
    decided_by   TEXT,
    suspended_by TEXT,
    suspended_at INTEGER,
    confirmed_by TEXT,
    valid_until  INTEGER,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX applications_by_business ON applications (business, created_at);
CREATE INDEX applications_by_state ON applications (state);

-- What was done with each application, from 1.
CREATE TABLE steps (
    application TEXT NOT NULL REFERENCES applications (id),
    number      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    step        TEXT NOT NULL,
    state       TEXT NOT NULL,
    actor       TEXT NOT NULL,
    operator    TEXT,
    words       TEXT NOT NULL,
    PRIMARY KEY (application, number)
) STRICT, WITHOUT ROWID;

-- Complaints that were proved, by the hash of the file. What was shown is in none of them.
CREATE TABLE complaints (
    digest      BLOB PRIMARY KEY,
    did         TEXT NOT NULL,
    asked       TEXT NOT NULL,
    hour        INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX complaints_by_did ON complaints (did);
