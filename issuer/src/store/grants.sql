-- When an authorization became good for an offer: another wallet of the same person ends the earlier ones. Those of a
-- version before are earlier than any.
ALTER TABLE grant_offers ADD COLUMN granted_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX grant_offers_by_offer ON grant_offers (offer_id);
