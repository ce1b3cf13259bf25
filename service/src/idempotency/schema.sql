-- Answers to requests that must have their effect once, each sealed with the key its caller holds.
CREATE TABLE idempotency (
    id         BLOB PRIMARY KEY,
    body_hash  BLOB NOT NULL,
    status     INTEGER NOT NULL,
    answer     BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
