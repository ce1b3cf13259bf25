-- How the issuer of a card wants it drawn, with what the card says: a picture for each language.
CREATE TABLE card_drawing (
    card_id TEXT PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE,
    body TEXT NOT NULL
) STRICT;
