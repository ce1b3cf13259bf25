-- Businesses that were added to the service. Their private keys are in files of their own.
CREATE TABLE business (
    id           TEXT PRIMARY KEY,
    contact_url  TEXT,
    checks       TEXT NOT NULL,
    registration TEXT,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What programs of a business show to be let in: kept as a hash alone. `before` is the token that
-- this one replaced, which counts for a while.
CREATE TABLE business_token (
    id            TEXT PRIMARY KEY,
    business      TEXT NOT NULL REFERENCES business (id),
    name          TEXT NOT NULL,
    prefix        TEXT NOT NULL,
    hash          BLOB NOT NULL UNIQUE,
    before        BLOB,
    before_until  INTEGER,
    scopes        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    last_used_day INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX business_token_before ON business_token (before) WHERE before IS NOT NULL;
CREATE INDEX business_token_of ON business_token (business);

-- Where a business wants to be told. An address that does not take its messages waits longer and
-- longer, and counts as gone in the end; what was not sent waits for it to be set again.
CREATE TABLE webhook (
    business    TEXT NOT NULL,
    id          TEXT NOT NULL,
    url         TEXT NOT NULL,
    secret      TEXT NOT NULL,
    failures    INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0,
    disabled_at INTEGER,
    dropped     INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT, WITHOUT ROWID;

-- What is to be told: no value of a card is in it.
CREATE TABLE webhook_message (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL,
    business  TEXT NOT NULL,
    webhook   TEXT NOT NULL,
    session   TEXT NOT NULL,
    check_id  TEXT NOT NULL,
    reason    TEXT NOT NULL,
    closed_at INTEGER NOT NULL,
    FOREIGN KEY (business, webhook) REFERENCES webhook (business, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX webhook_message_of ON webhook_message (business, webhook, number);

-- Whatever statement lets an outcome be told, the messages about it are written with it: in one
-- transaction, so that there is neither an outcome without its message nor a message without its
-- outcome. An address that has a thousand waiting takes no more; they are counted.
CREATE TRIGGER session_closed AFTER UPDATE OF reason, released ON session
WHEN NEW.reason IS NOT NULL AND NEW.released = 1 AND (OLD.reason IS NULL OR OLD.released = 0)
BEGIN
    UPDATE webhook SET dropped = dropped + 1
    WHERE business = NEW.business AND (
        SELECT count(*) FROM webhook_message AS waiting
        WHERE waiting.business = webhook.business AND waiting.webhook = webhook.id
    ) >= 1000;
    INSERT INTO webhook_message (id, business, webhook, session, check_id, reason, closed_at)
    SELECT 'msg_' || lower(hex(randomblob(16))), webhook.business, webhook.id, NEW.id, NEW.check_id, NEW.reason,
        coalesce(NEW.closed_at, 0)
    FROM webhook WHERE webhook.business = NEW.business AND (
        SELECT count(*) FROM webhook_message AS waiting
        WHERE waiting.business = webhook.business AND waiting.webhook = webhook.id
    ) < 1000;
END;
