-- The place of a registration certificate in the status list: that of its application, given once.
ALTER TABLE applications ADD COLUMN status_index INTEGER;
CREATE UNIQUE INDEX applications_by_status_index ON applications (status_index);
