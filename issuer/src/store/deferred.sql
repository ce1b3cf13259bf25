-- Cards that an officer has to approve: what was decided about an offer, and what wallets wait for.
ALTER TABLE offers ADD COLUMN approval TEXT CHECK (approval IN ('waiting', 'approved', 'denied'));
ALTER TABLE offers ADD COLUMN decided_at INTEGER;

-- A deferred transaction: one for an offer and a configuration, with the keys that were proven.
CREATE TABLE deferred (
    transaction_hash BLOB PRIMARY KEY,
    offer_id         TEXT NOT NULL REFERENCES offers (id),
    configuration    TEXT NOT NULL,
    keys             TEXT NOT NULL,
    expires_at       INTEGER NOT NULL,
    UNIQUE (offer_id, configuration)
) STRICT, WITHOUT ROWID;
CREATE INDEX deferred_by_expiry ON deferred (expires_at);
CREATE INDEX batches_unconfirmed ON batches (issued_at) WHERE event IS NULL;
