-- The formats in which the card of an offer is offered, by their names with blanks between them; none in an offer of a
-- version before, and where nothing was said: then it is the first in which the type is issued.
ALTER TABLE offers ADD COLUMN formats TEXT NOT NULL DEFAULT '';
