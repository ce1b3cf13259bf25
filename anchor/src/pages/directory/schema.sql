-- What the pages list, made from the published entries alone. The file may be deleted: it is
-- made again from the log.
CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    last_leaf BLOB NOT NULL
) STRICT;

CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    kind INTEGER,                -- NULL: no leaf of a known kind
    subject TEXT,
    time INTEGER,                -- of the map head that covers it; NULL until there is one
    is_refused INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_of_subject ON entries (subject, number);
CREATE INDEX entries_of_kind ON entries (kind, number);
CREATE INDEX entries_untimed ON entries (number) WHERE time IS NULL;
CREATE INDEX entries_refused ON entries (number) WHERE is_refused = 1;

CREATE TABLE organisations (
    did TEXT NOT NULL PRIMARY KEY,
    name TEXT,                   -- JSON, language to name; NULL: nobody has named it yet
    sort TEXT NOT NULL,
    is_agency INTEGER NOT NULL DEFAULT 0,
    registered INTEGER,          -- the entry of the scope in force
    is_closed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX organisations_by_name ON organisations (sort, did);
CREATE INDEX businesses_by_name ON organisations (sort, did) WHERE registered IS NOT NULL;

-- Who may issue which card type.
CREATE TABLE competences (
    vct TEXT NOT NULL,
    did TEXT NOT NULL,
    sort TEXT NOT NULL,
    until INTEGER NOT NULL,
    since INTEGER NOT NULL,      -- the entry with which it began
    PRIMARY KEY (vct, did)
) STRICT, WITHOUT ROWID;
CREATE INDEX competences_by_name ON competences (vct, sort, did);
CREATE INDEX competences_of ON competences (did);
