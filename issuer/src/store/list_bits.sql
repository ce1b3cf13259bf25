-- The Bitstring Status Lists beside a token that is kept, one for each purpose, which say the same.
CREATE TABLE kept_bits (
    sha256  BLOB NOT NULL REFERENCES kept_tokens (sha256),
    purpose TEXT NOT NULL,
    bits    TEXT NOT NULL,
    PRIMARY KEY (sha256, purpose)
) STRICT, WITHOUT ROWID;
