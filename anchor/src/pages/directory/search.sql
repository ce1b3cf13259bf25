-- What is searched for: entries by fingerprint, organisations by the words of their names.
CREATE TABLE fingerprints (
    hash BLOB NOT NULL,          -- of the leaf, or of a payload
    number INTEGER NOT NULL,
    PRIMARY KEY (hash, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE words (
    word TEXT NOT NULL,          -- in lower case
    did TEXT NOT NULL,
    PRIMARY KEY (word, did)
) STRICT, WITHOUT ROWID;
CREATE INDEX words_of ON words (did);

-- A list that was made before is made again, so that it has them.
DELETE FROM progress;
DELETE FROM entries;
DELETE FROM organisations;
DELETE FROM competences;
