-- The authorization that a batch was issued with: what one wallet asks for again takes nothing from another. Batches of a
-- version before have none.
ALTER TABLE batches ADD COLUMN grant_id TEXT;
