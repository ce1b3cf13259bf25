-- Sign-ins under way in the browser: what its answer is checked with, and the offer it is for.
CREATE TABLE sign_in (
    state TEXT PRIMARY KEY,
    offer TEXT NOT NULL,
    pending TEXT NOT NULL,
    good_until INTEGER NOT NULL
) STRICT;

-- What the copies of a card are got again with.
CREATE TABLE reissue (
    card_id TEXT PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE,
    body TEXT NOT NULL
) STRICT;

-- What a card said before its copies were issued again with other values, until the person has seen both.
CREATE TABLE changed_card (
    card_id TEXT PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE,
    claims TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- Cards that their issuer needs time for: how to ask again, and the keys that were proven.
CREATE TABLE waiting (
    id TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    ask_again_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
