-- What the page of the agency needs besides.
ALTER TABLE offers ADD COLUMN opened_at INTEGER;
ALTER TABLE offers ADD COLUMN withdrawn_at INTEGER;
CREATE INDEX credentials_by_subject ON credentials (subject, issued_at);

-- Finding people by the beginnings of words, whatever their case and accents. A person's row in the search is named by
-- a number, so that it can be replaced.
CREATE TABLE people_numbers (
    number INTEGER PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE REFERENCES people (id)
) STRICT;
CREATE VIRTUAL TABLE people_search USING fts5 (
    id, family_name, given_name, birth_date,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO people_numbers (id) SELECT id FROM people;
INSERT INTO people_search (rowid, id, family_name, given_name, birth_date)
    SELECT number, people.id, record ->> 'family_name', record ->> 'given_name', record ->> 'birth_date'
    FROM people JOIN people_numbers USING (id);

CREATE TRIGGER people_added AFTER INSERT ON people BEGIN
    INSERT INTO people_numbers (id) VALUES (NEW.id);
    INSERT INTO people_search (rowid, id, family_name, given_name, birth_date)
        SELECT number, id, NEW.record ->> 'family_name', NEW.record ->> 'given_name', NEW.record ->> 'birth_date'
        FROM people_numbers WHERE id = NEW.id;
END;
CREATE TRIGGER people_changed AFTER UPDATE OF record ON people WHEN OLD.record <> NEW.record BEGIN
    UPDATE people_search SET
        family_name = NEW.record ->> 'family_name',
        given_name = NEW.record ->> 'given_name',
        birth_date = NEW.record ->> 'birth_date'
        WHERE rowid = (SELECT number FROM people_numbers WHERE id = NEW.id);
END;
