-- Cards that their issuer needs time for: how to ask again, and the keys that were proven.
CREATE TABLE waiting (
    id TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    ask_again_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
