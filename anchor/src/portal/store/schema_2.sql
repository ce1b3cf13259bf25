-- What failed waits before it is tried again. Who suspended what nobody stood by does not do so again alone.
ALTER TABLE applications ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN lapsed_by TEXT;
-- The access certificate before the last one: its hash stays listed until it ends.
ALTER TABLE businesses ADD COLUMN certificate_before TEXT;
