-- That something was found not to be as it was committed, and what: the first such finding. A log
-- whose store has this row signs nothing; it goes away only with the store.
CREATE TABLE altered (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    part TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
