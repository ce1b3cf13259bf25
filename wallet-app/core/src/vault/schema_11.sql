-- The places of a copy in Bitstring Status Lists, one for each purpose. Bitstring Status List 1.0 §2.1
CREATE TABLE copy_bit (
    copy_id INTEGER NOT NULL REFERENCES copy (id) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    place INTEGER NOT NULL,
    purpose TEXT NOT NULL
) STRICT;
CREATE INDEX copy_bit_by_copy ON copy_bit (copy_id);
