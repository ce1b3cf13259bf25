-- In which format the copies of a card are: its name in OpenID4VCI and OpenID4VP.
ALTER TABLE card ADD COLUMN format TEXT NOT NULL DEFAULT 'dc+sd-jwt';
