-- The log: entries in order, and the hashes of complete subtrees.
CREATE TABLE entries (
    idx INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL UNIQUE,
    payload_hash BLOB NOT NULL,
    subject TEXT NOT NULL,
    kind INTEGER NOT NULL,
    time INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_of_subject ON entries (subject, time);
CREATE TABLE blobs (hash BLOB NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE private_blobs (commitment BLOB NOT NULL PRIMARY KEY, salt BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE hashes (
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

-- The map. `removed_at` is the size of the first tree that does without the row;
-- it is deleted once a tree of that size is published.
CREATE TABLE map_nodes (hash BLOB NOT NULL PRIMARY KEY, node BLOB NOT NULL, removed_at INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX map_nodes_removed ON map_nodes (removed_at) WHERE removed_at IS NOT NULL;
CREATE TABLE records (hash BLOB NOT NULL PRIMARY KEY, record BLOB NOT NULL, removed_at INTEGER) STRICT;
CREATE INDEX records_removed ON records (removed_at) WHERE removed_at IS NOT NULL;

-- The newest record of each subject, the policy's under the origin.
CREATE TABLE subjects (subject TEXT NOT NULL PRIMARY KEY, record BLOB NOT NULL, accredited INTEGER NOT NULL) STRICT;
CREATE INDEX subjects_accredited ON subjects (subject) WHERE accredited = 1;

-- What is committed. Every commit is a compare-and-swap on this one row.
CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    map_root BLOB NOT NULL
) STRICT;

-- What is published: of each size the first checkpoint that had a quorum, for
-- receipts, and the newest cosigned one.
CREATE TABLE receipts (size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;
CREATE TABLE published (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    note BLOB NOT NULL,
    time INTEGER NOT NULL
) STRICT;
