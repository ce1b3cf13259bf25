-- Status lists as the newest hourly file names them, for proofs alone: what is said of the cards here is in `status_list`.
CREATE TABLE recorded_list (
    did TEXT NOT NULL,
    uri TEXT NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (did, uri)
) STRICT;
CREATE INDEX recorded_list_by_uri ON recorded_list (uri);
