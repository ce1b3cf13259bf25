-- Every service and every rule that is publicly recorded, as they came with their proofs: the same for everybody.
CREATE TABLE service_list (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    services BLOB NOT NULL,
    rules BLOB NOT NULL,
    time INTEGER NOT NULL
) STRICT;
