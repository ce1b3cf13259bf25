-- Cards that a person signs in for, and copies that are issued again.

-- How an offer is taken up: with the code that it carries, after a sign-in that it names by its `issuer_state`, or by a
-- wallet that came by itself. In the second case `code` is the `issuer_state`.
ALTER TABLE offers ADD COLUMN flow TEXT NOT NULL DEFAULT 'pre_authorized_code';
CREATE INDEX offers_by_subject ON offers (subject, credential_type);

-- Requests that wallets pushed, until the person has signed in. `id` is the hash of what the `request_uri` ends with.
CREATE TABLE authorization_requests (
    id            BLOB PRIMARY KEY,
    request       TEXT NOT NULL,
    sign_in       TEXT,
    sign_in_state BLOB UNIQUE,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authorization_requests_by_expiry ON authorization_requests (expires_at);

-- Authorization codes, as hashes; a used one is remembered so that its second use is noticed.
CREATE TABLE authorization_codes (
    hash       BLOB PRIMARY KEY,
    issued     TEXT NOT NULL,
    wanted     TEXT NOT NULL,
    subject    TEXT NOT NULL REFERENCES people (id),
    offer_id   TEXT REFERENCES offers (id),
    grant_id   TEXT NOT NULL,
    forget_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What one authorization, or one pre-authorized code, is good for: offers, each of one type to one person.
CREATE TABLE grant_offers (
    grant_id TEXT NOT NULL,
    offer_id TEXT NOT NULL REFERENCES offers (id),
    PRIMARY KEY (grant_id, offer_id)
) STRICT, WITHOUT ROWID;

-- Refresh tokens, as hashes.
CREATE TABLE refresh_tokens (
    hash           BLOB PRIMARY KEY,
    grant_id       TEXT NOT NULL,
    issued         TEXT NOT NULL,
    configurations TEXT NOT NULL,
    asked_by       TEXT NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_grant ON refresh_tokens (grant_id);

-- Tokens of a version before have none of these and are good for all of their offer.
ALTER TABLE access_tokens ADD COLUMN grant_id TEXT;
ALTER TABLE access_tokens ADD COLUMN configurations TEXT;
ALTER TABLE access_tokens ADD COLUMN client_id TEXT;
CREATE INDEX access_tokens_by_grant ON access_tokens (grant_id);
